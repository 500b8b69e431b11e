//! Which issue to look at first.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::dashboard::IssueRow;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::issue::{IncidentRole, Issue, IssueIncident, IssueStatus};
use crate::model::monitors::DomainMonitor;
use crate::model::status::Severity;
use crate::text::Untrusted;

/// `severity × weight + 2 if a service level is missed + age_minutes / 60`, the last term
/// bounded by `age_cap_hours` where one is set. An age below zero (clocks that disagree)
/// counts as zero; a bound that is no number of hours counts as none.
pub fn priority(
    severity: Severity,
    weight: f64,
    slo_breach: bool,
    age_minutes: i64,
    age_cap_hours: Option<f64>,
) -> f64 {
    let breach = if slo_breach { 2.0 } else { 0.0 };
    // Ages are far below 2^53 minutes, so the conversion is exact.
    let hours = age_minutes.max(0) as f64 / 60.0;
    let age = match age_cap_hours {
        Some(cap) if cap >= 0.0 => hours.min(cap),
        _ => hours,
    };
    severity.weight() * weight + breach + age
}

/// Weights of the domains in the priority.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights(BTreeMap<DomainName, f64>);

impl Weights {
    /// From the monitors. Where a domain has several, the largest weight counts.
    pub fn from_monitors(monitors: &[DomainMonitor]) -> Self {
        let mut weights = BTreeMap::new();
        for monitor in monitors {
            let weight = weights
                .entry(monitor.domain.clone())
                .or_insert(monitor.priority_weight);
            *weight = monitor.priority_weight.max(*weight);
        }
        Self(weights)
    }

    /// The weight of a domain; 1.0, the documented default, where no monitor sets one.
    pub fn of(&self, domain: &DomainName) -> f64 {
        self.0.get(domain).copied().unwrap_or(1.0)
    }
}

/// The issues as rows, the one to look at first on top: by priority, then severity, then
/// the older, then id.
pub fn rows<'a>(
    issues: impl IntoIterator<Item = &'a Issue>,
    weights: &Weights,
    now: Timestamp,
    age_cap_hours: Option<f64>,
) -> Vec<IssueRow> {
    let mut rows: Vec<(IssueRow, Option<&IssueIncident>)> = issues
        .into_iter()
        .map(|issue| {
            let row = row(issue, weights, now, age_cap_hours);
            (row, issue.incident.as_ref())
        })
        .collect();
    rows.sort_by(|(a, _), (b, _)| {
        (b.priority.total_cmp(&a.priority))
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| a.detected_at.cmp(&b.detected_at))
            .then_with(|| a.id.cmp(&b.id))
    });
    by_incident(rows)
}

/// The rows of one incident, by environment and id; of an issue by itself where there is none.
type IncidentRows = (Option<String>, Vec<(IssueRow, IncidentRole)>);

/// Puts the issues of an incident under one another, where the first of them would be, the cause
/// on top.
fn by_incident(rows: Vec<(IssueRow, Option<&IssueIncident>)>) -> Vec<IssueRow> {
    let mut groups: Vec<IncidentRows> = Vec::new();
    for (row, incident) in rows {
        let key = incident.map(|one| format!("{} {}", row.environment, one.id));
        let role = incident.map_or(IncidentRole::Symptom, |one| one.role);
        let known = key
            .as_ref()
            .and_then(|_| groups.iter().position(|group| group.0 == key));
        match known {
            Some(place) => groups[place].1.push((row, role)),
            None => groups.push((key, vec![(row, role)])),
        }
    }
    let mut out = Vec::new();
    for (key, mut members) in groups {
        members.sort_by_key(|(_, role)| *role);
        let others = members.len() as u64 - 1;
        let top = members.first().map(|(row, _)| row.id.clone());
        let id = key.as_deref().and_then(|key| key.rsplit(' ').next());
        for (mut row, _) in members {
            if let (Some(id), Some(top), true) = (id, &top, others > 0) {
                row.incident = Some(Untrusted::new(match *top == row.id {
                    true => format!("incident {id}: {} from it", follow(others)),
                    false => format!("incident {id}: follows from {top}"),
                }));
            }
            out.push(row);
        }
    }
    out
}

