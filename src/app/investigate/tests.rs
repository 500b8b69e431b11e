//! Investigations as a whole: what was read goes in, a report comes out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::catalog::Catalog;
use crate::catalog::signatures::Signature;
use crate::core::investigate::dependencies::InvestigationScope;
use crate::core::investigate::lookback::{LogReading, Lookback, investigate};
use crate::core::investigate::signatures::Priors;
use crate::core::issue_fixtures::{World, function, problem, report as health_report};
use crate::core::targets::HealthSettings;
use crate::model::fact::{Fact, FactName, Gap, GapCause, GapId, Value};
use crate::model::ids::EnvironmentName;
use crate::model::incident::{Grade, Hypothesis, IncidentReport};
use crate::model::investigation::{ChangeCoverage, ChangeRecord, ChangeSet, ChangeSource};
use crate::model::issue::Issue;
use crate::model::monitoring::Monitoring;
use crate::model::resource::Resource;
use crate::model::snapshot::{Condition, Observed, ResourceState, Series, Snapshot};
use crate::model::status::Status;
use crate::model::window::Window;
use crate::render::markdown;
use crate::render::text::{Style, incident as text};
use crate::text::Untrusted;

/// Everything that is read in a test, and can be changed by it.
struct TestWorld {
    resources: Vec<Resource>,
    snapshot: Snapshot,
    scope: InvestigationScope,
    logs: Vec<LogReading>,
    changes: ChangeSet,
    issue: Option<Issue>,
}

fn at(minutes: i64) -> Timestamp {
    let began: Timestamp = "2026-11-29T14:15:00Z".parse().expect("a time");
    began + SignedDuration::from_mins(minutes)
}

fn resource(kind: &str, name: &str) -> Resource {
    let (service, path) = match kind {
        "lambda" => ("lambda", format!("function:{name}")),
        _ => ("rds", format!("db:{name}")),
    };
    serde_json::from_value(json!({
        "kind": kind, "resource_type": format!("aws_{kind}"), "name": name, "aws_id": name,
        "arn": format!("arn:aws:{service}:us-east-1:123456789012:{path}"), "region": "us-east-1",
    }))
    .expect("a resource")
}

/// Values of five minutes from a day before 13:15 to 15:15; `value` is asked by minutes from 14:15.
fn series(statistic: &str, value: impl Fn(i64) -> f64) -> Fact<Series> {
    let minutes = || (-25 * 60..60).step_by(5);
    Fact::Known(Series {
        statistic: statistic.to_owned(),
        period_seconds: 300,
        at: minutes().map(at).collect(),
        values: minutes().map(value).collect(),
    })
}

fn observed(resource: &Resource, word: &str) -> Observed {
    Observed {
        resource: resource.clone(),
        state: Fact::Known(ResourceState {
            word: Untrusted::from(word),
            condition: Condition::Good,
            reason: None,
        }),
        facts: BTreeMap::new(),
        metrics: BTreeMap::new(),
        parts: Vec::new(),
        alarms: Fact::Known(Vec::new()),
        some_alarms: Vec::new(),
    }
}

/// A message that is logged from so many minutes on.
fn messages(rows: &[(&str, i64, u64, u64)]) -> LogReading {
    let rows: Vec<_> = rows
        .iter()
        .map(|(text, minutes, count, before)| {
            json!({
                "id": text, "template": text, "count": count, "baseline_count": before,
                "kind": if *before == 0 { "new" } else { "steady" }, "surprise": 1.0,
                "first_seen": at(*minutes), "last_seen": at(55), "first_line": 1, "last_line": 2,
                "slots": [], "examples": [text],
            })
        })
        .collect();
    let report = json!({
        "version": "1.0.0", "kind": "log-patterns", "sources": [], "lines": 100,
        "baseline_lines": 100, "unbounded": 0, "metric_lines": 0, "patterns": rows,
    });
    LogReading::Read(Box::new(serde_json::from_value(report).expect("a report")))
}

fn denied(operation: &str, subject: &str) -> Gap {
    Gap {
        operation: operation.to_owned(),
        subject: subject.to_owned(),
        cause: GapCause::Denied,
        code: Some(Untrusted::from("AccessDeniedException")),
        message: Untrusted::from("not authorized"),
        missing_permission: Some(operation.to_owned()),
    }
}

