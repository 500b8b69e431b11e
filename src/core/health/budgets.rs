//! What error budgets say of one resource.
//!
//! One problem, one issue: while an indicator misses its target, its burn rate is evidence
//! for that problem and raises its severity. A burn rate makes a problem of its own where
//! there is none: a slow leak that no single window shows. What an outage leaves behind in the
//! windows of the table is none: it was told with the outage, and is over with it.

use jiff::Timestamp;

use crate::core::budget::{AlertState, Assessment, BURN_RATE, BurnAlert, reset_seconds};
use crate::model::report::SliResult;
use crate::model::status::{Severity, Status};
use crate::text::Untrusted;
use crate::text::numbers::{number, quantity};

use super::case::{Case, Verdicts, problem, seen_before};

/// The checks that cannot be judged where nothing of a resource can.
pub(super) fn unjudged(case: &Case<'_>) -> Vec<String> {
    let checks = case.kind.slis.iter().map(|sli| check(&sli.id));
    checks.filter(|check| is_known(case, check)).collect()
}

/// Seconds for which a past miss may explain a burn rate: the longest short window, which
/// begins at a full hour.
const LONGEST_RESET_SECONDS: i64 = 7 * 3_600;

fn check(sli: &str) -> String {
    format!("{BURN_RATE}{sli}")
}

/// Whether a check has its issue, or was seen in the report before.
fn is_known(case: &Case<'_>, check: &str) -> bool {
    case.has_issue(check) || seen_before(case, check).is_some()
}

/// Fills in the error budgets, and judges how fast they burn.
pub(super) fn judge(case: &Case<'_>, verdicts: &mut Verdicts) {
    let Some(budgets) = case.budgets else { return };
    let arn = &case.observed.resource.arn;
    let mut on: Vec<(SliResult, BurnAlert)> = Vec::new();
    let mut unknown = Vec::new();
    for result in &mut verdicts.slis {
        let Some(found) = budgets.get(arn, &result.sli) else {
            continue;
        };
        result.budget = Some(found.budget.clone());
        let past = Past::of(case, result);
        result.missed_at = past.missed_at;
        result.burned_at = past.burned_at;
        match past.alert(found) {
            AlertState::On(alert) => on.push((result.clone(), alert)),
            AlertState::Off => {}
            AlertState::Unknown => unknown.push(check(&result.sli)),
        }
    }
    unknown.retain(|check| is_known(case, check));
    verdicts.unjudged.extend(unknown);
    for (result, alert) in &on {
        if !is_explained(case, result, alert, &on) {
            burns(case, result, alert, verdicts);
        }
        if !result.slo_breach
            && let Some(result) = verdicts.slis.iter_mut().find(|one| one.sli == result.sli)
        {
            result.burned_at = Some(case.snapshot.window.end);
        }
    }
}

/// What is known of an indicator from before: a burn rate that only reaches back to it is what
/// an outage left behind, and was told with it.
struct Past {
    /// Whether the target is missed now.
    missed: bool,
    /// Until when its target was missed.
    missed_at: Option<Timestamp>,
    /// Until when its budget burned, by an alert that was told.
    burned_at: Option<Timestamp>,
    /// The worst severity of the burn rate's own issue, where there is one.
    peak: Option<Severity>,
    now: Timestamp,
}

impl Past {
    fn of(case: &Case<'_>, result: &SliResult) -> Self {
        let now = case.snapshot.window.end;
        let check = check(&result.sli);
        let before = case.before(&result.sli);
        // Runs that were not committed may have seen it until just now.
        let missed = result.slo_breach || before.is_some_and(|before| before.slo_breach);
        let recent = |at: Option<Timestamp>| {
            at.filter(|at| now.as_second() - at.as_second() < LONGEST_RESET_SECONDS)
        };
        let missed_at = before.and_then(|before| before.missed_at);
        let burned_at = before.and_then(|before| before.burned_at);
        let known = is_known(case, &check);
        Self {
            missed: result.slo_breach,
            missed_at: recent(missed_at.filter(|_| !missed).or(missed.then_some(now))),
            burned_at: recent(burned_at),
            // One that waits to be an issue has no severity yet, and nothing to look back to.
            peak: known.then(|| case.peak(&check).unwrap_or(Severity::Medium)),
            now,
        }
    }

