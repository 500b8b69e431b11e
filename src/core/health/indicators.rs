//! What the service level indicators of one resource say of it.

use crate::catalog::kinds::kind::{Count, Metric};
use crate::catalog::kinds::states::StateRow;
use crate::core::formula::UnknownReason;
use crate::model::monitoring::EnabledCheck;
use crate::model::report::{Problem, SliResult};
use crate::model::snapshot::{Condition, ResourceState};
use crate::model::status::{Severity, Status, Verdict};
use crate::model::window::Window;
use crate::text::Untrusted;
use crate::text::numbers::{beside, number, quantity};
use crate::text::{template, times};

use super::case::{Case, RESOURCE_STATE, Verdicts, problem, seen_before};
use super::readings::Readings;
use super::shared;
use super::slis::{self, Judged, Reported, SpanChoice};
use super::states;
use super::words::unknown_reason;
use super::worst::{self, Contender, PartCase};

/// Most parts of a resource that a problem names.
const PARTS_SHOWN: usize = 5;

/// Judges all indicators, and whether there was work at all.
pub(super) fn judge(case: &Case<'_>, verdicts: &mut Verdicts) {
    let window = case.snapshot.window;
    let kind = (case.kind, case.programs);
    let readings = Readings::new(kind, case.observed, window, case.settings);
    let looked = states::look_up(case.kind, case.programs, case.observed, window);
    let row = looked.row();
    let parts = worst::parts(case);
    let mut idle = false;
    let mut busy = false;
    for mut contenders in contenders(case, &readings, &parts, verdicts) {
        let worst = worst::take_worst(&mut contenders);
        for other in &contenders {
            // What hides a part hides it behind whatever the others say.
            if let Judged::Unknown(result, why) = &other.judged {
                not_known(case, &other.readings, result, why, verdicts);
                busy = true;
            }
        }
        match worst.judged {
            // Only worth a word where it is expected.
            Judged::NotCollected(sli) => {
                if case.has_issue(&sli) || seen_before(case, &sli).is_some() {
                    verdicts.unjudged.push(sli);
                }
            }
            Judged::Unknown(result, why) => {
                busy = true;
                not_known(case, &worst.readings, &result, &why, verdicts);
                verdicts.slis.push(result);
            }
            Judged::Known(mut result) => {
                let shows = case.kind.sli(&result.sli).and_then(|s| s.shows.as_deref());
                result.shown = result
                    .value
                    .and(shows)
                    .and_then(|template| fill_template(template, &worst.readings))
                    .map(Untrusted::new);
                verdicts.evidence = true;
                idle |= result.verdict == Verdict::Idle;
                busy |= result.verdict != Verdict::Idle;
                result.part = worst.part.cloned();
                if result.slo_breach && row.is_some_and(|row| row.excuses.contains(&result.sli)) {
                    // Neither a problem nor a sign of health: an issue that is open waits.
                    result.slo_breach = false;
                    result.verdict = Verdict::AtRisk;
                    verdicts.unjudged.push(result.sli.clone());
                } else {
                    note(case, &worst.readings, &result, &contenders, verdicts);
                }
                verdicts.slis.push(result);
            }
        }
    }
    judge_idleness(case, &readings, idle && !busy, verdicts);
    drop_explained(case, verdicts);
    if let Some(row) = row {
        join_state(case, row, verdicts);
    }
    shared::judge(case, verdicts);
}

/// Makes the state evidence for the problem that it explains: one problem, one issue. One that
/// was reported before stays, so that its issue does not look resolved.
fn join_state(case: &Case<'_>, row: &StateRow, verdicts: &mut Verdicts) {
    let place = |is: &dyn Fn(&Problem) -> bool, of: &Verdicts| of.problems.iter().position(is);
    let Some(state) = place(&|problem| problem.check == RESOURCE_STATE, verdicts) else {
        return;
    };
    let is_explained = |problem: &Problem| row.explains.contains(&problem.check);
    if place(&is_explained, verdicts).is_none() || seen_before(case, RESOURCE_STATE).is_some() {
        return;
    }
    let state = verdicts.problems.remove(state);
    for problem in verdicts.problems.iter_mut().filter(|p| is_explained(p)) {
        problem.status = problem.status.max(state.status);
        problem.symptoms.extend(state.symptoms.iter().cloned());
    }
}

