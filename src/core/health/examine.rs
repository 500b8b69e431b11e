//! Why the problem of an issue is not in a report: it is over, or it was not looked for.

use crate::core::budget::BURN_RATE;
use crate::core::health::{REGISTRY_DRIFT, RESOURCE_STATE, alarm_check};
use crate::model::monitoring::EnabledCheck;
use crate::model::report::{ResourceHealth, SliResult};
use crate::model::snapshot::AlarmState;
use crate::model::status::{Status, Verdict};

/// Why a check that an issue is about shows no problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// It was not judged.
    Unjudged,
    /// It was judged and is well.
    Healthy,
    /// The resource was judged, and has no such check any more.
    NotChecked,
    /// The resource left the registry.
    Unregistered,
}

/// How the checks of alarms begin.
const ALARM: &str = "alarm/";

/// Why `check` shows no problem on a resource that the report holds, with these kinds of
/// checks switched on.
pub(crate) fn absence_on(
    resource: &ResourceHealth,
    check: &str,
    checks: &[EnabledCheck],
) -> Absence {
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
    let gone = check != REGISTRY_DRIFT
        && resource
            .problems
            .iter()
            .any(|p| p.check == REGISTRY_DRIFT && p.status.is_bad());
    if listed || nothing_judged || unknown_problem || gone {
        return Absence::Unjudged;
    }
    if check.starts_with(ALARM) {
        if !checks.contains(&EnabledCheck::CloudwatchAlarms) {
            return Absence::NotChecked;
        }
        let no_data = resource
            .alarms
            .iter()
            .any(|a| a.state == AlarmState::InsufficientData && alarm_check(&a.name) == check);
        return if no_data {
            Absence::Unjudged
        } else {
            Absence::Healthy
        };
    }
    if matches!(check, RESOURCE_STATE | REGISTRY_DRIFT) {
        return match checks.contains(&EnabledCheck::ResourceStatus) {
            true => Absence::Healthy,
            false => Absence::NotChecked,
        };
    }
    if let Some(sli) = check.strip_prefix(BURN_RATE) {
        let found = resource.slis.iter().find(|found| found.sli == sli);
        return match found.and_then(|sli| sli.budget.as_ref()) {
            Some(_) => Absence::Healthy,
            None => Absence::NotChecked,
        };
    }
    match resource.slis.iter().find(|sli| sli.sli == check) {
        Some(sli) if proves_nothing(sli) => Absence::Unjudged,
        Some(_) => Absence::Healthy,
        None if resource.idle => Absence::Healthy,
        None => Absence::NotChecked,
    }
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
    use crate::core::issue_fixtures::{World, function, minute, problem, report, sli};
    use EnabledCheck::{CloudwatchAlarms, CloudwatchMetrics, ResourceStatus};

    const ERRORS: &str = "error_rate_percent";

    #[test]
    fn only_what_was_judged_well_is_healthy() {
        for (value, verdict, expected) in [
            (0.0, Verdict::Ok, Absence::Healthy),
            (0.0, Verdict::Idle, Absence::Healthy),
            (0.09, Verdict::AtRisk, Absence::Healthy),
            (0.0, Verdict::TooFewSamples, Absence::Healthy),
            (9.0, Verdict::TooFewSamples, Absence::Unjudged),
            // Another problem explains these.
            (3.0, Verdict::Breach, Absence::Unjudged),
            (30.0, Verdict::Critical, Absence::Unjudged),
            (0.0, Verdict::Unknown, Absence::Unjudged),
        ] {
            let mut it = function("api", Vec::new());
            it.slis = vec![sli(ERRORS, value, 0.1, verdict)];
            assert_eq!(
                absence_on(&it, ERRORS, &[CloudwatchMetrics]),
                expected,
                "{verdict:?}"
            );
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
