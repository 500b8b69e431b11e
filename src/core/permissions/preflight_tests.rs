use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::held_tests::policy_of;
use super::*;
use crate::core::policy::{PolicyDocument, covers_exactly};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::preflight::{NeededAction, PreflightReport};
use crate::text::Untrusted;

const ACCOUNT: &str = "111122223333";

fn scope(prefix: Option<&str>) -> GrantScope {
    GrantScope {
        partition: "aws".to_owned(),
        account: ACCOUNT.to_owned(),
        region: "eu-central-1".to_owned(),
        prefix: prefix.map(str::to_owned),
    }
}

fn change<'t>(
    of: &str,
    action: PlanAction,
    before: Option<&'t str>,
    after: Option<&'t str>,
) -> PlannedChange<'t> {
    PlannedChange {
        address: Untrusted::new(format!("{of}.this")),
        previous_address: None,
        is_data: false,
        resource_type: Untrusted::new(of),
        name: Untrusted::new("this"),
        index: None,
        deposed: None,
        action,
        reason: None,
        replace_paths: Vec::new(),
        triggers: BTreeSet::new(),
        importing: None,
        before_json: before,
        after_json: after,
        after_unknown_json: None,
        before_sensitive_json: None,
        after_sensitive_json: None,
    }
}

fn needs(change: PlannedChange<'_>, prefix: Option<&str>) -> PlanNeeds {
    let plan = TerraformPlan {
        changes: vec![change],
        ..TerraformPlan::default()
    };
    plan_needs(&plan, &scope(prefix))
}

fn shown(needed: &NeededAction) -> String {
    let to = needed
        .passed_to
        .as_ref()
        .map(|to| format!(" to {to}"))
        .unwrap_or_default();
    format!(
        "{} on {} in {}{to}",
        needed.action,
        needed.resource.raw(),
        needed.scope.raw()
    )
}

#[test]
fn a_queue_needs_what_it_is_made_and_read_with_on_its_name() {
    let after = r#"{"name":"shop-test-orders","tags_all":{"team":"a"}}"#;
    let found = needs(
        change("aws_sqs_queue", PlanAction::Create, None, Some(after)),
        Some("shop-test-"),
    );
    let all: Vec<String> = found.needed.iter().map(shown).collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    sqs:CreateQueue on arn:aws:sqs:eu-central-1:111122223333:shop-test-orders in arn:aws:sqs:eu-central-1:111122223333:shop-test-*
    sqs:GetQueueAttributes on arn:aws:sqs:eu-central-1:111122223333:shop-test-orders in arn:aws:sqs:eu-central-1:111122223333:shop-test-*
    sqs:ListQueueTags on arn:aws:sqs:eu-central-1:111122223333:shop-test-orders in arn:aws:sqs:eu-central-1:111122223333:shop-test-*
    sqs:TagQueue on arn:aws:sqs:eu-central-1:111122223333:shop-test-orders in arn:aws:sqs:eu-central-1:111122223333:shop-test-*
    ");
    assert_eq!(found.unknown, []);
}

