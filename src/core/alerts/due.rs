//! Whether a rule has something to tell a channel about an issue: one page, from its first
//! message to the word that it is over.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::input::{Part, PlanInput, told_channels};
use super::{QUICK_ATTEMPTS, ReadyRule, THROTTLE_SECONDS, retry_at};
use crate::model::issue::{AlertKind, Delivery, Issue, IssueStatus};
use crate::model::rules::IssueEvent;
use crate::model::status::Severity;

/// One issue and what happened to it, with the rules of a plan.
#[derive(Clone, Copy)]
pub(super) struct Situation<'a> {
    pub(super) input: &'a PlanInput<'a>,
    pub(super) event: IssueEvent,
    pub(super) issue: &'a Issue,
}

/// Moments that may come to an issue that is open.
const OPEN_EVENTS: [IssueEvent; 5] = [
    IssueEvent::Opened,
    IssueEvent::Reopened,
    IssueEvent::SeverityRaised,
    IssueEvent::SeverityLowered,
    IssueEvent::Ongoing,
];

impl<'a> Situation<'a> {
    /// What the rules that name this channel have to tell it: messages of one kind, one a rule.
    pub(super) fn due(&self, channel: &str) -> Option<(AlertKind, Vec<Part>)> {
        let eased = self.is_eased(channel);
        let mut parts: Vec<(AlertKind, Part)> = Vec::new();
        for ready in self.rules_of(channel) {
            parts.extend(self.due_of_rule(ready, channel, eased));
        }
        let gone = self
            .deliveries(channel)
            .filter(|one| !self.has_rule(channel, one));
        parts.extend(gone.filter_map(|last| self.end(last, eased)));
        // Of two rules of which one begins and one ends, the channel is told that it is there.
        let kind = parts.iter().map(|(kind, _)| *kind).min()?;
        let same = parts.into_iter().filter(|(of, _)| *of == kind);
        Some((kind, same.map(|(_, part)| part).collect()))
    }

    fn is_over(&self) -> bool {
        self.issue.status == IssueStatus::Resolved
    }

