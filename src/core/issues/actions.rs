//! What people do to issues: resolve, reopen, assign, note, link, merge.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::id::incident_id;
use super::timeline;
use crate::model::ids::IssueId;
use crate::model::issue::{IncidentRole, Issue, IssueIncident, IssueStatus, Link, Note};
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
    /// It cannot be a duplicate of itself.
    #[error("issue {0} cannot be merged into itself")]
    IntoItself(IssueId),
    /// It is in its own incident already.
    #[error("issue {0} cannot be put into an incident with itself")]
    WithItself(IssueId),
    /// What it is to be merged into is over.
    #[error("issue {0} is resolved; merge into one that is open, or reopen it first")]
    TargetResolved(IssueId),
    /// Issues of two environments have nothing in common.
    #[error("issues {0} and {1} are of two environments")]
    OtherEnvironment(IssueId, IssueId),
    /// It belongs to no incident with others.
    #[error("issue {0} is an incident of its own already")]
    Alone(IssueId),
    /// The address is not one that people can follow.
    #[error("a link is an address that begins with https:// or http://, without spaces")]
    NoAddress,
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

/// Resolves an open issue. If the problem is still there the next run that sees it reopens
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

/// Takes back that an issue was resolved. Not a new occurrence: the problem was never over.
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
    issue.merged_into = None;
    issue.healthy_streak = 0;
    timeline::push(&mut issue, now, "reopened", signed(by, reason));
    Ok(issue)
}

