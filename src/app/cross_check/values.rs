//! Settings whose values are of the right type and cannot work: numbers out of range, spans of
//! nothing, formats, frameworks and checks that do not exist.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::Found;
use crate::app::App;
use crate::app::formats::PageFormat;
use crate::app::workspace::checks;
use crate::catalog::checks::Check;
use crate::catalog::frameworks;
use crate::catalog::registry::DataFile;
use crate::model::attestations::Attestation;
use crate::model::audit::Suppression;
use crate::model::helm::Helm;
use crate::model::monitoring::{DurationText, Monitoring};
use crate::state::State;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;

/// The code of values that are out of their range.
const RANGE: &str = "state/out-of-range";
/// The lengths of a period, in seconds.
const PERIODS: [u64; 4] = [60, 300, 900, 3_600];

pub(super) fn check(app: &App, state: &State, found: &mut Found) {
    if !state.monitoring.derived {
        let path = &state.monitoring.path;
        let all = monitoring(&state.monitoring.value).into_iter();
        found.extend(all.map(|one| (path.clone(), one)));
    }
    if let Some(helm) = &state.helm {
        let all = of_helm(&helm.value).into_iter();
        found.extend(all.map(|one| (helm.path.clone(), one)));
    }
    if let Some(document) = &state.attestations {
        let all = attestations(&document.value.entries).into_iter();
        found.extend(all.map(|one| (document.path.clone(), one)));
    }
    if let Some(document) = &state.suppressions {
        let all = suppressions(app, state, &document.value.entries).into_iter();
        found.extend(all.map(|one| (document.path.clone(), one)));
    }
}

/// The numbers that a setting may have.
#[derive(Clone, Copy)]
enum Range {
    /// Zero and more.
    FromZero,
    /// More than zero.
    AboveZero,
    /// A share.
    Percent,
}

impl Range {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::FromZero => value >= 0.0 && value.is_finite(),
            Self::AboveZero => value > 0.0 && value.is_finite(),
            Self::Percent => (0.0..=100.0).contains(&value),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::FromZero => "expected a number from 0",
            Self::AboveZero => "expected a number above 0",
            Self::Percent => "expected a number from 0 to 100",
        }
    }
}

fn steps(path: &[&str]) -> Vec<PathStep> {
    path.iter().map(|name| key(name)).collect()
}

/// A number that is out of its range.
fn number(path: &[&str], value: Option<f64>, range: Range) -> Option<Problem> {
    let value = value.filter(|value| !range.holds(*value))?;
    let name = path.last().copied().unwrap_or_default();
    let message = format!("{} cannot be {value}", explain::quote(name));
    Some(Problem::warning(&steps(path), RANGE, message).expecting(range.words()))
}

/// A span of no length.
fn span(path: &[&str], value: Option<DurationText>) -> Option<Problem> {
    value.filter(|text| text.seconds == 0)?;
    let name = path.last().copied().unwrap_or_default();
    let message = format!("{} cannot be 0", explain::quote(name));
    let problem = Problem::warning(&steps(path), RANGE, message);
    Some(problem.expecting("expected a span such as `1h`"))
}

fn monitoring(value: &Monitoring) -> Vec<Problem> {
    let (cost, repair) = (&value.cost, &value.remediation);
    let concurrent = repair.max_concurrent.map(f64::from);
    let calls = value.audit.max_calls.map(|calls| calls as f64);
    let numbers = [
        number(
            &["remediation", "max_share_percent"],
            repair.max_share_percent,
            Range::Percent,
        ),
        number(
            &["remediation", "max_concurrent"],
            concurrent,
            Range::AboveZero,
        ),
        number(
            &["cost", "alert_on_spike_percent"],
            cost.alert_on_spike_percent,
            Range::AboveZero,
        ),
        number(
            &["cost", "daily_budget_usd"],
            cost.daily_budget_usd,
            Range::AboveZero,
        ),
        number(
            &["cost", "monthly_budget_usd"],
            cost.monthly_budget_usd,
            Range::AboveZero,
        ),
        number(
            &["cost", "discount_percent"],
            cost.discount_percent,
            Range::Percent,
        ),
        number(&["audit", "max_calls"], calls, Range::AboveZero),
        span(&["audit", "every"], value.audit.every),
        period(value),
    ];
    let mut out: Vec<Problem> = numbers.into_iter().flatten().collect();
    for (name, price) in &cost.price_overrides {
        let path = ["cost", "price_overrides", name.as_str()];
        out.extend(number(&path, Some(*price), Range::FromZero));
    }
    out.extend(compliance(value));
    out
}

/// A period that is no part of an hour: spans of budgets and of history are whole hours.
fn period(value: &Monitoring) -> Option<Problem> {
    let written = value.monitoring.period?;
    if PERIODS.contains(&written.seconds) || !written.seconds.is_multiple_of(60) {
        return None;
    }
    // Less than a minute, and more than an hour, is moved into the range: `settings` says so.
    if written.seconds < 60 || written.seconds > 3_600 {
        return None;
    }
    let message = format!("a metric cannot have a period of {written}");
    let problem = Problem::warning(&steps(&["monitoring", "period"]), RANGE, message);
    Some(problem.expecting("expected `1m`, `5m`, `15m` or `1h`"))
}

