//! Errors of our own runs: what AWS refused them, in the same log as the errors of other programs.

use serde_json::Map;

use super::experience::Experience;
use super::learn::{RecordContext, Recorded};
use super::report::diagnose;
use crate::model::debug::DiagnosedError;
use crate::model::fact::{Gap, GapCause};
use crate::model::issue_log::LoggedIssue;

/// The errors that gaps of a run are, each once. What passes by itself in the next run (throttling,
/// a time-out) and what AWS gave no code for is none.
pub fn own_errors(gaps: &[Gap], experience: Experience<'_>) -> Vec<DiagnosedError> {
    let mut errors: Vec<DiagnosedError> = Vec::new();
    for text in gaps.iter().filter_map(said) {
        let report = diagnose(&text, experience).errors.into_iter();
        let own = report.filter(|one| one.follows.is_none());
        for one in own {
            if errors.iter().all(|known| known.issue_id != one.issue_id) {
                errors.push(one);
            }
        }
    }
    errors
}

/// What the AWS CLI prints for the same answer.
fn said(gap: &Gap) -> Option<String> {
    if !matches!(
        gap.cause,
        GapCause::Denied | GapCause::Credentials | GapCause::ProviderError
    ) {
        return None;
    }
    let code = gap.code.as_ref()?.raw();
    let operation = gap.operation.rsplit(':').next().unwrap_or_default();
    let message = gap.message.raw().replace(['\r', '\n'], " ");
    Some(format!(
        "An error occurred ({code}) when calling the {operation} operation: {message}"
    ))
}

/// Whether the gaps of an environment leave no doubt about calls that they do not name: all of them
/// are denials, so that everything else was asked and was answered.
pub fn answers_the_rest(gaps: &[Gap]) -> bool {
    gaps.iter().all(|gap| gap.cause == GapCause::Denied)
}

/// Records that errors of earlier runs of a command did not occur again. What has solved them is
/// not known, so no solution is credited.
pub fn passed(
    issues: &mut [LoggedIssue],
    still: &[DiagnosedError],
    occasion: RecordContext<'_>,
) -> Vec<Recorded> {
    let over = issues.iter_mut().filter(|issue| {
        let context = &issue.error.context;
        issue.open_since.is_some()
            && context.command.is_some()
            && context.command.as_deref() == occasion.command
            && context.environment.as_deref() == occasion.environment
            && still.iter().all(|one| one.issue_id != issue.issue_id)
    });
    let recorded = over.map(|issue| {
        issue.open_since = None;
        let mut entry = Map::new();
        entry.insert("event".to_owned(), "passed".into());
        entry.insert("issue_id".to_owned(), issue.issue_id.clone().into());
        entry.insert("times".to_owned(), issue.occurrence_count.into());
        if let Some(environment) = occasion.environment {
            entry.insert("environment".to_owned(), environment.into());
        }
        entry
    });
    recorded.collect()
}