/// Type, attributes, prefix of names, and a permission that is needed, with its scope.
const DONE_TO: &[(&str, &str, Option<&str>, &str)] = &[
    // A name that follows the pattern is granted with all that follow it.
    (
        "aws_s3_bucket",
        r#"{"bucket":"shop-test-logs"}"#,
        Some("shop-test-"),
        "s3:CreateBucket on arn:aws:s3:::shop-test-logs in arn:aws:s3:::shop-test-*",
    ),
    // One that does not is granted alone.
    (
        "aws_s3_bucket",
        r#"{"bucket":"logs"}"#,
        Some("shop-test-"),
        "s3:CreateBucket on arn:aws:s3:::logs in arn:aws:s3:::logs",
    ),
    (
        "aws_s3_bucket",
        r#"{"bucket":"my-shop-test-x"}"#,
        Some("shop-test-"),
        "s3:CreateBucket on arn:aws:s3:::my-shop-test-x in arn:aws:s3:::my-shop-test-x",
    ),
    // One that is not known yet can be any that follows the pattern.
    (
        "aws_s3_bucket",
        r#"{"bucket":null}"#,
        Some("shop-test-"),
        "s3:CreateBucket on arn:aws:s3:::shop-test-* in arn:aws:s3:::shop-test-*",
    ),
    (
        "aws_s3_bucket",
        "{}",
        None,
        "s3:CreateBucket on arn:aws:s3:::* in arn:aws:s3:::*",
    ),
    // A wildcard in a name is no name.
    (
        "aws_s3_bucket",
        r#"{"bucket":"*"}"#,
        Some("shop-test-"),
        "s3:CreateBucket on arn:aws:s3:::shop-test-* in arn:aws:s3:::shop-test-*",
    ),
    // Behind a path.
    (
        "aws_cloudwatch_log_group",
        r#"{"name":"/aws/lambda/shop-test-api"}"#,
        Some("shop-test-"),
        "logs:CreateLogGroup on arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/shop-test-api in arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/shop-test-*",
    ),
    // Actions without resources are on everything.
    (
        "aws_cloudwatch_log_group",
        r#"{"name":"x"}"#,
        None,
        "logs:DescribeLogGroups on * in *",
    ),
    // A listing asks for everything of its type.
    (
        "aws_db_instance",
        r#"{"identifier":"shop"}"#,
        None,
        "rds:DescribeDBInstances on * in *",
    ),
    (
        "aws_db_instance",
        r#"{"identifier":"shop"}"#,
        None,
        "rds:CreateDBInstance on arn:aws:rds:eu-central-1:111122223333:db:shop in arn:aws:rds:eu-central-1:111122223333:db:shop",
    ),
    // HTTP verbs have paths.
    (
        "aws_api_gateway_rest_api",
        r#"{"name":"x"}"#,
        None,
        "apigateway:POST on arn:aws:apigateway:eu-central-1::/restapis* in arn:aws:apigateway:eu-central-1::/restapis*",
    ),
    // A role is passed to one service.
    (
        "aws_lambda_function",
        r#"{"function_name":"f","role":"arn:aws:iam::111122223333:role/shop-test-f"}"#,
        Some("shop-test-"),
        "iam:PassRole on arn:aws:iam::111122223333:role/shop-test-f in arn:aws:iam::111122223333:role/shop-test-* to lambda.amazonaws.com",
    ),
];

#[test]
fn what_an_action_is_done_to_follows_from_the_plan() {
    let create = PlanAction::Create;
    for &(of, after, prefix, want) in DONE_TO {
        let found = needs(change(of, create.clone(), None, Some(after)), prefix);
        let all: Vec<String> = found.needed.iter().map(shown).collect();
        assert!(
            all.iter().any(|one| one == want),
            "{of} {after}: {want}\n{all:#?}"
        );
    }
}

#[test]
fn what_is_not_known_is_said_and_never_allowed() {
    let held = HeldPolicies {
        policies: vec![policy_of(
            json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }),
        )],
        ..HeldPolicies::default()
    };
    for (of, action, want) in [
        (
            "aws_quicksight_dashboard",
            PlanAction::Create,
            "which actions this type needs is not known",
        ),
        (
            "aws_quicksight_dashboard",
            PlanAction::NoOp,
            "which actions this type needs is not known",
        ),
        (
            "aws_vpc",
            PlanAction::Update,
            "which actions change this type is not known",
        ),
        (
            "aws_api_gateway_stage",
            PlanAction::Destroy,
            "which actions destroy this type is not known",
        ),
        (
            "aws_sqs_queue",
            PlanAction::Other(Untrusted::new("melt")),
            "the plan does something that is not known: melt",
        ),
    ] {
        let found = needs(change(of, action, Some("{}"), Some("{}")), None);
        let report = preflight(found, &held, &scope(None));
        let because: Vec<&str> = report.unknown.iter().map(|one| one.because.raw()).collect();
        assert_eq!(because, [want], "{of}");
    }
    let other = needs(
        change("random_id", PlanAction::Create, None, Some("{}")),
        None,
    );
    assert_eq!(other, PlanNeeds::default());
}

