//! What a run found out about the incident of an issue.

use jiff::Timestamp;

use super::timeline;
use crate::model::incident::{Grade, IncidentReport, SuggestedAction};
use crate::model::issue::{Issue, IssueInvestigation};
use crate::model::paths::RepoPath;
use crate::text::Untrusted;

/// Actions that an issue keeps of an investigation.
const MOST_ACTIONS: usize = 5;

/// Writes what was found into an issue of the incident. A cause that a person named stays.
pub fn found(mut issue: Issue, report: &IncidentReport, page: &RepoPath, now: Timestamp) -> Issue {
    let cause = report.root_cause.as_ref();
    let actions = report.details.as_ref().map(|one| &one.suggested_actions);
    let actions = actions.into_iter().flatten().take(MOST_ACTIONS);
    issue.investigation = Some(IssueInvestigation {
        at: now,
        status: report.status.clone(),
        confidence: cause.map(|one| one.confidence),
        report: Untrusted::from(page.as_str()),
        actions: actions.map(|action| command(&issue, action)).collect(),
    });
    keep_actions(&mut issue);
    let said = match cause {
        Some(cause) => {
            let text = in_words(cause.summary.raw(), cause.confidence);
            let said = format!("{} ({})", cause.summary.raw(), cause.confidence.title());
            issue.root_cause.get_or_insert(Untrusted::from(text));
            said
        }
        None => report.summary.raw().to_owned(),
    };
    timeline::push(&mut issue, now, "investigated", said);
    issue
}

/// Writes into an issue that its incident was not investigated, and why.
pub fn not_found_out(mut issue: Issue, why: &str, now: Timestamp) -> Issue {
    timeline::push(&mut issue, now, "not_investigated", why);
    issue
}

/// Puts what helps against the cause before what helps against any symptom of its kind.
pub(super) fn keep_actions(issue: &mut Issue) {
    let Some(investigation) = &issue.investigation else {
        return;
    };
    let more = investigation.actions.iter();
    let more: Vec<Untrusted> = more
        .filter(|action| !issue.suggested_actions.contains(action))
        .cloned()
        .collect();
    // The first of them shows the issue.
    let place = issue.suggested_actions.len().min(1);
    issue.suggested_actions.splice(place..place, more);
}

/// Only what is confirmed is said as a fact.
fn in_words(summary: &str, grade: Grade) -> String {
    match grade {
        Grade::ConfirmedCause => summary.to_owned(),
        Grade::PossibleContributor | Grade::RecentButUnrelated | Grade::NeedsEvidence => {
            format!("not confirmed: {summary}")
        }
    }
}

fn command(issue: &Issue, action: &SuggestedAction) -> Untrusted {
    let resource = action.resource.raw();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    let resource = match !resource.is_empty() && resource.chars().all(is_plain) {
        true => resource.to_owned(),
        // What a shell would read otherwise is typed by hand.
        false => "RESOURCE".to_owned(),
    };
    let (action, id, environment) = (&action.action, &issue.id, &issue.environment);
    Untrusted::from(format!(
        "fractary remediate {action} {resource} --issue {id} --env {environment}"
    ))
}
