//! What the formats of a report on errors say in the same words.

use serde_json::{Map, Value};

use crate::model::debug::{
    Completion, DiagnosedError, RankedSolution, SolutionSource, SolutionStep, SuccessRate,
};
use crate::model::issue_log::{LoggedIssue, LoggedSolution};
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::times;

/// Where it happened: address, file and line.
pub(super) fn place(one: &DiagnosedError) -> Option<String> {
    let facts = &one.error;
    let file = facts.file.as_ref().map(|file| match facts.line {
        Some(line) => format!("{}:{line}", file.raw()),
        None => file.raw().to_owned(),
    });
    match (facts.address.as_ref().map(Untrusted::raw), file) {
        (Some(address), Some(file)) => Some(format!("{address} ({file})")),
        (Some(address), None) => Some(address.to_owned()),
        (None, file) => file,
    }
}

/// The message with its code and call.
pub(super) fn said(one: &DiagnosedError) -> String {
    let facts = &one.error;
    let raw = |value: &Option<Untrusted>| value.as_ref().map(|value| value.raw().to_owned());
    let message = facts.message.raw();
    let said = match raw(&facts.code) {
        Some(code) if message.is_empty() => code,
        Some(code) => format!("{code}: {message}"),
        None => message.to_owned(),
    };
    let call = [raw(&facts.service), raw(&facts.operation)];
    let call: Vec<String> = call.into_iter().flatten().collect();
    let status = facts.http_status.map(|status| format!("status {status}"));
    let parts = Some(call.join(" ")).filter(|call| !call.is_empty());
    let parts: Vec<String> = parts.into_iter().chain(status).collect();
    match parts.is_empty() {
        true => said,
        false => format!("{said} ({})", parts.join(", ")),
    }
}

/// How often the log has it.
pub(super) fn seen(one: &DiagnosedError) -> String {
    one.seen_before.as_ref().map_or_else(String::new, |seen| {
        let times = counted(seen.occurrence_count, "time");
        let first = times::time(seen.first_seen);
        format!(", recorded {times} since {first}")
    })
}

/// Whether a solution is told in its own words: the title and the steps do not say it.
pub(super) fn is_described(one: &RankedSolution) -> bool {
    let source = one.source;
    matches!(source, SolutionSource::Null | SolutionSource::SimilarIssue) || one.steps.is_empty()
}

/// The command that records what came of a solution.
pub(super) fn record_command(one: &Completion) -> String {
    let solution = Untrusted::from(one.solution_id.as_str()).terminal();
    format!("fractary debug FILE --tried {solution} --worked")
}

/// What is said behind a step whose command changes something.
pub(super) fn change(step: &SolutionStep) -> &'static str {
    match step.changes {
        true => " (changes something)",
        false => "",
    }
}

/// How often a solution worked.
pub(super) fn worked(rate: SuccessRate) -> String {
    let times = counted(rate.attempts, "time");
    format!("worked {} of {times}", rate.successes)
}

/// Whether an issue of the log is solved.
pub(super) fn state(one: &LoggedIssue) -> &'static str {
    match one.open_since {
        Some(_) => "open",
        None => "solved",
    }
}

/// The solutions of an issue that were tried, those that worked most often first.
pub(super) fn tried(one: &LoggedIssue) -> Vec<&LoggedSolution> {
    let tried = one.solutions.iter();
    let mut tried: Vec<&LoggedSolution> =
        tried.filter(|one| one.success_rate.attempts > 0).collect();
    tried.sort_by(|a, b| {
        let most_first = b.success_rate.successes.cmp(&a.success_rate.successes);
        most_first.then_with(|| a.solution_id.cmp(&b.solution_id))
    });
    tried
}

/// The figures over all issues, by the words for them.
pub(super) fn figures(statistics: &Map<String, Value>) -> Vec<(String, String)> {
    let shown = |value: &Value| match value {
        Value::Null => "nothing to count yet".to_owned(),
        other => other.to_string(),
    };
    let mut out = Vec::new();
    for (name, value) in statistics {
        let name = name.replace('_', " ");
        match value {
            Value::Object(parts) => {
                let parts = parts.iter();
                out.extend(parts.map(|(part, value)| (format!("{name}: {part}"), shown(value))));
            }
            other => out.push((name, shown(other))),
        }
    }
    out
}

/// What came of a solution.
pub(super) fn attempts(one: &RankedSolution) -> String {
    let rate = one.success_rate;
    if rate.attempts == 0 {
        return "not tried yet".to_owned();
    }
    let mut said = worked(rate);
    if one.proven_elsewhere_only {
        said.push_str(&format!(", proven in {} only", one.proven_in.join(", ")));
    }
    if one.better_than_waiting == Some(false) {
        said.push_str(", no better than waiting");
    }
    said
}
