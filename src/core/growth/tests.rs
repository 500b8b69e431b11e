use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::core::history::{append, empty, entry};
use crate::core::issue_fixtures::{environment, function, minute, report};
use crate::core::issues::Reconciliation;
use crate::model::history::{History, HistoryEntry, RollUp, RunsByStatus};
use crate::model::ids::RunId;
use crate::model::status::Status;

const DAY_MINUTES: i64 = 24 * 60;

fn run(number: usize, minutes: i64) -> HistoryEntry {
    let seen = report("prod", minute(minutes), vec![function("api", Vec::new())]);
    let id = RunId::new(format!("20261121t100000z-{number:08x}"));
    HistoryEntry {
        run_id: id.expect("a run id"),
        requests_total: Some(100.0),
        requests_failed: None,
        estimated_cost_usd: 0.1,
        issues_opened: 1,
        ..entry(&seen, &Reconciliation::default())
    }
}

/// What everything in a history sums up to; cost in billionths, as it is kept.
#[derive(Debug, Default, PartialEq)]
struct Total {
    runs: u64,
    by_status: [u64; 4],
    requests: [Option<u64>; 2],
    issues: [u64; 2],
    partial: u64,
    cost: i64,
}

fn nanos(dollars: f64) -> i64 {
    (dollars * 1e9).round() as i64
}

impl Total {
    fn of(history: &History) -> Self {
        let mut out = Self::default();
        for entry in &history.entries {
            let one = |status| u64::from(entry.overall_health == status);
            out.add(
                1,
                [
                    one(Status::Healthy),
                    one(Status::Unknown),
                    one(Status::Degraded),
                    one(Status::Unhealthy),
                ],
                [entry.requests_total, entry.requests_failed].map(|n| n.map(|n| n as u64)),
                [entry.issues_opened.into(), entry.issues_resolved.into()],
                entry.partial.into(),
                nanos(entry.estimated_cost_usd),
            );
        }
        for sum in history.hourly.iter().chain(&history.daily) {
            let by = sum.by_status;
            out.add(
                sum.runs,
                [by.healthy, by.unknown, by.degraded, by.unhealthy],
                [sum.requests_total, sum.requests_failed],
                [sum.issues_opened, sum.issues_resolved],
                sum.partial_runs,
                nanos(sum.estimated_cost_usd),
            );
        }
        out
    }

    fn add(
        &mut self,
        runs: u64,
        by_status: [u64; 4],
        requests: [Option<u64>; 2],
        issues: [u64; 2],
        partial: u64,
        cost: i64,
    ) {
        self.runs += runs;
        self.partial += partial;
        self.cost += cost;
        for (sum, more) in self.by_status.iter_mut().zip(by_status) {
            *sum += more;
        }
        for (sum, more) in self.issues.iter_mut().zip(issues) {
            *sum += more;
        }
        for (sum, more) in self.requests.iter_mut().zip(requests) {
            if let Some(more) = more {
                *sum.get_or_insert(0) += more;
            }
        }
    }
}

fn starts(sums: &[RollUp]) -> Vec<i64> {
    sums.iter().map(|sum| sum.start.as_second()).collect()
}

fn well_formed(history: &History) {
    assert!(history.entries.len() <= MOST_ENTRIES);
    assert!(history.hourly.len() <= MOST_HOURLY);
    assert!(history.daily.len() <= MOST_DAILY);
    assert!(history.entries.is_sorted_by_key(|entry| entry.at));
    for (sums, unit) in [(&history.hourly, 3_600), (&history.daily, 86_400)] {
        let starts = starts(sums);
        assert!(starts.is_sorted_by(|a, b| a < b), "{starts:?}");
        assert!(starts.iter().all(|start| start % unit == 0), "{starts:?}");
        for sum in sums {
            let by = sum.by_status;
            let runs = by.healthy + by.unknown + by.degraded + by.unhealthy;
            assert_eq!(runs, sum.runs);
            let worst = match by {
                RunsByStatus { unhealthy: 1.., .. } => Status::Unhealthy,
                RunsByStatus { degraded: 1.., .. } => Status::Degraded,
                RunsByStatus { unknown: 1.., .. } => Status::Unknown,
                RunsByStatus { .. } => Status::Healthy,
            };
            assert_eq!(sum.worst, worst);
        }
    }
}

