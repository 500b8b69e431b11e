//! What error budgets say of one resource.
//!
//! One problem, one issue: while an indicator misses its target, its burn rate is evidence
//! for that problem and raises its severity. A burn rate makes a problem of its own where
//! there is none: a slow leak that no single window shows, or the rest of an outage.

use crate::core::budget::{AlertState, BURN_RATE, BurnAlert};
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
        match &found.alert {
            AlertState::On(alert) => on.push((result.clone(), alert.clone())),
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
    let missed = verdicts.problems.iter().position(|p| p.check == result.sli);
    match missed {
        // The target was missed before the budget burned: that problem has the word.
        Some(at) if !known || is_known(case, &result.sli) => {
            let there = &mut verdicts.problems[at];
            there.symptoms.push(symptom.clone());
            there.burn = there.burn.max(Some(alert.severity));
            if !known {
                return;
            }
        }
        None if !known && case.has_issue(&result.sli) => {
            // It is getting well, and its issue is still open.
            verdicts.reasons.push(title(result, alert));
            return;
        }
        _ => {}
    }
    let title = title(result, alert);
    let mut new = problem(&check, Status::Degraded, title.clone(), vec![symptom]);
    new.slo_breach = true;
    new.burn = Some(alert.severity);
    verdicts.reasons.push(title);
    // The budget burned before: it has the word on what is missed now.
    let joins = missed.filter(|_| !is_known(case, &result.sli));
    if let Some(at) = joins {
        let missed = verdicts.problems.remove(at);
        new.status = new.status.max(missed.status);
        new.symptoms.extend(missed.symptoms);
    }
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
