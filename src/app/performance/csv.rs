//! A series read from a CSV file, and what is to be said of it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::series::{SeriesView, report};
use crate::app::investigate::split_csv;
use crate::core::investigate::anomalies::{SeriesRow, scores};
use crate::error::CommandError;
use crate::model::performance::PerformanceReport;
use crate::text::Untrusted;

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
    let view = SeriesView {
        source: Untrusted::new(path.to_string_lossy()),
        rows: &series.rows,
        scores: &scores,
        limit,
        baseline: None,
    };
    report(&view).ok_or_else(|| fault(path, "holds a time out of range"))
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
