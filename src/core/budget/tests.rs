use jiff::Timestamp;
use proptest::prelude::*;

use super::burn::{Burn, assess};
use super::settings::PARTS;
use super::*;
use crate::model::monitoring::WhenNoData;
use crate::model::slo_budgets::{Bucket, DAY, HOUR};
use crate::model::status::Severity;

fn end() -> i64 {
    let end: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
    end.as_second()
}

/// Events of one length over spans that end so many seconds before the end.
fn series(spans: &[(i64, i64, u64, u64)]) -> EventSeries {
    let arn = Arn::new("arn:aws:lambda:eu-central-1:123456789012:function:api").expect("an ARN");
    let start = Timestamp::from_second(end() - 90 * DAY).expect("a time");
    let mut out = EventSeries::new(arn, "error_rate_percent".to_owned(), start);
    for (from, to, total, bad) in spans {
        let mut at = end() - from;
        while at < end() - to {
            let period = Bucket {
                observed: 300,
                total: *total,
                bad: *bad,
                length: 300,
            };
            out.count(at, period);
            at += 300;
        }
    }
    // As in a run: what is older than it reads is summed up.
    let fresh: Vec<_> = out
        .periods
        .range(end() - 2 * HOUR, end())
        .map(|(at, sum)| (at, *sum))
        .collect();
    out.settle(end(), None);
    out.recount(&fresh);
    out
}

fn objective(percent: f64, days: u32, mode: WhenNoData) -> Objective {
    Objective::new(percent, days, mode).expect("an objective")
}

fn assessed(series: &EventSeries, objective: Objective) -> Assessment {
    assess(&Burn {
        series,
        objective,
        end: end(),
        period: 300,
        min_samples: 20,
    })
}

fn alert(spans: &[(i64, i64, u64, u64)], percent: f64, days: u32) -> Option<(Severity, i64)> {
    let found = assessed(
        &series(spans),
        objective(percent, days, WhenNoData::Unknown),
    );
    match found.alert {
        AlertState::On(alert) => Some((alert.severity, alert.long_seconds)),
        AlertState::Off | AlertState::Unknown => None,
    }
}

const M: i64 = 60;

/// 36 requests an hour, of which so many in the last minutes fail one a period.
fn little_traffic(minutes: i64) -> Option<Severity> {
    let failing = minutes * M;
    let spans = [(3 * DAY, failing, 3, 0), (failing, 0, 3, 1)];
    alert(&spans, 99.9, 30).map(|(severity, _)| severity)
}

#[test]
fn a_few_failures_page_nobody() {
    for (minutes, expected) in [
        (0, None),
        (5, None),
        (10, None),
        (15, Some(Severity::Medium)),
        (20, Some(Severity::Medium)),
        (25, Some(Severity::Critical)),
    ] {
        assert_eq!(little_traffic(minutes), expected, "{minutes} minutes");
    }
}

#[test]
fn a_short_window_can_be_cut_to_what_is_new() {
    // Half an hour of failures that ended 20 minutes ago, behind three good days.
    let spans = [
        (3 * DAY, 50 * M, 100, 0),
        (50 * M, 20 * M, 100, 50),
        (20 * M, 0, 100, 0),
    ];
    let found = assessed(&series(&spans), objective(99.9, 30, WhenNoData::Unknown));
    let severity = |reset: i64| match found.windows.alert(reset) {
        AlertState::On(alert) => Some(alert.severity),
        AlertState::Off | AlertState::Unknown => None,
    };
    assert_eq!(severity(i64::MAX), Some(Severity::High));
    for reset in [0, 300, 1_200] {
        assert_eq!(severity(reset), None, "{reset} s");
    }
    assert_eq!(severity(1_800), Some(Severity::High));
    let resets = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
    ];
    let resets = resets.map(reset_seconds);
    assert_eq!(resets, [300, 1_800, i64::MAX, i64::MAX]);
}