fn follow(others: u64) -> String {
    match others {
        1 => "1 other follows".to_owned(),
        others => format!("{others} others follow"),
    }
}

fn row(issue: &Issue, weights: &Weights, now: Timestamp, cap: Option<f64>) -> IssueRow {
    // A resolved issue stopped ageing when it was resolved.
    let until = issue.resolved_at.unwrap_or(now);
    let age_minutes = (until.as_second() - issue.detected_at.as_second()).max(0) / 60;
    IssueRow {
        id: issue.id.clone(),
        severity: issue.severity,
        status: issue.status,
        domain: issue.domain.clone(),
        environment: issue.environment.clone(),
        resource: issue.resource.name.clone(),
        kind: issue.resource.kind.clone(),
        title: issue.title.clone(),
        slo_breach: issue.slo_breach,
        priority: priority(
            issue.severity,
            weights.of(&issue.domain),
            issue.slo_breach,
            age_minutes,
            cap,
        ),
        detected_at: issue.detected_at,
        age_minutes,
        occurrences: issue.occurrences,
        assignee: issue.assignee.clone(),
        incident: None,
        next_command: Untrusted::from(format!("fractary issues show {}", issue.id)),
        resolved_at: issue.resolved_at,
    }
}

/// Which issues a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Any of these; empty means all.
    pub severities: Vec<Severity>,
    /// Only of this domain.
    pub domain: Option<DomainName>,
    /// Only of this environment.
    pub environment: Option<EnvironmentName>,
    /// Any of these; empty means all.
    pub statuses: Vec<IssueStatus>,
    /// Only of whom: their name, whatever its case; empty for nobody's.
    pub assignee: Option<String>,
    /// Only those that began at this time or later; of resolved ones, that ended then.
    pub since: Option<Timestamp>,
    /// At most so many, from the top.
    pub top: Option<usize>,
}

impl Filter {
    /// Whether a row is asked for, `top` aside.
    pub fn accepts(&self, row: &IssueRow) -> bool {
        (self.severities.is_empty() || self.severities.contains(&row.severity))
            && self.domain.as_ref().is_none_or(|d| *d == row.domain)
            && self
                .environment
                .as_ref()
                .is_none_or(|e| *e == row.environment)
            && (self.statuses.is_empty() || self.statuses.contains(&row.status))
            && self.assignee.as_ref().is_none_or(|wanted| {
                let assignee = row.assignee.as_ref().map_or("", |who| who.raw());
                assignee.to_lowercase() == wanted.trim().to_lowercase()
            })
            && self
                .since
                .is_none_or(|since| row.resolved_at.unwrap_or(row.detected_at) >= since)
    }

