use proptest::prelude::*;

use super::{denials, explain};
use crate::model::denial::{Denial, DenyType, GrantHelps};
use crate::text::Untrusted;

const WHO: &str = "User: arn:aws:sts::123456789012:assumed-role/shop-deploy/run-7";

/// What is wanted of a text's first denial: action, resource, principal, type.
type Wanted = (
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    DenyType,
);

const CALLER: Option<&str> = Some("arn:aws:sts::123456789012:assumed-role/shop-deploy/run-7");

/// What follows the caller in AWS's sentence.
const SENTENCES: &[(&str, Wanted)] = &[
    (
        "is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:123456789012:shop-mail because no identity-based policy allows the sqs:CreateQueue action",
        (
            Some("sqs:CreateQueue"),
            Some("arn:aws:sqs:eu-west-1:123456789012:shop-mail"),
            CALLER,
            DenyType::ImplicitIdentity,
        ),
    ),
    (
        "is not authorized to perform: sns:Publish on resource: arn:aws:sns:eu-west-1:123456789012:alarms because no resource-based policy allows the sns:Publish action",
        (
            Some("sns:Publish"),
            Some("arn:aws:sns:eu-west-1:123456789012:alarms"),
            CALLER,
            DenyType::ImplicitResource,
        ),
    ),
    (
        "is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::123456789012:role/shop-api because no permissions boundary allows the iam:CreateRole action",
        (
            Some("iam:CreateRole"),
            Some("arn:aws:iam::123456789012:role/shop-api"),
            CALLER,
            DenyType::ImplicitBoundary,
        ),
    ),
    (
        "is not authorized to perform: dynamodb:CreateTable on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/shop_orders because no session policy allows the dynamodb:CreateTable action",
        (
            Some("dynamodb:CreateTable"),
            Some("arn:aws:dynamodb:eu-west-1:123456789012:table/shop_orders"),
            CALLER,
            DenyType::ImplicitSession,
        ),
    ),
    (
        "is not authorized to perform: rds:CreateDBInstance on resource: arn:aws:rds:ap-south-2:123456789012:db:shop because no service control policy allows the rds:CreateDBInstance action",
        (
            Some("rds:CreateDBInstance"),
            Some("arn:aws:rds:ap-south-2:123456789012:db:shop"),
            CALLER,
            DenyType::ImplicitScp,
        ),
    ),
    (
        "is not authorized to perform: secretsmanager:GetSecretValue on resource: shop/db/password because no VPC endpoint policy allows the secretsmanager:GetSecretValue action",
        (
            Some("secretsmanager:GetSecretValue"),
            Some("shop/db/password"),
            CALLER,
            DenyType::ImplicitVpce,
        ),
    ),
    (
        "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/shop-prod because no role trust policy allows the sts:AssumeRole action",
        (
            Some("sts:AssumeRole"),
            Some("arn:aws:iam::123456789012:role/shop-prod"),
            CALLER,
            DenyType::ImplicitTrust,
        ),
    ),
    (
        "is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::shop-uploads\" with an explicit deny in a service control policy: arn:aws:organizations::999988887777:policy/o-a1b2c3/service_control_policy/p-x1y2.",
        (
            Some("s3:PutBucketPolicy"),
            Some("arn:aws:s3:::shop-uploads"),
            CALLER,
            DenyType::ExplicitScp,
        ),
    ),
    (
        "is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::shop-uploads/a b/c.png\" with an explicit deny in a resource control policy",
        (
            Some("s3:GetObject"),
            Some("arn:aws:s3:::shop-uploads/a b/c.png"),
            CALLER,
            DenyType::ExplicitRcp,
        ),
    ),
    (
        "is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::shop-uploads/a b/c.png because no identity-based policy allows the s3:GetObject action",
        (
            Some("s3:GetObject"),
            Some("arn:aws:s3:::shop-uploads/a b/c.png"),
            CALLER,
            DenyType::ImplicitIdentity,
        ),
    ),
    (
        "is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:123456789012:instance/* with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
        (
            Some("ec2:RunInstances"),
            Some("arn:aws:ec2:eu-west-1:123456789012:instance/*"),
            CALLER,
            DenyType::ExplicitIdentity,
        ),
    ),
    (
        "is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:123456789012:key/1b2c because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
        (
            Some("kms:Decrypt"),
            Some("arn:aws:kms:eu-west-1:123456789012:key/1b2c"),
            CALLER,
            DenyType::AmbiguousResourcePolicy,
        ),
    ),
    (
        "is not authorized to perform: kms:GenerateDataKey on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
        (
            Some("kms:GenerateDataKey"),
            None,
            CALLER,
            DenyType::AmbiguousResourcePolicy,
        ),
    ),
    (
        "is not authorized to perform: s3:PutBucketAcl on resource: \"arn:aws:s3:::shop\" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access",
        (
            Some("s3:PutBucketAcl"),
            Some("arn:aws:s3:::shop"),
            CALLER,
            DenyType::BlockPublicAccess,
        ),
    ),
    (
        "is not authorized to perform: iam:GetUser on resource: user bob because no identity-based policy allows the iam:GetUser action",
        (
            Some("iam:GetUser"),
            Some("user bob"),
            CALLER,
            DenyType::ImplicitIdentity,
        ),
    ),
    (
        "is not authorized to perform: iam:ListPolicies on resource: policy path /",
        (
            Some("iam:ListPolicies"),
            Some("policy path /"),
            CALLER,
            DenyType::Unspecified,
        ),
    ),
    (
        "is not authorized to perform: sqs:receivemessage on resource: arn:aws-cn:sqs:cn-north-1:123456789012:q with an explicit deny",
        (
            Some("sqs:receivemessage"),
            Some("arn:aws-cn:sqs:cn-north-1:123456789012:q"),
            CALLER,
            DenyType::ExplicitUnspecified,
        ),
    ),
    (
        "is not authorized to perform: logs:CreateLogGroup on resource: arn:aws:logs:eu-west-1:<account id>:log-group:/aws/lambda/shop because no identity-based policy allows the logs:CreateLogGroup action (Service: Logs, Status Code: 400, Request ID: 1-2)",
        (
            Some("logs:CreateLogGroup"),
            Some("arn:aws:logs:eu-west-1:<account id>:log-group:/aws/lambda/shop"),
            CALLER,
            DenyType::ImplicitIdentity,
        ),
    ),
];

