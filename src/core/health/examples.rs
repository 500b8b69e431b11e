//! The examples in kind files: one resource each, judged and held against what the file says.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::catalog::Catalog;
use crate::catalog::kinds::compile::CompiledKind;
use crate::catalog::kinds::example::KindExample;
use crate::catalog::kinds::kind::Kind;
use crate::catalog::kinds::states::GivenValue;
use crate::catalog::registry::{DataError, Fault, Step, Whose};
use crate::core::targets::HealthSettings;
use crate::model::fact::{Fact, Gap, GapCause, GapId};
use crate::model::ids::{Arn, DomainName, EnvironmentName, Region, RunId};
use crate::model::monitoring::Monitoring;
use crate::model::receipt::Receipt;
use crate::model::report::{ResourceHealth, SliResult};
use crate::model::resource::Resource;
use crate::model::snapshot::{Condition, Observed, ResourceState, Series, Snapshot};
use crate::model::window::Window;
use crate::text::Untrusted;

use super::{EvaluateInput, OpenChecks, evaluate};

/// Length of the window in which an example happens.
const WINDOW_SECONDS: u32 = 300;

/// Indicators have about nine digits.
const TOLERANCE: f64 = 1e-8;

/// Judges every example of these kinds, and says which are not judged as their files say.
pub(super) fn run(catalog: &Catalog, of: Whose) -> Vec<DataError> {
    catalog.registry().run_examples(of, |compiled, example| {
        compare(example, &judge(catalog, compiled, example))
    })
}

/// Judges one example with the default targets.
pub(super) fn judge(
    catalog: &Catalog,
    compiled: &CompiledKind,
    example: &KindExample,
) -> ResourceHealth {
    let snapshot = snapshot(&compiled.kind, example);
    let settings = HealthSettings::resolve(&Monitoring::default());
    let report = evaluate(&EvaluateInput {
        snapshot: &snapshot,
        catalog,
        settings: &settings,
        domain: &DomainName::new("infrastructure").expect("a name"),
        critical: true,
        previous: None,
        open: &OpenChecks::new(),
        environment_alarms: None,
        budgets: None,
        last_window_end: None,
        run_id: &RunId::new("20260101t000500z-00000000").expect("a run id"),
        now: snapshot.window.end,
    });
    let mut checks = report.checks.into_iter();
    checks
        .next()
        .expect("the catalogue has the kind of the resource")
}

/// A run that saw one resource.
pub(super) fn snapshot(kind: &Kind, example: &KindExample) -> Snapshot {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let end = start + SignedDuration::from_secs(WINDOW_SECONDS.into());
    let mut gaps = Gaps::default();
    let resources = vec![observed(kind, example, start, &mut gaps)];
    Snapshot {
        environment: EnvironmentName::new("example").expect("a name"),
        identity: Fact::Absent,
        window: Window {
            start,
            end,
            period_seconds: WINDOW_SECONDS,
        },
        read_from: None,
        resources,
        unmatched_alarms: Vec::new(),
        gaps: gaps.0,
        receipt: Receipt::default(),
        back_fill: Vec::new(),
    }
}

/// What could not be read, one gap an operation.
#[derive(Default)]
struct Gaps(Vec<Gap>);

impl Gaps {
    fn of<T>(&mut self, operation: &str) -> Fact<T> {
        let known = self.0.iter().position(|gap| gap.operation == operation);
        let index = known.unwrap_or_else(|| {
            self.0.push(Gap {
                operation: operation.to_owned(),
                subject: "the resource of an example".to_owned(),
                cause: GapCause::Throttled,
                code: None,
                message: Untrusted::from("an example says that it was not readable"),
                missing_permission: None,
            });
            self.0.len() - 1
        });
        Fact::Unreadable(GapId(
            u32::try_from(index).expect("a handful of operations"),
        ))
    }
}

fn observed(kind: &Kind, example: &KindExample, start: Timestamp, gaps: &mut Gaps) -> Observed {
    let hidden = |name: &str| example.unreadable.iter().any(|hidden| hidden == name);
    let given = |name: &str| example.given.get(name);
    let status_call = kind
        .status
        .as_ref()
        .and_then(|status| status.operations.first());
    let status_call = status_call.map_or("status", String::as_str);
    let mut metrics = BTreeMap::new();
    for metric in &kind.metrics {
        let fact = match given(&metric.id) {
            _ if hidden(&metric.id) => gaps.of("cloudwatch:GetMetricData"),
            Some(value) => Fact::Known(series(&metric.stat, start, value)),
            None if hidden("metrics") => gaps.of("cloudwatch:GetMetricData"),
            None => Fact::Absent,
        };
        metrics.insert(metric.id.clone(), fact);
        for (key, value) in &example.given {
            if metric.part_of(key).is_some() {
                let series = series(&metric.stat, start, value);
                metrics.insert(key.clone(), Fact::Known(series));
            }
        }
    }
    let mut facts = BTreeMap::new();
    for name in kind.status.iter().flat_map(|status| status.facts.keys()) {
        let fact = match given(name.as_str()) {
            _ if hidden(name.as_str()) => gaps.of(status_call),
            Some(value) => Fact::Known(value.into()),
            None if hidden("state") => gaps.of(status_call),
            None => Fact::Absent,
        };
        facts.insert(name.clone(), fact);
    }
    let word = kind.states().and_then(|table| table.word);
    let is_wordless = word.is_some_and(|name| hidden(name.as_str()));
    let state = match example.state.map(|state| state.condition()) {
        _ if hidden("state") || is_wordless => gaps.of(status_call),
        Some(None) => Fact::Absent,
        Some(Some(condition)) => Fact::Known(state_of(condition)),
        None if kind.status.is_some() => Fact::Known(stated(kind, example)),
        None => Fact::Known(ResourceState::unchecked()),
    };
    let alarms = match hidden("alarms") {
        true => gaps.of("cloudwatch:DescribeAlarms"),
        false => Fact::Known(Vec::new()),
    };
    Observed {
        resource: resource(kind),
        state,
        facts,
        metrics,
        alarms,
        parts: Vec::new(),
        some_alarms: Vec::new(),
    }
}

