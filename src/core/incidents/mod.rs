//! Incidents: issues that began together along the dependencies of their resources.
//!
//! An issue that begins within half an hour of the first issue of an incident, on a resource that
//! depends on one of the incident's or the other way round, belongs to it. It keeps that for as long
//! as it lasts. The issue whose resource most others depend on is on top. One that nothing
//! else belongs to is an incident without a name. Nothing here hides an issue.

mod due;
mod ranks;
mod story;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::core::investigate::dependencies::DependencyGraph;
use crate::core::issues::id::incident_id;
use crate::core::issues::{ChangeKind, IssueChange};
use crate::model::ids::{Arn, IssueId};
use crate::model::issue::{IncidentRole, Issue, IssueIncident};
use crate::model::resource::Resource;
use crate::text::Untrusted;
use crate::text::phrases;

pub use due::{DueIncident, due};
pub use ranks::{Incident, incidents};
pub use story::story;

/// Issues began together where not more seconds are between them.
const TOGETHER_SECONDS: i64 = 30 * 60;

/// Which resource depends on which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// Everything that a resource depends on, by ARNs.
    needs: BTreeMap<Arn, BTreeSet<Arn>>,
    /// What people call a resource.
    names: BTreeMap<Arn, Untrusted>,
}

impl Dependencies {
    /// Collects what the registry and `[dependencies]` of monitoring.toml say.
    pub fn of(resources: &[Resource], dependencies: &BTreeMap<String, Vec<String>>) -> Self {
        let graph = DependencyGraph::of(resources, dependencies);
        let arn = |place: usize| resources.get(place).map(|one| one.arn.clone());
        let mut needs = BTreeMap::new();
        for (place, resource) in resources.iter().enumerate() {
            let reach = graph.reach(place).into_iter().skip(1);
            needs.insert(resource.arn.clone(), reach.filter_map(arn).collect());
        }
        let names = resources
            .iter()
            .map(|one| (one.arn.clone(), one.name.clone()));
        Self {
            needs,
            names: names.collect(),
        }
    }

    /// Returns whether a resource depends on another.
    pub fn depends(&self, on_it: &Arn, it: &Arn) -> bool {
        self.needs
            .get(on_it)
            .is_some_and(|needs| needs.contains(it))
    }

    fn name(&self, arn: &Arn) -> String {
        let name = self.names.get(arn).map(|name| name.raw().to_owned());
        name.unwrap_or_else(|| arn.as_str().to_owned())
    }

    /// How two resources have to do with one another, in words; `None` where they do not.
    fn link(&self, a: &Arn, b: &Arn) -> Option<String> {
        if a == b {
            return Some(format!("both are about {}", self.name(a)));
        }
        let (caller, callee) = match (self.depends(a, b), self.depends(b, a)) {
            (true, _) => (a, b),
            (false, true) => (b, a),
            (false, false) => return None,
        };
        Some(format!(
            "{} depends on {}",
            self.name(caller),
            self.name(callee)
        ))
    }
}

/// Puts the issues that a run opened into incidents. `changes` is what the run does to issues,
/// `open` every issue of the environment that is open after it.
pub fn assign(
    changes: &mut Vec<IssueChange>,
    open: &BTreeMap<IssueId, Issue>,
    dependencies: &Dependencies,
) {
    let new: BTreeSet<IssueId> = changes
        .iter()
        .filter(|change| is_new(change))
        .map(|change| change.after.id.clone())
        .collect();
    if new.is_empty() {
        return;
    }
    for (id, membership) in join(open, &new, dependencies) {
        set(changes, open, &id, membership);
    }
    changes.sort_by(|a, b| (a.kind, &a.after.id).cmp(&(b.kind, &b.after.id)));
}

/// Whether a change is the beginning of an issue, or of another occurrence.
pub fn is_new(change: &IssueChange) -> bool {
    matches!(change.kind, ChangeKind::Opened | ChangeKind::Reopened)
}

/// Decides which issues belong to which incident, for those that are new and for those that they
/// join.
fn join(
    issues: &BTreeMap<IssueId, Issue>,
    new: &BTreeSet<IssueId>,
    dependencies: &Dependencies,
) -> BTreeMap<IssueId, IssueIncident> {
    let mut groups = Groups::new(issues);
    let mut order: Vec<&Issue> = issues
        .values()
        .filter(|one| new.contains(&one.id))
        .collect();
    order.sort_by_key(|issue| (issue.detected_at, &issue.id));
    let mut why: BTreeMap<IssueId, String> = BTreeMap::new();
    for issue in &order {
        for other in issues.values() {
            if other.id == issue.id || groups.same(&issue.id, &other.id) {
                continue;
            }
            if let Some(reason) = began_together(issue, other, &groups, dependencies) {
                groups.unite(&issue.id, &other.id);
                why.entry(issue.id.clone())
                    .or_insert_with(|| reason.clone());
                why.entry(other.id.clone()).or_insert(reason);
            }
        }
    }
    let mut found = BTreeMap::new();
    for members in groups.members() {
        if members.len() < 2 || !members.iter().any(|id| new.contains(*id)) {
            continue;
        }
        let all: Vec<&Issue> = members.iter().filter_map(|id| issues.get(*id)).collect();
        let Some(first) = all.iter().min_by_key(|one| (one.detected_at, &one.id)) else {
            continue;
        };
        let named = all.iter().filter_map(|one| one.incident.as_ref());
        let id = named
            .map(|one| one.id.clone())
            .min()
            .unwrap_or_else(|| incident_id(first));
        let top = ranks::top(&all, dependencies);
        for issue in &all {
            let reason = why.get(&issue.id).cloned();
            let kept = issue.incident.as_ref().map(|one| one.why.clone());
            found.insert(
                issue.id.clone(),
                IssueIncident {
                    id: id.clone(),
                    role: match top == Some(&issue.id) {
                        true => IncidentRole::Cause,
                        false => IncidentRole::Symptom,
                    },
                    why: kept.or(reason.map(Untrusted::new)).unwrap_or_default(),
                    by_hand: issue.incident.as_ref().is_some_and(|one| one.by_hand),
                },
            );
        }
    }
    found
}

