//! Judges one resource: the worst of its state, its indicators and its alarms.

use std::collections::BTreeMap;

use crate::model::fact::{Fact, Value};
use crate::model::monitoring::EnabledCheck;
use crate::model::report::{ResourceHealth, ResourceRef};
use crate::model::snapshot::{Alarm, AlarmState, Condition, ResourceState};
use crate::model::status::Status;
use crate::text::Untrusted;
use crate::text::{template, times};

use super::alarms;
use super::budgets;
use super::case::{Case, Verdicts, problem, seen_before};
use super::indicators;
use super::states::{self, Looked};
use super::words::gap_reason;

pub use super::case::RESOURCE_STATE;
/// The check that a registered resource exists.
pub const REGISTRY_DRIFT: &str = "registry_drift";

/// Judges.
pub(super) fn judge(case: &Case<'_>) -> ResourceHealth {
    let mut verdicts = Verdicts::default();
    judge_state(case, &mut verdicts);
    if verdicts.gone {
        // Metrics and alarms of what is gone say nothing: their issues wait.
        let others = case.kind.slis.iter().map(|sli| sli.id.clone());
        verdicts.unjudged.extend(others);
        verdicts.unjudged.extend(budgets::unjudged(case));
        verdicts.unjudged.push(alarms::ALL.to_owned());
        verdicts.unjudged.push(RESOURCE_STATE.to_owned());
        let alarms = case.observed.alarms.known();
        verdicts.alarms = alarms.map_or_else(Vec::new, |alarms| alarms::lines(alarms));
    } else {
        indicators::judge(case, &mut verdicts);
        judge_unseen(&mut verdicts);
        budgets::judge(case, &mut verdicts);
        judge_alarms(case, &mut verdicts);
        judge_hidden(case, &mut verdicts);
    }
    if !verdicts.evidence && verdicts.problems.is_empty() && !verdicts.unknown {
        verdicts.unknown(Untrusted::from("no observation shows its status"));
    }
    finish(case, verdicts)
}

fn judge_state(case: &Case<'_>, verdicts: &mut Verdicts) {
    if !case.settings.enabled(EnabledCheck::ResourceStatus) {
        verdicts.state = Untrusted::from("not checked");
        return;
    }
    let state = match &case.observed.state {
        Fact::Known(state) => state,
        Fact::Absent => {
            note_gone(case, verdicts);
            return;
        }
        Fact::Unreadable(gap) => {
            verdicts.state = Untrusted::from("unknown");
            verdicts.unknown(gap_reason("state", case.snapshot, *gap));
            verdicts
                .unjudged
                .extend([REGISTRY_DRIFT.to_owned(), RESOURCE_STATE.to_owned()]);
            return;
        }
    };
    let Some((condition, title)) = meaning(case, state, verdicts) else {
        verdicts.unjudged.push(RESOURCE_STATE.to_owned());
        return;
    };
    verdicts.evidence = !matches!(condition, Condition::Unchecked | Condition::NotOffered);
    let symptom = with_reason(title.raw().to_owned(), state.reason.as_ref());
    let status = match condition {
        Condition::Good | Condition::Stated => return,
        Condition::Unchecked => {
            not_asked(case, state, verdicts);
            return;
        }
        Condition::NotOffered => {
            not_offered(case, state, verdicts);
            return;
        }
        Condition::Changing => {
            verdicts.changing = true;
            verdicts.reasons.push(symptom);
            return;
        }
        Condition::Impaired => Status::Degraded,
        Condition::Broken => Status::Unhealthy,
    };
    verdicts.reasons.push(symptom.clone());
    verdicts
        .problems
        .push(problem(RESOURCE_STATE, status, title, vec![symptom]));
}