/// One data point.
fn series(statistic: &str, at: Timestamp, value: &GivenValue) -> Series {
    Series {
        statistic: statistic.to_owned(),
        period_seconds: WINDOW_SECONDS,
        at: vec![at],
        values: value.number().into_iter().collect(),
    }
}

/// The state that the kind's table is asked about, where the example gives AWS's word for it.
fn stated(kind: &Kind, example: &KindExample) -> ResourceState {
    let name = kind.states().and_then(|table| table.word);
    let given = name.and_then(|name| example.given.get(name.as_str())?.text());
    match given {
        None => state_of(Condition::Good),
        Some(word) => ResourceState {
            word: Untrusted::from(word),
            condition: Condition::Stated,
            reason: None,
        },
    }
}

fn state_of(condition: Condition) -> ResourceState {
    let word = match condition {
        Condition::Good => "working",
        Condition::Unchecked | Condition::NotOffered | Condition::Stated => {
            return ResourceState::unchecked();
        }
        Condition::Changing => "changing",
        Condition::Impaired => "impaired",
        Condition::Broken => "broken",
    };
    ResourceState {
        word: Untrusted::from(word),
        condition,
        reason: None,
    }
}

fn resource(kind: &Kind) -> Resource {
    let arn = format!("arn:aws:example:eu-west-1:123456789012:{}/example", kind.id);
    Resource {
        kind: Some(kind.id.clone()),
        resource_type: kind.names.terraform.first().cloned().unwrap_or_default(),
        terraform_address: None,
        name: Untrusted::from("example"),
        aws_id: Untrusted::from("example"),
        arn: Arn::new(arn).expect("a kind's id has the characters of an ARN"),
        region: Region::new("eu-west-1").expect("a region"),
        attributes: BTreeMap::new(),
        console_url: None,
        depends_on: Vec::new(),
    }
}

/// What is judged otherwise than the example says.
fn compare(example: &KindExample, health: &ResourceHealth) -> Result<(), Fault> {
    let fault = |path: &[&str], message: String| {
        let message = format!("example `{}`: {message}", example.name);
        Err(Fault::new(path.iter().map(|key| Step::from(*key)), message))
    };
    if health.status != example.status {
        let message = format!("it is {}{}", health.status, reasons(health));
        return fault(&["status"], message);
    }
    if health.idle != example.idle {
        let message = match health.idle {
            true => "it is idle: write `idle = true`",
            false => "it is not idle",
        };
        return fault(&["idle"], message.to_owned());
    }
    let sli = |id: &str| health.slis.iter().find(|sli| sli.sli == id);
    for (id, value) in &example.values {
        let found = sli(id).and_then(|sli| sli.value);
        let close = |found: &f64| (found - value).abs() <= TOLERANCE * value.abs().max(1.0);
        if !found.as_ref().is_some_and(close) {
            let found = found.map_or("no value".to_owned(), |found| found.to_string());
            return fault(&["values", id], format!("`{id}` is {found}"));
        }
    }
    for (id, verdict) in &example.verdicts {
        let found = sli(id).map(|sli| sli.verdict);
        if found != Some(*verdict) {
            let message = format!("`{id}` is {}", sli(id).map_or("left out".to_owned(), word));
            return fault(&["verdicts", id], message);
        }
    }
    let mut found: Vec<&str> = health.problems.iter().map(|p| p.check.as_str()).collect();
    found.sort_unstable();
    if let Some(problems) = &example.problems {
        let mut wanted: Vec<&str> = problems.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        if wanted != found {
            let found = if found.is_empty() {
                "none".to_owned()
            } else {
                found.join(", ")
            };
            return fault(&["problems"], format!("its problems are: {found}"));
        }
    }
    Ok(())
}

/// The verdict as files write it.
fn word(sli: &SliResult) -> String {
    let value = serde_json::to_value(sli.verdict).expect("a verdict is a word");
    format!("`{}`", value.as_str().unwrap_or_default())
}

fn reasons(health: &ResourceHealth) -> String {
    let reasons: Vec<&str> = health.reasons.iter().map(Untrusted::raw).collect();
    match reasons.is_empty() {
        true => String::new(),
        false => format!(": {}", reasons.join("; ")),
    }
}
