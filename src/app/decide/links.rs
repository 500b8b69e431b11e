//! Where the files behind a dashboard lie for people who read it elsewhere.

use std::collections::BTreeMap;

use crate::app::workspace::views::issues::IssueStore;
use crate::error::CommandError;
use crate::forge::RepositoryName;
use crate::git::Repository;
use crate::model::dashboard::{Dashboard, IssueLinks, Links};
use crate::model::ids::{CommitId, IssueId};
use crate::model::paths::RepoPath;

/// How many commits are searched for the one that last changed an issue.
const COMMITS: usize = 2_000;

/// Finds addresses for the issues that a dashboard shows; `None` where the remote is not known to
/// show files.
pub(crate) fn link_issues(
    repository: &Repository,
    base: Option<&CommitId>,
    issues: IssueStore<'_>,
    shown: &Dashboard,
) -> Result<Option<Links>, CommandError> {
    let remote = repository.remote_url();
    let Some(name) = remote.and_then(|url| RepositoryName::of_remote(&url)) else {
        return Ok(None);
    };
    let rows = shown.top_issues.iter().chain(&shown.recently_resolved);
    let mut paths: BTreeMap<IssueId, RepoPath> = BTreeMap::new();
    for row in rows {
        if let Some(document) = issues.document(&row.id)? {
            paths.insert(row.id.clone(), document.path.clone());
        }
    }
    let wanted: Vec<RepoPath> = paths.values().cloned().collect();
    let commits = repository.last_changes(&wanted, COMMITS)?;
    let linked = paths.into_iter().map(|(id, path)| {
        let commit = commits.get(&path).cloned();
        let path = path.to_string();
        (id, IssueLinks { path, commit })
    });
    Ok(Some(Links {
        repository: format!("https://github.com/{name}"),
        commit: base.cloned(),
        issues: linked.collect(),
    }))
}