    fn deliveries(&self, channel: &str) -> impl Iterator<Item = &'a Delivery> {
        let channel = channel.to_owned();
        let all = self.issue.alerts.deliveries.iter();
        all.filter(move |one| one.channel == channel)
    }

    fn rules_of(&self, channel: &str) -> impl Iterator<Item = &'a ReadyRule<'a>> {
        let (input, channel) = (self.input, channel.to_owned());
        let rules = input.rules.iter();
        rules.filter(move |ready| told_channels(input.channels, ready).any(|name| *name == channel))
    }

    fn has_rule(&self, channel: &str, last: &Delivery) -> bool {
        self.rules_of(channel)
            .any(|ready| ready.rule.name == last.rule)
    }

    fn due_of_rule(
        &self,
        ready: &ReadyRule<'_>,
        channel: &str,
        eased: bool,
    ) -> Option<(AlertKind, Part)> {
        let (issue, rule) = (self.issue, &ready.rule.name);
        let holds = ready.holds(issue, self.event, self.input.now);
        // What this run has not seen is not said to be there.
        let begins = holds && !self.is_over() && issue.healthy_streak == 0;
        let kind = match self.is_over() {
            true => AlertKind::Resolve,
            false => AlertKind::Trigger,
        };
        let fresh = |last| Some((kind, self.fresh(rule, channel, kind, last)));
        let Some(last) = self.deliveries(channel).find(|one| one.rule == *rule) else {
            return (begins || (self.is_over() && holds)).then(|| fresh(None))?;
        };
        if let Some(end) = self.end(last, eased) {
            // It is back, or as bad again, before its end could be told: that is the news.
            return match begins && last.kind == AlertKind::Resolve {
                true => fresh(Some(last)),
                false => Some(end),
            };
        }
        let known = self.is_of_now(last);
        let due = match last.kind {
            // Whoever asks for ends alone is told of each.
            AlertKind::Resolve if self.is_over() => !known && holds,
            // It was over, and is back: no pause.
            AlertKind::Resolve => begins,
            AlertKind::Trigger if self.is_over() => false,
            AlertKind::Trigger if !known => begins,
            // What could not be sent is tried again, whatever the rule says by now.
            AlertKind::Trigger if !last.delivered => return self.again(last),
            // A run that finds it milder repeats nothing: what it would repeat may be over.
            AlertKind::Trigger => {
                let as_bad = issue.milder.is_none();
                begins && as_bad && !is_throttled(ready, last, self.input.now)
            }
        };
        due.then(|| fresh(Some(last)))?
    }

    /// The end of a page that is owed, or could not be sent. Whoever may have heard that it
    /// began hears it: a message without an answer may have arrived.
    fn end(&self, last: &Delivery, eased: bool) -> Option<(AlertKind, Part)> {
        let over = self.is_over();
        match last.kind {
            AlertKind::Trigger if over || (eased && self.is_of_now(last)) => {
                let kind = AlertKind::Resolve;
                Some((
                    kind,
                    self.fresh(&last.rule, &last.channel, kind, Some(last)),
                ))
            }
            AlertKind::Resolve if !last.delivered && (over || self.is_of_now(last)) => {
                self.again(last)
            }
            _ => None,
        }
    }

    /// Whether a message is about the present occurrence.
    fn is_of_now(&self, last: &Delivery) -> bool {
        last.at >= self.issue.detected_at
    }

    /// Whether a channel has pages about this issue, and none that its severity still calls for.
    fn is_eased(&self, channel: &str) -> bool {
        let open = |one: &&Delivery| one.kind == AlertKind::Trigger && self.is_of_now(one);
        let open = self.deliveries(channel).filter(open);
        // Of a rule that is gone nothing can be said.
        let mut open = open.filter(|one| self.has_rule(channel, one)).peekable();
        if self.is_over() || open.peek().is_none() {
            return false;
        }
        let now = self.input.now;
        let mut rules = self.rules_of(channel);
        let calls = rules.any(|ready| ready.holds(self.issue, self.event, now));
        !calls && open.all(|last| self.has_fallen(channel, last))
    }

    /// Whether a page was called for by a severity that the issue no longer has, and is not
    /// called for by the present one at any moment.
    fn has_fallen(&self, channel: &str, last: &Delivery) -> bool {
        let Some(ready) = self
            .rules_of(channel)
            .find(|ready| ready.rule.name == last.rule)
        else {
            return false;
        };
        let told = last.severity.unwrap_or(Severity::Critical);
        let holds = |issue: &Issue| {
            let mut events = OPEN_EVENTS.iter();
            events.any(|event| ready.holds(issue, *event, self.input.now))
        };
        let then = |slo_breach: bool| Issue {
            severity: told,
            slo_breach,
            ..self.issue.clone()
        };
        told > self.issue.severity
            && !holds(self.issue)
            && (holds(&then(true)) || holds(&then(false)))
    }

    fn again(&self, last: &Delivery) -> Option<(AlertKind, Part)> {
        let due = last.attempts < QUICK_ATTEMPTS || self.input.now >= retry_at(last);
        // A time far in the future comes from a clock that was wrong.
        let wrong = last.at > self.input.now;
        (due || wrong).then(|| {
            let part = Part {
                rule: last.rule.clone(),
                key: last.key.clone(),
                attempts: last.attempts.saturating_add(1),
            };
            (last.kind, part)
        })
    }

    fn fresh(&self, rule: &str, channel: &str, kind: AlertKind, last: Option<&Delivery>) -> Part {
        Part {
            rule: rule.to_owned(),
            key: key(self.issue, rule, channel, kind, last),
            attempts: 1,
        }
    }
}

/// A time far in the future comes from a clock that was wrong, and silences nothing.
fn is_throttled(ready: &ReadyRule<'_>, last: &Delivery, now: Timestamp) -> bool {
    let pause = ready.rule.throttle;
    let pause = pause.map_or(THROTTLE_SECONDS, |text| text.seconds);
    let passed = now.as_second() - last.at.as_second();
    passed.unsigned_abs() < pause
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
