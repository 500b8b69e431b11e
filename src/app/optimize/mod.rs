//! `fractary optimize`: what the key figures say about what to work on, and cycles that do it.

mod cycle;
mod judge;
pub mod options;
mod playbooks;
mod record;

use jiff::Timestamp;

use crate::app::answer::{faults, output};
use crate::app::formats::ReportFormat;
use crate::app::kpi;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::{Workspace, load, open};
use crate::app::{App, Outcome};
use crate::core::optimize::analyze::{AnalysisDepth, analyze, unknown_focus};
use crate::core::optimize::cycles;
use crate::core::optimize::learn::learned;
use crate::core::optimize::roadmap;
use crate::error::{CommandError, ExitCode};
use crate::git::Repository;
use crate::model::ids::EnvironmentName;
use crate::model::kpi_report::KpiReport;
use crate::model::optimization::{CyclePhase, CycleReport};
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
    let workspace = open::load(app)?;
    let collected = kpi::collect_chosen(app, &workspace)?;
    let report = kpi::report(&workspace, &collected);
    let seconds = i64::try_from(horizon_seconds).map_err(CommandError::bug)?;
    let end = report.generated_at.as_second().saturating_add(seconds);
    let horizon = Timestamp::from_second(end).map_err(CommandError::bug)?;
    let chosen = match scenarios {
        [] => &PlanScenario::ALL[..],
        some => some,
    };
    let mut plan = roadmap::plan(&report, horizon, chosen);
    let recorded = record::history(&workspace, &report.environment);
    let learned = learned(recorded, app.clock.now());
    roadmap::add_playbooks(&mut plan, &kpi::document(&workspace)?.playbooks, &learned);
    let answer = match format {
        ReportFormat::Json => json::pretty(&plan).map_err(CommandError::bug)?,
        ReportFormat::Markdown => markdown::optimization_roadmap(&plan),
        ReportFormat::Text => text::optimization_roadmap(&plan, &app.ui.style()),
    };
    output::write(app, &answer)?;
    Ok(kpi::exit_code(app.global.fail_on, report.status))
}

/// Key figures that an emergency works on, where nothing else is asked for.
pub(crate) const MOST_ISSUES: usize = 3;

/// How an emergency is told, and how much is done about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EmergencyLimits {
    /// The score below which there is one, 0 to 100, where it is not that of kpis.toml.
    pub(crate) threshold: Option<f64>,
    /// Key figures that are worked on.
    pub(crate) max_issues: usize,
}

/// How a cycle is run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct CycleRequest {
    /// `--yes`.
    pub(crate) yes: bool,
    /// Whether somebody is asked.
    pub(crate) asks: bool,
    /// Whether nothing new is begun.
    pub(crate) judges_only: bool,
    /// Of `optimize emergency`.
    pub(crate) emergency: Option<EmergencyLimits>,
}

/// Does a cycle in the chosen environment, or the next step of one, and shows what it came to.
pub(crate) fn run_cycle(app: &App, request: CycleRequest, format: ReportFormat) -> Outcome {
    if app.global.write {
        return Err(CommandError::usage(
            "what was changed in AWS is always committed, so `--write` is not possible",
        )
        .hint("`--dry-run` shows what would be done, and changes nothing"));
    }
    if app.global.replay.is_some() && !app.global.dry_run {
        let what = "a recording shows what a cycle would do, and nothing is done by it";
        return Err(CommandError::usage(what).hint("add `--dry-run`"));
    }
    let landing = match app.global.dry_run {
        true => Landing::Nothing,
        false => Landing::Commit,
    };
    let workspace = open::load_to_land(app, landing)?;
    let names = workspace.settings().choose(&app.global.env)?;
    let [name] = &names[..] else {
        return Err(CommandError::usage("a cycle is for one environment").hint("give `--env` once"));
    };
    let request = CycleRequest {
        // A dry run shows what consent would do.
        asks: !request.yes && (app.global.dry_run || cycle::is_attended(app)),
        ..request
    };
    let templates = load::load_from(&app.ui, workspace.repository.clone())?.templates;
    let report = cycle::in_environment(app, workspace, name, &request)?;
    let answer = match format {
        ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
        ReportFormat::Markdown => {
            let page = markdown::optimization_cycle(&report, &templates);
            page.map_err(faults::template)?
        }
        ReportFormat::Text => text::optimization_cycle(&report, &app.ui.style()),
    };
    output::write(app, &answer)?;
    Ok(match report.phase {
        CyclePhase::Unreliable => ExitCode::Unknown,
        _ => ExitCode::Ok,
    })
}

/// What a run has to do in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DueCycle {
    /// The environment.
    pub(crate) environment: EnvironmentName,
    /// Whether a cycle may begin; else what is watched is judged.
    pub(crate) begins: bool,
}

/// Lists what a run has to do, as `[optimize] every` of kpis.toml says.
pub(crate) fn due(app: &App, workspace: &Workspace, names: &[EnvironmentName]) -> Vec<DueCycle> {
    let kpis = workspace.state.kpis.as_ref();
    let section = kpis.and_then(|document| document.value.optimize.as_ref());
    let Some(every) = section.and_then(|section| section.every) else {
        return Vec::new();
    };
    let now = app.clock.now().as_second();
    let each = names.iter().filter_map(|name| {
        let history = record::history(workspace, name);
        let last = history.and_then(|one| one.cycles.last());
        let begins = last.is_none_or(|last| {
            let age = now.saturating_sub(last.began_at.as_second());
            u64::try_from(age).unwrap_or(0) >= every.seconds
        });
        (begins || !cycles::busy(history).is_empty()).then(|| DueCycle {
            environment: name.clone(),
            begins,
        })
    });
    each.collect()
}

/// Whether a cycle may begin in an environment.
pub(crate) fn begins_in(due: &[DueCycle], name: &EnvironmentName) -> bool {
    let mut all = due.iter();
    all.any(|one| one.begins && one.environment == *name)
}

/// Does what is due; what fails in one environment is said, and the others go on.
pub(crate) fn run_due(
    app: &App,
    repository: &Repository,
    due: &[DueCycle],
) -> Result<(), CommandError> {
    let mut first = Ok(());
    for one in due {
        let request = CycleRequest {
            judges_only: !one.begins,
            ..CycleRequest::default()
        };
        let name = &one.environment;
        let done = load::load_from(&app.ui, repository.clone())
            .and_then(|workspace| cycle::in_environment(app, workspace, name, &request));
        match done {
            Ok(report) => app.ui.note(&note(&report)),
            Err(error) => {
                for line in error.lines() {
                    app.ui.warn(&line);
                }
                first = first.and(Err(error));
            }
        }
    }
    first
}

fn note(report: &CycleReport) -> String {
    let words = crate::render::cycle_words::headline(report);
    format!("optimisation of {}: {words}", report.environment)
}

fn collect(app: &App) -> Result<KpiReport, CommandError> {
    let workspace = open::load(app)?;
    let collected = kpi::collect_chosen(app, &workspace)?;
    Ok(kpi::report(&workspace, &collected))
}
