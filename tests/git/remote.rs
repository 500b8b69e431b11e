//! A bare remote with clones, and pushes with the retry that a command makes.

use std::time::Duration;

use fractary::git::{
    CommitFiles, CommitRequest, GitError, MergeRules, MergedFiles, PushManner, PushOutcome,
    Rebuilt, Repository, ThreeVersions, Transaction,
};
use fractary::model::ids::CommitId;
use fractary::model::paths::RepoPath;
use fractary::state::{self, Versions};

use crate::support::{Repo, Sandbox, request};

pub(crate) const MANNER: PushManner = PushManner {
    may_ask: false,
    limit: Duration::from_secs(60),
};

/// The rules of the state, without anything generated.
pub(crate) struct StateRules;

impl MergeRules for StateRules {
    fn places(&self, path: &RepoPath) -> Vec<RepoPath> {
        state::places(path)
    }

    fn merge(&self, files: &[(RepoPath, ThreeVersions)]) -> Result<MergedFiles, String> {
        let files: Vec<(RepoPath, Versions)> = files
            .iter()
            .map(|(path, v)| {
                let versions = Versions {
                    base: v.base.clone(),
                    ours: v.ours.clone(),
                    theirs: v.theirs.clone(),
                };
                (path.clone(), versions)
            })
            .collect();
        state::merge_files(&files).map_err(|error| error.to_string())
    }

    fn generated(&self, _: &CommitFiles) -> Transaction {
        Transaction::new()
    }
}

/// A bare repository that has what `source` has.
pub(crate) fn bare(sandbox: &Sandbox, source: &Repo) -> Repo {
    let bare = sandbox.at("remote.git");
    let target = bare.root.to_str().unwrap();
    source.git(&["clone", "-q", "--bare", ".", target]);
    bare.configure();
    bare
}

pub(crate) fn clone(sandbox: &Sandbox, remote: &Repo, name: &str) -> Repo {
    let repo = sandbox.at(name);
    let url = format!("file://{}", remote.root.display());
    let target = repo.root.to_str().unwrap();
    remote.git(&["clone", "-q", &url, target]);
    repo.configure();
    repo
}

/// A request for a commit that may be rebuilt.
pub(crate) fn own(base: Option<CommitId>, subject: &str) -> CommitRequest {
    CommitRequest {
        message: format!("{subject}\n\nFractary-Command: test\n"),
        ..request(base)
    }
}

/// Commits on HEAD as this program does.
pub(crate) fn commit_own(repo: &Repo, subject: &str, transaction: &Transaction) {
    let open = repo.open();
    let base = open.head().unwrap().commit;
    open.commit(transaction, &own(base, subject)).unwrap();
}

/// Pushes, and rebuilds for as long as others are faster. Recovers first, as every command
/// does.
pub(crate) fn push(repo: &Repository) -> Result<(), GitError> {
    repo.recover()?;
    let target = repo.push_target(None)?;
    for _ in 0..100 {
        match repo.push(&target, MANNER)? {
            PushOutcome::Done | PushOutcome::Revived => return Ok(()),
            PushOutcome::Refused(said) => panic!("{said}"),
            PushOutcome::Lost(_) => {}
        }
        let onto = repo.fetch(&target, MANNER)?;
        let at = "2026-11-21T10:00:00Z".parse().unwrap();
        if repo.rebuild(&target, &onto, &StateRules, at)? == Rebuilt::Contained {
            return Ok(());
        }
    }
    panic!("the push never got through");
}
