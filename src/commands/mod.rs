//! One file per command: observe, decide, render or commit. What they share is in
//! [`pipeline`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::cli::{Cli, Command, GlobalArgs};
use crate::error::{CommandError, ExitCode};
use crate::settings::{Clock, Environment};
use crate::ui::Ui;

pub mod adopt;
pub mod ask;
pub mod check;
pub mod completions;
pub mod dashboard;
pub mod demo;
pub mod doctor;
pub mod escalate;
pub mod health;
pub mod iam_policy;
pub mod init;
pub mod issues;
pub mod merge_file;
pub mod merge_shards;
pub mod monitor;
pub(crate) mod old_names;
pub(crate) mod pipeline;
pub mod run;
pub mod schema;
pub mod shards;
#[doc(hidden)]
pub mod simulate;
pub mod slo;
pub mod status;

/// What a command works with besides its own arguments.
pub(crate) struct App {
    /// Options every command has.
    pub(crate) global: GlobalArgs,
    /// Environment variables.
    pub(crate) environment: Environment,
    /// The time.
    pub(crate) clock: Clock,
    /// Terminal and GitHub output.
    pub(crate) ui: Arc<Ui>,
}

/// Result of a command.
pub(crate) type Outcome = Result<ExitCode, CommandError>;

/// Runs the command and reports what went wrong.
pub fn main(cli: &Cli, environment: Environment) -> ExitCode {
    pipeline::tracing::start(cli.global.verbose);
    let ui = pipeline::terminal::ui(&cli.global, &environment);
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

fn dispatch(command: &Command, app: &App) -> Outcome {
    // A shard may name a folder, and looks itself.
    let is_shard = matches!(command, Command::Run(args) if args.shard.is_some());
    if let Some(path) = app.global.output.as_ref().filter(|_| !is_shard) {
        pipeline::publish::check_output(path)?;
    }
    refuse_idle_push(command, app)?;
    match command {
        Command::Init(args) => init::run(args, app),
        Command::Demo(args) => demo::run(args, app),
        Command::Run(args) => run::run(args, app),
        Command::Shards(args) => shards::run(args, app),
        Command::MergeShards(args) => merge_shards::run(args, app),
        Command::Check(args) => check::run(args, app),
        Command::Health(args) => health::run(args, app),
        Command::Dashboard(args) => dashboard::run(args, app),
        Command::Status(args) => status::run(args, app),
        Command::Monitor(args) => monitor::run(args, app),
        Command::Issues(args) => issues::run(args, app),
        Command::Slo(args) => slo::run(args, app),
        Command::Escalate(args) => escalate::run(args, app),
        Command::Adopt(args) => adopt::run(args, app),
        Command::Doctor(args) => doctor::run(args, app),
        Command::MergeFile(args) => merge_file::run(args, app),
        Command::IamPolicy(args) => iam_policy::run(args, app),
        Command::Schema(args) => schema::run(args, app),
        Command::Completions(args) => completions::run(args, app),
        Command::Ask(args) => ask::run(args, app),
    }
}
