//! What changes cost.

use super::*;
use crate::model::running_cost::{MonthlyUsd, PlannedCost};

/// The cost of a plan in us-east-1.
fn cost(plan: &mut TerraformPlan<'_>, settings: &str) -> (PlannedCost, Review) {
    const CONFIGURATION: &str = r#"{"provider_config":{"aws":{"expressions":{"region":{"constant_value":"us-east-1"}}},"aws.south":{"expressions":{"region":{"constant_value":"eu-south-2"}}}},"root_module":{"resources":[{"mode":"managed","type":"aws_eip","name":"south","provider_config_key":"aws.south"}]}}"#;
    plan.configuration = Some(CONFIGURATION);
    let scene = Scene {
        settings: serde_json::from_str(settings).expect("settings"),
        ..Scene::default()
    };
    let review = scene.review(plan);
    let cost = review.plans[0].cost.clone().expect("a cost");
    (cost, review)
}

#[test]
fn both_sides_have_one_table_of_prices() {
    let small = r#"{"instance_type":"t3.small","root_block_device":[{"volume_size":10,"volume_type":"gp3"}]}"#;
    let medium = r#"{"instance_type":"t3.medium","root_block_device":[{"volume_size":10,"volume_type":"gp3"}]}"#;
    let mut plan = of(vec![
        change("aws_instance.a", &["update"], small, medium),
        change("aws_instance.b", &["no-op"], small, small),
        change("aws_eip.gone", &["delete"], "{}", "null"),
        change("aws_eip.kept", &["forget"], "{}", "null"),
        change("aws_iam_role.free", &["create"], "null", "{}"),
        change("aws_security_group.free", &["create"], "null", "{}"),
    ]);
    let (cost, review) = cost(&mut plan, "{}");
    // Two small ones and two addresses; one small, one medium, one address that lives on.
    assert_eq!(cost.before, MonthlyUsd::exact(39.27), "{cost:?}");
    assert_eq!(cost.after, MonthlyUsd::exact(50.80), "{cost:?}");
    assert_eq!(cost.difference, MonthlyUsd::exact(11.53));
    let rows: Vec<&str> = cost.changes.iter().map(|one| one.address.raw()).collect();
    assert_eq!(rows, ["aws_instance.a", "aws_eip.gone"]);
    assert!(cost.not_priced.is_empty(), "{:?}", cost.not_priced);
    assert!(review.findings.iter().all(|one| one.rule != "cost-notice"));
    assert_eq!(review.cost().map(|sums| sums.2), Some(cost.difference));
}

#[test]
fn what_has_no_price_is_named_and_is_in_no_sum() {
    let mut unknown = change("aws_instance.later", &["create"], "null", "{}");
    unknown.after_unknown_json = Some(r#"{"instance_type":true}"#);
    let mut plan = of(vec![
        unknown,
        change("aws_eip.south", &["create"], "null", "{}"),
        change("aws_msk_cluster.m", &["create"], "null", "{}"),
        change(
            "aws_db_instance.d",
            &["create"],
            "null",
            r#"{"engine":"oracle-ee","instance_class":"db.m5.large"}"#,
        ),
        change("aws_eip.here", &["create"], "null", "{}"),
    ]);
    let (cost, _) = cost(&mut plan, "{}");
    assert_eq!(cost.after, MonthlyUsd::exact(3.65));
    let because: Vec<String> = cost
        .not_priced
        .iter()
        .map(|one| format!("{}: {}", one.address.raw(), one.because.raw()))
        .collect();
    let text = because.join("\n");
    for part in [
        "aws_instance.later: instance, Linux, on demand: `instance_type` is known only after the apply",
        "aws_eip.south: hours: no price for ipv4 in eu-south-2",
        "aws_msk_cluster.m: what aws_msk_cluster costs is not known",
        "aws_db_instance.d: instance, on demand: no price for rds/oracle-ee/db.m5.large in us-east-1",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(because.len(), 4);
}

#[test]
fn what_has_a_price_on_one_side_alone_is_on_neither() {
    let known = r#"{"engine":"postgres","instance_class":"db.t3.medium","allocated_storage":100,"storage_type":"gp3"}"#;
    let class = "db.x9.nobody-has-it";
    let other = known.replace("db.t3.medium", class);
    let grown = other.replace("100", "200");
    for (before, after) in [(known, other.as_str()), (other.as_str(), known)] {
        let mut plan = of(vec![change(
            "aws_db_instance.d",
            &["update"],
            before,
            after,
        )]);
        let (cost, _) = cost(&mut plan, "{}");
        assert_eq!(cost.difference, MonthlyUsd::default(), "{cost:?}");
        assert!(cost.after.likely > 0.0, "the storage counts: {cost:?}");
        assert_eq!(cost.changes, [], "{before} → {after}");
        let because = cost.not_priced[0].because.raw();
        assert!(because.contains(class), "{because}");
    }
    // What is known of it makes a difference all the same.
    let mut plan = of(vec![change(
        "aws_db_instance.d",
        &["update"],
        known,
        &grown,
    )]);
    let (more, _) = cost(&mut plan, "{}");
    assert_eq!(more.difference, more.before, "{more:?}");
    assert_eq!(more.changes.len(), 1);
    // What is destroyed had a price or not; there is no other side.
    let mut plan = of(vec![change(
        "aws_db_instance.d",
        &["delete"],
        known,
        "null",
    )]);
    let (gone, _) = cost(&mut plan, "{}");
    assert!(gone.difference.likely < 0.0 && gone.not_priced.is_empty());
}

#[test]
fn what_is_billed_by_use_has_a_range_and_an_assumption() {
    let mut plan = of(vec![change(
        "aws_lambda_function.f",
        &["create"],
        "null",
        r#"{"memory_size":512}"#,
    )]);
    let (cost, _) = cost(&mut plan, "{}");
    let MonthlyUsd { low, likely, high } = cost.after;
    assert!(
        low > 0.0 && low < likely && likely < high,
        "{:?}",
        cost.after
    );
    assert_eq!(cost.assumes.len(), 1);
    assert!(cost.assumes[0].raw().contains("1 million requests"));
}

#[test]
fn growth_above_what_the_base_branch_allows_is_a_warning() {
    let small = r#"{"instance_type":"t3.small","root_block_device":[{"volume_size":10}]}"#;
    let large = r#"{"instance_type":"t3.large","root_block_device":[{"volume_size":10}]}"#;
    let mut plan = of(vec![change("aws_instance.a", &["update"], small, large)]);
    for (settings, warns) in [
        ("{}", false),
        (r#"{"cost_notice_usd":45}"#, true),
        (r#"{"cost_notice_usd":46}"#, false),
        (r#"{"cost_notice_percent":200}"#, true),
        (r#"{"cost_notice_percent":300}"#, false),
    ] {
        let (_, review) = cost(&mut plan, settings);
        let found = review.findings.iter().any(|one| one.rule == "cost-notice");
        assert_eq!(found, warns, "{settings}");
    }
    let mut smaller = of(vec![change("aws_instance.a", &["update"], large, small)]);
    let (less, review) = cost(&mut smaller, r#"{"cost_notice_usd":0}"#);
    assert!(less.difference.likely < 0.0);
    assert!(review.findings.iter().all(|one| one.rule != "cost-notice"));
}
