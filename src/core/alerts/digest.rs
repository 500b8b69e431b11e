//! Which alerts of a run are told together: an outage of a region makes forty issues and one
//! page. Nothing is left out of a digest, and each of its issues keeps its own delivery.
//!
//! A page of a service that keeps pages (PagerDuty, GitHub) stays what it was: repetitions go to
//! it, and it is over once none of its issues is open. Other channels only get messages, which
//! are gathered anew by every run. A webhook is read by programs and gets every alert by itself.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::input::{PlanInput, PlannedAlert};
use crate::model::alert::Digest;
use crate::model::helm::{Channel, ChannelType};
use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::issue::{AlertKind, Delivery, Issue, IssueStatus};
use crate::model::rules::IssueEvent;
use crate::model::status::Severity;

/// Alerts about one environment to one channel that are still messages of their own, where the
/// channel says nothing. One resource that fails has up to three issues.
const DIGEST_ABOVE: u32 = 3;

/// Messages to one channel in one run. Above it, whatever can be told together is.
const MOST_MESSAGES: usize = 10;

/// What a channel makes of several issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// It keeps a page, open until somebody says that it is over.
    Pages,
    /// It shows messages.
    Messages,
    /// Each by itself.
    Single,
}

fn style(channel: &Channel) -> Style {
    match channel.channel_type {
        ChannelType::Github | ChannelType::Pagerduty => Style::Pages,
        ChannelType::Slack | ChannelType::Sns => Style::Messages,
        ChannelType::Webhook => Style::Single,
    }
}

/// What alerts need to have in common to be told together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Together {
    environment: EnvironmentName,
    kind: AlertKind,
    /// Subscriptions of a topic filter by these.
    filtered: Option<(String, Severity, &'static str)>,
}

/// Names in each alert the digest that it is sent in, and returns the digests.
pub(super) fn gather(input: &PlanInput<'_>, alerts: &mut [PlannedAlert]) -> Vec<Digest> {
    let mut digests = Vec::new();
    for (name, channel) in input.channels {
        let style = style(channel);
        if style == Style::Single {
            continue;
        }
        let of_channel = alerts.iter_mut().filter(|one| one.alert.channel == *name);
        let mut own: Vec<&mut PlannedAlert> = of_channel.collect();
        for planned in &mut own {
            planned.digest = standing(style, planned);
        }
        if is_by_incident(channel) {
            join_incidents(input, style, channel, name, &mut own);
        }
        join(style, channel, name, &mut own);
        let keys: BTreeSet<String> = own.iter().filter_map(|one| one.digest.clone()).collect();
        let made = keys.iter().map(|key| digest(input, style, name, key, &own));
        digests.extend(made.flatten());
    }
    digests
}

/// The digest that an alert belongs to already: its page is that of a digest, or the digest
/// that it was in has not arrived.
fn standing(style: Style, planned: &PlannedAlert) -> Option<String> {
    let issue = &planned.alert.issue;
    let mut before = issue.alerts.deliveries.iter().filter(|one| {
        let same = planned.parts.iter().any(|part| part.rule == one.rule);
        one.channel == planned.alert.channel && same
    });
    let retried = |one: &Delivery| planned.parts.iter().any(|part| part.key == one.key);
    match style {
        Style::Pages => open_pages(issue, &planned.alert.channel)
            .find(|one| one.digest.is_some())
            .and_then(|one| one.digest.clone()),
        _ => before
            .find(|one| retried(one) && one.digest.is_some())
            .and_then(|one| one.digest.clone()),
    }
}

/// Deliveries whose page is open as far as the channel knows, or whose end it may have missed.
fn open_pages<'a>(issue: &'a Issue, channel: &str) -> impl Iterator<Item = &'a Delivery> {
    let all = issue.alerts.deliveries.iter();
    let channel = channel.to_owned();
    // Also of an earlier occurrence, whose end no run has seen.
    all.filter(move |one| {
        let open = one.kind == AlertKind::Trigger || !one.delivered;
        one.channel == channel && open
    })
}

/// Whether nobody asked for a message for each issue of an incident.
fn is_by_incident(channel: &Channel) -> bool {
    channel.by_incident.unwrap_or(true)
}