    /// The rows that are asked for, in their order.
    pub fn apply(&self, rows: Vec<IssueRow>) -> Vec<IssueRow> {
        rows.into_iter()
            .filter(|row| self.accepts(row))
            .take(self.top.unwrap_or(usize::MAX))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::issue_fixtures::{
        World, domain, environment, function, minute, problem, report,
    };
    use crate::model::monitors::MonitorStatus;
    use crate::model::status::Status;

    #[test]
    fn priority_is_the_formula() {
        use Severity::{Critical, High, Low, Medium};
        let cases: [(Severity, f64, bool, i64, Option<f64>, f64); 13] = [
            (Critical, 1.0, false, 0, None, 10.0),
            (High, 1.0, false, 0, None, 7.0),
            (Medium, 1.0, false, 0, None, 5.0),
            (Low, 1.0, false, 0, None, 2.0),
            (Critical, 1.0, true, 90, None, 13.5),
            (High, 0.5, true, 30, None, 6.0),
            (Low, 1.0, false, 14_400, None, 242.0),
            (Low, 1.0, false, 14_400, Some(4.0), 6.0),
            (Critical, 1.0, true, 120, Some(4.0), 14.0),
            (High, 1.0, false, 600, Some(0.0), 7.0),
            // Input that makes no sense changes nothing.
            (High, 1.0, false, -600, None, 7.0),
            (High, 1.0, false, 60, Some(-1.0), 8.0),
            (High, 1.0, false, 60, Some(f64::NAN), 8.0),
        ];
        for case in cases {
            let (severity, weight, breach, age, cap, want) = case;
            assert_eq!(
                priority(severity, weight, breach, age, cap),
                want,
                "{case:?}"
            );
        }
    }

    fn monitor(name: &str, weight: f64) -> DomainMonitor {
        DomainMonitor {
            domain: domain(name),
            plugin: "x".into(),
            manager: None,
            capabilities: Vec::new(),
            environments: Vec::new(),
            priority_weight: weight,
            issue_prefix: None,
            commands: BTreeMap::new(),
            status: MonitorStatus::Active,
        }
    }

    /// Four issues: CRITICAL and HIGH now, LOW and LOW five days ago.
    fn four() -> World {
        let mut world = World::new();
        let low = |name| function(name, vec![problem("alarm/a", Status::Degraded, "alarm")]);
        world.critical = false;
        world.run(&report(
            "test",
            minute(-7_200),
            vec![low("old-a"), low("old-b")],
        ));
        world.critical = true;
        let bad =
            |name, status| function(name, vec![problem("error_rate_percent", status, "errors")]);
        let now = vec![
            bad("down", Status::Unhealthy),
            bad("slow", Status::Degraded),
        ];
        world.run(&report("prod", minute(0), now));
        world
    }

    fn names(rows: &[IssueRow]) -> Vec<&str> {
        rows.iter().map(|row| row.resource.raw()).collect()
    }

    #[test]
    fn the_age_cap_keeps_old_trifles_below_fresh_outages() {
        let world = four();
        let ranked = |cap| rows(world.active.values(), &Weights::default(), minute(0), cap);
        let ids = |rows: &[IssueRow]| rows.iter().map(|r| r.id.clone()).collect::<Vec<_>>();
        let capped = ranked(Some(4.0));
        assert_eq!(names(&capped)[..2], ["down", "slow"]);
        let free = ranked(None);
        assert_eq!(names(&free)[2..], ["down", "slow"]);
        // Equal in everything: by id.
        assert!(ids(&free)[0] < ids(&free)[1]);
        assert_eq!(free[0].age_minutes, 7_200);
        assert_eq!(
            free[0].next_command.raw(),
            format!("fractary issues show {}", free[0].id)
        );
    }

    #[test]
    fn weights_come_from_monitors() {
        let monitors = [
            monitor("infrastructure", 0.5),
            monitor("infrastructure", 0.8),
        ];
        let weights = Weights::from_monitors(&monitors);
        assert_eq!(weights.of(&domain("infrastructure")), 0.8);
        assert_eq!(weights.of(&domain("application")), 1.0);
        let world = four();
        let ranked = rows(world.active.values(), &weights, minute(0), Some(0.0));
        assert_eq!(ranked[0].priority, 8.0);
    }

    #[test]
    fn filters_cut_lists() {
        let world = four();
        let all = rows(
            world.active.values(),
            &Weights::default(),
            minute(0),
            Some(4.0),
        );
        let shown = |filter: Filter| filter.apply(all.clone()).len();
        let none = Filter::default;
        assert_eq!(shown(none()), 4);
        assert_eq!(
            shown(Filter {
                severities: vec![Severity::Low, Severity::High],
                ..none()
            }),
            3
        );
        assert_eq!(
            shown(Filter {
                environment: Some(environment("prod")),
                ..none()
            }),
            2
        );
        assert_eq!(
            shown(Filter {
                domain: Some(domain("application")),
                ..none()
            }),
            0
        );
        assert_eq!(
            shown(Filter {
                statuses: vec![IssueStatus::Active],
                ..none()
            }),
            4
        );
        assert_eq!(
            shown(Filter {
                statuses: vec![IssueStatus::Resolved],
                ..none()
            }),
            0
        );
        let top = Filter {
            top: Some(1),
            severities: vec![Severity::High],
            ..none()
        };
        assert_eq!(names(&top.apply(all.clone())), ["slow"]);
    }
}