fn not_known(
    case: &Case<'_>,
    readings: &Readings<'_>,
    result: &SliResult,
    why: &UnknownReason,
    verdicts: &mut Verdicts,
) {
    let what = unknown_part(case, readings, result, why);
    verdicts.unknown(unknown_reason(what, case.snapshot, why));
    if !verdicts.unjudged.contains(&result.sli) {
        verdicts.unjudged.push(result.sli.clone());
    }
}

/// What each indicator says of the whole, and then of each part.
fn contenders<'a>(
    case: &'a Case<'a>,
    whole: &Readings<'a>,
    parts: &'a [PartCase<'a>],
    verdicts: &mut Verdicts,
) -> Vec<Vec<Contender<'a>>> {
    let mut all: Vec<Vec<Contender<'a>>> = judge_spans(case, whole, None, verdicts)
        .into_iter()
        .map(|one| vec![one])
        .collect();
    for part in parts {
        let kind = (case.kind, case.programs);
        let readings = Readings::new(kind, &part.observed, case.snapshot.window, case.settings);
        let judged = judge_spans(case, &readings, Some(part), verdicts);
        for (of_one, contender) in all.iter_mut().zip(judged) {
            if part.definition.has_sli(contender.judged.sli()) {
                of_one.push(contender);
            }
        }
    }
    all
}

/// Judges over the whole window and, where that is longer than usual, over its newest part:
/// a long window would dilute what has just begun, and keep alive what is over.
fn judge_spans<'a>(
    case: &'a Case<'a>,
    whole: &Readings<'a>,
    part: Option<&'a PartCase<'a>>,
    verdicts: &mut Verdicts,
) -> Vec<Contender<'a>> {
    let judge = |readings: &Readings<'_>| {
        let (programs, resource) = (&case.programs.slis, &case.observed.resource);
        slis::judge(case.kind, programs, readings, resource, case.settings)
    };
    let name = part.map(|part| part.name);
    let contender = |judged, readings: &Readings<'a>| Contender {
        part: name,
        judged,
        readings: readings.clone(),
    };
    let over_whole = judge(whole).into_iter();
    let Some(newest) = whole.newest(case.settings) else {
        return over_whole.map(|one| contender(one, whole)).collect();
    };
    over_whole
        .zip(judge(&newest))
        .map(
            |(old, new)| match slis::choose(&old, &new, |old| was_reported(case, old)) {
                SpanChoice::Whole => contender(old, whole),
                SpanChoice::Newest => contender(new, &newest),
                SpanChoice::Recovered => {
                    let is_judged = part.is_none_or(|part| part.definition.has_sli(new.sli()));
                    let place = name.map_or_else(String::new, |name| format!(" in {}", name.raw()));
                    let title = new.title();
                    let since = times::clock(newest.window().start);
                    if is_judged {
                        verdicts.reasons.push(Untrusted::new(format!(
                            "{title}{place} missed its target earlier in the window, and meets it \
                             since {since} UTC"
                        )));
                    }
                    contender(new, &newest)
                }
            },
        )
        .collect()
}

/// Whether the report before named this problem, or of another that explained it.
fn was_reported(case: &Case<'_>, whole: &SliResult) -> Reported {
    let sli = whole.sli.as_str();
    let explained_by = case
        .kind
        .sli(sli)
        .into_iter()
        .flat_map(|sli| &sli.explained_by);
    let mut checks = std::iter::once(sli).chain(explained_by.map(String::as_str));
    if !checks.any(|check| seen_before(case, check).is_some()) {
        return Reported::No;
    }
    match case.before(sli) {
        Some(before) if before.verdict >= whole.verdict => Reported::AsBad,
        _ => Reported::Missed,
    }
}

