//! What to do next.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::fact::{Gap, GapCause};
use crate::model::ids::EnvironmentName;
use crate::model::report::{Recommendation, ResourceHealth};
use crate::model::snapshot::{Alarm, AlarmState};
use crate::model::status::{Status, Verdict};
use crate::text::Untrusted;
use crate::text::numbers::{beside, quantity};
use crate::text::phrases::shell_word;

use super::EvaluateInput;
use super::resource::REGISTRY_DRIFT;

/// Names that are listed before `and N more`.
const LISTED: usize = 3;

/// Silence after which the existence of what only reports metrics is in doubt: a day.
const SILENT_SECONDS: i64 = 86_400;

/// Recommendations, most useful first. Commands are made of names that are safe to copy.
pub(super) fn recommend(
    input: &EvaluateInput<'_>,
    checks: &[ResourceHealth],
) -> Vec<Recommendation> {
    let environment = &input.snapshot.environment;
    let gaps = &input.snapshot.gaps;
    let mut out = Vec::new();
    let mut add = |text: String, command: Option<String>| {
        out.push(Recommendation {
            text: Untrusted::new(text),
            command: command.map(Untrusted::new),
        });
    };
    if input.snapshot.resources.is_empty() {
        add(
            "The registry is empty: fill it from Terraform state or from AWS tags".to_owned(),
            Some(format!(
                "fractary adopt terraform.tfstate --env {environment}"
            )),
        );
    }
    if let Some(text) = credentials(gaps) {
        add(text, Some(format!("fractary doctor --env {environment}")));
    }
    if gaps.iter().any(|gap| gap.cause == GapCause::Clock) {
        let text = "Set the clock of this machine: AWS refuses requests of another time, and has no \
                    data for its own future";
        add(text.to_owned(), Some("date -u".to_owned()));
    }
    if let Some(text) = denied(gaps) {
        add(text, Some("fractary iam-policy health".to_owned()));
    }
    if let Some((text, command)) = grant(environment, gaps, checks) {
        add(text, Some(command));
    }
    if let Some(text) = drift(checks) {
        add(text, Some("terraform plan".to_owned()));
    }
    if let Some(text) = unseen(input) {
        add(text, None);
    }
    if let Some(text) = fell_silent(input, checks) {
        add(text, None);
    }
    if let Some(text) = unanswered(gaps) {
        add(text, Some(format!("fractary health --env {environment}")));
    }
    for text in at_risk(checks) {
        add(text, None);
    }
    if let Some(text) = stray_alarms(input) {
        add(text, None);
    }
    if let Some(text) = not_monitored(input) {
        add(text, None);
    }
    out
}

/// How to grant what a resource lacks, and the command.
fn grant(
    environment: &EnvironmentName,
    gaps: &[Gap],
    checks: &[ResourceHealth],
) -> Option<(String, String)> {
    let (name, word) = grantable(gaps, checks)?;
    let text = format!(
        "Or grant what is missing for {name}, as the identity that grants permissions, once this \
         report is recorded"
    );
    let command = format!("fractary permissions grant --env {environment} --from unknown:{word}");
    Some((text, command))
}

/// `a, b, c and 4 more`.
fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names[..names.len().min(LISTED)].join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn credentials(gaps: &[Gap]) -> Option<String> {
    gaps.iter()
        .any(|gap| gap.cause == GapCause::Credentials)
        .then(|| "No valid AWS credentials: sign in, or check profile and role".to_owned())
}

fn denied(gaps: &[Gap]) -> Option<String> {
    let missing: BTreeSet<&str> = gaps
        .iter()
        .filter(|gap| gap.cause == GapCause::Denied)
        .map(|gap| gap.missing_permission.as_deref().unwrap_or(&gap.operation))
        .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "Allow {}, so that what is unknown now can be evaluated",
            list(missing)
        )
    })
}

/// The first resource that a permission would make known, by its name and as a word of a shell: what
/// `permissions grant --from unknown:NAME` takes.
fn grantable<'a>(gaps: &[Gap], checks: &'a [ResourceHealth]) -> Option<(&'a str, String)> {
    let missing: BTreeSet<&str> = gaps
        .iter()
        .filter_map(|gap| gap.missing_permission.as_deref())
        .collect();
    let is_missing = |why: &Untrusted| missing.iter().any(|one| why.raw().contains(*one));
    checks
        .iter()
        .filter(|check| check.status == Status::Unknown && check.reasons.iter().any(is_missing))
        .find_map(|check| {
            let name = check.resource.name.raw();
            Some((name, shell_word(name)?.raw().to_owned()))
        })
}

