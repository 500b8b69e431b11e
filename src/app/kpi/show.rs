//! What `kpi` prints.

use crate::app::App;
use crate::app::formats::ReportFormat;
use crate::error::CommandError;
use crate::model::kpi_report::KpiReport;
use crate::render::{json, markdown, text};

/// Returns the report in a format.
pub(super) fn text(
    app: &App,
    report: &KpiReport,
    format: ReportFormat,
) -> Result<String, CommandError> {
    match format {
        ReportFormat::Text => Ok(text::kpis(report, &app.ui.style())),
        ReportFormat::Json => json::pretty(report).map_err(CommandError::bug),
        ReportFormat::Markdown => Ok(markdown::kpis(report)),
    }
}
