//! Landing: one commit, or the files alone, or a diff of what would change.

use crate::app::App;
use crate::app::command::Effect;
use crate::app::workspace::Workspace;
use crate::app::workspace::{files, load};
use crate::error::{CommandError, ErrorKind};
use crate::git::{CommitRequest, Edit, GitError, Repository, Transaction};
use crate::model::ids::CommitId;
use crate::render::text;
use crate::text::Untrusted;
use crate::text::phrases::counted;

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

/// Returns what the options ask for, given what the command does besides answering: one that
/// does not say that it commits never does.
pub(crate) fn choose(app: &App, effect: Effect) -> Landing {
    let global = &app.global;
    if global.dry_run {
        Landing::Diff
    } else if global.write {
        Landing::Files
    } else if effect.commits(global) {
        Landing::Commit
    } else {
        Landing::Nothing
    }
}

/// What became of the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Landed {
    /// Nothing was asked for: the command only looked.
    Looked,
    /// There was nothing to change.
    Nothing,
    /// The diff, for standard output.
    Diff(String),
    /// These many files were written.
    Files(usize),
    /// This commit.
    Commit(CommitId),
}

/// What a command wants to land, and what it has to say about it.
pub(crate) struct Proposal<T> {
    /// The files that change.
    pub(crate) transaction: Transaction,
    /// The message of the commit.
    pub(crate) message: String,
    /// What the command shows afterwards.
    pub(crate) facts: T,
}

/// How often a command decides again because the head has moved.
const ATTEMPTS: usize = 5;

/// Decides on the state as it was read, and lands; reads and decides again when the head has
/// moved meanwhile.
pub(crate) fn decide_and_land<T>(
    app: &App,
    mut workspace: Workspace,
    landing: Landing,
    decide: impl Fn(&Workspace) -> Result<Proposal<T>, CommandError>,
) -> Result<(Workspace, T, Landed), CommandError> {
    for _ in 0..ATTEMPTS {
        let proposal = decide(&workspace)?;
        let target = LandingTarget {
            repository: &workspace.repository,
            base: workspace.base(),
            side: workspace.side(),
            author: workspace.settings().helm.git.author.as_deref(),
        };
        match land(
            app,
            &target,
            &proposal.transaction,
            &proposal.message,
            landing,
        )? {
            Some(landed) => return Ok((workspace, proposal.facts, landed)),
            None => workspace = load::load_from(&app.ui, workspace.repository)?,
        }
    }
    Err(lost_race())
}

/// Where a transaction lands.
pub(crate) struct LandingTarget<'a> {
    /// The repository.
    pub(crate) repository: &'a Repository,
    /// The head that was decided on.
    pub(crate) base: Option<&'a CommitId>,
    /// The branch, where it is not the one that is checked out.
    pub(crate) side: Option<&'a str>,
    /// The configured author.
    pub(crate) author: Option<&'a str>,
}

/// Lands a transaction on the head that it was decided on; `None` when that has moved.
pub(crate) fn land(
    app: &App,
    target: &LandingTarget<'_>,
    transaction: &Transaction,
    message: &str,
    landing: Landing,
) -> Result<Option<Landed>, CommandError> {
    Ok(Some(match landing {
        Landing::Nothing => Landed::Looked,
        Landing::Diff => Landed::Diff(diff(target, transaction)?),
        _ if transaction.is_empty() => Landed::Nothing,
        Landing::Files => {
            target.repository.write_uncommitted(transaction)?;
            Landed::Files(transaction.edits().len())
        }
        Landing::Commit => {
            let request = CommitRequest {
                base: target.base.cloned(),
                message: message.to_owned(),
                author: parse_author(app.global.author.as_deref().or(target.author))?,
                at: app.clock.now(),
            };
            let committed = match target.side {
                Some(branch) => {
                    let repository = target.repository;
                    repository.commit_to_branch(branch, transaction, &request)
                }
                None => target.repository.commit(transaction, &request),
            };
            match committed {
                // The head has these contents already; the files may be edited on top of it.
                Ok(commit) if Some(&commit) == target.base => Landed::Nothing,
                Ok(commit) => {
                    target.repository.maintain();
                    Landed::Commit(commit)
                }
                Err(GitError::BaseMoved { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }))
}

/// The error after the last attempt.
pub(crate) fn lost_race() -> CommandError {
    CommandError::say(ErrorKind::Git, format!("the branch moved during each of {ATTEMPTS} attempts to commit"))
        .hint("something else commits to this branch very often; run this again, or use a checkout of its own")
}

/// Tells people what became of the changes of a command whose answer is something else.
pub(crate) fn report(app: &App, landed: &Landed) {
    match landed {
        Landed::Commit(commit) => app.ui.note(&format!("committed {}", commit.short())),
        Landed::Files(files) => app.ui.note(&format!(
            "wrote {}, nothing was committed",
            counted(*files as u64, "file")
        )),
        Landed::Diff(diff) if diff.is_empty() => app.ui.note("dry run: nothing would change"),
        Landed::Diff(_) => app.ui.note("dry run: nothing was written"),
        Landed::Looked | Landed::Nothing => {}
    }
}

/// Splits `Name <mail@example.org>`.
fn parse_author(text: Option<&str>) -> Result<Option<(String, String)>, CommandError> {
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

/// Returns who acts, for notes and timelines.
pub(crate) fn find_person(
    app: &App,
    workspace: &Workspace,
) -> Result<Option<Untrusted>, CommandError> {
    let configured = workspace.settings().helm.git.author.as_deref();
    let named = parse_author(app.global.author.as_deref().or(configured))?.map(|(name, _)| name);
    Ok(named
        .or_else(|| workspace.repository.user_name())
        .map(Untrusted::from))
}

/// A unified diff of a transaction against the files as they are.
fn diff(target: &LandingTarget<'_>, transaction: &Transaction) -> Result<String, CommandError> {
    let mut out = String::new();
    for (path, edit) in transaction.edits() {
        let old = match target.side {
            Some(_) => files::read_text(&target.repository.files_at(target.base)?, path)?,
            None => files::read_as_stored(target.repository, target.base, path)?,
        };
        let new = match edit {
            Edit::Write(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Edit::Delete => None,
        };
        out.push_str(&text::diff(old.as_deref(), new.as_deref(), path.as_str()));
    }
    Ok(out)
}
