//! What a run did to incidents of several issues, in sentences.

use std::collections::BTreeMap;

use crate::core::incidents::is_new;
use crate::core::issues::{ChangeKind, IssueChange};
use crate::model::issue::{IncidentRole, Issue};
use crate::text::phrases::counted;

/// Returns a sentence for each incident that issues joined or left, in the order of their ids.
/// Not escaped for any format.
pub fn story(changes: &[IssueChange]) -> Vec<String> {
    let mut joined: BTreeMap<&str, Vec<&Issue>> = BTreeMap::new();
    let mut over: BTreeMap<&str, usize> = BTreeMap::new();
    for change in changes {
        let Some(incident) = &change.after.incident else {
            continue;
        };
        if is_new(change) {
            joined.entry(&incident.id).or_default().push(&change.after);
        } else if change.kind == ChangeKind::Resolved {
            *over.entry(&incident.id).or_default() += 1;
        }
    }
    let joined = joined.into_iter().map(|(id, issues)| joins(id, &issues));
    let over = over
        .into_iter()
        .map(|(id, count)| format!("incident {id}: {} resolved", counted(count as u64, "issue")));
    joined.chain(causes(changes)).chain(over).collect()
}

/// What was found out in this run, once for each incident.
fn causes(changes: &[IssueChange]) -> impl Iterator<Item = String> {
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    for change in changes {
        let issue = &change.after;
        let known = change
            .before
            .as_ref()
            .and_then(|one| one.investigation.as_ref());
        let Some(investigation) = issue
            .investigation
            .as_ref()
            .filter(|one| Some(*one) != known)
        else {
            continue;
        };
        let id = issue
            .incident
            .as_ref()
            .map_or(issue.id.as_str(), |one| &one.id);
        let cause = issue
            .root_cause
            .as_ref()
            .map(|cause| match investigation.confidence {
                Some(grade) => format!("{} ({})", cause.redacted(), grade.title()),
                None => cause.redacted(),
            });
        let cause = cause.unwrap_or_else(|| "nothing explains it".to_owned());
        found.insert(id, format!("cause of {id}: {cause}"));
    }
    found.into_values()
}

fn joins(id: &str, issues: &[&Issue]) -> String {
    let is_cause = |issue: &&&Issue| {
        let incident = issue.incident.as_ref();
        incident.is_some_and(|one| one.role == IncidentRole::Cause)
    };
    let count = counted(issues.len() as u64, "issue");
    match issues.iter().find(is_cause) {
        Some(cause) => {
            let name = cause.resource.name.redacted();
            format!("incident {id}: {count}, which begin with {name}")
        }
        None => format!("incident {id}: {count} more"),
    }
}