fn unanswered(gaps: &[Gap]) -> Option<String> {
    let calls: BTreeSet<String> = gaps
        .iter()
        .filter(|gap| {
            let explained = [GapCause::Clock, GapCause::Denied, GapCause::Credentials];
            !explained.contains(&gap.cause)
        })
        .map(|gap| format!("{} ({})", gap.operation, gap.cause.words()))
        .collect();
    (!calls.is_empty()).then(|| {
        format!(
            "Check again: no full answer from {}",
            list(calls.iter().map(String::as_str))
        )
    })
}

fn drift(checks: &[ResourceHealth]) -> Option<String> {
    let gone: Vec<&str> = checks
        .iter()
        .filter(|check| check.problems.iter().any(|p| p.check == REGISTRY_DRIFT))
        .map(|check| check.resource.name.raw())
        .collect();
    let (is, it) = match gone.len() {
        0 => return None,
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    Some(format!(
        "{} {is} gone from AWS: create {it} again, or, if removed on purpose, take {it} out of registry.json",
        list(gone)
    ))
}

/// The span that was not observed, because no run came within the day that one looks back.
fn unseen(input: &EvaluateInput<'_>) -> Option<String> {
    let (from, to) = (input.last_window_end?, input.snapshot.window.start);
    (from < to).then(|| {
        format!(
            "nothing was observed between {} and {}: check by hand, and see why no run started",
            from.strftime("%F %H:%M"),
            to.strftime("%F %H:%M UTC")
        )
    })
}

/// Resources that only metrics show to exist, and that have reported none for a day.
fn fell_silent(input: &EvaluateInput<'_>, checks: &[ResourceHealth]) -> Option<String> {
    let since = |at: Timestamp| input.now.as_second() - at.as_second();
    let silent = |check: &&ResourceHealth| {
        check.idle
            && check
                .last_data_at
                .is_some_and(|at| since(at) >= SILENT_SECONDS)
    };
    let silent = checks.iter().filter(silent);
    let names: Vec<&str> = silent.map(|check| check.resource.name.raw()).collect();
    let (exists, has) = match names.len() {
        0 => return None,
        1 => ("exists", "it has"),
        _ => ("exist", "they have"),
    };
    Some(format!(
        "see whether {} still {exists}: {has} reported nothing for a day, and nothing else is checked",
        list(names)
    ))
}

fn at_risk(checks: &[ResourceHealth]) -> Vec<String> {
    let close = checks.iter().flat_map(|check| {
        let close = check.slis.iter().filter(|s| s.verdict == Verdict::AtRisk);
        close.map(move |sli| (check, sli))
    });
    close
        .take(LISTED)
        .filter_map(|(check, sli)| {
            Some(format!(
                "Watch the {} of {}: {} with a target of {}",
                sli.title,
                check.resource.name.raw(),
                beside(sli.value?, sli.target, &sli.unit),
                quantity(sli.target, &sli.unit)
            ))
        })
        .collect()
}

/// Alarms that ring for nothing that is watched: outside the registry, or of an unknown kind.
fn stray_alarms(input: &EvaluateInput<'_>) -> Option<String> {
    let unwatched = input.snapshot.resources.iter().filter(|observed| {
        let kind = observed.resource.kind.as_ref();
        kind.and_then(|id| input.catalog.kind(id)).is_none()
    });
    let of_unwatched =
        unwatched.flat_map(|o| o.alarms.known().into_iter().flatten().chain(&o.some_alarms));
    let ringing = |alarm: &&Alarm| alarm.state == AlarmState::Alarm && !alarm.only_scales();
    // Those have a line of their own.
    let own = input.environment_alarms.unwrap_or_default();
    let shown = |alarm: &Alarm| {
        own.iter()
            .any(|own| own.arn == alarm.arn && own.name == alarm.name)
    };
    let names: BTreeSet<&str> = input
        .snapshot
        .unmatched_alarms
        .iter()
        .filter(|alarm| !shown(alarm))
        .chain(of_unwatched)
        .filter(ringing)
        .map(|alarm| alarm.name.raw())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} to no watched resource: {}",
            plural(
                names.len(),
                "alarm in ALARM belongs",
                "alarms in ALARM belong"
            ),
            list(names)
        )
    })
}

fn not_monitored(input: &EvaluateInput<'_>) -> Option<String> {
    let mut types: BTreeMap<&str, usize> = BTreeMap::new();
    for observed in &input.snapshot.resources {
        let kind = observed.resource.kind.as_ref();
        if kind.and_then(|id| input.catalog.kind(id)).is_none() {
            *types.entry(&observed.resource.resource_type).or_default() += 1;
        }
    }
    let total: usize = types.values().sum();
    (total > 0).then(|| {
        format!(
            "{} recorded but not watched (of no known kind, or of another account): {}",
            plural(total, "resource is", "resources are"),
            list(types.into_keys())
        )
    })
}
