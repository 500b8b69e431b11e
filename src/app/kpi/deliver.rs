//! What delivery figures are made of: deployments, the history of git, and issues.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::workspace::Workspace;
use crate::core::kpi::delivery::{
    self, CommitRange, DeliveryInput, DeployedCommit, DeploymentStep, ProductionIncident,
};
use crate::error::CommandError;
use crate::git::{Ancestry, RangeCommit, Repository};
use crate::model::delivery::DeliveryReport;
use crate::model::ids::EnvironmentName;
use crate::model::issue::Issue;
use crate::model::status::Severity;

/// Digits of an id of a commit.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=64;

/// Returns the figures; `None` where no deployment of the environment is recorded.
pub(super) fn report(
    workspace: &Workspace,
    name: &EnvironmentName,
    now: Timestamp,
) -> Result<Option<DeliveryReport>, CommandError> {
    let Some(document) = &workspace.state.deployments else {
        return Ok(None);
    };
    let steps = delivery::steps(&document.value.deployments, name);
    if steps.is_empty() {
        return Ok(None);
    }
    let start = delivery::window_start(&steps, now);
    let inside = steps
        .iter()
        .filter(|one| one.deployment.deployed_at >= start);
    let ranges = ranges(&workspace.repository, inside);
    let incidents = incidents(workspace, name)?;
    Ok(Some(delivery::report(&DeliveryInput {
        now,
        steps: &steps,
        ranges: &ranges,
        incidents: &incidents,
    })))
}

fn ranges<'a>(
    repository: &Repository,
    steps: impl Iterator<Item = &'a DeploymentStep<'a>>,
) -> BTreeMap<(String, String), CommitRange> {
    let mut found = BTreeMap::new();
    for (from, to) in steps.filter_map(DeploymentStep::range) {
        let range = match range(repository, &from, &to) {
            Ok(range) => range,
            Err(why) => CommitRange::Unreadable(why),
        };
        found.insert((from, to), range);
    }
    found
}

/// What lies between two commits; the error is why that is not known.
fn range(repository: &Repository, from: &str, to: &str) -> Result<CommitRange, String> {
    let commit = |id: &str| {
        let is_id = DIGITS.contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let found = is_id.then(|| repository.resolve(id).ok()).flatten();
        found.ok_or_else(|| "a commit that was deployed is not in this clone".to_owned())
    };
    let (from, to) = (commit(from)?, commit(to)?);
    let found = repository.ancestry(&from, &to);
    Ok(match found.map_err(|error| error.to_string())? {
        Ancestry::Descends(commits) => CommitRange::Commits(deployed(commits, to.as_str())),
        Ancestry::Older => CommitRange::Older,
        Ancestry::Apart => CommitRange::Rewritten,
        Ancestry::Shallow => {
            return Err("this clone is shallow: `fetch-depth: 0` of actions/checkout, or `git fetch --unshallow`, reads the past".to_owned());
        }
    })
}

/// The commits, with those that the deployed branch went through.
fn deployed(commits: Vec<RangeCommit>, tip: &str) -> Vec<DeployedCommit> {
    let first_parents: BTreeMap<&str, Option<&str>> = commits
        .iter()
        .map(|one| (one.id.as_str(), one.parents.first().map(String::as_str)))
        .collect();
    let mut trunk = std::collections::BTreeSet::new();
    let mut next = Some(tip);
    while let Some(id) = next {
        next = first_parents.get(id).copied().flatten();
        if first_parents.contains_key(id) {
            trunk.insert(id.to_owned());
        }
    }
    let each = commits.into_iter().map(|one| DeployedCommit {
        on_trunk: trunk.contains(&one.id),
        authored_at: one.authored_at,
        committed_at: one.committed_at,
        parents: one.parents.len(),
        subject: one.subject,
        id: one.id,
    });
    each.collect()
}

/// What went wrong for users: issues that are, or were, at least HIGH.
fn incidents(
    workspace: &Workspace,
    name: &EnvironmentName,
) -> Result<Vec<ProductionIncident>, CommandError> {
    let resolved = workspace.issues().resolved()?.values();
    let all = workspace
        .issues()
        .active()
        .chain(resolved.map(|one| &one.value));
    let counts = |one: &&Issue| {
        let worst = one.worst_severity.unwrap_or(one.severity).max(one.severity);
        one.environment == *name && worst >= Severity::High && one.merged_into.is_none()
    };
    let mut found: Vec<ProductionIncident> = all
        .filter(counts)
        .map(|one| ProductionIncident {
            id: one.id.clone(),
            resource: one.resource.subject.identity().raw().to_owned(),
            detected_at: one.detected_at,
            restored_at: one.resolved_at,
        })
        .collect();
    found.sort_by(|one, other| (one.detected_at, &one.id).cmp(&(other.detected_at, &other.id)));
    Ok(found)
}
