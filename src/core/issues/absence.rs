//! Why the problem of an issue is not in a report: it is over, or it was not looked for.

use crate::model::report::ResourceHealth;
use crate::model::snapshot::AlarmState;
use crate::model::status::{Status, Verdict};

/// Why a check that an issue is about shows no problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// It was not judged.
    Unjudged,
    /// It was judged and is well.
    Healthy,
    /// The resource was judged, and has no such check any more.
    NotChecked,
    /// The resource left the registry.
    Unregistered,
}

/// Why `check` shows no problem on a resource that the report holds.
pub(super) fn absence_on(resource: &ResourceHealth, check: &str) -> Absence {
    let listed = resource.unjudged.iter().any(|pattern| {
        pattern
            .strip_suffix('*')
            .map_or(pattern == check, |start| check.starts_with(start))
    });
    // A report that says UNKNOWN and not of what has judged nothing.
    let nothing_judged = resource.status == Status::Unknown && resource.unjudged.is_empty();
    let unknown_problem = resource
        .problems
        .iter()
        .any(|p| p.check == check && p.status == Status::Unknown);
    // Of a resource that is gone nothing but that can be said.
    let gone = check != "registry_drift"
        && resource
            .problems
            .iter()
            .any(|p| p.check == "registry_drift" && p.status.is_bad());
    if listed || nothing_judged || unknown_problem || gone {
        return Absence::Unjudged;
    }
    if let Some(name) = check.strip_prefix("alarm/") {
        let no_data = resource
            .alarms
            .iter()
            .any(|a| a.name.raw() == name && a.state == AlarmState::InsufficientData);
        return if no_data {
            Absence::Unjudged
        } else {
            Absence::Healthy
        };
    }
    if matches!(check, "resource_state" | "registry_drift") {
        return Absence::Healthy;
    }
    match resource.slis.iter().find(|sli| sli.sli == check) {
        Some(sli) if sli.verdict == Verdict::Unknown => Absence::Unjudged,
        Some(_) => Absence::Healthy,
        None if resource.idle => Absence::Healthy,
        None => Absence::NotChecked,
    }
}
