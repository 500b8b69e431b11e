//! What an issue keeps of messages and work items.

use jiff::Timestamp;

use super::input::{Part, PlannedAlert};
use super::is_pending;
use crate::core::issues::timeline;
use crate::model::issue::{AlertKind, Delivery, Escalation, EscalationStatus, Issue, IssueStatus};
use crate::text::Untrusted;

/// Keeps that a message is about to be sent. Until [`record`] says what became of it, nobody
/// knows whether it arrived: a run that finds it so sends it again, with the same key.
pub fn intend(issue: &mut Issue, planned: &PlannedAlert) {
    for part in &planned.parts {
        keep(issue, intended(planned, part));
    }
}

/// A delivery of which nothing is known yet but that it is about to be made.
fn intended(planned: &PlannedAlert, part: &Part) -> Delivery {
    let alert = &planned.alert;
    Delivery {
        key: part.key.clone(),
        rule: part.rule.clone(),
        channel: alert.channel.clone(),
        kind: alert.kind,
        at: alert.at,
        delivered: false,
        severity: Some(alert.issue.severity),
        digest: planned.digest.clone(),
        tried_since: tried_since(planned, part),
        attempts: part.attempts,
        reference: match planned.digest {
            None => alert.reference.clone(),
            Some(_) => None,
        },
        error: None,
    }
}

/// Since when a message could not be sent, where it was tried before.
fn tried_since(planned: &PlannedAlert, part: &Part) -> Option<Timestamp> {
    let mut before = planned.alert.issue.alerts.deliveries.iter();
    let last = before.find(|one| one.key == part.key && !one.delivered)?;
    last.tried_since.or(Some(last.at))
}

/// Puts a delivery in the place of the one before it.
fn keep(issue: &mut Issue, delivery: Delivery) {
    let deliveries = &mut issue.alerts.deliveries;
    let known = deliveries
        .iter_mut()
        .find(|one| one.rule == delivery.rule && one.channel == delivery.channel);
    match known {
        Some(known) => *known = delivery,
        None => deliveries.push(delivery),
    }
}

/// Whether a delivery is worth a line of the timeline, given the one before the message was
/// planned.
fn is_news(before: Option<&Delivery>, now: &Delivery, issue: &Issue) -> bool {
    before.is_none_or(|before| {
        before.delivered != now.delivered
            || before.kind != now.kind
            || before.at < issue.detected_at
            || is_pending(before)
    })
}

/// Why a message has not arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// The reason.
    pub why: Untrusted,
    /// Whether it was tried. What was not is tried by the next run, and counts as no attempt.
    pub tried: bool,
}

/// What the channel calls a message, where it has a name for it, or why it has not arrived.
pub type DeliveryOutcome = Result<Option<Untrusted>, Unsent>;

/// Keeps what became of a message: what the channel calls it, or why sending failed.
/// Counts messages that were taken; the timeline has the first of them and each change, not
/// every repetition.
pub fn record(issue: &mut Issue, planned: &PlannedAlert, outcome: &DeliveryOutcome) {
    let alert = &planned.alert;
    let mut news = false;
    for part in &planned.parts {
        let mut delivery = intended(planned, part);
        match outcome {
            Ok(reference) => {
                delivery.delivered = true;
                delivery.tried_since = None;
                delivery.reference = reference.clone().or(delivery.reference);
            }
            Err(unsent) => delivery.error = Some(unsent.why.clone()),
        }
        let mut before = alert.issue.alerts.deliveries.iter();
        let before = before.find(|one| one.rule == part.rule && one.channel == alert.channel);
        if outcome.as_ref().is_err_and(|unsent| !unsent.tried) {
            delivery.attempts = delivery.attempts.saturating_sub(1);
            // It is due as it was before.
            let same = before.filter(|one| one.key == delivery.key);
            delivery.at = same.map_or(delivery.at, |one| one.at);
        }
        news |= is_news(before, &delivery, issue);
        keep(issue, delivery);
    }
    if outcome.is_ok() {
        issue.alerts.count = issue.alerts.count.saturating_add(1);
        issue.alerts.last_alerted_at = Some(alert.at);
    }
    if news {
        let event = match (outcome, alert.kind) {
            (Err(_), _) => "alert_failed",
            (Ok(_), AlertKind::Trigger) => "alert",
            (Ok(_), AlertKind::Resolve) => "alert_resolved",
        };
        let rules = alert.rules.join(", ");
        let detail = match outcome {
            Ok(_) => format!("to {} ({rules})", alert.channel),
            Err(unsent) => format!("to {} ({rules}): {}", alert.channel, unsent.why.raw()),
        };
        timeline::push(issue, alert.at, event, detail);
    }
}

/// Hands an issue over to a work item.
pub fn escalated(
    issue: &mut Issue,
    id: impl Into<Untrusted>,
    url: Option<Untrusted>,
    reason: Option<Untrusted>,
    now: Timestamp,
) {
    let id = id.into();
    let mut detail = format!("to {}", id.raw());
    if let Some(reason) = &reason {
        detail.push_str(&format!(": {}", reason.raw()));
    }
    issue.escalation = Some(Escalation {
        status: EscalationStatus::Open,
        work_item_id: id,
        work_item_url: url,
        escalated_at: now,
        reason,
    });
    if issue.status != IssueStatus::Resolved {
        issue.status = IssueStatus::Escalated;
    }
    timeline::push(issue, now, "escalated", detail);
}

/// The tracker says that the work item is done. Says whether that is news. An issue whose
/// problem is still there is unassigned again.
pub fn tracker_closed(issue: &mut Issue, now: Timestamp) -> bool {
    let Some(item) = &mut issue.escalation else {
        return false;
    };
    if item.status == EscalationStatus::Closed {
        return false;
    }
    item.status = EscalationStatus::Closed;
    let detail = format!("{} was closed", item.work_item_id.raw());
    if issue.status == IssueStatus::Escalated {
        issue.status = IssueStatus::Active;
    }
    timeline::push(issue, now, "work_item_closed", detail);
    true
}

/// The tracker says that the work item is open again. Says whether that is news.
pub fn tracker_reopened(issue: &mut Issue, now: Timestamp) -> bool {
    let Some(item) = &mut issue.escalation else {
        return false;
    };
    if item.status == EscalationStatus::Open {
        return false;
    }
    item.status = EscalationStatus::Open;
    let detail = format!("{} was opened again", item.work_item_id.raw());
    if issue.status == IssueStatus::Active {
        issue.status = IssueStatus::Escalated;
    }
    timeline::push(issue, now, "work_item_reopened", detail);
    true
}
