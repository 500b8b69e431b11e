//! Which incidents a run investigates by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::incidents::{Incident, incidents, is_new};
use crate::core::issues::{ChangeKind, IssueChange};
use crate::model::ids::IssueId;
use crate::model::issue::{IncidentRole, Issue};
use crate::model::status::Severity;

/// An incident that became HIGH or CRITICAL in this run.
#[derive(Debug, Clone, PartialEq)]
pub struct DueIncident<'a> {
    /// Its issues, the cause first.
    pub issues: Vec<&'a Issue>,
}

impl<'a> DueIncident<'a> {
    /// Returns its issues in the order in which they are worth investigating: where it is felt
    /// first, because everything that this depends on is looked at with it.
    pub fn felt_first(&self) -> Vec<&'a Issue> {
        let mut issues = self.issues.clone();
        let is_cause = |issue: &Issue| {
            let incident = issue.incident.as_ref();
            incident.is_some_and(|one| one.role == IncidentRole::Cause)
        };
        issues.sort_by_key(|issue| {
            let severity = std::cmp::Reverse(issue.severity);
            (
                is_cause(issue),
                severity,
                issue.detected_at,
                issue.id.clone(),
            )
        });
        issues
    }
}

/// Returns the incidents that became HIGH or CRITICAL in this run, the gravest first. `changes` is
/// what the run does to issues, `open` every issue of the environment that is open after it.
pub fn due<'a>(
    changes: &[IssueChange],
    open: &'a BTreeMap<IssueId, Issue>,
) -> Vec<DueIncident<'a>> {
    let is_grave = |severity: Severity| severity >= Severity::High;
    let rose: BTreeSet<&IssueId> = changes
        .iter()
        .filter(|change| is_new(change) || change.kind == ChangeKind::Worsened)
        .filter(|change| is_grave(change.after.severity))
        .map(|change| &change.after.id)
        .collect();
    if rose.is_empty() {
        return Vec::new();
    }
    let before: BTreeMap<&IssueId, &Issue> = changes
        .iter()
        .filter(|change| !is_new(change))
        .filter_map(|change| Some((&change.after.id, change.before.as_ref()?)))
        .collect();
    let began: BTreeSet<&IssueId> = changes
        .iter()
        .filter(|change| is_new(change))
        .map(|change| &change.after.id)
        .collect();
    let was_grave = |issue: &Issue| {
        let was = before.get(&issue.id).copied().unwrap_or(issue);
        !began.contains(&issue.id) && is_grave(was.severity)
    };
    let is_due = |incident: &Incident<'_>| {
        let mut issues = incident.issues.iter();
        issues.any(|issue| rose.contains(&issue.id))
            && !incident.issues.iter().any(|issue| was_grave(issue))
    };
    let mut found: Vec<Incident<'a>> = incidents(open.values())
        .into_iter()
        .filter(is_due)
        .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.severity()), one.began()));
    let issues = found.into_iter().map(|one| one.issues);
    issues.map(|issues| DueIncident { issues }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::issue_fixtures::{World, function, minute, problem, report};
    use crate::model::issue::IssueIncident;
    use crate::model::status::Status;

    /// The changes of a run, and what is open after it.
    fn run(world: &mut World, at: i64, severity: Severity) -> Vec<IssueChange> {
        let mut bad = problem("x", Status::Degraded, "trouble");
        bad.severity = Some(severity);
        let seen = report("prod", minute(at), vec![function("api", vec![bad])]);
        world.run(&seen).changes
    }

    fn ids(changes: &[IssueChange], world: &World) -> usize {
        due(changes, &world.active).len()
    }

    #[test]
    fn an_incident_is_due_when_it_becomes_grave_and_then_no_more() {
        let mut world = World::new();
        let changes = run(&mut world, 0, Severity::Medium);
        assert_eq!(ids(&changes, &world), 0);
        let changes = run(&mut world, 5, Severity::High);
        assert_eq!(ids(&changes, &world), 1);
        let changes = run(&mut world, 10, Severity::Critical);
        assert_eq!(ids(&changes, &world), 0);
    }

    #[test]
    fn what_joins_a_grave_incident_makes_it_no_new_one() {
        let mut world = World::new();
        let changes = run(&mut world, 0, Severity::Critical);
        let old = world.only().clone();
        let place = |role| IssueIncident {
            id: "inc-1".to_owned(),
            role,
            why: "".into(),
            by_hand: false,
        };
        let mut cause = old.clone();
        cause.incident = Some(place(IncidentRole::Cause));
        let mut symptom = old.clone();
        symptom.id = IssueId::new("infra-000001").expect("an id");
        symptom.incident = Some(place(IncidentRole::Symptom));
        let opened = |after: &Issue| IssueChange {
            kind: ChangeKind::Opened,
            before: None,
            after: after.clone(),
        };
        let open: BTreeMap<IssueId, Issue> = [&cause, &symptom]
            .map(|one| (one.id.clone(), one.clone()))
            .into();
        assert_eq!(changes.len(), 1);
        // Both are new: one incident, investigated from where it is felt.
        let both = [opened(&cause), opened(&symptom)];
        let found = due(&both, &open);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].issues[0].id, cause.id);
        assert_eq!(found[0].felt_first()[0].id, symptom.id);
        // One was there before.
        assert_eq!(due(&both[1..], &open).len(), 0);
    }
}
