//! `fractary ask "…"`: plain language or an old name → the command it means, shown, then run.
//! Reads run at once; changes need consent. Nothing is ever passed to a shell.

mod consent;
mod line;
mod offers;
mod show;
pub(crate) mod spoken;
mod world;

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::{output, terminal};
use crate::app::command::{Command, Effect, Entry};
use crate::app::options::Format;
use crate::app::shared_options::SharedOption;
use crate::app::{App, Outcome};
use crate::core::ask::{self, Reading};
use crate::env::Clock;
use crate::error::{CommandError, ExitCode};
use crate::render::json;

pub(crate) use consent::runs_unasked;
pub(crate) use line::lacks;
pub(crate) use offers::held;
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

/// When `ask` sends anything.
const AS_MEANT: &str = "where the command that is meant does";

/// The entry of `ask` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<AskArgs>(
    "ask",
    "Find the command that plain words or an old name mean, and run it; changes need confirmation",
)
.sends(&[
    Access::Discover.only(AS_MEANT),
    Access::Observe.only(AS_MEANT),
    Access::Publish.only(AS_MEANT),
])
.uses(&SharedOption::ALL);

impl Command for AskArgs {
    type Formats = Format;

    fn effect(&self) -> Effect {
        // Until the words are read it may be anything.
        Effect::Commits
    }

    fn run(&self, app: &App, _: Format) -> Outcome {
        let text = self.words.join(" ");
        let world = world(&app.global.repo, &app.clock, app.command_line);
        let reading = offers::held(ask::read(&text, &world), app.command_line);
        let Some(best) = reading.best.as_ref().filter(|_| reading.is_clear()) else {
            return ask_back(app, &text, &reading);
        };
        let line = line::with_environment(best, app)?;
        let meant = match app.command_line.offer(&line) {
            Ok(meant) => meant,
            Err(why) => return lacking(app, &text, &reading, &line, &why),
        };
        let global = line::merged(&app.global, &meant.options, &line);
        // A second look beside what the vocabulary says.
        let write = best.write
            || meant.command.effect().changes(&global)
            || line::leaves_the_repository(&line);
        let read_as = show::text(&text, &reading, &line, &app.ui.style());
        if app.global.dry_run {
            shown(app, &read_as, &reading, &line)?;
            return Ok(ExitCode::Ok);
        }
        if write && !self.yes && !consent::given(app, &read_as)? {
            if app.global.format == Some(Format::Json) {
                shown(app, "", &reading, &line)?;
            }
            return Err(consent::missing(&line));
        }
        if !write || self.yes {
            tell(app, &read_as);
        }
        meant.run(&App {
            ui: terminal::ui(&global, &app.environment),
            clock: Clock::new(global.at, &app.environment),
            global,
            ..app.clone()
        })
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Prints how it was read, as text or JSON.
fn shown(app: &App, text: &str, reading: &Reading, line: &[String]) -> Result<(), CommandError> {
    let answer = match app.global.format {
        Some(Format::Json) => json::pretty(&show::document(reading, line, app.command_line))
            .map_err(CommandError::bug)?,
        // Any other is for the answer of the command that is meant.
        None
        | Some(
            Format::Text
            | Format::Markdown
            | Format::Voice
            | Format::Html
            | Format::Sarif
            | Format::LspJson,
        ) => text.to_owned(),
    };
    output::write(app, &answer)
}

/// It is not clear what is meant.
fn ask_back(app: &App, text: &str, reading: &Reading) -> Outcome {
    let asked = show::question(text, reading, &app.ui.style());
    shown(app, &asked, reading, &[])?;
    Ok(ExitCode::Usage)
}

/// It is clear what is meant, and this version does not have it.
fn lacking(app: &App, text: &str, reading: &Reading, line: &[String], why: &str) -> Outcome {
    if app.global.format == Some(Format::Json) {
        shown(app, "", reading, line)?;
    } else {
        tell(app, &show::text(text, reading, line, &app.ui.style()));
    }
    let best = reading.best.as_ref();
    let instead = best.map_or(&[][..], |best| best.instead.as_slice());
    Err(lacks(app.command_line, line, why, instead))
}

/// Lines for people that `--quiet` takes away.
fn tell(app: &App, text: &str) {
    if !app.ui.surroundings().quiet {
        app.ui.lines(&lines(text));
    }
}
