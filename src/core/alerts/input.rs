//! What is decided from, and what one rule asks of a message.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ReadyRule;
use crate::model::alert::Alert;
use crate::model::helm::{Channel, ChannelType, RuleAction};
use crate::model::issue::Issue;
use crate::model::rules::IssueEvent;

/// What [`plan`](super::plan()) decides from.
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

/// What a channel is told of an issue, and whom it serves.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedAlert {
    /// The message. Its key is that of the first part.
    pub alert: Alert,
    /// One for each rule.
    pub parts: Vec<Part>,
    /// The digest that it is sent in; else it is a message of its own.
    pub digest: Option<String>,
}

/// Whether a channel is a tracker of issues.
pub(super) fn is_tracker(channels: &BTreeMap<String, Channel>, channel: &str) -> bool {
    let channel = channels.get(channel);
    channel.is_some_and(|channel| channel.channel_type == ChannelType::Github)
}

/// The channels that a rule tells. GitHub under `escalate` is where the work item goes.
pub(super) fn told_channels<'a>(
    channels: &'a BTreeMap<String, Channel>,
    ready: &'a ReadyRule<'_>,
) -> impl Iterator<Item = &'a String> {
    let escalates = ready.rule.action == RuleAction::Escalate;
    let known = ready.rule.channels.iter();
    known.filter(move |name| {
        channels.contains_key(*name) && !(escalates && is_tracker(channels, name))
    })
}
