use std::collections::BTreeMap;

use super::*;
use crate::core::issue_fixtures::{World, domain, environment, function, minute, problem, report};
use crate::core::issues::priority::{Weights, rows};
use crate::core::issues::{ChangeKind, ReconcileInput, reconcile};
use crate::core::quiet::Reason;
use crate::model::issue::IssueStatus;

fn health(json: &str) -> DomainHealth {
    serde_json::from_str(json).expect("a document of the protocol")
}

fn monitor() -> DomainMonitor {
    serde_json::from_str(
        r#"{"domain": "application", "plugin": "acme", "priority_weight": 0.5, "status": "active",
            "commands": {"health": {"exec": ["./app", "--env", "{environment}"]}}}"#,
    )
    .expect("a monitor")
}

/// A domain over several runs.
struct Life {
    active: BTreeMap<IssueId, Issue>,
    resolved: BTreeMap<IssueId, Issue>,
    previous: Option<DomainReport>,
    critical: bool,
    open_after: u32,
}

impl Life {
    fn new() -> Self {
        Self {
            active: BTreeMap::new(),
            resolved: BTreeMap::new(),
            previous: None,
            critical: true,
            open_after: 1,
        }
    }

    /// One run: what happened to issues, and why it is worth a commit.
    fn run(&mut self, minutes: i64, said: Result<&str, &str>) -> (Vec<ChangeKind>, Option<Reason>) {
        let answer = MonitorAnswer {
            domain: domain("application"),
            environment: environment("prod"),
            health: said.ok().map(health),
            failure: said.err().map(Untrusted::from),
            duration_ms: 5,
        };
        let now = minute(minutes);
        let report = judge(&answer, &monitor(), self.previous.as_ref(), now);
        let changes = if answer.health.is_some() {
            let reconciliation = reconcile(&ReconcileInput {
                examination: &examine(&report, &self.active, self.critical),
                active: &self.active,
                resolved: &self.resolved,
                prefix: "app",
                open_after: self.open_after,
                resolve_after: 2,
                now,
            });
            reconciliation.changes
        } else {
            Vec::new()
        };
        let reason = worth_committing(&DomainQuiet {
            previous: self.previous.as_ref(),
            new: &report,
            changes: &changes,
            open_after: self.open_after,
            heartbeat_seconds: 3_600,
            now,
        });
        let kinds = changes.iter().map(|c| c.kind).collect();
        for change in changes {
            let id = change.after.id.clone();
            self.active.remove(&id);
            self.resolved.remove(&id);
            let over = change.after.status == IssueStatus::Resolved;
            let target = if over {
                &mut self.resolved
            } else {
                &mut self.active
            };
            target.insert(id, change.after);
        }
        self.previous = Some(report);
        (kinds, reason)
    }

    fn only(&self) -> &Issue {
        assert_eq!(self.active.len(), 1, "{:?}", self.active);
        self.active.values().next().expect("one")
    }
}

const WELL: &str = r#"{"version": "1.0.0", "status": "HEALTHY",
    "services": [{"name": "shop", "status": "HEALTHY"}]}"#;
const DOWN: &str = r#"{"version": "1.0.0", "status": "UNHEALTHY",
    "services": [{"name": "shop", "status": "UNHEALTHY"}],
    "issues": [{"check": "http_status", "status": "UNHEALTHY", "title": "answers 500",
        "slo_breach": true, "symptoms": ["GET /: 500"], "suggested_actions": ["restart it"],
        "impact": {"slo_metric": "x", "slo_target": 1, "slo_current": 3, "requests_total": 10},
        "resource": {"name": "shop", "kind": "url", "id": "https://shop.example/?a=b", "region": "europe-west1"}}]}"#;
const UNSEEN: &str = r#"{"version": "1.0.0", "status": "HEALTHY",
    "services": [{"name": "shop", "status": "UNKNOWN"}]}"#;

