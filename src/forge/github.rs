//! GitHub and GitHub Enterprise through their REST API, version 2022-11-28.

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::forge::address::{Address, RepositoryName};
use crate::forge::error::ForgeError;
use crate::forge::http::{Answer, Ask, Client, Limits};
use crate::forge::{Draft, Forge, PullRequest};
use crate::text::Untrusted;
use crate::text::secret::Secret;

/// A repository on GitHub.
#[derive(Debug)]
pub struct GitHub {
    client: Client,
    /// GraphQL lies beside the REST API: `/api/graphql` for `/api/v3`.
    graphql: Box<Client>,
    repository: RepositoryName,
    token: Secret,
}

/// A pull request, as far as it is read.
#[derive(Debug, Deserialize)]
struct Pull {
    number: u64,
    html_url: String,
    title: String,
    body: Option<String>,
    head: Head,
}

#[derive(Debug, Deserialize)]
struct Head {
    #[serde(rename = "ref")]
    branch: String,
    /// None for a fork that is gone.
    repo: Option<HeadRepository>,
}

#[derive(Debug, Deserialize)]
struct HeadRepository {
    full_name: String,
}

#[derive(Debug, Deserialize)]
struct Repository {
    default_branch: String,
}

/// An error, as GitHub documents it.
#[derive(Debug, Default, Deserialize)]
struct Complaint {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Detail>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Detail {
    Text(String),
    Object { message: Option<String> },
}

impl GitHub {
    /// A repository behind this API, asked with this token.
    pub fn new(
        address: Address,
        repository: RepositoryName,
        token: Secret,
        limits: Limits,
    ) -> Self {
        let graphql = Address(address.0.without("/v3"));
        Self {
            client: Client::new(address, token.clone(), limits),
            graphql: Box::new(Client::new(graphql, token.clone(), limits)),
            repository,
            token,
        }
    }

    pub(super) fn path(&self, rest: &str) -> String {
        // Both are of characters that need no escape in a path.
        format!(
            "/repos/{}/{}{rest}",
            self.repository.owner, self.repository.name
        )
    }

    pub(super) async fn ask<T: DeserializeOwned>(&self, ask: Ask<'_>) -> Result<T, ForgeError> {
        let action = ask.action;
        let answer = self.client.send(ask).await?;
        self.parsed(action, &answer, &[200, 201])
    }

    pub(super) async fn ask_graphql<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
    ) -> Result<T, ForgeError> {
        let action = ask.action;
        let answer = self.graphql.send(ask).await?;
        self.parsed(action, &answer, &[200])
    }

    fn parsed<T: DeserializeOwned>(
        &self,
        action: &'static str,
        answer: &Answer,
        expected: &[u16],
    ) -> Result<T, ForgeError> {
        if !expected.contains(&answer.status) {
            return Err(self.failure(action, answer));
        }
        serde_json::from_slice(&answer.body).map_err(|error| ForgeError::Garbled {
            action,
            message: error.to_string(),
        })
    }

    pub(super) async fn ask_without_answer(&self, ask: Ask<'_>) -> Result<(), ForgeError> {
        let answer = self.client.send(ask).await?;
        match answer.status {
            200 | 204 => Ok(()),
            _ => Err(self.failure(ask.action, &answer)),
        }
    }

    pub(super) fn owner_and_name(&self) -> (&str, &str) {
        (&self.repository.owner, &self.repository.name)
    }

