//! Tables of cases for adopting.

mod pruning;
mod tags;

use super::*;
use crate::model::ids::EnvironmentName;

struct Kinds;

impl Lookup for Kinds {
    fn recognise(&self, resource_type: Option<&str>, arn: &Arn) -> Option<ArnParts> {
        let split = || arn.resource().split_once([':', '/']);
        let (found, name, pairs): (_, _, &[(&str, &str)]) = match (arn.service(), split()?) {
            ("lambda", ("function", name)) => ("aws_lambda_function", name, &[]),
            ("ecs", ("service", rest)) => ("aws_ecs_service", rest.rsplit('/').next()?, &[]),
            ("rds", ("db", name)) => ("aws_db_instance", name, &[("db_engine", "engine")]),
            ("apigateway", ("", rest)) if rest.starts_with("apis/") => {
                ("aws_apigatewayv2_api", rest.strip_prefix("apis/")?, &[])
            }
            _ => return None,
        };
        let owned = pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        resource_type
            .is_none_or(|asked| asked == found)
            .then(|| ArnParts {
                resource_type: found.to_owned(),
                name: name.into(),
                attributes: BTreeMap::new(),
                from_terraform: owned.collect(),
            })
    }
}

fn environment() -> Environment {
    Environment {
        name: EnvironmentName::new("test").expect("a name"),
        description: None,
        requires_confirmation: false,
        critical: None,
        account_id: AccountId::new("123456789012").ok(),
        region: crate::model::ids::Region::new("eu-west-1").ok(),
        regions: Vec::new(),
        role_arn: None,
        remediation_role_arn: None,
        tags: BTreeMap::new(),
    }
}

fn run(items: &[InventoryItem], existing: Option<&Registry>, prune: bool) -> Adoption {
    let pruning = Pruning {
        on: prune,
        ..Pruning::default()
    };
    run_from(&[], items, existing, pruning)
}

/// Of these sources, of which the items name theirs.
fn run_from(
    sources: &[&str],
    items: &[InventoryItem],
    existing: Option<&Registry>,
    pruning: Pruning,
) -> Adoption {
    let sources = sources.iter().map(|source| (*source).to_owned()).collect();
    adopt(&AdoptInput {
        items,
        existing,
        environment: &environment(),
        project: None,
        lookup: &Kinds,
        sources: &sources,
        pruning,
        now: "2026-11-21T08:00:00Z".parse().expect("a time"),
    })
}

fn item(address: &str, id: &str, arn: &str, attributes: &[(&str, &str)]) -> InventoryItem {
    let text = |text: &str| (!text.is_empty()).then(|| Untrusted::from(text));
    let config = crate::model::inventory::config_address(address);
    let mut steps = config.rsplit('.');
    let name = steps.next().unwrap_or_default();
    InventoryItem {
        resource_type: steps.next().map(str::to_owned),
        arn: text(arn),
        id: text(id),
        name: text(name),
        address: text(address),
        attributes: attributes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Untrusted::from(*value)))
            .collect(),
        ..InventoryItem::default()
    }
}

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:api";

#[test]
fn arns_are_found_or_made() {
    let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";
    let service = "arn:aws:ecs:eu-west-1:123456789012:service/main/web";
    for (item, arn, id) in [
        (
            item("aws_lambda_function.a", "api", FUNCTION, &[]),
            FUNCTION,
            "api",
        ),
        (
            item("aws_s3_bucket.b", "up", "", &[("bucket", "up")]),
            "arn:aws:s3:::up",
            "up",
        ),
        (
            item("aws_s3_bucket.b", "up", "", &[]),
            "arn:aws:s3:::up",
            "up",
        ),
        (
            item("aws_sqs_queue.q", queue, "", &[("name", "jobs")]),
            "arn:aws:sqs:eu-west-1:123456789012:jobs",
            "jobs",
        ),
        (
            item(
                "aws_sqs_queue.q",
                "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/jobs",
                "",
                &[("name", "jobs")],
            ),
            "arn:aws-cn:sqs:cn-north-1:123456789012:jobs",
            "jobs",
        ),
        (
            item("aws_ecs_service.s", service, "", &[("name", "web")]),
            service,
            "web",
        ),
        (
            item(
                "aws_api_gateway_rest_api.r",
                "abc123",
                "",
                &[("name", "orders")],
            ),
            "arn:aws:apigateway:eu-west-1::/restapis/abc123",
            "abc123",
        ),
        (
            item("aws_cloudfront_distribution.c", "E123", "", &[]),
            "arn:aws:cloudfront::123456789012:distribution/E123",
            "E123",
        ),
        (
            item(
                "aws_cloudwatch_log_group.l",
                "/aws/lambda/api",
                "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/api:*",
                &[],
            ),
            "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/api",
            "/aws/lambda/api",
        ),
        (
            item(
                "aws_db_instance.d",
                "db-ABC",
                "arn:aws:rds:eu-west-1:123456789012:db:orders",
                &[("identifier", "orders")],
            ),
            "arn:aws:rds:eu-west-1:123456789012:db:orders",
            "orders",
        ),
    ] {
        let adoption = run(std::slice::from_ref(&item), None, false);
        let entry = adoption.registry.resources.first().expect(arn);
        assert_eq!(entry.arn.as_str(), arn);
        assert_eq!(entry.aws_id.raw(), id, "{arn}");
    }
}

