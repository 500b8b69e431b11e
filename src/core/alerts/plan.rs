//! What is to be sent now.

use std::collections::BTreeMap;

use super::digest;
use super::due::Situation;
use super::input::{Part, PlanInput, PlannedAlert, is_tracker};
use super::{ReadyRule, has_open_work_item};
use crate::model::alert::{Alert, Digest};
use crate::model::helm::RuleAction;
use crate::model::ids::IssueId;
use crate::model::issue::{AlertKind, Delivery, Issue, IssueStatus};
use crate::model::rules::IssueEvent;

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// What channels are told, at most once for an issue and a channel, by issue and channel.
    pub alerts: Vec<PlannedAlert>,
    /// Messages that hold several of them, by channel and key.
    pub digests: Vec<Digest>,
    /// Work items to be made, by issue.
    pub escalations: Vec<PlannedEscalation>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.escalations.is_empty()
    }
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
    let mut alerts: BTreeMap<(IssueId, String), PlannedAlert> = BTreeMap::new();
    let mut escalations: BTreeMap<IssueId, PlannedEscalation> = BTreeMap::new();
    for (event, issue) in input.issues {
        let escalating = input
            .rules
            .iter()
            .filter(|ready| ready.rule.action == RuleAction::Escalate)
            .find(|ready| wants_work_item(input, ready, *event, issue));
        if let Some(ready) = escalating {
            escalations.insert(issue.id.clone(), escalation(input, ready, issue));
        }
        let situation = Situation {
            input,
            event: *event,
            issue,
        };
        for channel in input.channels.keys() {
            if let Some((kind, parts)) = situation.due(channel) {
                let key = (issue.id.clone(), channel.clone());
                alerts.insert(key, message(input, issue, *event, channel, kind, parts));
            }
        }
    }
    let mut alerts: Vec<PlannedAlert> = alerts.into_values().collect();
    alerts.retain(|planned| !digest::ends_later(input, planned));
    let digests = digest::gather(input, &mut alerts);
    Plan {
        alerts,
        digests,
        escalations: escalations.into_values().collect(),
    }
}

fn escalation(input: &PlanInput<'_>, ready: &ReadyRule<'_>, issue: &Issue) -> PlannedEscalation {
    let mut channels = ready.rule.channels.iter();
    let tracker = channels.find(|name| is_tracker(input.channels, name));
    PlannedEscalation {
        issue: issue.clone(),
        rule: ready.rule.name.clone(),
        labels: ready.rule.labels.clone(),
        tracker: tracker.cloned(),
    }
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

fn message(
    input: &PlanInput<'_>,
    issue: &Issue,
    event: IssueEvent,
    channel: &str,
    kind: AlertKind,
    parts: Vec<Part>,
) -> PlannedAlert {
    let mut deliveries = issue.alerts.deliveries.iter();
    let of_now = |one: &Delivery| {
        one.channel == channel && one.at >= issue.detected_at && one.delivered && one.kind == kind
    };
    // What a channel called a digest is not the place of this issue alone.
    let own = |one: &Delivery| one.channel == channel && one.digest.is_none();
    let first = !deliveries.clone().any(of_now);
    let reference = deliveries
        .find(|one| own(one) && one.reference.is_some())
        .and_then(|one| one.reference.clone());
    let rules: Vec<String> = parts.iter().map(|part| part.rule.clone()).collect();
    let mut labels: Vec<String> = Vec::new();
    for ready in input
        .rules
        .iter()
        .filter(|one| rules.contains(&one.rule.name))
    {
        for label in &ready.rule.labels {
            if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
    }
    let alert = Alert {
        key: parts
            .first()
            .map_or_else(String::new, |part| part.key.clone()),
        kind,
        event,
        first,
        rules,
        channel: channel.to_owned(),
        labels,
        issue: issue.clone(),
        at: input.now,
        reference,
        links: Vec::new(),
    };
    PlannedAlert {
        alert,
        parts,
        digest: None,
    }
}
