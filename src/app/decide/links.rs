//! Where the files behind a dashboard lie for people who read it elsewhere.

use std::collections::BTreeMap;

use crate::app::workspace::load::Loaded;
use crate::error::CommandError;
use crate::forge::RepositoryName;
use crate::model::dashboard::{Dashboard, IssueLinks, Links};
use crate::model::paths::RepoPath;

/// How many commits are searched for the one that last changed an issue.
const COMMITS: usize = 2_000;

/// Addresses for the issues that a dashboard shows; `None` where the remote is not known to
/// show files.
pub(crate) fn of(loaded: &Loaded, shown: &Dashboard) -> Result<Option<Links>, CommandError> {
    let remote = loaded.repository.remote_url();
    let Some(name) = remote.and_then(|url| RepositoryName::of_remote(&url)) else {
        return Ok(None);
    };
    let rows = shown.top_issues.iter().chain(&shown.recently_resolved);
    let (active, resolved) = (&loaded.state.active, &loaded.past()?.resolved);
    let paths: BTreeMap<_, RepoPath> = rows
        .filter_map(|row| {
            let document = active.get(&row.id).or(resolved.get(&row.id))?;
            Some((row.id.clone(), document.path.clone()))
        })
        .collect();
    let wanted: Vec<RepoPath> = paths.values().cloned().collect();
    let commits = loaded.repository.last_changes(&wanted, COMMITS)?;
    let issues = paths.into_iter().map(|(id, path)| {
        let commit = commits.get(&path).cloned();
        let path = path.to_string();
        (id, IssueLinks { path, commit })
    });
    Ok(Some(Links {
        repository: format!("https://github.com/{name}"),
        commit: loaded.base.clone(),
        issues: issues.collect(),
    }))
}
