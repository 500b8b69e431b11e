//! Series whose truth is known.

use super::{SeriesRow, is_too_short, once_an_event, scores, strangeness, threshold};

const PERIOD: i64 = 300;
const DAY: usize = 288;

fn series(count: usize, value: impl Fn(usize) -> f64) -> Vec<SeriesRow> {
    (0..count)
        .map(|n| SeriesRow {
            at: n as i64 * PERIOD,
            value: Some(value(n)),
        })
        .collect()
}

/// Numbers between -1 and 1 that look like chance.
fn noise(n: usize) -> f64 {
    let mut state = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state ^= state >> 31;
    state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state ^= state >> 27;
    (state % 2_000_001) as f64 / 1_000_000.0 - 1.0
}

fn alerts(rows: &[SeriesRow]) -> Vec<usize> {
    let scores = scores(rows).into_iter().enumerate();
    scores
        .filter(|(_, score)| *score >= threshold())
        .map(|(index, _)| index)
        .collect()
}

fn wave(n: usize) -> f64 {
    100.0 + 50.0 * (n as f64 * std::f64::consts::TAU / DAY as f64).sin() + 4.0 * noise(n)
}

#[test]
fn a_daily_rhythm_is_normal_and_a_spike_is_not() {
    let quiet = alerts(&series(6 * 7 * DAY, wave));
    assert!(quiet.len() <= 2, "{quiet:?}");
    let spike = 20 * DAY + 77;
    let found = alerts(&series(30 * DAY, |n| {
        if (spike..spike + 6).contains(&n) {
            400.0
        } else {
            wave(n)
        }
    }));
    assert!(
        found.iter().any(|index| (spike..spike + 6).contains(index)),
        "{found:?}"
    );
}

#[test]
fn a_change_without_meaning_is_none_and_one_with_meaning_is() {
    let tiny = |n: usize| if n < 700 { 50.0 } else { 50.05 };
    assert_eq!(alerts(&series(2_000, tiny)), Vec::<usize>::new());
    let real = |n: usize| if n < 1_500 { tiny(n) } else { 53.0 };
    assert_eq!(alerts(&series(2_000, real)).first(), Some(&1_500));
}

#[test]
fn an_event_alerts_once_unless_it_becomes_twice_as_strange() {
    let alerts = |later: f64| {
        let mut strange = vec![0.0; 200];
        (strange[50], strange[70]) = (4.0, later);
        let once = once_an_event(strange);
        once.iter().filter(|strange| **strange > 0.0).count()
    };
    assert_eq!(alerts(9.0), 2);
    assert_eq!(alerts(7.0), 1);
}

#[test]
fn quiet_weekends_alert_at_the_first_only() {
    // Half as much from Saturday on, with edges of an hour.
    let share = |n: usize| {
        let row = n % (7 * DAY);
        let (down, up) = (5 * DAY, 7 * DAY);
        let edge = (DAY / 24) as f64;
        if row >= down {
            let into = (row - down) as f64 / edge;
            let before_end = (up - row) as f64 / edge;
            1.0 - 0.5 * into.min(before_end).min(1.0)
        } else {
            1.0
        }
    };
    let found = alerts(&series(6 * 7 * DAY, |n| share(n) * wave(n)));
    let first = found.iter().filter(|index| **index < 7 * DAY).count();
    assert!(first <= 3 && found.len() - first <= 1, "{found:?}");
}

#[test]
fn a_level_that_shifts_inside_the_usual_range_is_found() {
    let value = |n: usize| if n < 3_000 { wave(n) } else { 148.0 + noise(n) };
    let found = alerts(&series(3_600, value));
    assert!(
        found.iter().any(|index| (3_000..3_400).contains(index)),
        "{found:?}"
    );
}

#[test]
fn a_score_uses_only_rows_up_to_its_own() {
    let rows = series(1_500, wave);
    let mut other = rows.clone();
    for row in &mut other[1_200..] {
        row.value = Some(9_999.0);
    }
    assert_eq!(scores(&rows)[..1_200], scores(&other)[..1_200]);
}

