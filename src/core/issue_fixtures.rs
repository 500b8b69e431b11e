//! Builders for the tests of issues, dashboards and quiet runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::core::health::{ExamineInput, examine};
use crate::core::issues::{ReconcileInput, Reconciliation, reconcile};
use crate::model::finding::Examination;
use crate::model::ids::{Arn, DomainName, EnvironmentName, IssueId, Region, RunId};
use crate::model::issue::{Issue, IssueStatus};
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::report::{
    Better, Coverage, HealthReport, Problem, ProblemLine, ResourceCounts, ResourceHealth,
    ResourceRef, SliResult,
};
use crate::model::status::{Status, Verdict};
use crate::model::window::Window;
use crate::text::Untrusted;

/// The built-in kinds, read once.
pub(crate) fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::built_in().expect("the built-in kinds are right"))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

/// 2026-11-21T10:00:00Z and so many minutes.
pub(crate) fn minute(minutes: i64) -> Timestamp {
    let base = at("2026-11-21T10:00:00Z").as_second();
    Timestamp::from_second(base + minutes * 60).expect("a timestamp")
}

pub(crate) fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).expect("an environment")
}

pub(crate) fn domain(name: &str) -> DomainName {
    DomainName::new(name).expect("a domain")
}

pub(crate) fn function_arn(name: &str) -> Arn {
    Arn::new(format!(
        "arn:aws:lambda:eu-central-1:123456789012:function:{name}"
    ))
    .expect("an ARN")
}

pub(crate) fn problem(check: &str, status: Status, title: &str) -> Problem {
    Problem {
        check: check.into(),
        status,
        severity: None,
        slo_breach: false,
        alarm_only: check.starts_with("alarm/"),
        title: title.into(),
        symptoms: vec![Untrusted::from(format!("seen: {title}"))],
        seen: 1,
        burn: None,
    }
}

pub(crate) fn sli(id: &str, value: f64, target: f64, verdict: Verdict) -> SliResult {
    SliResult {
        part: None,
        sli: id.into(),
        title: id.replace('_', " "),
        value: Some(value),
        shown: None,
        target,
        unhealthy_at: None,
        unit: "percent".into(),
        better: Better::Lower,
        verdict,
        slo_breach: matches!(verdict, Verdict::Breach | Verdict::Critical),
        total: Some(1000.0),
        bad: Some(value * 10.0),
        estimated: false,
        budget: None,
        missed_at: None,
        burned_at: None,
    }
}

/// A Lambda function with these problems.
pub(crate) fn function(name: &str, problems: Vec<Problem>) -> ResourceHealth {
    ResourceHealth {
        resource: ResourceRef {
            name: name.into(),
            kind: "lambda".into(),
            arn: function_arn(name),
            region: Region::new("eu-central-1").expect("a region"),
            console_url: None,
        },
        status: problems
            .iter()
            .map(|p| p.status)
            .max()
            .unwrap_or(Status::Healthy),
        state: "Active".into(),
        idle: false,
        changing: false,
        slis: vec![sli("error_rate_percent", 0.0, 0.1, Verdict::Ok)],
        alarms: Vec::new(),
        reasons: Vec::new(),
        problems,
        held: BTreeMap::new(),
        unjudged: Vec::new(),
        last_data_at: None,
        state_seen_at: None,
        issue_id: None,
    }
}

/// One that nothing is known of.
pub(crate) fn unknown(name: &str) -> ResourceHealth {
    ResourceHealth {
        status: Status::Unknown,
        unjudged: vec![
            "resource_state".into(),
            "error_rate_percent".into(),
            "alarm/*".into(),
        ],
        slis: Vec::new(),
        ..function(name, Vec::new())
    }
}

