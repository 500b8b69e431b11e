//! What people do to issues: resolve, reopen, assign, note.

use jiff::Timestamp;

use super::timeline;
use crate::model::ids::IssueId;
use crate::model::issue::{Issue, IssueStatus, Note};
use crate::text::Untrusted;

/// Longest note or reason, in characters.
pub const MOST_TEXT: usize = 10_000;

/// Why an action on an issue was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// It is over already.
    #[error("issue {0} is already resolved")]
    AlreadyResolved(IssueId),
    /// It is not over.
    #[error("issue {0} is not resolved")]
    NotResolved(IssueId),
    /// There is no text where one is needed.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// The text is too long.
    #[error("the {what} has {length} characters; the limit is {MOST_TEXT}")]
    TooLong {
        /// What the text is.
        what: &'static str,
        /// Its length in characters.
        length: usize,
    },
}

/// Resolves an open issue. If the trouble is still there the next run that sees it reopens
/// the issue, with one more occurrence.
pub fn resolve(
    issue: Issue,
    reason: &Untrusted,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Issue, ActionError> {
    let reason = checked(reason, "reason")?;
    let mut issue = open(issue)?;
    issue.status = IssueStatus::Resolved;
    issue.resolved_at = Some(now);
    timeline::push(&mut issue, now, "resolved", signed(by, reason));
    Ok(issue)
}

/// Takes back that an issue was resolved. Not a new occurrence: the trouble was never over.
pub fn reopen(
    mut issue: Issue,
    reason: &Untrusted,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Issue, ActionError> {
    let reason = checked(reason, "reason")?;
    if issue.status != IssueStatus::Resolved {
        return Err(ActionError::NotResolved(issue.id));
    }
    issue.status = IssueStatus::Active;
    issue.resolved_at = None;
    issue.healthy_streak = 0;
    timeline::push(&mut issue, now, "reopened", signed(by, reason));
    Ok(issue)
}

/// Hands an open issue to somebody, or to nobody with `None`.
pub fn assign(
    issue: Issue,
    assignee: Option<&Untrusted>,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Issue, ActionError> {
    let assignee = assignee.map(|who| checked(who, "assignee")).transpose()?;
    let mut issue = open(issue)?;
    let (event, detail) = match assignee {
        Some(who) => ("assigned", signed(by, &format!("to {who}"))),
        None => ("unassigned", signed(by, "")),
    };
    issue.assignee = assignee.map(Untrusted::from);
    timeline::push(&mut issue, now, event, detail);
    Ok(issue)
}

/// Adds a note, to a resolved issue too.
pub fn note(
    mut issue: Issue,
    text: &Untrusted,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Issue, ActionError> {
    let text = checked(text, "note")?;
    issue.notes.push(Note {
        at: now,
        by: by.cloned(),
        text: Untrusted::from(text),
    });
    // The words are in the notes; the timeline says that there is one.
    timeline::push(&mut issue, now, "note", signed(by, ""));
    Ok(issue)
}

fn open(issue: Issue) -> Result<Issue, ActionError> {
    if issue.status == IssueStatus::Resolved {
        Err(ActionError::AlreadyResolved(issue.id))
    } else {
        Ok(issue)
    }
}

fn checked<'a>(text: &'a Untrusted, what: &'static str) -> Result<&'a str, ActionError> {
    let text = text.raw().trim();
    let length = text.chars().count();
    if length == 0 {
        Err(ActionError::Empty(what))
    } else if length > MOST_TEXT {
        Err(ActionError::TooLong { what, length })
    } else {
        Ok(text)
    }
}

fn signed(by: Option<&Untrusted>, text: &str) -> String {
    match by {
        Some(by) if text.is_empty() => format!("by {}", by.raw()),
        Some(by) => format!("{text} (by {})", by.raw()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::issue_fixtures::{World, function, minute, problem, report};
    use crate::model::status::Status;

    fn fresh() -> Issue {
        let mut world = World::new();
        let bad = function("api", vec![problem("x", Status::Degraded, "trouble")]);
        world.run(&report("prod", minute(0), vec![bad]));
        world.only().clone()
    }

    fn text(text: &str) -> Untrusted {
        Untrusted::from(text)
    }

    #[test]
    fn people_move_issues() {
        let ann = text("ann");
        let by = Some(&ann);
        let issue = note(fresh(), &text(" seen in the logs "), by, minute(1)).expect("noted");
        let issue = assign(issue, Some(&text("bob")), by, minute(2)).expect("assigned");
        assert_eq!(issue.assignee, Some(text("bob")));
        let issue = assign(issue, None, None, minute(3)).expect("unassigned");
        let mut issue = resolve(issue, &text("fixed"), by, minute(4)).expect("resolved");
        assert_eq!(
            (issue.status, issue.resolved_at),
            (IssueStatus::Resolved, Some(minute(4)))
        );
        issue.healthy_streak = 1;
        let issue = reopen(issue, &text("was not"), None, minute(5)).expect("reopened");
        assert_eq!(
            (issue.status, issue.resolved_at),
            (IssueStatus::Active, None)
        );
        assert_eq!((issue.occurrences, issue.healthy_streak), (1, 0));
        assert_eq!(issue.notes.len(), 1);
        assert_eq!(issue.notes[0].text.raw(), "seen in the logs");
        let lines: Vec<String> = issue
            .timeline
            .iter()
            .map(|e| format!("{}: {}", e.event, e.detail.as_ref().map_or("", |d| d.raw())))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        opened: HIGH: trouble
        note: by ann
        assigned: to bob (by ann)
        unassigned: 
        resolved: fixed (by ann)
        reopened: was not
        ");
    }

    #[test]
    fn illegal_moves_are_refused() {
        let open = fresh();
        let closed = resolve(open.clone(), &text("fixed"), None, minute(1)).expect("resolved");
        let (some, blank) = (text("some"), text(" \n "));
        let long = text(&"x".repeat(MOST_TEXT + 1));
        let id = open.id.to_string();
        for (got, want) in [
            (
                resolve(closed.clone(), &some, None, minute(2)),
                format!("issue {id} is already resolved"),
            ),
            (
                assign(closed.clone(), None, None, minute(2)),
                format!("issue {id} is already resolved"),
            ),
            (
                reopen(open.clone(), &some, None, minute(2)),
                format!("issue {id} is not resolved"),
            ),
            (
                resolve(open.clone(), &blank, None, minute(2)),
                "the reason is empty".into(),
            ),
            (
                note(open.clone(), &blank, None, minute(2)),
                "the note is empty".into(),
            ),
            (
                assign(open.clone(), Some(&blank), None, minute(2)),
                "the assignee is empty".into(),
            ),
            (
                note(open.clone(), &long, None, minute(2)),
                "the note has 10001 characters; the limit is 10000".into(),
            ),
        ] {
            assert_eq!(got.map_err(|e| e.to_string()), Err(want));
        }
        assert!(note(closed, &some, None, minute(2)).is_ok());
    }
}
