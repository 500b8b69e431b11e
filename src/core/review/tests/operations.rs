//! What runs where a plan changes something.

use super::*;

fn registry(resources: Value) -> Registry {
    serde_json::from_value(
        json!({ "version": "1.0.0", "environment": "test", "resources": resources }),
    )
    .expect("a registry")
}

fn entry(name: &str, address: &str, needs: &[&str]) -> Value {
    json!({ "type": "aws_sqs_queue", "aws_id": name, "terraform_address": address,
        "arn": format!("arn:aws:sqs:eu-west-1:222222222222:{name}"), "depends_on": needs })
}

fn finding<'r>(review: &'r Review, rule: &str) -> Option<&'r ReviewFinding> {
    review.findings.iter().find(|one| one.rule == rule)
}

#[test]
fn who_needs_it_is_found_by_registry_settings_and_references() {
    let mut plan = of(vec![
        change("aws_sns_topic.t", &["delete"], r#"{"name":"t"}"#, "null"),
        change("aws_sns_topic_subscription.s", &["no-op"], "{}", "{}"),
        change("aws_sns_topic_subscription.new", &["create"], "null", "{}"),
    ]);
    let reference = |name: &str| {
        (
            format!("aws_sns_topic_subscription.{name}"),
            ["aws_sns_topic.t".to_owned()].into(),
        )
    };
    plan.references = BTreeMap::from([reference("s"), reference("new")]);
    let scene = Scene {
        registry: Some(registry(json!([
            entry("t", "aws_sns_topic.t", &[]),
            entry(
                "api",
                "aws_lambda_function.api",
                &["aws_sns_topic.t", "worker"]
            ),
            entry("worker", "aws_lambda_function.worker", &["api"]),
            entry("other", "aws_lambda_function.other", &[]),
        ]))),
        dependencies: BTreeMap::from([("shop".to_owned(), vec!["worker".to_owned()])]),
        ..Scene::default()
    };
    let review = scene.review(&plan);
    let found = finding(&review, "dependents").expect("a finding");
    let names: Vec<&str> = found.evidence.iter().map(Untrusted::raw).collect();
    // What is only being created does not need it yet.
    assert_eq!(
        names,
        ["api", "worker", "aws_sns_topic_subscription.s", "shop"]
    );
    let kept = of(vec![change(
        "aws_sns_topic.t",
        &["update"],
        "{}",
        r#"{"name":"t"}"#,
    )]);
    assert_eq!(finding(&scene.review(&kept), "dependents"), None);
}

#[test]
fn nothing_changes_while_it_is_frozen() {
    let plan = of(vec![change(
        "aws_sns_topic.t",
        &["update"],
        "{}",
        r#"{"name":"t"}"#,
    )]);
    let freeze = |from: &str, until: &str, environments: &[&str]| {
        serde_json::from_value(json!({ "freeze": [{ "from": from, "until": until,
            "environments": environments, "reason": "sale" }] }))
        .expect("settings")
    };
    for (environment, settings, verdict) in [
        (
            "test",
            freeze("2026-11-30T12:00:00Z", "2026-12-01T00:00:00Z", &[]),
            ReviewVerdict::Warn,
        ),
        (
            "prod",
            freeze("2026-11-27T00:00:00Z", "2026-12-01T00:00:00Z", &["prod"]),
            ReviewVerdict::Block,
        ),
        (
            "test",
            freeze("2026-11-27T00:00:00Z", "2026-12-01T00:00:00Z", &["prod"]),
            ReviewVerdict::Pass,
        ),
        (
            "test",
            freeze("2026-11-27T00:00:00Z", "2026-11-30T12:00:00Z", &[]),
            ReviewVerdict::Pass,
        ),
    ] {
        let scene = Scene {
            environment,
            settings,
            ..Scene::default()
        };
        assert_eq!(scene.review(&plan).verdict, verdict, "{:?}", scene.settings);
        // What changes nothing may pass.
        assert_eq!(scene.review(&of(Vec::new())).verdict, ReviewVerdict::Pass);
    }
}

#[test]
fn what_others_changed_is_not_changed_back_in_passing() {
    let drifted = || {
        change(
            "aws_sns_topic.t",
            &["update"],
            r#"{"name":"a"}"#,
            r#"{"name":"b"}"#,
        )
    };
    let mut plan = of(vec![change(
        "aws_sns_topic.t",
        &["update"],
        r#"{"name":"b"}"#,
        r#"{"name":"a"}"#,
    )]);
    plan.drift = vec![drifted()];
    let both = review(&plan);
    assert_eq!(both.verdict, ReviewVerdict::Warn, "{:?}", said(&both));
    assert_eq!(
        finding(&both, "drift").map(|one| one.subject.raw()),
        Some("aws_sns_topic.t")
    );
    let mut plan = of(Vec::new());
    plan.drift = vec![drifted()];
    let alone = review(&plan);
    assert_eq!(alone.verdict, ReviewVerdict::Pass);
    assert!(finding(&alone, "drift").is_some());
}

fn report(remaining: f64) -> HealthReport {
    let mut sample: Value = serde_json::from_str(include_str!(
        "../../../../tests/samples/health-check/good-degraded.json"
    ))
    .expect("JSON");
    let budget = json!({ "objective_percent": 99.9, "window_days": 30, "coverage_percent": 100.0,
        "remaining_percent": remaining });
    let check = &mut sample["checks"][0];
    check["resource"]["arn"] = json!("arn:aws:sqs:eu-west-1:222222222222:q");
    check["slis"][0]["budget"] = budget;
    serde_json::from_value(sample).expect("a report")
}

#[test]
fn an_error_budget_that_is_used_up_is_a_warning() {
    let plan = of(vec![change(
        "aws_sqs_queue.q",
        &["update"],
        "{}",
        r#"{"name":"q"}"#,
    )]);
    for (remaining, verdict, listed) in [
        (60.0, ReviewVerdict::Pass, false),
        (20.0, ReviewVerdict::Pass, true),
        (-5.0, ReviewVerdict::Warn, true),
    ] {
        let scene = Scene {
            registry: Some(registry(json!([entry("q", "aws_sqs_queue.q", &[])]))),
            health: Some(report(remaining)),
            ..Scene::default()
        };
        let review = scene.review(&plan);
        assert_eq!(review.verdict, verdict, "{remaining}: {:?}", said(&review));
        assert_eq!(
            finding(&review, "error-budget").is_some(),
            listed,
            "{remaining}"
        );
    }
}