#[test]
fn what_is_left_out_says_why() {
    let pending = InventoryItem {
        pending: true,
        ..item("aws_s3_bucket.new", "", "", &[("bucket", "new")])
    };
    let other = "arn:aws:lambda:eu-west-1:999999999999:function:api";
    for (item, reason) in [
        (
            item("google_storage_bucket.b", "b", "", &[]),
            SkipReason::NotAws,
        ),
        (item("awscc_s3_bucket.b", "b", "", &[]), SkipReason::NotAws),
        (pending, SkipReason::Pending),
        (
            item("aws_security_group_rule.r", "sgrule-1", "", &[]),
            SkipReason::NoArn,
        ),
        (
            item("aws_sqs_queue.q", "https://sqs.evil/x", "", &[]),
            SkipReason::NoArn,
        ),
        (
            item("aws_x.y", "i", "arn:aws:x:y:z", &[]),
            SkipReason::InvalidArn,
        ),
        (
            item("aws_x.y", "i", "arn:aws:s3:::a\u{202e}b", &[]),
            SkipReason::InvalidArn,
        ),
        (
            item("aws_lambda_function.a", "api", other, &[]),
            SkipReason::OtherAccount {
                found: AccountId::new("999999999999").expect("an account"),
                expected: AccountId::new("123456789012").expect("an account"),
            },
        ),
        (
            InventoryItem {
                arn: Some("arn:aws:foo:eu-west-1:123456789012:bar/x".into()),
                ..InventoryItem::default()
            },
            SkipReason::UnknownKind,
        ),
    ] {
        let adoption = run(std::slice::from_ref(&item), None, false);
        assert_eq!(
            adoption.skipped.first().map(|s| &s.reason),
            Some(&reason),
            "{item:?}"
        );
        assert!(adoption.registry.resources.is_empty());
    }
}

#[test]
fn a_region_that_nobody_knows_is_not_guessed() {
    let mut environment = environment();
    environment.regions = ["eu-west-1", "us-east-1"]
        .iter()
        .filter_map(|region| crate::model::ids::Region::new(region).ok())
        .collect();
    let adoption = adopt(&AdoptInput {
        items: &[item("aws_api_gateway_rest_api.r", "abc", "", &[])],
        existing: None,
        environment: &environment,
        project: None,
        lookup: &Kinds,
        sources: &BTreeSet::new(),
        pruning: Pruning::default(),
        now: Timestamp::UNIX_EPOCH,
    });
    assert_eq!(adoption.skipped[0].reason, SkipReason::NoArn);
}

fn entry(json: serde_json::Value) -> RegistryEntry {
    serde_json::from_value(json).expect("an entry")
}

fn registry(entries: Vec<RegistryEntry>) -> Registry {
    Registry {
        version: "1.0.0".to_owned(),
        environment: EnvironmentName::new("test").expect("a name"),
        project: None,
        last_deployed: None,
        resources: entries,
    }
}

