//! The command line: options every command has, and the list of commands.

pub(crate) mod offer;
mod old_names;

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::app::answer;
use crate::app::answer::output;
use crate::app::options::GlobalArgs;
use crate::app::{App, Outcome};
use crate::commands;
use crate::env;
use crate::env::{Clock, Environment};
use crate::error::{CommandError, EXIT_CODES, ExitCode};
use crate::text::escape;

/// Parses the arguments of this process and runs the command.
pub fn main() -> ExitCode {
    let environment = Environment::read();
    let arguments = match old_names::renamed(std::env::args_os().collect(), &environment) {
        Ok(arguments) => arguments,
        Err(error) => {
            old_names::say(&error, &environment);
            return error.kind.exit_code();
        }
    };
    match parse_from(arguments) {
        Ok(cli) => run(&cli, environment),
        Err(error) => {
            // A closed pipe (`fractary --help | head -1`) is no failure.
            if !error.use_stderr() {
                let _ = error.print();
                return ExitCode::Ok;
            }
            match harmless(&error) {
                Some(text) => drop(io::stderr().write_all(text.as_bytes())),
                None => drop(error.print()),
            }
            ExitCode::Usage
        }
    }
}

/// Parses the arguments. A variable that is set to nothing counts as not set, as a workflow
/// makes it of an input that was left out.
pub(crate) fn parse_from(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Cli, clap::Error> {
    let command = Cli::command().mut_args(|arg| match arg.get_env() {
        Some(name) if env::is_set_to_nothing(name) => arg.env(Resettable::Reset),
        _ => arg,
    });
    Cli::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

/// The message with what it quotes of arguments and variables made harmless; `None` where it
/// is harmless as it is, and may have its colours.
fn harmless(error: &clap::Error) -> Option<String> {
    let colours = error.render().ansi().to_string();
    let mut parts = colours.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        match digits.strip_prefix('m') {
            Some(rest) => text.push_str(rest),
            None => text.push_str(&format!("\u{1b}[{part}")),
        }
    }
    let safe = escape::terminal_lines(&text);
    (safe != text).then_some(safe)
}

/// Cloud operations for AWS as files in your own git repository.
#[derive(Debug, Parser)]
#[command(
    name = "fractary",
    version,
    about,
    after_help = EXIT_CODES,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options every command has.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up this repository: .fractary, and the workflow that runs on a schedule
    Init(commands::init::InitArgs),
    /// The whole loop on a recorded world, in a throw-away repository; needs no AWS account
    Demo(commands::demo::DemoArgs),
    /// The scheduled job: observe, judge, update issues, render, one commit
    Run(commands::run::RunArgs),
    /// Plan a run on several machines: the matrix for GitHub Actions
    Shards(commands::shards::ShardsArgs),
    /// Join what the shards of a run saw, in one commit
    MergeShards(commands::merge_shards::MergeShardsArgs),
    /// Validate every state file and generated file
    Check(commands::check::CheckArgs),
    /// Status of every deployed resource against its service levels
    Health(commands::health::HealthArgs),
    /// Domains, top issues and what to do next
    Dashboard(commands::dashboard::DashboardArgs),
    /// One line per domain and environment
    Status(commands::status::StatusArgs),
    /// The programs that monitor domains: list them, try one
    Monitor(commands::monitor::MonitorArgs),
    /// List, show, resolve and annotate issues
    Issues(commands::issues::IssuesArgs),
    /// Service levels with their error budgets; take them over from OpenSLO
    Slo(commands::slo::SloArgs),
    /// Hand an issue over: a work item in the tracker, or as a file
    Escalate(commands::escalate::EscalateArgs),
    /// Fill the registry from Terraform state, `terraform show -json`, or AWS tags
    Adopt(commands::adopt::AdoptArgs),
    /// Is this set up? Each failure with its mend
    Doctor(commands::doctor::DoctorArgs),
    /// Merge two versions of a document by its entries; the merge driver of git
    MergeFile(commands::merge_file::MergeFileArgs),
    /// The least-privilege IAM policy of a command
    IamPolicy(commands::iam_policy::IamPolicyArgs),
    /// Print a JSON Schema, or the list of them
    Schema(commands::schema::SchemaArgs),
    /// Completions for a shell
    Completions(commands::completions::CompletionsArgs),
    /// Plain language or an old name: shows the command it means, and runs it; changes ask first
    Ask(commands::ask::AskArgs),
}

