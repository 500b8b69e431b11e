//! From a health report to changes of issues.
//!
//! The one rule behind all others: only what was judged moves. A check that could not be
//! judged leaves its issue exactly as it was.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::id::{IssueIdentity, free_id};
use super::timeline;
use crate::core::health::examine::{Absence, absence_on};
use crate::core::health::{severity, suggest};
use crate::model::ids::{Arn, IssueId};
use crate::model::issue::{Alerts, Impact, Issue, IssueResource, IssueStatus};
use crate::model::monitoring::EnabledCheck;
use crate::model::report::{HealthReport, Problem, ResourceHealth, SliResult};
use crate::model::status::Severity;
use crate::text::Untrusted;
use crate::text::phrases::{counted, span};

/// What [`reconcile`] decides from.
#[derive(Debug, Clone, Copy)]
pub struct ReconcileInput<'a> {
    /// What the run saw.
    pub report: &'a HealthReport,
    /// Open issues of all domains and environments.
    pub active: &'a BTreeMap<IssueId, Issue>,
    /// Resolved issues of all domains and environments; none where [`needs_resolved`](super::needs_resolved) says
    /// that they do not matter.
    pub resolved: &'a BTreeMap<IssueId, Issue>,
    /// ARNs that the environment's registry holds, whether or not this run asked about
    /// them. Tells a resource that was removed from one that was left out of the report.
    pub registered: &'a BTreeSet<Arn>,
    /// Kinds of checks that are on.
    pub checks: &'a [EnabledCheck],
    /// Prefix of the domain's issue ids.
    pub prefix: &'a str,
    /// Whether trouble in this environment is CRITICAL.
    pub critical: bool,
    /// Consecutive bad runs before an issue is opened (0 counts as 1).
    pub open_after: u32,
    /// Consecutive healthy runs before an issue is resolved (0 counts as 1).
    pub resolve_after: u32,
    /// The time of this run.
    pub now: Timestamp,
}

/// What happened to an issue. Ordered as lists show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// New.
    Opened,
    /// Was resolved, is back.
    Reopened,
    /// Its severity rose.
    Worsened,
    /// Something other than numbers changed: wording, service level missed or met, a
    /// healthy streak that broke.
    Updated,
    /// Judged and not seen, not often enough yet to resolve.
    StreakAdvanced,
    /// Over.
    Resolved,
    /// Seen again; only numbers and times changed. No reason to commit by itself.
    Touched,
}

/// One issue, before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueChange {
    /// What happened.
    pub kind: ChangeKind,
    /// The issue as it was; `None` for a new one.
    pub before: Option<Issue>,
    /// The issue as it is now. Belongs into `resolved/` if its status is resolved, else
    /// into `active/`; a file of this id in the other folder goes away (its notes are here).
    pub after: Issue,
}

/// What a run did to the issues of one domain and environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reconciliation {
    /// Changes, sorted by kind and id. Issues that did not change at all are not listed.
    pub changes: Vec<IssueChange>,
    /// Every issue open in this domain and environment after the run.
    pub open: BTreeMap<IssueId, Issue>,
}

