//! `fractary run`: the scheduled job.

use clap::Args;

use crate::cli::Format;
use crate::cloud::permissions::Command;
use crate::commands::pipeline::decide::Decision;
use crate::commands::pipeline::land::{self, Landed, Landing};
use crate::commands::pipeline::load::Loaded;
use crate::commands::pipeline::publish::ForGithub;
use crate::commands::pipeline::{decide, load, observe, publish};
use crate::commands::{App, Outcome, health};
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::model::issue::Issue;
use crate::model::report::HealthReport;

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Every monitored environment
    #[arg(long)]
    pub all: bool,
}

pub(crate) fn run(args: &RunArgs, app: &App) -> Outcome {
    let format = publish::format_of(app, "run", &[Format::Text, Format::Json, Format::Markdown])?;
    let loaded = load::load(app)?;
    let names = if args.all {
        loaded.monitored()
    } else {
        loaded.chosen(app)?
    };
    if names.is_empty() {
        return Err(CommandError::usage("no environment is monitored")
            .hint("`fractary init --env NAME` adds one"));
    }
    observe_and_land(
        app,
        loaded,
        &names,
        Command::Run,
        land::landing(app, true),
        format,
    )
}

/// Observes once, lands, and shows it.
pub(crate) fn observe_and_land(
    app: &App,
    loaded: Loaded,
    names: &[EnvironmentName],
    command: Command,
    landing: Landing,
    format: Format,
) -> Outcome {
    let (loaded, decision, landed) = once(app, loaded, names, command, landing)?;
    show(app, &loaded, &decision, &landed, format)
}

/// Observes once; decides and lands, again if the head moves meanwhile.
pub(crate) fn once(
    app: &App,
    mut loaded: Loaded,
    names: &[EnvironmentName],
    command: Command,
    landing: Landing,
) -> Result<(Loaded, Decision, Landed), CommandError> {
    let snapshots = observe::all(app, &loaded, names, command, None)?;
    let lands = matches!(landing, Landing::Files | Landing::Commit);
    for _ in 0..land::ATTEMPTS {
        let decision = decide::decide(&loaded, &snapshots, command, lands, app.clock.now())?;
        let landed = land::land(
            app,
            &loaded,
            &decision.transaction,
            &decision.message,
            landing,
        )?;
        if landed == Landed::BaseMoved {
            loaded = load::load_from(app, loaded.repository)?;
            continue;
        }
        return Ok((loaded, decision, landed));
    }
    Err(land::lost_race())
}

/// Issue changes as lines for people: a verb, and the issue.
pub(crate) fn change_lines(changes: &[IssueChange]) -> Vec<(&'static str, &Issue)> {
    let verb = |kind: ChangeKind| match kind {
        ChangeKind::Opened => Some("opened"),
        ChangeKind::Reopened => Some("reopened"),
        ChangeKind::Worsened => Some("worse"),
        ChangeKind::Resolved => Some("resolved"),
        ChangeKind::StreakAdvanced => Some("recovering"),
        ChangeKind::Updated | ChangeKind::Touched => None,
    };
    changes
        .iter()
        .filter_map(|change| verb(change.kind).map(|verb| (verb, &change.after)))
        .collect()
}

fn show(
    app: &App,
    loaded: &Loaded,
    decision: &Decision,
    landed: &Landed,
    format: Format,
) -> Outcome {
    let reports: Vec<&HealthReport> = decision
        .environments
        .iter()
        .map(|one| &one.report)
        .collect();
    let answer = match (landed, format) {
        (Landed::Diff(diff), Format::Json) => {
            app.ui.note(diff);
            health::show(app, loaded, format, &reports)?
        }
        (Landed::Diff(diff), _) => diff.clone(),
        _ => health::show(app, loaded, format, &reports)?,
    };
    publish::answer(app, &answer)?;
    app.ui.note(&summary(decision, landed));
    publish::github(app, &for_github(loaded, decision, landed)?);
    Ok(publish::exit_code(app.global.fail_on, &reports))
}

fn count(decision: &Decision, kinds: &[ChangeKind]) -> u32 {
    let changes = decision.environments.iter().flat_map(|one| &one.changes);
    u32::try_from(
        changes
            .filter(|change| kinds.contains(&change.kind))
            .count(),
    )
    .unwrap_or(u32::MAX)
}

const OPENED: [ChangeKind; 2] = [ChangeKind::Opened, ChangeKind::Reopened];

/// One line: what landed, and why.
fn summary(decision: &Decision, landed: &Landed) -> String {
    let opened = count(decision, &OPENED);
    let resolved = count(decision, &[ChangeKind::Resolved]);
    let reasons: Vec<String> = decision
        .environments
        .iter()
        .filter_map(|one| {
            one.reason
                .as_ref()
                .map(|reason| format!("{}: {}", one.report.environment, reason.words()))
        })
        .collect();
    match landed {
        Landed::Commit(commit) => format!(
            "committed {} ({}; {opened} opened, {resolved} resolved)",
            load::short(commit),
            if reasons.is_empty() {
                "generated files".to_owned()
            } else {
                reasons.join("; ")
            },
        ),
        Landed::Files(files) => format!("wrote {files} files, nothing was committed"),
        Landed::Diff(diff) if diff.is_empty() => "dry run: nothing would change".to_owned(),
        Landed::Diff(_) => "dry run: nothing was written".to_owned(),
        Landed::Nothing | Landed::BaseMoved => {
            "nothing changed since the last commit, so there is none".to_owned()
        }
    }
}

/// What GitHub Actions is told.
pub(crate) fn for_github<'a>(
    loaded: &Loaded,
    decision: &'a Decision,
    landed: &Landed,
) -> Result<ForGithub<'a>, CommandError> {
    let reports: Vec<&HealthReport> = decision
        .environments
        .iter()
        .map(|one| &one.report)
        .collect();
    let texts: Result<Vec<_>, _> = reports
        .iter()
        .map(|report| crate::render::markdown::health(report, &loaded.templates))
        .collect();
    let stored = matches!(landed, Landed::Commit(_) | Landed::Files(_));
    let report_path = decision
        .environments
        .iter()
        .find(|one| stored && one.reason.is_some())
        .map(|one| one.report_path.clone());
    Ok(ForGithub {
        summary: texts
            .map_err(|error| CommandError::new(crate::error::ErrorKind::Usage, error))?
            .join("\n"),
        opened: count(decision, &OPENED),
        resolved: count(decision, &[ChangeKind::Resolved]),
        report_path,
        commit: match landed {
            Landed::Commit(commit) => Some(commit.clone()),
            _ => None,
        },
        reports,
    })
}
