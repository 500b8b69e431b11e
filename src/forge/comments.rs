//! The one comment of a pull request that is ours: found again by its mark and its author,
//! brought up to date where it is, and posted anew where people should be told.

use serde::Deserialize;
use serde_json::json;

use crate::forge::error::ForgeError;
use crate::forge::github::GitHub;
use crate::forge::http::Ask;

/// Pages of a hundred comments that are looked through.
const MOST_PAGES: u32 = 50;
/// Earlier verdicts that are kept.
const MOST_HISTORY: usize = 5;
/// How the mark begins.
const MARK: &str = "<!-- fractary-review ";

/// What a comment is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentDraft {
    /// Tells several comments of one pull request apart: the environment.
    pub name: String,
    /// Markdown, without mark and history.
    pub body: String,
    /// The commit that it is about.
    pub head: String,
    /// Its verdict, in a word.
    pub verdict: String,
    /// How bad that is: larger is worse.
    pub rank: u8,
    /// Whether there is anything to say where nothing was said before.
    pub is_worth_opening: bool,
}

/// What became of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commented {
    /// There was none, or it is worse than before: a new one was posted.
    Posted,
    /// The one there was says it now.
    Updated,
    /// It said so already: nothing was sent.
    Unchanged,
    /// There is nothing worth a comment.
    Nothing,
}

/// What our mark says of a comment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Deserialize)]
struct CommentMark {
    name: String,
    head: String,
    body: String,
    verdict: String,
    rank: u8,
    #[serde(default)]
    history: Vec<String>,
}

/// A comment of ours.
#[derive(Debug, Clone)]
struct OwnComment {
    /// Its id for REST.
    number: u64,
    /// Its id for GraphQL.
    node: String,
    mark: CommentMark,
}

#[derive(Deserialize)]
struct Reply {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<GraphQlError>,
}

#[derive(Deserialize)]
struct GraphQlError {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Data {
    viewer: Viewer,
    repository: Option<RepositoryNode>,
}

#[derive(Deserialize)]
struct Viewer {
    login: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryNode {
    pull_request: Option<PullNode>,
}

#[derive(Deserialize)]
struct PullNode {
    comments: Comments,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comments {
    nodes: Vec<CommentNode>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentNode {
    id: String,
    database_id: Option<u64>,
    is_minimized: bool,
    body: String,
    author: Option<Viewer>,
}

#[derive(Deserialize)]
struct Created {
    id: u64,
}

#[derive(Deserialize)]
struct PullWithHead {
    head: PullHead,
}

#[derive(Deserialize)]
struct PullHead {
    sha: String,
}

const LIST: &str = "query($owner: String!, $name: String!, $number: Int!, $after: String) { \
    viewer { login } repository(owner: $owner, name: $name) { pullRequest(number: $number) { \
    comments(first: 100, after: $after) { nodes { id databaseId isMinimized body author { login } } \
    pageInfo { hasNextPage endCursor } } } } }";
const MINIMIZE: &str = "mutation($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { \
    minimizedComment { isMinimized } } }";

impl GitHub {
    /// Makes the one comment of a pull request say what the draft says. Several runs at once
    /// end with one.
    ///
    /// # Errors
    /// As the forge says.
    pub async fn keep_comment(
        &self,
        pull: u64,
        draft: &CommentDraft,
    ) -> Result<Commented, ForgeError> {
        let own = self.own_comments(pull, &draft.name).await?;
        let Some(known) = own.last() else {
            if !draft.is_worth_opening {
                return Ok(Commented::Nothing);
            }
            let mark = CommentMark::new(draft, None);
            let number = self.post(pull, &mark.text(&draft.body)).await?;
            return self.keep_first(pull, draft, number).await;
        };
        let hash = hash(&draft.body);
        if known.mark.body == hash {
            return Ok(Commented::Unchanged);
        }
        let mark = CommentMark::new(draft, Some(&known.mark));
        let text = mark.text(&draft.body);
        if draft.rank > known.mark.rank {
            // A changed comment notifies nobody.
            self.post(pull, &text).await?;
            self.minimize(&known.node).await?;
            return Ok(Commented::Posted);
        }
        self.change(known.number, &text).await?;
        Ok(Commented::Updated)
    }

    /// Returns the newest commit of a pull request.
    ///
    /// # Errors
    /// As the forge says.
    pub async fn newest_commit(&self, pull: u64) -> Result<String, ForgeError> {
        let found: PullWithHead = self
            .ask(Ask {
                action: "read the pull request",
                method: "GET",
                path: &self.path(&format!("/pulls/{pull}")),
                body: None,
                repeatable: true,
            })
            .await?;
        Ok(found.head.sha)
    }

    /// Two runs may have posted at once: the comment that was first stays.
    async fn keep_first(
        &self,
        pull: u64,
        draft: &CommentDraft,
        number: u64,
    ) -> Result<Commented, ForgeError> {
        let own = self.own_comments(pull, &draft.name).await?;
        match own.iter().map(|one| one.number).min() {
            Some(first) if first != number => {
                self.remove(number).await?;
                let mark = CommentMark::new(draft, None);
                self.change(first, &mark.text(&draft.body)).await?;
                Ok(Commented::Updated)
            }
            _ => Ok(Commented::Posted),
        }
    }

    /// Our comments of this name that are not hidden, oldest first. Anybody can write our
    /// mark, so the author counts.
    async fn own_comments(&self, pull: u64, name: &str) -> Result<Vec<OwnComment>, ForgeError> {
        let action = "list the comments of the pull request";
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let (owner, repository) = self.owner_and_name();
            let variables =
                json!({ "owner": owner, "name": repository, "number": pull, "after": after });
            let reply: Reply = self.graphql(action, LIST, &variables).await?;
            let garbled = || ForgeError::Garbled {
                action,
                message: reply.errors.first().map_or_else(
                    || "it has no data".to_owned(),
                    |error| crate::text::escape::cut(&error.message, 200),
                ),
            };
            let data = reply.data.as_ref().ok_or_else(garbled)?;
            let pull = data
                .repository
                .as_ref()
                .and_then(|one| one.pull_request.as_ref());
            let comments = &pull.ok_or(ForgeError::NotFound { action })?.comments;
            let own = bare(&data.viewer.login);
            found.extend(comments.nodes.iter().filter_map(|node| {
                let author = node.author.as_ref()?;
                let mark = CommentMark::read(&node.body).filter(|mark| mark.name == name)?;
                let is_ours = bare(&author.login) == own && !node.is_minimized;
                is_ours.then_some(OwnComment {
                    number: node.database_id?,
                    node: node.id.clone(),
                    mark,
                })
            }));
            match &comments.page_info {
                PageInfo {
                    has_next_page: true,
                    end_cursor: Some(cursor),
                } => {
                    after = Some(cursor.clone());
                }
                _ => break,
            }
        }
        found.sort_by_key(|one| one.number);
        Ok(found)
    }

    /// Asks for what may be asked again: to list, and to hide what is hidden, change nothing twice.
    async fn graphql<T: serde::de::DeserializeOwned>(
        &self,
        action: &'static str,
        query: &str,
        variables: &serde_json::Value,
    ) -> Result<T, ForgeError> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.ask_graphql(Ask {
            action,
            method: "POST",
            path: "/graphql",
            body: Some(&body),
            repeatable: true,
        })
        .await
    }

