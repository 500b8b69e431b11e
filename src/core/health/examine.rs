//! A health report as an examination: what is wrong, and which checks were looked at.

use std::collections::BTreeSet;

use super::alarms;
use super::resource::{REGISTRY_DRIFT, RESOURCE_STATE};
use super::severity::severity;
use super::suggest;
use crate::catalog::Catalog;
use crate::core::budget::BURN_RATE;
use crate::model::finding::{Checks, CleanReason, Examination, Finding};
use crate::model::ids::{Arn, SourceName};
use crate::model::issue::Impact;
use crate::model::monitoring::EnabledCheck;
use crate::model::report::{HealthReport, Problem, ResourceHealth, SliResult};
use crate::model::snapshot::AlarmState;
use crate::model::status::{Status, Verdict};
use crate::model::subject::{Subject, SubjectRef};

/// What [`examine`] reads besides the report.
#[derive(Debug, Clone, Copy)]
pub struct ExamineInput<'a> {
    /// What the run saw.
    pub report: &'a HealthReport,
    /// The kinds, which know what is worth trying.
    pub catalog: &'a Catalog,
    /// ARNs that the environment's registry holds, whether or not this run asked about
    /// them. Tells a resource that was removed from one that was left out of the report.
    pub registered: &'a BTreeSet<Arn>,
    /// Kinds of checks that are on.
    pub checks: &'a [EnabledCheck],
    /// Whether problems in this environment are CRITICAL.
    pub critical: bool,
}

/// Says what a report found, and what of its environment it covers.
pub fn examine(input: &ExamineInput<'_>) -> Examination {
    let report = input.report;
    let (domain, environment) = (report.domain.clone(), report.environment.clone());
    let mut out = Examination::new(SourceName::observer(), domain, environment);
    let mut inventory: BTreeSet<Subject> = input
        .registered
        .iter()
        .map(|arn| Subject::Resource(arn.clone()))
        .collect();
    for resource in &report.checks {
        let about = about(resource);
        cover(&mut out, &about.subject, resource, input.checks);
        for problem in resource.problems.iter().filter(|p| p.status.is_bad()) {
            out.findings.push(finding(input, &about, resource, problem));
        }
        inventory.insert(about.subject);
    }
    out.inventory = Some(inventory);
    out
}

fn about(resource: &ResourceHealth) -> SubjectRef {
    let named = &resource.resource;
    SubjectRef {
        subject: Subject::Resource(named.arn.clone()),
        name: named.name.clone(),
        kind: named.kind.clone(),
        region: named.region.clone(),
    }
}

fn finding(
    input: &ExamineInput<'_>,
    about: &SubjectRef,
    resource: &ResourceHealth,
    problem: &Problem,
) -> Finding {
    let (catalog, environment) = (input.catalog, &input.report.environment);
    Finding {
        about: about.clone(),
        check: problem.check.clone(),
        severity: severity(problem, input.critical),
        title: problem.title.clone(),
        evidence: problem.symptoms.clone(),
        recommendation: suggest::actions(catalog, environment, &resource.resource, &problem.check),
        impact: impact(resource, problem),
        slo_breach: problem.slo_breach,
        seen: problem.seen,
    }
}

/// What the indicator behind the problem says. Problems without one have no numbers.
fn impact(resource: &ResourceHealth, problem: &Problem) -> Impact {
    let check = problem.check.as_str();
    let check = check.strip_prefix(BURN_RATE).unwrap_or(check);
    let sli = resource.slis.iter().find(|sli| sli.sli == check);
    sli.map_or_else(Impact::default, |sli| Impact {
        requests_total: sli.total,
        requests_failed: sli.bad,
        slo_metric: Some(sli.sli.clone()),
        slo_target: Some(sli.target),
        slo_current: sli.value,
        unit: Some(sli.unit.clone()),
    })
}

