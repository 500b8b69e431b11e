//! What is to be sent now.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    QUICK_ATTEMPTS, RETRY_SECONDS, ReadyRule, THROTTLE_SECONDS, has_open_work_item, is_pending,
    is_recent,
};
use crate::model::alert::Alert;
use crate::model::helm::{Channel, ChannelType, RuleAction};
use crate::model::ids::IssueId;
use crate::model::issue::{AlertKind, Delivery, Issue, IssueStatus};
use crate::model::rules::IssueEvent;

/// What [`plan`] decides from.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// The rules, in the order of helm.toml.
    pub rules: &'a [ReadyRule<'a>],
    /// The channels.
    pub channels: &'a BTreeMap<String, Channel>,
    /// Issues that were judged just now, and resolved ones, with what happened to them.
    pub issues: &'a [(IssueEvent, Issue)],
    /// The time of this run.
    pub now: Timestamp,
}

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Messages, at most one for an issue and a channel, by issue and channel.
    pub alerts: Vec<PlannedAlert>,
    /// Work items to be made, by issue.
    pub escalations: Vec<PlannedEscalation>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.escalations.is_empty()
    }
}

/// A message, and whom it serves.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedAlert {
    /// The message. Its key is that of the first part.
    pub alert: Alert,
    /// One for each rule.
    pub parts: Vec<Part>,
}

/// What one rule asks of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The rule.
    pub rule: String,
    /// The key of its own delivery.
    pub key: String,
    /// Attempts with this one.
    pub attempts: u32,
}

/// A work item that a rule asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedEscalation {
    /// The issue.
    pub issue: Issue,
    /// The rule.
    pub rule: String,
    /// Labels of the work item.
    pub labels: Vec<String>,
    /// The channel of type `github` that keeps it, where the rule names one.
    pub tracker: Option<String>,
}

/// Decides. The same input gives the same plan.
pub fn plan(input: &PlanInput<'_>) -> Plan {
    let mut alerts: BTreeMap<(IssueId, String, AlertKind), PlannedAlert> = BTreeMap::new();
    let mut escalations: BTreeMap<IssueId, PlannedEscalation> = BTreeMap::new();
    for (event, issue) in input.issues {
        for ready in input.rules {
            if ready.rule.action == RuleAction::Escalate
                && wants_work_item(input, ready, *event, issue)
            {
                let tracker = ready
                    .rule
                    .channels
                    .iter()
                    .find(|name| is_tracker(input, name));
                let entry = escalations.entry(issue.id.clone());
                entry.or_insert_with(|| PlannedEscalation {
                    issue: issue.clone(),
                    rule: ready.rule.name.clone(),
                    labels: ready.rule.labels.clone(),
                    tracker: tracker.cloned(),
                });
            }
            for channel in told_channels(input, ready) {
                let Some((kind, part)) = due(input, ready, *event, issue, channel) else {
                    continue;
                };
                let key = (issue.id.clone(), channel.clone(), kind);
                let planned = alerts.entry(key).or_insert_with(|| PlannedAlert {
                    alert: message(input, issue, *event, channel, kind, &part),
                    parts: Vec::new(),
                });
                planned.alert.rules.push(part.rule.clone());
                for label in &ready.rule.labels {
                    if !planned.alert.labels.contains(label) {
                        planned.alert.labels.push(label.clone());
                    }
                }
                planned.parts.push(part);
            }
        }
    }
    Plan {
        alerts: alerts.into_values().collect(),
        escalations: escalations.into_values().collect(),
    }
}

fn is_tracker(input: &PlanInput<'_>, channel: &str) -> bool {
    let channel = input.channels.get(channel);
    channel.is_some_and(|channel| channel.channel_type == ChannelType::Github)
}

/// The channels that a rule tells. GitHub under `escalate` is where the work item goes.
fn told_channels<'a>(
    input: &'a PlanInput<'_>,
    ready: &'a ReadyRule<'_>,
) -> impl Iterator<Item = &'a String> {
    let escalates = ready.rule.action == RuleAction::Escalate;
    let known = ready.rule.channels.iter();
    known.filter(move |name| {
        input.channels.contains_key(*name) && !(escalates && is_tracker(input, name))
    })
}

/// Whether a rule asks for a work item that is not there yet. A work item that somebody
/// closed during this occurrence is not made again: they have seen it.
fn wants_work_item(
    input: &PlanInput<'_>,
    ready: &ReadyRule<'_>,
    event: IssueEvent,
    issue: &Issue,
) -> bool {
    let had = issue.escalation.as_ref();
    let had_now = had.is_some_and(|item| item.escalated_at >= issue.detected_at);
    issue.status != IssueStatus::Resolved
        && !has_open_work_item(issue)
        && !had_now
        && ready.holds(issue, event, input.now)
}