#[test]
fn budgets_are_as_computed_by_hand() {
    use WhenNoData::{Bad, Good, Unknown};
    // 30 days with today begin 29.5 days before noon. 1,000 events every 5 minutes are
    // 288,000 a day and 8,496,000 in all; at 99.9 % 8,496 may fail.
    let whole = 29 * DAY + 12 * HOUR;
    let good = (whole, HOUR, 1_000, 0);
    // (spans, mode, used, left, rate, seconds left, coverage)
    type Row = (
        Vec<(i64, i64, u64, u64)>,
        WhenNoData,
        Option<f64>,
        Option<f64>,
        Option<u64>,
        f64,
    );
    let cases: Vec<Row> = vec![
        // Nothing failed.
        (
            vec![good, (HOUR, 0, 1_000, 0)],
            Unknown,
            Some(0.0),
            Some(0.0),
            None,
            100.0,
        ),
        // 12 × 10 of 8,496; 1 % against 0.1 % is 10 times; 98.588 % of 30 days at a tenth.
        (
            vec![good, (HOUR, 0, 1_000, 10)],
            Unknown,
            Some(1.412),
            Some(10.0),
            Some(255_539),
            100.0,
        ),
        // Everything failed for an hour: 12,000 of 8,496; a budget may be overdrawn.
        (
            vec![good, (HOUR, 0, 1_000, 1_000)],
            Unknown,
            Some(141.243),
            Some(1_000.0),
            Some(0),
            100.0,
        ),
        // Exactly used up: 8,496 = 12 × 708.
        (
            vec![good, (HOUR, 0, 1_000, 708)],
            Unknown,
            Some(100.0),
            Some(708.0),
            Some(0),
            100.0,
        ),
        // Idle: no events spend no budget.
        (vec![(whole, 0, 0, 0)], Unknown, None, None, None, 100.0),
        // Only the last hour was seen: 12 × 10 of 12,000 × 0.1 %; 1 of 708 hours.
        (
            vec![(HOUR, 0, 1_000, 10)],
            Unknown,
            Some(1_000.0),
            Some(10.0),
            Some(0),
            0.141,
        ),
        (
            vec![(HOUR, 0, 1_000, 10)],
            Good,
            Some(1_000.0),
            Some(10.0),
            Some(0),
            0.141,
        ),
        // 707 of 708 hours count as failed: (120/12000 + 707) / 708 of all, over 0.1 %.
        (
            vec![(HOUR, 0, 1_000, 10)],
            Bad,
            Some(99_860.169),
            Some(10.0),
            Some(0),
            0.141,
        ),
        // Nothing seen at all.
        (vec![], Unknown, None, None, None, 0.0),
        (vec![], Bad, Some(100_000.0), Some(1_000.0), Some(0), 0.0),
    ];
    for (spans, mode, used, rate, lasts, coverage) in cases {
        let found = assessed(&series(&spans), objective(99.9, 30, mode)).budget;
        let what = format!("{spans:?} {mode:?}");
        assert_eq!(found.consumed_percent, used, "{what}");
        assert_eq!(
            found.remaining_percent,
            used.map(|u| burn::tidy(100.0 - u)),
            "{what}"
        );
        assert_eq!(found.burn_rate, rate, "{what}");
        assert_eq!(found.exhausted_in_seconds, lasts, "{what}");
        assert_eq!(found.coverage_percent, coverage, "{what}");
    }
}

#[test]
fn alerts_need_both_windows_and_are_exact_at_their_limits() {
    use Severity::{Critical, High, Medium};
    let calm = |until: i64| (4 * DAY, until, 10_000, 0);
    // Per 10,000 events: 10 are the budget of 99.9 %, so 144 burn 14.4 times as fast.
    let cases = [
        ("calm", vec![calm(0)], None),
        (
            "14.4 is the limit",
            vec![calm(HOUR), (HOUR, 0, 10_000, 144)],
            None,
        ),
        (
            "14.5 is past it",
            vec![calm(HOUR), (HOUR, 0, 10_000, 145)],
            Some((Critical, HOUR)),
        ),
        // Over the hour (11 × 10,000 good): 1,740 of 120,000 is 14.5.
        (
            "5 minutes alone",
            vec![calm(5 * M), (5 * M, 0, 10_000, 1_740)],
            Some((Critical, HOUR)),
        ),
        // Over the hour 14.3, in the last 5 minutes 171.6: 6 hours have 2.4.
        (
            "too little in the hour",
            vec![calm(5 * M), (5 * M, 0, 10_000, 1_716)],
            None,
        ),
        // Ended 5 minutes ago: the short windows of 5 minutes is quiet, 30 minutes are not.
        // 6 hours have 11 × 2,000 of 720,000: 30.6 times.
        (
            "over since 5 minutes",
            vec![
                calm(HOUR),
                (HOUR, 5 * M, 10_000, 2_000),
                (5 * M, 0, 10_000, 0),
            ],
            Some((High, 6 * HOUR)),
        ),
        // Over 3 days that is 0.5.
        (
            "6 is the limit",
            vec![calm(6 * HOUR), (6 * HOUR, 0, 10_000, 60)],
            None,
        ),
        (
            "6.1 is past it",
            vec![calm(6 * HOUR), (6 * HOUR, 0, 10_000, 61)],
            Some((High, 6 * HOUR)),
        ),
        (
            "3 over a day",
            vec![calm(DAY), (DAY, 0, 10_000, 31)],
            Some((Medium, DAY)),
        ),
        (
            "1 over 3 days",
            vec![(4 * DAY, 0, 10_000, 11)],
            Some((Medium, 3 * DAY)),
        ),
        ("exactly 1", vec![(4 * DAY, 0, 10_000, 10)], None),
        // 19 events in the hour are too few, though all failed; in 6 hours there are enough.
        (
            "few events",
            vec![(4 * DAY, HOUR, 0, 0), (HOUR, 5 * M, 1, 1), (5 * M, 0, 8, 8)],
            None,
        ),
        (
            "just enough events",
            vec![(4 * DAY, HOUR, 0, 0), (HOUR, 5 * M, 1, 1), (5 * M, 0, 9, 9)],
            Some((Critical, HOUR)),
        ),
        ("idle", vec![(4 * DAY, 0, 0, 0)], None),
    ];
    for (what, spans, expected) in cases {
        assert_eq!(alert(&spans, 99.9, 30), expected, "{what}");
    }
}

