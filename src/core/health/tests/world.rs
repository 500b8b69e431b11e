//! Small worlds to judge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::json;

use crate::catalog::Catalog;
use crate::catalog::kinds::kind::Kind;
use crate::core::health::{
    EvaluateInput, ExamineInput, OpenChecks, environment_alarms, evaluate, examine,
};
use crate::core::targets::HealthSettings;
use crate::model::fact::{Fact, FactName, Gap, GapCause, GapId};
use crate::model::finding::Examination;
use crate::model::ids::{Arn, DomainName, EnvironmentName, KindId, RunId};
use crate::model::receipt::Receipt;
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::resource::Resource;
use crate::model::snapshot::{
    Alarm, AlarmState, Condition, Observed, PartMetrics, ResourceState, Series, Snapshot,
};
use crate::model::status::Severity;
use crate::model::window::Window;
use crate::text::Untrusted;

pub(super) fn at(text: &str) -> Timestamp {
    format!("2026-11-21T{text}Z").parse().expect("a time")
}

/// Compiled once: the property tests judge hundreds of worlds.
pub(super) fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::built_in().expect("the built-in kinds are right"))
}

pub(super) fn kind(catalog: &Catalog, id: &str) -> Kind {
    let id = KindId::new(id).expect("a kind id");
    catalog.kind(&id).expect("a built-in kind").clone()
}

/// One resource of a kind: in a good state where the kind has one, every metric asked for and
/// without data, no alarms.
pub(super) struct World {
    pub(super) kind: Kind,
    pub(super) observed: Observed,
}

impl World {
    pub(super) fn new(id: &str, name: &str) -> Self {
        let kind = kind(catalog(), id);
        let resource: Resource = serde_json::from_value(json!({
            "kind": id, "resource_type": kind.names.terraform[0], "name": name, "aws_id": name,
            "arn": format!("arn:aws:test:eu-west-1:123456789012:{id}/{name}"),
            "region": "eu-west-1",
        }))
        .expect("a resource");
        let state = match &kind.status {
            Some(_) => ResourceState {
                word: "Active".into(),
                condition: Condition::Good,
                reason: None,
            },
            None => ResourceState::unchecked(),
        };
        let metrics = kind
            .metrics
            .iter()
            .map(|metric| (metric.id.clone(), Fact::Absent))
            .collect();
        let facts = kind.status.iter().flat_map(|status| status.facts.keys());
        let facts = facts.map(|name| (name.clone(), Fact::Absent)).collect();
        Self {
            observed: Observed {
                resource,
                state: Fact::Known(state),
                facts,
                metrics,
                alarms: Fact::Known(Vec::new()),
                parts: Vec::new(),
                some_alarms: Vec::new(),
            },
            kind,
        }
    }

    /// `name=value …`, each a metric (one period) or a fact.
    pub(super) fn with(mut self, numbers: &str) -> Self {
        for pair in numbers.split_whitespace() {
            let (name, value) = pair.split_once('=').expect("name=value");
            let value: f64 = value.parse().expect("a number");
            self.set(name, value);
        }
        self
    }

    fn set(&mut self, name: &str, value: f64) {
        if let Some(metric) = self.kind.metric(name) {
            let series = Series {
                statistic: metric.stat.clone(),
                period_seconds: 300,
                at: vec![at("10:00:00")],
                values: vec![value],
            };
            let series = Fact::Known(series);
            self.observed.metrics.insert(name.to_owned(), series);
        } else {
            assert!(self.kind.has_fact(name), "{name} is not known");
            let name = FactName::parse(name).expect("a name");
            self.observed.facts.insert(name, value.into());
        }
    }

    /// With a part whose metrics are `name=value …`.
    pub(super) fn part(mut self, sort: &str, name: &str, numbers: &str) -> Self {
        let whole = std::mem::take(&mut self.observed.metrics);
        let absent = whole.keys().map(|id| (id.clone(), Fact::Absent));
        self.observed.metrics = absent.collect();
        let mut with_part = self.with(numbers);
        let metrics = std::mem::replace(&mut with_part.observed.metrics, whole);
        with_part.observed.parts.push(PartMetrics {
            name: name.into(),
            sort: sort.to_owned(),
            metrics,
        });
        with_part
    }

    /// The metrics of the last part, to be changed.
    pub(super) fn last_part(&mut self) -> &mut PartMetrics {
        self.observed.parts.last_mut().expect("a part")
    }

    pub(super) fn state(mut self, word: &str, condition: Condition, reason: &str) -> Self {
        self.observed.state = Fact::Known(ResourceState {
            word: word.into(),
            condition,
            reason: (!reason.is_empty()).then(|| reason.into()),
        });
        self
    }

    pub(super) fn gone(mut self) -> Self {
        self.observed.state = Fact::Absent;
        self
    }

    /// An alarm on a metric of the kind's namespace.
    pub(super) fn alarm(mut self, name: &str, metric: &str, state: AlarmState) -> Self {
        let alarm = Alarm {
            name: name.into(),
            arn: Arn::new(format!(
                "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{}",
                name.replace(' ', "%20")
            ))
            .ok(),
            state,
            since: Some(at("09:58:00")),
            reason: "Threshold Crossed".into(),
            metric: metric.into(),
            namespace: Untrusted::from(self.kind.namespace.clone().unwrap_or_default()),
            dimensions: BTreeMap::new(),
            actions: Vec::new(),
        };
        match &mut self.observed.alarms {
            Fact::Known(alarms) => alarms.push(alarm),
            other => *other = Fact::Known(vec![alarm]),
        }
        self
    }

