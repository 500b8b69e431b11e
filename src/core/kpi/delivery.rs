//! The five figures of DORA, of deployments, commits and incidents.
//!
//! Commits are told by ancestry and never by dates, each counts with the deployment that brought
//! it first, and what cannot be known is undefined, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::core::kpi::trend::median;
use crate::model::delivery::{DeliveryReport, DeliveryValue};
use crate::model::deployments::Deployment;
use crate::model::ids::{DomainName, EnvironmentName, IssueId};
use crate::text::Untrusted;
use crate::text::numbers::rounded;
use crate::text::phrases::counted;

const HOUR: f64 = 3_600.0;
const DAY: i64 = 86_400;
/// The window that figures are of.
const WINDOW: i64 = 30 * DAY;
/// A deployment is observed for so long before it counts as one that did not fail.
const OBSERVED: i64 = DAY;

/// A commit that a deployment brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployedCommit {
    /// Its id.
    pub id: String,
    /// When it was written.
    pub authored_at: i64,
    /// When it was committed as it is.
    pub committed_at: i64,
    /// The first line of its message.
    pub subject: String,
    /// How many parents it has.
    pub parents: usize,
    /// Whether the branch that is deployed went through it.
    pub on_trunk: bool,
}

/// What lies between two deployed commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitRange {
    /// These commits, new in the second.
    Commits(Vec<DeployedCommit>),
    /// None: the second is an ancestor of the first.
    Older,
    /// The second does not descend from the first: the history was rewritten.
    Rewritten,
    /// It could not be read, for this reason.
    Unreadable(String),
}

/// Something that went wrong for users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductionIncident {
    /// The issue.
    pub id: IssueId,
    /// The ARN of the resource.
    pub resource: String,
    /// When it was seen first.
    pub detected_at: Timestamp,
    /// When it was over.
    pub restored_at: Option<Timestamp>,
}

/// A deployment that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentStep<'a> {
    /// The deployment.
    pub deployment: &'a Deployment,
    /// The commit that was deployed before it, in the same domain.
    pub previous: Option<&'a str>,
    /// Whether there was a deployment before it, in the same domain.
    pub is_first: bool,
}

impl DeploymentStep<'_> {
    /// The two commits between which its own lie.
    pub fn range(&self) -> Option<(String, String)> {
        let commit = self.deployment.commit.as_ref()?;
        Some((self.previous?.to_owned(), commit.clone()))
    }
}

/// Returns the deployments of an environment that count, oldest first: those that succeeded, with
/// re-runs of one commit once.
pub fn steps<'a>(
    deployments: &'a [Deployment],
    environment: &EnvironmentName,
) -> Vec<DeploymentStep<'a>> {
    let is_it = |one: &&Deployment| one.environment == *environment && one.status == "success";
    let mut all: Vec<&Deployment> = deployments.iter().filter(is_it).collect();
    all.sort_by_key(|one| one.deployed_at);
    let mut last: BTreeMap<Option<&DomainName>, Option<&'a str>> = BTreeMap::new();
    let mut out = Vec::new();
    for deployment in all {
        let key = deployment.domain.as_ref();
        let before = last.get(&key).copied();
        let commit = deployment.commit.as_deref();
        if commit.is_some() && before.flatten() == commit {
            continue;
        }
        out.push(DeploymentStep {
            deployment,
            previous: before.flatten(),
            is_first: before.is_none(),
        });
        // What was deployed without a commit hides what there was before it.
        last.insert(key, commit);
    }
    out
}

/// Start of the window: 30 days ago, or the first deployment where that is later.
pub fn window_start(steps: &[DeploymentStep<'_>], now: Timestamp) -> Timestamp {
    let start = Timestamp::from_second(now.as_second() - WINDOW).unwrap_or(now);
    let first = steps.first().map(|one| one.deployment.deployed_at);
    first.map_or(start, |first| first.max(start))
}

/// What the figures are made of.
pub struct DeliveryInput<'a> {
    /// The end of the window.
    pub now: Timestamp,
    /// Deployments that count, oldest first.
    pub steps: &'a [DeploymentStep<'a>],
    /// What lies between two deployed commits.
    pub ranges: &'a BTreeMap<(String, String), CommitRange>,
    /// What went wrong for users.
    pub incidents: &'a [ProductionIncident],
}

/// A deployment with what became of it.
struct FollowedStep<'a> {
    step: &'a DeploymentStep<'a>,
    range: Option<&'a CommitRange>,
    is_rollback: bool,
    is_fix: bool,
    has_failed: bool,
}