#[test]
fn limits_stand_for_a_share_of_the_budget() {
    // An hour at 14.4 spends 2 % of 30 days; 2 % of 7 days are 3.36, of 90 days 43.2.
    let hour = |bad| [(4 * DAY, HOUR, 10_000, 0), (HOUR, 0, 10_000, bad)];
    let critical = Some((Severity::Critical, HOUR));
    for (days, past, within) in [(7, 34, 33), (28, 135, 134), (30, 145, 144), (90, 433, 432)] {
        assert_eq!(alert(&hour(past), 99.9, days), critical, "{days} d, {past}");
        assert_ne!(
            alert(&hour(within), 99.9, days),
            critical,
            "{days} d, {within}"
        );
    }
    // 10 % in 3 days of 7 would be 0.23: a budget that lasts is no trouble.
    assert_eq!(alert(&[(4 * DAY, 0, 10_000, 9)], 99.9, 7), None);
    // Of a budget of one day, no window is as long as the day itself.
    assert_eq!(
        alert(
            &[(DAY, 6 * HOUR, 10_000, 20), (6 * HOUR, 0, 10_000, 0)],
            99.9,
            1
        ),
        None
    );
}

#[test]
fn what_was_not_seen_is_neither_on_nor_off() {
    let state = |spans: &[(i64, i64, u64, u64)]| {
        assessed(&series(spans), objective(99.9, 30, WhenNoData::Unknown)).alert
    };
    assert_eq!(state(&[]), AlertState::Unknown);
    // Blind for the last 20 minutes while it burned.
    let blind = [(4 * DAY, 20 * M, 10_000, 200)];
    assert!(
        !matches!(state(&blind), AlertState::Off),
        "{:?}",
        state(&blind)
    );
    // A single bad period is no hour.
    assert_eq!(state(&[(5 * M, 0, 1_000, 100)]), AlertState::Unknown);
    let bad = assessed(&series(&[]), objective(99.9, 30, WhenNoData::Bad)).alert;
    assert_eq!(bad, AlertState::Off, "no events, and so no samples");
}

#[test]
fn days_end_at_what_is_left_now() {
    let series = series(&[
        (29 * DAY + 12 * HOUR, DAY, 1_000, 0),
        (DAY, 12 * HOUR, 1_000, 10),
        (12 * HOUR, 0, 1_000, 1),
    ]);
    let found = assessed(&series, objective(99.9, 30, WhenNoData::Unknown)).budget;
    let days = remaining_by_day(&series, &found, end(), end());
    assert_eq!(days.len(), 30);
    assert_eq!(days[0], Some(100.0));
    // 144 periods of 10 of 8,496 by midnight, then 144 of 1.
    assert_eq!(days[28], Some(83.051));
    assert_eq!(days[29], Some(81.356));
    assert_eq!(days[29], found.remaining_percent);
}

proptest! {
    /// Against the definition in whole numbers, for any history.
    #[test]
    fn alerts_are_the_definition(
        periods in prop::collection::vec((0_u64..2_000, 0_u64..40), 288),
        tenths in 1_u64..200,
    ) {
        let percent = 100.0 - tenths as f64 / 10.0;
        let objective = objective(percent, 30, WhenNoData::Unknown);
        prop_assert_eq!(objective.allowed, tenths * (PARTS / 1_000));
        let spans: Vec<_> = periods
            .iter()
            .enumerate()
            .map(|(number, (total, bad))| {
                let from = DAY - i64::try_from(number).expect("small") * 300;
                (from, from - 300, (*total).max(*bad), *bad)
            })
            .collect();
        let series = series(&spans);
        let last = |periods: usize| {
            let all = &spans[288 - periods..];
            let total: u64 = all.iter().map(|s| s.2).sum();
            let bad: u64 = all.iter().map(|s| s.3).sum();
            (total, bad)
        };
        // bad / total > limit × tenths / 1000, in tenths of the limit.
        let fast = |(total, bad): (u64, u64), limit: u64| bad * 10_000 > limit * tenths * total;
        let on = |long: usize, short: usize, limit: u64| {
            last(long).0 >= 20 && fast(last(long), limit) && fast(last(short), limit)
        };
        let expected = if on(12, 1, 144) {
            Some(Severity::Critical)
        } else if on(72, 6, 60) {
            Some(Severity::High)
        } else if on(288, 24, 30) {
            Some(Severity::Medium)
        } else {
            None
        };
        let found = assessed(&series, objective);
        // The last row looks back three days, which were not seen here.
        prop_assert_eq!(found.budget.alert, expected);
    }
}
