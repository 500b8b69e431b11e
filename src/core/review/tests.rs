//! Plans that the real Terraform made, and what a review says of them.

mod accepted;
mod checks;
mod cost;
mod grants;
mod operations;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::*;
use crate::catalog::registry::Registry as DataFiles;
use crate::model::audit::Suppressions;
use crate::model::ids::EnvironmentName;
use crate::model::inventory::config_address;
use crate::model::issue::Issue;
use crate::model::monitoring::ComplianceSection;
use crate::model::plan::{PlanAction, PlannedChange};
use crate::model::registry::Registry;
use crate::model::report::HealthReport;
use crate::model::review::{Review, ReviewSection};
use crate::model::status::Severity;

/// One change, of JSON texts.
pub(super) fn change<'t>(
    address: &str,
    words: &[&str],
    before: &'t str,
    after: &'t str,
) -> PlannedChange<'t> {
    let plain = config_address(address);
    let (kind, name) = plain.rsplit_once('.').expect("type and name");
    let kind = kind.rsplit('.').next().unwrap_or(kind);
    let some = |text: &'t str| (text != "null").then_some(text);
    PlannedChange {
        address: address.into(),
        previous_address: None,
        is_data: false,
        resource_type: kind.into(),
        name: name.into(),
        index: address.ends_with(']').then(|| {
            let key = address.rsplit('[').next().unwrap_or_default();
            serde_json::from_str(key.trim_end_matches(']')).expect("a key")
        }),
        deposed: None,
        action: PlanAction::from_words(words),
        reason: None,
        replace_paths: Vec::new(),
        triggers: BTreeSet::new(),
        importing: None,
        before_json: some(before),
        after_json: some(after),
        after_unknown_json: None,
        before_sensitive_json: None,
        after_sensitive_json: None,
    }
}

fn environment(json: Value) -> Environment {
    serde_json::from_value(json).expect("an environment")
}

fn two_environments() -> Vec<Environment> {
    vec![
        environment(json!({ "name": "prod", "account_id": "111111111111" })),
        environment(json!({ "name": "test", "account_id": "222222222222" })),
    ]
}

/// Reviews a plan for the environment `test`.
fn review(plan: &TerraformPlan<'_>) -> Review {
    review_in(plan, "test", PlanOrigin::SameSource, &BTreeMap::new())
}

fn review_in(
    plan: &TerraformPlan<'_>,
    name: &str,
    origin: PlanOrigin,
    gained: &BTreeMap<String, UndoneCommit>,
) -> Review {
    let scene = Scene {
        environment: name,
        origin,
        gained: gained.clone(),
        ..Scene::default()
    };
    scene.review(plan)
}

/// What a plan is reviewed against.
struct Scene<'a> {
    environment: &'a str,
    origin: PlanOrigin,
    gained: BTreeMap<String, UndoneCommit>,
    locals: LocalReferences,
    suppressions: Suppressions,
    settings: ReviewSettings,
    registry: Option<Registry>,
    dependencies: BTreeMap<String, Vec<String>>,
    issues: Vec<Issue>,
    health: Option<HealthReport>,
    rules: ComplianceSection,
}

impl Default for Scene<'_> {
    fn default() -> Self {
        Self {
            environment: "test",
            origin: PlanOrigin::SameSource,
            gained: BTreeMap::new(),
            locals: LocalReferences::new(),
            suppressions: Suppressions::default(),
            settings: ReviewSettings::default(),
            registry: None,
            dependencies: BTreeMap::new(),
            issues: Vec::new(),
            health: None,
            rules: ComplianceSection::default(),
        }
    }
}

/// The moment of every review here.
const NOW: &str = "2026-11-30T12:00:00Z";