/// Puts alerts of one incident together, however few they are: an incident is told once. What
/// joins an incident later goes to its page, where it has one of several issues.
fn join_incidents(
    input: &PlanInput<'_>,
    style: Style,
    channel: &Channel,
    name: &str,
    own: &mut [&mut PlannedAlert],
) {
    let mut groups: BTreeMap<(String, Together), Vec<usize>> = BTreeMap::new();
    for (at, planned) in own.iter_mut().enumerate() {
        let Some(incident) = planned.alert.issue.incident.as_ref() else {
            continue;
        };
        if !may_join(style, planned) {
            continue;
        }
        let id = incident.id.clone();
        match (style == Style::Pages).then(|| page_of(input, name, &planned.alert.issue)) {
            Some(Some(page)) => planned.digest = Some(page),
            _ => {
                let together = together(channel, planned);
                groups.entry((id, together)).or_default().push(at);
            }
        }
    }
    for ((_, together), group) in groups {
        if group.len() > 1 {
            let keys = group.iter().map(|at| own[*at].alert.key.as_str());
            let key = key(name, &together, keys);
            for at in group {
                own[at].digest = Some(key.clone());
            }
        }
    }
}

/// The page of several issues that is open about an incident.
fn page_of(input: &PlanInput<'_>, channel: &str, issue: &Issue) -> Option<String> {
    let mut others = input.issues.iter().map(|(_, other)| other);
    others.find_map(|other| {
        let same = is_same_incident(other, issue);
        let mut pages = open_pages(other, channel).filter(|_| same && other.id != issue.id);
        pages.find_map(|page| page.digest.clone())
    })
}

fn is_same_incident(a: &Issue, b: &Issue) -> bool {
    let ids = [a, b].map(|issue| issue.incident.as_ref().map(|one| &one.id));
    a.environment == b.environment && ids[0].is_some() && ids[0] == ids[1]
}

/// Whether the end of an issue is told later: others of its incident that the channel was told of
/// are still open, and the channel only shows messages. An incident ends once.
pub(super) fn ends_later(input: &PlanInput<'_>, planned: &PlannedAlert) -> bool {
    let alert = &planned.alert;
    let channel = input.channels.get(&alert.channel);
    let over = alert.kind == AlertKind::Resolve && alert.issue.status == IssueStatus::Resolved;
    let shows_incidents =
        |channel: &&Channel| is_by_incident(channel) && style(channel) == Style::Messages;
    if !over || channel.is_none_or(|channel| !shows_incidents(&channel)) {
        return false;
    }
    let mut others = input.issues.iter().map(|(_, other)| other);
    others.any(|other| {
        let told = |one: &Delivery| {
            one.channel == alert.channel
                && one.kind == AlertKind::Trigger
                && one.at >= other.detected_at
        };
        other.id != alert.issue.id
            && other.status != IssueStatus::Resolved
            && is_same_incident(other, &alert.issue)
            && other.alerts.deliveries.iter().any(told)
    })
}

/// Puts alerts together that begin together, and, for channels that show messages, that end so.
fn join(style: Style, channel: &Channel, name: &str, own: &mut [&mut PlannedAlert]) {
    let mut groups: BTreeMap<Together, Vec<usize>> = BTreeMap::new();
    for (at, planned) in own.iter().enumerate() {
        if may_join(style, planned) {
            let together = together(channel, planned);
            groups.entry(together).or_default().push(at);
        }
    }
    let above = channel.digest_above.unwrap_or(DIGEST_ABOVE);
    let is_many = |most: u32, group: &Vec<usize>| group.len() > most as usize && group.len() > 1;
    let by_themselves: usize = groups
        .values()
        .map(|group| {
            if is_many(above, group) {
                1
            } else {
                group.len()
            }
        })
        .sum();
    // Somebody who asked for single alerts gets them.
    let above = match by_themselves > MOST_MESSAGES && channel.digest_above.is_none() {
        true => 1,
        false => above,
    };
    for (together, group) in groups {
        if is_many(above, &group) {
            let keys = group.iter().map(|at| own[*at].alert.key.as_str());
            let key = key(name, &together, keys);
            for at in group {
                own[at].digest = Some(key.clone());
            }
        }
    }
}

