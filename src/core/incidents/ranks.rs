//! Which issue of an incident is on top, and incidents for those who look at them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::incidents::Dependencies;
use crate::model::ids::IssueId;
use crate::model::issue::{IncidentRole, Issue};
use crate::model::status::Severity;

/// An incident: one issue, or several that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident<'a> {
    /// Its id, where it has several issues or had.
    pub id: Option<&'a str>,
    /// Its issues, the cause first.
    pub issues: Vec<&'a Issue>,
}

impl Incident<'_> {
    /// Returns the worst severity of its issues.
    pub fn severity(&self) -> Option<Severity> {
        self.issues.iter().map(|issue| issue.severity).max()
    }

    /// Returns when the first of them began.
    pub fn began(&self) -> Option<Timestamp> {
        self.issues.iter().map(|issue| issue.detected_at).min()
    }
}

/// Returns the issue that is the cause, as far as dependencies tell: the one whose resource most of
/// the others depend on. Of several, the one that began first, then the gravest.
pub(super) fn top<'a>(issues: &[&'a Issue], dependencies: &Dependencies) -> Option<&'a IssueId> {
    let dependants = |issue: &Issue| {
        let Some(arn) = issue.resource.subject.arn() else {
            return 0;
        };
        let others = issues
            .iter()
            .filter_map(|other| other.resource.subject.arn());
        others
            .filter(|other| dependencies.depends(other, arn))
            .count()
    };
    let rank = |issue: &&&Issue| {
        let needed = std::cmp::Reverse(dependants(issue));
        (
            needed,
            issue.detected_at,
            std::cmp::Reverse(issue.severity),
            issue.id.clone(),
        )
    };
    issues.iter().min_by_key(rank).map(|issue| &issue.id)
}

/// Returns issues as incidents, in the order of the first issue of each.
pub fn incidents<'a>(issues: impl IntoIterator<Item = &'a Issue>) -> Vec<Incident<'a>> {
    let mut found: Vec<Incident<'a>> = Vec::new();
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for issue in issues {
        let id = issue.incident.as_ref().map(|one| one.id.as_str());
        let key = id.map(|id| (issue.environment.as_str(), id));
        match key.and_then(|key| places.get(&key).copied()) {
            Some(place) => found[place].issues.push(issue),
            None => {
                if let Some(key) = key {
                    places.insert(key, found.len());
                }
                found.push(Incident {
                    id,
                    issues: vec![issue],
                });
            }
        }
    }
    for incident in &mut found {
        // A sort keeps the order of those that are alike.
        incident.issues.sort_by_key(|issue| {
            let role = issue.incident.as_ref().map(|one| one.role);
            role != Some(IncidentRole::Cause)
        });
    }
    found
}
