//! Work items: what they say, and where they are made.

use crate::app::App;
use crate::app::alerts::channels;
use crate::app::answer::faults;
use crate::core::alerts;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::alert::{Digest, headline};
use crate::model::issue::{AlertKind, Issue, IssueStatus};
use crate::notify::{GithubChannel, NotifyError, WorkItemText};
use crate::render::markdown;
use crate::render::templates::Templates;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// A work item that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkItem {
    /// Its number or name.
    pub(crate) id: Untrusted,
    /// Its address, or its path in this repository.
    pub(crate) url: Untrusted,
}

/// Composes what a work item says of an issue.
pub(crate) fn compose(
    app: &App,
    templates: &Templates,
    issue: &Issue,
    why: Option<&Untrusted>,
    priority: Option<&str>,
) -> Result<WorkItemText, CommandError> {
    let kind = match issue.status {
        IssueStatus::Resolved => AlertKind::Resolve,
        _ => AlertKind::Trigger,
    };
    let links = links(app, issue);
    let body =
        markdown::work_item(issue, why, priority, &links, templates).map_err(faults::template)?;
    Ok(WorkItemText {
        title: headline(issue, kind),
        body,
    })
}

/// Composes what a tracker says of several issues together.
pub(crate) fn compose_digest(
    templates: &Templates,
    digest: &Digest,
) -> Result<WorkItemText, CommandError> {
    let body = markdown::digest(digest, templates).map_err(faults::template)?;
    Ok(WorkItemText {
        title: digest.headline(),
        body,
    })
}

/// Places to look at: the issue's file and what people have linked.
pub(crate) fn links(app: &App, issue: &Issue) -> Vec<(String, String)> {
    let environment = &app.environment;
    let mut out = Vec::new();
    if let (Some(repository), Some(branch)) =
        (&environment.github_repository, &environment.ci_branch)
    {
        let server = environment.github_server_url.as_deref();
        let server = server.unwrap_or("https://github.com").trim_end_matches('/');
        let path = match issue.status {
            IssueStatus::Resolved => paths::issue_resolved(&issue.id),
            _ => paths::issue_active(&issue.id),
        };
        out.push((
            "the issue's file".to_owned(),
            format!("{server}/{repository}/blob/{branch}/{path}"),
        ));
    }
    for link in &issue.links {
        let title = link.title.as_ref().unwrap_or(&link.url);
        out.push((title.redacted(), link.url.redacted()));
    }
    out
}

/// Where a work item is made: a tracker, or a file in this repository.
pub(crate) enum Tracker {
    /// Issues of GitHub.
    Github(Result<Box<GithubChannel>, NotifyError>),
    /// `work-items/<id>.md`.
    File,
}

impl Tracker {
    /// That of the workflow's repository, else a file.
    pub(crate) fn own(app: &App) -> Self {
        let github = channels::own_tracker(app);
        github.map_or(Self::File, |github| Self::Github(github.map(Box::new)))
    }

    /// Makes the work item, or finds the one there is. A file is written with the commit.
    pub(crate) async fn make(
        &self,
        issue: &Issue,
        text: &WorkItemText,
        labels: &[String],
    ) -> Result<WorkItem, NotifyError> {
        match self {
            Self::Github(Ok(github)) => {
                let ticket = github.work_item(issue, text, labels).await?;
                Ok(WorkItem {
                    id: Untrusted::new(format!("#{}", ticket.number)),
                    url: ticket.url,
                })
            }
            Self::Github(Err(error)) => Err(error.clone()),
            Self::File => {
                let path = paths::work_item(&issue.id);
                Ok(WorkItem {
                    id: Untrusted::from(path.file_stem()),
                    url: Untrusted::from(path.as_str()),
                })
            }
        }
    }
}

/// Hands an issue over to a work item that was made, and writes its file where it is one.
pub(crate) fn hand_over(
    issue: &mut Issue,
    made: &WorkItem,
    text: &WorkItemText,
    why: Option<Untrusted>,
    now: jiff::Timestamp,
    transaction: &mut Transaction,
) {
    let path = paths::work_item(&issue.id);
    if made.url.raw() == path.as_str() {
        transaction.write(path, text.body.clone());
    }
    alerts::escalated(issue, made.id.clone(), Some(made.url.clone()), why, now);
}