/// Returns the figures.
pub fn report(input: &DeliveryInput<'_>) -> DeliveryReport {
    let start = window_start(input.steps, input.now);
    let judged = judge(input);
    let inside: Vec<&FollowedStep<'_>> = judged
        .iter()
        .filter(|one| (start..=input.now).contains(&one.step.deployment.deployed_at))
        .collect();
    let mut notes = Vec::new();
    let lead = lead_times(&inside, &mut notes);
    let recovery = recovery(input, start);
    let (per_week, days) = frequency(&inside, start, input.now);
    DeliveryReport {
        start,
        end: input.now,
        deployments: inside.len(),
        rollbacks: inside.iter().filter(|one| one.is_rollback).count(),
        deployments_per_week: per_week,
        deployment_days_per_week: days,
        lead_time_hours: lead.committed,
        lead_time_from_author_hours: lead.authored,
        lead_time_from_merge: lead.from_merge,
        commits: lead.commits,
        change_failure_rate_percent: failure_rate(&inside, input.now),
        recovery_time_hours: recovery.0,
        rework_rate_percent: share(
            inside.iter().map(|one| one.is_rollback || one.is_fix),
            "nothing was deployed in this window",
        ),
        open_incidents: recovery.1,
        notes,
    }
}

fn judge<'a>(input: &'a DeliveryInput<'a>) -> Vec<FollowedStep<'a>> {
    let mut out: Vec<FollowedStep<'a>> = input
        .steps
        .iter()
        .map(|step| {
            let range = step.range().and_then(|key| input.ranges.get(&key));
            let brought = match range {
                Some(CommitRange::Commits(commits)) => &commits[..],
                _ => &[],
            };
            FollowedStep {
                step,
                range,
                is_rollback: range == Some(&CommitRange::Older),
                is_fix: brought.iter().any(is_unplanned),
                has_failed: false,
            }
        })
        .collect();
    for incident in input.incidents {
        if let Some(index) = deployment_of(input.steps, incident) {
            out[index].has_failed = true;
        }
    }
    for index in 0..out.len() {
        let domain = &out[index].step.deployment.domain;
        let mut later = out[index + 1..].iter();
        let next = later.find(|one| one.step.deployment.domain == *domain);
        let was_fixed = next.is_some_and(|one| one.is_rollback || one.is_fix);
        out[index].has_failed |= was_fixed;
    }
    out
}

/// A commit that nobody had planned: its subject, or the branch that it merges, says so.
fn is_unplanned(commit: &DeployedCommit) -> bool {
    let subject = commit.subject.to_ascii_lowercase();
    // `Merge branch 'hotfix-cart'` of git, `Merge pull request #1 from me/hotfix-cart` of GitHub.
    let merges = ["/hotfix", "branch 'hotfix"];
    subject.starts_with("hotfix")
        || subject.starts_with("revert")
        || merges.iter().any(|branch| subject.contains(branch))
}

