//! Alerts: rules × issues × now → what to send, and what is kept of having sent it.
//!
//! Nothing here sends. A message has a key that follows from the issue, its occurrence, the
//! rule, the channel and the message before it, never from the time. It is recorded before it
//! is sent ([`intend`]) and again when it was ([`record`]): a run that died in between is made
//! up for with the same key, and whoever gets it twice can tell.

mod digest;
mod due;
mod escalation;
mod input;
mod plan;
mod record;
mod undelivered;

use crate::core::issues::ChangeKind;
use crate::expr::{Expression, Fact, Value};
use crate::model::helm::Rule;
use crate::model::issue::{AlertKind, Delivery, EscalationStatus, Issue};
use crate::model::rules::{self, IssueEvent};
use jiff::Timestamp;

pub use escalation::{ESCALATION_RULE, escalation_rule};
pub use input::{Part, PlanInput, PlannedAlert};
pub use plan::{Plan, PlannedEscalation, plan};
pub use record::{
    DeliveryOutcome, Unsent, escalated, intend, record, tracker_closed, tracker_reopened,
};
pub use undelivered::undelivered;

/// Pause between two alerts of a rule on one issue where it names none, in seconds: four hours,
/// many runs of any schedule.
pub const THROTTLE_SECONDS: u64 = 4 * 3_600;

/// Attempts at one message that follow each other run by run; later ones have a pause, so that
/// a channel that is gone for good does not make every run commit.
pub const QUICK_ATTEMPTS: u32 = 3;

/// Attempts that are an hour apart at most: about a day of them.
const HOURLY_ATTEMPTS: u32 = QUICK_ATTEMPTS + 24;

/// Pause between attempts, in seconds, and behind the first day.
const RETRY_SECONDS: i64 = 3_600;
const LATE_RETRY_SECONDS: i64 = 6 * 3_600;

/// How long after its end an issue is still followed for rules that ask for ends alone, in
/// seconds. What is owed to a channel is owed until it is delivered.
const RECENT_SECONDS: i64 = 86_400;

/// When a message that could not be sent is tried again.
pub fn retry_at(last: &Delivery) -> Timestamp {
    let pause = match last.attempts {
        attempts if attempts < QUICK_ATTEMPTS => 0,
        attempts if attempts < HOURLY_ATTEMPTS => RETRY_SECONDS,
        _ => LATE_RETRY_SECONDS,
    };
    Timestamp::from_second(last.at.as_second().saturating_add(pause)).unwrap_or(last.at)
}

/// Whether a message was about to be sent, and nothing says what became of it.
pub fn is_pending(delivery: &Delivery) -> bool {
    !delivery.delivered && delivery.error.is_none()
}

/// What the change of a run means to rules.
pub fn event_of(kind: ChangeKind) -> IssueEvent {
    match kind {
        ChangeKind::Opened => IssueEvent::Opened,
        ChangeKind::Reopened => IssueEvent::Reopened,
        ChangeKind::Worsened => IssueEvent::SeverityRaised,
        ChangeKind::Eased => IssueEvent::SeverityLowered,
        ChangeKind::Resolved => IssueEvent::Resolved,
        ChangeKind::Updated | ChangeKind::StreakAdvanced | ChangeKind::Touched => {
            IssueEvent::Ongoing
        }
    }
}

/// A rule whose condition is parsed.
#[derive(Debug, Clone)]
pub struct ReadyRule<'a> {
    /// As in helm.toml.
    pub rule: &'a Rule,
    /// Its condition.
    pub when: Expression,
}

/// The rules, ready. One whose condition does not parse is left out: reading the state has
/// refused it before.
pub fn ready(rules: &[Rule]) -> Vec<ReadyRule<'_>> {
    let parsed = rules.iter().map(|rule| (rule, rules::compile(&rule.when)));
    parsed
        .filter_map(|(rule, when)| when.ok().map(|when| ReadyRule { rule, when }))
        .collect()
}

impl ReadyRule<'_> {
    /// Whether the rule is about this issue just now. One that does not ask for the event is
    /// about issues that are open.
    pub(crate) fn holds(&self, issue: &Issue, event: IssueEvent, now: Timestamp) -> bool {
        let over = event == IssueEvent::Resolved;
        (!over || self.when.names().iter().any(|name| name == "event"))
            && self.is_true(issue, event, now)
    }

    /// Everything about an issue is known, so what cannot be decided is a division by zero or
    /// the like: it does not hold.
    fn is_true(&self, issue: &Issue, event: IssueEvent, now: Timestamp) -> bool {
        let found = self
            .when
            .evaluate(|name| value(issue, event, now, name).map(Fact::Known));
        found == Ok(Value::Flag(true))
    }
}

/// Returns what an issue says of a name that rules may ask about.
pub fn value(issue: &Issue, event: IssueEvent, now: Timestamp, name: &str) -> Option<Value> {
    let text = |text: &str| Some(Value::text(text));
    let number = |number: u32| Some(Value::Number(number.into()));
    let until = issue.resolved_at.unwrap_or(now);
    let seconds = (until.as_second() - issue.detected_at.as_second()).max(0);
    match name {
        "alerts" => number(issue.alerts.count),
        "assigned" => Some(Value::Flag(issue.assignee.is_some())),
        "check" => text(&issue.check),
        "domain" => text(issue.domain.as_str()),
        // Minutes of any issue are far below 2^53, so the conversion is exact.
        "duration_minutes" => Some(Value::Number(seconds as f64 / 60.0)),
        "environment" => text(issue.environment.as_str()),
        "escalated" => Some(Value::Flag(has_open_work_item(issue))),
        "event" => text(event.word()),
        "id" => text(issue.id.as_str()),
        "kind" => text(&issue.resource.kind),
        "occurrences" => number(issue.occurrences),
        "region" => text(issue.resource.region.as_str()),
        "resource" => text(issue.resource.name.raw()),
        "severity" => text(issue.severity.word()),
        "slo_breach" => Some(Value::Flag(issue.slo_breach)),
        "status" => text(status_word(issue)),
        _ => None,
    }
}

/// Whether a work item for it is open.
pub fn has_open_work_item(issue: &Issue) -> bool {
    let work_item = issue.escalation.as_ref();
    work_item.is_some_and(|item| item.status == EscalationStatus::Open)
}

/// Whether a channel is still to hear of this: that it is over, or what it did not accept.
pub fn is_owed(kind: AlertKind, delivered: bool) -> bool {
    kind == AlertKind::Trigger || !delivered
}

/// Whether an issue that is over was resolved so lately that its end is news.
pub fn is_recent(resolved_at: Option<Timestamp>, now: Timestamp) -> bool {
    let recently = |at: Timestamp| (now.as_second() - at.as_second()).abs() <= RECENT_SECONDS;
    resolved_at.is_some_and(recently)
}

pub(crate) fn status_word(issue: &Issue) -> &'static str {
    use crate::model::issue::IssueStatus;
    match issue.status {
        IssueStatus::Active => "active",
        IssueStatus::Investigating => "investigating",
        IssueStatus::Remediating => "remediating",
        IssueStatus::RemediationFailed => "remediation_failed",
        IssueStatus::Escalated => "escalated",
        IssueStatus::Resolved => "resolved",
    }
}

#[cfg(test)]
mod tests;