fn compliance(value: &Monitoring) -> Vec<Problem> {
    if value.compliance.frameworks.is_empty() {
        return Vec::new();
    }
    let known = frameworks::built_in();
    let wanted = value.compliance.frameworks.iter().enumerate();
    let unknown = wanted.filter(|(_, id)| !known.contains_key(id.as_str()));
    let each = unknown.map(|(index, id)| {
        let path = [key("compliance"), key("frameworks"), PathStep::Index(index)];
        no_framework(&path, id)
    });
    each.collect()
}

fn no_framework(path: &[PathStep], id: &str) -> Problem {
    let known = frameworks::built_in();
    let message = format!("there is no framework {}", explain::quote(id));
    let names: Vec<&str> = known.keys().copied().collect();
    let problem = Problem::warning(path, "state/unknown-framework", message);
    problem.did_you_mean(id, known.keys().copied(), |problem| {
        problem.expecting(format!("expected one of {}", names.join(", ")))
    })
}

fn of_helm(value: &Helm) -> Vec<Problem> {
    let numbers = [
        number(
            &["priority", "age_cap_hours"],
            value.priority.age_cap_hours,
            Range::FromZero,
        ),
        number(
            &["review", "cost_notice_usd"],
            value.review.cost_notice_usd,
            Range::FromZero,
        ),
        number(
            &["review", "cost_notice_percent"],
            value.review.cost_notice_percent,
            Range::FromZero,
        ),
        span(&["retention", "reports"], value.retention.reports),
        output(value),
    ];
    numbers.into_iter().flatten().collect()
}

/// A format that `dashboard` does not have.
fn output(value: &Helm) -> Option<Problem> {
    let name = value.dashboard.default_output.as_deref()?;
    if PageFormat::parse(name).is_some() {
        return None;
    }
    let path = steps(&["dashboard", "default_output"]);
    let message = format!("`dashboard` has no format {}", explain::quote(name));
    let problem = Problem::warning(&path, "state/unknown-format", message);
    Some(problem.expecting(format!("expected one of {}", PageFormat::names())))
}

/// Entries that answer for no control that asks for a person.
fn attestations(entries: &[Attestation]) -> Vec<Problem> {
    let mut out = Vec::new();
    for (index, one) in entries.iter().enumerate() {
        let at = |name: &str| [key("attest"), PathStep::Index(index), key(name)];
        let Some(framework) = frameworks::built_in().get(one.framework.as_str()) else {
            out.push(no_framework(&at("framework"), &one.framework));
            continue;
        };
        let mut controls = framework.controls.iter();
        let control = explain::quote(&one.control);
        let (code, message, label) = match controls.find(|it| it.id == one.control) {
            None => (
                "state/unknown-control",
                format!("{} has no control {control}", one.framework),
                "the report of the framework in JSON lists its controls",
            ),
            Some(found) if !found.checks.is_empty() => (
                "state/decided-control",
                format!("checks decide control {control} of {}", one.framework),
                "remove it: only what no check decides can be attested",
            ),
            Some(_) => continue,
        };
        let problem = Problem::warning(&at("control"), code, message);
        out.push(problem.expecting(label));
    }
    out
}

fn is_built_in(check: &str) -> bool {
    Check::FOLDER.files.iter().any(|(id, _)| *id == check)
}

/// Entries that suppress nothing, whatever is found.
fn suppressions(app: &App, state: &State, entries: &[Suppression]) -> Vec<Problem> {
    let today = app.clock.now().to_zoned(TimeZone::UTC).date();
    // Every run looks here, so all checks are read only for one that is not built in. Where they
    // are faulty, that is said of them.
    let is_other = |one: &Suppression| !is_built_in(&one.check);
    let registry = match entries.iter().any(is_other) {
        true => checks::registry(state).ok(),
        false => None,
    };
    let known: Option<BTreeSet<&str>> = registry
        .as_ref()
        .map(|all| all.iter().map(|check| check.id.as_str()).collect());
    let mut out = Vec::new();
    for (index, one) in entries.iter().enumerate() {
        let at = |name: &str| [key("suppress"), PathStep::Index(index), key(name)];
        if let Some(known) = known
            .as_ref()
            .filter(|known| !known.contains(one.check.as_str()))
        {
            let message = format!("there is no check {}", explain::quote(&one.check));
            let problem = Problem::warning(&at("check"), "state/unknown-check", message);
            out.push(
                problem.did_you_mean(&one.check, known.iter().copied(), |problem| {
                    problem.expecting("`fractary audit --list-checks` lists them")
                }),
            );
        }
        for (name, text) in [
            ("resource", &one.resource),
            ("reason", &one.reason),
            ("owner", &one.owner),
        ] {
            if text.raw().trim().is_empty() {
                let message = format!("`{name}` of a suppression is empty");
                let problem = Problem::warning(&at(name), "state/empty", message);
                out.push(problem.expecting("say which resource, why, and who answers for it"));
            }
        }
        let tag = one.resource.raw().strip_prefix("tag:");
        let has_value = |tag: &str| {
            let parts = tag.split_once('=');
            parts.is_some_and(|(name, _)| !name.is_empty())
        };
        if tag.is_some_and(|tag| !has_value(tag)) {
            let shown = explain::quote(one.resource.raw());
            let message = format!("{shown} is not a tag with a value");
            let problem = Problem::warning(&at("resource"), "state/format", message);
            out.push(problem.expecting("write `tag:name=value`; `*` stands for any text"));
        }
        if one.until < today {
            let message = format!("this suppression ended on {}", one.until);
            let problem = Problem::warning(&at("until"), "state/expired", message);
            out.push(problem.expecting("renew it, or remove it and fix the finding"));
        }
    }
    out
}
