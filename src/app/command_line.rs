//! The command line: the list of commands, with the options that all of them have.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, FromArgMatches};

use crate::app::access::{Access, Sends};
use crate::app::command::{AnyCommand, Besides, Effect, Entry};
use crate::app::options::{Format, GlobalArgs};
use crate::app::shared_options::{self, SharedOption};
use crate::app::unused_options;
use crate::app::{App, Outcome};
use crate::env;
use crate::error::{CommandError, EXIT_CODES};

const PROGRAM: &str = "fractary";

/// The commands that a command line may name. Handed to those that speak of others, so that
/// nothing below the command line has to know it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommandLine {
    /// Their entries, in the order of the help.
    pub(crate) commands: &'static [Entry],
}

/// A command line that was read.
pub(crate) struct Parsed {
    /// The options that every command has.
    pub(crate) options: GlobalArgs,
    /// Those of them that are on the command line and that not every command uses.
    given: Vec<SharedOption>,
    /// The entry of the command.
    entry: &'static Entry,
    /// The command.
    pub(crate) command: Box<dyn AnyCommand>,
}

/// Where the pages are that messages name: nobody has them in a repository of their own.
const PAGES: &str = concat!(
    "Pages that messages name, such as docs/alerts.md:\n  ",
    env!("CARGO_PKG_REPOSITORY"),
    "/tree/main/docs"
);

impl CommandLine {
    /// Returns the definition of the whole for clap.
    pub(crate) fn definition(self) -> clap::Command {
        let root = clap::Command::new(PROGRAM)
            .version(env!("CARGO_PKG_VERSION"))
            .after_help(format!("{EXIT_CODES}\n\n{PAGES}"))
            .max_term_width(100)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .disable_help_subcommand(true)
            .subcommands(self.commands.iter().map(Entry::definition));
        GlobalArgs::augment_args(root)
            .about("Cloud operations for AWS as files in your own git repository")
    }

    /// Reads the arguments, with the name of the program in front. A variable that is set to
    /// nothing counts as not set, as a workflow makes it of an input that was left out.
    pub(crate) fn parse(
        self,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Parsed, clap::Error> {
        let mut definition = self.definition().mut_args(|arg| match arg.get_env() {
            Some(name) if env::is_set_to_nothing(name) => arg.env(Resettable::Reset),
            _ => arg,
        });
        let matches = definition.try_get_matches_from_mut(arguments)?;
        let options = GlobalArgs::from_arg_matches(&matches)?;
        let given = shared_options::given(&matches);
        let named = matches
            .subcommand()
            .and_then(|(name, matches)| Some((self.entry(name)?, matches)));
        let (entry, matches) =
            named.ok_or_else(|| definition.error(ErrorKind::MissingSubcommand, "no command"))?;
        Ok(Parsed {
            options,
            given,
            entry,
            command: entry.parse(matches)?,
        })
    }

    /// Reads a command line without the program's name. Nothing is run.
    ///
    /// # Errors
    /// Why this version does not have it, in words.
    pub(crate) fn offer(self, arguments: &[String]) -> Result<Parsed, String> {
        let program = OsString::from(PROGRAM);
        let all = std::iter::once(program).chain(arguments.iter().map(OsString::from));
        self.parse(all)
            .map_err(|error| self.lacks(arguments, &error))
    }

    /// Returns what keeps this version from taking arguments; nothing where it takes them.
    pub(crate) fn flaw(self, arguments: &[String]) -> Option<Flaw> {
        let first = arguments.first()?;
        let program = OsString::from(PROGRAM);
        let all = std::iter::once(program).chain(arguments.iter().map(OsString::from));
        let error = self.parse(all).err()?;
        Some(match error.kind() {
            _ if self.entry(first).is_none() => Flaw::NotThere,
            ErrorKind::InvalidSubcommand
            | ErrorKind::MissingSubcommand
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Flaw::NotThere,
            ErrorKind::MissingRequiredArgument => Flaw::Lacks(missing(&error)),
            _ => Flaw::Clash(self.lacks(arguments, &error)),
        })
    }

    fn lacks(self, arguments: &[String], error: &clap::Error) -> String {
        let first = arguments.first().map_or("", String::as_str);
        match error.kind() {
            _ if self.entry(first).is_none() => format!("it has no command `{first}`"),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => "that only shows help".to_owned(),
            ErrorKind::MissingRequiredArgument => match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::Strings(missing)) => {
                    format!("it needs {}", missing.join(" and "))
                }
                _ => "it needs an argument that is missing".to_owned(),
            },
            _ => {
                let text = error.to_string();
                let line = text.lines().next().unwrap_or_default();
                line.trim_start_matches("error: ").to_owned()
            }
        }
    }

    /// Returns what a command sends, and what the tools do that it offers: these answer and
    /// propose.
    pub(crate) fn sends(self, entry: &Entry) -> Vec<Sends> {
        let mut all = entry.sends.to_vec();
        if entry.besides == Besides::Tools {
            let offered = self.commands.iter().filter(|one| !one.tools.is_empty());
            let each = offered.flat_map(|one| one.sends).map(|one| one.access);
            let each: BTreeSet<Access> = each.collect();
            let answering = each
                .iter()
                .filter(|access| !access.is_for_another_role() && **access != Access::Publish);
            all.extend(answering.map(|access| access.always()));
        }
        all
    }

    /// Returns the entry of a command.
    pub(crate) fn entry(self, name: &str) -> Option<&'static Entry> {
        self.commands.iter().find(|entry| entry.name == name)
    }
}

/// Why arguments are not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// This version has no such command.
    NotThere,
    /// These arguments are missing.
    Lacks(String),
    /// The arguments do not go together, or one has a value that cannot be.
    Clash(String),
}

/// The arguments that an error says are missing.
fn missing(error: &clap::Error) -> String {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => {
            let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            quoted.join(" and ")
        }
        Some(ContextValue::String(name)) => format!("`{name}`"),
        _ => "more".to_owned(),
    }
}

impl Parsed {
    /// Runs the command with the options of `app`, which may differ from those that were read.
    pub(crate) fn run(&self, app: &App) -> Outcome {
        let fills_folder = self.command.fills_output_folder();
        let files = self.command.named_files();
        files.with_options(&app.global, fills_folder).check()?;
        let command = self.command.as_ref();
        unused_options::refuse_unused(&self.given, self.entry, command, &app.global)?;
        self.refuse_idle_push(&app.global)?;
        self.command.run(app, self.format(&app.global)?)
    }

    /// `--push` is for commands that make a commit; anywhere else it is a slip.
    fn refuse_idle_push(&self, options: &GlobalArgs) -> Result<(), CommandError> {
        let effect = self.command.effect();
        if !options.push || effect.commits(options) {
            return Ok(());
        }
        Err(
            CommandError::usage("`--push` pushes a commit, and this command makes none").hint(
                match effect {
                    Effect::CommitsOnRequest => "add `--commit`",
                    _ => "leave `--push` out",
                },
            ),
        )
    }

    /// The format that is asked for, else the command's own.
    fn format(&self, options: &GlobalArgs) -> Result<Format, CommandError> {
        let formats = self.command.formats();
        let format = options.format.unwrap_or(formats[0]);
        if formats.contains(&format) {
            return Ok(format);
        }
        let with = match formats == self.entry.formats {
            true => "",
            false => " with these arguments",
        };
        let names: Vec<String> = formats.iter().map(ToString::to_string).collect();
        Err(CommandError::usage(format!(
            "`{}` has no format `{format}`{with}",
            self.entry.name
        ))
        .hint(format!("available formats: {}", names.join(", "))))
    }
}