    async fn post(&self, pull: u64, text: &str) -> Result<u64, ForgeError> {
        let created: Created = self
            .ask(Ask {
                action: "comment on the pull request",
                method: "POST",
                path: &self.path(&format!("/issues/{pull}/comments")),
                body: Some(&json!({ "body": text }).to_string()),
                repeatable: false,
            })
            .await?;
        Ok(created.id)
    }

    async fn change(&self, number: u64, text: &str) -> Result<(), ForgeError> {
        let _: Created = self
            .ask(Ask {
                action: "update the comment",
                method: "PATCH",
                path: &self.path(&format!("/issues/comments/{number}")),
                body: Some(&json!({ "body": text }).to_string()),
                repeatable: true,
            })
            .await?;
        Ok(())
    }

    async fn remove(&self, number: u64) -> Result<(), ForgeError> {
        self.ask_without_answer(Ask {
            action: "remove the comment",
            method: "DELETE",
            path: &self.path(&format!("/issues/comments/{number}")),
            body: None,
            repeatable: true,
        })
        .await
    }

    async fn minimize(&self, node: &str) -> Result<(), ForgeError> {
        let variables = json!({ "id": node });
        let _: serde_json::Value = self
            .graphql("hide the earlier comment", MINIMIZE, &variables)
            .await?;
        Ok(())
    }
}

/// REST calls an app `name[bot]`, GraphQL calls it `name`.
fn bare(login: &str) -> &str {
    login.strip_suffix("[bot]").unwrap_or(login)
}

fn hash(body: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(body.as_bytes()))
}

impl CommentMark {
    fn new(draft: &CommentDraft, earlier: Option<&Self>) -> Self {
        let mut history = earlier.map_or(Vec::new(), |mark| mark.history.clone());
        if let Some(earlier) = earlier {
            let commit: String = earlier.head.chars().take(10).collect();
            history.insert(0, format!("{commit} {}", earlier.verdict));
            history.truncate(MOST_HISTORY);
        }
        Self {
            name: draft.name.clone(),
            head: draft.head.clone(),
            body: hash(&draft.body),
            verdict: draft.verdict.clone(),
            rank: draft.rank,
            history,
        }
    }

    /// The whole text of a comment.
    fn text(&self, body: &str) -> String {
        let mut out = body.trim_end().to_owned();
        if !self.history.is_empty() {
            out.push_str("\n\n<details><summary>Earlier verdicts</summary>\n\n");
            for line in &self.history {
                out.push_str(&format!("- `{line}`\n"));
            }
            out.push_str("\n</details>");
        }
        let json = serde_json::to_string(self).unwrap_or_default();
        // What ends an HTML comment is in no mark.
        let json = json.replace("--", "\\u002d\\u002d");
        format!("{out}\n\n{MARK}{json} -->\n")
    }

    fn read(body: &str) -> Option<Self> {
        let (_, rest) = body.rsplit_once(MARK)?;
        let (json, _) = rest.split_once(" -->")?;
        let mark: Self = serde_json::from_str(json).ok()?;
        let plain = |line: &String| {
            line.len() <= 40 && line.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
        };
        // It may have been edited by whoever may edit comments.
        mark.history.iter().all(plain).then_some(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_as_they_were_written() {
        let draft = CommentDraft {
            name: "prod--x".to_owned(),
            body: "## PASS\n".to_owned(),
            head: "a".repeat(40),
            verdict: "PASS".to_owned(),
            rank: 0,
            is_worth_opening: true,
        };
        let mut mark = CommentMark::new(&draft, None);
        for _ in 0..8 {
            let text = mark.text(&draft.body);
            assert!(text.starts_with("## PASS\n"));
            let read = CommentMark::read(&text).expect("a mark");
            assert_eq!(read, mark);
            mark = CommentMark::new(&draft, Some(&read));
        }
        assert_eq!(mark.history.len(), MOST_HISTORY);
        assert_eq!(
            CommentMark::read("## PASS\n<!-- fractary-review {} -->"),
            None
        );
    }
}
