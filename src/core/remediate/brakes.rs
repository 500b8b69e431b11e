//! Brakes: how often, how many at once, and how much of a kind.

use jiff::{SignedDuration, Timestamp};

use super::history::Remediation;
use crate::model::ids::{Arn, IssueId};
use crate::model::monitoring::RemediationSection;
use crate::model::remediation::{ConsentWay, RemediationOutcome};

/// Seconds between two actions on one resource, where nothing else is configured.
const COOLDOWN_SECONDS: u64 = 900;
/// Automatic actions on one resource in 24 hours.
const MOST_PER_DAY: u32 = 3;
/// Actions at once.
const MOST_CONCURRENT: u32 = 4;
/// Share of a kind, 0–100.
const MOST_SHARE: f64 = 25.0;
/// Failures of one action on one issue after which it is not tried again.
pub const MOST_FAILURES: usize = 2;

/// The limits that count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brakes {
    /// Pause between two actions on one resource.
    pub cooldown: SignedDuration,
    /// Automatic actions on one resource in 24 hours.
    pub max_per_day: u32,
    /// Actions at once.
    pub max_concurrent: u32,
    /// Largest share of a kind, 0–100.
    pub max_share_percent: f64,
}

impl Brakes {
    /// Returns the limits of a configuration, with the defaults.
    pub fn resolve(section: &RemediationSection) -> Self {
        let cooldown = section
            .cooldown
            .map_or(COOLDOWN_SECONDS, |text| text.seconds);
        let cooldown = i64::try_from(cooldown).unwrap_or(i64::MAX);
        Self {
            cooldown: SignedDuration::from_secs(cooldown),
            max_per_day: section.max_per_day.unwrap_or(MOST_PER_DAY),
            max_concurrent: section.max_concurrent.unwrap_or(MOST_CONCURRENT),
            max_share_percent: section.max_share_percent.unwrap_or(MOST_SHARE),
        }
    }

    /// Returns the stricter of each.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Self {
            cooldown: self.cooldown.max(other.cooldown),
            max_per_day: self.max_per_day.min(other.max_per_day),
            max_concurrent: self.max_concurrent.min(other.max_concurrent),
            max_share_percent: self.max_share_percent.min(other.max_share_percent),
        }
    }

    /// How many of a kind may be touched at once: the share, and one where that is less.
    pub fn most_of(&self, of_kind: u32) -> u32 {
        let share = f64::from(of_kind) * self.max_share_percent.clamp(0.0, 100.0) / 100.0;
        (share.floor() as u32).max(1)
    }
}

/// What is about to be done.
#[derive(Debug, Clone)]
pub struct BrakeInput<'a> {
    /// Everything that was done.
    pub done: Vec<&'a Remediation>,
    /// The resource.
    pub arn: &'a Arn,
    /// Its kind.
    pub kind: &'a str,
    /// Resources of the kind in the environment.
    pub of_kind: u32,
    /// The action.
    pub action: &'a str,
    /// The issue.
    pub issue: Option<&'a IssueId>,
    /// How someone agreed.
    pub way: ConsentWay,
    /// Whether it undoes another: nobody waits before that.
    pub is_undo: bool,
    /// Now.
    pub now: Timestamp,
}

/// A brake that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brake {
    /// Something is under way on the resource.
    UnderWay(String),
    /// The last action on the resource was too short a time ago; it is free again then.
    Cooldown(Timestamp),
    /// There were as many automatic actions on it as there may be.
    PerDay(u32),
    /// As many as may be are under way.
    Concurrent(u32),
    /// As many of the kind as may be are under way.
    Share(u32),
    /// It failed twice on this issue.
    Failed,
}

impl Brake {
    /// Says what holds.
    pub fn words(&self) -> String {
        match self {
            Self::UnderWay(id) => format!("{id} is under way on this resource"),
            Self::Cooldown(until) => format!(
                "the last action on this resource was a short time ago: wait until {}",
                crate::text::times::time(*until)
            ),
            Self::PerDay(most) => {
                format!("there were {most} automatic actions on this resource in 24 hours")
            }
            Self::Concurrent(most) => format!("{most} actions are under way"),
            Self::Share(most) => format!("{most} of this kind are being changed"),
            Self::Failed => "it failed twice on this issue".to_owned(),
        }
    }

    /// Whether people have to take over: waiting does not help.
    pub fn escalates(&self) -> bool {
        matches!(self, Self::PerDay(_) | Self::Failed)
    }
}

/// Returns the brake that holds, if one does. `typed` consent is held by those alone that guard
/// against doing two things at once: who types `yes` twice means it.
pub fn check(brakes: &Brakes, input: &BrakeInput<'_>) -> Option<Brake> {
    let all = || input.done.iter().copied();
    let open = |one: &&Remediation| one.is_open();
    let same = |one: &&Remediation| one.first.arn == *input.arn;
    if let Some(one) = all().filter(open).find(same) {
        return Some(Brake::UnderWay(one.id.clone()));
    }
    let under_way = u32::try_from(all().filter(open).count()).unwrap_or(u32::MAX);
    if under_way >= brakes.max_concurrent {
        return Some(Brake::Concurrent(brakes.max_concurrent));
    }
    let of_kind = all().filter(open);
    let of_kind = of_kind.filter(|one| one.first.kind == input.kind).count();
    let most = brakes.most_of(input.of_kind);
    if u32::try_from(of_kind).unwrap_or(u32::MAX) >= most {
        return Some(Brake::Share(most));
    }
    if matches!(input.way, ConsentWay::Typed | ConsentWay::Flag) || input.is_undo {
        return None;
    }
    let sent = |one: &&Remediation| one.outcome() != RemediationOutcome::Refused;
    let last = all()
        .filter(same)
        .filter(sent)
        .map(|one| one.last_at.max(one.started_at));
    if let Some(last) = last.max() {
        let until = last.checked_add(brakes.cooldown).unwrap_or(Timestamp::MAX);
        if input.now < until {
            return Some(Brake::Cooldown(until));
        }
    }
    if input.way != ConsentWay::Automatic {
        return None;
    }
    let failures = failures(all(), input.action, input.issue);
    if failures >= MOST_FAILURES {
        return Some(Brake::Failed);
    }
    let day = SignedDuration::from_hours(24);
    let recent = all().filter(same).filter(sent).filter(|one| {
        !one.first.consent.how.is_manual() && input.now.duration_since(one.started_at) < day
    });
    let recent = u32::try_from(recent.count()).unwrap_or(u32::MAX);
    (recent >= brakes.max_per_day).then_some(Brake::PerDay(brakes.max_per_day))
}

/// How often an action did not help on an issue, over all its occurrences.
pub fn failures<'a>(
    done: impl Iterator<Item = &'a Remediation>,
    action: &str,
    issue: Option<&IssueId>,
) -> usize {
    let fits = |one: &&Remediation| {
        issue.is_some()
            && one.first.issue_id.as_ref() == issue
            && one.first.action == action
            && one.outcome() == RemediationOutcome::Failed
    };
    done.filter(fits).count()
}
