//! What an issue keeps of messages and work items.

use jiff::Timestamp;

use super::plan::PlannedAlert;
use crate::core::issues::timeline;
use crate::model::issue::{AlertKind, Delivery, Escalation, EscalationStatus, Issue, IssueStatus};
use crate::text::Untrusted;

/// Keeps what became of a message: what the channel calls it, or why sending failed.
/// Counts messages that were taken; the timeline has the first of them and each change, not
/// every repetition.
pub fn record(
    issue: &mut Issue,
    planned: &PlannedAlert,
    outcome: &Result<Option<Untrusted>, Untrusted>,
) {
    let alert = &planned.alert;
    let mut is_news = false;
    for part in &planned.parts {
        let delivery = Delivery {
            key: part.key.clone(),
            rule: part.rule.clone(),
            channel: alert.channel.clone(),
            kind: alert.kind,
            at: alert.at,
            delivered: outcome.is_ok(),
            attempts: part.attempts,
            reference: match outcome {
                Ok(reference) => reference.clone().or_else(|| alert.reference.clone()),
                Err(_) => alert.reference.clone(),
            },
            error: outcome.as_ref().err().cloned(),
        };
        let deliveries = &mut issue.alerts.deliveries;
        let known = deliveries
            .iter_mut()
            .find(|one| one.rule == part.rule && one.channel == alert.channel);
        match known {
            Some(known) => {
                is_news |= known.delivered != delivery.delivered
                    || known.kind != delivery.kind
                    || known.at < issue.detected_at;
                *known = delivery;
            }
            None => {
                is_news = true;
                deliveries.push(delivery);
            }
        }
    }
    if outcome.is_ok() {
        issue.alerts.count = issue.alerts.count.saturating_add(1);
        issue.alerts.last_alerted_at = Some(alert.at);
    }
    if is_news {
        let event = match (outcome, alert.kind) {
            (Err(_), _) => "alert_failed",
            (Ok(_), AlertKind::Trigger) => "alert",
            (Ok(_), AlertKind::Resolve) => "alert_resolved",
        };
        let rules = alert.rules.join(", ");
        let detail = match outcome {
            Ok(_) => format!("to {} ({rules})", alert.channel),
            Err(error) => format!("to {} ({rules}): {}", alert.channel, error.raw()),
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
