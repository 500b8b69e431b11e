//! Fixes that have worked often enough to be offered before the same step is tried again.

use super::experience::Experience;
use super::solutions::logged_solutions;
use crate::model::debug::{DebugReport, RankedSolution, SolutionSource};
use crate::model::issue_log::LoggedIssue;
use crate::text::Untrusted;

/// Successes from which on a fix is offered without being asked for.
const PROVEN: u64 = 3;

/// A fix that has worked for an issue.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownFix {
    /// The issue.
    pub issue_id: String,
    /// What it is called.
    pub title: Untrusted,
    /// Terraform's address of the resource, where the issue has one.
    pub address: Option<Untrusted>,
    /// The solution, which has worked at least three times and is better than waiting. Where
    /// `proven_elsewhere_only` is set, it must not be automated.
    pub solution: RankedSolution,
}

/// A step that is about to be taken, perhaps again.
#[derive(Debug, Clone, Copy)]
pub struct NextStep<'a> {
    /// Where.
    pub environment: &'a str,
    /// Terraform's addresses that it is about.
    pub addresses: &'a [String],
}

/// The proven fixes of the errors of a text, the best of each error: what to offer before a retry
/// that would only fail in the same way.
pub fn proven_fixes(report: &DebugReport) -> Vec<KnownFix> {
    let own = report.errors.iter().filter(|one| one.follows.is_none());
    let fixes = own.filter_map(|one| {
        Some(KnownFix {
            issue_id: one.issue_id.clone(),
            title: one.title.clone(),
            address: one.error.address.clone(),
            solution: one.solutions.iter().find(|one| is_proven(one))?.clone(),
        })
    });
    fixes.collect()
}

/// The proven fixes of issues that failed this very step the last time and that nothing has solved
/// since: what to show in a preview, where it costs nothing.
pub fn before_retry(experience: Experience<'_>, step: NextStep<'_>) -> Vec<KnownFix> {
    let issues = experience.log.into_iter().flat_map(|log| &log.issues);
    let experience = Experience {
        environment: Some(step.environment),
        ..experience
    };
    let fixes = issues
        .filter(|issue| failed(issue, step))
        .filter_map(|issue| {
            let mut solutions = logged_solutions(issue, experience).into_iter();
            Some(KnownFix {
                issue_id: issue.issue_id.clone(),
                title: issue.title.clone(),
                address: issue.error.context.address.clone(),
                solution: solutions.find(is_proven)?,
            })
        });
    fixes.collect()
}

/// Whether an issue is open where the step is to be taken.
fn failed(issue: &LoggedIssue, step: NextStep<'_>) -> bool {
    let context = &issue.error.context;
    let address = context.address.as_ref().map(Untrusted::raw);
    issue.open_since.is_some()
        && context.environment.as_deref() == Some(step.environment)
        && address.is_some_and(|address| step.addresses.iter().any(|one| one == address))
}

fn is_proven(solution: &RankedSolution) -> bool {
    solution.source == SolutionSource::ThisIssue
        && solution.success_rate.successes >= PROVEN
        && solution.better_than_waiting != Some(false)
}
