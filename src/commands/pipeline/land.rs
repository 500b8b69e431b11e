//! Landing: one commit, or the files alone, or a diff of what would change.

use crate::commands::App;
use crate::commands::pipeline::load;
use crate::commands::pipeline::load::Loaded;
use crate::error::{CommandError, ErrorKind};
use crate::git::{CommitRequest, Edit, GitError, Repository, Transaction};
use crate::model::ids::CommitId;
use crate::render::text;
use crate::text::Untrusted;

/// How the changes of a command land.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landing {
    /// Not at all: looking never writes.
    Nothing,
    /// A unified diff is printed.
    Diff,
    /// Files, without a commit.
    Files,
    /// One commit.
    Commit,
}

/// What the options ask for, given whether the command commits by itself.
pub(crate) fn landing(app: &App, commits_by_default: bool) -> Landing {
    let global = &app.global;
    if global.dry_run {
        Landing::Diff
    } else if global.write {
        Landing::Files
    } else if global.commit || commits_by_default {
        Landing::Commit
    } else {
        Landing::Nothing
    }
}

/// What became of the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Landed {
    /// There was nothing to change, or nothing was asked for.
    Nothing,
    /// The head moved; decide again.
    BaseMoved,
    /// The diff, for standard output.
    Diff(String),
    /// These many files were written.
    Files(usize),
    /// This commit.
    Commit(CommitId),
}

/// Lands a transaction on the head that the state was read at.
pub(crate) fn land(
    app: &App,
    loaded: &Loaded,
    transaction: &Transaction,
    message: &str,
    landing: Landing,
) -> Result<Landed, CommandError> {
    if transaction.is_empty() && landing != Landing::Diff {
        return Ok(Landed::Nothing);
    }
    match landing {
        Landing::Nothing => Ok(Landed::Nothing),
        Landing::Diff => diff(&loaded.repository, transaction).map(Landed::Diff),
        Landing::Files => {
            loaded.repository.write_uncommitted(transaction)?;
            Ok(Landed::Files(transaction.edits().len()))
        }
        Landing::Commit => {
            let request = CommitRequest {
                base: loaded.base.clone(),
                message: message.to_owned(),
                author: author(app, loaded)?,
                at: app.clock.now(),
            };
            match loaded.repository.commit(transaction, &request) {
                Ok(commit) => Ok(Landed::Commit(commit)),
                Err(GitError::BaseMoved { .. }) => Ok(Landed::BaseMoved),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// How often a command decides again because the head has moved.
pub(crate) const ATTEMPTS: usize = 5;

/// The error after the last attempt.
pub(crate) fn lost_race() -> CommandError {
    CommandError::say(ErrorKind::Git, format!("the branch moved during each of {ATTEMPTS} attempts to commit"))
        .hint("something else commits to this branch very often; run this again, or use a checkout of its own")
}

/// Who commits: `--author`, else `[git] author`, else what git knows.
fn author(app: &App, loaded: &Loaded) -> Result<Option<(String, String)>, CommandError> {
    parse_author(
        app.global
            .author
            .as_deref()
            .or(loaded.helm.git.author.as_deref()),
    )
}

/// Splits `Name <mail@example.org>`.
pub(crate) fn parse_author(text: Option<&str>) -> Result<Option<(String, String)>, CommandError> {
    text.map(|text| {
        let (name, mail) = text
            .strip_suffix('>')
            .and_then(|text| text.split_once(" <"))
            .ok_or_else(|| {
                CommandError::usage(format!(
                    "author {text:?} is not of the form `Name <mail@example.org>`"
                ))
            })?;
        Ok((name.to_owned(), mail.to_owned()))
    })
    .transpose()
}

/// Who acts, for notes and timelines.
pub(crate) fn person(app: &App, loaded: &Loaded) -> Result<Option<Untrusted>, CommandError> {
    let named = author(app, loaded)?.map(|(name, _)| name);
    Ok(named
        .or_else(|| loaded.repository.user_name())
        .map(Untrusted::from))
}

/// A unified diff of a transaction against the files as they are.
pub(crate) fn diff(
    repository: &Repository,
    transaction: &Transaction,
) -> Result<String, CommandError> {
    let base = repository.head()?.commit;
    let files = load::files(repository, base.as_ref())?;
    let mut out = String::new();
    for (path, edit) in transaction.edits() {
        let old = files
            .read(path)
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        let old = old.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let new = match edit {
            Edit::Write(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Edit::Delete => None,
        };
        out.push_str(&text::diff(old.as_deref(), new.as_deref(), path.as_str()));
    }
    Ok(out)
}
