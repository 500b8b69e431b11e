//! The command line: options every command has, and the list of commands.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::commands;
use crate::error::{EXIT_CODES, ExitCode};
use crate::model::ids::EnvironmentName;
use crate::model::monitoring::DurationText;
use crate::model::status::Status;
use crate::settings;
use crate::settings::Environment;
use crate::text::escape;
use crate::ui::ColorChoice;

/// Parses the arguments of this process and runs the command.
pub fn main() -> ExitCode {
    let environment = Environment::read();
    let arguments = match commands::old_names::renamed(env::args_os().collect(), &environment) {
        Ok(arguments) => arguments,
        Err(error) => {
            commands::old_names::say(&error, &environment);
            return error.kind.exit_code();
        }
    };
    match parse_from(arguments) {
        Ok(cli) => commands::main(&cli, environment),
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
        Some(name) if settings::is_set_to_nothing(name) => arg.env(Resettable::Reset),
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

/// Output formats. A command says which of them it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// One JSON document.
    Json,
    /// GitHub-flavoured Markdown.
    Markdown,
    /// Plain sentences to be read aloud.
    Voice,
    /// One self-contained page.
    Html,
}

/// From which status on the exit code is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// From DEGRADED on.
    Degraded,
    /// From UNHEALTHY on.
    Unhealthy,
    /// Never.
    Never,
}

/// When alerts are sent. Looking, `--dry-run` and `--write` never send any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlertsWhen {
    /// By runs that commit, unless their facts are a recording.
    Auto,
    /// By every run that commits.
    Always,
    /// By none.
    Never,
}

impl FailOn {
    /// Whether a status is at or above the level.
    pub fn reached_by(self, status: Status) -> bool {
        match self {
            Self::Degraded => status >= Status::Degraded,
            Self::Unhealthy => status >= Status::Unhealthy,
            Self::Never => false,
        }
    }
}

/// Options every command has.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalArgs {
    /// The repository to work in
    #[arg(
        short = 'C',
        long,
        global = true,
        value_name = "DIR",
        env = "FRACTARY_REPO",
        hide_env = true,
        default_value = "."
    )]
    pub repo: PathBuf,

    /// Environment; may be given more than once [default: `default` in environments.json, else `test`]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "FRACTARY_ENV",
        hide_env = true,
        value_delimiter = ','
    )]
    pub env: Vec<EnvironmentName>,

    /// Output format
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        env = "FRACTARY_FORMAT",
        hide_env = true
    )]
    pub format: Option<Format>,

    /// Write the answer into FILE instead of standard output
    #[arg(short, long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Record what was found: report, issues and dashboard, in one commit
    #[arg(long, global = true, group = "landing")]
    pub commit: bool,

    /// Write the same files, without a commit
    #[arg(long, global = true, group = "landing", visible_alias = "no-commit")]
    pub write: bool,

    /// Change nothing; show what would change as a unified diff
    #[arg(long, global = true, group = "landing")]
    pub dry_run: bool,

    /// Push the commit; what others pushed meanwhile is merged, nothing is forced
    #[arg(long, global = true, conflicts_with_all = ["write", "dry_run"])]
    pub push: bool,

    /// Record every fact that this run sees into FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// Take all facts from a recording; nothing is sent
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "record")]
    pub replay: Option<PathBuf>,

    /// The time to take as now, RFC 3339; `SOURCE_DATE_EPOCH` sets it too
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        env = "FRACTARY_AT",
        hide_env = true
    )]
    pub at: Option<jiff::Timestamp>,

    /// Status from which on the exit code is 1
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "LEVEL",
        env = "FRACTARY_FAIL_ON",
        hide_env = true,
        default_value = "unhealthy"
    )]
    pub fail_on: FailOn,

    /// Time limit for everything that is asked of AWS
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        env = "FRACTARY_TIMEOUT",
        hide_env = true,
        default_value = "60s"
    )]
    pub timeout: DurationText,

    /// Whether runs that commit send the alerts of helm.toml; `auto` is not on a replay
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        env = "FRACTARY_ALERTS",
        hide_env = true,
        default_value = "auto"
    )]
    pub alerts: AlertsWhen,

    /// Author of the commit, `Name <mail@example.org>`
    #[arg(long, global = true, value_name = "AUTHOR")]
    pub author: Option<String>,

    /// Say less
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Say more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// When to use colour
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub color: ColorChoice,
}