impl Scene<'_> {
    fn review(&self, plan: &TerraformPlan<'_>) -> Review {
        let now: Timestamp = NOW.parse().expect("a time");
        let name = self.environment;
        let environments = two_environments();
        let environment = environments.iter().find(|one| one.name.as_str() == name);
        let checks = DataFiles::<Check>::load(&[]).expect("the built-in checks");
        let checks: Vec<&Check> = checks.iter().collect();
        let issues: Vec<&Issue> = self.issues.iter().collect();
        let around = Circumstances {
            accepted: AcceptedFindings {
                suppressions: &self.suppressions,
                today: now.to_zoned(TimeZone::UTC).date(),
                checks: &checks,
            },
            surroundings: Surroundings {
                registry: self.registry.as_ref(),
                dependencies: &self.dependencies,
                issues: &issues,
                health: self.health.as_ref(),
                freezes: &self.settings.freeze,
                now,
            },
            prices: &PriceBook::built_in(),
            settings: &self.settings,
            environment,
            environments: &environments,
            is_protected: environment.is_some_and(Environment::is_critical),
            stateful: &Stateful::built_in(),
            checks: &checks,
            rules: &self.rules,
            unknown: ReviewVerdict::Warn,
        };
        let given = PlanUnderReview {
            directory: "infra".into(),
            file: "plan.json".into(),
            plan: Ok(plan),
            origin: self.origin.clone(),
            gained: &self.gained,
            locals: &self.locals,
        };
        conclude(Conclusion {
            environment: EnvironmentName::new(name).ok(),
            plans: vec![examine(&given, around)],
            ..Conclusion::default()
        })
    }
}

