//! Issues of a tracker: one for a thing, found again by its number or by a mark in its text.

use serde::Deserialize;
use serde_json::json;

use crate::forge::error::ForgeError;
use crate::forge::github::GitHub;
use crate::forge::http::Ask;
use crate::forge::{Delivered, MOST_BODY};
use crate::text::Untrusted;

/// Pages of a hundred issues that are looked through for a mark, newest first.
const MOST_PAGES: u32 = 5;
/// Most characters of a title.
const MOST_TITLE: usize = 256;
/// Most characters of a label.
const MOST_LABEL: usize = 50;

/// An issue as the tracker has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its number.
    pub number: u64,
    /// Its address.
    pub url: Untrusted,
    /// Whether it is open.
    pub open: bool,
}

/// What an issue is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketDraft {
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// What the text ends with, and by which it is found again: an HTML comment.
    pub mark: String,
    /// Labels that it has at least.
    pub labels: Vec<String>,
    /// Whether it is open or closed; left to the people there where that is `None`.
    pub open: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    number: u64,
    html_url: String,
    state: String,
    #[serde(default)]
    title: String,
    body: Option<String>,
    #[serde(default)]
    labels: Vec<Label>,
    /// Pull requests are listed among issues.
    pull_request: Option<serde_json::Value>,
    #[serde(default)]
    author_association: String,
    user: Option<User>,
}

#[derive(Debug, Deserialize)]
struct Label {
    name: String,
}

#[derive(Debug, Deserialize)]
struct User {
    #[serde(rename = "type")]
    kind: String,
}

impl Listed {
    fn ticket(&self) -> Ticket {
        Ticket {
            number: self.number,
            url: Untrusted::from(self.html_url.as_str()),
            open: self.state == "open",
        }
    }

    /// Anybody may open an issue and write our mark into it. Only those who belong to the
    /// repository, and its automation, are taken for us.
    fn is_ours(&self, mark: &str) -> bool {
        let insider = ["OWNER", "MEMBER", "COLLABORATOR"];
        let is_bot = self.user.as_ref().is_some_and(|user| user.kind == "Bot");
        let marked = self.body.as_deref().unwrap_or_default();
        self.pull_request.is_none()
            && marked.trim_end().ends_with(mark)
            && (is_bot || insider.contains(&self.author_association.as_str()))
    }
}

impl GitHub {
    /// An issue by its number; `None` where it is gone.
    ///
    /// # Errors
    /// As the tracker says.
    pub async fn ticket(&self, number: u64) -> Result<Option<Ticket>, ForgeError> {
        Ok(self.listed(number).await?.map(|found| found.ticket()))
    }

    /// Makes the one issue say what the draft says, and opens it where there is none and the
    /// draft does not say that it is over. `known` is its number, where that was kept.
    ///
    /// # Errors
    /// As the tracker says.
    pub async fn keep_ticket(
        &self,
        known: Option<u64>,
        draft: &TicketDraft,
    ) -> Result<Option<(Ticket, Delivered)>, ForgeError> {
        let by_number = match known {
            Some(number) => self.listed(number).await?,
            None => None,
        };
        let found = match by_number {
            Some(found) => Some(found),
            None => self.marked(&draft.mark).await?,
        };
        match found {
            Some(found) => self.refresh_ticket(found, draft).await.map(Some),
            None if draft.open == Some(false) => Ok(None),
            None => {
                let ticket = self.open_ticket(draft).await?;
                Ok(Some((ticket, Delivered::Opened)))
            }
        }
    }

