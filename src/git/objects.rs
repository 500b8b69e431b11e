//! Partial clones: objects that are not here yet are fetched through git when they are needed,
//! as git itself does.

use std::time::Duration;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use crate::git::error::GitError;
use crate::git::ids::object_id;
use crate::git::program;
use crate::git::program::{Given, Manner};
use crate::git::repository::Repository;
use crate::model::ids::CommitId;

/// Objects come over the network.
const MANNER: Manner = Manner {
    may_ask: false,
    limit: Duration::from_secs(120),
    can_be_interrupted: true,
};

/// Where this program's files are: what is fetched at once where one of them is missing.
const STATE: &str = ".fractary";

/// The remote that has promised the objects that are not here, where there is one.
fn promisor(git: &gix::Repository) -> Option<String> {
    let config = git.config_snapshot();
    if let Some(name) = config.string("extensions.partialClone") {
        return Some(name.to_string());
    }
    let remotes = git.remote_names();
    let promises = |name: &&str| config.boolean(&format!("remote.{name}.promisor")) == Some(true);
    let names: Vec<String> = remotes.iter().map(|name| name.to_string()).collect();
    names
        .iter()
        .map(String::as_str)
        .find(promises)
        .map(str::to_owned)
}

/// Whether objects may be missing that a remote has promised.
pub(crate) fn is_partial(git: &gix::Repository) -> bool {
    promisor(git).is_some()
}

/// Makes sure that an object is here, where it was promised.
///
/// # Errors
/// [`GitError::Missing`] where it was promised and could not be fetched.
pub(crate) fn ensure(git: &gix::Repository, id: ObjectId) -> Result<(), GitError> {
    if git.has_object(id) {
        return Ok(());
    }
    fetch(git, &[id])
}

/// Makes sure that a commit's files of this program are here, all with one request.
///
/// # Errors
/// [`GitError::Missing`] where one was promised and could not be fetched.
pub(crate) fn ensure_state(git: &gix::Repository, commit: ObjectId) -> Result<(), GitError> {
    if promisor(git).is_none() {
        return Ok(());
    }
    let action = || format!("read commit {commit}");
    let tree = git.find_commit(commit).map_err(GitError::git(action()))?;
    let tree = tree.tree_id().map_err(GitError::git(action()))?.detach();
    ensure(git, tree)?;
    let root = git.find_tree(tree).map_err(GitError::git(action()))?;
    let Some(entry) = root.find_entry(STATE) else {
        return Ok(());
    };
    let mut missing = Vec::new();
    let mut folders = match entry.kind() {
        EntryKind::Tree => vec![entry.object_id()],
        _ => Vec::new(),
    };
    while let Some(folder) = folders.pop() {
        ensure(git, folder)?;
        let tree = git.find_tree(folder).map_err(GitError::git(action()))?;
        for entry in tree.iter() {
            let entry = entry.map_err(|error| GitError::Git {
                action: action(),
                message: error.to_string(),
            })?;
            match entry.kind() {
                EntryKind::Tree => folders.push(entry.object_id()),
                EntryKind::Blob | EntryKind::BlobExecutable => missing.push(entry.object_id()),
                EntryKind::Link | EntryKind::Commit => {}
            }
        }
    }
    missing.retain(|id| !git.has_object(id));
    match missing.is_empty() {
        true => Ok(()),
        false => fetch(git, &missing),
    }
}

/// Fetches objects that were promised. Where none are, a missing object is one that is lost,
/// and reading it says so.
fn fetch(git: &gix::Repository, ids: &[ObjectId]) -> Result<(), GitError> {
    let Some(remote) = promisor(git) else {
        return Ok(());
    };
    let failed = |message: String| GitError::Missing {
        remote: remote.clone(),
        message,
    };
    // What git runs for itself when it misses an object.
    let arguments = [
        "-c",
        "fetch.negotiationAlgorithm=noop",
        "fetch",
        "--no-tags",
        "--no-write-fetch-head",
        "--recurse-submodules=no",
        "--filter=blob:none",
        "--stdin",
        &remote,
    ];
    let lines: String = ids.iter().map(|id| format!("{id}\n")).collect();
    let given = Given {
        input: Some(lines.into_bytes()),
        ..Given::default()
    };
    let said = program::run(git, &arguments, given, MANNER)?;
    match said.success {
        true => Ok(()),
        false => Err(failed(said.complaint())),
    }
}

impl Repository {
    /// Makes sure that a commit's files of this program are here, where a partial clone has
    /// left them to be fetched when they are needed.
    ///
    /// # Errors
    /// [`GitError::Missing`].
    pub fn ensure_state(&self, commit: &CommitId) -> Result<(), GitError> {
        ensure_state(&self.git, object_id(commit)?)
    }
}
