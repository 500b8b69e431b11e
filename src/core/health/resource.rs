//! Judges one resource: the worst of its state, its indicators and its alarms.

use std::collections::BTreeMap;

use crate::catalog::check::Programs;
use crate::catalog::kind::Kind;
use crate::core::expr::Unknown;
use crate::model::fact::Fact;
use crate::model::monitoring::EnabledCheck;
use crate::model::report::{AlarmLine, Problem, ResourceHealth, ResourceRef, SliResult};
use crate::model::snapshot::{Alarm, AlarmState, Condition, Observed, Snapshot};
use crate::model::status::{Status, Verdict};
use crate::text::Untrusted;

use super::alarms;
use super::numbers::{beside, count, quantity};
use super::readings::Readings;
use super::settings::HealthSettings;
use super::slis::{self, Judged};
use super::words::{gap_reason, span, unknown_reason};

/// The check that looks at the provider's word for a resource's state.
pub const RESOURCE_STATE: &str = "resource_state";
/// The check that a registered resource exists.
pub const REGISTRY_DRIFT: &str = "registry_drift";

/// What one resource is judged from.
pub(super) struct Case<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) settings: &'a HealthSettings,
    pub(super) kind: &'a Kind,
    pub(super) programs: &'a Programs,
    pub(super) observed: &'a Observed,
    /// The same resource in the report before.
    pub(super) previous: Option<&'a ResourceHealth>,
}

/// The verdict as it grows.
#[derive(Default)]
struct Verdicts {
    state: Untrusted,
    gone: bool,
    idle: bool,
    /// Whether anything said how the resource is.
    evidence: bool,
    unknown: bool,
    slis: Vec<SliResult>,
    alarms: Vec<AlarmLine>,
    reasons: Vec<Untrusted>,
    problems: Vec<Problem>,
    unjudged: Vec<String>,
}