#[test]
fn a_monitor_is_believed_for_the_worst_that_it_says() {
    let issue = |rest: &str| {
        format!(r#"{{"check": "c", "title": "t", "resource": {{"name": "r"}}, {rest}}}"#)
    };
    let cases = [
        ("HEALTHY", "[]", String::new(), "HEALTHY"),
        (
            "HEALTHY",
            r#"[{"name": "login", "status": "UNHEALTHY"}]"#,
            String::new(),
            "UNHEALTHY: says HEALTHY, but that `login` is UNHEALTHY",
        ),
        (
            "HEALTHY",
            r#"[{"name": "login", "status": "UNKNOWN"}]"#,
            String::new(),
            "UNKNOWN: says HEALTHY, but that `login` is UNKNOWN",
        ),
        (
            "HEALTHY",
            "[]",
            issue(r#""severity": "CRITICAL""#),
            "UNHEALTHY: says HEALTHY, but names 1 issue, the worst CRITICAL",
        ),
        (
            "DEGRADED",
            "[]",
            issue(r#""status": "UNHEALTHY""#),
            "UNHEALTHY: says DEGRADED, but names 1 issue",
        ),
        (
            "HEALTHY",
            "[]",
            issue(r#""severity": "LOW""#),
            "DEGRADED: says HEALTHY, but names 1 issue, the worst LOW",
        ),
        ("HEALTHY", "[]", issue(r#""status": "HEALTHY""#), "HEALTHY"),
        (
            "UNHEALTHY",
            "[]",
            issue(r#""severity": "LOW""#),
            "UNHEALTHY",
        ),
        ("UNKNOWN", "[]", String::new(), "UNKNOWN"),
    ];
    for (status, services, issue, want) in cases {
        let text = format!(
            r#"{{"version": "1.0.0", "status": "{status}", "services": {services}, "issues": [{issue}]}}"#
        );
        let (status, why) = believed(&health(&text));
        let got = why.map_or(status.to_string(), |why| format!("{status}: {why}"));
        assert_eq!(got, want, "{text}");
    }
}

#[test]
fn an_issue_lives_like_those_of_the_cloud() {
    let mut life = Life::new();
    assert_eq!(
        life.run(0, Ok(DOWN)),
        (vec![ChangeKind::Opened], Some(Reason::First))
    );
    let issue = life.only().clone();
    assert!(issue.id.as_str().starts_with("app-"));
    assert_eq!(issue.severity, Severity::Critical);
    assert_eq!(
        issue.resource.subject.identity().raw(),
        "arn:fractary:application:::https://shop.example/%3Fa=b"
    );
    assert_eq!(issue.resource.region.as_str(), "global");
    assert_eq!(issue.impact.slo_current, Some(3.0));
    assert_eq!(issue.impact.requests_total, Some(10.0));
    let texts = |texts: &[Untrusted]| texts.iter().map(|t| t.raw().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(&issue.symptoms), ["GET /: 500", "in europe-west1"]);
    assert_eq!(
        texts(&issue.suggested_actions),
        [
            format!("fractary issues show {}", issue.id),
            "restart it".to_owned(),
            "fractary monitor validate application --env prod".to_owned(),
            format!("fractary issues resolve {} --reason \"REASON\"", issue.id),
        ]
    );
    // The same again says nothing new.
    assert_eq!(life.run(5, Ok(DOWN)), (vec![ChangeKind::Touched], None));
    assert_eq!(life.run(10, Ok(WELL)).0, [ChangeKind::StreakAdvanced]);
    // No answer, and an answer that did not look: no streak moves.
    assert_eq!(
        life.run(15, Err("gave no answer")),
        (vec![], Some(Reason::Status))
    );
    assert_eq!(life.run(20, Ok(UNSEEN)).0, []);
    assert_eq!(life.only().healthy_streak, 1);
    assert_eq!(life.run(25, Ok(WELL)).0, [ChangeKind::Resolved]);
    let over = life.resolved.values().next().expect("resolved");
    let last = over.timeline.last().and_then(|event| event.detail.as_ref());
    let last = last.map_or("", |detail| detail.raw());
    assert!(last.starts_with("healthy for 2 runs"), "{last}");
    assert_eq!(life.run(30, Ok(DOWN)).0, [ChangeKind::Reopened]);
    assert_eq!(life.only().id, issue.id);
    assert_eq!(life.only().occurrences, 2);
}

#[test]
fn what_is_bad_is_never_lost_for_want_of_an_issue() {
    let mut life = Life::new();
    life.critical = false;
    let bad = r#"{"version": "1.0.0", "status": "HEALTHY",
        "services": [{"name": "mail", "status": "DEGRADED", "detail": "queue of 900"}]}"#;
    life.run(0, Ok(bad));
    let issue = life.only();
    assert_eq!(
        (issue.check.as_str(), issue.title.raw()),
        (SERVICE_STATUS, "DEGRADED: queue of 900")
    );
    assert_eq!(issue.severity, Severity::Medium);
    let mut life = Life::new();
    life.run(
        0,
        Ok(r#"{"version": "1.0.0", "status": "UNHEALTHY", "detail": "all is lost"}"#),
    );
    assert_eq!(life.only().check, DOMAIN_STATUS);
    assert_eq!(life.only().title.raw(), "UNHEALTHY: all is lost");
}

#[test]
fn an_issue_opens_after_as_many_runs_as_wanted_with_unknown_ones_between() {
    let mut life = Life::new();
    life.open_after = 3;
    assert_eq!(life.run(0, Ok(DOWN)), (vec![], Some(Reason::First)));
    assert_eq!(life.run(5, Ok(DOWN)), (vec![], Some(Reason::Pending)));
    assert_eq!(life.run(10, Err("hung")).1, Some(Reason::Status));
    assert_eq!(life.run(15, Ok(DOWN)).0, [ChangeKind::Opened]);
    let mut life = Life::new();
    life.open_after = 2;
    life.run(0, Ok(DOWN));
    life.run(5, Ok(WELL));
    assert_eq!(life.run(10, Ok(DOWN)).0, []);
}

#[test]
fn a_quiet_domain_commits_once_a_heartbeat() {
    let mut life = Life::new();
    assert_eq!(life.run(0, Ok(WELL)).1, Some(Reason::First));
    assert_eq!(life.run(59, Ok(WELL)).1, None);
    assert_eq!(life.run(60 + 59, Ok(WELL)).1, Some(Reason::Heartbeat));
}

#[test]
fn a_severity_that_a_monitor_gives_counts_as_it_is() {
    for (severity, want) in [
        ("CRITICAL", Severity::Critical),
        ("HIGH", Severity::High),
        ("MEDIUM", Severity::Medium),
        ("LOW", Severity::Low),
    ] {
        let mut life = Life::new();
        life.critical = false;
        let said = format!(
            r#"{{"version": "1.0.0", "status": "HEALTHY", "issues": [{{"check": "c",
                "severity": "{severity}", "title": "t", "resource": {{"name": "r"}}}}]}}"#
        );
        life.run(0, Ok(&said));
        assert_eq!(life.only().severity, want);
    }
}

/// Seed 000: `severity × weight + 2 if SLO breach + age_minutes / 60`.
#[test]
fn issues_of_all_domains_rank_together_with_and_without_the_cap() {
    let mut world = World::new();
    world.critical = false;
    let old = function("old", vec![problem("alarm/a", Status::Degraded, "alarm")]);
    world.run(&report("prod", minute(-600), vec![old.clone()]));
    world.critical = true;
    let fresh = function("fresh", vec![problem("x", Status::Degraded, "slow")]);
    world.run(&report("prod", minute(0), vec![old, fresh]));
    let mut life = Life::new();
    life.run(0, Ok(DOWN));
    let all: Vec<&Issue> = world.active.values().chain(life.active.values()).collect();
    let ranked = |weight: f64, cap: Option<f64>| -> Vec<(String, f64)> {
        let monitor = DomainMonitor {
            priority_weight: weight,
            ..monitor()
        };
        let weights = Weights::from_monitors(&[monitor]);
        let rows = rows(all.iter().copied(), &weights, minute(60), cap);
        let each = rows.into_iter();
        each.map(|row| (row.resource.raw().to_owned(), row.priority))
            .collect()
    };
    let is = |rows: &[(&str, f64)]| -> Vec<(String, f64)> {
        rows.iter()
            .map(|(name, p)| ((*name).to_owned(), *p))
            .collect()
    };
    // CRITICAL 10 × weight + 2 + 1 h; HIGH 7 + 1 h; MEDIUM (it rose when prod became critical)
    // 5 + 11 h, or 4 h at most.
    assert_eq!(
        ranked(1.0, None),
        is(&[("old", 16.0), ("shop", 13.0), ("fresh", 8.0)])
    );
    assert_eq!(
        ranked(1.0, Some(4.0)),
        is(&[("shop", 13.0), ("old", 9.0), ("fresh", 8.0)])
    );
    assert_eq!(
        ranked(0.5, Some(4.0)),
        is(&[("old", 9.0), ("shop", 8.0), ("fresh", 8.0)])
    );
}

#[test]
fn programs_are_asked_where_they_watch_and_never_in_place_of_the_built_in_one() {
    let own = domain("infrastructure");
    let known = [environment("test"), environment("prod")];
    let mut some = monitor();
    some.environments = vec![environment("prod"), environment("gone")];
    let mut off = monitor();
    off.status = MonitorStatus::Inactive;
    let mut usurper = monitor();
    usurper.domain = own.clone();
    let all = [monitor(), some, off, usurper];
    let asked = programs(&all, &known, &own);
    let names: Vec<&str> = asked.iter().map(|(.., name)| name.as_str()).collect();
    assert_eq!(names, ["test", "prod", "prod"]);
    assert!(is_built_in(&all[3], &own));
    assert_eq!(source(&all[0]).raw(), "acme (./app)");
}

#[test]
fn what_nobody_will_find_is_said() {
    let mut life = Life::new();
    life.run(0, Ok(DOWN));
    let mut report = life.previous.clone().expect("a report");
    say_unrecorded(&mut report, &life.active);
    assert_eq!(report.reason, None);
    say_unrecorded(&mut report, &BTreeMap::new());
    let reason = report.reason.expect("a reason");
    assert_eq!(reason.raw(), "1 problem that no run has recorded yet");
}
