//! How urgent a problem is.

use crate::core::budget::BURN_RATE;
use crate::model::report::Problem;
use crate::model::status::{Severity, Status};

/// Returns what follows from a status alone: UNHEALTHY is CRITICAL in a critical environment
/// and HIGH elsewhere, DEGRADED is HIGH or MEDIUM.
pub fn severity_of_status(status: Status, critical_environment: bool) -> Severity {
    match (status == Status::Unhealthy, critical_environment) {
        (true, true) => Severity::Critical,
        (true, false) | (false, true) => Severity::High,
        (false, false) => Severity::Medium,
    }
}

/// Returns what follows from the status, a step lower where only an alarm says so. A severity that comes with the problem
/// counts as it is. A burn rate has its own severity, and raises that of the problem that it
/// belongs to.
pub fn severity(problem: &Problem, critical_environment: bool) -> Severity {
    if let Some(said) = problem.severity {
        return said;
    }
    let alarm_only = problem.alarm_only && !problem.slo_breach;
    let own = match (
        alarm_only && problem.status != Status::Unhealthy,
        critical_environment,
    ) {
        (true, true) => Severity::Medium,
        (true, false) => Severity::Low,
        (false, _) => severity_of_status(problem.status, critical_environment),
    };
    match problem.burn {
        Some(burn)
            if problem.check.starts_with(BURN_RATE) && problem.status == Status::Degraded =>
        {
            burn
        }
        Some(burn) => own.max(burn),
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_follows_status_evidence_and_environment() {
        use Severity::{Critical, High, Low, Medium};
        for (status, slo_breach, alarm_only, critical, elsewhere) in [
            (Status::Unhealthy, true, false, Critical, High),
            (Status::Unhealthy, false, false, Critical, High),
            (Status::Degraded, true, false, High, Medium),
            (Status::Degraded, false, false, High, Medium),
            (Status::Degraded, false, true, Medium, Low),
        ] {
            let problem = Problem {
                check: "x".to_owned(),
                status,
                severity: None,
                slo_breach,
                alarm_only,
                title: "x".into(),
                symptoms: Vec::new(),
                seen: 1,
                burn: None,
            };
            assert_eq!(severity(&problem, true), critical, "{problem:?}");
            assert_eq!(severity(&problem, false), elsewhere, "{problem:?}");
        }
    }
}