/// An API function whose database runs out of connections: errors from 14:15, 98 of 100
/// connections from 14:20.
fn shop() -> TestWorld {
    let resources = vec![
        resource("lambda", "api-lambda"),
        resource("rds", "database-rds"),
    ];
    let mut api = observed(&resources[0], "Active");
    let errors = |minutes| if minutes >= 0 { 25.0 } else { 1.0 };
    api.metrics
        .insert("invocations".to_owned(), series("Sum", |_| 1_000.0));
    api.metrics
        .insert("errors".to_owned(), series("Sum", errors));
    for id in ["throttles", "concurrent_executions"] {
        api.metrics.insert(id.to_owned(), series("Sum", |_| 0.0));
    }
    let mut database = observed(&resources[1], "available");
    let used = |minutes| match minutes {
        ..=-5 => 40.0,
        0 => 88.0,
        _ => 98.0,
    };
    database
        .metrics
        .insert("connections".to_owned(), series("Maximum", used));
    database
        .metrics
        .insert("cpu_percent".to_owned(), series("Average", |_| 35.0));
    for (name, value) in [
        ("max_connections", 100.0),
        ("max_connections_estimated", 0.0),
    ] {
        let name = FactName::parse(name).expect("a name");
        database
            .facts
            .insert(name, Fact::Known(Value::Number(value)));
    }
    TestWorld {
        snapshot: Snapshot {
            environment: EnvironmentName::new("prod").expect("a name"),
            identity: Fact::Absent,
            window: Window {
                start: at(-60),
                end: at(60),
                period_seconds: 300,
            },
            read_from: Some(at(-25 * 60)),
            resources: vec![api, database],
            unmatched_alarms: Vec::new(),
            gaps: Vec::new(),
            receipt: serde_json::from_value(json!({
                "calls": 23, "estimated_cost_usd": 0.0, "duration_ms": 0,
            }))
            .expect("a receipt"),
            back_fill: Vec::new(),
        },
        scope: InvestigationScope {
            places: vec![0, 1],
            calls: BTreeSet::from([(0, 1)]),
            left_out: 0,
        },
        logs: vec![
            messages(&[
                (
                    "OperationalError: FATAL: remaining connection slots are reserved",
                    5,
                    412,
                    0,
                ),
                ("GET /orders", -59, 9_000, 9_100),
            ]),
            LogReading::Nothing(String::new()),
        ],
        changes: ChangeSet {
            read: [ChangeSource::Deployment, ChangeSource::Cloudtrail]
                .map(|source| ChangeCoverage {
                    source,
                    complete_to: at(60),
                })
                .to_vec(),
            ..ChangeSet::default()
        },
        issue: None,
        resources,
    }
}

impl TestWorld {
    fn investigate(&self) -> IncidentReport {
        let settings = HealthSettings::resolve(&Monitoring::default());
        investigate(&Lookback {
            now: at(60),
            snapshot: &self.snapshot,
            resources: &self.resources,
            scope: &self.scope,
            logs: &self.logs,
            clues: &[],
            changes: &self.changes,
            issue: self.issue.as_ref(),
            catalog: &Catalog::built_in().expect("the kinds"),
            settings: &settings,
            signatures: Signature::built_in(),
            priors: &Priors::default(),
        })
    }

    fn metric(&mut self, place: usize, id: &str, values: Fact<Series>) {
        self.snapshot.resources[place]
            .metrics
            .insert(id.to_owned(), values);
    }

    /// The database is as it always is.
    fn with_idle_database(mut self) -> Self {
        self.metric(1, "connections", series("Maximum", |_| 40.0));
        self
    }

    fn deployed(&mut self, place: usize, minutes: i64) {
        self.changes.changes.push(ChangeRecord {
            at: at(minutes),
            source: ChangeSource::Deployment,
            summary: Untrusted::from("deployed 1a2b3c4d: success"),
            resources: vec![Untrusted::from(self.resources[place].arn.as_str())],
            actor: Some(Untrusted::from("ci")),
            reference: Untrusted::from("deploy-1"),
            includes: 0,
        });
    }
}