    fn failure(&self, action: &'static str, answer: &Answer) -> ForgeError {
        let complaint: Complaint = serde_json::from_slice(&answer.body).unwrap_or_default();
        let mut words = vec![complaint.message];
        words.extend(complaint.errors.into_iter().filter_map(|one| match one {
            Detail::Text(text) => Some(text),
            Detail::Object { message } => message,
        }));
        words.retain(|text| !text.is_empty());
        let text: String = words.join(": ").chars().take(500).collect();
        let message = Untrusted::new(self.token.remove_from(&text));
        match answer.status {
            401 => ForgeError::Credentials { message },
            403 | 429 if answer.is_rate_limit() => ForgeError::RateLimited { action, message },
            403 => ForgeError::Denied { action, message },
            404 => ForgeError::NotFound { action },
            500.. => ForgeError::Unanswered {
                action,
                message: format!("it failed with status {}", answer.status),
            },
            400..=499 => ForgeError::Refused { action, message },
            status => ForgeError::Garbled {
                action,
                message: format!("it has status {status}"),
            },
        }
    }

    fn is_ours(&self, pull: &Pull, branch: &str) -> bool {
        let ours = self.repository.to_string();
        let from_here = pull
            .head
            .repo
            .as_ref()
            .is_some_and(|repo| repo.full_name.eq_ignore_ascii_case(&ours));
        pull.head.branch == branch && from_here
    }
}

impl From<Pull> for PullRequest {
    fn from(pull: Pull) -> Self {
        Self {
            number: pull.number,
            url: Untrusted::new(pull.html_url),
            title: Untrusted::new(pull.title),
            body: Untrusted::new(pull.body.unwrap_or_default()),
        }
    }
}

impl Forge for GitHub {
    fn open_from<'a>(
        &'a self,
        branch: &'a str,
    ) -> LocalBoxFuture<'a, Result<Vec<PullRequest>, ForgeError>> {
        async move {
            let head = encode(&format!("{}:{branch}", self.repository.owner));
            let query =
                format!("/pulls?state=open&head={head}&sort=created&direction=asc&per_page=100");
            let pulls: Vec<Pull> = self
                .ask(Ask {
                    action: "list pull requests",
                    method: "GET",
                    path: &self.path(&query),
                    body: None,
                    repeatable: true,
                })
                .await?;
            // GitHub ignores a filter that it cannot read. Another author's pull request must
            // not be written over.
            let ours = pulls.into_iter().filter(|pull| self.is_ours(pull, branch));
            let mut ours: Vec<PullRequest> = ours.map(PullRequest::from).collect();
            ours.sort_by_key(|pull| pull.number);
            Ok(ours)
        }
        .boxed_local()
    }

    fn default_branch(&self) -> LocalBoxFuture<'_, Result<String, ForgeError>> {
        async move {
            let repository: Repository = self
                .ask(Ask {
                    action: "read the repository",
                    method: "GET",
                    path: &self.path(""),
                    body: None,
                    repeatable: true,
                })
                .await?;
            Ok(repository.default_branch)
        }
        .boxed_local()
    }

    fn open<'a>(
        &'a self,
        branch: &'a str,
        base: &'a str,
        draft: &'a Draft,
    ) -> LocalBoxFuture<'a, Result<PullRequest, ForgeError>> {
        async move {
            let body = json!({
                "title": draft.title, "head": branch, "base": base, "body": draft.body,
            });
            let pull: Pull = self
                .ask(Ask {
                    action: "open a pull request",
                    method: "POST",
                    path: &self.path("/pulls"),
                    body: Some(&body.to_string()),
                    repeatable: false,
                })
                .await?;
            Ok(pull.into())
        }
        .boxed_local()
    }

    fn update<'a>(
        &'a self,
        number: u64,
        draft: &'a Draft,
    ) -> LocalBoxFuture<'a, Result<PullRequest, ForgeError>> {
        async move {
            let body = json!({ "title": draft.title, "body": draft.body });
            let pull: Pull = self
                .ask(Ask {
                    action: "update the pull request",
                    method: "PATCH",
                    path: &self.path(&format!("/pulls/{number}")),
                    body: Some(&body.to_string()),
                    repeatable: true,
                })
                .await?;
            Ok(pull.into())
        }
        .boxed_local()
    }
}

/// Percent-encodes a value of a query.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
