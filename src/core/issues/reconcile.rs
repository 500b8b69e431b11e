//! From an examination to changes of issues.
//!
//! The one rule behind all others: only what was judged moves. A check that could not be
//! judged leaves its issue exactly as it was.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::coverage::{Absence, Covered};
use super::id::{IssueIdentity, free_id};
use super::investigated;
use super::timeline;
use crate::model::finding::{Examination, Finding};
use crate::model::ids::IssueId;
use crate::model::issue::{Alerts, Issue, IssueStatus, Milder};
use crate::model::status::Severity;
use crate::model::subject::Subject;
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::times::span;

/// What [`reconcile`] decides from.
#[derive(Debug, Clone, Copy)]
pub struct ReconcileInput<'a> {
    /// What one source saw.
    pub examination: &'a Examination,
    /// Open issues of all domains and environments.
    pub active: &'a BTreeMap<IssueId, Issue>,
    /// Resolved issues of all domains and environments; none where [`needs_resolved`](super::needs_resolved) says
    /// that they do not matter.
    pub resolved: &'a BTreeMap<IssueId, Issue>,
    /// Prefix of the domain's issue ids.
    pub prefix: &'a str,
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
    /// Its severity fell: what had raised it is over.
    Eased,
    /// Something other than numbers changed: wording, service level missed or met, a
    /// healthy streak that broke.
    Updated,
    /// Judged and not seen, or found milder, not often enough yet to resolve or to lower it.
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
    /// The issue as it is now. Belongs in `resolved/` if its status is resolved, else
    /// into `active/`; a file of this id in the other folder goes away (its notes are here).
    pub after: Issue,
}

/// What a run did to the issues of one domain and environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reconciliation {
    /// Changes, sorted by kind and id. Issues that did not change at all are not listed.
    pub changes: Vec<IssueChange>,
    /// Every issue open in this domain and environment after the run, whoever found it.
    pub open: BTreeMap<IssueId, Issue>,
}

