//! Sums over the environment, and what share of what was asked was seen.

use std::collections::BTreeMap;

use crate::catalog::kinds::compile::Programs;
use crate::catalog::kinds::kind::Kind;
use crate::core::formula::{self, FormulaResult};
use crate::expr::Expression;
use crate::model::fact::Fact;
use crate::model::monitoring::EnabledCheck;
use crate::model::report::{Coverage, ResourceHealth};
use crate::model::snapshot::{AlarmState, Observed};
use crate::model::status::Verdict;
use crate::text::numbers::rounded;

use super::readings::Readings;
use super::{EvaluateInput, Watched};
use crate::core::targets::HealthSettings;

/// Sums by name. A sum that nothing was seen of is left out: it is not zero.
pub(super) fn metrics(
    input: &EvaluateInput<'_>,
    watched: &[Watched<'_>],
    checks: &[ResourceHealth],
) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    let mut add = |name: &str, value: f64| *sums.entry(name.to_owned()).or_insert(0.0) += value;
    for (check, (kind, programs, observed)) in checks.iter().zip(watched) {
        if let Some((total, bad)) = requests(input, kind, programs, observed) {
            add("requests_total", total);
            add("requests_failed", bad);
        }
        let with = |verdict: Verdict| check.slis.iter().filter(|s| s.verdict == verdict).count();
        add("slis_at_risk", with(Verdict::AtRisk) as f64);
        add(
            "slis_missed",
            check.slis.iter().filter(|sli| sli.slo_breach).count() as f64,
        );
        let ringing = |state: AlarmState| state == AlarmState::Alarm;
        add(
            "alarms_ringing",
            check.alarms.iter().filter(|a| ringing(a.state)).count() as f64,
        );
        add("resources_idle", f64::from(u8::from(check.idle)));
    }
    let not_monitored = input.snapshot.resources.len() - watched.len();
    add("resources_not_monitored", not_monitored as f64);
    sums
}

/// Events and bad ones over the whole window. The first indicator with events counts the
/// kind's requests; others count them again.
fn requests(
    input: &EvaluateInput<'_>,
    kind: &Kind,
    programs: &Programs,
    observed: &Observed,
) -> Option<(f64, f64)> {
    let readings = Readings::new(
        (kind, programs),
        observed,
        input.snapshot.window,
        input.settings,
    );
    let value = |expression: &Expression| match formula::evaluate(expression, |name| {
        readings.input(name)
    }) {
        FormulaResult::Value(value) => Some(rounded(value)),
        _ => None,
    };
    programs
        .slis
        .iter()
        .find_map(|sli| Some((value(sli.total.as_ref()?)?, value(sli.bad.as_ref()?)?)))
}

/// What share of the resources, and of the facts that were asked for, was read.
pub(super) fn coverage(settings: &HealthSettings, watched: &[Watched<'_>]) -> Coverage {
    let mut resources = Tally::default();
    let mut facts = Tally::default();
    for (kind, _, observed) in watched {
        let mut own = Tally::default();
        if settings.enabled(EnabledCheck::ResourceStatus) && kind.status.is_some() {
            own.add(observed.state.gap().is_none());
            for fact in observed.facts.values() {
                own.add(fact.gaps().is_empty());
            }
        }
        if settings.enabled(EnabledCheck::CloudwatchMetrics) {
            for metric in &kind.metrics {
                own.add(was_read(observed, &metric.id));
            }
        }
        if settings.enabled(EnabledCheck::CloudwatchAlarms) {
            own.add(observed.alarms.gap().is_none());
        }
        resources.add(own.asked > 0 && own.read == own.asked);
        facts.asked += own.asked;
        facts.read += own.read;
    }
    Coverage {
        resources_percent: resources.percent(),
        facts_percent: facts.percent(),
    }
}

fn was_read(observed: &Observed, metric: &str) -> bool {
    matches!(
        observed.metrics.get(metric),
        Some(Fact::Known(_) | Fact::Absent)
    )
}

#[derive(Default)]
struct Tally {
    asked: u64,
    read: u64,
}

impl Tally {
    fn add(&mut self, read: bool) {
        self.asked += 1;
        self.read += u64::from(read);
    }

    /// To one decimal, rounded down: 100 is only ever all of it. Nothing asked is nothing seen.
    fn percent(&self) -> f64 {
        if self.asked == 0 {
            return 0.0;
        }
        (self.read as f64 / self.asked as f64 * 1_000.0).floor() / 10.0
    }
}
