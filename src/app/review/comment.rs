//! The comment on the pull request: whether there is one to write, and where.

use serde_json::Value;

use crate::app::App;
use crate::app::wait;
use crate::app::workspace::pull_request;
use crate::error::CommandError;
use crate::forge::{CommentDraft, Commented, ForgeError};
use crate::git::Repository;
use crate::model::review::{Review, ReviewVerdict};
use crate::render::markdown;
use crate::render::markdown::Room;

/// Room for mark and history.
const RESERVED: usize = 1_500;

/// Where the comment of a review goes.
enum Target {
    /// This pull request.
    Pull(u64),
    /// Nowhere, for this reason.
    Nowhere(&'static str),
    /// This pull request, as long as its newest commit is the one under review.
    Named(u64),
}

/// Brings the comment on the pull request up to date. That it cannot be written is said, and
/// changes nothing about the verdict.
pub(crate) fn post(app: &App, review: &Review, named: Option<u64>) -> Result<(), CommandError> {
    let (number, is_named) = match named.map_or_else(|| target(app), Target::Named) {
        Target::Pull(number) => (number, false),
        Target::Named(number) => (number, true),
        Target::Nowhere(why) => {
            app.ui.note(&format!("no comment is posted: {why}"));
            return Ok(());
        }
    };
    let repository = Repository::discover(&app.global.repo)?;
    let github = pull_request::github(app, &repository)?;
    let draft = draft(review);
    let kept = async {
        if is_named && github.newest_commit(number).await? != draft.head {
            return Ok(None);
        }
        github.keep_comment(number, &draft).await.map(Some)
    };
    match wait::runtime()?.block_on(kept) {
        Ok(None) => app.ui.note(&format!(
            "no comment is posted: pull request #{number} has another commit by now"
        )),
        Ok(Some(what)) => {
            let word = match what {
                Commented::Posted => "posted",
                Commented::Updated => "updated",
                Commented::Unchanged => "up to date",
                Commented::Nothing => "not needed: the change touches no infrastructure",
            };
            app.ui.note(&format!("comment on pull request #{number}: {word}"));
        }
        Err(error @ ForgeError::Denied { .. }) => app.ui.warn(&format!(
            "no comment was posted: {error}. The token of a workflow for a pull request from a fork, or of Dependabot, is read-only; elsewhere the job needs `permissions: pull-requests: write`"
        )),
        Err(error) => app.ui.warn(&format!("no comment was posted: {error}")),
    }
    Ok(())
}

fn draft(review: &Review) -> CommentDraft {
    let room = Room {
        characters: Room::COMMENT.characters - RESERVED,
        bytes: Room::COMMENT.bytes - RESERVED,
    };
    let is_empty = review
        .plans
        .iter()
        .all(|plan| plan.readable && plan.counts.is_empty());
    let environment = review.environment.as_ref();
    CommentDraft {
        name: environment.map_or("default".to_owned(), ToString::to_string),
        body: markdown::review(review, room),
        head: review
            .head
            .as_ref()
            .map_or(String::new(), ToString::to_string),
        verdict: review.verdict.to_string(),
        rank: match review.verdict {
            ReviewVerdict::Pass => 0,
            ReviewVerdict::Warn => 1,
            ReviewVerdict::Block => 2,
        },
        is_worth_opening: !is_empty || !review.findings.is_empty(),
    }
}

/// The pull request that this workflow runs for.
fn target(app: &App) -> Target {
    let environment = &app.environment;
    if environment.github_event.as_deref() == Some("merge_group") {
        return Target::Nowhere("a merge queue has no pull request of its own");
    }
    let event: Value = environment
        .github_event_path
        .as_ref()
        .and_then(|path| std::fs::read(path).ok())
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let pull = &event["pull_request"];
    let from = pull["head"]["repo"]["full_name"].as_str();
    let here = environment.github_repository.as_deref();
    if let (Some(from), Some(here)) = (from, here)
        && !from.eq_ignore_ascii_case(here)
    {
        return Target::Nowhere(
            "the pull request is from a fork, whose workflows have a read-only token; the summary of the step has the report",
        );
    }
    let by_reference = environment.ci_reference.as_deref().and_then(|reference| {
        reference
            .strip_prefix("refs/pull/")?
            .split('/')
            .next()?
            .parse()
            .ok()
    });
    match pull["number"].as_u64().or(by_reference) {
        Some(number) => Target::Pull(number),
        None => Target::Nowhere("this workflow does not run for a pull request"),
    }
}