impl Reconciliation {
    /// How many changes are of this kind.
    pub fn count(&self, kind: ChangeKind) -> u32 {
        let count = self.changes.iter().filter(|c| c.kind == kind).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// Decides what a report does to the issues of its domain and environment. Issues of other
/// domains and environments are neither changed nor listed.
pub fn reconcile(input: &ReconcileInput<'_>) -> Reconciliation {
    let scene = Scene::new(input);
    let mut out = Reconciliation::default();
    for issue in scene.active.values() {
        let (mut kind, mut after) = match scene.sightings.get(&key(issue)) {
            Some(sighting) => scene.seen_again(issue, sighting),
            None => scene.not_seen(issue),
        };
        // Another branch resolved what is open here: one file remains, with all notes.
        if let Some(twin) = input.resolved.get(&issue.id) {
            keep_notes(&mut after, twin);
            if kind == ChangeKind::Touched && after.notes != issue.notes {
                kind = ChangeKind::Updated;
            }
        }
        out.record(kind, Some(issue), after);
    }
    for (key, sighting) in &scene.sightings {
        let known = scene.active.contains_key(key);
        let old = scene.resolved.get(key);
        // A duplicate is looked after where its original is, as long as that is open.
        let elsewhere = old.is_some_and(|old| scene.is_merged_into_open(old, &out));
        if !known && !elsewhere && sighting.problem.seen >= input.open_after.max(1) {
            let (kind, before, after) = match old {
                Some(old) => (
                    ChangeKind::Reopened,
                    Some(*old),
                    scene.reopened(old, sighting),
                ),
                None => (ChangeKind::Opened, None, scene.opened(sighting, &out.open)),
            };
            out.record(kind, before, after);
        }
    }
    out.changes
        .sort_by(|a, b| (a.kind, &a.after.id).cmp(&(b.kind, &b.after.id)));
    out
}

impl Reconciliation {
    fn record(&mut self, kind: ChangeKind, before: Option<&Issue>, after: Issue) {
        if after.status != IssueStatus::Resolved {
            self.open.insert(after.id.clone(), after.clone());
        }
        if before != Some(&after) {
            self.changes.push(IssueChange {
                kind,
                before: before.cloned(),
                after,
            });
        }
    }
}

/// Duplicates of duplicates that are followed.
const MOST_MERGES: usize = 8;

/// A problem where it was seen.
struct Sighting<'a> {
    resource: &'a ResourceHealth,
    problem: &'a Problem,
}

/// Resource and check: what an issue is about within one domain and environment.
type Key<'a> = (&'a Arn, &'a str);

fn key(issue: &Issue) -> Key<'_> {
    (&issue.resource.arn, issue.check.as_str())
}

/// The input, indexed and cut to the report's domain and environment.
struct Scene<'a> {
    input: &'a ReconcileInput<'a>,
    active: BTreeMap<Key<'a>, &'a Issue>,
    resolved: BTreeMap<Key<'a>, &'a Issue>,
    resources: BTreeMap<&'a Arn, Vec<&'a ResourceHealth>>,
    sightings: BTreeMap<Key<'a>, Sighting<'a>>,
}