/// Whether a rule has something to tell a channel about an issue now.
fn due(
    input: &PlanInput<'_>,
    ready: &ReadyRule<'_>,
    event: IssueEvent,
    issue: &Issue,
    channel: &str,
) -> Option<(AlertKind, Part)> {
    let rule = &ready.rule.name;
    let deliveries = issue.alerts.deliveries.iter();
    let last = deliveries
        .clone()
        .find(|one| one.rule == *rule && one.channel == channel);
    let (over, kind) = match issue.status {
        IssueStatus::Resolved => (true, AlertKind::Resolve),
        _ => (false, AlertKind::Trigger),
    };
    let again = |last: &Delivery| Part {
        rule: rule.clone(),
        key: last.key.clone(),
        attempts: last.attempts.saturating_add(1),
    };
    let fresh = |last: Option<&Delivery>| Part {
        rule: rule.clone(),
        key: key(issue, rule, channel, kind, last),
        attempts: 1,
    };
    let holds = || ready.holds(issue, event, input.now);
    let part = match last {
        None if holds() => fresh(None),
        None => return None,
        // What could not be sent is tried again, whatever the rule says by now.
        Some(last)
            if !last.delivered
                && last.kind == kind
                && last.at >= issue.detected_at
                && (!over || is_recent(issue.resolved_at, input.now)) =>
        {
            let passed = input.now.as_second() - last.at.as_second();
            if last.attempts >= QUICK_ATTEMPTS && passed.abs() < RETRY_SECONDS {
                return None;
            }
            again(last)
        }
        // Whoever heard that it began hears that it is over.
        Some(last) if over && last.kind == AlertKind::Trigger => {
            let owed = was_heard(last) && is_recent(issue.resolved_at, input.now);
            if !owed && !holds() {
                return None;
            }
            fresh(Some(last))
        }
        Some(_) if over => return None,
        // It was over and has come back: no pause.
        Some(last) if last.kind == AlertKind::Resolve && holds() => fresh(Some(last)),
        Some(last) if !is_throttled(ready, last, input.now) && holds() => fresh(Some(last)),
        Some(_) => return None,
    };
    Some((kind, part))
}

/// Whether a channel has heard of it, or may have: what a run was about to send when it died may
/// have arrived.
fn was_heard(last: &Delivery) -> bool {
    last.delivered || last.reference.is_some() || is_pending(last)
}

/// A time far in the future comes from a clock that was wrong, and silences nothing.
fn is_throttled(ready: &ReadyRule<'_>, last: &Delivery, now: Timestamp) -> bool {
    let pause = ready.rule.throttle;
    let pause = pause.map_or(THROTTLE_SECONDS, |text| text.seconds);
    let passed = now.as_second() - last.at.as_second();
    // What was never sent is no reason to be silent.
    last.delivered && passed.unsigned_abs() < pause
}

/// The key of a message: made of what it is about and of the message before it.
fn key(
    issue: &Issue,
    rule: &str,
    channel: &str,
    kind: AlertKind,
    last: Option<&Delivery>,
) -> String {
    let kind = match kind {
        AlertKind::Trigger => "trigger",
        AlertKind::Resolve => "resolve",
    };
    let mut hash = Sha256::new();
    let occurrence = issue.occurrences.to_string();
    let before = last.map_or("", |last| last.key.as_str());
    for part in [
        issue.id.as_str(),
        issue.environment.as_str(),
        &occurrence,
        rule,
        channel,
        kind,
        before,
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

fn message(
    input: &PlanInput<'_>,
    issue: &Issue,
    event: IssueEvent,
    channel: &str,
    kind: AlertKind,
    part: &Part,
) -> Alert {
    let mut deliveries = issue.alerts.deliveries.iter();
    let of_now = |one: &Delivery| {
        one.channel == channel && one.at >= issue.detected_at && one.delivered && one.kind == kind
    };
    let first = !deliveries.clone().any(of_now);
    let reference = deliveries
        .find(|one| one.channel == channel && one.reference.is_some())
        .and_then(|one| one.reference.clone());
    Alert {
        key: part.key.clone(),
        kind,
        event,
        first,
        rules: Vec::new(),
        channel: channel.to_owned(),
        labels: Vec::new(),
        issue: issue.clone(),
        at: input.now,
        reference,
        links: Vec::new(),
    }
}
