//! What `performance` prints.

use crate::app::App;
use crate::app::formats::SheetFormat;
use crate::error::{CommandError, ExitCode};
use crate::model::performance::{PerformanceReport, PerformanceSet};
use crate::render::{html, json, markdown, text};

/// Returns one series.
pub(crate) fn one(
    app: &App,
    report: &PerformanceReport,
    format: SheetFormat,
) -> Result<String, CommandError> {
    Ok(match format {
        SheetFormat::Json => json::pretty(report).map_err(CommandError::bug)?,
        SheetFormat::Markdown => markdown::performance(report),
        SheetFormat::Text => text::performance(report, &app.ui.style()),
        SheetFormat::Html => html::performance(report),
    })
}

/// Returns the metrics of resources.
pub(crate) fn set(
    app: &App,
    report: &PerformanceSet,
    format: SheetFormat,
    offset: i32,
) -> Result<String, CommandError> {
    Ok(match format {
        SheetFormat::Json => json::pretty(report).map_err(CommandError::bug)?,
        SheetFormat::Markdown => markdown::performance_set(report, offset),
        SheetFormat::Text => text::performance_set(report, offset, &app.ui.style()),
        SheetFormat::Html => html::performance_set(report, offset),
    })
}

/// Returns 0 where every metric could be read, and 3 where one could not be.
pub(crate) fn exit_code(report: &PerformanceSet) -> ExitCode {
    let asked = |gap: &crate::model::fact::Gap| gap.cause != crate::model::fact::GapCause::NotAsked;
    let unread = report
        .metrics
        .iter()
        .filter_map(|one| one.gap.as_ref())
        .any(asked);
    match unread {
        true => ExitCode::Unknown,
        false => ExitCode::Ok,
    }
}
