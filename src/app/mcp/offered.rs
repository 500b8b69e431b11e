//! The tools that there are, from the definitions of the commands.

use std::any::TypeId;
use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction};

use crate::app::command::Entry;
use crate::app::command_line::CommandLine;
use crate::app::shared_options::SharedOption;
use crate::app::tool::AssistantTool;

/// A tool with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct OfferedTool {
    /// Its name in the protocol.
    pub(crate) name: String,
    /// The name of its command.
    pub(crate) command: &'static str,
    /// What the command does, in a line.
    pub(crate) about: String,
    /// Whether something is asked of AWS, or of anybody else outside.
    pub(crate) asks_outside: bool,
    /// Its entry.
    pub(crate) tool: AssistantTool,
    /// What a caller may give, options first, in the order of the help.
    pub(crate) arguments: Vec<ToolArgument>,
}

/// An argument of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ToolArgument {
    /// Its name in the protocol.
    pub(crate) name: String,
    /// How the command takes it.
    pub(crate) place: ArgumentPlace,
    /// The help of the command.
    pub(crate) help: String,
    /// Whether a call must give it.
    pub(crate) required: bool,
    /// Its values.
    pub(crate) shape: ArgumentShape,
    /// What it is where it is left out.
    pub(crate) default: Option<String>,
}

/// Where an argument goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArgumentPlace {
    /// An option of this name, without the dashes.
    Option(String),
    /// At its place behind the options.
    Positional,
    /// Standard input.
    Input,
}

/// How many values, and of which type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArgumentShape {
    /// It is there or not.
    Flag,
    /// One value.
    One(ValueType),
    /// Any number of values.
    Many(ValueType),
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// A text; the command says what it may be.
    Text,
    /// One of these.
    OneOf(Vec<String>),
    /// A whole number, not below zero.
    Count,
    /// A number.
    Number,
}

/// Returns every tool of these commands, in their order.
pub(crate) fn offered(command_line: CommandLine) -> Vec<OfferedTool> {
    let mut definition = command_line.definition();
    // Numbers the positional arguments.
    definition.build();
    let entries = command_line.commands.iter();
    let each = entries.flat_map(|entry| entry.tools.iter().map(move |tool| (entry, tool)));
    each.filter_map(|(entry, tool)| offer(&definition, entry, *tool))
        .collect()
}

/// `None` where the command has no such subcommand; a test says which that is.
fn offer(definition: &clap::Command, entry: &Entry, tool: AssistantTool) -> Option<OfferedTool> {
    let command = definition.find_subcommand(entry.name)?;
    let subcommands = tool.words.iter().filter(|word| !word.starts_with('-'));
    let leaf = subcommands
        .into_iter()
        .try_fold(command, |above, word| above.find_subcommand(word))?;
    let fixed = |arg: &Arg| {
        let long = arg.get_long().map(|long| format!("--{long}"));
        long.is_some_and(|long| tool.words.contains(&long.as_str()))
    };
    let own = leaf.get_arguments().filter(|arg| is_for_callers(arg));
    let own = own.filter(|arg| {
        let left_out = tool.is_fixed || tool.without.contains(&arg.get_id().as_str());
        !left_out && !fixed(arg)
    });
    let mut arguments: Vec<ToolArgument> = own.map(|arg| argument(arg, tool)).collect();
    let takes_environment = entry.uses.contains(&SharedOption::Env);
    let environment = definition
        .get_arguments()
        .find(|arg| takes_environment && arg.get_id() == "env");
    arguments.extend(environment.map(|arg| argument(arg, tool)));
    arguments.sort_by_key(|argument| argument.place == ArgumentPlace::Positional);
    let about = leaf.get_about().or(command.get_about());
    Some(OfferedTool {
        name: tool.name(entry.name),
        command: entry.name,
        about: about.map(ToString::to_string).unwrap_or_default(),
        asks_outside: !entry.sends.is_empty(),
        tool,
        arguments,
    })
}

/// Whether an assistant may give it: an option of all commands says where and how to run, and a
/// file of the caller's choice is neither read nor written.
fn is_for_callers(arg: &Arg) -> bool {
    let named = !arg.is_global_set() && !arg.is_hide_set();
    let is_help = matches!(
        arg.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    );
    named && !is_help && !is_of::<PathBuf>(arg.get_value_parser())
}

fn is_of<T: 'static>(parser: &ValueParser) -> bool {
    parser.type_id() == TypeId::of::<T>()
}

fn argument(arg: &Arg, tool: AssistantTool) -> ToolArgument {
    let id = arg.get_id().as_str();
    let is_input = tool.input == Some(id);
    let place = match arg.get_long() {
        _ if is_input => ArgumentPlace::Input,
        Some(long) => ArgumentPlace::Option(long.to_owned()),
        None => ArgumentPlace::Positional,
    };
    let name = match &place {
        ArgumentPlace::Option(long) => long.replace('-', "_"),
        ArgumentPlace::Positional | ArgumentPlace::Input => id.to_owned(),
    };
    let many = matches!(arg.get_action(), ArgAction::Append)
        || arg
            .get_num_args()
            .is_some_and(|range| range.max_values() > 1);
    let shape = match arg.get_action() {
        ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Count => ArgumentShape::Flag,
        _ if many => ArgumentShape::Many(value_type(arg)),
        _ => ArgumentShape::One(value_type(arg)),
    };
    let default = arg.get_default_values().first();
    let default = default.and_then(|value| value.to_str()).map(str::to_owned);
    ToolArgument {
        name,
        place,
        help: help(arg, is_input),
        required: is_input || arg.is_required_set(),
        default: default.filter(|_| shape != ArgumentShape::Flag),
        shape,
    }
}

/// The help, but for an argument that stands for a file as well.
fn help(arg: &Arg, is_input: bool) -> String {
    if is_input {
        return "The text to read".to_owned();
    }
    arg.get_help().map(ToString::to_string).unwrap_or_default()
}

fn value_type(arg: &Arg) -> ValueType {
    let parser = arg.get_value_parser();
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| value.get_name().to_owned())
        .collect();
    let counts = is_of::<u64>(parser) || is_of::<u32>(parser) || is_of::<usize>(parser);
    match values.is_empty() {
        false => ValueType::OneOf(values),
        true if counts => ValueType::Count,
        true if is_of::<f64>(parser) => ValueType::Number,
        true => ValueType::Text,
    }
}