/// A fact that could not be read, and that nothing above missed, may be the one that matters.
fn judge_hidden(case: &Case<'_>, verdicts: &mut Verdicts) {
    let is_on = case.settings.enabled(EnabledCheck::ResourceStatus);
    let gap = case.observed.facts.values().find_map(Fact::gap);
    if let Some(gap) = gap.filter(|_| is_on && !verdicts.unknown) {
        verdicts.idle = false;
        verdicts.unknown(gap_reason("state", case.snapshot, gap));
    }
}

fn note_gone(case: &Case<'_>, verdicts: &mut Verdicts) {
    verdicts.state = Untrusted::from("gone");
    verdicts.gone = true;
    verdicts.reasons.push(Untrusted::from(
        "registry drift: gone from AWS but in the registry",
    ));
    verdicts.problems.push(problem(
        REGISTRY_DRIFT,
        Status::Unhealthy,
        Untrusted::from("gone from AWS but in the registry"),
        vec![Untrusted::new(format!(
            "{} {} does not exist in AWS",
            case.kind.title, case.observed.resource.arn
        ))],
    ));
}

/// The condition of a resource with this state, and a title for it. `None`: unknown, and why
/// is noted.
fn meaning(
    case: &Case<'_>,
    state: &ResourceState,
    verdicts: &mut Verdicts,
) -> Option<(Condition, Untrusted)> {
    verdicts.state = state.word.clone();
    let word = state.word.raw();
    let observed = case.observed;
    let window = case.snapshot.window;
    let why = match states::look_up(case.kind, case.programs, observed, window) {
        Looked::NotNeeded => match (state.condition, states::hidden(case)) {
            (Condition::Good | Condition::Changing, Some(gap)) => {
                gap_reason("state", case.snapshot, gap)
            }
            (condition, _) => {
                let title = Untrusted::new(format!("state is {word}"));
                return Some((condition, title));
            }
        },
        Looked::Row(_, row) => {
            verdicts.state = states::word(row, state);
            let title = states::sentence(row, state, observed);
            match (row.means.condition(), states::hidden(case)) {
                // A fact that could not be read may be the one that says what is wrong.
                (Some(Condition::Good | Condition::Changing), Some(gap)) => {
                    gap_reason("state", case.snapshot, gap)
                }
                (Some(condition), _) => return Some((condition, title)),
                (None, _) => with_reason(title.raw().to_owned(), state.reason.as_ref()),
            }
        }
        Looked::Unlisted => {
            let rows = case.kind.states().map_or(&[][..], |table| table.rows);
            let is_known = rows.iter().any(|row| row.word.as_deref() == Some(word));
            let what = if is_known {
                "this detail of it"
            } else {
                "that"
            };
            Untrusted::new(format!(
                "state unknown: AWS says `{word}`, and what {what} means is not known here"
            ))
        }
        Looked::Gap(gap) => gap_reason("state", case.snapshot, gap),
        Looked::Undecided(why) => {
            Untrusted::new(format!("state unknown: AWS says `{word}`, but {why}"))
        }
    };
    verdicts.unknown(why);
    None
}

/// What a state means that was not asked for this time, though the kind has one. It proves nothing,
/// so a fault that was seen before is still there as far as anyone knows.
fn not_asked(case: &Case<'_>, state: &ResourceState, verdicts: &mut Verdicts) {
    if case.kind.status.is_none() {
        return;
    }
    verdicts.unjudged.push(RESOURCE_STATE.to_owned());
    let words = Untrusted::new(format!("its state was {}", state.word.raw()));
    if case.has_issue(RESOURCE_STATE) || seen_before(case, RESOURCE_STATE).is_some() {
        verdicts.unknown(words);
    } else if let Some((word, at)) = case.last_state() {
        verdicts.reasons.push(Untrusted::new(format!(
            "its state was {}, but {} at {}",
            state.word.raw(),
            word.raw(),
            times::time(at)
        )));
        verdicts.state = word.clone();
        verdicts.state_seen_at = Some(at);
    } else {
        verdicts.reasons.push(words);
        verdicts.state_unseen = true;
    }
}

