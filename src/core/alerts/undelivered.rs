//! Alerts that a channel has not accepted: every run and every view names them until it has.

use std::collections::BTreeMap;

use super::{is_pending, retry_at};
use crate::model::alert::UndeliveredAlerts;
use crate::model::issue::{AlertKind, Delivery, Issue, IssueStatus};

/// Whether a message is still to be delivered. The beginning of what is over, or of an earlier
/// occurrence, is not: the end is.
fn is_waiting(issue: &Issue, one: &Delivery) -> bool {
    let of_now = issue.status != IssueStatus::Resolved && one.at >= issue.detected_at;
    let failed = !one.delivered && !is_pending(one);
    failed && (of_now || one.kind == AlertKind::Resolve)
}

/// Returns what waits to be delivered, a line a channel and environment, the oldest first.
pub fn undelivered<'a>(issues: impl Iterator<Item = &'a Issue>) -> Vec<UndeliveredAlerts> {
    let mut all: BTreeMap<(&str, &str), UndeliveredAlerts> = BTreeMap::new();
    for issue in issues {
        let mut told: Vec<&str> = Vec::new();
        let waiting = issue.alerts.deliveries.iter();
        for one in waiting.filter(|one| is_waiting(issue, one)) {
            let since = one.tried_since.unwrap_or(one.at);
            let key = (issue.environment.as_str(), one.channel.as_str());
            let entry = all.entry(key).or_insert_with(|| UndeliveredAlerts {
                environment: issue.environment.clone(),
                channel: one.channel.clone(),
                issues: Vec::new(),
                since,
                attempts: 0,
                next_attempt_at: retry_at(one),
                error: one.error.clone().unwrap_or_default(),
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