#[test]
fn a_pattern_of_names_ends_before_the_resource() {
    for (pattern, subsystem, want) in [
        (
            "{project}-{subsystem}-{environment}-{resource}",
            Some("api"),
            Some("shop-api-test-"),
        ),
        (
            "{project}-{environment}-{resource}",
            None,
            Some("shop-test-"),
        ),
        ("{project}-{subsystem}-{environment}-{resource}", None, None),
        // Without the environment it would open the others too.
        ("{project}-{resource}-{environment}", Some("api"), None),
        ("{resource}", Some("api"), None),
        ("*-{environment}-{resource}", Some("api"), None),
    ] {
        assert_eq!(
            name_prefix(pattern, "shop", subsystem, "test").as_deref(),
            want,
            "{pattern}"
        );
    }
}

#[test]
fn a_boundary_is_no_matter_of_grants() {
    let held = HeldPolicies {
        policies: Vec::new(),
        boundary: Some(
            policy_of(json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" })).1,
        ),
        hidden: Vec::new(),
    };
    let after = r#"{"name":"q"}"#;
    let found = needs(
        change("aws_sqs_queue", PlanAction::Create, None, Some(after)),
        None,
    );
    let report = preflight(found, &held, &scope(None));
    assert!(!report.missing.is_empty() && report.missing.iter().all(|one| !one.grant_helps));
    assert_eq!(report.grant, None);
}

fn role_and_function() -> PreflightReport {
    let role = r#"{"name":"shop-test-api"}"#;
    let function = r#"{"function_name":"shop-test-api","role":"arn:aws:iam::111122223333:role/shop-test-api","tags":{"a":"b"}}"#;
    let plan = TerraformPlan {
        changes: vec![
            change("aws_iam_role", PlanAction::Create, None, Some(role)),
            change(
                "aws_lambda_function",
                PlanAction::Create,
                None,
                Some(function),
            ),
        ],
        ..TerraformPlan::default()
    };
    let scope = scope(Some("shop-test-"));
    let held = HeldPolicies::default();
    guard(preflight(plan_needs(&plan, &scope), &held, &scope), &held)
}

#[test]
fn what_is_missing_becomes_one_grant() {
    let grant = role_and_function().grant.expect("everything is missing");
    assert_eq!(grant.escalations, Vec::<String>::new());
    assert_eq!(grant.notes, Vec::<String>::new());
    insta::assert_snapshot!(serde_json::to_string_pretty(&grant.policy).expect("plain data"), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Fractary1",
          "Effect": "Allow",
          "Action": [
            "iam:CreateRole",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies"
          ],
          "Resource": [
            "arn:aws:iam::111122223333:role/shop-test-*"
          ]
        },
        {
          "Sid": "Fractary2",
          "Effect": "Allow",
          "Action": [
            "iam:PassRole"
          ],
          "Resource": [
            "arn:aws:iam::111122223333:role/shop-test-*"
          ],
          "Condition": {
            "StringEquals": {
              "iam:PassedToService": "lambda.amazonaws.com"
            }
          }
        },
        {
          "Sid": "Fractary3",
          "Effect": "Allow",
          "Action": [
            "lambda:CreateFunction",
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:ListVersionsByFunction",
            "lambda:TagResource"
          ],
          "Resource": [
            "arn:aws:lambda:eu-central-1:111122223333:function:shop-test-*"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn a_grant_that_opens_a_way_to_more_is_called_out() {
    // No pattern and no name: the grant is on any role.
    let plan = TerraformPlan {
        changes: vec![change(
            "aws_iam_role_policy",
            PlanAction::Create,
            None,
            Some("{}"),
        )],
        ..TerraformPlan::default()
    };
    let held = HeldPolicies::default();
    let report = guard(
        preflight(plan_needs(&plan, &scope(None)), &held, &scope(None)),
        &held,
    );
    let grant = report.grant.expect("a grant");
    assert!(!grant.escalations.is_empty());
    assert_eq!(grant.notes.len(), 2);
    // Who can do it anyway gains nothing.
    let admin = HeldPolicies {
        policies: vec![policy_of(
            json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }),
        )],
        ..HeldPolicies::default()
    };
    let (_, granted) =
        policy_of(json!({ "Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*" }));
    assert_eq!(opened(&admin, granted), Vec::<String>::new());
}

/// Types, phases and names as plans have them.
fn plans() -> impl Strategy<Value = Vec<(String, u8, String)>> {
    let types: Vec<String> = crate::catalog::access::AccessReference::built_in()
        .types()
        .map(str::to_owned)
        .collect();
    let name = prop_oneof![
        Just("shop-test-a".to_owned()),
        Just("other".to_owned()),
        Just("*".to_owned()),
        Just(String::new()),
        "[a-z*?$/:{}-]{1,12}",
    ];
    prop::collection::vec((prop::sample::select(types), 0u8..5, name), 1..6)
}

fn report_of(changes: &[(String, u8, String)], prefix: Option<&str>) -> PreflightReport {
    let values: Vec<String> = changes
        .iter()
        .map(|(_, _, name)| {
            json!({ "name": name, "bucket": name, "function_name": name, "role": name, "identifier": name, "tags": { "a": "b" } }).to_string()
        })
        .collect();
    let changes = changes.iter().zip(&values).map(|((of, action, _), value)| {
        let action = match action {
            0 => PlanAction::Create,
            1 => PlanAction::Update,
            2 => PlanAction::Destroy,
            3 => PlanAction::DestroyThenCreate,
            _ => PlanAction::NoOp,
        };
        change(of, action, Some(value), Some(value))
    });
    let plan = TerraformPlan {
        changes: changes.collect(),
        ..TerraformPlan::default()
    };
    let scope = scope(prefix);
    preflight(plan_needs(&plan, &scope), &HeldPolicies::default(), &scope)
}

proptest! {
    /// A grant allows everything that is missing, nothing that is not, and is never on `*` where
    /// the action can be narrowed.
    #[test]
    fn a_grant_is_exactly_what_is_missing(changes in plans(), named in any::<bool>()) {
        let prefix = named.then_some("shop-test-");
        let report = report_of(&changes, prefix);
        prop_assert_eq!(report.needed.len(), report.missing.len());
        let Some(grant) = report.grant else {
            prop_assert!(report.missing.is_empty());
            return Ok(());
        };
        let granted = PolicyDocument::parse(&grant.policy.to_string()).expect("IAM's grammar");
        let held = HeldPolicies { policies: vec![("g".to_owned(), granted.clone())], ..HeldPolicies::default() };
        for one in &report.missing {
            let needed = &one.needed;
            let verdict = held.verdict(AskedCall {
                action: &needed.action,
                resource: needed.resource.raw(),
                passed_to: needed.passed_to.as_deref(),
                region: Some("eu-central-1"),
            });
            let is_allowed = matches!(verdict, HeldVerdict::Allowed { .. });
            prop_assert!(is_allowed, "{:?} {:?} {}", needed, verdict, grant.policy);
        }
        for statement in &granted.statements {
            let resources = statement.resources.as_ref().expect("every statement has them");
            for action in &statement.actions.patterns {
                prop_assert!(!action.contains('*'));
                for resource in &resources.patterns {
                    let is_needed = report.missing.iter().any(|one| {
                        one.needed.action == *action && covers_exactly(resource, one.needed.scope.raw())
                    });
                    prop_assert!(is_needed, "{} on {}", action, resource);
                    prop_assert!(resource != "*" || takes_resources(action) == Some(false), "{}", action);
                }
            }
        }
    }

    /// The same plan in another order gives the same grant.
    #[test]
    fn the_order_of_a_plan_does_not_matter(changes in plans()) {
        let mut turned = changes.clone();
        turned.reverse();
        let grant = |changes: &[_]| report_of(changes, Some("shop-test-")).grant;
        prop_assert_eq!(grant(&changes), grant(&turned));
    }
}
