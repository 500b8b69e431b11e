//! A series read from a CSV file, and what is to be said of it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::app::investigate::split_csv;
use crate::core::investigate::anomalies::{
    LimitForecast, STRONG, SeriesRow, fit_trend, scores, threshold, time_to_limit,
};
use crate::error::CommandError;
use crate::model::performance::{
    AnomalyRow, LimitReport, PerformanceReport, Quantiles, TrendReport,
};
use crate::text::Untrusted;

/// The parts of the picture.
const PARTS: usize = 60;

/// A series as it stands in its file.
struct CsvSeries {
    /// The times as they are written.
    names: Vec<String>,
    rows: Vec<SeriesRow>,
}

/// Looks at a series; writes the score of every row where a file for them is named.
pub(crate) fn read_file(
    path: &Path,
    scores_to: Option<&Path>,
    limit: Option<f64>,
) -> Result<PerformanceReport, CommandError> {
    let series = read(path)?;
    let scores = scores(&series.rows);
    if let Some(to) = scores_to {
        write_scores(&series, &scores, to)?;
    }
    report(path, &series.rows, &scores, limit)
}

fn fault(path: &Path, what: &str) -> CommandError {
    CommandError::usage(format!(
        "{} {what}",
        Untrusted::new(path.to_string_lossy()).terminal()
    ))
}

fn read(path: &Path) -> Result<CsvSeries, CommandError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let shown = Untrusted::new(path.to_string_lossy()).terminal();
        CommandError::usage(format!("could not read {shown}: {error}"))
    })?;
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let head = lines
        .next()
        .map(|(_, line)| split_csv(line))
        .unwrap_or_default();
    let find = |name: &str| {
        head.iter()
            .position(|field| field.trim().eq_ignore_ascii_case(name))
    };
    let (Some(time), Some(value)) = (find("timestamp"), find("value")) else {
        return Err(fault(path, "has no columns `timestamp` and `value`")
            .hint("the first line names the columns: timestamp,value"));
    };
    let mut series = CsvSeries {
        names: Vec::new(),
        rows: Vec::new(),
    };
    for (number, line) in lines {
        let fields = split_csv(line);
        let name = fields.get(time).map(String::as_str).unwrap_or_default();
        let at = parse(name).ok_or_else(|| {
            fault(path, &format!("line {}: no time", number + 1))
                .hint("times are written like 2026-11-29 14:05:00, in UTC")
        })?;
        let value = fields
            .get(value)
            .and_then(|text| text.trim().parse::<f64>().ok());
        series.names.push(name.to_owned());
        series.rows.push(SeriesRow {
            at,
            value: value.filter(|value| value.is_finite()),
        });
    }
    if series.rows.is_empty() {
        return Err(fault(path, "has no rows"));
    }
    Ok(series)
}

/// Seconds since 1970 of a time in ISO 8601, in UTC without an offset, or of a number.
fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second());
    }
    text.parse::<f64>()
        .ok()
        .filter(|seconds| seconds.is_finite())
        .map(|seconds| seconds as i64)
}

fn write_scores(series: &CsvSeries, scores: &[f64], to: &Path) -> Result<(), CommandError> {
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::new(File::create(to)?);
        writeln!(out, "timestamp,anomaly_score")?;
        for (name, score) in series.names.iter().zip(scores) {
            writeln!(
                out,
                "{},{score:.6}",
                Untrusted::new(name.as_str()).redacted()
            )?;
        }
        out.flush()
    };
    write()
        .map_err(|error| CommandError::usage(format!("could not write {}: {error}", to.display())))
}

fn report(
    path: &Path,
    rows: &[SeriesRow],
    scores: &[f64],
    limit: Option<f64>,
) -> Result<PerformanceReport, CommandError> {
    let time = |seconds: i64| {
        Timestamp::from_second(seconds).map_err(|_| fault(path, "holds a time out of range"))
    };
    let mut anomalies = Vec::new();
    for (row, &score) in rows.iter().zip(scores) {
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
    let (first, last) = (rows[0].at, rows[rows.len() - 1].at);
    let values = rows.iter().filter(|row| row.value.is_some()).count();
    let expected = if period > 0 {
        ((last - first) / period + 1) as usize
    } else {
        rows.len()
    };
    Ok(PerformanceReport {
        version: "1.0.0".to_owned(),
        kind: "performance".to_owned(),
        source: Untrusted::new(path.to_string_lossy()),
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
        limit: limit.map(|limit| limit_report(limit, time_to_limit(trend, limit))),
        anomalies,
        picture: picture(rows),
    })
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
