//! What was changed in a span: by the repository, and by AWS.

use std::collections::BTreeSet;

use crate::app::workspace::Workspace;
use crate::cloud::Cloud;
use crate::cloud::question::ChangesQuestion;
use crate::core::investigate::changes::{self, ChangeSpan};
use crate::core::investigate::timeline::fold_changes;
use crate::error::CommandError;
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{EnvironmentName, Region};
use crate::model::investigation::{ChangeCoverage, ChangeSet, ChangeSource};
use crate::model::resource::Resource;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// The commits that are looked at, the newest first.
const COMMITS: usize = 300;

/// Reads the changes of the repository and, of these resources, those that AWS knows of. `span` is
/// in the past; what happens after its end is not looked at.
pub(crate) async fn read(
    cloud: &dyn Cloud,
    workspace: &Workspace,
    environment: &EnvironmentName,
    resources: &[Resource],
    span: ChangeSpan,
) -> Result<ChangeSet, CommandError> {
    let mut found = of_repository(workspace, environment, span)?;
    let mut regions: Vec<Region> = resources.iter().map(|one| one.region.clone()).collect();
    regions.sort();
    regions.dedup();
    let mut failed = BTreeSet::new();
    for region in regions {
        let of_region = resources.iter().filter(|one| one.region == region);
        let of_region: Vec<Resource> = of_region.cloned().collect();
        for source in [ChangeSource::Alarm, ChangeSource::Cloudtrail] {
            let question = ChangesQuestion {
                environment: environment.clone(),
                region: region.clone(),
                source,
                start: span.start,
                end: span.end,
                arns: of_region.iter().map(|one| one.arn.clone()).collect(),
                resources: of_region.clone(),
            };
            match cloud.changes(&question).await {
                Ok(more) => {
                    if !more.read.iter().any(|one| one.source == source) {
                        failed.insert(source);
                    }
                    found.changes.extend(more.changes);
                    found.gaps.extend(more.gaps);
                    found.read.extend(more.read);
                }
                Err(gap) => {
                    failed.insert(source);
                    found.gaps.push(gap);
                }
            }
        }
    }
    // What could not be read in one region is not read.
    found.read.retain(|one| !failed.contains(&one.source));
    found.changes = fold_changes(found.changes);
    found.read.sort_by_key(|one| (one.source, one.complete_to));
    // Complete is what every region is.
    found.read.dedup_by_key(|one| one.source);
    Ok(found)
}

/// Reads the changes that the repository knows of.
fn of_repository(
    workspace: &Workspace,
    environment: &EnvironmentName,
    span: ChangeSpan,
) -> Result<ChangeSet, CommandError> {
    let mut found = ChangeSet::default();
    let mut read = |source: ChangeSource| {
        found.read.push(ChangeCoverage {
            source,
            complete_to: span.end,
        });
    };
    if let Some(document) = &workspace.state.deployments {
        read(ChangeSource::Deployment);
        let all = &document.value.deployments;
        found
            .changes
            .extend(changes::deployments(all, environment, span));
    }
    match commits(workspace, span) {
        Ok(commits) => {
            found.read.push(ChangeCoverage {
                source: ChangeSource::Commit,
                complete_to: span.end,
            });
            found.changes.extend(commits);
        }
        Err(error) => found.gaps.push(Gap {
            operation: "git:log".to_owned(),
            subject: "commits that touch infrastructure".to_owned(),
            cause: GapCause::ProviderError,
            code: None,
            message: Untrusted::new(error.to_string()),
            missing_permission: None,
        }),
    }
    remediations(workspace, environment, span, &mut found)?;
    Ok(found)
}

/// Adds what remediations have changed.
fn remediations(
    workspace: &Workspace,
    environment: &EnvironmentName,
    span: ChangeSpan,
    found: &mut ChangeSet,
) -> Result<(), CommandError> {
    let path = paths::remediation_log(environment);
    if workspace.tree().read_text(&path)?.is_none() {
        return Ok(());
    }
    // The span may begin in an earlier month.
    match workspace.remediations().entries(environment, usize::MAX) {
        Ok(entries) => {
            found.read.push(ChangeCoverage {
                source: ChangeSource::Remediation,
                complete_to: span.end,
            });
            let none = |_: &str| None;
            found
                .changes
                .extend(changes::remediations(&entries, span, none));
        }
        Err(error) => found.gaps.push(Gap {
            operation: path.to_string(),
            subject: format!("changes by {}", ChangeSource::Remediation.title()),
            cause: GapCause::Garbled,
            code: None,
            message: Untrusted::new(error.to_string()),
            missing_permission: None,
        }),
    }
    Ok(())
}

fn commits(
    workspace: &Workspace,
    span: ChangeSpan,
) -> Result<Vec<crate::model::investigation::ChangeRecord>, crate::git::GitError> {
    let log = workspace.repository.log(COMMITS)?;
    let mut found = Vec::new();
    for (index, entry) in log.iter().enumerate() {
        let Some(at) = entry.at.filter(|at| span.holds(*at)) else {
            continue;
        };
        let Some(parent) = log.get(index + 1) else {
            // The first commit, or the oldest of a shallow clone: it seems to have made everything.
            continue;
        };
        let differing = workspace
            .repository
            .differing_paths(Some(&parent.id), &entry.id)?;
        let changed: Vec<String> = differing.into_iter().map(|one| one.path).collect();
        found.extend(changes::commit(
            entry.id.as_str(),
            &entry.subject,
            at,
            &changed,
        ));
    }
    Ok(found)
}
