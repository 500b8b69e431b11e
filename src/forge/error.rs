//! Why the forge could not be asked, by cause.

use crate::text::Untrusted;

/// Why the forge did not do what it was asked. Never holds a token.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// The address of the API cannot be used.
    #[error("the address {address:?} of the forge cannot be used: {why}")]
    Address {
        /// The address, cut and escaped.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The name of the repository is not `owner/name`.
    #[error("{0:?} is not the name of a repository (`owner/name`)")]
    RepositoryName(String),
    /// The token is missing or was not accepted.
    #[error("the forge rejected the token of this run: {}", said(.message))]
    Credentials {
        /// What it said.
        message: Untrusted,
    },
    /// The token may not do this.
    #[error("the token may not {action}: {}", said(.message))]
    Denied {
        /// What was tried, for instance `open a pull request`.
        action: &'static str,
        /// What it said.
        message: Untrusted,
    },
    /// Too many requests, and the wait is too long.
    #[error("the forge asks to wait before it will {action}: {}", said(.message))]
    RateLimited {
        /// What was tried.
        action: &'static str,
        /// What it said.
        message: Untrusted,
    },
    /// There is no such repository, or the token may not see it.
    #[error("the forge does not know the repository, or the token may not see it ({action})")]
    NotFound {
        /// What was tried.
        action: &'static str,
    },
    /// It understood, and refuses.
    #[error("the forge will not {action}: {}", said(.message))]
    Refused {
        /// What was tried.
        action: &'static str,
        /// What it said.
        message: Untrusted,
    },
    /// No answer, a failure of its own, or no connection, after all attempts.
    #[error("no answer from the forge to {action}: {message}")]
    Unanswered {
        /// What was tried.
        action: &'static str,
        /// The cause.
        message: String,
    },
    /// It sends us elsewhere.
    #[error("the forge redirects to another place; its answer to {action} is not followed")]
    Redirected {
        /// What was tried.
        action: &'static str,
    },
    /// An answer that is not what its documentation says.
    #[error("the forge's answer to {action} could not be understood: {message}")]
    Garbled {
        /// What was tried.
        action: &'static str,
        /// What is wrong with it.
        message: String,
    },
}

fn said(message: &Untrusted) -> String {
    if message.is_empty() {
        return "no reason given".to_owned();
    }
    message.terminal()
}

impl ForgeError {
    /// The next step for the person who sees this.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Address { .. } => {
                "GITHUB_API_URL is an https address, for instance https://github.example.com/api/v3"
            }
            Self::RepositoryName(_) => "set GITHUB_REPOSITORY to `owner/name`",
            Self::Credentials { .. } => {
                "set GITHUB_TOKEN, in a workflow with `GITHUB_TOKEN: ${{ github.token }}`"
            }
            Self::Denied { .. } => {
                "give the job `permissions: pull-requests: write`, and allow GitHub Actions to create pull requests in the settings of the repository (Actions, General)"
            }
            Self::NotFound { .. } => {
                "check GITHUB_REPOSITORY, and that the token is one of this repository"
            }
            Self::RateLimited { .. } | Self::Unanswered { .. } => {
                "nothing is lost: the next run that records something brings the pull request up to date"
            }
            Self::Refused { .. } => {
                "the branch is pushed; open the pull request by hand to see what is in the way"
            }
            Self::Redirected { .. } => {
                "was the repository renamed? check GITHUB_REPOSITORY and GITHUB_API_URL"
            }
            Self::Garbled { .. } => "is GITHUB_API_URL the address of a GitHub API?",
        }
    }
}
