//! The lean client against canned answers: what goes out, what comes back, and where it ends.

use std::sync::Mutex;

use super::*;
use crate::catalog::reads::Reads;
use crate::cloud::aws::lean::{Lean, Listing, Members, all_pages};
use crate::model::fact::GapCause;

/// Reads all pages of an operation from a script.
fn read(
    operation: &str,
    input: &str,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> Listing {
    run(async {
        let allowed = [operation].into_iter().collect();
        let aws = aws("eu-central-1", 2, AMPLE, allowed, script).await;
        let lean = Lean::new(&aws.sdk, aws.guard.clone());
        let (service, name, of) = Reads::built_in().operation(operation).expect("it is known");
        let region = Region::new("eu-central-1").expect("a region");
        let client = aws.in_region(&region, aws.deadline_from_now());
        let input: Members = serde_json::from_str(input).expect("JSON");
        let ask = async |input| {
            let send = lean.send(service, name, of, &region, input);
            client
                .call_for(operation, || service.action(name), send)
                .await
        };
        all_pages(operation, of, input, ask).await
    })
}

/// Gives a page by its request.
type Page = fn(&str) -> Canned;

fn xml(body: &str) -> Canned {
    answer(200, "text/xml", body)
}

fn json(body: &str) -> Canned {
    answer(200, "application/json", body)
}

#[test]
fn pages_of_every_protocol_are_joined() {
    let cases: [(&str, Page, usize); 4] = [
        (
            "ec2:DescribeSecurityGroups",
            |line| match line.contains("NextToken=a%2Fb") {
                false => xml(
                    "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId>\
                     </item></securityGroupInfo><nextToken>a/b</nextToken>\
                     </DescribeSecurityGroupsResponse>",
                ),
                true => xml(
                    "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-2</groupId>\
                     </item><item><groupId>sg-3</groupId></item></securityGroupInfo>\
                     </DescribeSecurityGroupsResponse>",
                ),
            },
            3,
        ),
        (
            "iam:GetAccountAuthorizationDetails",
            |line| match line.contains("Marker=m") {
                false => xml(
                    "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>\
                     <RoleDetailList><member><RoleName>a</RoleName></member></RoleDetailList>\
                     <IsTruncated>true</IsTruncated><Marker>m</Marker>\
                     </GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>",
                ),
                true => xml(
                    "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>\
                     <RoleDetailList><member><RoleName>b</RoleName></member></RoleDetailList>\
                     <IsTruncated>false</IsTruncated>\
                     </GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>",
                ),
            },
            2,
        ),
        (
            "kms:ListKeys",
            |line| match line.contains(r#""Marker":"m""#) {
                false => {
                    json(r#"{"Keys": [{"KeyId": "a"}], "Truncated": true, "NextMarker": "m"}"#)
                }
                true => json(r#"{"Keys": [{"KeyId": "b"}], "Truncated": false}"#),
            },
            2,
        ),
        (
            "lambda:ListFunctions",
            |line| match line.contains("Marker=m") {
                false => json(r#"{"Functions": [{"FunctionName": "a"}], "NextMarker": "m"}"#),
                true => json(r#"{"Functions": []}"#),
            },
            1,
        ),
    ];
    for (operation, script, found) in cases {
        let listing = read(operation, "{}", script);
        assert_eq!(listing.failure, None, "{operation}");
        assert_eq!(listing.pages, 2, "{operation}");
        let results = listing.answer.as_object().expect("results by name");
        let count: usize = results
            .values()
            .filter_map(|it| it.as_array())
            .map(Vec::len)
            .sum();
        assert_eq!(count, found, "{operation}: {results:?}");
    }
}

#[test]
fn a_list_that_is_cut_keeps_what_was_read() {
    let first = r#"{"Keys": [{"KeyId": "a"}], "Truncated": true, "NextMarker": "m"}"#;
    let cases: [(&str, Page, GapCause); 4] = [
        (
            "throttled",
            |_| {
                answer(
                    400,
                    "application/json",
                    r#"{"__type": "ThrottlingException"}"#,
                )
            },
            GapCause::Throttled,
        ),
        (
            "the same page again",
            |_| json(r#"{"Keys": [], "Truncated": true, "NextMarker": "m"}"#),
            GapCause::Partial,
        ),
        (
            "more without a token",
            |_| json(r#"{"Keys": [], "Truncated": true}"#),
            GapCause::Partial,
        ),
        (
            "half an answer",
            |_| json(r#"{"Keys": [{"KeyId""#),
            GapCause::Garbled,
        ),
    ];
    for (what, second, cause) in cases {
        let listing = read("kms:ListKeys", "{}", move |line| {
            match line.contains("Marker") {
                false => json(first),
                true => second(line),
            }
        });
        assert_eq!(listing.failure.map(|it| it.cause), Some(cause), "{what}");
        assert_eq!(listing.answer["Keys"][0]["KeyId"], "a", "{what}");
    }
}

#[test]
fn requests_go_where_the_table_says() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let cases = [
        ("s3:GetBucketPolicy", r#"{"Bucket": "logs"}"#),
        ("s3:GetBucketPolicy", r#"{"Bucket": "logs.example"}"#),
        (
            "s3control:GetPublicAccessBlock",
            r#"{"AccountId": "123456789012"}"#,
        ),
        ("iam:GetAccountSummary", "{}"),
        ("cloudfront:GetDistributionConfig", r#"{"Id": "E/1 x"}"#),
        (
            "lambda:GetPolicy",
            r#"{"FunctionName": "arn:aws:lambda:x:f", "Qualifier": "a b"}"#,
        ),
        ("ecr:DescribeRepositories", "{}"),
        (
            "sqs:GetQueueAttributes",
            r#"{"QueueUrl": "u", "AttributeNames": ["All"]}"#,
        ),
        (
            "ec2:DescribeSnapshots",
            r#"{"Owner": ["self"], "RestorableBy": ["all"]}"#,
        ),
        (
            "elasticloadbalancing:DescribeListeners",
            r#"{"LoadBalancerArn": "arn:x"}"#,
        ),
    ];
    for (operation, input) in cases {
        let kept = Arc::clone(&seen);
        read(operation, input, move |line| {
            kept.lock()
                .expect("no test panics with it")
                .push(line.to_owned());
            answer(403, "text/plain", "")
        });
    }
    let seen = seen.lock().expect("no test panics with it").join("\n");
    insta::assert_snapshot!(seen);
}

#[test]
fn labels_that_would_make_another_path_are_not_sent() {
    for name in ["", ".", ".."] {
        let input = format!(r#"{{"FunctionName": "{name}"}}"#);
        let listing = read("lambda:GetPolicy", &input, |_| panic!("nothing is sent"));
        let cause = listing.failure.map(|it| it.cause);
        assert_eq!(cause, Some(GapCause::NotAsked), "{name:?}");
    }
}

#[test]
fn what_is_no_answer_is_not_an_empty_one() {
    let bad = [
        "",
        "<html><body>login</body></html>",
        "<DescribeVpcsResponse><vpcSet><item>",
        "<DescribeVpcsResponse><vpcSet></item></DescribeVpcsResponse>",
        "<!DOCTYPE x [<!ENTITY a \"b\">]><DescribeVpcsResponse/>",
        "<DescribeSubnetsResponse/>",
        "{}",
    ];
    for body in bad {
        let listing = read("ec2:DescribeVpcs", "{}", move |_| xml(body));
        let cause = listing.failure.map(|it| it.cause);
        assert_eq!(cause, Some(GapCause::Garbled), "{body}");
    }
    let other = "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>";
    let listing = read("s3:GetBucketCors", r#"{"Bucket": "b"}"#, |_| xml(other));
    assert_eq!(listing.failure.map(|it| it.cause), Some(GapCause::Garbled));
    let deep = "<a>".repeat(100) + &"</a>".repeat(100);
    let listing = read("ec2:DescribeVpcs", "{}", move |_| xml(&deep));
    assert_eq!(listing.failure.map(|it| it.cause), Some(GapCause::Garbled));
}

#[test]
fn errors_of_every_protocol_have_their_code_and_the_permission() {
    let cases = [
        (
            "ec2:DescribeVpcs",
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>\
             </Error></Errors><RequestID>r</RequestID></Response>",
            "ec2:DescribeVpcs",
        ),
        (
            "iam:GetAccountSummary",
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>\
             <RequestId>r</RequestId></ErrorResponse>",
            "iam:GetAccountSummary",
        ),
        (
            "s3:GetBucketEncryption",
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            "s3:GetEncryptionConfiguration",
        ),
        (
            "kms:ListKeys",
            r#"{"__type": "com.amazonaws.kms#AccessDeniedException", "Message": "no"}"#,
            "kms:ListKeys",
        ),
        (
            "apigateway:GetRestApis",
            r#"{"code": "AccessDeniedException", "message": "no"}"#,
            "apigateway:GET",
        ),
    ];
    for (operation, body, permission) in cases {
        let input = r#"{"Bucket": "b"}"#;
        let input = if operation.starts_with("s3:") {
            input
        } else {
            "{}"
        };
        let listing = read(operation, input, move |_| answer(403, "text/xml", body));
        let failure = listing.failure.expect("a failure");
        assert_eq!(failure.cause, GapCause::Denied, "{operation}");
        assert_eq!(failure.missing_permission.as_deref(), Some(permission));
    }
}

#[test]
fn an_operation_that_is_not_allowed_does_not_leave_the_process() {
    run(async {
        let allowed = ["kms:ListKeys"].into_iter().collect();
        let aws = aws("eu-central-1", 1, AMPLE, allowed, |_| {
            panic!("nothing is sent")
        })
        .await;
        let lean = Lean::new(&aws.sdk, aws.guard.clone());
        let (service, name, of) = Reads::built_in()
            .operation("kms:DescribeKey")
            .expect("known");
        let region = Region::new("eu-central-1").expect("a region");
        let sent = lean.send(service, name, of, &region, Members::new()).await;
        assert!(sent.is_err());
        assert_eq!(aws.guard.meter().refused, 1);
    });
}
