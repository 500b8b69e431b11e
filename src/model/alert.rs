//! What is sent to the outside about an issue.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::issue::{AlertKind, IncidentRole, Issue};
use crate::model::rules::IssueEvent;
use crate::text::Untrusted;
use crate::text::phrases;
use crate::text::times;

/// One message about one issue to one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The same for every attempt at this message.
    pub key: String,
    /// Whether something is wrong, or over.
    pub kind: AlertKind,
    /// Why just now.
    pub event: IssueEvent,
    /// Whether it is the first about this occurrence to this channel.
    pub first: bool,
    /// Rules that ask for it, the first of them first in helm.toml.
    pub rules: Vec<String>,
    /// The channel.
    pub channel: String,
    /// Labels of the rules, without duplicates.
    pub labels: Vec<String>,
    /// The issue as it is now.
    pub issue: Issue,
    /// When it is sent.
    pub at: Timestamp,
    /// What the channel called an earlier message about this issue.
    pub reference: Option<Untrusted>,
    /// Places to look at, most useful first: title and address.
    pub links: Vec<(String, String)>,
}

/// One message about several issues of one environment to one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// The same for every message about these issues.
    pub key: String,
    /// The channel.
    pub channel: String,
    /// The environment of the issues.
    pub environment: EnvironmentName,
    /// Those that are still to be worried about, the worst first.
    pub open: Vec<Issue>,
    /// Those that are over, or milder than the channel wants to know, the worst first.
    pub over: Vec<Issue>,
    /// Whether something begins, or still lasts, that the channel is told of now.
    pub has_news: bool,
    /// Whether it is the first message about them to this channel.
    pub first: bool,
    /// Why just now, for the issue that gives the digest its severity.
    pub event: IssueEvent,
    /// Rules that ask for it, without duplicates.
    pub rules: Vec<String>,
    /// Labels of the rules, without duplicates.
    pub labels: Vec<String>,
    /// When it is sent.
    pub at: Timestamp,
    /// What the channel called an earlier message about these issues.
    pub reference: Option<Untrusted>,
}

impl Digest {
    /// Whether something is wrong, or all of it is over.
    pub fn kind(&self) -> AlertKind {
        match self.open.is_empty() {
            true => AlertKind::Resolve,
            false => AlertKind::Trigger,
        }
    }

    /// Those that it is about: open ones, or all where none is open.
    fn subjects(&self) -> &[Issue] {
        match self.kind() {
            AlertKind::Trigger => &self.open,
            AlertKind::Resolve => &self.over,
        }
    }

    /// The issue that gives the digest its severity.
    pub fn worst(&self) -> Option<&Issue> {
        self.subjects().first()
    }

    /// The cause, where all issues are of one incident: the one on top, else the worst.
    pub fn incident(&self) -> Option<&Issue> {
        let subjects = self.subjects();
        let first = subjects.first()?;
        let id = &first.incident.as_ref()?.id;
        let of_it = |issue: &Issue| issue.incident.as_ref().is_some_and(|one| one.id == *id);
        if !subjects.iter().all(of_it) {
            return None;
        }
        let is_cause = |issue: &&Issue| {
            let incident = issue.incident.as_ref();
            incident.is_some_and(|one| one.role == IncidentRole::Cause)
        };
        subjects.iter().find(is_cause).or(Some(first))
    }

    /// One line: `[CRITICAL] incident in prod: users-db: connections 98 % (3 issues)`, or
    /// `[CRITICAL] 40 issues in prod: orders-api, checkout, users-db and 37 more`.
    /// Secrets are redacted; not escaped for any format.
    pub fn headline(&self) -> String {
        let what = match (self.kind(), self.worst()) {
            (AlertKind::Trigger, Some(worst)) => worst.severity.word(),
            _ => "RESOLVED",
        };
        let subjects = self.subjects();
        if let Some(cause) = self.incident() {
            let count = phrases::counted(subjects.len() as u64, "issue");
            let (name, title) = (cause.resource.name.redacted(), cause.title.redacted());
            return format!(
                "[{what}] incident in {}: {name}: {title} ({count})",
                self.environment
            );
        }
        let mut names: Vec<String> = Vec::new();
        for name in subjects.iter().map(|one| one.resource.name.redacted()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let shown = names.iter().take(NAMES_IN_HEADLINE).cloned();
        let mut list = shown.collect::<Vec<_>>().join(", ");
        if let Some(more) = names
            .len()
            .checked_sub(NAMES_IN_HEADLINE)
            .filter(|n| *n > 0)
        {
            list.push_str(&format!(" and {more} more"));
        }
        format!(
            "[{what}] {} in {}: {list}",
            phrases::counted(subjects.len() as u64, "issue"),
            self.environment
        )
    }

    /// One line an issue, open ones first: its id, its severity and what is wrong. Secrets are
    /// redacted; not escaped for any format.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let line = |kind: AlertKind| {
            move |issue: &Issue| format!("{} {}", issue.id, headline_of(issue, kind))
        };
        let open = self.open.iter().map(line(AlertKind::Trigger));
        open.chain(self.over.iter().map(line(AlertKind::Resolve)))
    }

    /// The cause, where all issues are of one incident, it is known, and it is not over. Secrets
    /// are redacted; not escaped for any format.
    pub fn cause(&self) -> Option<String> {
        self.incident()?;
        let mut causes = self.open.iter().filter_map(|one| one.root_cause.as_ref());
        causes.next().map(Untrusted::redacted)
    }

    /// What a service that joins messages goes by: the same for everything about these issues.
    pub fn thread(&self) -> String {
        format!("fractary:{}:digest:{}", self.environment, self.key)
    }

    /// The command that lists them and what else is open.
    pub fn command(&self) -> String {
        format!("fractary issues --env {}", self.environment)
    }
}

