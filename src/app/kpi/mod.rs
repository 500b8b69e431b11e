//! `fractary kpi`: reads key figures, keeps them where that is asked for, and shows them.

mod deliver;
mod read;
mod show;

use std::collections::BTreeMap;

use crate::app::command::Effect;
use crate::app::decide::Observation;
use crate::app::decide::kpis::CollectedKpis;
use crate::app::formats::ReportFormat;
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::options::FailOn;
use crate::app::pass::Pass;
use crate::app::publish;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::{self, Landing};
use crate::app::workspace::{load, open};
use crate::app::{App, Outcome};
use crate::core::optimize::judge::KpiSamples;
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::Repository;
use crate::model::ids::EnvironmentName;
use crate::model::kpi::{Kpi, Kpis};
use crate::model::kpi_report::{KpiReport, KpiStatus};
use crate::model::status::Status;
use crate::state::documents::paths;

/// Shows the key figures of the chosen environment; where that is asked for, keeps them and opens
/// issues.
pub(crate) fn run(app: &App, effect: Effect, format: ReportFormat) -> Outcome {
    let landing = landing::choose(app, effect);
    let workspace = open::load_to_look(app, landing)?;
    let collected = collect_chosen(app, &workspace)?;
    let names = [collected.environment.clone()];
    let pass = pass(&names, landing);
    pass.refuse_other_times(app, &workspace)?;
    let observation = Observation {
        kpis: vec![collected],
        ..Observation::default()
    };
    let (_, mut decision, landed, result) = pass.land_and_deliver(app, workspace, &observation)?;
    let Some(decided) = decision.kpis.pop() else {
        let what = "nothing was decided about key figures that were collected";
        return Err(CommandError::say(ErrorKind::Bug, what));
    };
    let report = decided.report;
    publish::landed(app, format, &landed, || show::text(app, &report, format))?;
    landing::report(app, &landed);
    result?;
    Ok(exit_code(app.global.fail_on, report.status))
}

fn pass(names: &[EnvironmentName], landing: Landing) -> Pass<'_> {
    Pass {
        names,
        only: Only::Everything,
        occasion: Occasion::Kpi,
        landing,
    }
}

/// Collects the key figures of the chosen environment.
pub(crate) fn collect_chosen(
    app: &App,
    workspace: &Workspace,
) -> Result<CollectedKpis, CommandError> {
    let names = workspace.settings().choose(&app.global.env)?;
    let [name] = &names[..] else {
        return Err(
            CommandError::usage("key figures are those of one environment")
                .hint("choose it with `--env NAME`"),
        );
    };
    collect(app, workspace, name)
}

/// Collects the key figures of an environment.
pub(crate) fn collect(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
) -> Result<CollectedKpis, CommandError> {
    read::read(app, workspace, name, &document(workspace)?.kpis)
}

/// Reads what key figures measured around a time.
pub(crate) fn samples(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    since: jiff::Timestamp,
) -> Result<BTreeMap<String, KpiSamples>, CommandError> {
    read::samples(app, workspace, name, &document(workspace)?.kpis, since)
}

/// Compares what was read with what is recorded.
pub(crate) fn report(workspace: &Workspace, collected: &CollectedKpis) -> KpiReport {
    let history = workspace.records().kpis(&collected.environment);
    collected
        .input(history.map(|document| &document.value))
        .report()
}

/// Returns kpis.toml.
pub(crate) fn document(workspace: &Workspace) -> Result<&Kpis, CommandError> {
    match &workspace.state.kpis {
        Some(document) => Ok(&document.value),
        None => Err(CommandError::usage(format!(
            "there is no {}, so there are no key figures",
            paths::kpis()
        ))
        .hint("`fractary init --helios` writes one with usual key figures, each off until it has a source")),
    }
}

/// Lists the environments whose key figures a run collects now.
pub(crate) fn due(
    app: &App,
    workspace: &Workspace,
    names: &[EnvironmentName],
) -> Vec<EnvironmentName> {
    let kpis = workspace
        .state
        .kpis
        .as_ref()
        .map(|document| &document.value);
    let is_on = |kpis: &&Kpis| kpis.kpis.iter().any(is_on);
    let Some(every) = kpis.filter(is_on).and_then(|kpis| kpis.every) else {
        return Vec::new();
    };
    let now = app.clock.now().as_second();
    let is_due = |name: &&EnvironmentName| {
        let history = workspace.records().kpis(name);
        let last = history.and_then(|document| document.value.collections.last());
        last.is_none_or(|last| {
            let age = now.saturating_sub(last.at.as_second());
            u64::try_from(age).unwrap_or(0) >= every.seconds
        })
    };
    names.iter().filter(is_due).cloned().collect()
}

fn is_on(kpi: &Kpi) -> bool {
    kpi.source.is_some()
}

/// Collects the key figures of environments, in a commit of its own, and sends what came of it.
pub(crate) fn collect_due(
    app: &App,
    repository: &Repository,
    names: &[EnvironmentName],
) -> Result<(), CommandError> {
    if names.is_empty() {
        return Ok(());
    }
    let workspace = load::load_from(&app.ui, repository.clone())?;
    let (mut kept, mut collected) = (Vec::new(), Vec::new());
    let mut first = Ok(());
    for name in names {
        match collect(app, &workspace, name) {
            Ok(one) => {
                kept.push(name.clone());
                collected.push(one);
            }
            // What cannot be asked in one environment is no reason to leave the others.
            Err(error) => {
                let why = error.in_one_line();
                app.ui
                    .warn(&format!("no key figures of {name} were collected: {why}"));
                first = first.and(Err(error));
            }
        }
    }
    if kept.is_empty() {
        return first;
    }
    let (_, told) = keep(app, workspace, &kept, collected)?;
    first.and(told)
}

/// Keeps what was collected in a commit, and sends what came of it. Where that is not sent, the commit
/// stands, and the second part of what comes back says why.
pub(crate) fn keep(
    app: &App,
    workspace: Workspace,
    names: &[EnvironmentName],
    collected: Vec<CollectedKpis>,
) -> Result<(Workspace, Result<(), CommandError>), CommandError> {
    let observation = Observation {
        kpis: collected,
        ..Observation::default()
    };
    let pass = pass(names, Landing::Commit);
    pass.refuse_other_times(app, &workspace)?;
    let repository = workspace.repository.clone();
    let (_, decision, landed, result) = pass.land_and_deliver(app, workspace, &observation)?;
    for one in &decision.kpis {
        let (name, score) = (&one.report.environment, one.report.score.value);
        let score = score.map_or_else(|| "unknown".to_owned(), |score| format!("{score:.1}"));
        app.ui
            .note(&format!("key figures of {name}: score {score}"));
    }
    landing::report(app, &landed);
    Ok((load::load_from(&app.ui, repository)?, result))
}

/// 1 where the score is at or below the level of `--fail-on`; else 3 where too little was measured.
pub(crate) fn exit_code(fail_on: FailOn, status: KpiStatus) -> ExitCode {
    let status = match status {
        KpiStatus::Healthy => Status::Healthy,
        KpiStatus::Degraded => Status::Degraded,
        KpiStatus::Critical => Status::Unhealthy,
        KpiStatus::Unknown => Status::Unknown,
    };
    publish::exit_code(fail_on, status, status == Status::Unknown)
}
