//! `fractary slo`: service levels with their error budgets, and taking them over from OpenSLO.

mod import;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app::answer::output;
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::{AnswerFormat, Formats, ReportFormat};
use crate::app::options::Format;
use crate::app::workspace::open;
use crate::app::workspace::views::records::Records;
use crate::app::{App, Outcome};
use crate::core::budget;
use crate::error::{CommandError, ExitCode};
use crate::model::ids::EnvironmentName;
use crate::model::slo_report::{SloList, SloRow};
use crate::render::{json, markdown, text};

/// Arguments of `slo`.
#[derive(Debug, Args)]
pub struct SloArgs {
    /// What to do; without it, list
    #[command(subcommand)]
    pub action: Option<SloAction>,
}

/// What to do with service levels.
#[derive(Debug, Subcommand)]
pub enum SloAction {
    /// Every service level: now, target, error budget and burn rate, from the last observations
    List,
    /// One service level, or all of one resource, in full
    Show {
        /// An indicator (`error_rate_percent`), or a resource by its name or ARN
        name: String,
    },
    /// Take service levels over from OpenSLO v1 documents into monitoring.toml
    ///
    /// Shows the change as a diff; `--write` makes it, `--commit` commits it. What cannot be
    /// said in monitoring.toml is reported with its line. With `--env` the resources of that
    /// environment are meant, and named by their ARNs.
    Import {
        /// The file, YAML with one or more documents; `-` for standard input
        file: PathBuf,
    },
}

/// The entry of `slo` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<SloArgs>(
    "slo",
    "Show service levels with their error budgets; import them from OpenSLO",
);

impl Command for SloArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        match self.action {
            Some(SloAction::Import { .. }) => Effect::CommitsOnRequest,
            Some(SloAction::Show { .. } | SloAction::List) | None => Effect::None,
        }
    }

    fn formats(&self) -> &'static [Format] {
        match self.action {
            Some(SloAction::Import { .. }) => AnswerFormat::ALL,
            Some(SloAction::Show { .. } | SloAction::List) | None => ReportFormat::ALL,
        }
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        match &self.action {
            Some(SloAction::Import { file }) => import::run(app, file, format),
            Some(SloAction::Show { name }) => look(app, Some(name), format),
            Some(SloAction::List) | None => look(app, None, format),
        }
    }
}

fn look(app: &App, name: Option<&str>, format: ReportFormat) -> Outcome {
    let workspace = open::load(app)?;
    // Without `--env` all that is monitored: what burns is worth seeing wherever it does.
    let names = workspace.settings().choose_or_all(&app.global.env)?;
    let mut list = list(app, workspace.records(), &names);
    if let Some(name) = name {
        narrow(&mut list, name)?;
    }
    let style = app.ui.style();
    let answer = match (format, name) {
        (ReportFormat::Json, _) => json::pretty(&list).map_err(CommandError::bug)?,
        (ReportFormat::Markdown, _) => markdown::slos(&list),
        (ReportFormat::Text, None) => text::slos(&list, &style),
        (ReportFormat::Text, Some(_)) => text::slo(&list, &style),
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}

fn list(app: &App, records: Records<'_>, names: &[EnvironmentName]) -> SloList {
    let reports = names.iter().filter_map(|name| records.latest(name));
    let unseen = names.iter().filter(|name| records.latest(name).is_none());
    SloList {
        version: "1.0.0".to_owned(),
        kind: "slo-list".to_owned(),
        generated_at: app.clock.now(),
        never_observed: unseen.cloned().collect(),
        slos: budget::slos(reports, &records.all_budgets()),
    }
}

/// Names that are listed where one was not found.
const NAMES_LISTED: usize = 12;

/// Keeps what goes by this name.
fn narrow(list: &mut SloList, name: &str) -> Result<(), CommandError> {
    let named = |row: &SloRow| {
        row.level.sli == name
            || row.resource.name.raw() == name
            || row.resource.arn.as_str() == name
    };
    if list.slos.iter().any(named) {
        list.slos.retain(named);
        return Ok(());
    }
    let mut known: Vec<String> = list
        .slos
        .iter()
        .flat_map(|row| [row.resource.name.terminal(), row.level.sli.clone()])
        .collect();
    known.sort();
    known.dedup();
    let hint = match known.len() {
        0 => "nothing was observed yet; `fractary run` observes".to_owned(),
        all => {
            known.truncate(NAMES_LISTED);
            let more = all - known.len();
            if more > 0 {
                known.push(format!("and {more} more"));
            }
            format!("available names: {}", known.join(", "))
        }
    };
    let name = crate::text::escape::terminal(name);
    Err(CommandError::usage(format!("no service level or resource `{name}`")).hint(hint))
}