impl<'a> Scene<'a> {
    fn new(input: &'a ReconcileInput<'a>) -> Self {
        let report = input.report;
        let here = |issues: &'a BTreeMap<IssueId, Issue>| {
            issues
                .values()
                .filter(|i| i.environment == report.environment && i.domain == report.domain)
                .map(|issue| (key(issue), issue))
                .collect()
        };
        let mut resources: BTreeMap<&Arn, Vec<&ResourceHealth>> = BTreeMap::new();
        let mut sightings: BTreeMap<Key<'_>, Sighting<'_>> = BTreeMap::new();
        for resource in &report.checks {
            let arn = &resource.resource.arn;
            resources.entry(arn).or_default().push(resource);
            for problem in resource.problems.iter().filter(|p| p.status.is_bad()) {
                let sighting = Sighting { resource, problem };
                match sightings.entry((arn, problem.check.as_str())) {
                    std::collections::btree_map::Entry::Vacant(entry) => {
                        entry.insert(sighting);
                    }
                    // A resource that the registry names twice: the worse of both counts.
                    std::collections::btree_map::Entry::Occupied(mut entry) => {
                        if problem.status > entry.get().problem.status {
                            entry.insert(sighting);
                        }
                    }
                }
            }
        }
        Self {
            input,
            active: here(input.active),
            resolved: here(input.resolved),
            resources,
            sightings,
        }
    }

    /// Whether a resolved issue is a duplicate, of one that is open after this run. Duplicates
    /// of duplicates count; a circle, which only a hand can make, ends nowhere.
    fn is_merged_into_open(&self, issue: &Issue, out: &Reconciliation) -> bool {
        let mut next = issue.merged_into.as_ref();
        for _ in 0..MOST_MERGES {
            let Some(id) = next else { return false };
            let over = out
                .changes
                .iter()
                .any(|change| change.after.id == *id && change.kind == ChangeKind::Resolved);
            if !over && (out.open.contains_key(id) || self.input.active.contains_key(id)) {
                return true;
            }
            let resolved = self.input.resolved.get(id);
            next = resolved.and_then(|issue| issue.merged_into.as_ref());
        }
        false
    }

    fn opened(&self, sighting: &Sighting<'_>, open: &BTreeMap<IssueId, Issue>) -> Issue {
        let report = self.input.report;
        let Sighting { resource, problem } = sighting;
        let about = &resource.resource;
        let identity = IssueIdentity {
            domain: &report.domain,
            environment: &report.environment,
            arn: &about.arn,
            check: &problem.check,
        };
        let id = free_id(self.input.prefix, &identity, |id| {
            self.input.active.contains_key(id)
                || self.input.resolved.contains_key(id)
                || open.contains_key(id)
        });
        let now = self.input.now;
        let mut issue = Issue {
            version: "1.0.0".to_owned(),
            suggested_actions: suggest::actions(&id, &report.environment, about, &problem.check),
            id,
            domain: report.domain.clone(),
            environment: report.environment.clone(),
            severity: severity(problem, self.input.critical),
            status: IssueStatus::Active,
            title: problem.title.clone(),
            check: problem.check.clone(),
            resource: issue_resource(resource),
            slo_breach: problem.slo_breach,
            detected_at: now,
            last_seen_at: now,
            resolved_at: None,
            occurrences: 1,
            healthy_streak: 0,
            impact: impact(sighting),
            symptoms: problem.symptoms.clone(),
            root_cause: None,
            assignee: None,
            notes: Vec::new(),
            timeline: Vec::new(),
            timeline_dropped: 0,
            alerts: Alerts::default(),
            escalation: None,
            links: Vec::new(),
            merged_into: None,
        };
        let detail = format!("{}: {}", issue.severity, problem.title.raw());
        timeline::push(&mut issue, now, "opened", detail);
        issue
    }

    fn reopened(&self, old: &Issue, sighting: &Sighting<'_>) -> Issue {
        let now = self.input.now;
        let mut issue = old.clone();
        issue.status = IssueStatus::Active;
        issue.severity = severity(sighting.problem, self.input.critical);
        issue.occurrences = old.occurrences.saturating_add(1);
        issue.detected_at = now;
        issue.resolved_at = None;
        issue.merged_into = None;
        self.copy_sighting(&mut issue, sighting);
        let mut detail = format!(
            "{}: {} (occurrence {}",
            issue.severity,
            issue.title.raw(),
            issue.occurrences
        );
        if let Some(at) = old.resolved_at {
            let pause = span(now.as_second() - at.as_second());
            detail.push_str(&format!(", {pause} after it was resolved"));
        }
        // The cause of the last occurrence is a hint, not a finding about this one.
        if let Some(cause) = issue.root_cause.take() {
            detail.push_str(&format!(", last time's cause: {}", cause.raw()));
        }
        detail.push(')');
        timeline::push(&mut issue, now, "reopened", detail);
        issue
    }

    fn seen_again(&self, old: &Issue, sighting: &Sighting<'_>) -> (ChangeKind, Issue) {
        let now = self.input.now;
        let problem = sighting.problem;
        let mut issue = old.clone();
        self.copy_sighting(&mut issue, sighting);
        if old.status == IssueStatus::Resolved {
            // Somebody moved the file by hand; what is seen is not resolved.
            issue.status = IssueStatus::Active;
            issue.resolved_at = None;
        }
        if old.healthy_streak > 0 {
            let runs = counted(u64::from(old.healthy_streak), "healthy run");
            timeline::push(&mut issue, now, "seen_again", format!("after {runs}"));
        }
        if old.slo_breach != problem.slo_breach {
            let event = if problem.slo_breach {
                "slo_breach"
            } else {
                "slo_met"
            };
            timeline::push(&mut issue, now, event, problem.title.raw());
        }
        let current = severity(problem, self.input.critical);
        if current > old.severity {
            issue.severity = current;
            let detail = format!("{} → {current}: {}", old.severity, problem.title.raw());
            timeline::push(&mut issue, now, "severity_raised", detail);
        }
        let kind = if issue.severity > old.severity {
            ChangeKind::Worsened
        } else if differs_in_words(old, &issue) {
            ChangeKind::Updated
        } else {
            ChangeKind::Touched
        };
        (kind, issue)
    }

    fn copy_sighting(&self, issue: &mut Issue, sighting: &Sighting<'_>) {
        issue.title = sighting.problem.title.clone();
        issue.slo_breach = sighting.problem.slo_breach;
        issue.symptoms = sighting.problem.symptoms.clone();
        issue.impact = impact(sighting);
        issue.resource = issue_resource(sighting.resource);
        issue.last_seen_at = self.input.now;
        issue.healthy_streak = 0;
    }

    fn not_seen(&self, old: &Issue) -> (ChangeKind, Issue) {
        let absence = self.absence(old);
        let mut issue = old.clone();
        if absence == Absence::Unjudged {
            return (ChangeKind::Touched, issue);
        }
        issue.healthy_streak = old.healthy_streak.saturating_add(1);
        if issue.healthy_streak < self.input.resolve_after.max(1) {
            return (ChangeKind::StreakAdvanced, issue);
        }
        let now = self.input.now;
        let why = match absence {
            Absence::Unregistered => "no longer in the registry".to_owned(),
            Absence::NotChecked => "no longer checked".to_owned(),
            Absence::Healthy | Absence::Unjudged => {
                let runs = counted(u64::from(issue.healthy_streak), "run");
                format!("healthy for {runs}")
            }
        };
        let open_for = span(now.as_second() - old.detected_at.as_second());
        issue.status = IssueStatus::Resolved;
        issue.resolved_at = Some(now);
        timeline::push(
            &mut issue,
            now,
            "resolved",
            format!("{why}, open for {open_for}"),
        );
        (ChangeKind::Resolved, issue)
    }

    fn absence(&self, issue: &Issue) -> Absence {
        let Some(resources) = self.resources.get(&issue.resource.arn) else {
            return if self.input.registered.contains(&issue.resource.arn) {
                Absence::Unjudged
            } else {
                Absence::Unregistered
            };
        };
        // Of a resource that is listed twice, one that was not judged is enough.
        let each = resources
            .iter()
            .map(|r| absence_on(r, &issue.check, self.input.checks));
        each.min_by_key(|absence| match absence {
            Absence::Unjudged => 0,
            Absence::Healthy => 1,
            Absence::NotChecked | Absence::Unregistered => 2,
        })
        .unwrap_or(Absence::Unjudged)
    }
}

