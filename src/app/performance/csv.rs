//! A series read from a CSV file, and what is to be said of it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::series::{SeriesView, report};
use crate::app::table::{self, Table};
use crate::core::investigate::anomalies::{SeriesRow, is_too_short, scores};
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
    // Files are in any order; what is said of a series goes along its time.
    let mut order: Vec<usize> = (0..series.rows.len()).collect();
    order.sort_by_key(|&index| series.rows[index].at);
    let rows: Vec<SeriesRow> = order.iter().map(|&index| series.rows[index]).collect();
    let in_time = scores(&rows);
    if let Some(to) = scores_to {
        let mut in_file = vec![0.0; in_time.len()];
        for (&index, &score) in order.iter().zip(&in_time) {
            in_file[index] = score;
        }
        write_scores(&series, &in_file, to)?;
    }
    let view = SeriesView {
        source: Untrusted::new(path.to_string_lossy()),
        rows: &rows,
        scores: &in_time,
        too_short: is_too_short(&rows),
        limit,
        baseline: None,
    };
    report(&view).ok_or_else(|| table::fault(path, "holds a time out of range"))
}

fn read(path: &Path) -> Result<CsvSeries, CommandError> {
    let table = Table::read(path)?;
    let find = |name: &str| {
        let mut names = table.head.iter();
        names.position(|field| field.eq_ignore_ascii_case(name))
    };
    let (Some(time), Some(value)) = (find("timestamp"), find("value")) else {
        let error = table.fault("has no columns `timestamp` and `value`");
        return Err(error.hint("the first line names the columns: timestamp,value"));
    };
    let mut series = CsvSeries {
        names: Vec::new(),
        rows: Vec::new(),
    };
    for row in table.rows() {
        series.names.push(row.text(time).to_owned());
        series.rows.push(SeriesRow {
            at: row.time(time)?.floor() as i64,
            value: row.value(value)?,
        });
    }
    if series.rows.is_empty() {
        return Err(table.fault("has no rows"));
    }
    Ok(series)
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
