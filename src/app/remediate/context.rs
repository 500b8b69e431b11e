//! What is known of a resource beside its facts: its issue, and its health so far.

use crate::app::remediate::prepare::Prepared;
use crate::app::workspace::Workspace;
use crate::core::remediate::verify;
use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::issue::Issue;
use crate::model::remediation::HealthReading;

/// The issue that was named, else the most urgent open one of the resource.
pub(crate) fn issue_of(
    workspace: &Workspace,
    name: &EnvironmentName,
    prepared: &Prepared,
    named: Option<&Issue>,
) -> Option<IssueId> {
    if let Some(issue) = named {
        return Some(issue.id.clone());
    }
    let arn = &prepared.chosen.resource.arn;
    let of_it = workspace
        .issues()
        .active()
        .filter(|issue| issue.environment == *name && issue.resource.subject.arn() == Some(arn));
    let worst = of_it.max_by_key(|issue| (issue.severity, issue.id.clone()));
    worst.map(|issue| issue.id.clone())
}

/// What the newest report says of the resource.
pub(crate) fn before(
    workspace: &Workspace,
    name: &EnvironmentName,
    prepared: &Prepared,
) -> HealthReading {
    let latest = workspace.records().latest(name);
    let arn = &prepared.chosen.resource.arn;
    latest.map_or_else(
        || HealthReading {
            status: "UNKNOWN".to_owned(),
            ..HealthReading::default()
        },
        |report| verify::reading(report, arn),
    )
}