/// The last deployment before an incident that touched its resource.
fn deployment_of(steps: &[DeploymentStep<'_>], incident: &ProductionIncident) -> Option<usize> {
    steps.iter().rposition(|step| {
        let resources = &step.deployment.resources;
        let mut touched = resources.iter().map(|one| one.arn.as_str());
        step.deployment.deployed_at <= incident.detected_at
            && (resources.is_empty() || touched.any(|arn| arn == incident.resource))
    })
}

fn frequency(
    inside: &[&FollowedStep<'_>],
    start: Timestamp,
    end: Timestamp,
) -> (DeliveryValue, DeliveryValue) {
    let seconds = end.as_second() - start.as_second();
    if seconds < DAY {
        let because = "less than a day has passed since the first deployment";
        let undefined = DeliveryValue::undefined(because);
        return (undefined.clone(), undefined);
    }
    let weeks = seconds as f64 / (7 * DAY) as f64;
    let day = |one: &&FollowedStep<'_>| {
        one.step
            .deployment
            .deployed_at
            .to_zoned(TimeZone::UTC)
            .date()
    };
    let days: BTreeSet<_> = inside.iter().map(day).collect();
    let a_week = |count: usize| DeliveryValue::known(rounded(count as f64 / weeks));
    (a_week(inside.len()), a_week(days.len()))
}

struct LeadTimes {
    committed: DeliveryValue,
    authored: DeliveryValue,
    from_merge: bool,
    commits: usize,
}

fn lead_times(inside: &[&FollowedStep<'_>], notes: &mut Vec<Untrusted>) -> LeadTimes {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let (mut committed, mut authored) = (Vec::new(), Vec::new());
    let (mut trunk, mut squashed) = (0, 0);
    let mut negative = 0_u64;
    for one in inside {
        let id = Untrusted::from(one.step.deployment.id.as_str());
        let mut note = |text: &str| notes.push(Untrusted::new(format!("{}: {text}", id.raw())));
        match one.range {
            None if one.step.is_first => {
                note("the first deployment: no commits can be told from the past")
            }
            None => note("no commit is recorded of it or of the one before it: no lead time"),
            Some(CommitRange::Older) => note("a rollback: it brings no new commits"),
            Some(CommitRange::Rewritten) => note(
                "history rewritten: its commit does not descend from the one deployed before, so no lead time",
            ),
            Some(CommitRange::Unreadable(why)) => note(&format!("no lead time: {why}")),
            Some(CommitRange::Commits(commits)) => {
                let at = one.step.deployment.deployed_at.as_second();
                for commit in commits.iter().filter(|commit| seen.insert(&commit.id)) {
                    trunk += usize::from(commit.on_trunk);
                    squashed += usize::from(commit.on_trunk && is_squashed(commit));
                    if commit.committed_at > at {
                        negative += 1;
                        continue;
                    }
                    committed.push((at - commit.committed_at) as f64 / HOUR);
                    let written = commit.authored_at.min(commit.committed_at);
                    authored.push((at - written) as f64 / HOUR);
                }
            }
        }
    }
    if negative > 0 {
        let what = counted(negative, "commit");
        let text = format!("{what} left out: committed after the deployment, so a clock was wrong");
        notes.push(Untrusted::new(text));
    }
    let commits = committed.len();
    let because = match inside.is_empty() {
        true => "nothing was deployed in this window",
        false => "no deployment of this window brought commits that can be told from the past",
    };
    LeadTimes {
        committed: middle(committed, because),
        authored: middle(authored, because),
        from_merge: trunk > 0 && trunk == squashed,
        commits,
    }
}

/// A pull request as one commit, as forges write it: `title (#12)`.
fn is_squashed(commit: &DeployedCommit) -> bool {
    let number = commit.subject.trim_end().strip_suffix(')');
    let number = number.and_then(|text| text.rsplit_once("(#"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    commit.parents == 1 && number.is_some_and(|(_, number)| is_number(number))
}

fn failure_rate(inside: &[&FollowedStep<'_>], now: Timestamp) -> DeliveryValue {
    let is_observed = |one: &&&FollowedStep<'_>| {
        now.as_second() - one.step.deployment.deployed_at.as_second() >= OBSERVED
    };
    let observed = inside.iter().filter(is_observed);
    share(
        observed.map(|one| one.has_failed),
        "no deployment of this window is older than a day",
    )
}

/// Recovery times of incidents that belong to a deployment, and those that are not over.
fn recovery(input: &DeliveryInput<'_>, start: Timestamp) -> (DeliveryValue, Vec<IssueId>) {
    let mut hours = Vec::new();
    let mut open = Vec::new();
    for incident in input.incidents {
        let is_inside = (start..=input.now).contains(&incident.detected_at);
        if !is_inside || deployment_of(input.steps, incident).is_none() {
            continue;
        }
        match incident.restored_at {
            Some(at) => {
                let seconds = at.as_second() - incident.detected_at.as_second();
                hours.push(seconds.max(0) as f64 / HOUR);
            }
            None => open.push(incident.id.clone()),
        }
    }
    let because = match open.is_empty() {
        true => "no incident of this window belongs to a deployment",
        false => "no incident of this window is over",
    };
    (middle(hours, because), open)
}

fn middle(values: Vec<f64>, because: &str) -> DeliveryValue {
    match median(values) {
        Some(value) => DeliveryValue::known(rounded(value)),
        None => DeliveryValue::undefined(because),
    }
}

fn share(each: impl Iterator<Item = bool>, because: &str) -> DeliveryValue {
    let (mut all, mut hits) = (0_u32, 0_u32);
    for hit in each {
        all += 1;
        hits += u32::from(hit);
    }
    match all {
        0 => DeliveryValue::undefined(because),
        _ => DeliveryValue::known(rounded(100.0 * f64::from(hits) / f64::from(all))),
    }
}
