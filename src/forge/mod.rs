//! Where the repository is hosted: pull requests behind one trait. Knows the words of the
//! forge, and nothing of what is written into them.

mod address;
mod comments;
mod error;
mod github;
mod http;
mod issues;

use futures_util::future::LocalBoxFuture;

pub use crate::http::Limits;
pub use address::{Address, RepositoryName};
pub use comments::{CommentDraft, Commented};
pub use error::ForgeError;
pub use github::GitHub;
pub use issues::{Ticket, TicketDraft};

use crate::text::Untrusted;

/// Most characters of a pull request's text.
pub const MOST_BODY: usize = 65_536;

/// A pull request as the forge has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Its address.
    pub url: Untrusted,
    /// Its title.
    pub title: Untrusted,
    /// Its text.
    pub body: Untrusted,
}

/// What a pull request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// One line.
    pub title: String,
    /// Markdown, at most [`MOST_BODY`] characters.
    pub body: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// There was none.
    Opened,
    /// Title or text were brought up to date.
    Updated,
    /// It said so already.
    Unchanged,
}

/// A place that hosts repositories.
pub trait Forge {
    /// Open pull requests from a branch of the repository itself, oldest first.
    fn open_from<'a>(
        &'a self,
        branch: &'a str,
    ) -> LocalBoxFuture<'a, Result<Vec<PullRequest>, ForgeError>>;

    /// The branch that pull requests go to.
    fn default_branch(&self) -> LocalBoxFuture<'_, Result<String, ForgeError>>;

    /// Opens a pull request from `branch` to `base`.
    fn open<'a>(
        &'a self,
        branch: &'a str,
        base: &'a str,
        draft: &'a Draft,
    ) -> LocalBoxFuture<'a, Result<PullRequest, ForgeError>>;

    /// Changes title and text.
    fn update<'a>(
        &'a self,
        number: u64,
        draft: &'a Draft,
    ) -> LocalBoxFuture<'a, Result<PullRequest, ForgeError>>;
}

/// Makes the one open pull request from `branch` say what the draft says, and opens it where
/// there is none. Several runs at once end with one.
///
/// # Errors
/// As the forge says.
pub async fn deliver(
    forge: &dyn Forge,
    branch: &str,
    draft: &Draft,
) -> Result<(PullRequest, Delivered), ForgeError> {
    if let Some(found) = forge.open_from(branch).await?.into_iter().next() {
        return refresh(forge, found, draft).await;
    }
    let base = forge.default_branch().await?;
    match forge.open(branch, &base, draft).await {
        Ok(opened) => Ok((opened, Delivered::Opened)),
        // Another run was faster, or the answer to our own first attempt was lost.
        Err(error @ (ForgeError::Refused { .. } | ForgeError::Unanswered { .. })) => {
            match forge.open_from(branch).await?.into_iter().next() {
                Some(found) => refresh(forge, found, draft).await,
                None => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

async fn refresh(
    forge: &dyn Forge,
    found: PullRequest,
    draft: &Draft,
) -> Result<(PullRequest, Delivered), ForgeError> {
    // The forge may end lines its own way and drop the last one's end.
    let same = |theirs: &Untrusted, ours: &str| {
        theirs.raw().replace("\r\n", "\n").trim_end() == ours.trim_end()
    };
    if same(&found.title, &draft.title) && same(&found.body, &draft.body) {
        return Ok((found, Delivered::Unchanged));
    }
    let updated = forge.update(found.number, draft).await?;
    Ok((updated, Delivered::Updated))
}