fn issue_resource(resource: &ResourceHealth) -> IssueResource {
    let about = &resource.resource;
    IssueResource {
        name: about.name.clone(),
        kind: about.kind.clone(),
        arn: about.arn.clone(),
        region: about.region.clone(),
    }
}

/// What the indicator behind the problem says. Problems without one have no numbers.
fn impact(sighting: &Sighting<'_>) -> Impact {
    let of = |sli: &SliResult| Impact {
        requests_total: sli.total,
        requests_failed: sli.bad,
        slo_metric: Some(sli.sli.clone()),
        slo_target: Some(sli.target),
        slo_current: sli.value,
        unit: Some(sli.unit.clone()),
    };
    let check = sighting.problem.check.as_str();
    let check = check
        .strip_prefix(crate::core::budget::BURN_RATE)
        .unwrap_or(check);
    let slis = &sighting.resource.slis;
    slis.iter()
        .find(|sli| sli.sli == check)
        .map(of)
        .unwrap_or_default()
}

/// Whether more than measured numbers and times changed.
fn differs_in_words(old: &Issue, new: &Issue) -> bool {
    let words = |text: &Untrusted| -> String {
        text.raw()
            .chars()
            .filter(|c| !is_part_of_number(*c))
            .collect()
    };
    let sentences = |issue: &Issue| issue.symptoms.iter().map(words).collect::<Vec<_>>();
    old.healthy_streak != new.healthy_streak
        || old.slo_breach != new.slo_breach
        || old.status != new.status
        || old.resource != new.resource
        || old.impact.slo_target != new.impact.slo_target
        || old.impact.unit != new.impact.unit
        || words(&old.title) != words(&new.title)
        || sentences(old) != sentences(new)
}

fn is_part_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+')
}

/// Notes of a copy of this issue that another branch resolved earlier.
fn keep_notes(issue: &mut Issue, twin: &Issue) {
    for note in &twin.notes {
        if !issue.notes.contains(note) {
            issue.notes.push(note.clone());
        }
    }
    issue.notes.sort_by_key(|note| note.at);
}

/// Severity first, then the older, then the id: which of several issues to show.
pub(super) fn most_urgent(a: &Issue, b: &Issue) -> std::cmp::Ordering {
    let rank = |i: &Issue| (std::cmp::Reverse::<Severity>(i.severity), i.detected_at);
    rank(a).cmp(&rank(b)).then_with(|| a.id.cmp(&b.id))
}