/// What an endpoint says that is not AWS's and lacks the status call: such a resource is evaluated
/// from its metrics and alarms alone, and that is said.
fn not_offered(case: &Case<'_>, state: &ResourceState, verdicts: &mut Verdicts) {
    verdicts.unjudged.push(RESOURCE_STATE.to_owned());
    let words = with_reason("state not checked".to_owned(), state.reason.as_ref());
    if case.has_issue(RESOURCE_STATE) || seen_before(case, RESOURCE_STATE).is_some() {
        verdicts.unknown(words);
    } else {
        verdicts.reasons.push(words);
    }
}

/// Of what nobody used, and whose state was never asked for, nothing is known at all.
fn judge_unseen(verdicts: &mut Verdicts) {
    if verdicts.state_unseen && verdicts.idle {
        verdicts.idle = false;
        verdicts.unknown(Untrusted::from(
            "nothing in the window shows how it is: it had no work, and its state has its turn in a later run",
        ));
    }
}

fn with_reason(words: String, reason: Option<&Untrusted>) -> Untrusted {
    match reason {
        Some(reason) if !reason.is_empty() => Untrusted::new(format!("{words}: {}", reason.raw())),
        _ => Untrusted::new(words),
    }
}

fn judge_alarms(case: &Case<'_>, verdicts: &mut Verdicts) {
    if !case.settings.enabled(EnabledCheck::CloudwatchAlarms) {
        return;
    }
    let alarms = match &case.observed.alarms {
        Fact::Known(alarms) => alarms.as_slice(),
        Fact::Absent => &[],
        Fact::Unreadable(gap) => {
            verdicts.unknown(gap_reason("alarms", case.snapshot, *gap));
            verdicts.unjudged.push(alarms::ALL.to_owned());
            // Those that were read ring all the same.
            case.observed.some_alarms.as_slice()
        }
    };
    verdicts.alarms = alarms::lines(alarms);
    let alarms = || alarms.iter().filter(|alarm| !alarm.only_scales());
    verdicts.evidence |= alarms().any(|alarm| alarm.state != AlarmState::InsufficientData);
    for alarm in alarms().filter(|a| a.state == AlarmState::Alarm) {
        judge_alarm(case, alarm, verdicts);
    }
    for alarm in alarms().filter(|a| a.state == AlarmState::InsufficientData) {
        let check = alarms::check(&alarm.name);
        if seen_before(case, &check).is_some() && case.observed.alarms.gap().is_none() {
            verdicts.unjudged.push(check);
        }
    }
}

/// An alarm in ALARM is evidence for the problem with the same metric, and else one of its own.
fn judge_alarm(case: &Case<'_>, alarm: &Alarm, verdicts: &mut Verdicts) {
    let symptom = alarms::symptom(alarm);
    let check = alarms::check(&alarm.name);
    let same = {
        let checks: Vec<&str> = verdicts.problems.iter().map(|p| p.check.as_str()).collect();
        alarms::same_metric(case.kind, &case.programs.slis, alarm, &checks)
    };
    if same.is_none() && is_evidence_for_held(case, alarm, &check, verdicts) {
        verdicts.reasons.push(symptom);
        verdicts.degraded = true;
        return;
    }
    if let Some(index) = same {
        verdicts.problems[index].symptoms.push(symptom.clone());
        // One that was reported on its own stays, so that its issue does not look resolved.
        if seen_before(case, &check).is_none() {
            return;
        }
    }
    let title = Untrusted::new(format!("alarm {} is in ALARM", alarm.name.raw()));
    verdicts.reasons.push(title.clone());
    let mut problem = problem(&check, Status::Degraded, title, vec![symptom]);
    problem.alarm_only = same.is_none();
    verdicts.problems.push(problem);
}

