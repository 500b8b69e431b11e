//! `fractary ask "…"`: plain language or an old name → the command it means, shown, then run.
//! Reads run at once; changes need consent. Nothing is ever passed to a shell.

mod show;
mod world;

use std::io::{BufRead, IsTerminal};

use clap::Args;

use crate::app::answer::output;
use crate::app::answer::terminal;
use crate::app::options::{Format, GlobalArgs};
use crate::app::{App, Outcome};
use crate::cli::{Cli, Command};
use crate::core::ask::{self, Candidate, Reading};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::render::json;
use crate::text::escape;

use crate::cli::offer::{Offer, offer};
pub(crate) use world::world;

/// Arguments of `ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// What you want, in plain words or as a slash name; in quotes
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,
    /// Consent to a command that changes something
    #[arg(long)]
    pub yes: bool,
}

pub(crate) fn run(args: &AskArgs, app: &App) -> Outcome {
    let text = args.words.join(" ");
    let reading = ask::read(&text, &world(&app.global.repo, &app.clock));
    let Some(best) = reading.best.as_ref().filter(|_| reading.is_clear()) else {
        return ask_back(app, &text, &reading);
    };
    let line = with_environment(best, app)?;
    let meant = match offer(&line) {
        Offer::Has(cli) => *cli,
        Offer::Lacks(why) => return lacking(app, &text, &reading, &line, &why),
    };
    let global = merged(&app.global, &meant.global, &line);
    let write = best.write || changes(&meant.command) || lands(&global);
    if app.global.dry_run {
        shown(
            app,
            &show::text(&text, &reading, &line, &app.ui.style()),
            &reading,
            &line,
        )?;
        return Ok(ExitCode::Ok);
    }
    if write && !args.yes && !consent(app, &text, &reading, &line)? {
        if app.global.format == Some(Format::Json) {
            shown(app, "", &reading, &line)?;
        }
        return Err(CommandError::say(
            ErrorKind::Refused,
            "this changes something, and nobody has agreed to it; nothing was done",
        )
        .hint(format!("run it yourself: {}", show::command(&line)))
        .hint("or say `--yes` to `fractary ask`"));
    }
    if !write || args.yes {
        tell(app, &show::text(&text, &reading, &line, &app.ui.style()));
    }
    let ui = terminal::ui(&global, &app.environment);
    let there = App {
        global,
        environment: app.environment.clone(),
        clock: app.clock,
        ui,
    };
    crate::cli::dispatch(&meant.command, &there)
}

/// Whether a command changes something, as far as this can be seen from the command itself: a
/// second look beside what the vocabulary says.
fn changes(command: &Command) -> bool {
    match command {
        Command::Run(_)
        | Command::Init(_)
        | Command::Adopt(_)
        | Command::Demo(_)
        | Command::MergeFile(_) => true,
        Command::Issues(args) => args.acts(),
        // What was asked for is not asked again.
        Command::Ask(_) => true,
        _ => false,
    }
}

fn lands(global: &GlobalArgs) -> bool {
    global.commit || global.write || global.push || global.record.is_some()
}

/// The command line with the environment of `--env`, where the words name none.
fn with_environment(best: &Candidate, app: &App) -> Result<Vec<String>, CommandError> {
    let mut line = best.arguments.clone();
    let given: Vec<&str> = app.global.env.iter().map(|name| name.as_str()).collect();
    if given.is_empty() {
        return Ok(line);
    }
    let given = given.join(",");
    match line.iter().position(|argument| argument == "--env") {
        None => line.extend(["--env".to_owned(), given]),
        Some(at) if best.write && line.get(at + 1).is_some_and(|said| *said != given) => {
            return Err(CommandError::usage(format!(
                "the words say environment {}, and `--env` or FRACTARY_ENV says {given}",
                line.get(at + 1).map_or("", String::as_str)
            ))
            .hint("say one of them"));
        }
        Some(_) => {}
    }
    Ok(line)
}

/// The options of `ask` itself, with what the words say on top.
fn merged(own: &GlobalArgs, said: &GlobalArgs, line: &[String]) -> GlobalArgs {
    let has = |name: &str| line.iter().any(|argument| argument == name);
    let mut out = own.clone();
    if has("--env") {
        out.env.clone_from(&said.env);
    }
    if has("--format") {
        out.format = said.format;
    }
    out.commit |= said.commit;
    out.write |= said.write;
    out.push |= said.push;
    out.dry_run |= said.dry_run;
    out.at = out.at.or(said.at);
    // A file that words name is not written over: only an option of `ask` itself does that.
    out
}

/// Asks a person at a terminal. Without one there is no consent.
fn consent(
    app: &App,
    text: &str,
    reading: &Reading,
    line: &[String],
) -> Result<bool, CommandError> {
    let question = show::text(text, reading, line, &app.ui.style());
    app.ui.lines(&lines(&question));
    if !(std::io::stdin().is_terminal() && app.ui.surroundings().stderr_is_terminal) {
        return Ok(false);
    }
    app.ui
        .lines(&["This changes something. Run it? [y/N]".to_owned()]);
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| CommandError::usage(format!("could not read the answer: {error}")))?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Prints how it was read, as text or JSON.
fn shown(app: &App, text: &str, reading: &Reading, line: &[String]) -> Result<(), CommandError> {
    let answer = match app.global.format {
        Some(Format::Json) => {
            json::pretty(&show::document(reading, line)).map_err(CommandError::bug)?
        }
        _ => text.to_owned(),
    };
    output::write(app, &answer)
}

/// It is not clear what is meant.
fn ask_back(app: &App, text: &str, reading: &Reading) -> Outcome {
    shown(app, &show::question(text, reading), reading, &[])?;
    Ok(ExitCode::Usage)
}

/// It is clear what is meant, and this version does not have it.
fn lacking(app: &App, text: &str, reading: &Reading, line: &[String], why: &str) -> Outcome {
    if app.global.format == Some(Format::Json) {
        shown(app, "", reading, line)?;
    } else {
        tell(app, &show::text(text, reading, line, &app.ui.style()));
    }
    let instead = reading
        .best
        .as_ref()
        .map(|best| best.instead.as_slice())
        .unwrap_or_default();
    Err(lacks(line, why, instead))
}

/// The error for a command line that this version does not have.
pub(crate) fn lacks(line: &[String], why: &str, instead: &[String]) -> CommandError {
    let error = CommandError::usage(format!(
        "this version cannot do `{}`: {why}",
        show::command(line)
    ));
    match offer(instead) {
        Offer::Has(_) if !instead.is_empty() => error.hint(format!(
            "the nearest that it has: {}",
            show::command(instead)
        )),
        _ => error.hint("`fractary --help` lists what it has"),
    }
}

/// What was asked, harmless and short.
fn quoted_request(text: &str) -> String {
    escape::terminal(&escape::cut(text, 200))
}

/// Lines for people that `--quiet` takes away.
fn tell(app: &App, text: &str) {
    if !app.ui.surroundings().quiet {
        app.ui.lines(&lines(text));
    }
}

/// Whether a command line runs without anybody's consent, for tests.
#[doc(hidden)]
pub fn runs_unasked(candidate: &Candidate) -> bool {
    let parsed: Option<Cli> = match offer(&candidate.arguments) {
        Offer::Has(cli) => Some(*cli),
        Offer::Lacks(_) => None,
    };
    parsed.is_some_and(|cli| !(candidate.write || changes(&cli.command) || lands(&cli.global)))
}
