//! `fractary monitor`: the monitors of the domains, and whether one of them does it right.

use clap::{Args, Subcommand};

use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::monitor;
use crate::app::observe::monitors;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument::List};
use crate::app::workspace::open;
use crate::app::workspace::views::Scope;
use crate::app::workspace::views::settings::Settings;
use crate::app::{App, Outcome};
use crate::core::domains;
use crate::error::{CommandError, ExitCode};
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitors::{DomainMonitor, MonitorCommand};
use crate::render::text::MonitorLine;
use crate::render::{json, text};
use crate::text::Untrusted;

/// Arguments of `monitor`.
#[derive(Debug, Args)]
pub struct MonitorArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: MonitorAction,
}

/// What to do with monitors.
#[derive(Debug, Subcommand)]
pub enum MonitorAction {
    /// List the monitors of domain-monitors.json
    List,
    /// Run one monitor, and show line by line what is valid or invalid in its answer
    Validate {
        /// The domain
        name: DomainName,
    },
}

/// The entry of `monitor` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<MonitorArgs>(
    "monitor",
    "List the programs that monitor domains, or try one",
)
.uses(&[SharedOption::Env])
.tools(&[AssistantTool::reading(&["list"], &[List("monitor")])]);

impl Command for MonitorArgs {
    type Formats = AnswerFormat;

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let workspace = open::load(app)?;
        match &self.action {
            MonitorAction::List => list(app, workspace.settings(), format),
            MonitorAction::Validate { name } => validate(app, &workspace.scope(), format, name),
        }
    }
}

fn list(app: &App, settings: Settings<'_>, format: AnswerFormat) -> Outcome {
    let own = settings.domain()?;
    let environments = settings.monitored();
    let listed = settings.monitors.iter();
    let lines: Vec<MonitorLine> = listed
        .map(|monitor| {
            let runs = match (monitor.commands.get("health"), monitor.domain == own) {
                (_, true) => "built in".to_owned(),
                (Some(MonitorCommand::Program(program)), false) => {
                    let limit = monitors::limit_seconds(program);
                    format!("{} (limit {limit} s)", program.exec.join(" "))
                }
                (Some(MonitorCommand::BuiltIn(name)), false) => name.clone(),
                (None, false) => "nothing".to_owned(),
            };
            MonitorLine {
                domain: monitor.domain.clone(),
                plugin: Untrusted::from(monitor.plugin.as_str()),
                status: monitor.status,
                environments: domains::watched(monitor, &environments).cloned().collect(),
                runs: Untrusted::from(runs),
                priority_weight: monitor.priority_weight,
            }
        })
        .collect();
    let text = match format {
        AnswerFormat::Json => json::pretty(&lines).map_err(CommandError::bug)?,
        AnswerFormat::Text => text::monitors(&lines, &app.ui.style()),
    };
    output::write(app, &text)?;
    Ok(ExitCode::Ok)
}

fn validate(app: &App, scope: &Scope<'_>, format: AnswerFormat, name: &DomainName) -> Outcome {
    let (watched, environments) = find(app, scope.settings, name)?;
    let Some(MonitorCommand::Program(program)) = watched.commands.get("health") else {
        return Err(CommandError::usage(format!(
            "the monitor of `{name}` is built in, and is not a program"
        ))
        .hint("`fractary health` runs it; `fractary monitor list` shows all"));
    };
    let validations = monitor::validate(app, scope, watched, program, &environments)?;
    let valid = validations.iter().all(|one| one.valid);
    let text = match (format, validations.as_slice()) {
        (AnswerFormat::Json, [one]) => json::pretty(one).map_err(CommandError::bug)?,
        (AnswerFormat::Json, many) => json::pretty(&many).map_err(CommandError::bug)?,
        (AnswerFormat::Text, many) => {
            let style = app.ui.style();
            let each = many.iter().map(|one| one.render(&style));
            each.collect::<Vec<_>>().join("\n")
        }
    };
    output::write(app, &text)?;
    Ok(if valid { ExitCode::Ok } else { ExitCode::Usage })
}

/// The monitor, and the environments to ask it about: `--env`, else the first it watches.
fn find<'a>(
    app: &App,
    settings: Settings<'a>,
    name: &DomainName,
) -> Result<(&'a DomainMonitor, Vec<EnvironmentName>), CommandError> {
    let monitors = settings.monitors;
    let Some(monitor) = monitors.iter().find(|m| m.domain == *name) else {
        let known: Vec<&str> = monitors.iter().map(|m| m.domain.as_str()).collect();
        return Err(
            CommandError::usage(format!("no monitor watches a domain `{name}`"))
                .hint(format!("available monitors: {}", known.join(", ")))
                .hint("`fractary init --domain application` writes one that works"),
        );
    };
    let environments = if app.global.env.is_empty() {
        let known = settings.monitored();
        let first = domains::watched(monitor, &known).next().cloned();
        first.into_iter().collect()
    } else {
        settings.choose(&app.global.env)?
    };
    if environments.is_empty() {
        return Err(CommandError::usage(format!(
            "the monitor of `{name}` watches no environment that there is"
        ))
        .hint("name one with `--env`"));
    }
    Ok((monitor, environments))
}
