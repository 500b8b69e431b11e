//! What is to be said of a series, wherever it is from.

use jiff::Timestamp;

use crate::core::investigate::anomalies::{
    LimitForecast, OffHours, STRONG, SeriesRow, WeeklyBaseline, fit_trend, level_shifts, threshold,
    time_to_limit,
};
use crate::model::performance::{
    AnomalyRow, LimitReport, OffHoursRow, PerformanceReport, Quantiles, ShiftRow, TrendReport,
    WeeklyReport,
};
use crate::text::Untrusted;

/// The parts of the picture.
const PARTS: usize = 60;

/// A series, and what is known besides.
pub(super) struct SeriesView<'a> {
    /// What it is called.
    pub(super) source: Untrusted,
    /// At least one row, in order of time.
    pub(super) rows: &'a [SeriesRow],
    /// The score of each row.
    pub(super) scores: &'a [f64],
    /// Whether too few rows are known for any to be unusual.
    pub(super) too_short: bool,
    /// The value whose time is asked for.
    pub(super) limit: Option<f64>,
    /// What is usual at each hour of the week, where earlier weeks were read.
    pub(super) baseline: Option<&'a WeeklyBaseline>,
}

/// Says what is to be said; `None` where a time is out of range or there is no row.
pub(super) fn report(of: &SeriesView<'_>) -> Option<PerformanceReport> {
    let rows = of.rows;
    let time = |seconds: i64| Timestamp::from_second(seconds).ok();
    let mut anomalies = Vec::new();
    for (row, &score) in rows.iter().zip(of.scores) {
        let Some(value) = row.value.filter(|_| score >= threshold()) else {
            continue;
        };
        let strong = score >= STRONG / (1.0 + STRONG);
        let grade = if strong { "strong" } else { "unusual" };
        let score = (score * 1_000.0).round() / 1_000.0;
        anomalies.push(AnomalyRow {
            at: time(row.at)?,
            value,
            score,
            grade: grade.to_owned(),
        });
    }
    let trend = fit_trend(rows);
    let period = usual_period(rows);
    let (first, last) = (rows.first()?.at, rows.last()?.at);
    let values = rows.iter().filter(|row| row.value.is_some()).count();
    let expected = if period > 0 {
        ((last - first) / period + 1) as usize
    } else {
        rows.len()
    };
    Some(PerformanceReport {
        version: "1.0.0".to_owned(),
        kind: "performance".to_owned(),
        source: of.source.clone(),
        start: time(first)?,
        end: time(last)?,
        period_seconds: period,
        values,
        gaps: expected.max(rows.len()) - values,
        quantiles: quantiles(rows),
        trend: trend.map(|trend| TrendReport {
            slope_per_day: trend.slope,
            interval: trend.interval,
            certain: trend.is_sure(),
            days: trend.days,
        }),
        limit: of
            .limit
            .map(|limit| limit_report(limit, time_to_limit(trend, limit))),
        shifts: shifts(of),
        weekly: of.baseline.map(|baseline| weekly(baseline, rows)),
        anomalies,
        too_short: of.too_short,
        picture: picture(rows),
    })
}

fn shifts(of: &SeriesView<'_>) -> Vec<ShiftRow> {
    let usual = |at: i64| of.baseline.and_then(|baseline| baseline.usual(at));
    let found = level_shifts(of.rows, &usual).into_iter();
    let row = |shift: crate::core::investigate::anomalies::LevelShift| {
        Some(ShiftRow {
            at: Timestamp::from_second(shift.at).ok()?,
            before: shift.before,
            after: shift.after,
        })
    };
    found.filter_map(row).collect()
}

fn weekly(baseline: &WeeklyBaseline, rows: &[SeriesRow]) -> WeeklyReport {
    let row = |off: OffHours| {
        Some(OffHoursRow {
            start: Timestamp::from_second(off.start).ok()?,
            end: Timestamp::from_second(off.end).ok()?,
            value: off.value,
            usual: off.usual,
            weeks: off.weeks,
        })
    };
    WeeklyReport {
        hours_known: baseline.hours(),
        off: baseline.off(rows).into_iter().filter_map(row).collect(),
    }
}

fn usual_period(rows: &[SeriesRow]) -> i64 {
    let mut steps: Vec<i64> = rows
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(0)
}

fn quantiles(rows: &[SeriesRow]) -> Option<Quantiles> {
    let mut values: Vec<f64> = rows.iter().filter_map(|row| row.value).collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |part: f64| values[(part * last as f64).round() as usize];
    Some(Quantiles {
        min: at(0.0),
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        max: at(1.0),
    })
}

fn limit_report(value: f64, limit: LimitForecast) -> LimitReport {
    let round = |days: f64| (days * 10.0).round() / 10.0;
    let (outlook, earliest, latest) = match limit {
        LimitForecast::NotEnoughHistory => ("not-enough-history", None, None),
        LimitForecast::NoTrend => ("no-trend", None, None),
        LimitForecast::Reached => ("reached", None, None),
        LimitForecast::Within { earliest, latest } => ("within", Some(earliest), latest),
    };
    LimitReport {
        value,
        outlook: outlook.to_owned(),
        earliest_days: earliest.map(round),
        latest_days: latest.map(round),
    }
}

fn picture(rows: &[SeriesRow]) -> Vec<Option<f64>> {
    let (first, last) = (rows[0].at, rows[rows.len() - 1].at);
    let span = (last - first).max(1) as f64;
    let mut parts = vec![None; PARTS.min(rows.len())];
    let count = parts.len();
    for row in rows {
        let place = ((row.at - first) as f64 / span * count as f64) as usize;
        if let Some(value) = row.value {
            let part: &mut Option<f64> = &mut parts[place.min(count - 1)];
            *part = Some(part.map_or(value, |old| old.max(value)));
        }
    }
    parts
}
