//! The catalogue against its folder, its documents and known names.

use std::collections::{BTreeMap, BTreeSet};

use fractary::catalog::Catalog;
use fractary::catalog::kinds::BUILT_IN;
use fractary::model::ids::Arn;

fn catalog() -> Catalog {
    Catalog::built_in().expect("the built-in kinds are right")
}

#[test]
fn the_list_is_the_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalog/kinds");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = BUILT_IN
        .iter()
        .map(|(id, _)| format!("{id}.toml"))
        .collect();
    assert_eq!(
        files, listed,
        "src/catalog/kinds/ and the list in src/catalog/kinds.rs"
    );
    let ids: Vec<&str> = BUILT_IN.iter().map(|(id, _)| *id).collect();
    assert!(
        ids.is_sorted(),
        "the list in src/catalog/kinds.rs is sorted"
    );
    let kinds: Vec<String> = catalog().kinds().iter().map(|k| k.id.to_string()).collect();
    assert_eq!(kinds, ids);
}

#[test]
fn arns_are_recognised_in_every_partition() {
    let catalog = catalog();
    let cases = [
        (
            "arn:aws:lambda:eu-central-1:123456789012:function:orders-api",
            "lambda",
            "name=orders-api",
        ),
        (
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:a",
            "lambda",
            "name=a",
        ),
        (
            "arn:aws-us-gov:rds:us-gov-west-1:123456789012:db:orders",
            "rds",
            "name=orders",
        ),
        (
            "arn:aws:ecs:eu-west-1:123456789012:service/main/web",
            "ecs",
            "cluster=main name=web",
        ),
        (
            "arn:aws:ecs:eu-west-1:123456789012:service/web",
            "ecs",
            "name=web",
        ),
        ("arn:aws:s3:::orders.uploads", "s3", "name=orders.uploads"),
        (
            "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3",
            "apigateway",
            "id=a1b2c3",
        ),
        (
            "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/live",
            "apigateway",
            "id=a1b2c3 stage=live",
        ),
        (
            "arn:aws:apigateway:eu-west-1::/apis/x9",
            "apigatewayv2",
            "id=x9",
        ),
        (
            "arn:aws:apigateway:eu-west-1::/apis/x9/stages/$default",
            "apigatewayv2",
            "id=x9 stage=$default",
        ),
        (
            "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
            "dynamodb",
            "name=orders",
        ),
        (
            "arn:aws:sqs:eu-west-1:123456789012:jobs.fifo",
            "sqs",
            "name=jobs.fifo",
        ),
        (
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188",
            "alb",
            "load_balancer=app/web/50dc6c495c0c9188 name=web",
        ),
        (
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/tcp/50dc6c495c0c9188",
            "nlb",
            "load_balancer=net/tcp/50dc6c495c0c9188 name=tcp",
        ),
        (
            "arn:aws:elasticache:eu-west-1:123456789012:cluster:cache-001",
            "elasticache",
            "name=cache-001",
        ),
        (
            "arn:aws:cloudfront::123456789012:distribution/E1ABC",
            "cloudfront",
            "id=E1ABC",
        ),
    ];
    let mut seen = BTreeSet::new();
    for (arn, kind, expected) in cases {
        let (found, captures) = catalog
            .by_arn(&Arn::new(arn).expect("an ARN"))
            .unwrap_or_else(|| panic!("{arn} is a {kind}"));
        let captures: Vec<String> = captures.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            (found.id.as_str(), captures.join(" ").as_str()),
            (kind, expected),
            "{arn}"
        );
        seen.insert(kind);
    }
    let all: BTreeSet<&str> = BUILT_IN.iter().map(|(id, _)| *id).collect();
    assert_eq!(seen, all, "every kind has an ARN here");

    for other in [
        "arn:aws:lambda:eu-central-1:123456789012:function:orders-api:live",
        "arn:aws:lambda:eu-central-1:123456789012:layer:x:1",
        "arn:aws:rds:eu-central-1:123456789012:cluster:x",
        "arn:aws:s3:::bucket/key",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/index/by-day",
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/classic",
        "arn:aws:iam::123456789012:role/x",
    ] {
        assert_eq!(
            catalog.by_arn(&Arn::new(other).expect("an ARN")),
            None,
            "{other}"
        );
    }
}

#[test]
fn types_of_several_kinds_are_told_apart_by_arn() {
    let catalog = catalog();
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for kind in catalog.kinds() {
        for name in &kind.names.terraform {
            owners.entry(name).or_default().push(kind.id.as_str());
        }
    }
    owners.retain(|_, kinds| kinds.len() > 1);
    let expected = BTreeMap::from([
        ("aws_alb", vec!["alb", "nlb"]),
        ("aws_lb", vec!["alb", "nlb"]),
    ]);
    assert_eq!(
        owners, expected,
        "a type of several kinds needs ARNs that differ"
    );
    for (form, kind) in [("app", "alb"), ("net", "nlb")] {
        let arn =
            format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/{form}/x/1f");
        let arn = Arn::new(arn).expect("an ARN");
        let (found, _) = catalog.recognise("aws_lb", &arn).expect("a kind");
        assert_eq!(found.id.as_str(), kind);
    }
}