/// Assigns an open issue, or unassigns it with `None`.
pub fn assign(
    issue: Issue,
    assignee: Option<&Untrusted>,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Issue, ActionError> {
    let assignee = assignee.map(|who| checked(who, "assignee")).transpose()?;
    let mut issue = open(issue)?;
    if issue.assignee.as_ref().map(Untrusted::raw) == assignee {
        return Ok(issue);
    }
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

/// Adds the address of something that belongs to it, to a resolved issue too. One that is
/// there already gets the new title.
pub fn link(
    mut issue: Issue,
    url: &Untrusted,
    title: Option<&Untrusted>,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Issue, ActionError> {
    let url = checked(url, "address")?;
    let has_scheme = ["https://", "http://"].iter().any(|scheme| {
        url.strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
    });
    if !has_scheme || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(ActionError::NoAddress);
    }
    let title = title.map(|title| checked(title, "title")).transpose()?;
    let title = title.map(Untrusted::from);
    match issue.links.iter_mut().find(|link| link.url.raw() == url) {
        Some(known) if title.is_none() || known.title == title => return Ok(issue),
        Some(known) => known.title = title,
        None => issue.links.push(Link {
            url: Untrusted::from(url),
            title,
            at: now,
        }),
    }
    timeline::push(&mut issue, now, "linked", signed(by, url));
    Ok(issue)
}

/// Says what was done to the resource of an issue. One that is resolved keeps its status.
#[must_use]
pub fn remediated(
    mut issue: Issue,
    status: IssueStatus,
    detail: &Untrusted,
    now: Timestamp,
) -> Issue {
    if issue.status != IssueStatus::Resolved {
        issue.status = status;
    }
    timeline::push(&mut issue, now, "remediation", detail.raw());
    issue
}

/// Says that an issue is a duplicate of another, which gets its notes and links. While the
/// other is open the duplicate stays resolved, whatever is seen of it.
pub fn merge(
    duplicate: Issue,
    target: Issue,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<(Issue, Issue), ActionError> {
    if duplicate.id == target.id {
        return Err(ActionError::IntoItself(target.id));
    }
    if target.status == IssueStatus::Resolved {
        return Err(ActionError::TargetResolved(target.id));
    }
    if target.environment != duplicate.environment {
        return Err(ActionError::OtherEnvironment(duplicate.id, target.id));
    }
    let (mut duplicate, mut target) = (open(duplicate)?, target);
    if duplicate.severity > target.severity {
        let detail = format!(
            "{} → {}, that of {}",
            target.severity, duplicate.severity, duplicate.id
        );
        target.severity = duplicate.severity;
        target.milder = None;
        timeline::push(&mut target, now, "severity_raised", detail);
    }
    let peak = duplicate.peak().max(target.peak());
    target.worst_severity = (peak > target.severity).then_some(peak);
    target.slo_breach |= duplicate.slo_breach;
    for note in &duplicate.notes {
        if !target.notes.contains(note) {
            target.notes.push(note.clone());
        }
    }
    target.notes.sort_by_key(|note| note.at);
    for link in &duplicate.links {
        if !target.links.iter().any(|known| known.url == link.url) {
            target.links.push(link.clone());
        }
    }
    let about = format!("{}: {}", duplicate.id, duplicate.title.raw());
    timeline::push(&mut target, now, "merged", signed(by, &about));
    duplicate.status = IssueStatus::Resolved;
    duplicate.resolved_at = Some(now);
    duplicate.merged_into = Some(target.id.clone());
    let into = format!("into {}", target.id);
    timeline::push(&mut duplicate, now, "merged", signed(by, &into));
    Ok((duplicate, target))
}

/// Makes an open issue part of the incident of another, which stays what it is. Both stay open.
pub fn join(
    issue: Issue,
    other: Issue,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<(Issue, Issue), ActionError> {
    if issue.id == other.id {
        return Err(ActionError::WithItself(issue.id));
    }
    if issue.environment != other.environment {
        return Err(ActionError::OtherEnvironment(issue.id, other.id));
    }
    let (mut issue, mut other) = (open(issue)?, open(other)?);
    let ids = [&issue, &other].map(|one| one.incident.as_ref().map(|incident| &incident.id));
    if ids[0].is_some() && ids[0] == ids[1] {
        // The cause of an incident does not become a symptom of it.
        return Ok((issue, other));
    }
    let id = match &other.incident {
        Some(incident) => incident.id.clone(),
        None => incident_id(&other),
    };
    let why = signed(by, "put together");
    let membership = |role: IncidentRole| IssueIncident {
        id: id.clone(),
        role,
        why: Untrusted::new(why.as_str()),
        by_hand: true,
    };
    if other.incident.is_none() {
        other.incident = Some(membership(IncidentRole::Cause));
        let about = signed(by, &format!("{id}, with {}", issue.id));
        timeline::push(&mut other, now, "incident", about);
    }
    issue.incident = Some(membership(IncidentRole::Symptom));
    let about = signed(by, &format!("{id}, with {}", other.id));
    timeline::push(&mut issue, now, "incident", about);
    Ok((issue, other))
}

/// Takes an open issue out of its incident; it is one of its own from then on. `all` are the open
/// issues, whose incidents it must not come into.
pub fn split<'a>(
    issue: Issue,
    all: impl IntoIterator<Item = &'a Issue>,
    by: Option<&Untrusted>,
    now: Timestamp,
) -> Result<Issue, ActionError> {
    let mut issue = open(issue)?;
    let others = all.into_iter().filter(|other| other.id != issue.id);
    let incidents = others.filter_map(|other| other.incident.as_ref());
    let taken: BTreeSet<&str> = incidents.map(|one| one.id.as_str()).collect();
    let before = match &issue.incident {
        Some(one) if !one.by_hand || taken.contains(one.id.as_str()) => one.id.clone(),
        _ => return Err(ActionError::Alone(issue.id)),
    };
    // The id that the first issue of an incident gives it stays with the others.
    let own = incident_id(&issue);
    let numbered = (2_u32..).map(|number| format!("{own}-{number}"));
    let mut ids = std::iter::once(own.clone()).chain(numbered);
    let id = ids.find(|id| *id != before && !taken.contains(id.as_str()));
    let id = id.unwrap_or_else(|| own.clone());
    issue.incident = Some(IssueIncident {
        id,
        role: IncidentRole::Cause,
        why: Untrusted::new(signed(by, &format!("taken out of {before}"))),
        by_hand: true,
    });
    let about = signed(by, &format!("taken out of {before}"));
    timeline::push(&mut issue, now, "incident", about);
    Ok(issue)
}

fn open(issue: Issue) -> Result<Issue, ActionError> {
    if issue.status == IssueStatus::Resolved {
        Err(ActionError::AlreadyResolved(issue.id))
    } else {
        Ok(issue)
    }
}

pub(super) fn checked<'a>(text: &'a Untrusted, what: &'static str) -> Result<&'a str, ActionError> {
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

pub(super) fn signed(by: Option<&Untrusted>, text: &str) -> String {
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
    fn links_are_addresses_and_stand_once() {
        let url = text("https://wiki.example.com/runbook");
        let title = text("runbook");
        let one = link(fresh(), &url, None, None, minute(1)).expect("linked");
        let two = link(one.clone(), &url, None, None, minute(2)).expect("linked");
        assert_eq!(one, two);
        let two = link(two, &url, Some(&title), None, minute(3)).expect("linked");
        assert_eq!((two.links.len(), &two.links[0].title), (1, &Some(title)));
        for bad in [
            "",
            "wiki/runbook",
            "javascript:alert(1)",
            "https://",
            "https://a b",
        ] {
            assert!(
                link(fresh(), &text(bad), None, None, minute(1)).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_duplicate_gives_its_notes_to_its_target() {
        let mut world = World::new();
        let bad = |name| function(name, vec![problem("x", Status::Degraded, "trouble")]);
        world.run(&report("prod", minute(0), vec![bad("one"), bad("two")]));
        let mut issues = world.active.into_values();
        let (one, two) = (issues.next().expect("one"), issues.next().expect("two"));
        let one = note(one, &text("seen"), None, minute(1)).expect("noted");
        let (one, two) = merge(one, two, None, minute(2)).expect("merged");
        assert_eq!(
            (one.status, one.merged_into.as_ref()),
            (IssueStatus::Resolved, Some(&two.id))
        );
        assert_eq!(two.notes.len(), 1);
        assert!(merge(two.clone(), two.clone(), None, minute(3)).is_err());
        assert!(merge(two, one.clone(), None, minute(3)).is_err());
        let back = reopen(one, &text("it is not"), None, minute(4)).expect("reopened");
        assert_eq!(back.merged_into, None);
    }

    #[test]
    fn an_issue_that_is_split_twice_does_not_come_back() {
        let mut world = World::new();
        let bad = |name| function(name, vec![problem("x", Status::Degraded, "trouble")]);
        world.run(&report("prod", minute(0), vec![bad("one"), bad("two")]));
        let mut issues = world.active.into_values();
        let (mut one, mut two) = (issues.next().expect("one"), issues.next().expect("two"));
        let id = incident_id(&one);
        for issue in [&mut one, &mut two] {
            issue.incident = Some(IssueIncident {
                id: id.clone(),
                role: IncidentRole::Symptom,
                why: text(""),
                by_hand: false,
            });
        }
        let apart = split(one, [&two], None, minute(1)).expect("split");
        let of = |issue: &Issue| issue.incident.as_ref().map(|one| one.id.clone());
        assert_ne!(of(&apart), of(&two));
        assert!(split(apart, [&two], None, minute(2)).is_err());
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
