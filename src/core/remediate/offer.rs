//! Which action a run tries by itself for an issue.

use crate::catalog::actions::{Action, Actions};
use crate::core::remediate::brakes::{self, MOST_FAILURES};
use crate::core::remediate::history::Remediation;
use crate::model::ids::EnvironmentName;
use crate::model::issue::{Issue, IssueStatus};

/// Returns the actions that may help against an issue, in the order of their names. One that
/// failed twice on it is not offered again, and one that needs a parameter is offered by nobody.
pub fn for_issue<'a>(issue: &Issue, done: &[Remediation]) -> Vec<&'a Action> {
    let kind = issue.resource.kind.as_str();
    let needs_nothing = |action: &&Action| {
        action
            .parameters
            .values()
            .all(|parameter| parameter.default.is_some())
    };
    let all = Actions::built_in()
        .iter()
        .filter(|action| action.is_for(kind) && action.helps.contains(&issue.check));
    all.filter(needs_nothing)
        .filter(|action| brakes::failures(done.iter(), &action.id, Some(&issue.id)) < MOST_FAILURES)
        .collect()
}

/// Returns the action that has failed on an issue as often as it is tried, where one has: people
/// take over then.
pub fn given_up<'a>(issue: &Issue, done: &[Remediation]) -> Option<&'a Action> {
    let mut all = Actions::built_in().iter();
    all.find(|action| brakes::failures(done.iter(), &action.id, Some(&issue.id)) >= MOST_FAILURES)
}

/// Returns the issues of an environment that a run may act on, the most severe first. One that
/// people have, or that has just been acted on, is left alone.
pub fn issues<'a>(
    all: impl Iterator<Item = &'a Issue>,
    environment: &EnvironmentName,
) -> Vec<&'a Issue> {
    let mut open: Vec<&Issue> = all
        .filter(|issue| issue.environment == *environment)
        .filter(|issue| issue.escalation.is_none() && issue.assignee.is_none())
        .filter(|issue| {
            matches!(
                issue.status,
                IssueStatus::Active | IssueStatus::Investigating | IssueStatus::RemediationFailed
            )
        })
        .collect();
    open.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    open
}