    /// What the newest alarm sets off.
    pub(super) fn sets_off(mut self, actions: &[&str]) -> Self {
        let Fact::Known(alarms) = &mut self.observed.alarms else {
            panic!("no alarms were read");
        };
        let alarm = alarms.last_mut().expect("an alarm");
        alarm.actions = actions.iter().map(|arn| Untrusted::from(*arn)).collect();
        self
    }

    pub(super) fn unreadable_state(mut self, gap: u32) -> Self {
        self.observed.state = Fact::Unreadable(GapId(gap));
        for fact in self.observed.facts.values_mut() {
            *fact = Fact::Unreadable(GapId(gap));
        }
        self
    }

    pub(super) fn unreadable_metrics(mut self, gap: u32) -> Self {
        for metric in self.observed.metrics.values_mut() {
            *metric = Fact::Unreadable(GapId(gap));
        }
        self
    }

    /// The list of alarms broke off behind those that there are.
    pub(super) fn unreadable_alarms(mut self, gap: u32) -> Self {
        if let Fact::Known(alarms) = self.observed.alarms {
            self.observed.some_alarms = alarms;
        }
        self.observed.alarms = Fact::Unreadable(GapId(gap));
        self
    }
}

pub(super) fn gaps() -> Vec<Gap> {
    let gap = |operation: &str, cause: GapCause| Gap {
        operation: operation.to_owned(),
        subject: "some resources".to_owned(),
        cause,
        code: None,
        message: "no".into(),
        missing_permission: (cause == GapCause::Denied).then(|| operation.to_owned()),
    };
    vec![
        gap("lambda:ListFunctions", GapCause::Denied),
        gap("cloudwatch:GetMetricData", GapCause::Throttled),
        gap("cloudwatch:DescribeAlarms", GapCause::TimedOut),
        gap("rds:DescribeDBParameters", GapCause::Denied),
    ]
}

pub(super) fn snapshot(worlds: Vec<World>) -> Snapshot {
    Snapshot {
        environment: EnvironmentName::new("prod").expect("a name"),
        identity: Fact::Absent,
        window: Window {
            start: at("10:00:00"),
            end: at("10:05:00"),
            period_seconds: 300,
        },
        read_from: None,
        resources: worlds.into_iter().map(|world| world.observed).collect(),
        unmatched_alarms: Vec::new(),
        gaps: gaps(),
        receipt: Receipt::default(),
        back_fill: Vec::new(),
    }
}

/// What the health check makes of a report that holds every registered resource.
pub(super) fn examined(report: &HealthReport, settings: &HealthSettings) -> Examination {
    let resources = report.checks.iter().map(|check| &check.resource);
    examine(&ExamineInput {
        report,
        catalog: catalog(),
        registered: &resources.map(|one| one.arn.clone()).collect(),
        checks: &settings.checks,
        critical: true,
    })
}

pub(super) fn judge_snapshot(
    snapshot: &Snapshot,
    monitoring: &str,
    previous: Option<&HealthReport>,
) -> HealthReport {
    let monitoring = toml::from_str(monitoring).expect("monitoring.toml");
    let settings = HealthSettings::resolve(&monitoring);
    let own = environment_alarms(snapshot, catalog(), &BTreeSet::new(), &[]);
    evaluate(&EvaluateInput {
        snapshot,
        catalog: catalog(),
        settings: &settings,
        domain: &DomainName::new("infrastructure").expect("a name"),
        critical: true,
        previous,
        open: &open(previous, &settings),
        environment_alarms: own.as_deref(),
        budgets: None,
        last_window_end: previous.map(|report| report.window.end),
        run_id: &RunId::new("20261121t100600z-00000000").expect("a run id"),
        now: at("10:06:00"),
    })
}

/// The issues that a report opened.
fn open(report: Option<&HealthReport>, settings: &HealthSettings) -> OpenChecks {
    let mut open = OpenChecks::new();
    for check in report.iter().flat_map(|report| &report.checks) {
        let seen = check.problems.iter().map(|p| (&p.check, p.seen));
        let held = check.held.iter().map(|(check, seen)| (check, *seen));
        let checks = seen
            .chain(held)
            .filter(|(_, seen)| *seen >= settings.open_after);
        let checks = checks
            .map(|(check, _)| (check.clone(), Severity::Medium))
            .collect();
        open.insert(check.resource.arn.clone(), checks);
    }
    open
}

/// Judges one resource on its own, with these settings.
pub(super) fn judge_with(world: World, monitoring: &str) -> ResourceHealth {
    let report = judge_snapshot(&snapshot(vec![world]), monitoring, None);
    report.checks.into_iter().next().expect("one resource")
}

pub(super) fn judge(world: World) -> ResourceHealth {
    judge_with(world, "")
}

/// What a person would want to know of a verdict, for snapshots.
pub(super) fn describe(health: &ResourceHealth) -> String {
    use std::fmt::Write;
    let mut out = format!(
        "{}{}",
        health.status,
        if health.idle { " idle" } else { "" }
    );
    for sli in &health.slis {
        let value = sli.value.map_or("-".to_owned(), |value| value.to_string());
        let word = serde_json::to_value(sli.verdict).expect("a word");
        let word = word.as_str().unwrap_or_default();
        write!(out, "\n    {} {value} {word}", sli.sli).expect("a string");
    }
    for problem in &health.problems {
        let title = problem.title.raw();
        write!(out, "\n    ! {} {}: {title}", problem.status, problem.check).expect("a string");
    }
    for reason in &health.reasons {
        write!(out, "\n    - {}", reason.raw()).expect("a string");
    }
    if !health.unjudged.is_empty() {
        write!(out, "\n    unjudged: {}", health.unjudged.join(" ")).expect("a string");
    }
    out
}