/// Notes which checks on a resource of the report were judged, with these kinds of checks
/// switched on.
fn cover(
    out: &mut Examination,
    subject: &Subject,
    resource: &ResourceHealth,
    checks: &[EnabledCheck],
) {
    for pattern in &resource.unjudged {
        out.mark_unknown(subject, Checks::from_pattern(pattern));
    }
    // A report that says UNKNOWN and not of what has judged nothing; of a resource that is gone
    // nothing but that can be said.
    let nothing_judged = resource.status == Status::Unknown && resource.unjudged.is_empty();
    let is_gone = |p: &Problem| p.check == REGISTRY_DRIFT && p.status.is_bad();
    if nothing_judged || resource.problems.iter().any(is_gone) {
        out.mark_unknown(subject, Checks::All);
    }
    for problem in &resource.problems {
        if problem.status == Status::Unknown {
            out.mark_unknown(subject, Checks::Only(problem.check.clone()));
        }
    }
    let reason = |is_on: bool| match is_on {
        true => CleanReason::Healthy,
        false => CleanReason::NotChecked,
    };
    let state = reason(checks.contains(&EnabledCheck::ResourceStatus));
    for check in [RESOURCE_STATE, REGISTRY_DRIFT] {
        out.mark_clean(subject, Checks::Only(check.to_owned()), state);
    }
    let alarms_are_on = checks.contains(&EnabledCheck::CloudwatchAlarms);
    let all_alarms = Checks::from_pattern(alarms::ALL);
    out.mark_clean(subject, all_alarms, reason(alarms_are_on));
    if alarms_are_on {
        let no_data = resource.alarms.iter();
        for alarm in no_data.filter(|a| a.state == AlarmState::InsufficientData) {
            out.mark_unknown(subject, Checks::Only(alarms::check(&alarm.name)));
        }
    }
    let all_budgets = Checks::StartingWith(BURN_RATE.to_owned());
    out.mark_clean(subject, all_budgets, CleanReason::NotChecked);
    for sli in &resource.slis {
        let check = Checks::Only(sli.sli.clone());
        if proves_nothing(sli) {
            out.mark_unknown(subject, check);
        } else {
            out.mark_clean(subject, check, CleanReason::Healthy);
        }
        if sli.budget.is_some() {
            let check = Checks::Only(format!("{BURN_RATE}{}", sli.sli));
            out.mark_clean(subject, check, CleanReason::Healthy);
        }
    }
    out.mark_clean(subject, Checks::All, reason(resource.idle));
}

/// Whether a number that makes no problem is no sign of health either: it is not known, it
/// misses its target and another problem explains it, or it would miss its target if there
/// were events enough to judge by.
fn proves_nothing(sli: &SliResult) -> bool {
    match sli.verdict {
        Verdict::Unknown | Verdict::Breach | Verdict::Critical => true,
        Verdict::TooFewSamples => sli.misses_target(),
        Verdict::Ok | Verdict::Idle | Verdict::AtRisk => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::issue_fixtures::{
        World, catalog, function, function_arn, minute, problem, report, sli,
    };
    use EnabledCheck::{CloudwatchAlarms, CloudwatchMetrics, ResourceStatus};

    const ERRORS: &str = "error_rate_percent";

    #[test]
    fn only_what_was_judged_well_is_healthy() {
        for (value, verdict, is_clean) in [
            (0.0, Verdict::Ok, true),
            (0.0, Verdict::Idle, true),
            (0.09, Verdict::AtRisk, true),
            (0.0, Verdict::TooFewSamples, true),
            (9.0, Verdict::TooFewSamples, false),
            // Another problem explains these.
            (3.0, Verdict::Breach, false),
            (30.0, Verdict::Critical, false),
            (0.0, Verdict::Unknown, false),
        ] {
            let mut it = function("api", Vec::new());
            it.slis = vec![sli(ERRORS, value, 0.1, verdict)];
            let subject = Subject::Resource(function_arn("api"));
            let seen = examine(&ExamineInput {
                report: &report("prod", minute(0), vec![it]),
                catalog: catalog(),
                registered: &BTreeSet::new(),
                checks: &[CloudwatchMetrics],
                critical: true,
            });
            let only = Checks::Only(ERRORS.to_owned());
            let clean = seen
                .clean
                .iter()
                .any(|c| c.checks == only && c.subject == subject);
            let unknown = seen
                .unknown
                .iter()
                .any(|c| c.checks == only && c.subject == subject);
            assert_eq!((clean, unknown), (is_clean, !is_clean), "{verdict:?}");
        }
    }

    #[test]
    fn what_is_switched_off_is_not_called_healthy() {
        for (check, on, words) in [
            ("alarm/a", CloudwatchAlarms, "healthy for 1 run"),
            ("alarm/a", ResourceStatus, "no longer checked"),
            ("resource_state", ResourceStatus, "healthy for 1 run"),
            ("resource_state", CloudwatchMetrics, "no longer checked"),
            ("registry_drift", CloudwatchMetrics, "no longer checked"),
        ] {
            let mut world = World {
                resolve_after: 1,
                checks: vec![on],
                ..World::new()
            };
            let bad = function("api", vec![problem(check, Status::Degraded, "bad")]);
            world.run(&report("prod", minute(0), vec![bad]));
            world.run(&report(
                "prod",
                minute(5),
                vec![function("api", Vec::new())],
            ));
            let issue = world.resolved.values().next().expect("it is resolved");
            let event = issue.timeline.last().expect("an event");
            let detail = event.detail.as_ref().map_or("", |detail| detail.raw());
            assert!(detail.starts_with(words), "{check} {on:?}: {detail}");
        }
    }
}
