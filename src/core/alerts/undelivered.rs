//! Alerts that a channel has not accepted: every run and every view names them until it has.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{is_pending, retry_at};
use crate::model::alert::UndeliveredAlerts;
use crate::model::issue::{AlertKind, Delivery, Issue, IssueStatus};

/// How long a run may be at sending what it has recorded, in seconds. What is pending for longer
/// was left by one that was ended.
const SENDING_SECONDS: i64 = 60;

/// What is said of a message whose run did not live to say what became of it.
const LEFT_PENDING: &str =
    "the run that was to send it ended before it could say what became of it";

/// Whether a message is still to be delivered. The beginning of what is over, or of an earlier
/// occurrence, is not: the end is.
fn is_waiting(issue: &Issue, one: &Delivery, now: Timestamp) -> bool {
    let of_now = issue.status != IssueStatus::Resolved && one.at >= issue.detected_at;
    let age = now.as_second() - one.at.as_second();
    let failed = !one.delivered && (!is_pending(one) || age > SENDING_SECONDS);
    failed && (of_now || one.kind == AlertKind::Resolve)
}

/// Returns what waits to be delivered, a line a channel and environment, the oldest first.
pub fn undelivered<'a>(
    issues: impl Iterator<Item = &'a Issue>,
    now: Timestamp,
) -> Vec<UndeliveredAlerts> {
    let mut all: BTreeMap<(&str, &str), UndeliveredAlerts> = BTreeMap::new();
    for issue in issues {
        let mut told: Vec<&str> = Vec::new();
        let waiting = issue.alerts.deliveries.iter();
        for one in waiting.filter(|one| is_waiting(issue, one, now)) {
            let since = one.tried_since.unwrap_or(one.at);
            let key = (issue.environment.as_str(), one.channel.as_str());
            let entry = all.entry(key).or_insert_with(|| UndeliveredAlerts {
                environment: issue.environment.clone(),
                channel: one.channel.clone(),
                issues: Vec::new(),
                since,
                attempts: 0,
                next_attempt_at: retry_at(one),
                error: one.error.clone().unwrap_or_else(|| LEFT_PENDING.into()),
            });
            entry.since = entry.since.min(since);
            entry.attempts = entry.attempts.max(one.attempts);
            entry.next_attempt_at = entry.next_attempt_at.min(retry_at(one));
            // Several rules make one message.
            if !told.contains(&one.channel.as_str()) {
                told.push(&one.channel);
                entry.issues.push(issue.id.clone());
            }
        }
    }
    let mut out: Vec<UndeliveredAlerts> = all.into_values().collect();
    out.sort_by(|a, b| (a.since, &a.channel).cmp(&(b.since, &b.channel)));
    out
}
