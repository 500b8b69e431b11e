//! The commit message of a run.

use crate::core::issues::{ChangeKind, IssueChange};
use crate::model::ids::{EnvironmentName, RunId};
use crate::model::status::Status;
use crate::text::Untrusted;
use crate::text::escape;

use super::Reason;

/// Most issues listed under one heading.
const MOST_LISTED: usize = 20;
/// Longest text from outside in a line, in characters.
const MOST_TEXT: usize = 120;

/// What the message is made of.
#[derive(Debug, Clone, Copy)]
pub struct CommitWords<'a> {
    /// What the commit is about: `health`. In the subject.
    pub scope: &'a str,
    /// The command that was run: `run`. In the trailer.
    pub command: &'a str,
    /// The environment that was observed.
    pub environment: &'a EnvironmentName,
    /// How it is.
    pub status: Status,
    /// The run.
    pub run_id: &'a RunId,
    /// What happened to issues.
    pub changes: &'a [IssueChange],
    /// Why there is a commit.
    pub reason: Reason,
}

/// The message: `fractary(health): prod DEGRADED — 1 opened, 2 resolved`, the issues, and
/// trailers. Text from outside can neither begin a line nor act on a forge: see [`tame`].
pub fn commit_message(words: &CommitWords<'_>) -> String {
    let mut text = format!(
        "fractary({}): {} {} — {}\n\n",
        words.scope,
        words.environment,
        words.status,
        summary(words)
    );
    for kind in LISTED {
        list(&mut text, words.changes, kind);
    }
    text.push_str(&format!(
        "Fractary-Run: {}\nFractary-Command: {}\nFractary-Env: {}\n",
        words.run_id, words.command, words.environment
    ));
    text
}

const LISTED: [ChangeKind; 5] = [
    ChangeKind::Opened,
    ChangeKind::Reopened,
    ChangeKind::Worsened,
    ChangeKind::Eased,
    ChangeKind::Resolved,
];

fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Opened => "opened",
        ChangeKind::Reopened => "reopened",
        ChangeKind::Worsened => "worsened",
        ChangeKind::Eased => "milder",
        ChangeKind::Resolved => "resolved",
        ChangeKind::Updated => "updated",
        ChangeKind::StreakAdvanced => "recovering",
        ChangeKind::Touched => "seen again",
    }
}

/// `1 opened, 2 resolved`; where only smaller things happened, those; else the reason.
fn summary(words: &CommitWords<'_>) -> String {
    let counts = |kinds: &[ChangeKind]| -> Vec<String> {
        let count = |kind| words.changes.iter().filter(|c| c.kind == kind).count();
        let each = kinds.iter().map(|kind| (count(*kind), word(*kind)));
        each.filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect()
    };
    let mut parts = counts(&LISTED);
    if parts.is_empty() {
        parts = counts(&[ChangeKind::Updated, ChangeKind::StreakAdvanced]);
    }
    if parts.is_empty() || words.reason == Reason::First {
        parts.insert(0, words.reason.words().to_owned());
    }
    parts.join(", ")
}

fn list(text: &mut String, changes: &[IssueChange], kind: ChangeKind) {
    let matching: Vec<&IssueChange> = changes.iter().filter(|c| c.kind == kind).collect();
    if matching.is_empty() {
        return;
    }
    let mut heading = word(kind).to_owned();
    heading[..1].make_ascii_uppercase();
    text.push_str(&format!("{heading}:\n"));
    for change in matching.iter().take(MOST_LISTED) {
        let issue = &change.after;
        text.push_str(&format!(
            "- {} {} {}: {}\n",
            issue.id,
            issue.severity,
            tame(&issue.resource.name),
            tame(&issue.title)
        ));
    }
    if let Some(more) = matching.len().checked_sub(MOST_LISTED).filter(|m| *m > 0) {
        text.push_str(&format!("- and {more} more\n"));
    }
    text.push('\n');
}

/// Text from outside as a short and harmless part of a line of a commit message.
fn tame(text: &Untrusted) -> String {
    let line = escape::commit_message_line(text.raw());
    match line.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
