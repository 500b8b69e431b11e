//! Until when reports and resolved issues stay.

use jiff::Timestamp;

use crate::model::helm::Helm;
use crate::model::issue::Issue;
use crate::model::monitoring::Monitoring;

const DAY_SECONDS: u64 = 86_400;
const REPORTS_SECONDS: u64 = 7 * DAY_SECONDS;
const RESOLVED_DAYS: u32 = 90;

/// How long things stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    reports_seconds: u64,
    resolved_seconds: u64,
}

impl Retention {
    /// From the settings. For resolved issues helm.toml counts, else monitoring.toml.
    pub fn resolve(helm: &Helm, monitoring: &Monitoring) -> Self {
        let helm = &helm.retention;
        let days = helm
            .resolved_days
            .or(monitoring.issues.retention_days)
            .unwrap_or(RESOLVED_DAYS);
        Self {
            reports_seconds: helm.reports.map_or(REPORTS_SECONDS, |text| text.seconds),
            resolved_seconds: u64::from(days) * DAY_SECONDS,
        }
    }

    /// Reports made before this leave the tree.
    pub fn reports_before(&self, now: Timestamp) -> Timestamp {
        before(now, self.reports_seconds)
    }

    /// Issues resolved before this leave the tree.
    pub fn resolved_before(&self, now: Timestamp) -> Timestamp {
        before(now, self.resolved_seconds)
    }
}

fn before(now: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Timestamp::from_second(now.as_second().saturating_sub(seconds)).unwrap_or(Timestamp::MIN)
}

/// Whether a resolved issue leaves the tree: resolved before this time. One without a time of
/// resolution was last seen before.
pub fn is_expired(resolved: &Issue, before: Timestamp) -> bool {
    resolved.resolved_at.unwrap_or(resolved.last_seen_at) < before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::issue_fixtures::{World, function, minute, problem, report};
    use crate::model::status::Status;

    fn retention(helm: &str, monitoring: &str) -> Retention {
        Retention::resolve(
            &toml::from_str(helm).expect("helm.toml"),
            &toml::from_str(monitoring).expect("monitoring.toml"),
        )
    }

    #[test]
    fn helm_counts_then_monitoring_then_ninety_days() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().expect("a time");
        let helm = "[retention]\nreports = \"12h\"\nresolved_days = 10";
        let monitoring = "[issues]\nretention_days = 30";
        for (helm, monitoring, reports, resolved) in [
            ("", "", "2026-11-14T10:00:00Z", "2026-08-23T10:00:00Z"),
            (
                "",
                monitoring,
                "2026-11-14T10:00:00Z",
                "2026-10-22T10:00:00Z",
            ),
            (
                helm,
                monitoring,
                "2026-11-20T22:00:00Z",
                "2026-11-11T10:00:00Z",
            ),
        ] {
            let it = retention(helm, monitoring);
            assert_eq!(it.reports_before(now).to_string(), reports);
            assert_eq!(it.resolved_before(now).to_string(), resolved);
        }
        let forever = retention("[retention]\nresolved_days = 4294967295", "");
        assert_eq!(forever.resolved_before(now), Timestamp::MIN);
    }

    #[test]
    fn issues_leave_by_the_time_of_their_resolution() {
        let mut world = World::new();
        let bad = vec![problem("x", Status::Degraded, "x")];
        for (minutes, problems) in [(0, bad), (5, Vec::new()), (10, Vec::new())] {
            world.run(&report(
                "prod",
                minute(minutes),
                vec![function("api", problems)],
            ));
        }
        let mut issue = world.resolved.values().next().expect("resolved").clone();
        let at = issue.resolved_at.expect("a time");
        let later = Timestamp::from_second(at.as_second() + 1).expect("a time");
        assert_eq!([at, later].map(|at| is_expired(&issue, at)), [false, true]);
        issue.resolved_at = None;
        let seen = issue.last_seen_at;
        assert_eq!(
            [seen, later].map(|at| is_expired(&issue, at)),
            [false, true]
        );
    }
}