#[test]
fn entries_become_hours_after_a_week_and_days_after_a_month() {
    let mut history = empty(environment("prod"));
    // Two runs an hour, for 450 days.
    for number in 0..(450 * 24 * 2) {
        let minutes = number as i64 * 30;
        history = append(history, run(number, minutes), minute(minutes));
    }
    well_formed(&history);
    let lengths = [
        history.entries.len(),
        history.hourly.len(),
        history.daily.len(),
    ];
    // It ends at 09:30: the hours of the days before that are whole are 22 days and 10 hours.
    assert_eq!(lengths, [7 * 48, 22 * 24 + 10, 400 - 30]);
    let hour = &history.hourly[0];
    assert_eq!((hour.runs, hour.requests_total), (2, Some(200)));
    assert_eq!((hour.requests_failed, hour.issues_opened), (None, 2));
    assert!((hour.estimated_cost_usd - 0.2).abs() < f64::EPSILON);
    let day = &history.daily[1];
    assert_eq!((day.runs, day.requests_total), (48, Some(4_800)));
    // 48 × 0.1, added up in binary fractions, is 4.799999999999999.
    assert_eq!(day.estimated_cost_usd.to_string(), "4.8");
    // What comes after one another has no hole and no overlap.
    let (entries, hourly, daily) = (&history.entries, &history.hourly, &history.daily);
    let first = entries[0].at.as_second();
    assert_eq!(
        hourly.last().expect("hours").start.as_second(),
        first - 3_600
    );
    let first = hourly[0].start.as_second();
    assert_eq!(
        daily.last().expect("days").start.as_second(),
        first - 86_400
    );
}

#[test]
fn runs_that_commit_too_often_are_summed_early() {
    let mut history = empty(environment("prod"));
    for number in 0..5_000 {
        let minutes = number as i64;
        history = append(history, run(number, minutes), minute(minutes));
    }
    well_formed(&history);
    // Whole hours went.
    let first = history.entries[0].at.as_second();
    assert_eq!(first % 3_600, 0);
    assert!(history.entries.len() > MOST_ENTRIES - 60);
    assert_eq!(Total::of(&history).runs, 5_000);
    // All within one hour: the newest stay, or the next window would have no beginning.
    let mut history = empty(environment("prod"));
    for number in 0..2_100 {
        let mut one = run(number, 0);
        let second = minute(0).as_second() + number as i64;
        one.at = Timestamp::from_second(second).expect("a time");
        let now = one.at;
        history = append(history, one, now);
    }
    well_formed(&history);
    assert_eq!(history.entries.len(), MOST_ENTRIES);
    assert_eq!(Total::of(&history).runs, 2_100);
}

#[test]
fn a_clock_that_jumps_loses_no_run_within_the_days_that_are_kept() {
    let mut history = empty(environment("prod"));
    for (number, days) in [0, 1, 300, 2, 3, 301].into_iter().enumerate() {
        let minutes = days * DAY_MINUTES;
        history = append(history, run(number, minutes), minute(minutes));
        well_formed(&history);
    }
    assert_eq!(Total::of(&history).runs, 6);
}

fn an_entry() -> impl Strategy<Value = HistoryEntry> {
    let requests = || prop::option::of((0_u32..5_000_000).prop_map(f64::from));
    (
        (0_usize..500, 0_i64..60 * DAY_MINUTES, 0_usize..4),
        (requests(), requests(), any::<bool>()),
        (0_u32..9, 0_u32..9, 0_u32..2_000_000),
    )
        .prop_map(|(when, counts, sums)| HistoryEntry {
            overall_health: [
                Status::Healthy,
                Status::Unknown,
                Status::Degraded,
                Status::Unhealthy,
            ][when.2],
            requests_total: counts.0,
            requests_failed: counts.1,
            partial: counts.2,
            issues_opened: sums.0,
            issues_resolved: sums.1,
            estimated_cost_usd: f64::from(sums.2) / 1e7,
            ..run(when.0, when.1)
        })
}

fn entries() -> impl Strategy<Value = Vec<HistoryEntry>> {
    prop::collection::vec(an_entry(), 1..60).prop_map(|mut all| {
        for (number, entry) in all.iter_mut().enumerate() {
            entry.run_id = run(number, 0).run_id;
        }
        all
    })
}

proptest! {
    /// Within the 400 days nothing is lost and nothing counted twice, whatever the runs and
    /// whenever they are rolled up, a clock that goes back included.
    #[test]
    fn sums_are_those_of_the_entries(
        all in entries(),
        times in prop::collection::vec(0_i64..300 * DAY_MINUTES, 0..12),
    ) {
        let raw = History { entries: all.clone(), ..empty(environment("prod")) };
        let want = Total::of(&raw);
        let mut history = raw;
        for minutes in times {
            history = roll_up(history, minute(minutes));
            well_formed(&history);
            prop_assert_eq!(Total::of(&history), Total::of(&History { entries: all.clone(), ..empty(environment("prod")) }));
        }
        prop_assert_eq!(Total::of(&history), want);
    }

    #[test]
    fn rolling_up_twice_or_on_the_way_changes_nothing(
        all in entries(),
        early in 0_i64..200 * DAY_MINUTES,
        late in 0_i64..800 * DAY_MINUTES,
    ) {
        let raw = History { entries: all, ..empty(environment("prod")) };
        let once = roll_up(raw.clone(), minute(late));
        prop_assert_eq!(&roll_up(once.clone(), minute(late)), &once);
        let by_the_way = roll_up(raw, minute(early.min(late)));
        prop_assert_eq!(&roll_up(by_the_way, minute(late)), &once);
    }
}