fn of(changes: Vec<PlannedChange<'_>>) -> TerraformPlan<'_> {
    TerraformPlan {
        complete: Some(true),
        changes,
        ..TerraformPlan::default()
    }
}

/// Verdict, then every finding in a line.
fn said(review: &Review) -> Vec<String> {
    let mut out = vec![review.verdict.to_string()];
    out.extend(review.findings.iter().map(|one| {
        let evidence: Vec<String> = one.evidence.iter().map(Untrusted::terminal).collect();
        let tail = if evidence.is_empty() {
            String::new()
        } else {
            format!(" ({})", evidence.join("; "))
        };
        format!(
            "{} {} {}: {}{tail}",
            one.effect,
            one.severity,
            one.rule,
            one.title.terminal()
        )
    }));
    out
}

#[test]
fn what_holds_data_is_not_destroyed_in_passing() {
    let table = "aws_dynamodb_table.t";
    for (words, notes) in [
        (&["delete"][..], "is destroyed, and its data is lost"),
        (&["create", "delete"], "is replaced, and its data is lost"),
        (&["delete", "create"], "is replaced, and its data is lost"),
    ] {
        let plan = of(vec![change(
            table,
            words,
            r#"{"name":"a"}"#,
            r#"{"name":"b"}"#,
        )]);
        let review = review(&plan);
        assert_eq!(review.verdict, ReviewVerdict::Block);
        let text = said(&review).join("\n");
        assert!(text.contains(notes), "{text}");
        let downtime = text.contains("downtime");
        assert_eq!(downtime, words == ["delete", "create"], "{text}");
        let line = &review.plans[0].summary;
        let adds = if words.len() == 2 {
            "1 to add"
        } else {
            "0 to add"
        };
        assert!(
            line.contains(adds) && line.contains("1 to destroy"),
            "{line}"
        );
    }
    let plan = of(vec![change(
        "aws_db_instance.d",
        &["forget"],
        r#"{"deletion_protection":true}"#,
        "null",
    )]);
    let forgotten = review(&plan);
    assert_eq!(
        said(&forgotten),
        [
            "WARN",
            "WARN MEDIUM leaves-terraform: aws_db_instance.d leaves Terraform, keeps running and costing (leaves Terraform, and lives and costs on)"
        ]
    );
    assert_eq!(forgotten.counts().delete, 0);
    let plan = of(vec![change(
        "google_sql_database_instance.x",
        &["delete"],
        "{}",
        "null",
    )]);
    assert_eq!(review(&plan).verdict, ReviewVerdict::Warn);
    let nothing = BTreeMap::new();
    let protected = review_in(&plan, "prod", PlanOrigin::SameSource, &nothing);
    assert_eq!(protected.verdict, ReviewVerdict::Block);
}

#[test]
fn half_a_plan_is_no_plan() {
    let mut plan = of(Vec::new());
    assert_eq!(said(&review(&plan)), ["PASS"]);
    plan.complete = Some(false);
    assert_eq!(review(&plan).verdict, ReviewVerdict::Warn);
    let nothing = BTreeMap::new();
    let protected = review_in(&plan, "prod", PlanOrigin::SameSource, &nothing);
    assert_eq!(protected.verdict, ReviewVerdict::Block);
    plan.complete = None;
    let unstated = review(&plan);
    assert_eq!(unstated.verdict, ReviewVerdict::Pass);
    assert_eq!(unstated.not_looked_at.len(), 1);
    plan.errored = true;
    assert_eq!(review(&plan).verdict, ReviewVerdict::Block);
    let changes = vec![change("a.b", &["teleport"], "{}", "{}")];
    assert_eq!(
        said(&review(&of(changes))),
        [
            "WARN",
            "WARN HIGH unknown-action: the plan does something unknown: teleport"
        ]
    );
}

#[test]
fn where_a_plan_comes_from_counts() {
    let plan = of(Vec::new());
    let nothing = BTreeMap::new();
    for (origin, verdict, bound) in [
        (PlanOrigin::SameSource, ReviewVerdict::Pass, Some(true)),
        (PlanOrigin::Unknown, ReviewVerdict::Warn, None),
        (PlanOrigin::Untrusted, ReviewVerdict::Warn, None),
        (
            PlanOrigin::OtherSource("tree a, not b".to_owned()),
            ReviewVerdict::Block,
            Some(false),
        ),
        (
            PlanOrigin::OtherEnvironment("of prod".to_owned()),
            ReviewVerdict::Block,
            Some(false),
        ),
    ] {
        let review = review_in(&plan, "test", origin, &nothing);
        assert_eq!((review.verdict, review.plans[0].bound), (verdict, bound));
    }
    let commit = UndoneCommit {
        id: CommitId::new("a".repeat(40)).expect("a commit"),
        subject: "Add queue".into(),
    };
    let gained = BTreeMap::from([("aws_sqs_queue.q".to_owned(), commit)]);
    let mut deleted = change("aws_sqs_queue.q", &["delete"], "{}", "null");
    deleted.reason = Some("delete_because_no_resource_config".into());
    let plan = of(vec![deleted]);
    let undone = review_in(&plan, "test", PlanOrigin::SameSource, &gained);
    let text = said(&undone).join("\n");
    assert!(text.contains("would undo aaaaaaaaaa 'Add queue'"), "{text}");
    assert!(!said(&review(&plan)).join("\n").contains("would undo"));
}

#[test]
fn a_plan_of_another_environment_is_seen() {
    for (before, after, verdict) in [
        (
            r#"{"arn":"arn:aws:sqs:eu-west-1:222222222222:q"}"#,
            "{}",
            ReviewVerdict::Pass,
        ),
        (
            r#"{"arn":"arn:aws:sqs:eu-west-1:111111111111:q"}"#,
            "{}",
            ReviewVerdict::Block,
        ),
        (
            "{}",
            r#"{"tags_all":{"Environment":"prod"}}"#,
            ReviewVerdict::Block,
        ),
        (
            "{}",
            r#"{"tags_all":{"Environment":"test"}}"#,
            ReviewVerdict::Pass,
        ),
        ("{}", r#"{"name":"orders-prod"}"#, ReviewVerdict::Warn),
        ("{}", r#"{"name":"products"}"#, ReviewVerdict::Pass),
        ("{}", r#"{"name":"prod-like-test"}"#, ReviewVerdict::Pass),
    ] {
        let plan = of(vec![change("aws_sns_topic.q", &["update"], before, after)]);
        assert_eq!(review(&plan).verdict, verdict, "{before} {after}");
    }
}

#[test]
fn a_list_that_was_shifted_is_explained_once() {
    let bucket = |name: &str| format!(r#"{{"bucket":"{name}","id":"{name}"}}"#);
    let texts: Vec<String> = ["a", "b", "c"].map(bucket).to_vec();
    let plan = of(vec![
        change("aws_x.b[0]", &["update"], &texts[0], r#"{"bucket":"b"}"#),
        change("aws_x.b[1]", &["update"], &texts[1], r#"{"bucket":"c"}"#),
        change("aws_x.b[2]", &["delete"], &texts[2], "null"),
    ]);
    let text = said(&review(&plan));
    let shifts: Vec<&String> = text
        .iter()
        .filter(|line| line.contains("count-shift"))
        .collect();
    assert_eq!(shifts.len(), 1, "{text:?}");
    assert!(
        shifts[0].contains("`for_each` would change 1, this changes 3"),
        "{shifts:?}"
    );
    let plan = of(vec![
        change("aws_x.b[0]", &["update"], &texts[0], r#"{"bucket":"z"}"#),
        change("aws_x.b[2]", &["delete"], &texts[2], "null"),
    ]);
    assert!(!said(&review(&plan)).join("").contains("count-shift"));
    // An index at the end of all numbers has none behind it.
    let last = "aws_x.b[18446744073709551615]";
    let plan = of(vec![
        change(last, &["update"], &texts[0], r#"{"bucket":"z"}"#),
        change("aws_x.b[2]", &["delete"], &texts[2], "null"),
    ]);
    assert!(!said(&review(&plan)).join("").contains("count-shift"));
}

#[test]
fn failures_are_predicted() {
    for (address, before, want) in [
        (
            "aws_db_instance.d",
            r#"{"deletion_protection":true,"skip_final_snapshot":true}"#,
            "deletion protection is on",
        ),
        (
            "aws_db_instance.d",
            r#"{"skip_final_snapshot":false}"#,
            "final_snapshot_identifier",
        ),
        (
            "aws_s3_bucket.b",
            r#"{"force_destroy":false}"#,
            "without `force_destroy`",
        ),
        (
            "aws_cognito_user_pool.p",
            r#"{"deletion_protection":"ACTIVE"}"#,
            "deletion protection is on",
        ),
        (
            "aws_lb.b",
            r#"{"enable_deletion_protection":true}"#,
            "deletion protection is on",
        ),
    ] {
        let plan = of(vec![change(address, &["delete"], before, "null")]);
        let text = said(&review(&plan)).join("\n");
        assert!(
            text.contains("predicted-failure") && text.contains(want),
            "{text}"
        );
    }
    let plan = of(vec![change(
        "aws_s3_bucket.b",
        &["delete"],
        r#"{"force_destroy":true}"#,
        "null",
    )]);
    assert!(!said(&review(&plan)).join("").contains("predicted-failure"));
}

#[test]
fn no_secret_is_in_any_text_of_a_review() {
    const SECRET: &str = "hunter2-correct";
    let text =
        format!(r#"{{"a":"{SECRET}","long":"x\n{SECRET}\ny","url":"https://u:{SECRET}@h"}}"#);
    let address = format!("terraform_data.t[\"{SECRET}\"]");
    let mut changed = change("terraform_data.t", &["update"], "{}", &text);
    changed.address = address.clone().into();
    changed.previous_address = Some(address.clone().into());
    changed.reason = Some(address.as_str().into());
    let mut plan = of(vec![
        changed,
        change("aws_sqs_queue.q", &["delete"], &text, "null"),
    ]);
    plan.changes[1].address = address.as_str().into();
    plan.secrets.insert(SECRET.to_owned());
    plan.noise = Some(SECRET.to_owned());
    plan.checks.push(crate::model::plan::PlannedCheck {
        address: SECRET.into(),
        status: "fail".into(),
        problems: vec![SECRET.into()],
    });
    let review = review(&plan);
    assert_eq!(review.of_section(ReviewSection::Plan).count(), 3);
    assert!(
        review
            .findings
            .iter()
            .any(|one| one.severity == Severity::Critical)
    );
    let text = serde_json::to_string(&review).expect("JSON");
    assert!(!text.contains(SECRET), "{text}");
    assert!(text.contains(mask::MASK));
    let again: Review = serde_json::from_str(&text).expect("what was written");
    assert_eq!(serde_json::to_string(&again).expect("JSON"), text);
}