fn causes(report: &IncidentReport) -> Vec<String> {
    let said = |one: &Hypothesis| {
        let id = one.cause_id.as_deref().unwrap_or("-");
        format!("{id} at {}: {}", one.resource.raw(), one.grade.title())
    };
    report.hypotheses.iter().map(said).collect()
}

/// Example 3 of the first users: the API fails because its database is out of connections.
#[test]
fn connections_of_a_database_run_out() {
    let report = shop().investigate();
    assert_eq!(
        causes(&report),
        ["db-connections-exhausted at database-rds: confirmed cause"]
    );
    assert_eq!(report.symptom.at, at(0));
    let details = report.details.as_ref().expect("details");
    let actions: Vec<&str> = details
        .suggested_actions
        .iter()
        .map(|one| one.action.as_str())
        .collect();
    assert_eq!(actions, ["increase_rds_connections", "resize_rds"]);
    insta::assert_snapshot!("connections", text(&report, &Style::PLAIN));
    insta::assert_snapshot!("connections_markdown", markdown::incident(&report));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let bytes = || serde_json::to_string(&shop().investigate()).expect("JSON");
    assert_eq!(bytes(), bytes());
    let again: IncidentReport = serde_json::from_str(&bytes()).expect("it can be read again");
    assert_eq!(serde_json::to_string(&again).expect("JSON"), bytes());
}

/// A database of the same name in another region is another database.
#[test]
fn resources_of_one_name_are_told_apart() {
    let mut world = shop();
    let mut twin = world.resources[1].clone();
    twin.arn = serde_json::from_value(json!("arn:aws:rds:eu-west-1:123456789012:db:database-rds"))
        .expect("an ARN");
    let mut seen = observed(&twin, "available");
    let busy = |minutes| if minutes >= 0 { 95.0 } else { 35.0 };
    seen.metrics
        .insert("cpu_percent".to_owned(), series("Average", busy));
    world.snapshot.resources.push(seen);
    world.resources.push(twin);
    world.logs.push(LogReading::Nothing(String::new()));
    world.scope.places.push(2);
    let report = world.investigate();
    let unusual = report.also_unusual.iter();
    let unusual: Vec<&str> = unusual.map(|one| one.resource.raw()).collect();
    assert_eq!(unusual, ["database-rds"]);
    assert!(
        report.also_unusual[0]
            .why
            .contains("the symptom does not depend on it")
    );
    let databases = report.affected_resources.iter();
    assert_eq!(
        databases
            .filter(|one| one.raw().contains("database"))
            .count(),
        1
    );
}

#[test]
fn logs_that_are_denied_lower_the_confidence() {
    let mut world = shop();
    world.logs[0] = LogReading::Unreadable(Box::new(denied("logs:FilterLogEvents", "events")));
    let report = world.investigate();
    assert_eq!(
        causes(&report)[0],
        "db-connections-exhausted at database-rds: possible contributor"
    );
    let gap = report
        .gaps
        .iter()
        .find(|gap| gap.leg == "logs")
        .expect("a gap");
    assert!(
        gap.fix
            .as_ref()
            .is_some_and(|fix| fix.raw().contains("logs:FilterLogEvents"))
    );
    insta::assert_snapshot!("logs_denied", text(&report, &Style::PLAIN));
}

/// Lines that were deleted, and metrics that are missing, speak neither for nor against a cause.
#[test]
fn what_is_missing_is_no_sign_of_health() {
    let mut world = shop();
    world.logs[0] = LogReading::Lost("/api keeps its events for 1 day only".to_owned());
    let report = world.investigate();
    assert_eq!(
        causes(&report)[0],
        "db-connections-exhausted at database-rds: possible contributor"
    );
    let gap = report.gaps.iter().find(|gap| gap.leg == "logs");
    let why = gap.and_then(|gap| gap.why.as_ref());
    assert!(why.is_some_and(|why| why.raw() == "/api keeps its events for 1 day only"));
    let missing = |world: &TestWorld| -> Vec<String> {
        let report = world.investigate();
        let mut each = report.hypotheses.iter();
        let cause = each.find(|one| one.cause_id.as_deref() == Some("db-connections-exhausted"));
        let missing = cause.expect("its lines were logged").missing.iter();
        missing.map(|one| one.raw().to_owned()).collect()
    };
    let mut world = shop();
    let before = Series {
        statistic: "Maximum".to_owned(),
        period_seconds: 300,
        at: (-300..-60).step_by(5).map(at).collect(),
        values: vec![40.0; 48],
    };
    world.metric(1, "connections", Fact::Known(before));
    assert_eq!(
        missing(&world),
        ["there is no value of connections of database-rds in the span"]
    );
    let mut world = shop();
    world.snapshot.resources.remove(1);
    assert_eq!(missing(&world), ["database-rds was not observed"]);
}