/// Whether an alert may become part of a new digest.
fn may_join(style: Style, planned: &PlannedAlert) -> bool {
    let alert = &planned.alert;
    let has_page = || open_pages(&alert.issue, &alert.channel).next().is_some();
    planned.digest.is_none()
        && (style == Style::Messages || (alert.kind == AlertKind::Trigger && !has_page()))
}

fn together(channel: &Channel, planned: &PlannedAlert) -> Together {
    let alert = &planned.alert;
    let issue = &alert.issue;
    let filtered = (channel.channel_type == ChannelType::Sns).then(|| {
        let domain = issue.domain.to_string();
        (domain, issue.severity, alert.event.word())
    });
    Together {
        environment: issue.environment.clone(),
        kind: alert.kind,
        filtered,
    }
}

/// The key of a digest follows from those of its alerts, as they do from what was recorded.
fn key<'a>(channel: &str, together: &Together, alerts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    let head = [channel, together.environment.as_str()];
    let alerts: BTreeSet<&str> = alerts.collect();
    for part in head.into_iter().chain(alerts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(&hash.finalize()[..16])
}

/// One digest, from what it is told of now and, where it is a page, what it was told of before.
fn digest(
    input: &PlanInput<'_>,
    style: Style,
    channel: &str,
    key: &str,
    own: &[&mut PlannedAlert],
) -> Option<Digest> {
    let is_in = |one: &&&mut PlannedAlert| one.digest.as_deref() == Some(key);
    let due: Vec<&PlannedAlert> = own.iter().filter(is_in).map(|one| &**one).collect();
    let environment = due.first()?.alert.issue.environment.clone();
    let told: BTreeSet<&IssueId> = due.iter().map(|one| &one.alert.issue.id).collect();
    let (mut open, mut over) = (Vec::new(), Vec::new());
    for one in &due {
        match one.alert.kind {
            AlertKind::Trigger => open.push(one.alert.issue.clone()),
            AlertKind::Resolve => over.push(one.alert.issue.clone()),
        }
    }
    let of_digest = |one: &&Delivery| one.channel == channel && one.digest.as_deref() == Some(key);
    let all = input.issues.iter().map(|(_, issue)| issue);
    let before: Vec<&Issue> = all
        .filter(|issue| issue.alerts.deliveries.iter().any(|one| of_digest(&one)))
        .collect();
    for issue in &before {
        if style == Style::Pages && !told.contains(&issue.id) {
            match open_pages(issue, channel).any(|one| of_digest(&one)) {
                true => open.push((*issue).clone()),
                false => over.push((*issue).clone()),
            }
        }
    }
    let known = || before.iter().flat_map(|issue| &issue.alerts.deliveries);
    let known = || known().filter(of_digest);
    worst_first(&mut open);
    worst_first(&mut over);
    let begins = |one: &&&PlannedAlert| one.alert.kind == AlertKind::Trigger;
    let first_event = due.iter().find(begins).or(due.first())?.alert.event;
    Some(Digest {
        key: key.to_owned(),
        channel: channel.to_owned(),
        environment,
        has_news: due.iter().any(|one| begins(&one)),
        first: !known().any(|one| one.delivered),
        event: event(&due, &open).unwrap_or(first_event),
        rules: distinct(due.iter().flat_map(|one| &one.alert.rules)),
        labels: distinct(due.iter().flat_map(|one| &one.alert.labels)),
        at: input.now,
        reference: known().find_map(|one| one.reference.clone()),
        open,
        over,
    })
}

/// What happened to the issue that gives the digest its severity.
fn event(due: &[&PlannedAlert], open: &[Issue]) -> Option<IssueEvent> {
    let worst = &open.first()?.id;
    let mut due = due.iter();
    due.find(|one| one.alert.issue.id == *worst)
        .map(|one| one.alert.event)
}

fn worst_first(issues: &mut [Issue]) {
    issues.sort_by(|a, b| (b.severity, &a.id).cmp(&(a.severity, &b.id)));
}

fn distinct<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for one in all {
        if !out.contains(one) {
            out.push(one.clone());
        }
    }
    out
}
