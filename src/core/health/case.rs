//! What one resource is judged from, and its verdict as it grows.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::kinds::compile::Programs;
use crate::catalog::kinds::kind::Kind;
use crate::core::budget::Budgets;
use crate::core::targets::HealthSettings;
pub use crate::model::report::RESOURCE_STATE;
use crate::model::report::{AlarmLine, Problem, ResourceHealth, SliResult};
use crate::model::snapshot::{Observed, Snapshot};
use crate::model::status::{Severity, Status};
use crate::text::Untrusted;

/// What one resource is judged from.
pub(super) struct Case<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) settings: &'a HealthSettings,
    pub(super) kind: &'a Kind,
    pub(super) programs: &'a Programs,
    pub(super) observed: &'a Observed,
    /// The same resource in the report before.
    pub(super) previous: Option<&'a ResourceHealth>,
    /// The end of the window of that report.
    pub(super) previous_end: Option<Timestamp>,
    /// Its checks that have an open issue, with the worst that was during its occurrence.
    pub(super) open: Option<&'a BTreeMap<String, Severity>>,
    /// Error budgets.
    pub(super) budgets: Option<&'a Budgets>,
}

impl Case<'_> {
    /// Whether a check has an open issue.
    pub(super) fn has_issue(&self, check: &str) -> bool {
        self.open.is_some_and(|open| open.contains_key(check))
    }

    /// The worst severity of the open issue of a check, of its present occurrence.
    pub(super) fn peak(&self, check: &str) -> Option<Severity> {
        self.open?.get(check).copied()
    }

    /// The state that was found last, and when, where it was well then.
    pub(super) fn last_state(&self) -> Option<(&Untrusted, Timestamp)> {
        let previous = self.previous?;
        let is = |check: &str| check == RESOURCE_STATE;
        let asked = !previous.unjudged.iter().any(|check| is(check));
        let well = !previous.problems.iter().any(|one| is(&one.check)) && !previous.changing;
        let at = match asked {
            true => self.previous_end.filter(|_| well),
            false => previous.state_seen_at,
        };
        at.map(|at| (&previous.state, at))
    }

    /// What the report before says of an indicator.
    pub(super) fn before(&self, sli: &str) -> Option<&SliResult> {
        self.previous?.slis.iter().find(|one| one.sli == sli)
    }
}

/// The verdict as it grows.
#[derive(Default)]
pub(super) struct Verdicts {
    pub(super) state: Untrusted,
    pub(super) gone: bool,
    pub(super) idle: bool,
    pub(super) changing: bool,
    /// Whether an alarm is in ALARM for a problem that cannot be evaluated.
    pub(super) degraded: bool,
    /// Whether anything said how the resource is.
    pub(super) evidence: bool,
    pub(super) unknown: bool,
    pub(super) slis: Vec<SliResult>,
    pub(super) alarms: Vec<AlarmLine>,
    pub(super) last_data_at: Option<Timestamp>,
    pub(super) state_seen_at: Option<Timestamp>,
    /// Whether its state was not queried now, nor found well before.
    pub(super) state_unseen: bool,
    pub(super) reasons: Vec<Untrusted>,
    pub(super) problems: Vec<Problem>,
    pub(super) unjudged: Vec<String>,
}

impl Verdicts {
    /// Notes that something is unknown: once for each reason.
    pub(super) fn unknown(&mut self, reason: Untrusted) {
        self.unknown = true;
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

/// Consecutive runs that saw this problem, as of the report before.
pub(super) fn seen_before(case: &Case<'_>, check: &str) -> Option<u32> {
    let previous = case.previous?;
    previous
        .problems
        .iter()
        .find(|problem| problem.check == check)
        .map(|problem| problem.seen)
        .or_else(|| previous.held.get(check).copied())
}

pub(super) fn problem(
    check: &str,
    status: Status,
    title: Untrusted,
    symptoms: Vec<Untrusted>,
) -> Problem {
    Problem {
        check: check.to_owned(),
        status,
        severity: None,
        slo_breach: false,
        alarm_only: false,
        title,
        symptoms,
        seen: 1,
        burn: None,
    }
}