#[test]
fn a_deployment_breaks_the_function() {
    let mut world = shop().with_idle_database();
    world.logs[0] = messages(&[("TypeError: Cannot read properties of undefined", 1, 80, 0)]);
    world.deployed(0, -3);
    let report = world.investigate();
    assert_eq!(
        causes(&report),
        ["bad-deploy at api-lambda: confirmed cause"]
    );
    insta::assert_snapshot!("bad_deploy", text(&report, &Style::PLAIN));
}

#[test]
fn a_deployment_that_came_too_late_or_does_not_matter_is_named_as_such() {
    let mut world = shop();
    world.deployed(0, 17);
    world.deployed(1, -2);
    world.changes.changes[1].reference = Untrusted::from("deploy-2");
    let report = world.investigate();
    let said = causes(&report);
    assert_eq!(
        said[0],
        "db-connections-exhausted at database-rds: confirmed cause"
    );
    let late = report.hypotheses.iter().find(|one| {
        one.against
            .iter()
            .any(|text| text.raw().contains("17 minutes after"))
    });
    assert_eq!(late.map(|one| one.grade), Some(Grade::RecentButUnrelated));
}

#[test]
fn nothing_wrong_is_an_answer() {
    let mut world = shop().with_idle_database();
    world.metric(0, "errors", series("Sum", |_| 0.0));
    world.logs[0] = messages(&[("GET /orders", -59, 9_000, 9_100)]);
    let report = world.investigate();
    assert_eq!(report.status, "nothing-wrong");
    assert_eq!(causes(&report), [""; 0]);
    insta::assert_snapshot!("nothing_wrong", text(&report, &Style::PLAIN));
}

#[test]
fn nothing_explains_it_is_an_answer() {
    let mut world = shop().with_idle_database();
    world.logs[0] = messages(&[("GET /orders", -59, 9_000, 9_100)]);
    let report = world.investigate();
    assert_eq!(report.status, "unexplained");
    assert!(
        report.summary.raw().starts_with("nothing explains"),
        "{}",
        report.summary.raw()
    );
    insta::assert_snapshot!("unexplained", text(&report, &Style::PLAIN));
}

#[test]
fn what_could_not_be_read_is_unknown() {
    let mut world = shop();
    world
        .snapshot
        .gaps
        .push(denied("cloudwatch:GetMetricData", "metrics of 2 resources"));
    for observed in &mut world.snapshot.resources {
        for values in observed.metrics.values_mut() {
            *values = Fact::Unreadable(GapId(0));
        }
    }
    let report = world.investigate();
    assert_eq!(report.status, "unexplained");
    assert!(report.is_unknown());
    assert!(
        report.summary.raw().starts_with("unknown"),
        "{}",
        report.summary.raw()
    );
}

#[test]
fn an_issue_says_which_indicator_it_is_about() {
    let mut world = shop();
    let mut issues = World::new();
    let bad = function(
        "api-lambda",
        vec![problem("error_rate_percent", Status::Degraded, "errors")],
    );
    issues.run(&health_report("prod", at(10), vec![bad]));
    let mut issue = issues.only().clone();
    issue.detected_at = at(10);
    issue.last_seen_at = at(10);
    world.issue = Some(issue.clone());
    let report = world.investigate();
    assert_eq!(report.symptom.at, at(0));
    assert_eq!(
        report.details.as_ref().and_then(|one| one.issue_id.clone()),
        Some(issue.id)
    );
    assert_eq!(report.status, "explained");
}