    async fn listed(&self, number: u64) -> Result<Option<Listed>, ForgeError> {
        let found = self
            .ask(Ask {
                action: "read the issue",
                method: "GET",
                path: &self.path(&format!("/issues/{number}")),
                body: None,
                repeatable: true,
            })
            .await;
        match found {
            Ok(found) => Ok(Some(found)),
            // 404, and 410 for one that was deleted.
            Err(ForgeError::NotFound { .. } | ForgeError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn marked(&self, mark: &str) -> Result<Option<Listed>, ForgeError> {
        for page in 1..=MOST_PAGES {
            let query =
                format!("/issues?state=all&sort=created&direction=desc&per_page=100&page={page}");
            let listed: Vec<Listed> = self
                .ask(Ask {
                    action: "list issues",
                    method: "GET",
                    path: &self.path(&query),
                    body: None,
                    repeatable: true,
                })
                .await?;
            let last = listed.len() < 100;
            // Should there be two after all, the older one has the discussion.
            let ours = listed.into_iter().filter(|one| one.is_ours(mark));
            let first = ours.min_by_key(|one| one.number);
            if first.is_some() || last {
                return Ok(first);
            }
        }
        Ok(None)
    }

    async fn open_ticket(&self, draft: &TicketDraft) -> Result<Ticket, ForgeError> {
        let body = json!({
            "title": title(draft), "body": body(draft), "labels": labels(draft),
        });
        let made: Listed = self
            .ask(Ask {
                action: "open an issue",
                method: "POST",
                path: &self.path("/issues"),
                body: Some(&body.to_string()),
                repeatable: false,
            })
            .await?;
        Ok(made.ticket())
    }

    async fn refresh_ticket(
        &self,
        found: Listed,
        draft: &TicketDraft,
    ) -> Result<(Ticket, Delivered), ForgeError> {
        let has = |wanted: &str| {
            found
                .labels
                .iter()
                .any(|one| one.name.eq_ignore_ascii_case(wanted))
        };
        let missing: Vec<String> = labels(draft).into_iter().filter(|one| !has(one)).collect();
        if !missing.is_empty() {
            // Added to those that people have set, which a change of the issue would replace.
            let _: serde_json::Value = self
                .ask(Ask {
                    action: "label the issue",
                    method: "POST",
                    path: &self.path(&format!("/issues/{}/labels", found.number)),
                    body: Some(&json!({ "labels": missing }).to_string()),
                    repeatable: true,
                })
                .await?;
        }
        let is_open = found.state == "open";
        let same_text =
            |theirs: &str, ours: &str| theirs.replace("\r\n", "\n").trim_end() == ours.trim_end();
        let (title, body) = (title(draft), body(draft));
        let same_state = draft.open.is_none_or(|open| open == is_open);
        if same_state
            && same_text(&found.title, &title)
            && same_text(found.body.as_deref().unwrap_or_default(), &body)
        {
            return Ok((found.ticket(), Delivered::Unchanged));
        }
        let mut change = json!({ "title": title, "body": body });
        match draft.open {
            Some(false) if is_open => {
                change["state"] = json!("closed");
                change["state_reason"] = json!("completed");
            }
            Some(true) if !is_open => {
                change["state"] = json!("open");
                change["state_reason"] = json!("reopened");
            }
            _ => {}
        }
        let changed: Listed = self
            .ask(Ask {
                action: "update the issue",
                method: "PATCH",
                path: &self.path(&format!("/issues/{}", found.number)),
                body: Some(&change.to_string()),
                repeatable: true,
            })
            .await?;
        Ok((changed.ticket(), Delivered::Updated))
    }
}

fn title(draft: &TicketDraft) -> String {
    let title = draft.title.trim();
    match title.char_indices().nth(MOST_TITLE - 1) {
        Some((at, _)) => format!("{}…", &title[..at]),
        None => title.to_owned(),
    }
}

/// The text with the mark at its end, whatever has to be cut.
fn body(draft: &TicketDraft) -> String {
    let room = MOST_BODY - draft.mark.chars().count() - 10;
    let text = draft.body.trim_end();
    let text = match text.char_indices().nth(room) {
        // At the end of a line, so that no piece of Markdown stays open half-way.
        Some((at, _)) => {
            let end = text[..at].rfind('\n').unwrap_or(at);
            format!("{}\n\n…", &text[..end])
        }
        None => text.to_owned(),
    };
    format!("{text}\n\n{}\n", draft.mark)
}

fn labels(draft: &TicketDraft) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for label in &draft.labels {
        let label: String = label.trim().chars().take(MOST_LABEL).collect();
        if !label.is_empty() && !out.contains(&label) {
            out.push(label);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_survives_every_length() {
        for length in [0, 100, 70_000] {
            let draft = TicketDraft {
                title: "x".repeat(300),
                body: "a line\n".repeat(length / 7),
                mark: "<!-- fractary issue: test/infra-7f3a2c -->".to_owned(),
                labels: vec!["ops".to_owned(), " ops ".to_owned(), String::new()],
                open: None,
            };
            let text = body(&draft);
            assert!(text.chars().count() <= MOST_BODY);
            assert!(text.trim_end().ends_with(&draft.mark));
            assert_eq!(title(&draft).chars().count(), 256);
            assert_eq!(labels(&draft), ["ops"]);
        }
    }
}