#[test]
fn one_outlier_does_not_hide_the_next() {
    let value = |n: usize| match n {
        2_000 => 1e9,
        2_900..2_910 => 600.0,
        _ => wave(n),
    };
    let found = alerts(&series(3_500, value));
    assert!(found.contains(&2_000), "{found:?}");
    assert!(
        found.iter().any(|index| (2_900..2_910).contains(index)),
        "{found:?}"
    );
}

/// Ten minutes at 600, on a wave of days.
fn faults(days: &'static [(usize, usize)]) -> impl Fn(usize) -> f64 {
    move |n| {
        let inside = |(day, row): &(usize, usize)| {
            let start = day * DAY + row;
            (start..start + 3).contains(&n)
        };
        if days.iter().any(inside) {
            600.0
        } else {
            wave(n)
        }
    }
}

#[test]
fn the_same_fault_some_days_later_is_found_again() {
    const FAULTS: &[(usize, usize)] = &[(5, 70), (9, 70), (13, 200)];
    let found = alerts(&series(15 * DAY, faults(FAULTS)));
    for (day, row) in FAULTS {
        assert!(found.contains(&(day * DAY + row)), "{day}: {found:?}");
    }
}

#[test]
fn what_comes_every_day_or_week_is_soon_usual() {
    const DAILY: &[(usize, usize)] = &[(5, 70), (6, 71), (7, 69), (8, 70), (9, 71), (10, 70)];
    let found = alerts(&series(10 * DAY + 200, faults(DAILY)));
    assert!(found.iter().all(|index| *index < 7 * DAY), "{found:?}");
    const WEEKLY: &[(usize, usize)] = &[(5, 70), (12, 71), (19, 70), (26, 69), (33, 70)];
    let found = alerts(&series(35 * DAY, faults(WEEKLY)));
    assert!(found.iter().all(|index| *index < 6 * DAY), "{found:?}");
}

#[test]
fn a_level_that_stays_is_soon_usual() {
    let found = alerts(&series(20 * DAY, |n| {
        if n < 5 * DAY {
            50.0 + noise(n)
        } else {
            90.0 + noise(n)
        }
    }));
    assert!(found.contains(&(5 * DAY)), "{found:?}");
    assert!(found.iter().all(|index| *index < 6 * DAY), "{found:?}");
}

#[test]
fn what_happens_more_often_is_found() {
    let rare = |n: usize| noise(n).abs() < 0.02;
    let often = |n: usize| noise(n).abs() < 0.3;
    let from = 7 * DAY;
    let value = |n: usize| match n {
        n if n < from && rare(n) || n >= from && often(n) => 10.0 + noise(n + 7),
        n => noise(n).abs(),
    };
    let found = alerts(&series(9 * DAY, value));
    assert!(
        found.iter().any(|index| (from..from + 48).contains(index)),
        "{found:?}"
    );
}

#[test]
fn peaks_of_about_the_same_height_are_one_kind() {
    // At no time of the day or the week, and each a little higher than the one before.
    let value = |n: usize| {
        if n > DAY && n.is_multiple_of(331) {
            100.0 + n as f64 / 200.0
        } else {
            10.0 + noise(n)
        }
    };
    let found = alerts(&series(14 * DAY, value));
    assert!(found.iter().all(|index| *index < 4 * DAY), "{found:?}");
}

#[test]
fn a_gap_is_no_value() {
    let mut rows = series(2_000, |n| 50.0 + noise(n));
    for row in &mut rows[1_000..1_012] {
        row.value = None;
    }
    assert!(
        strangeness(&rows)[1_000..1_012]
            .iter()
            .all(|strange| *strange < 1.0)
    );
    assert_eq!(alerts(&rows), Vec::<usize>::new());
}

#[test]
fn nothing_breaks_without_rows_or_time() {
    assert!(scores(&[]).is_empty());
    let same = vec![
        SeriesRow {
            at: 0,
            value: Some(f64::NAN)
        };
        400
    ];
    assert_eq!(scores(&same).len(), 400);
}

#[test]
fn a_series_without_a_verdict_is_told_from_a_quiet_one() {
    assert!(is_too_short(&[]) && is_too_short(&series(DAY, |_| 1.0)));
    assert!(!is_too_short(&series(DAY + 1, |_| 1.0)));
}