fn judge_idleness(case: &Case<'_>, readings: &Readings<'_>, idle: bool, verdicts: &mut Verdicts) {
    let is_offered = |state: &ResourceState| state.condition != Condition::NotOffered;
    let exists_is_checked = case.kind.status.is_some()
        && case.settings.enabled(EnabledCheck::ResourceStatus)
        && case.observed.state.known().is_none_or(is_offered);
    let silent = !exists_is_checked && readings.no_data();
    let before = case.previous.and_then(|previous| previous.last_data_at);
    verdicts.last_data_at = readings
        .last_data_at()
        .or(before)
        .filter(|_| !exists_is_checked);
    verdicts.idle = idle || (silent && !verdicts.unknown);
    if verdicts.idle {
        verdicts
            .reasons
            .push(Untrusted::new(match (silent, before) {
                (true, Some(last)) => format!(
                    "idle: no data points since {}; whether it still exists is not checked",
                    times::time(last)
                ),
                (true, None) => {
                    "idle: no data points in the window; whether it exists is not checked"
                        .to_owned()
                }
                (false, _) => "idle: no work in the window".to_owned(),
            }));
    }
}

/// What to call the unknown: all metrics come from one call, so one sentence does for them.
fn unknown_part<'a>(
    case: &Case<'_>,
    readings: &Readings<'_>,
    result: &'a SliResult,
    why: &UnknownReason,
) -> &'a str {
    let is_metric = |name: &str| case.kind.metric(name).is_some();
    let from_metrics = match why {
        UnknownReason::Gap(gap) => readings.has_metric_gap(*gap),
        UnknownReason::NoData(name) | UnknownReason::NotAsked(name) => is_metric(name),
        UnknownReason::NoValue(_) => false,
    };
    if from_metrics {
        "metrics"
    } else {
        &result.title
    }
}

