//! Three to five things to do next, most useful first, each of them because of something
//! that was seen (or not seen).

use std::collections::BTreeSet;

use crate::model::alert::UndeliveredAlerts;
use crate::model::dashboard::{DomainRow, IssueRow};
use crate::model::history::History;
use crate::model::ids::EnvironmentName;
use crate::model::report::{HealthReport, Recommendation};
use crate::model::status::{Status, Verdict};
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::times::span;

use super::DashboardInput;
use super::domains::why_stale;

const LEAST: usize = 3;
const MOST: usize = 5;
/// Issues among the actions, so that they leave room for what is not seen.
const MOST_ISSUES: usize = 3;
/// Channels among the actions that do not deliver.
const MOST_UNDELIVERED: usize = 2;
/// How long an environment must have had no requests to be worth a word.
const IDLE_SECONDS: i64 = 86_400;

/// The actions for a dashboard with these rows and open issues, ranked.
pub(super) fn actions(
    input: &DashboardInput<'_>,
    rows: &[DomainRow],
    open: &[IssueRow],
    undelivered: &[UndeliveredAlerts],
) -> Vec<Recommendation> {
    // Nobody was told of the rest.
    let mut all: Vec<Recommendation> = undelivered
        .iter()
        .take(MOST_UNDELIVERED)
        .filter_map(for_undelivered)
        .collect();
    all.extend(
        open.iter()
            .take(MOST_ISSUES)
            .map(|row| for_issue(input, row)),
    );
    let fresh: Vec<&HealthReport> = rows
        .iter()
        .filter_map(|row| {
            let report = input.latest.get(&row.environment)?;
            (report.domain == row.domain).then_some(report)
        })
        .filter(|report| why_stale(input, report).is_none())
        .collect();
    all.extend(fresh.iter().flat_map(|report| for_gaps(report)));
    all.extend(rows.iter().filter_map(|row| for_unseen(input, row)));
    all.extend(fresh.iter().flat_map(|report| for_risks(report)));
    let shown = input.histories.iter();
    all.extend(
        shown
            .filter(|(name, _)| input.shows(input.own_domain, name))
            .filter_map(|(name, history)| for_idle(name, history)),
    );
    let mut said = BTreeSet::new();
    all.retain(|action| said.insert(action.text.clone()));
    all.truncate(MOST);
    for filler in routine(rows, !open.is_empty()) {
        if all.len() < LEAST && !all.iter().any(|a| a.command == filler.command) {
            all.push(filler);
        }
    }
    all
}

fn action(text: String, command: String) -> Recommendation {
    Recommendation {
        text: Untrusted::from(text),
        command: Some(Untrusted::from(command)),
    }
}

fn for_undelivered(alerts: &UndeliveredAlerts) -> Option<Recommendation> {
    let first = alerts.issues.first()?;
    Some(action(
        alerts.sentence(),
        format!("fractary issues show {first}"),
    ))
}

/// The list of issues says how to read one; this says where to look with the provider's or
/// the infrastructure's own tools, where the issue knows a command for that.
fn for_issue(input: &DashboardInput<'_>, row: &IssueRow) -> Recommendation {
    let suggested = input.active.get(&row.id).and_then(|issue| {
        let mut all = issue.suggested_actions.iter();
        all.find(|action| !action.raw().starts_with("fractary "))
    });
    Recommendation {
        text: Untrusted::from(format!(
            "{} {} in {}: {}",
            row.severity,
            row.resource.raw(),
            row.environment,
            row.title.raw()
        )),
        command: Some(suggested.unwrap_or(&row.next_command).clone()),
    }
}

/// Missing permissions, all of one environment in one action.
fn for_gaps(report: &HealthReport) -> Option<Recommendation> {
    let missing: BTreeSet<&str> = report
        .errors
        .iter()
        .filter_map(|gap| gap.missing_permission.as_deref())
        .collect();
    if missing.is_empty() {
        return None;
    }
    let names: Vec<&str> = missing.into_iter().collect();
    Some(action(
        format!(
            "Grant {} in {}: without it the check does not see everything",
            names.join(", "),
            report.environment
        ),
        "fractary iam-policy run".to_owned(),
    ))
}

/// An environment of which nothing, or nothing recent, is known.
fn for_unseen(input: &DashboardInput<'_>, row: &DomainRow) -> Option<Recommendation> {
    let known = input.environments.contains(&row.environment);
    if row.status != Status::Unknown || row.domain != *input.own_domain || !known {
        return None;
    }
    let command = format!("fractary run --env {}", row.environment);
    let text = match row.observed_at {
        None => format!("Observe {} for the first time", row.environment),
        Some(_) if row.resources.total == 0 => {
            return Some(action(
                format!("Register what is deployed in {}", row.environment),
                format!("fractary adopt terraform.tfstate --env {}", row.environment),
            ));
        }
        Some(_) => format!("Observe {} again: its status is UNKNOWN", row.environment),
    };
    Some(action(text, command))
}

/// Indicators past 80 % of their target.
fn for_risks(report: &HealthReport) -> Vec<Recommendation> {
    let at_risk = report.checks.iter().flat_map(|check| {
        let slis = check.slis.iter().filter(|s| s.verdict == Verdict::AtRisk);
        slis.map(move |sli| (check, sli))
    });
    at_risk
        .map(|(check, sli)| {
            let about = check.resource.name.raw();
            let environment = &report.environment;
            action(
                format!(
                    "Look at {} of {about} in {environment}: close to its target",
                    sli.title
                ),
                format!("fractary health --env {environment}"),
            )
        })
        .collect()
}

/// An environment that has had no request for a day: a forgotten one, or traffic that does
/// not arrive. Entries that did not count requests prove nothing.
fn for_idle(environment: &EnvironmentName, history: &History) -> Option<Recommendation> {
    let newest = history.entries.last()?;
    let idle = history
        .entries
        .iter()
        .rev()
        .take_while(|entry| entry.requests_total == Some(0.0) && !entry.partial);
    let since = idle.last()?.window_start;
    let seconds = newest.window_end.as_second() - since.as_second();
    (seconds >= IDLE_SECONDS).then(|| {
        action(
            format!(
                "Check whether traffic reaches {environment}: no requests for {}",
                span(seconds)
            ),
            format!("fractary health --env {environment}"),
        )
    })
}

/// What is always worth doing, to fill up.
fn routine(rows: &[DomainRow], issues: bool) -> Vec<Recommendation> {
    let mut out = Vec::new();
    if issues {
        out.push(action(
            "See every open issue".to_owned(),
            "fractary issues".to_owned(),
        ));
    }
    if let Some(row) = rows.iter().find(|row| row.observed_at.is_some()) {
        let environment = &row.environment;
        let resources = counted(u64::from(row.resources.total), "resource");
        out.push(action(
            format!("See the health of all of {environment} ({resources})"),
            format!("fractary health --env {environment}"),
        ));
        out.push(action(
            format!("Record a new observation of {environment}"),
            format!("fractary run --env {environment}"),
        ));
    }
    out.push(action(
        "Validate the state files".to_owned(),
        "fractary check".to_owned(),
    ));
    out
}