impl Verdicts {
    /// Notes that something is unknown: once for each reason.
    fn unknown(&mut self, reason: Untrusted) {
        self.unknown = true;
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

/// Judges.
pub(super) fn judge(case: &Case<'_>) -> ResourceHealth {
    let mut verdicts = Verdicts::default();
    judge_state(case, &mut verdicts);
    if verdicts.gone {
        // Metrics and alarms of what is gone say nothing: their issues wait.
        let others = case.kind.slis.iter().map(|sli| sli.id.clone());
        verdicts.unjudged.extend(others);
        verdicts.unjudged.push(alarms::ALL.to_owned());
        verdicts.unjudged.push(RESOURCE_STATE.to_owned());
        let alarms = case.observed.alarms.known();
        verdicts.alarms = alarms.map_or_else(Vec::new, |alarms| alarms::lines(alarms));
    } else {
        judge_slis(case, &mut verdicts);
        judge_alarms(case, &mut verdicts);
    }
    if !verdicts.evidence && verdicts.problems.is_empty() && !verdicts.unknown {
        verdicts.unknown(Untrusted::from("nothing was seen that says how it is"));
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
            verdicts.state = Untrusted::from("gone");
            verdicts.gone = true;
            verdicts.reasons.push(Untrusted::from("registry drift"));
            verdicts.problems.push(problem(
                REGISTRY_DRIFT,
                Status::Unhealthy,
                Untrusted::from("gone from AWS but in the registry"),
                vec![Untrusted::new(format!(
                    "AWS knows no {} {}",
                    case.kind.title, case.observed.resource.arn
                ))],
            ));
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
    verdicts.state = state.word.clone();
    verdicts.evidence = state.condition != Condition::Unchecked;
    let status = match state.condition {
        Condition::Good | Condition::Unchecked => return,
        Condition::Changing => {
            let words = with_reason(
                format!("state is {}", state.word.raw()),
                state.reason.as_ref(),
            );
            verdicts.reasons.push(words);
            return;
        }
        Condition::Impaired => Status::Degraded,
        Condition::Broken => Status::Unhealthy,
    };
    let title = Untrusted::new(format!("state is {}", state.word.raw()));
    let symptom = with_reason(title.raw().to_owned(), state.reason.as_ref());
    verdicts.reasons.push(symptom.clone());
    verdicts
        .problems
        .push(problem(RESOURCE_STATE, status, title, vec![symptom]));
}

fn with_reason(words: String, reason: Option<&Untrusted>) -> Untrusted {
    match reason {
        Some(reason) if !reason.is_empty() => Untrusted::new(format!("{words}: {}", reason.raw())),
        _ => Untrusted::new(words),
    }
}

fn problem(check: &str, status: Status, title: Untrusted, symptoms: Vec<Untrusted>) -> Problem {
    Problem {
        check: check.to_owned(),
        status,
        slo_breach: false,
        alarm_only: false,
        title,
        symptoms,
        seen: 1,
    }
}

fn judge_slis(case: &Case<'_>, verdicts: &mut Verdicts) {
    let window = case.snapshot.window;
    let readings = Readings::new(case.kind, case.observed, window, case.settings);
    let judged = slis::judge(
        case.kind,
        &case.programs.slis,
        &readings,
        &case.observed.resource,
        case.settings,
    );
    let mut idle = false;
    let mut busy = false;
    for one in judged {
        match one {
            // Only worth a word where it was judged before.
            Judged::NotCollected(sli) if seen_before(case, &sli).is_none() => {}
            Judged::NotCollected(sli) => verdicts.unjudged.push(sli),
            Judged::Unknown(result, why) => {
                busy = true;
                let what = unknown_part(case, &readings, &result, &why);
                verdicts.unknown(unknown_reason(what, case.snapshot, &why));
                verdicts.unjudged.push(result.sli.clone());
                verdicts.slis.push(result);
            }
            Judged::Known(result) => {
                verdicts.evidence = true;
                idle |= result.verdict == Verdict::Idle;
                busy |= result.verdict != Verdict::Idle;
                note(case, &readings, &result, verdicts);
                verdicts.slis.push(result);
            }
        }
    }
    let silent = case.kind.status.is_none() && readings.no_data();
    verdicts.idle = (idle && !busy) || (silent && !verdicts.unknown);
    if verdicts.idle {
        verdicts.reasons.push(Untrusted::from(match silent {
            true => "idle: no data points in the window; whether it exists is not checked",
            false => "idle: no work in the window",
        }));
    }
    drop_explained(case, verdicts);
}

/// What to call the unknown: all metrics come from one call, so one sentence does for them.
fn unknown_part<'a>(
    case: &Case<'_>,
    readings: &Readings<'_>,
    result: &'a SliResult,
    why: &Unknown,
) -> &'a str {
    let is_metric = |name: &str| case.kind.metric(name).is_some();
    let from_metrics = match why {
        Unknown::Gap(gap) => readings.has_metric_gap(*gap),
        Unknown::NoData(name) | Unknown::NotAsked(name) => is_metric(name),
        Unknown::NoValue(_) => false,
    };
    if from_metrics {
        "metrics"
    } else {
        &result.title
    }
}

/// Turns a verdict into a problem or a remark.
fn note(case: &Case<'_>, readings: &Readings<'_>, result: &SliResult, verdicts: &mut Verdicts) {
    let Some(value) = result.value else { return };
    let status = match result.verdict {
        Verdict::Breach => Status::Degraded,
        Verdict::Critical => Status::Unhealthy,
        Verdict::AtRisk => {
            verdicts.reasons.push(Untrusted::new(format!(
                "{} {} is close to its target of {}",
                result.title,
                beside(value, result.target, &result.unit),
                quantity(result.target, &result.unit)
            )));
            return;
        }
        Verdict::TooFewSamples if past_target(result, value) && !has_explanation(case, result) => {
            verdicts.reasons.push(Untrusted::new(format!(
                "{} {} does not count: only {} events in the window, {} are needed",
                result.title,
                quantity(value, &result.unit),
                count(result.total.unwrap_or(0.0)),
                case.settings.min_samples
            )));
            return;
        }
        Verdict::TooFewSamples | Verdict::Ok | Verdict::Idle | Verdict::Unknown => return,
    };
    let title = title(case, readings, result, value);
    let mut problem = problem(
        &result.sli,
        status,
        title.clone(),
        vec![symptom(case, result, value)],
    );
    problem.slo_breach = true;
    if result.estimated {
        problem.symptoms.push(Untrusted::from(
            "the limit it is measured against is ESTIMATED",
        ));
    }
    verdicts.reasons.push(title);
    verdicts.problems.push(problem);
}

/// Whether another indicator shows the same trouble, so that one sentence does.
fn has_explanation(case: &Case<'_>, result: &SliResult) -> bool {
    case.kind
        .sli(&result.sli)
        .is_some_and(|sli| !sli.explained_by.is_empty())
}

fn past_target(result: &SliResult, value: f64) -> bool {
    match result.better {
        crate::model::report::Better::Lower => value > result.target,
        crate::model::report::Better::Higher => value < result.target,
    }
}

/// `error rate 3.2 % (target 0.1 %)`, or what the kind says instead.
fn title(case: &Case<'_>, readings: &Readings<'_>, result: &SliResult, value: f64) -> Untrusted {
    let says = case
        .kind
        .sli(&result.sli)
        .and_then(|sli| sli.says.as_deref())
        .and_then(|template| say(template, readings));
    Untrusted::new(says.unwrap_or_else(|| {
        format!(
            "{} {} (target {})",
            result.title,
            beside(value, result.target, &result.unit),
            quantity(result.target, &result.unit)
        )
    }))
}

/// Fills `{name}` by numbers; `None` where one is not known.
fn say(template: &str, readings: &Readings<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&count(readings.number(name)?));
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

fn symptom(case: &Case<'_>, result: &SliResult, value: f64) -> Untrusted {
    let span = span(case.snapshot.window);
    let limit = match (result.verdict, result.unhealthy_at) {
        (Verdict::Critical, Some(limit)) => {
            format!(
                "its limit for UNHEALTHY is {}",
                quantity(limit, &result.unit)
            )
        }
        _ => format!("its target is {}", quantity(result.target, &result.unit)),
    };
    let shown = beside(value, result.target, &result.unit);
    Untrusted::new(match (result.total, result.bad) {
        (Some(total), Some(bad)) => format!(
            "{} {shown}: {} of {} ({span}); {limit}",
            result.title,
            count(bad),
            count(total)
        ),
        _ => format!("{} {shown} ({span}); {limit}", result.title),
    })
}

/// Drops problems that another one explains, and that are no worse: one trouble, one issue.
/// One that was reported before stays, so that its issue does not look resolved.
fn drop_explained(case: &Case<'_>, verdicts: &mut Verdicts) {
    let slis = &verdicts.slis;
    let missed = |id: &str| slis.iter().find(|sli| sli.slo_breach && sli.sli == id);
    let explained = |check: &str| {
        let own = missed(check)?.verdict;
        let others = &case.kind.sli(check)?.explained_by;
        let mut others = others.iter().filter_map(|other| missed(other));
        Some(others.any(|other| other.verdict >= own))
    };
    verdicts.problems.retain(|problem| {
        !explained(&problem.check).unwrap_or(false) || seen_before(case, &problem.check).is_some()
    });
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
            return;
        }
    };
    verdicts.alarms = alarms::lines(alarms);
    verdicts.evidence |= alarms
        .iter()
        .any(|alarm| alarm.state != AlarmState::InsufficientData);
    for alarm in alarms.iter().filter(|a| a.state == AlarmState::Alarm) {
        judge_alarm(case, alarm, verdicts);
    }
    for alarm in alarms
        .iter()
        .filter(|a| a.state == AlarmState::InsufficientData)
    {
        let check = alarms::check(alarm);
        if seen_before(case, &check).is_some() {
            verdicts.unjudged.push(check);
        }
    }
}