/// Why two issues belong together, in words; `None` where they do not.
fn began_together(
    issue: &Issue,
    other: &Issue,
    groups: &Groups<'_>,
    dependencies: &Dependencies,
) -> Option<String> {
    // What a person took apart, or put together, stays so.
    if [issue, other]
        .iter()
        .any(|one| one.incident.as_ref().is_some_and(|one| one.by_hand))
    {
        return None;
    }
    if issue.environment != other.environment {
        return None;
    }
    let (a, b) = (issue.resource.subject.arn()?, other.resource.subject.arn()?);
    let link = dependencies.link(a, b)?;
    let first = groups.began(&other.id)?.min(other.detected_at);
    let apart = (issue.detected_at.as_second() - first.as_second()).abs();
    if apart > TOGETHER_SECONDS {
        return None;
    }
    let when = match apart / 60 {
        0 => "at the same time".to_owned(),
        minutes => format!(
            "within {}",
            phrases::counted(minutes.unsigned_abs(), "minute")
        ),
    };
    Some(format!("began {when}, and {link}"))
}

/// Notes what an issue belongs to among the changes of the run.
fn set(
    changes: &mut Vec<IssueChange>,
    issues: &BTreeMap<IssueId, Issue>,
    id: &IssueId,
    membership: IssueIncident,
) {
    if let Some(change) = changes.iter_mut().find(|change| change.after.id == *id) {
        if change.after.incident.as_ref() != Some(&membership) {
            change.after.incident = Some(membership);
            if change.kind == ChangeKind::Touched {
                change.kind = ChangeKind::Updated;
            }
        }
        return;
    }
    let Some(issue) = issues.get(id) else { return };
    if issue.incident.as_ref() != Some(&membership) {
        changes.push(IssueChange {
            kind: ChangeKind::Updated,
            before: Some(issue.clone()),
            after: Issue {
                incident: Some(membership),
                ..issue.clone()
            },
        });
    }
}

/// Issues in groups that are united step by step.
struct Groups<'a> {
    issues: &'a BTreeMap<IssueId, Issue>,
    of: BTreeMap<&'a IssueId, usize>,
}

impl<'a> Groups<'a> {
    /// Those of an incident are in one group from the start.
    fn new(issues: &'a BTreeMap<IssueId, Issue>) -> Self {
        let mut of = BTreeMap::new();
        let mut named: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, (id, issue)) in issues.iter().enumerate() {
            let incident = issue.incident.as_ref();
            let number = incident.map_or(number, |one| *named.entry(&one.id).or_insert(number));
            of.insert(id, number);
        }
        Self { issues, of }
    }

    fn same(&self, a: &IssueId, b: &IssueId) -> bool {
        self.of.get(a) == self.of.get(b)
    }

    /// When the first issue of a group began.
    fn began(&self, id: &IssueId) -> Option<Timestamp> {
        let group = self.of.get(id)?;
        let members = self.of.iter().filter(|(_, of)| *of == group);
        let began = members.filter_map(|(id, _)| Some(self.issues.get(*id)?.detected_at));
        began.min()
    }

    /// Unites two groups, unless both are incidents already that people have been told of.
    fn unite(&mut self, a: &IssueId, b: &IssueId) {
        let (Some(from), Some(to)) = (self.of.get(a).copied(), self.of.get(b).copied()) else {
            return;
        };
        if self.is_named(from) && self.is_named(to) {
            return;
        }
        for group in self.of.values_mut().filter(|group| **group == from) {
            *group = to;
        }
    }

    fn is_named(&self, group: usize) -> bool {
        let mut members = self.of.iter().filter(|(_, of)| **of == group);
        members.any(|(id, _)| {
            self.issues
                .get(*id)
                .is_some_and(|one| one.incident.is_some())
        })
    }

    fn members(&self) -> Vec<Vec<&'a IssueId>> {
        let mut groups: BTreeMap<usize, Vec<&'a IssueId>> = BTreeMap::new();
        for (id, group) in &self.of {
            groups.entry(*group).or_default().push(id);
        }
        groups.into_values().collect()
    }
}
