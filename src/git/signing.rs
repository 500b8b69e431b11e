//! Signed commits: where git's configuration asks for them, git makes them. It knows the
//! formats, keys, agents and programs.

use std::collections::BTreeMap;
use std::time::Duration;

use gix::ObjectId;
use gix::actor::Signature;

use crate::git::error::GitError;
use crate::git::program;
use crate::git::program::{Given, Manner};
use crate::git::repository::Repository;

/// A passphrase may be asked for by the agent, which has a window or a terminal of its own.
const MANNER: Manner = Manner {
    may_ask: true,
    limit: Duration::from_secs(120),
    can_be_interrupted: true,
};

/// Whether commits are to be signed (`commit.gpgSign`).
fn is_wanted(git: &gix::Repository) -> bool {
    git.config_snapshot().boolean("commit.gpgSign") == Some(true)
}

/// Stores a commit, signed where git's configuration says so.
///
/// # Errors
/// [`GitError::Signing`], [`GitError::Git`]. Nothing refers to what was stored.
pub(crate) fn write_commit(
    git: &gix::Repository,
    commit: &gix::objs::Commit,
) -> Result<ObjectId, GitError> {
    if is_wanted(git) {
        return signed(git, commit, BTreeMap::new());
    }
    let written = git.write_object(commit);
    Ok(written.map_err(GitError::git("store the commit"))?.detach())
}

fn signed(
    git: &gix::Repository,
    commit: &gix::objs::Commit,
    mut variables: BTreeMap<String, String>,
) -> Result<ObjectId, GitError> {
    let mut arguments = vec![
        "-c".to_owned(),
        "i18n.commitEncoding=UTF-8".to_owned(),
        "commit-tree".to_owned(),
        "--gpg-sign".to_owned(),
    ];
    for parent in &commit.parents {
        arguments.extend(["-p".to_owned(), parent.to_string()]);
    }
    arguments.extend(["-F", "-"].map(str::to_owned));
    arguments.push(commit.tree.to_string());
    for (who, signature) in [("AUTHOR", &commit.author), ("COMMITTER", &commit.committer)] {
        variables.insert(format!("GIT_{who}_NAME"), signature.name.to_string());
        variables.insert(format!("GIT_{who}_EMAIL"), signature.email.to_string());
        variables.insert(format!("GIT_{who}_DATE"), date(signature));
    }
    let given = Given {
        input: Some(commit.message.to_vec()),
        variables,
    };
    let said = program::run(git, &arguments, given, MANNER)?;
    let failed = |message: String| GitError::Signing { message };
    if !said.success {
        return Err(failed(said.complaint()));
    }
    let id = ObjectId::from_hex(said.stdout.trim().as_bytes());
    id.map_err(|_| failed("git printed no commit".to_owned()))
}

/// `@seconds +hhmm`, which no format of dates can be mistaken for.
fn date(signature: &Signature) -> String {
    let time = signature.time;
    let minutes = time.offset / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!(
        "@{} {sign}{:02}{:02}",
        time.seconds,
        minutes / 60,
        minutes % 60
    )
}

impl Repository {
    /// Tries to sign as a commit is signed, without leaving anything; `None` where commits
    /// are not to be signed. Returns the format of the signature.
    ///
    /// # Errors
    /// [`GitError::Signing`] with what git said.
    pub fn try_signing(&self, at: jiff::Timestamp) -> Option<Result<String, GitError>> {
        if !is_wanted(&self.git) {
            return None;
        }
        let format = self.git.config_snapshot().string("gpg.format");
        let format = format.map_or_else(|| "openpgp".to_owned(), |format| format.to_string());
        Some(self.sign_nothing(at).map(|()| format))
    }

    fn sign_nothing(&self, at: jiff::Timestamp) -> Result<(), GitError> {
        let (author, committer) = crate::git::identity::signatures(&self.git, None, at)?;
        let commit = gix::objs::Commit {
            tree: ObjectId::empty_tree(self.git.object_hash()),
            parents: Default::default(),
            author,
            committer,
            encoding: None,
            message: "trial\n".into(),
            extra_headers: Vec::new(),
        };
        // What git stores goes to a folder that goes away.
        let folder = self.git_dir().join("fractary-trial");
        let made = std::fs::create_dir_all(&folder);
        made.map_err(GitError::io("make the folder", &folder))?;
        let absolute = std::path::absolute(&folder);
        let absolute = absolute.map_err(GitError::io("find", &folder))?;
        let place = absolute.to_string_lossy().into_owned();
        let variables = BTreeMap::from([("GIT_OBJECT_DIRECTORY".to_owned(), place)]);
        let tried = signed(&self.git, &commit, variables);
        let removed = std::fs::remove_dir_all(&folder);
        tried?;
        removed.map_err(GitError::io("remove", &folder))
    }
}
