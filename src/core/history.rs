//! The history of one environment: one compact entry per committed run.
//!
//! Older runs are kept as sums by hour and by day ([`growth::roll_up`]).

use jiff::Timestamp;

use crate::core::growth;
use crate::core::issues::{ChangeKind, Reconciliation};
use crate::model::history::{History, HistoryEntry};
use crate::model::ids::EnvironmentName;
use crate::model::report::{HealthReport, ResourceCounts};

/// A history without entries.
pub fn empty(environment: EnvironmentName) -> History {
    History {
        version: "1.0.0".to_owned(),
        environment,
        entries: Vec::new(),
        hourly: Vec::new(),
        daily: Vec::new(),
    }
}

/// The entry for a run.
pub fn entry(report: &HealthReport, reconciliation: &Reconciliation) -> HistoryEntry {
    let count = |kind| reconciliation.count(kind);
    HistoryEntry {
        run_id: report.run_id.clone(),
        at: report.generated_at,
        window_start: report.window.start,
        window_end: report.window.end,
        overall_health: report.overall_health,
        resources: report.resources,
        issues_opened: count(ChangeKind::Opened).saturating_add(count(ChangeKind::Reopened)),
        issues_resolved: count(ChangeKind::Resolved),
        issues_active: u32::try_from(reconciliation.open.len()).unwrap_or(u32::MAX),
        requests_total: report.metrics_summary.get("requests_total").copied(),
        requests_failed: report.metrics_summary.get("requests_failed").copied(),
        partial: report.partial,
        estimated_cost_usd: report.api.estimated_cost_usd,
    }
}

/// Adds an entry and rolls up what is old. An entry of the same run replaces the one that is
/// there, so that a repeated write changes nothing.
pub fn append(mut history: History, entry: HistoryEntry, now: Timestamp) -> History {
    history.entries.retain(|old| old.run_id != entry.run_id);
    history.entries.push(entry);
    growth::roll_up(history, now)
}

/// Where the last observation ended, so that the next begins there. Runs that saw no numbers
/// observed nothing: the span they missed is judged again. Neither did runs of the future,
/// made by a clock that was wrong.
pub fn last_window_end(history: &History, now: Timestamp) -> Option<Timestamp> {
    let seen = history.entries.iter();
    let numbers = |e: &HistoryEntry| saw_numbers(&e.resources, e.partial, e.requests_total);
    let seen = seen.filter(|e| e.window_end <= now && numbers(e));
    seen.map(|e| e.window_end).max()
}

/// The same from the newest report alone, which most often says it; `None` where it does not,
/// and the history has to be asked.
pub fn window_end_of_latest(latest: &HealthReport, now: Timestamp) -> Option<Timestamp> {
    let requests = latest.metrics_summary.get("requests_total").copied();
    let seen = saw_numbers(&latest.resources, latest.partial, requests);
    (seen && latest.window.end <= now).then_some(latest.window.end)
}

/// Whether a run read metrics. Without any of them nothing is healthy and nothing was counted,
/// whatever was seen to be gone or broken.
fn saw_numbers(resources: &ResourceCounts, partial: bool, requests_total: Option<f64>) -> bool {
    resources.unknown < resources.total
        && (!partial || resources.healthy > 0 || requests_total.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::issue_fixtures::{
        World, environment, function, minute, problem, report, unknown,
    };
    use crate::model::status::Status;

    fn at_minute(minutes: i64) -> HistoryEntry {
        let seen = report("prod", minute(minutes), vec![function("api", Vec::new())]);
        entry(&seen, &Reconciliation::default())
    }

    #[test]
    fn entries_are_sorted_and_unique_and_older_ones_become_sums() {
        let mut history = empty(environment("prod"));
        let week = 7 * 24 * 60;
        for minutes in [70, 0, 5, 5, week, week + 5] {
            history = append(history, at_minute(minutes), minute(minutes));
        }
        let kept: Vec<_> = history.entries.iter().map(|e| e.at).collect();
        assert_eq!(kept, [minute(70), minute(week), minute(week + 5)]);
        let sums: Vec<_> = history.hourly.iter().map(|h| (h.start, h.runs)).collect();
        assert_eq!(sums, [(minute(0), 2)]);
        let again = append(history.clone(), at_minute(week + 5), minute(week + 5));
        assert_eq!(again, history);
    }

    #[test]
    fn the_next_window_begins_where_something_was_last_seen() {
        let mut history = empty(environment("prod"));
        assert_eq!(last_window_end(&history, minute(60)), None);
        history = append(history, at_minute(0), minute(0));
        let blind = report("prod", minute(5), vec![unknown("api")]);
        let blind = entry(&blind, &Reconciliation::default());
        history = append(history, blind, minute(5));
        assert_eq!(last_window_end(&history, minute(60)), Some(minute(0)));
    }

    #[test]
    fn runs_without_numbers_and_runs_of_the_future_observed_nothing() {
        let run = |minutes: i64, checks| {
            let mut seen = report("prod", minute(minutes), checks);
            seen.partial = true;
            entry(&seen, &Reconciliation::default())
        };
        let gone = || {
            function(
                "b",
                vec![problem("registry_drift", Status::Unhealthy, "gone")],
            )
        };
        let blind = run(10, vec![unknown("a"), gone()]);
        let some = run(15, vec![unknown("a"), gone(), function("c", Vec::new())]);
        let mut counted = run(20, vec![unknown("a"), gone()]);
        counted.requests_total = Some(0.0);
        let wrong_clock = at_minute(500);
        let last = |entry: HistoryEntry| {
            let mut history = empty(environment("prod"));
            history = append(history, at_minute(5), minute(5));
            history = append(history, entry, minute(25));
            last_window_end(&history, minute(25))
        };
        assert_eq!(last(blind), Some(minute(5)));
        assert_eq!(last(some), Some(minute(15)));
        assert_eq!(last(counted), Some(minute(20)));
        assert_eq!(last(wrong_clock), Some(minute(5)));
    }

    #[test]
    fn an_entry_counts_what_the_run_did() {
        let mut world = World::new();
        let bad = vec![
            problem("x", Status::Degraded, "x"),
            problem("y", Status::Unhealthy, "y"),
        ];
        let mut seen = report("prod", minute(0), vec![function("api", bad)]);
        seen.metrics_summary.insert("requests_total".into(), 12.0);
        let entry = entry(&seen, &world.run(&seen));
        assert_eq!(
            (
                entry.issues_opened,
                entry.issues_resolved,
                entry.issues_active
            ),
            (2, 0, 2)
        );
        assert_eq!(
            (entry.requests_total, entry.requests_failed),
            (Some(12.0), None)
        );
        assert_eq!(entry.overall_health, Status::Unhealthy);
    }
}