pub(crate) fn report(
    environment_name: &str,
    now: Timestamp,
    checks: Vec<ResourceHealth>,
) -> HealthReport {
    let count =
        |status| u32::try_from(checks.iter().filter(|c| c.status == status).count()).expect("few");
    let mut issues: Vec<ProblemLine> = checks
        .iter()
        .flat_map(|c| {
            c.problems.iter().map(|p| ProblemLine {
                severity: crate::core::health::severity(p, true),
                resource: c.resource.name.clone(),
                issue: p.title.clone(),
                metric: p.check.clone(),
                current_value: None,
                threshold: None,
                issue_id: None,
            })
        })
        .collect();
    issues.sort_by_key(|line| std::cmp::Reverse(line.severity));
    HealthReport {
        version: "1.0.0".into(),
        kind: "health-check".into(),
        run_id: RunId::new(format!("run-{}", now.as_second())).expect("a run id"),
        environment: environment(environment_name),
        domain: domain("infrastructure"),
        generated_at: now,
        window: Window {
            start: Timestamp::from_second(now.as_second() - 300).expect("a timestamp"),
            end: now,
            period_seconds: 300,
        },
        overall_health: checks
            .iter()
            .map(|c| c.status)
            .max()
            .unwrap_or(Status::Unknown),
        resources: ResourceCounts {
            total: u32::try_from(checks.len()).expect("few"),
            healthy: count(Status::Healthy),
            degraded: count(Status::Degraded),
            unhealthy: count(Status::Unhealthy),
            unknown: count(Status::Unknown),
        },
        partial: checks.iter().any(|c| !c.unjudged.is_empty()),
        checks,
        issues,
        metrics_summary: BTreeMap::new(),
        recommendations: Vec::new(),
        api: Receipt::default(),
        errors: Vec::new(),
        coverage: Coverage {
            resources_percent: 100.0,
            facts_percent: 100.0,
        },
    }
}

/// The issues of a repository, and the rules for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) active: BTreeMap<IssueId, Issue>,
    pub(crate) resolved: BTreeMap<IssueId, Issue>,
    /// Registered besides what the reports hold.
    pub(crate) registered: BTreeSet<Arn>,
    pub(crate) open_after: u32,
    pub(crate) resolve_after: u32,
    pub(crate) critical: bool,
    pub(crate) checks: Vec<EnabledCheck>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            open_after: 1,
            resolve_after: 2,
            critical: true,
            checks: vec![
                EnabledCheck::ResourceStatus,
                EnabledCheck::CloudwatchMetrics,
                EnabledCheck::CloudwatchAlarms,
            ],
            ..Self::default()
        }
    }

    /// What the health check makes of a report.
    pub(crate) fn examine(&self, report: &HealthReport) -> Examination {
        examine(&ExamineInput {
            report,
            catalog: catalog(),
            registered: &self.registered,
            checks: &self.checks,
            critical: self.critical,
        })
    }

    pub(crate) fn decide(&self, report: &HealthReport) -> Reconciliation {
        self.reconcile(&self.examine(report), report.generated_at)
    }

    pub(crate) fn reconcile(&self, examination: &Examination, now: Timestamp) -> Reconciliation {
        reconcile(&ReconcileInput {
            examination,
            active: &self.active,
            resolved: &self.resolved,
            prefix: "infra",
            open_after: self.open_after,
            resolve_after: self.resolve_after,
            now,
        })
    }

    /// Decides and writes what changed, as a command would.
    pub(crate) fn run(&mut self, report: &HealthReport) -> Reconciliation {
        let examination = self.examine(report);
        self.land(&examination, report.generated_at)
    }

    /// The same for any examination.
    pub(crate) fn land(&mut self, examination: &Examination, now: Timestamp) -> Reconciliation {
        let decided = self.reconcile(examination, now);
        for change in &decided.changes {
            let issue = change.after.clone();
            let (to, from) = if issue.status == IssueStatus::Resolved {
                (&mut self.resolved, &mut self.active)
            } else {
                (&mut self.active, &mut self.resolved)
            };
            from.remove(&issue.id);
            to.insert(issue.id.clone(), issue);
        }
        decided
    }

    /// The only open issue.
    pub(crate) fn only(&self) -> &Issue {
        assert_eq!(self.active.len(), 1);
        self.active.values().next().expect("one")
    }
}