    fn since(&self, at: Option<Timestamp>) -> i64 {
        at.map_or(i64::MAX, |at| self.now.as_second() - at.as_second())
    }

    fn alert(&self, found: &Assessment) -> AlertState {
        // While the target is missed all of it is evidence for that.
        if self.missed {
            return found.alert.clone();
        }
        if let Some(peak) = self.peak {
            let reset = reset_seconds(peak).min(self.since(self.missed_at));
            return found.windows.alert(reset);
        }
        let reset = self.since(self.missed_at).min(self.since(self.burned_at));
        match &found.alert {
            AlertState::On(alert) if alert.reach_seconds > reset.unsigned_abs() => AlertState::Off,
            other => other.clone(),
        }
    }
}

/// Whether another indicator that shows the same problem burns at least as badly.
fn is_explained(
    case: &Case<'_>,
    result: &SliResult,
    alert: &BurnAlert,
    on: &[(SliResult, BurnAlert)],
) -> bool {
    let others = case.kind.sli(&result.sli).map(|sli| &sli.explained_by);
    let mut others = others.into_iter().flatten();
    let worse = |other: &String| {
        on.iter()
            .any(|(o, a)| o.sli == *other && a.severity >= alert.severity)
    };
    !is_known(case, &check(&result.sli)) && others.any(worse)
}

/// A budget burns too fast: evidence for what is there, else a problem.
fn burns(case: &Case<'_>, result: &SliResult, alert: &BurnAlert, verdicts: &mut Verdicts) {
    let check = check(&result.sli);
    let known = is_known(case, &check);
    let symptom = symptom(result, alert);
    if result.slo_breach {
        // The miss has the word, also where the budget burned before: it is news of its own. The
        // burn rate's issue waits for its end.
        let mut problems = verdicts.problems.iter_mut();
        if let Some(there) = problems.find(|p| p.check == result.sli) {
            there.symptoms.push(symptom);
            there.burn = there.burn.max(Some(alert.severity));
        }
        if known {
            verdicts.unjudged.push(check);
        }
        return;
    }
    let title = title(result, alert);
    verdicts.reasons.push(title.clone());
    if !known && case.has_issue(&result.sli) {
        // It is getting well, and its issue is still open.
        return;
    }
    let mut new = problem(&check, Status::Degraded, title, vec![symptom]);
    new.slo_breach = true;
    new.burn = Some(alert.severity);
    verdicts.problems.push(new);
}

/// `error rate burns its error budget 20 times too fast (1 h); 62 % left`.
fn title(result: &SliResult, alert: &BurnAlert) -> Untrusted {
    let left = result.budget.as_ref().and_then(|b| b.remaining_percent);
    let left = match left {
        Some(left) if left <= 0.0 => "; none left".to_owned(),
        Some(left) => format!("; {} left", quantity(left, "percent")),
        None => String::new(),
    };
    Untrusted::new(format!(
        "{} burns its error budget at {}× the sustainable rate ({}){left}",
        result.title,
        number(alert.long_rate),
        span(alert.long_seconds)
    ))
}

fn symptom(result: &SliResult, alert: &BurnAlert) -> Untrusted {
    let objective = result
        .budget
        .as_ref()
        .map(|b| (b.objective_percent, b.window_days));
    let objective = objective.map_or_else(String::new, |(percent, days)| {
        format!("; objective {} in {days} d", quantity(percent, "percent"))
    });
    let urgency = match alert.severity {
        Severity::Critical | Severity::High => "page",
        Severity::Medium | Severity::Low => "ticket",
    };
    Untrusted::new(format!(
        "{}: burn rate {}× over {} ({} of {} bad) and {}× over {}, limit {}× ({urgency}){objective}",
        result.title,
        number(alert.long_rate),
        span(alert.long_seconds),
        number(alert.bad as f64),
        number(alert.total as f64),
        number(alert.short_rate),
        span(alert.short_seconds),
        number(alert.limit),
    ))
}

/// `5 min`, `6 h`, `3 d`.
fn span(seconds: i64) -> String {
    match seconds {
        s if s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s % 3_600 == 0 => format!("{} h", s / 3_600),
        s => format!("{} min", s / 60),
    }
}
