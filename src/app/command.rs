//! What a command is: its entry in the list of commands, and its arguments, ready to run.

use clap::{ArgMatches, Args};

use crate::app::access::Sends;
use crate::app::answer::named_files::NamedFiles;
use crate::app::formats::Formats;
use crate::app::options::{Format, GlobalArgs};
use crate::app::shared_options::SharedOption;
use crate::app::tool::AssistantTool;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ErrorKind};

/// A command with its arguments.
pub(crate) trait Command {
    /// The formats of its answer.
    type Formats: Formats;

    /// Returns what it does with these arguments besides answering.
    fn effect(&self) -> Effect {
        Effect::None
    }

    /// Returns the formats it has with these arguments, of all that its type has. The first is
    /// the default.
    fn formats(&self) -> &'static [Format] {
        Self::Formats::ALL
    }

    /// Returns whether it puts a file of its own making where `--output` names a folder.
    fn fills_output_folder(&self) -> bool {
        false
    }

    /// Returns whether it does without environments and AWS with these arguments.
    fn is_offline(&self) -> bool {
        false
    }

    /// Returns the files that its own arguments name.
    fn named_files(&self) -> NamedFiles<'_> {
        NamedFiles::default()
    }

    /// Does it.
    fn run(&self, app: &App, format: Self::Formats) -> Outcome;
}

/// Any command, whatever its formats.
pub(crate) trait AnyCommand {
    /// As [`Command::effect`].
    fn effect(&self) -> Effect;

    /// As [`Command::formats`].
    fn formats(&self) -> &'static [Format];

    /// As [`Command::fills_output_folder`].
    fn fills_output_folder(&self) -> bool;

    /// As [`Command::is_offline`].
    fn is_offline(&self) -> bool;

    /// As [`Command::named_files`].
    fn named_files(&self) -> NamedFiles<'_>;

    /// As [`Command::run`], with one of its formats.
    fn run(&self, app: &App, format: Format) -> Outcome;
}

impl<C: Command> AnyCommand for C {
    fn effect(&self) -> Effect {
        Command::effect(self)
    }

    fn formats(&self) -> &'static [Format] {
        Command::formats(self)
    }

    fn fills_output_folder(&self) -> bool {
        Command::fills_output_folder(self)
    }

    fn is_offline(&self) -> bool {
        Command::is_offline(self)
    }

    fn named_files(&self) -> NamedFiles<'_> {
        Command::named_files(self)
    }

    fn run(&self, app: &App, format: Format) -> Outcome {
        let found = C::Formats::find(format);
        let found = found.ok_or_else(|| {
            CommandError::say(ErrorKind::Bug, format!("no format `{format}` was refused"))
        })?;
        Command::run(self, app, found)
    }
}

/// What a command does besides answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing, unless options ask for it.
    None,
    /// A commit, where `--commit` asks for one.
    CommitsOnRequest,
    /// A commit, unless options forbid it.
    Commits,
    /// Files of its own, which are no commit of this repository.
    Writes,
}

impl Effect {
    /// Returns whether there may be a commit that `--push` can push.
    pub(crate) fn commits(self, options: &GlobalArgs) -> bool {
        match self {
            Self::Commits => true,
            Self::CommitsOnRequest => options.commit,
            Self::None | Self::Writes => false,
        }
    }

    /// Returns whether something is changed, so that `ask` needs consent.
    pub(crate) fn changes(self, options: &GlobalArgs) -> bool {
        let by_itself = matches!(self, Self::Commits | Self::Writes);
        let on_request =
            options.commit || options.write || options.push || options.record.is_some();
        by_itself || on_request
    }
}

/// What reaches AWS because of a command, and is not in what it sends itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Besides {
    /// Nothing.
    Nothing,
    /// What Terraform or OpenTofu ask.
    Terraform,
    /// The price list, which is public.
    PriceList,
    /// What the commands ask that it offers as tools.
    Tools,
}

/// A command's entry in the list of commands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What it does, in a line.
    about: &'static str,
    /// The formats it has; the first is the default.
    pub(crate) formats: &'static [Format],
    /// What it asks of AWS.
    pub(crate) sends: &'static [Sends],
    /// The options of every command that it uses and that do not follow from what it does.
    pub(crate) uses: &'static [SharedOption],
    /// What it offers to an assistant.
    pub(crate) tools: &'static [AssistantTool],
    /// What is sent besides, by whom.
    pub(crate) besides: Besides,
    define: fn(clap::Command) -> clap::Command,
    parse: fn(&ArgMatches) -> Result<Box<dyn AnyCommand>, clap::Error>,
}

impl Entry {
    /// The entry of a command that sends nothing to AWS.
    pub(crate) const fn new<C: Command + Args + 'static>(
        name: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            about,
            formats: C::Formats::ALL,
            sends: &[],
            uses: &[],
            tools: &[],
            besides: Besides::Nothing,
            define: C::augment_args,
            parse: |matches| Ok(Box::new(C::from_arg_matches(matches)?)),
        }
    }

    /// With what it asks of AWS.
    pub(crate) const fn sends(self, sends: &'static [Sends]) -> Self {
        Self { sends, ..self }
    }

    /// With the options of every command that it uses.
    pub(crate) const fn uses(self, uses: &'static [SharedOption]) -> Self {
        Self { uses, ..self }
    }

    /// With what it offers to an assistant.
    pub(crate) const fn tools(self, tools: &'static [AssistantTool]) -> Self {
        Self { tools, ..self }
    }

    /// With what others send because of it.
    pub(crate) const fn besides(self, besides: Besides) -> Self {
        Self { besides, ..self }
    }

    /// What is to be said of what it sends, where it sends nothing by itself, or others do.
    pub(crate) fn sending(&self, sends_nothing: bool) -> Option<String> {
        let name = self.name;
        match self.besides {
            Besides::Terraform => Some(format!(
                "`{name}` starts Terraform or OpenTofu, which need what your configuration reads and makes."
            )),
            Besides::PriceList => Some(format!(
                "`{name} update` reads the public price list of AWS, for which nobody needs a permission."
            )),
            Besides::Tools => Some(format!(
                "`{name}` sends what the tools send that are called. This is for all of them; none changes anything."
            )),
            Besides::Nothing if sends_nothing => Some(format!("`{name}` sends nothing to AWS.")),
            Besides::Nothing => None,
        }
    }

    /// Returns its definition for clap.
    pub(crate) fn definition(&self) -> clap::Command {
        (self.define)(clap::Command::new(self.name))
            // Groups of options must not speak for the whole command.
            .about(self.about)
            .long_about(None)
    }

    /// Reads its arguments.
    pub(crate) fn parse(&self, matches: &ArgMatches) -> Result<Box<dyn AnyCommand>, clap::Error> {
        (self.parse)(matches)
    }
}
