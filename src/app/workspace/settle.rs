//! Where the result of a run goes, as far as it can be known, is settled before anything is
//! asked or sent: a run that cannot record what it finds says so at once.

use crate::app::App;
use crate::app::workspace::push::{Push, sanitize};
use crate::error::{CommandError, ErrorKind};
use crate::git::{GitError, PushTarget, Repository};
use crate::text::Untrusted;

/// Refuses what is known to fail once everything is decided.
///
/// # Errors
/// A rebase or the like that is in progress, a name that no branch can have, and with a push a
/// place to push to that is none. What only the remote knows shows when it is asked to take
/// the commit; alerts wait for that.
pub(crate) fn settle(app: &App, repository: &Repository) -> Result<(), CommandError> {
    let push = Push::configured(app, repository)?;
    match push.side() {
        Some(branch) => repository.expect_free_name(branch)?,
        None => repository.expect_at_rest()?,
    }
    if !push.is_wanted() {
        return Ok(());
    }
    let target = match push.target() {
        Err(GitError::NoPushTarget { reason }) => return Err(nowhere(app, reason)),
        target => target?,
    };
    if target.detached {
        return settle_detached(app, repository, &push, &target);
    }
    match repository.expect_upstream(&target, push.manner()) {
        // Without an answer of the remote the push will say what is wrong.
        Err(GitError::Program { .. }) | Ok(()) => Ok(()),
        Err(error) => Err(sanitize(error)),
    }
}

/// What is checked out need not be the branch, for instance GitHub's trial merge of a pull
/// request: only what this program made may be put on it.
fn settle_detached(
    app: &App,
    repository: &Repository,
    push: &Push<'_>,
    target: &PushTarget,
) -> Result<(), CommandError> {
    let onto = match repository.fetch(target, push.manner()) {
        Ok(onto) => onto,
        Err(error @ GitError::Interrupted { .. }) => return Err(sanitize(error)),
        Err(GitError::Program { message, .. }) if !is_absent(&message) => return Ok(()),
        Err(error) => return Err(trial_merge(app).unwrap_or_else(|| sanitize(error))),
    };
    let own = repository.expect_own(target, &onto);
    own.map_err(|error| trial_merge(app).unwrap_or_else(|| sanitize(error)))
}

/// Whether git said that the remote has no such branch.
fn is_absent(message: &str) -> bool {
    message.contains("couldn't find remote ref")
}

/// HEAD is detached, and nothing names the branch that it belongs to.
fn nowhere(app: &App, reason: String) -> CommandError {
    let reference = app.environment.ci_reference.as_deref();
    let Some(tag) = reference.and_then(|name| name.strip_prefix("refs/tags/")) else {
        return GitError::NoPushTarget { reason }.into();
    };
    let tag = Untrusted::from(tag).terminal();
    let message = format!(
        "this workflow runs on the tag {tag}, and what a run records is pushed to a branch: nothing was asked or sent"
    );
    CommandError::say(ErrorKind::Git, message).hint(
        "run it on a branch (`on: schedule`), or give actions/checkout the name of one: `ref: main`",
    )
}

/// The refusal of a pull request's trial merge, where the workflow runs on one.
fn trial_merge(app: &App) -> Option<CommandError> {
    let reference = app.environment.ci_reference.as_deref()?;
    if !reference.starts_with("refs/pull/") {
        return None;
    }
    let reference = Untrusted::from(reference).terminal();
    let message = format!(
        "this workflow runs on the trial merge of a pull request ({reference}), which is on no branch: nothing was asked or sent"
    );
    Some(CommandError::say(ErrorKind::Git, message).hint(
        "run it on a branch (`on: schedule`), or give actions/checkout the branch of the pull request: `ref: ${{ github.head_ref }}`",
    ))
}
