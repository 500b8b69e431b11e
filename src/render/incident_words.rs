//! What the formats of an incident share.

use crate::model::incident::{Hypothesis, IncidentDetails, IncidentReport, UnusualResource};
use crate::text::numbers::short_quantity;
use crate::text::phrases;

/// The share of the symptom from which another hypothesis is worth reading.
const LEAST: f64 = 0.05;
/// The hypotheses that are told.
const TOLD: usize = 4;
/// The deviation that says no more than "very far".
const FAR: f64 = 1_000.0;

/// The first, and others that explain something.
pub(super) fn told(report: &IncidentReport) -> impl Iterator<Item = &Hypothesis> {
    let all = report.hypotheses.iter().enumerate();
    all.filter(|(index, one)| *index == 0 || one.score >= LEAST || one.summary.is_some())
        .map(|(_, one)| one)
        .take(TOLD)
}

/// How far off a resource is, and why it is no hypothesis. Not escaped for any format.
pub(super) fn unusual(one: &UnusualResource) -> String {
    match one.deviation.abs() < FAR {
        true => format!("{} standard deviations off, {}", one.deviation, one.why),
        false => format!("far off, {}", one.why),
    }
}

/// What was read: `read 2 resources with 412 log events of 30 kB, in 23 calls`.
pub(super) fn what_was_read(details: &IncidentDetails) -> String {
    let logs = &details.logs;
    format!(
        "read {} with {} of {}, in {}",
        phrases::counted(details.scope.len() as u64, "resource"),
        phrases::counted(logs.events, "log event"),
        short_quantity(logs.bytes as f64, "bytes"),
        phrases::counted(details.api.calls, "call"),
    )
}

/// The command that tells later investigations that the cause was right, once it is over.
pub(super) fn when_it_was_right(report: &IncidentReport) -> Option<String> {
    let issue = report.details.as_ref()?.issue_id.as_ref()?;
    let signature = report.root_cause.as_ref()?.cause_id.as_ref()?;
    Some(format!(
        "fractary issues resolve {issue} --cause {signature}"
    ))
}