fn first(text: &str) -> Option<Denial> {
    denials(text).into_iter().next()
}

fn read(denial: &Denial) -> (Option<&str>, Option<&str>, Option<&str>, DenyType) {
    let raw = |value: &'_ Option<Untrusted>| value.as_ref().map(|value| value.raw().to_owned());
    // Leaking keeps the table readable; a test ends soon.
    let leak = |value: Option<String>| value.map(|value| &*Box::leak(value.into_boxed_str()));
    (
        leak(raw(&denial.action)),
        leak(raw(&denial.resource)),
        leak(raw(&denial.principal)),
        denial.deny_type,
    )
}

/// A text as a terminal cuts it, at `width` characters.
fn cut(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    let lines = chars
        .chunks(width)
        .map(|line| line.iter().collect::<String>());
    lines.collect::<Vec<_>>().join("\n")
}

/// A text as Terraform boxes it, wrapped at words.
fn boxed(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in format!("Error: creating it: AccessDenied: {text}").split(' ') {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    let inner: String = lines.iter().map(|line| format!("│ {line}\n")).collect();
    format!(
        "╷\n{inner}│ \tstatus code: 403, request id: 5378915b\n│\n│   with aws_sqs_queue.this,\n╵"
    )
}

/// The dresses in which tools show one message.
fn dresses(text: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::json!({ "errorMessage": text }).to_string();
    vec![
        ("plain", text.to_owned()),
        (
            "json in json",
            serde_json::json!({ "body": json }).to_string(),
        ),
        ("json", json),
        ("cut at 80", cut(text, 80)),
        ("cut at 120", cut(text, 120)),
        ("boxed at 78", boxed(text, 76)),
        ("boxed at 100", boxed(text, 98)),
        ("colours", format!("\u{1b}[31m{text}\u{1b}[0m")),
        ("windows", format!("before\r\n{text}\r\nafter")),
        ("html", text.replace('"', "&quot;")),
        (
            "a pipeline",
            format!("[terraform]: │ Error: it failed: {text}\n[terraform]: │ \n"),
        ),
    ]
}

#[test]
fn sentences_are_read_in_every_dress() {
    let mut wrong = Vec::new();
    for (sentence, wanted) in SENTENCES {
        for (dress, text) in dresses(&format!("{WHO} {sentence}")) {
            let found = first(&text);
            let got = found.as_ref().map(read);
            if got.as_ref() != Some(wanted) {
                wrong.push(format!(
                    "{dress}: {sentence}\n  wanted {wanted:?}\n  got    {got:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn services_have_words_of_their_own() {
    use DenyType as D;
    let cases: &[(&str, Wanted)] = &[
        (
            "An error occurred (AccessDenied) when calling the ListObjectsV2 operation: Access Denied",
            (None, None, None, D::Unspecified),
        ),
        (
            "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity",
            (
                Some("sts:AssumeRoleWithWebIdentity"),
                None,
                None,
                D::Unspecified,
            ),
        ),
        (
            "API: ec2:RunInstances You are not authorized to perform this operation. Encoded authorization failure message: aB3-_x",
            (Some("ec2:RunInstances"), None, None, D::Unspecified),
        ),
        (
            "AccessDenied: Access to the resource https://sqs.eu-west-1.amazonaws.com/123456789012/mail is denied.",
            (
                None,
                Some("https://sqs.eu-west-1.amazonaws.com/123456789012/mail"),
                None,
                D::Unspecified,
            ),
        ),
        (
            "User doesn't have permission to call ssm:GetParameters (Service: CloudFormation; Status Code: 400)",
            (Some("ssm:GetParameters"), None, None, D::Unspecified),
        ),
        (
            "ShopDeployRole/session-1 is not authorized to perform: rds:ListTagsForResource on resource: arn:aws:rds:eu-west-1:123456789012:db:shop",
            (
                Some("rds:ListTagsForResource"),
                Some("arn:aws:rds:eu-west-1:123456789012:db:shop"),
                Some("ShopDeployRole/session-1"),
                D::Unspecified,
            ),
        ),
        (
            "... is not authorized to perform: rds:DescribeDBInstances on resource: arn:aws:rds:eu-west-1:123456789012:db:*",
            (
                Some("rds:DescribeDBInstances"),
                Some("arn:aws:rds:eu-west-1:123456789012:db:*"),
                None,
                D::Unspecified,
            ),
        ),
        (
            "User: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-west-1:123456789012:function:f because no resource-based policy ",
            (
                Some("lambda:InvokeFunction"),
                Some("arn:aws:lambda:eu-west-1:123456789012:function:f"),
                Some("events.amazonaws.com"),
                D::ImplicitResource,
            ),
        ),
        (
            "An error occurred (AccessDeniedException) when calling the InvokeModel operation: Your account is not authorized to invoke this API operation.",
            (None, None, None, D::NotIam),
        ),
        (
            "api error InvalidClientTokenId: The security token included in the request is invalid.",
            (None, None, None, D::NotIam),
        ),
    ];
    for (text, wanted) in cases {
        let found = first(text).unwrap_or_else(|| panic!("no denial: {text}"));
        assert_eq!(read(&found), *wanted, "{text}");
    }
    assert!(denials("ThrottlingException: Rate exceeded").is_empty());
    assert!(denials("").is_empty());
}

#[test]
fn what_is_not_stated_is_only_likely() {
    let found = first("Not authorized to perform sts:AssumeRoleWithWebIdentity").expect("a denial");
    assert_eq!(found.deny_type, DenyType::Unspecified);
    assert_eq!(found.likely_deny_type, Some(DenyType::ImplicitTrust));
}

#[test]
fn every_denial_of_a_text_is_found_once_and_in_order() {
    let [a, b] = [SENTENCES[0].0, SENTENCES[4].0];
    let text = format!("{WHO} {a}\n{WHO} {b}\n{WHO} {a}");
    let found = denials(&text);
    let actions: Vec<_> = found
        .iter()
        .filter_map(|one| one.action.as_ref())
        .map(Untrusted::raw)
        .collect();
    assert_eq!(actions, ["sqs:CreateQueue", "rds:CreateDBInstance"]);
    assert_eq!(found[1].deny_type, DenyType::ImplicitScp);
}

#[test]
fn ids_and_encoded_messages_are_seen_and_not_kept() {
    let text = format!(
        "{WHO} is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::123456789012:user/x with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/Deny. Go to https://eu-west-1.console.aws.amazon.com/iam/home?region=eu-west-1#/authorization-details/k3j5h2 for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: k3j5h2 Encoded authorization failure message: ZZtop-1_x"
    );
    let found = first(&text).expect("a denial");
    assert!(found.has_authorization_id && found.has_encoded_message);
    assert_eq!(
        found.policy_arn.as_ref().map(Untrusted::raw),
        Some("arn:aws:iam::123456789012:policy/Deny")
    );
    let whole = serde_json::to_string(&explain(found)).expect("it is JSON");
    assert!(
        !whole.contains("k3j5h2") && !whole.contains("ZZtop"),
        "{whole}"
    );
}

#[test]
fn grants_are_offered_only_where_they_help() {
    use GrantHelps as H;
    let helps: Vec<H> = SENTENCES
        .iter()
        .map(|(sentence, _)| {
            explain(first(&format!("{WHO} {sentence}")).expect("a denial")).grant_helps
        })
        .collect();
    assert_eq!(
        helps,
        [
            H::Yes,
            H::OnTheResource,
            H::No,
            H::No,
            H::No,
            H::No,
            H::No,
            H::No,
            H::No,
            H::Yes,
            H::No,
            H::OnTheResource,
            H::OnTheResource,
            H::No,
            H::Yes,
            H::Maybe,
            H::No,
            H::Yes,
        ]
    );
    let other = "is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:210987654321:q because no identity-based policy allows the sqs:SendMessage action";
    let both = explain(first(&format!("{WHO} {other}")).expect("a denial"));
    assert_eq!(both.grant_helps, H::Maybe);
    assert!(both.explanation.contains("different accounts"));
}

#[test]
fn names_from_outside_stay_words_of_a_command() {
    let text = "User: arn:aws:iam::123456789012:user/$(reboot) is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:123456789012:a;b because no identity-based policy allows the sqs:CreateQueue action";
    let explained = explain(first(text).expect("a denial"));
    let commands: Vec<&str> = explained
        .steps
        .iter()
        .filter_map(|step| Some(step.command.as_ref()?.raw()))
        .collect();
    assert_eq!(
        commands,
        [
            "aws iam simulate-principal-policy --policy-source-arn 'arn:aws:iam::123456789012:user/$(reboot)' --action-names sqs:CreateQueue --resource-arns 'arn:aws:sqs:eu-west-1:123456789012:a;b'"
        ]
    );
}

proptest! {
    #[test]
    fn any_text_is_read_to_its_end(text in any::<String>()) {
        for denial in denials(&text) {
            explain(denial);
        }
    }

    #[test]
    fn pieces_of_messages_in_any_order_are_read(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "User: ", "arn:aws:iam::", "1:user/a", " is not authorized to perform", ": ", "s3:Get", "Object",
                " on resource: ", "\"", "<", ">", "\n", "│ ", "\\n", "\\u00", "with an explicit deny in a ",
                "because no ", "Encoded authorization failure message: ", "role ", "(", ")", ".", "\u{e001}", "é",
            ]),
            0..40,
        )
    ) {
        for denial in denials(&pieces.concat()) {
            explain(denial);
        }
    }
}