#[test]
fn what_people_wrote_survives() {
    let old = registry(vec![
        entry(serde_json::json!({
            "type": "aws_lambda_function", "aws_id": "old", "arn": FUNCTION,
            "created": "2020-01-01T00:00:00Z", "console_url": "https://example.com",
            "depends_on": ["orders-db", "aws_s3_bucket.gone"], "metadata": {"team": "shop"}
        })),
        entry(serde_json::json!({
            "type": "aws_s3_bucket", "aws_id": "gone", "arn": "arn:aws:s3:::gone"
        })),
    ]);
    let items = [item("aws_lambda_function.a", "api", FUNCTION, &[])];
    let kept = run(&items, Some(&old), false);
    assert_eq!(kept.updated.len(), 1);
    assert_eq!(kept.unclaimed.len(), 1);
    assert_eq!(kept.registry.resources.len(), 2);
    let api = &kept.registry.resources[0];
    assert_eq!(api.created, old.resources[0].created);
    assert_eq!(api.console_url, old.resources[0].console_url);
    assert_eq!(api.depends_on, ["orders-db"]);
    assert_eq!(api.metadata, old.resources[0].metadata);
    assert_eq!(api.aws_id.raw(), "api");

    // What did not change keeps the order that somebody gave it.
    let mut reversed = kept.registry.clone();
    reversed.resources.reverse();
    assert_eq!(run(&items, Some(&reversed), false).registry, reversed);

    // What nobody is known to have brought goes only where that is asked for.
    let pruned = run(&items, Some(&old), true);
    assert_eq!(pruned.registry.resources.len(), 2);
    let all = Pruning {
        on: true,
        unclaimed: true,
        many: false,
    };
    let pruned = run_from(&[], &items, Some(&old), all);
    assert_eq!(pruned.registry.resources.len(), 1);
    assert_eq!(pruned.removed(), 1);
    assert_eq!(pruned.needs_consent, None);
}

#[test]
fn one_address_in_two_states_is_two_resources() {
    let old = run(&[item("aws_s3_bucket.b", "one", "", &[])], None, false);
    let new = run(
        &[item("aws_s3_bucket.b", "two", "", &[])],
        Some(&old.registry),
        false,
    );
    assert_eq!(new.added.len(), 1);
    assert_eq!(new.registry.resources.len(), 2);
    assert_eq!(new.unclaimed.len(), 1);
}

#[test]
fn a_recorded_stage_stays_the_stage() {
    let api = item(
        "aws_apigatewayv2_api.a",
        "abc",
        "arn:aws:apigateway:eu-west-1::/apis/abc",
        &[],
    );
    let stage = |name: &str| {
        let address = format!("aws_apigatewayv2_stage.{}", name.trim_start_matches('$'));
        item(&address, name, "", &[("api_id", "abc"), ("name", name)])
    };
    let items = [api, stage("$default"), stage("live"), stage("beta")];
    let stage_in = |adoption: &Adoption| {
        let metadata = &adoption.registry.resources[0].metadata;
        serde_json::to_string(metadata).expect("JSON")
    };
    let mut first = run(&items, None, false);
    assert_eq!(
        stage_in(&first),
        r#"{"stage":"$default","stages":["$default","beta","live"]}"#
    );
    let metadata = &mut first.registry.resources[0].metadata;
    metadata.insert("stage".to_owned(), "live".into());
    let second = run(&items, Some(&first.registry), false);
    assert!(stage_in(&second).starts_with(r#"{"stage":"live""#));
    assert!(!second.changed());
}

#[test]
fn dependencies_stay_in_their_module_instance() {
    let bucket = |key: &str| {
        item(
            &format!("module.m[\"{key}\"].aws_s3_bucket.b"),
            &format!("b-{key}"),
            "",
            &[],
        )
    };
    let mut rule = item("module.m[\"x\"].aws_s3_bucket_policy.p", "p", "", &[]);
    rule.depends_on = vec!["module.m.aws_s3_bucket.b".to_owned()];
    let mut function = item(
        "module.m[\"x\"].aws_lambda_function.f",
        "api",
        FUNCTION,
        &[],
    );
    function.depends_on = vec!["module.m.aws_s3_bucket_policy.p".to_owned()];
    let mut topic = item(
        "aws_sns_topic.t",
        "t",
        "arn:aws:sns:eu-west-1:123456789012:t",
        &[],
    );
    topic.depends_on = vec![
        "module.m.aws_s3_bucket.b".to_owned(),
        "aws_sns_topic.t".to_owned(),
    ];
    let adoption = run(
        &[bucket("x"), bucket("y"), rule, function, topic],
        None,
        false,
    );
    let on: Vec<Vec<String>> = adoption
        .registry
        .resources
        .iter()
        .map(|e| e.depends_on.clone())
        .filter(|on| !on.is_empty())
        .collect();
    assert_eq!(
        on,
        [
            vec!["module.m[\"x\"].aws_s3_bucket.b".to_owned()],
            vec![
                "module.m[\"x\"].aws_s3_bucket.b".to_owned(),
                "module.m[\"y\"].aws_s3_bucket.b".to_owned()
            ],
        ]
    );
}
