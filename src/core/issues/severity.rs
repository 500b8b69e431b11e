//! How urgent a problem is.

use crate::model::report::Problem;
use crate::model::status::{Severity, Status};

/// Severity of a problem in an environment where trouble is `critical`, or not.
///
/// | problem | critical | else |
/// |---|---|---|
/// | UNHEALTHY | CRITICAL | HIGH |
/// | DEGRADED, an alarm is the only evidence | MEDIUM | LOW |
/// | DEGRADED otherwise, service level missed or not | HIGH | MEDIUM |
pub fn severity(problem: &Problem, critical: bool) -> Severity {
    let only_alarm = problem.alarm_only && !problem.slo_breach;
    match (problem.status == Status::Unhealthy, only_alarm, critical) {
        (true, _, true) => Severity::Critical,
        (true, _, false) | (false, false, true) => Severity::High,
        (false, false, false) | (false, true, true) => Severity::Medium,
        (false, true, false) => Severity::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Untrusted;

    #[test]
    fn follows_the_table() {
        use Severity::{Critical, High, Low, Medium};
        use Status::{Degraded, Unhealthy};
        for (status, slo_breach, alarm_only, in_critical, elsewhere) in [
            (Unhealthy, false, false, Critical, High),
            (Unhealthy, true, false, Critical, High),
            (Unhealthy, false, true, Critical, High),
            (Degraded, true, false, High, Medium),
            (Degraded, false, false, High, Medium),
            (Degraded, false, true, Medium, Low),
            // A missed service level is evidence besides the alarm.
            (Degraded, true, true, High, Medium),
        ] {
            let problem = Problem {
                check: "x".into(),
                status,
                slo_breach,
                alarm_only,
                title: Untrusted::default(),
                symptoms: Vec::new(),
                seen: 1,
            };
            assert_eq!(severity(&problem, true), in_critical, "{problem:?}");
            assert_eq!(severity(&problem, false), elsewhere, "{problem:?}");
        }
    }
}
