//! `fractary optimize`: what the key figures say about what to work on. Changes nothing.

use jiff::Timestamp;

use crate::app::answer::output;
use crate::app::formats::ReportFormat;
use crate::app::kpi;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::optimize::analyze::{AnalysisDepth, analyze, unknown_focus};
use crate::core::optimize::roadmap;
use crate::error::CommandError;
use crate::model::kpi_report::KpiReport;
use crate::model::optimize::PlanScenario;
use crate::render::{json, markdown, text};
use crate::text::escape;

/// The farthest that is planned for.
const FARTHEST_DAYS: u64 = 90;
const DAY: u64 = 86_400;

/// Says where points are lost.
pub(crate) fn show_analysis(
    app: &App,
    depth: AnalysisDepth,
    focus: &[String],
    format: ReportFormat,
) -> Outcome {
    let report = collect(app)?;
    if let [first, ..] = unknown_focus(&report, focus)[..] {
        let names: Vec<&str> = report.kpis.iter().map(|row| row.name.as_str()).collect();
        let shown = escape::terminal(first);
        let what = format!("`{shown}` is neither a category nor a key figure with a source");
        return Err(CommandError::usage(what).hint(format!(
            "categories: frontend, backend, business, agent; key figures: {}",
            names.join(", ")
        )));
    }
    let analysis = analyze(&report, depth, focus);
    let answer = match format {
        ReportFormat::Json => json::pretty(&analysis).map_err(CommandError::bug)?,
        ReportFormat::Markdown => markdown::optimization_analysis(&analysis),
        ReportFormat::Text => text::optimization_analysis(&analysis, &app.ui.style()),
    };
    output::write(app, &answer)?;
    Ok(kpi::exit_code(app.global.fail_on, analysis.status))
}

/// Says what to work on until a time.
pub(crate) fn show_plan(
    app: &App,
    horizon_seconds: u64,
    scenarios: &[PlanScenario],
    format: ReportFormat,
) -> Outcome {
    if horizon_seconds == 0 || horizon_seconds > FARTHEST_DAYS * DAY {
        return Err(
            CommandError::usage("nothing can be planned for this horizon")
                .hint(format!("`--horizon 7d`, and at most `{FARTHEST_DAYS}d`")),
        );
    }
    let report = collect(app)?;
    let seconds = i64::try_from(horizon_seconds).map_err(CommandError::bug)?;
    let end = report.generated_at.as_second().saturating_add(seconds);
    let horizon = Timestamp::from_second(end).map_err(CommandError::bug)?;
    let chosen = match scenarios {
        [] => &PlanScenario::ALL[..],
        some => some,
    };
    let plan = roadmap::plan(&report, horizon, chosen);
    let answer = match format {
        ReportFormat::Json => json::pretty(&plan).map_err(CommandError::bug)?,
        ReportFormat::Markdown => markdown::optimization_roadmap(&plan),
        ReportFormat::Text => text::optimization_roadmap(&plan, &app.ui.style()),
    };
    output::write(app, &answer)?;
    Ok(kpi::exit_code(app.global.fail_on, report.status))
}

fn collect(app: &App) -> Result<KpiReport, CommandError> {
    let workspace = open::load(app)?;
    let collected = kpi::collect_chosen(app, &workspace)?;
    Ok(kpi::report(&workspace, &collected))
}