/// Runs the command and reports what went wrong.
fn run(cli: &Cli, environment: Environment) -> ExitCode {
    answer::tracing::start(cli.global.verbose);
    let ui = answer::terminal::ui(&cli.global, &environment);
    let app = App {
        clock: Clock::new(cli.global.at, &environment),
        global: cli.global.clone(),
        environment,
        ui,
    };
    let result = catch_unwind(AssertUnwindSafe(|| dispatch(&cli.command, &app)));
    match result {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            // Diagnostics with places are annotated one by one already.
            if error.rendered.is_some() {
                app.ui.lines(&error.lines());
            } else {
                app.ui.failure(&error.lines());
            }
            error.kind.exit_code()
        }
        Err(_) => {
            app.ui.failure(&[
                "error: this is a bug in fractary; nothing was written".to_owned(),
                format!(
                    "hint: please report it with the lines above, version {} and the command line",
                    env!("CARGO_PKG_VERSION")
                ),
                "hint: `fractary check` proves that the repository's state is whole".to_owned(),
            ]);
            ExitCode::Bug
        }
    }
}

/// `--push` is for commands that make a commit; anywhere else it is a slip.
fn refuse_idle_push(command: &Command, app: &App) -> Result<(), CommandError> {
    let commits = match command {
        Command::Run(args) => args.shard.is_none(),
        Command::Adopt(_) | Command::Init(_) | Command::MergeShards(_) | Command::Escalate(_) => {
            true
        }
        Command::Health(_) => app.global.commit,
        Command::Issues(args) => args.acts(),
        Command::Slo(_) => app.global.commit,
        // What the words mean is looked at again.
        Command::Ask(_) => true,
        _ => false,
    };
    if !app.global.push || commits {
        return Ok(());
    }
    Err(
        CommandError::usage("`--push` pushes a commit, and this command makes none").hint(
            match command {
                Command::Health(_) | Command::Slo(_) => "add `--commit`",
                _ => "leave `--push` out",
            },
        ),
    )
}

pub(crate) fn dispatch(command: &Command, app: &App) -> Outcome {
    // A shard may name a folder, and looks itself.
    let is_shard = matches!(command, Command::Run(args) if args.shard.is_some());
    if let Some(path) = app.global.output.as_ref().filter(|_| !is_shard) {
        output::check(path)?;
    }
    refuse_idle_push(command, app)?;
    match command {
        Command::Init(args) => commands::init::run(args, app),
        Command::Demo(args) => commands::demo::run(args, app),
        Command::Run(args) => commands::run::run(args, app),
        Command::Shards(args) => commands::shards::run(args, app),
        Command::MergeShards(args) => commands::merge_shards::run(args, app),
        Command::Check(args) => commands::check::run(args, app),
        Command::Health(args) => commands::health::run(args, app),
        Command::Dashboard(args) => commands::dashboard::run(args, app),
        Command::Status(args) => commands::status::run(args, app),
        Command::Monitor(args) => commands::monitor::run(args, app),
        Command::Issues(args) => commands::issues::run(args, app),
        Command::Slo(args) => commands::slo::run(args, app),
        Command::Escalate(args) => commands::escalate::run(args, app),
        Command::Adopt(args) => commands::adopt::run(args, app),
        Command::Doctor(args) => commands::doctor::run(args, app),
        Command::MergeFile(args) => commands::merge_file::run(args, app),
        Command::IamPolicy(args) => commands::iam_policy::run(args, app),
        Command::Schema(args) => commands::schema::run(args, app),
        Command::Completions(args) => commands::completions::run(args, app),
        Command::Ask(args) => commands::ask::run(args, app),
    }
}
