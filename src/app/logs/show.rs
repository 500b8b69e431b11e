//! What `logs` prints.

use crate::app::App;
use crate::app::answer::output;
use crate::app::formats::ReportFormat;
use crate::error::{CommandError, ExitCode};
use crate::model::log_events::{LogCoverage, LogLine, LogLines, LogOutput};
use crate::model::log_report::LogReport;
use crate::render::text::LinePrinter;
use crate::render::{json, markdown, text};

/// Returns an event, or what was read, as a line of JSON.
fn json_line(entry: &LogOutput<'_>) -> Result<String, CommandError> {
    let line = json::line(entry).map_err(CommandError::bug)?;
    Ok(format!("{line}\n"))
}

/// Returns the patterns of lines.
pub(crate) fn patterns(
    app: &App,
    report: &LogReport,
    format: ReportFormat,
) -> Result<String, CommandError> {
    Ok(match format {
        ReportFormat::Json => json::pretty(report).map_err(CommandError::bug)?,
        ReportFormat::Markdown => markdown::log_report(report),
        ReportFormat::Text => text::log_report(report, &app.ui.style()),
    })
}

/// Returns the events of a span. JSON is one line for each event, and one for what was read.
pub(crate) fn events(
    app: &App,
    report: &LogLines,
    format: ReportFormat,
    offset: i32,
) -> Result<String, CommandError> {
    Ok(match format {
        ReportFormat::Json => {
            let mut out = String::new();
            for line in &report.lines {
                out.push_str(&json_line(&LogOutput::Event(line))?);
            }
            out.push_str(&json_line(&LogOutput::Coverage(&report.coverage))?);
            out
        }
        ReportFormat::Markdown => markdown::log_lines(report, offset),
        ReportFormat::Text => text::log_lines(report, offset, &app.ui.style()),
    })
}

/// Returns 0 where everything was read, and 3 where something could not be.
pub(crate) fn exit_code(coverage: Option<&LogCoverage>) -> ExitCode {
    match coverage.is_none_or(LogCoverage::is_read) {
        true => ExitCode::Ok,
        false => ExitCode::Unknown,
    }
}

/// Prints events as they come.
pub(crate) struct Follow(Option<LinePrinter>);

impl Follow {
    /// One for this format; there is none for documents, which have an end.
    pub(crate) fn new(app: &App, format: ReportFormat, offset: i32) -> Result<Self, CommandError> {
        if app.global.output.is_some() {
            return Err(
                CommandError::usage("`--follow` writes to standard output only")
                    .hint("redirect it: fractary logs --follow > FILE"),
            );
        }
        match format {
            ReportFormat::Text => {
                let printer = LinePrinter::new(app.ui.style(), offset, true);
                Ok(Self(Some(printer)))
            }
            ReportFormat::Json => Ok(Self(None)),
            ReportFormat::Markdown => Err(CommandError::usage(
                "`--follow` has no end, and a Markdown document has one",
            )
            .hint("available formats: text, json")),
        }
    }

    /// Prints an event.
    pub(crate) fn print(&mut self, app: &App, line: &LogLine) -> Result<(), CommandError> {
        let text = match &mut self.0 {
            Some(printer) => printer.print(line),
            None => json_line(&LogOutput::Event(line))?,
        };
        output::write(app, &text)
    }
}