/// Names of resources in the headline of a digest.
const NAMES_IN_HEADLINE: usize = 3;

/// Alerts about one environment that a channel has not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UndeliveredAlerts {
    /// The environment of the issues.
    pub environment: EnvironmentName,
    /// The channel.
    pub channel: String,
    /// The issues that they are about, by id.
    pub issues: Vec<IssueId>,
    /// When the oldest was tried first, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
    /// Attempts at the one that was tried most.
    pub attempts: u32,
    /// From when on a run tries again, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub next_attempt_at: Timestamp,
    /// Why the oldest failed.
    pub error: Untrusted,
}

impl UndeliveredAlerts {
    /// One line: `2 alerts about prod have not been delivered to channel pager since 2026-11-21
    /// 10:15 UTC (4 attempts): status 500`. Secrets are redacted; not escaped for any format.
    pub fn sentence(&self) -> String {
        let count = self.issues.len() as u64;
        let alerts = phrases::counted(count, "alert");
        let have = if count == 1 { "has" } else { "have" };
        format!(
            "{alerts} about {} {have} not been delivered to channel {} since {} ({}): {}",
            self.environment,
            self.channel,
            times::time(self.since),
            phrases::counted(u64::from(self.attempts), "attempt"),
            self.error.redacted(),
        )
    }
}

/// One line about an issue: what is wrong, and where. Secrets are redacted; not escaped for
/// any format.
pub fn headline(issue: &Issue, kind: AlertKind) -> String {
    format!("{} ({})", headline_of(issue, kind), issue.environment)
}

/// The headline without its environment.
fn headline_of(issue: &Issue, kind: AlertKind) -> String {
    let what = match kind {
        AlertKind::Trigger => issue.severity.word(),
        AlertKind::Resolve => "RESOLVED",
    };
    let title = issue.title.redacted();
    let name = issue.resource.name.redacted();
    let title = if title.contains(&name) {
        title
    } else {
        format!("{name}: {title}")
    };
    format!("[{what}] {title}")
}

impl Alert {
    /// One line: what is wrong, and where. Secrets are redacted; not escaped for any format.
    pub fn headline(&self) -> String {
        headline(&self.issue, self.kind)
    }

    /// The cause, where it is known and not over. Secrets are redacted; not escaped for any format.
    pub fn cause(&self) -> Option<String> {
        let cause = self.issue.root_cause.as_ref();
        let cause = cause.filter(|_| self.kind == AlertKind::Trigger);
        cause.map(Untrusted::redacted)
    }

    /// The issue, why the alert is sent, and the incident that it belongs to:
    /// `infra-394624, opened, part of incident inc-063e53: began at the same time`. Secrets are
    /// redacted; not escaped for any format.
    pub fn about(&self) -> String {
        let event = self.event.word().replace('_', " ");
        let about = format!("{}, {event}", self.issue.id);
        match &self.issue.incident {
            None => about,
            Some(incident) => {
                let id = Untrusted::from(incident.id.as_str()).redacted();
                let why = incident.why.redacted();
                format!("{about}, part of incident {id}: {why}")
            }
        }
    }

    /// What a service that joins messages goes by: the same for everything about one issue.
    pub fn thread(&self) -> String {
        format!("fractary:{}:{}", self.issue.environment, self.issue.id)
    }
}

/// An alert as a generic webhook gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "alert.json")]
pub struct AlertDocument {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The same for every attempt at this message; also in the header `Idempotency-Key`.
    pub key: String,
    /// Whether something is wrong, or over.
    pub kind: AlertKind,
    /// `opened`, `reopened`, `severity_raised`, `severity_lowered`, `ongoing` or `resolved`.
    pub event: String,
    /// Rules that asked for it.
    pub rules: Vec<String>,
    /// The channel.
    pub channel: String,
    /// Labels of the rules.
    pub labels: Vec<String>,
    /// When it was sent, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub sent_at: Timestamp,
    /// One line for people.
    pub headline: Untrusted,
    /// The same for everything about one issue.
    pub thread: String,
    /// The issue as it is now, as in its file.
    pub issue: Issue,
    /// Places to look at.
    pub links: Vec<AlertLink>,
}

/// A place to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AlertLink {
    /// What it is.
    pub title: Untrusted,
    /// Its address.
    pub url: Untrusted,
}
