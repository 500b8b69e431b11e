//! `fractary remediate`: change a resource by an action, with consent, and keep a record.

use clap::Args;

use crate::app::access::Access;
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::remediate::act;
use crate::app::remediate::asked::{self, AskedAction};
use crate::app::remediate::patch;
use crate::app::remediate::show;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::CommandError;

/// Arguments of `remediate`.
#[derive(Debug, Args)]
pub struct RemediateArgs {
    /// An action and a resource, such as `restart orders-api`, or what you want in plain words
    #[arg(value_name = "ACTION RESOURCE")]
    pub words: Vec<String>,
    /// The action; `--list` shows them all
    #[arg(long, value_name = "NAME")]
    pub action: Option<String>,
    /// The name, id or ARN of the resource; more than once changes one first, then more at a time
    #[arg(long = "service", value_name = "NAME")]
    pub services: Vec<String>,
    /// How many of several resources may fail before the rest is left (default 1; 0 where the
    /// environment requires confirmation)
    #[arg(long, value_name = "NUMBER")]
    pub max_errors: Option<usize>,
    /// A parameter of the action; may be given more than once
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_set)]
    pub sets: Vec<(String, String)>,
    /// The issue that it addresses
    #[arg(long, value_name = "ID")]
    pub issue: Option<String>,
    /// Apply it without asking; not in environments that require confirmation
    #[arg(long)]
    pub yes: bool,
    /// Write a proposal instead: the next run on the default branch applies it once someone else
    /// has merged it there
    #[arg(long, conflicts_with = "yes")]
    pub propose: bool,
    /// Show the actions, their parameters and what each requires
    #[arg(long, group = "instead")]
    pub list: bool,
    /// Show what was done, and how often it helped
    #[arg(long, group = "instead")]
    pub history: bool,
    /// Undo a remediation, by its id in the history
    #[arg(long, value_name = "ID", group = "instead")]
    pub undo: Option<String>,
    /// Print the change of the Terraform code that keeps what a remediation has changed
    #[arg(long, value_name = "ID", group = "instead")]
    pub patch: Option<String>,
}

fn parse_set(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// The entry of `remediate` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<RemediateArgs>(
    "remediate",
    "Change a resource by an action such as a restart, with consent, and keep a record",
)
.sends(&[
    Access::Plan.always(),
    Access::Change.only("with consent, as the role that changes the environment"),
])
.uses(&[SharedOption::Env])
.tools(&[
    AssistantTool::proposing(&[], &[ToolDocument::OneOrList("remediation-plan")])
        .without(&["yes", "propose", "list", "history", "patch"]),
    AssistantTool::reading(&["--list"], &[ToolDocument::List("remediation-action")]).fixed(),
    AssistantTool::reading(&["--history"], &[ToolDocument::One("remediation-history")]).fixed(),
]);

impl Command for RemediateArgs {
    type Formats = AnswerFormat;

    fn effect(&self) -> Effect {
        match self.list || self.history || self.patch.is_some() {
            true => Effect::None,
            false => Effect::Commits,
        }
    }

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        if app.global.write && !self.propose && Command::effect(self) == Effect::Commits {
            return Err(CommandError::usage(
                "what was changed in AWS is always committed, so `--write` is not possible",
            )
            .hint("`--dry-run` shows the plan and changes nothing"));
        }
        let landing = match app.global.dry_run {
            true => Landing::Nothing,
            false => Landing::Commit,
        };
        let workspace = open::load_to_land(app, landing)?;
        if self.list {
            return show::list(app, format, &workspace);
        }
        if self.history {
            let names = workspace.settings().choose_or_all(&app.global.env)?;
            return act::show_history(app, &workspace, &names, format);
        }
        if let Some(id) = &self.patch {
            let names = workspace.settings().choose_or_all(&app.global.env)?;
            return patch::show(app, &workspace, &names, id, format);
        }
        let asked = AskedAction {
            words: &self.words,
            action: self.action.as_deref(),
            services: &self.services,
            sets: &self.sets,
            issue: self.issue.as_deref(),
            undo: self.undo.as_deref(),
            yes: self.yes,
            propose: self.propose,
            max_errors: self.max_errors,
            format,
        };
        asked::run(app, workspace, &asked, || {
            crate::commands::ask::world(&app.global.repo, &app.clock, app.command_line)
        })
    }
}