/// A ringing alarm is evidence for the problem with the same metric, and else one of its own.
fn judge_alarm(case: &Case<'_>, alarm: &Alarm, verdicts: &mut Verdicts) {
    let symptom = alarms::symptom(alarm);
    let check = alarms::check(alarm);
    let same = {
        let checks: Vec<&str> = verdicts.problems.iter().map(|p| p.check.as_str()).collect();
        alarms::same_metric(case.kind, &case.programs.slis, alarm, &checks)
    };
    if let Some(index) = same {
        verdicts.problems[index].symptoms.push(symptom.clone());
        // One that was reported on its own stays, so that its issue does not look resolved.
        if seen_before(case, &check).is_none() {
            return;
        }
    }
    let title = Untrusted::new(format!("alarm {} is ringing", alarm.name.raw()));
    verdicts.reasons.push(title.clone());
    let mut problem = problem(&check, Status::Degraded, title, vec![symptom]);
    problem.alarm_only = same.is_none();
    verdicts.problems.push(problem);
}

/// Consecutive runs that saw this problem, as of the report before.
fn seen_before(case: &Case<'_>, check: &str) -> Option<u32> {
    let previous = case.previous?;
    previous
        .problems
        .iter()
        .find(|problem| problem.check == check)
        .map(|problem| problem.seen)
        .or_else(|| previous.held.get(check).copied())
}

/// Streaks of problems that this run could not judge.
fn held(case: &Case<'_>, verdicts: &Verdicts) -> BTreeMap<String, u32> {
    let Some(previous) = case.previous else {
        return BTreeMap::new();
    };
    let all_alarms = verdicts.unjudged.iter().any(|check| check == alarms::ALL);
    let unjudged = |check: &str| {
        verdicts.unjudged.iter().any(|known| known == check)
            || (all_alarms && check.starts_with(alarms::PREFIX))
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
    let unknown = verdicts.unknown.then_some(Status::Unknown);
    let status = worst.max(unknown).unwrap_or(Status::Healthy);
    let held = held(case, &verdicts);
    ResourceHealth {
        resource: reference(case.observed),
        status,
        state: verdicts.state,
        idle: verdicts.idle && status == Status::Healthy,
        slis: verdicts.slis,
        alarms: verdicts.alarms,
        reasons: verdicts.reasons,
        problems: verdicts.problems,
        unjudged: verdicts.unjudged,
        held,
        issue_id: None,
    }
}

fn reference(observed: &Observed) -> ResourceRef {
    let resource = &observed.resource;
    ResourceRef {
        name: resource.name.clone(),
        kind: resource
            .kind
            .as_ref()
            .map_or_else(|| resource.resource_type.clone(), ToString::to_string),
        arn: resource.arn.clone(),
        region: resource.region.clone(),
        console_url: resource.console_url.clone(),
    }
}
