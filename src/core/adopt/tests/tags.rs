//! What is found by its tags.

use super::*;
use crate::model::inventory::Doubt;

#[test]
fn found_by_tags() {
    let found = |text: &str| InventoryItem::found(&Arn::new(text).expect("an ARN"), []);
    let items = [
        found(FUNCTION),
        found("arn:aws:ecs:eu-west-1:123456789012:service/main/web"),
        found("arn:aws:apigateway:eu-west-1::/apis/abc"),
        found("arn:aws:apigateway:eu-west-1::/apis/abc/stages/live"),
    ];
    let first = run(&items, None, false);
    let types: Vec<(&str, &str, String)> = first
        .registry
        .resources
        .iter()
        .map(|e| {
            let metadata = serde_json::to_string(&e.metadata).expect("JSON");
            (e.resource_type.as_str(), e.aws_id.raw(), metadata)
        })
        .collect();
    assert_eq!(
        types,
        [
            (
                "aws_apigatewayv2_api",
                "abc",
                r#"{"stage":"live"}"#.to_owned()
            ),
            ("aws_ecs_service", "web", r#"{"cluster":"main"}"#.to_owned()),
            ("aws_lambda_function", "api", "{}".to_owned()),
        ]
    );
    // What a state said before is not taken away by what tags do not know.
    let mut known = item(
        "aws_lambda_function.a",
        "api",
        FUNCTION,
        &[("name", "The API")],
    );
    known.depends_on = vec!["aws_s3_bucket.b".to_owned()];
    let from_state = run(&[known, item("aws_s3_bucket.b", "b", "", &[])], None, false);
    let again = run(&[found(FUNCTION)], Some(&from_state.registry), false);
    assert_eq!(again.unchanged.len(), 1, "{again:?}");
    assert!(!again.changed());
}

#[test]
fn what_is_listed_and_not_there_is_left_out() {
    let found = |text: &str, doubt| InventoryItem {
        doubt,
        ..InventoryItem::found(&Arn::new(text).expect("an ARN"), [])
    };
    let api = "arn:aws:apigateway:eu-west-1::/apis/abc";
    let stage = format!("{api}/stages/live");
    let gone = BTreeMap::from([(Arn::new(api).expect("an ARN"), Doubt::Gone)]);
    let stage_item = found(&stage, None);
    let items = [
        found(FUNCTION, None),
        found(api, Some(Doubt::Gone)),
        InventoryItem {
            doubt: existence::doubt_of(&stage_item, &gone),
            ..stage_item
        },
        found(
            "arn:aws:ecs:eu-west-1:123456789012:service/web",
            Some(Doubt::Unusable("`cluster` is not known".into())),
        ),
    ];
    assert_eq!(existence::doubt_of(&items[0], &gone), None);
    let adoption = run(&items, None, false);
    let registered: Vec<&str> = adoption.added.iter().map(Arn::as_str).collect();
    assert_eq!(registered, [FUNCTION]);
    let reasons: Vec<SkipReason> = adoption.skipped.iter().map(|s| s.reason.clone()).collect();
    let unusable = SkipReason::Unusable("`cluster` is not known".to_owned());
    assert_eq!(reasons, [SkipReason::Gone, SkipReason::Gone, unusable]);
}

#[test]
fn what_no_kind_knows_is_described_by_its_arn() {
    for (arn, described) in [
        ("ec2:eu-west-1:123456789012:instance/i-1", "ec2:instance"),
        (
            "rds:eu-west-1:123456789012:snapshot:nightly",
            "rds:snapshot",
        ),
        (
            "ecs:eu-west-1:123456789012:task-definition/web:7",
            "ecs:task-definition",
        ),
        (
            "elasticloadbalancing:eu-west-1:123456789012:loadbalancer/gwy/fw/1",
            "elasticloadbalancing:loadbalancer/gwy",
        ),
        ("sns:eu-west-1:123456789012:alerts", "sns"),
        (
            "logs:eu-west-1:123456789012:log-group:/aws/x",
            "logs:log-group",
        ),
        (
            "apigateway:eu-west-1::/domainnames/x.example",
            "apigateway:domainnames",
        ),
    ] {
        let arn = Arn::new(format!("arn:aws:{arn}")).expect("an ARN");
        let adoption = run(&[InventoryItem::found(&arn, [])], None, false);
        let skipped = &adoption.skipped[0];
        assert_eq!(skipped.resource_type.as_deref(), Some(described));
    }
}