/// Turns a verdict into a problem or a remark.
fn note(
    case: &Case<'_>,
    readings: &Readings<'_>,
    result: &SliResult,
    others: &[Contender<'_>],
    verdicts: &mut Verdicts,
) {
    let Some(value) = result.value else { return };
    let status = match result.verdict {
        Verdict::Breach => Status::Degraded,
        Verdict::Critical => Status::Unhealthy,
        Verdict::AtRisk => {
            verdicts.reasons.push(Untrusted::new(format!(
                "{} {}{} is close to its target of {}",
                result.title,
                beside(value, result.target, &result.unit),
                result.place(),
                quantity(result.target, &result.unit)
            )));
            return;
        }
        Verdict::TooFewSamples if result.misses_target() && !has_explanation(case, result) => {
            verdicts.reasons.push(Untrusted::new(format!(
                "{} {}{} does not count: only {} events in the window, {} are needed",
                result.title,
                quantity(value, &result.unit),
                result.place(),
                number(result.total.unwrap_or(0.0)),
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
        vec![symptom(readings.window(), result, value)],
    );
    problem.slo_breach = true;
    if slis::is_single_event(result) {
        // It failed, and that is told; how the service does, one request cannot say.
        problem.severity = Some(Severity::Medium);
        problem
            .symptoms
            .push(Untrusted::from("it is the only request in the window"));
    }
    problem.symptoms.extend(symptoms_of_others(others));
    if result.estimated {
        problem.symptoms.push(Untrusted::from(
            "the limit it is measured against is ESTIMATED",
        ));
    }
    problem.symptoms.extend(parts(case, readings, result));
    verdicts.reasons.push(title);
    verdicts.problems.push(problem);
}

/// Which parts of the resource a problem is about: those that have none of what there should be
/// some of, else those that have most of it.
fn parts(case: &Case<'_>, readings: &Readings<'_>, result: &SliResult) -> Vec<Untrusted> {
    let place = case.kind.slis.iter().position(|sli| sli.id == result.sli);
    let names = place.map_or(&[][..], |at| case.programs.slis[at].value.names());
    let asked = |metric: &Metric, count| names.iter().any(|n| metric.count(n) == Some(count));
    let mut sentences = Vec::new();
    for metric in case.kind.metrics.iter() {
        let Some(part) = &metric.part else { continue };
        let mut all = readings.parts(metric);
        if asked(metric, Count::Some) {
            all.retain(|(_, value)| *value <= 0.0);
        } else if asked(metric, Count::Value) {
            all.retain(|(_, value)| *value > 0.0);
        } else {
            continue;
        }
        all.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let shown = all.iter().take(PARTS_SHOWN);
        let shown: Vec<String> = shown
            .map(|(name, value)| format!("{name} {}", quantity(*value, &metric.unit)))
            .collect();
        if !shown.is_empty() {
            let shown = shown.join(", ");
            let sentence = format!("{} by {part}: {shown}", metric.metric);
            sentences.push(Untrusted::new(sentence));
        }
    }
    sentences
}

/// What the other parts that miss the target say.
fn symptoms_of_others(others: &[Contender<'_>]) -> Vec<Untrusted> {
    let symptom = |other: &Contender<'_>| {
        let (Judged::Known(missed), Some(part)) = (&other.judged, other.part) else {
            return None;
        };
        let named = SliResult {
            part: Some(part.clone()),
            ..missed.clone()
        };
        let value = missed.value.filter(|_| missed.slo_breach)?;
        Some(symptom(other.readings.window(), &named, value))
    };
    others.iter().filter_map(symptom).collect()
}

/// Whether another indicator shows the same problem, so that one sentence does.
fn has_explanation(case: &Case<'_>, result: &SliResult) -> bool {
    case.kind
        .sli(&result.sli)
        .is_some_and(|sli| !sli.explained_by.is_empty())
}

/// `error rate 3.2 % (target 0.1 %)`, or what the kind says instead.
fn title(case: &Case<'_>, readings: &Readings<'_>, result: &SliResult, value: f64) -> Untrusted {
    let says = case
        .kind
        .sli(&result.sli)
        .and_then(|sli| sli.says.as_deref())
        .and_then(|template| fill_template(template, readings));
    let title = says.unwrap_or_else(|| {
        format!(
            "{} {} (target {})",
            result.title,
            beside(value, result.target, &result.unit),
            quantity(result.target, &result.unit)
        )
    });
    Untrusted::new(format!("{title}{}", result.place()))
}

/// Fills `{name}` by numbers; `None` where one is not known.
fn fill_template(template: &str, readings: &Readings<'_>) -> Option<String> {
    template::fill(template, |name| readings.number(name).map(number))
}

fn symptom(window: Window, result: &SliResult, value: f64) -> Untrusted {
    let span = times::between(window.start, window.end);
    let limit = match (result.verdict, result.unhealthy_at) {
        (Verdict::Critical, Some(limit)) => {
            format!(
                "its limit for UNHEALTHY is {}",
                quantity(limit, &result.unit)
            )
        }
        _ => format!("its target is {}", quantity(result.target, &result.unit)),
    };
    let shown = match &result.shown {
        Some(shown) => shown.raw().to_owned(),
        None => beside(value, result.target, &result.unit),
    };
    let shown = format!("{shown}{}", result.place());
    Untrusted::new(match (result.total, result.bad) {
        (Some(total), Some(bad)) => format!(
            "{} {shown}: {} of {} ({span}); {limit}",
            result.title,
            number(bad),
            number(total)
        ),
        _ => format!("{} {shown} ({span}); {limit}", result.title),
    })
}

/// Drops problems that another one explains, and that are no worse: one problem, one issue.
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
