//! Suppressions of the base branch.

use super::*;

fn suppressions(check: &str, resource: &str, until: &str) -> Suppressions {
    serde_json::from_value(json!({ "suppress": [{ "check": check, "resource": resource,
        "reason": "a copy exists", "owner": "ops", "until": until }] }))
    .expect("suppressions")
}

fn with(suppressions: Suppressions, plan: &TerraformPlan<'_>) -> Review {
    let scene = Scene {
        suppressions,
        ..Scene::default()
    };
    scene.review(plan)
}

#[test]
fn what_is_accepted_does_not_count_and_is_shown() {
    let queue = |key: &str| {
        let address = format!("aws_sqs_queue.q[\"{key}\"]");
        let arn = r#"{"arn":"arn:aws:sqs:eu-west-1:222222222222:q","tags_all":{"team":"a"}}"#;
        change(&address, &["delete"], arn, "null")
    };
    let plan = of(vec![queue("a")]);
    for (resource, until, verdict) in [
        ("aws_sqs_queue.q[\"a\"]", "2026-11-30", ReviewVerdict::Pass),
        ("aws_sqs_queue.*", "2027-01-01", ReviewVerdict::Pass),
        ("arn:aws:sqs:*:q", "2027-01-01", ReviewVerdict::Pass),
        ("tag:team=a", "2027-01-01", ReviewVerdict::Pass),
        ("tag:team=b", "2027-01-01", ReviewVerdict::Block),
        ("aws_sqs_queue.q[\"b\"]", "2027-01-01", ReviewVerdict::Block),
        ("aws_sqs_queue.q[\"a\"]", "2026-11-29", ReviewVerdict::Block),
    ] {
        let review = with(suppressions("data-loss", resource, until), &plan);
        assert_eq!(review.verdict, verdict, "{resource} {until}");
        let accepted = verdict == ReviewVerdict::Pass;
        assert_eq!(review.suppressed.len(), usize::from(accepted));
        assert_eq!(review.rules.is_empty(), accepted);
    }
    let expired = with(
        suppressions("data-loss", "aws_sqs_queue.*", "2026-11-29"),
        &plan,
    );
    let text = said(&expired).join("\n");
    assert!(
        text.contains("a suppression of it expired on 2026-11-29 (ops)"),
        "{text}"
    );
    let accepted = with(
        suppressions("data-loss", "aws_sqs_queue.*", "2026-12-29"),
        &plan,
    );
    let because = accepted.suppressed[0].suppressed_because.as_ref();
    let because = because.map(Untrusted::raw);
    assert_eq!(because, Some("a copy exists (ops, until 2026-12-29)"));
}

#[test]
fn nobody_accepts_that_a_review_is_worth_nothing() {
    let mut plan = of(vec![change(
        "aws_sns_topic.t",
        &["update"],
        "{}",
        r#"{"name":"t"}"#,
    )]);
    plan.errored = true;
    let review = with(suppressions("plan-failed", "*", "2027-01-01"), &plan);
    assert_eq!(review.verdict, ReviewVerdict::Block);
    let text = said(&review).join("\n");
    assert!(text.contains("it says what this review is worth"), "{text}");
}

#[test]
fn protected_checks_are_not_accepted_in_passing() {
    let checks = DataFiles::<Check>::load(&[]).expect("the built-in checks");
    let protected: Vec<&str> = checks
        .iter()
        .filter(|check| check.form.protected)
        .map(|check| check.id.as_str())
        .collect();
    let open = r#"{"bucket":"b","acl":"public-read"}"#;
    let plan = of(vec![change("aws_s3_bucket.b", &["create"], "null", open)]);
    let found = review(&plan);
    let mut seen = 0;
    for finding in &found.findings {
        let again = with(
            suppressions(&finding.rule, "aws_s3_bucket.b", "2027-01-01"),
            &plan,
        );
        let is_open = again.findings.iter().any(|one| one.rule == finding.rule);
        let is_protected = protected.contains(&finding.rule.as_str());
        assert_eq!(is_open, is_protected, "{}", finding.rule);
        seen += usize::from(is_protected);
    }
    assert!(seen > 0, "{:?}", said(&found));
}
