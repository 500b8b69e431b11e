//! The command line of this process: arguments in, exit code out.

mod old_names;

use std::io::{self, Write};
use std::panic;
use std::process;
use std::sync::Arc;

use crate::app::App;
use crate::app::answer;
use crate::app::command_line::{CommandLine, Parsed};
use crate::commands;
use crate::commands::ask;
use crate::core::ask::Candidate;
use crate::env::{Clock, Environment};
use crate::error::ExitCode;
use crate::text::escape;
use crate::ui::Ui;

/// The command line with every command that there is.
const COMMAND_LINE: CommandLine = CommandLine {
    commands: commands::ALL,
};

/// Returns the definition of the command line, for pages and tests that are made from it.
pub fn definition() -> clap::Command {
    COMMAND_LINE.definition()
}

/// Returns the commands as `ask` knows them, for tests.
#[doc(hidden)]
pub fn spoken_commands() -> Vec<crate::core::ask::KnownCommand> {
    ask::spoken::commands(COMMAND_LINE)
}

/// Reads an utterance as `ask` does, with what it offers held against this definition; for tests.
#[doc(hidden)]
pub fn read(text: &str, world: &crate::core::ask::AskContext) -> crate::core::ask::Reading {
    ask::held(crate::core::ask::read(text, world), COMMAND_LINE)
}

/// Returns whether `ask` runs a command line without consent, for tests.
#[doc(hidden)]
pub fn runs_unasked(candidate: &Candidate) -> bool {
    ask::runs_unasked(COMMAND_LINE, candidate)
}

/// Parses the arguments of this process and runs the command.
pub fn main() -> ExitCode {
    let environment = Environment::read();
    let arguments = std::env::args_os().collect();
    let arguments = match old_names::renamed(arguments, &environment, COMMAND_LINE) {
        Ok(arguments) => arguments,
        Err(error) => {
            old_names::say(&error, &environment);
            return error.kind.exit_code();
        }
    };
    match COMMAND_LINE.parse(arguments) {
        Ok(parsed) => run(&parsed, environment),
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

/// Runs the command and reports what went wrong.
fn run(parsed: &Parsed, environment: Environment) -> ExitCode {
    answer::tracing::start(parsed.options.verbose);
    let ui = answer::terminal::ui(&parsed.options, &environment);
    let app = App {
        clock: Clock::new(parsed.options.at, &environment),
        global: parsed.options.clone(),
        environment,
        ui,
        command_line: COMMAND_LINE,
    };
    end_on_panic(Arc::clone(&app.ui));
    match parsed.run(&app) {
        Ok(code) => code,
        Err(error) => {
            // Diagnostics with places are annotated one by one already.
            if error.rendered.is_some() {
                app.ui.lines(&error.lines());
            } else {
                app.ui.failure(&error.lines());
            }
            error.kind.exit_code()
        }
    }
}

/// Makes a panic in any thread the end of the process, with a report of what is known. Nothing
/// is unwound: whatever a kill leaves behind, the next command completes or drops.
#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "whatever a panic interrupts, no destructor can be trusted with"
)]
fn end_on_panic(ui: Arc<Ui>) {
    let show = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        show(panic);
        ui.last_words(&[
            "error: this is a bug in fractary".to_owned(),
            "hint: a commit may be unfinished: `fractary check` completes or drops it, and validates the state".to_owned(),
            format!(
                "hint: please report it with the lines above, version {} and the command line",
                env!("CARGO_PKG_VERSION")
            ),
        ]);
        process::exit(ExitCode::Bug.number().into());
    }));
}
