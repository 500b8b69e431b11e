//! Open incidents, the worst first.

use super::{DashboardInput, count};
use crate::core::incidents::{Incident, incidents};
use crate::model::dashboard::IncidentRow;
use crate::model::issue::Issue;

/// Incidents that are listed.
const MOST: usize = 10;

/// The open incidents of what is shown, each with its issues.
fn open<'a>(input: &DashboardInput<'a>) -> Vec<Incident<'a>> {
    let shown = input.active.values();
    incidents(shown.filter(|issue| input.shows(&issue.domain, &issue.environment)))
}

/// Returns how many there are; an issue that belongs to no other is one of its own.
pub(super) fn total(input: &DashboardInput<'_>) -> u32 {
    count(open(input).len())
}

/// Returns those that have something to say beside their issues: several of them, or the cause
/// that was found.
pub(super) fn rows(input: &DashboardInput<'_>) -> Vec<IncidentRow> {
    let mut all = open(input);
    all.retain(|one| one.issues.len() > 1 || one.issues.iter().any(|it| has_cause(it)));
    all.sort_by_key(|one| (std::cmp::Reverse(one.severity()), one.began()));
    all.truncate(MOST);
    all.iter().filter_map(|one| row(input, one)).collect()
}

fn has_cause(issue: &Issue) -> bool {
    issue.investigation.is_some() && issue.root_cause.is_some()
}

fn row(input: &DashboardInput<'_>, incident: &Incident<'_>) -> Option<IncidentRow> {
    let top = *incident.issues.first()?;
    let began = incident.began()?;
    let found = |issue: &&&Issue| issue.root_cause.is_some();
    let cause = incident.issues.iter().find(found);
    let mut investigations = incident
        .issues
        .iter()
        .filter_map(|it| it.investigation.as_ref());
    Some(IncidentRow {
        id: incident.id.map(str::to_owned),
        environment: top.environment.clone(),
        severity: incident.severity()?,
        resource: top.resource.name.clone(),
        title: top.title.clone(),
        issues: incident
            .issues
            .iter()
            .map(|issue| issue.id.clone())
            .collect(),
        began_at: began,
        age_minutes: (input.now.as_second() - began.as_second()).max(0) / 60,
        cause: cause.and_then(|issue| issue.root_cause.clone()),
        report: investigations.next().map(|one| one.report.clone()),
    })
}