impl Reconciliation {
    /// How many changes are of this kind.
    pub fn count(&self, kind: ChangeKind) -> u32 {
        let count = self.changes.iter().filter(|c| c.kind == kind).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// Decides what an examination does to the issues of its source in its domain and environment.
/// Issues that other sources found are listed and not changed; those of other domains and
/// environments are neither.
pub fn reconcile(input: &ReconcileInput<'_>) -> Reconciliation {
    let scene = Scene::new(input);
    let mut out = Reconciliation::default();
    for issue in scene.others() {
        out.open.insert(issue.id.clone(), issue.clone());
    }
    for issue in scene.active.values() {
        let (mut kind, mut after) = match scene.findings.get(&key(issue)) {
            Some(finding) => scene.seen_again(issue, finding),
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
    for (key, finding) in &scene.findings {
        let known = scene.active.contains_key(key);
        let old = scene.resolved.get(key);
        // A duplicate is looked after where its original is, as long as that is open.
        let elsewhere = old.is_some_and(|old| scene.is_merged_into_open(old, &out));
        if !known && !elsewhere && finding.seen >= input.open_after.max(1) {
            let (kind, before, after) = match old {
                Some(old) => (
                    ChangeKind::Reopened,
                    Some(*old),
                    scene.reopened(old, finding),
                ),
                None => (ChangeKind::Opened, None, scene.opened(finding, &out.open)),
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

/// Subject and check: what an issue is about within one domain, environment and source.
type IssueKey<'a> = (&'a Subject, &'a str);

fn key(issue: &Issue) -> IssueKey<'_> {
    (&issue.resource.subject, issue.check.as_str())
}

/// The input, indexed and cut to what the source found in its domain and environment.
struct Scene<'a> {
    input: &'a ReconcileInput<'a>,
    covered: Covered<'a>,
    active: BTreeMap<IssueKey<'a>, &'a Issue>,
    resolved: BTreeMap<IssueKey<'a>, &'a Issue>,
    findings: BTreeMap<IssueKey<'a>, &'a Finding>,
}

impl<'a> Scene<'a> {
    fn new(input: &'a ReconcileInput<'a>) -> Self {
        let examination = input.examination;
        let own = |issues: &'a BTreeMap<IssueId, Issue>| {
            issues
                .values()
                .filter(|issue| is_here(issue, examination) && issue.source == examination.source)
                .map(|issue| (key(issue), issue))
                .collect()
        };
        let mut findings: BTreeMap<IssueKey<'_>, &Finding> = BTreeMap::new();
        for finding in &examination.findings {
            let key = (&finding.about.subject, finding.check.as_str());
            let known = findings.entry(key).or_insert(finding);
            // One that is named twice: the worse of both counts.
            if finding.severity > known.severity {
                *known = finding;
            }
        }
        Self {
            input,
            covered: Covered::new(examination),
            active: own(input.active),
            resolved: own(input.resolved),
            findings,
        }
    }

    /// Open issues of this domain and environment that other sources found.
    fn others(&self) -> impl Iterator<Item = &'a Issue> {
        let examination = self.input.examination;
        let active = self.input.active.values();
        active.filter(|issue| is_here(issue, examination) && issue.source != examination.source)
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

    fn opened(&self, finding: &Finding, open: &BTreeMap<IssueId, Issue>) -> Issue {
        let examination = self.input.examination;
        let identity = IssueIdentity {
            domain: &examination.domain,
            environment: &examination.environment,
            subject: &finding.about.subject,
            check: &finding.check,
            source: &examination.source,
        };
        let id = free_id(self.input.prefix, &identity, |id| {
            self.input.active.contains_key(id)
                || self.input.resolved.contains_key(id)
                || open.contains_key(id)
        });
        let now = self.input.now;
        let mut issue = Issue {
            version: "1.0.0".to_owned(),
            suggested_actions: suggested_actions(&id, finding),
            id,
            domain: examination.domain.clone(),
            environment: examination.environment.clone(),
            severity: finding.severity,
            worst_severity: None,
            milder: None,
            status: IssueStatus::Active,
            title: finding.title.clone(),
            check: finding.check.clone(),
            source: examination.source.clone(),
            resource: finding.about.clone(),
            slo_breach: finding.slo_breach,
            detected_at: now,
            last_seen_at: now,
            resolved_at: None,
            occurrences: 1,
            healthy_streak: 0,
            impact: finding.impact.clone(),
            symptoms: finding.evidence.clone(),
            root_cause: None,
            assignee: None,
            notes: Vec::new(),
            timeline: Vec::new(),
            timeline_dropped: 0,
            alerts: Alerts::default(),
            escalation: None,
            links: Vec::new(),
            merged_into: None,
            investigation: None,
            incident: None,
            causes: Vec::new(),
        };
        let detail = format!("{}: {}", issue.severity, finding.title.raw());
        timeline::push(&mut issue, now, "opened", detail);
        issue
    }

    fn reopened(&self, old: &Issue, finding: &Finding) -> Issue {
        let now = self.input.now;
        let mut issue = old.clone();
        issue.status = IssueStatus::Active;
        issue.severity = finding.severity;
        issue.worst_severity = None;
        issue.milder = None;
        issue.occurrences = old.occurrences.saturating_add(1);
        issue.detected_at = now;
        issue.resolved_at = None;
        issue.merged_into = None;
        issue.investigation = None;
        issue.incident = None;
        self.copy_finding(&mut issue, finding);
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

    fn seen_again(&self, old: &Issue, finding: &Finding) -> (ChangeKind, Issue) {
        let now = self.input.now;
        let mut issue = old.clone();
        self.copy_finding(&mut issue, finding);
        if old.status == IssueStatus::Resolved {
            // The file was moved by hand; what is seen is not resolved.
            issue.status = IssueStatus::Active;
            issue.resolved_at = None;
        }
        if old.healthy_streak > 0 {
            let runs = counted(u64::from(old.healthy_streak), "healthy run");
            timeline::push(&mut issue, now, "seen_again", format!("after {runs}"));
        }
        if old.slo_breach != finding.slo_breach {
            let event = if finding.slo_breach {
                "slo_breach"
            } else {
                "slo_met"
            };
            timeline::push(&mut issue, now, event, finding.title.raw());
        }
        let kind = match self.rate(&mut issue, old, finding) {
            Some(kind) => kind,
            None if differs_in_words(old, &issue) => ChangeKind::Updated,
            None => ChangeKind::Touched,
        };
        (kind, issue)
    }

    /// Moves the severity of an issue to that of the finding: up at once, down once enough runs
    /// in a row found it milder. Says what that is, where it is something.
    fn rate(&self, issue: &mut Issue, old: &Issue, finding: &Finding) -> Option<ChangeKind> {
        let (was, is) = (old.severity, finding.severity);
        match is.cmp(&was) {
            Ordering::Equal => {
                issue.milder = None;
                None
            }
            Ordering::Greater => {
                issue.milder = None;
                self.set_severity(issue, is, "severity_raised");
                Some(ChangeKind::Worsened)
            }
            Ordering::Less => {
                // Healthy runs just before were milder too.
                let before = old.milder.unwrap_or(Milder {
                    severity: is,
                    runs: old.healthy_streak,
                });
                issue.milder = Some(Milder {
                    severity: before.severity.max(is),
                    runs: before.runs.saturating_add(1),
                });
                let eased = self.ease(issue);
                Some(eased.unwrap_or(ChangeKind::StreakAdvanced))
            }
        }
    }

    /// Lowers the severity of an issue that enough runs in a row found milder.
    fn ease(&self, issue: &mut Issue) -> Option<ChangeKind> {
        let enough = self.input.resolve_after.max(1);
        let milder = issue.milder.filter(|milder| milder.runs >= enough)?;
        issue.milder = None;
        self.set_severity(issue, milder.severity, "severity_lowered");
        Some(ChangeKind::Eased)
    }

    fn set_severity(&self, issue: &mut Issue, severity: Severity, event: &str) {
        let (was, peak) = (issue.severity, issue.peak());
        issue.severity = severity;
        issue.worst_severity = (peak > severity).then_some(peak);
        let detail = format!("{was} → {severity}: {}", issue.title.raw());
        timeline::push(issue, self.input.now, event, detail);
    }

    fn copy_finding(&self, issue: &mut Issue, finding: &Finding) {
        issue.title = finding.title.clone();
        issue.slo_breach = finding.slo_breach;
        issue.symptoms = finding.evidence.clone();
        issue.suggested_actions = suggested_actions(&issue.id, finding);
        investigated::keep_actions(issue);
        issue.impact = finding.impact.clone();
        issue.resource = finding.about.clone();
        issue.last_seen_at = self.input.now;
        issue.healthy_streak = 0;
    }

    fn not_seen(&self, old: &Issue) -> (ChangeKind, Issue) {
        let absence = self.covered.absence(&old.resource.subject, &old.check);
        let mut issue = old.clone();
        if absence == Absence::Unjudged {
            return (ChangeKind::Touched, issue);
        }
        issue.healthy_streak = old.healthy_streak.saturating_add(1);
        if let Some(milder) = &mut issue.milder {
            milder.runs = milder.runs.saturating_add(1);
        }
        if issue.healthy_streak < self.input.resolve_after.max(1) {
            let eased = self.ease(&mut issue);
            return (eased.unwrap_or(ChangeKind::StreakAdvanced), issue);
        }
        issue.milder = None;
        let now = self.input.now;
        let why = match absence {
            Absence::Gone => "no longer in the registry".to_owned(),
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
}

/// Whether an issue lies in the domain and environment of an examination.
pub(super) fn is_here(issue: &Issue, examination: &Examination) -> bool {
    issue.environment == examination.environment && issue.domain == examination.domain
}

/// What is worth trying: what the source recommends, between looking at the issue and closing it.
fn suggested_actions(id: &IssueId, finding: &Finding) -> Vec<Untrusted> {
    let mut all = vec![Untrusted::from(format!("fractary issues show {id}"))];
    all.extend(finding.recommendation.iter().cloned());
    all.push(Untrusted::from(format!(
        "fractary issues resolve {id} --reason \"REASON\""
    )));
    all
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
        || old.milder != new.milder
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
pub(super) fn most_urgent(a: &Issue, b: &Issue) -> Ordering {
    let rank = |i: &Issue| (std::cmp::Reverse::<Severity>(i.severity), i.detected_at);
    rank(a).cmp(&rank(b)).then_with(|| a.id.cmp(&b.id))
}