/// Whether an alarm is evidence for a problem that has its issue, and that this run cannot
/// judge: then it makes none of its own.
fn is_evidence_for_held(case: &Case<'_>, alarm: &Alarm, check: &str, verdicts: &Verdicts) -> bool {
    let unjudged = verdicts.unjudged.iter().map(String::as_str);
    let held: Vec<&str> = unjudged.filter(|check| case.has_issue(check)).collect();
    !case.has_issue(check)
        && seen_before(case, check).is_none()
        && alarms::same_metric(case.kind, &case.programs.slis, alarm, &held).is_some()
}

/// Streaks of problems that this run could not judge.
fn held(case: &Case<'_>, verdicts: &Verdicts) -> BTreeMap<String, u32> {
    let Some(previous) = case.previous else {
        return BTreeMap::new();
    };
    let all_alarms = verdicts.unjudged.iter().any(|check| check == alarms::ALL);
    let unjudged = |check: &str| {
        let listed = verdicts.unjudged.iter().any(|known| known == check);
        let seen = verdicts.problems.iter().any(|p| p.check == check);
        !seen && (listed || (all_alarms && check.starts_with(alarms::PREFIX)))
    };
    let problems = previous.problems.iter().map(|p| (&p.check, p.seen));
    let carried = previous.held.iter().map(|(check, seen)| (check, *seen));
    problems
        .chain(carried)
        .filter(|(check, _)| unjudged(check))
        .map(|(check, seen)| (check.clone(), seen))
        .collect()
}

fn finish(case: &Case<'_>, mut verdicts: Verdicts) -> ResourceHealth {
    for problem in &mut verdicts.problems {
        problem.seen = seen_before(case, &problem.check)
            .unwrap_or(0)
            .saturating_add(1);
    }
    verdicts
        .problems
        .sort_by_key(|problem| std::cmp::Reverse(problem.status));
    let worst = verdicts.problems.iter().map(|problem| problem.status).max();
    let worst = worst.max(verdicts.degraded.then_some(Status::Degraded));
    let unknown = verdicts.unknown.then_some(Status::Unknown);
    let status = worst.max(unknown).unwrap_or(Status::Healthy);
    let held = held(case, &verdicts);
    ResourceHealth {
        resource: reference(case),
        status,
        state: verdicts.state,
        idle: verdicts.idle && status == Status::Healthy,
        changing: verdicts.changing,
        slis: verdicts.slis,
        alarms: verdicts.alarms,
        reasons: verdicts.reasons,
        problems: verdicts.problems,
        unjudged: verdicts.unjudged,
        held,
        last_data_at: verdicts.last_data_at,
        state_seen_at: verdicts.state_seen_at,
        issue_id: None,
    }
}

fn reference(case: &Case<'_>) -> ResourceRef {
    let resource = &case.observed.resource;
    ResourceRef {
        name: told_name(case).unwrap_or_else(|| resource.name.clone()),
        kind: resource
            .kind
            .as_ref()
            .map_or_else(|| resource.resource_type.clone(), ToString::to_string),
        arn: resource.arn.clone(),
        region: resource.region.clone(),
        console_url: resource.console_url.clone(),
    }
}

/// What a resource is called that has no name of its own, where the status call told more than
/// its ARN: the name of the API that a stage belongs to.
fn told_name(case: &Case<'_>) -> Option<Untrusted> {
    let names = &case.kind.names;
    let resource = &case.observed.resource;
    let attribute = |name: &str| Some(resource.attributes.get(name)?.raw().to_owned());
    let label = template::fill(names.label.as_deref()?, attribute)?;
    let fact = |name: &str| match case.observed.facts.get(name)?.known()? {
        Value::Text(text) => Some(text.raw().to_owned()),
        _ => None,
    };
    let shown = template::fill(names.shown.as_deref()?, |name| {
        fact(name).or_else(|| attribute(name))
    })?;
    (resource.name.raw() == label).then(|| Untrusted::new(shown))
}
