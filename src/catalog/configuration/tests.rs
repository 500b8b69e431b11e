use super::*;
use crate::expr::Expression;

fn fault(of: &str, source: &str) -> Option<String> {
    let shape = Shapes::built_in().get(of).expect("a known type");
    let schema = Schema::from([("resource".to_owned(), Type::record(shape.facts.clone()))]);
    let compiled = Expression::compile(source, &schema, &Type::Flag);
    compiled.err().map(|fault| {
        let hint = fault.hint.map(|hint| format!(" ({hint})"));
        format!("{}{}", fault.message, hint.unwrap_or_default())
    })
}

#[test]
fn what_is_listed_as_another_type_is_of_the_same_service() {
    for (name, shape) in Shapes::built_in().types() {
        let Some(other) = &shape.listed_as else {
            continue;
        };
        let other = Shapes::built_in().get(other).expect("a known type");
        assert_eq!(shape.service, other.service, "{name}");
        assert_eq!(other.listed_as, None, "{name}");
    }
}

#[test]
fn attributes_have_the_names_of_terraform() {
    for (of, source) in [
        (
            "aws_s3_bucket",
            "resource.versioning.versioning_configuration.status == \"Enabled\"",
        ),
        (
            "aws_s3_bucket",
            "resource.public_access_block.block_public_acls",
        ),
        (
            "aws_s3_bucket",
            "resource.policy.contains(\"aws:SecureTransport\")",
        ),
        ("aws_s3_bucket", "resource.tags.owner == \"web\""),
        (
            "aws_security_group",
            "resource.ingress.exists(rule, rule.from_port == 22)",
        ),
        (
            "aws_lambda_function",
            "resource.tracing_config.mode == \"Active\"",
        ),
        (
            "aws_lambda_function",
            "resource.url.authorization_type == \"NONE\"",
        ),
        (
            "aws_lambda_function",
            "resource.permissions.exists(it, it.principal == \"*\")",
        ),
        (
            "aws_iam_user",
            "resource.access_keys.exists(key, key.status == \"Active\")",
        ),
        (
            "aws_iam_user",
            "resource.access_keys.exists(key, has(key.last_used))",
        ),
        ("aws_db_instance", "!resource.storage_encrypted"),
        (
            "account",
            "resource.iam_account_password_policy.minimum_password_length < 14",
        ),
        ("region", "resource.guardduty_detector.enable"),
    ] {
        assert_eq!(fault(of, source), None, "{of}: {source}");
    }
}

#[test]
fn a_wrong_name_is_answered_with_the_right_one() {
    for (of, source, want) in [
        (
            "aws_db_instance",
            "resource.storage_encryptd",
            "storage_encrypted",
        ),
        (
            "aws_s3_bucket",
            "resource.public_acess_block.block_public_acls",
            "public_access_block",
        ),
        (
            "aws_s3_bucket",
            "resource.public_access_block.block_acls",
            "block_public_acls",
        ),
    ] {
        let found = fault(of, source).unwrap_or_default();
        assert!(found.contains(want), "{source}: {found}");
    }
}

#[test]
fn companions_know_what_they_belong_to() {
    let shapes = Shapes::built_in();
    let (parent, companion) = shapes
        .parent_of("aws_s3_bucket_versioning")
        .expect("a companion");
    assert_eq!(
        (parent, companion.fact.as_str()),
        ("aws_s3_bucket", "versioning")
    );
    assert_eq!(companion.by.as_deref(), Some("bucket"));
    assert_eq!(shapes.parent_of("aws_s3_bucket"), None);
    for (name, shape) in shapes.types() {
        let is_pseudo = !name.starts_with("aws_");
        for companion in &shape.companions {
            assert_eq!(
                companion.by.is_none(),
                is_pseudo,
                "{}",
                companion.resource_type
            );
            // The fact is the companion's type without what the parent's begins with, in the
            // plural where there may be several. Names that differ are listed here.
            let start = if is_pseudo {
                "aws_".to_owned()
            } else {
                format!("{name}_")
            };
            let usual = companion.resource_type.strip_prefix(&start);
            let usual = usual.map(|rest| {
                if companion.many {
                    plural(rest)
                } else {
                    rest.to_owned()
                }
            });
            if usual.as_deref() != Some(&companion.fact) {
                let pair = (companion.resource_type.as_str(), companion.fact.as_str());
                assert!(UNUSUAL.contains(&pair), "{pair:?}");
            }
        }
    }
}

fn plural(word: &str) -> String {
    match word.strip_suffix('y') {
        Some(start) if !word.ends_with("ey") => format!("{start}ies"),
        _ => format!("{word}s"),
    }
}

/// Companions whose types do not begin with the type that they belong to.
const UNUSUAL: &[(&str, &str)] = &[
    ("aws_account_alternate_contact", "alternate_contacts"),
    ("aws_iam_access_key", "access_keys"),
    ("aws_iam_signing_certificate", "signing_certificates"),
    ("aws_flow_log", "flow_logs"),
    (
        "aws_snapshot_create_volume_permission",
        "create_volume_permissions",
    ),
    ("aws_ami_launch_permission", "launch_permissions"),
    ("aws_lambda_permission", "permissions"),
    ("aws_ecr_lifecycle_policy", "lifecycle_policy"),
    ("aws_api_gateway_method", "methods"),
    ("aws_api_gateway_authorizer", "authorizers"),
    ("aws_api_gateway_method_settings", "method_settings"),
    ("aws_apigatewayv2_route", "routes"),
    ("aws_apigatewayv2_authorizer", "authorizers"),
    ("aws_wafv2_web_acl_association", "wafv2_web_acl_association"),
    ("aws_dynamodb_resource_policy", "policy"),
    ("aws_cloudwatch_event_target", "targets"),
    ("aws_efs_backup_policy", "backup_policy"),
    ("aws_opensearch_domain_policy", "access_policies"),
    ("aws_kinesis_resource_policy", "policy"),
];

#[test]
fn what_is_absent_has_its_default() {
    let shape = Shapes::built_in().get("aws_db_instance").expect("known");
    let name = FactName::parse("storage_encrypted").expect("a name");
    let no = Fact::Known(Value::Flag(false));
    assert_eq!(shape.with_default(name.as_str(), Fact::Absent), no);
    let yes = Fact::Known(Value::Flag(true));
    assert_eq!(shape.with_default(name.as_str(), yes.clone()), yes);
    let tags = FactName::parse("tags").expect("a name");
    assert_eq!(
        shape.with_default(tags.as_str(), Fact::Absent),
        Fact::Absent
    );
}

#[test]
fn defaults_are_of_the_type_of_their_facts() {
    for (name, shape) in Shapes::built_in().types() {
        for (fact, value) in &shape.defaults {
            let fits = matches!(
                (&shape.facts[fact.as_str()], value),
                (Type::Flag, Value::Flag(_))
                    | (Type::Number, Value::Number(_))
                    | (Type::Text, Value::Text(_))
                    | (Type::List(_), Value::List(_))
            );
            assert!(fits, "{name}.{fact}");
        }
    }
}
