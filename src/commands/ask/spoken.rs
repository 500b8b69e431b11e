//! The commands as `ask` knows them: the definition of the command line, as data.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction};

use crate::app::command_line::CommandLine;
use crate::core::ask::{KnownCommand, KnownPlace};

/// Every command that can be run, with those below others.
pub(crate) fn commands(command_line: CommandLine) -> Vec<KnownCommand> {
    let mut out = Vec::new();
    add(&command_line.definition(), "", &mut out);
    out
}

fn add(parent: &clap::Command, path: &str, out: &mut Vec<KnownCommand>) {
    for command in parent.get_subcommands().filter(|one| !one.is_hide_set()) {
        let name = format!("{path}{}", command.get_name());
        if !command.is_subcommand_required_set() {
            out.push(KnownCommand {
                name: name.clone(),
                about: text(command.get_about()),
                places: command.get_arguments().filter_map(place).collect(),
            });
        }
        add(command, &format!("{name} "), out);
    }
}

fn place(arg: &Arg) -> Option<KnownPlace> {
    if arg.is_hide_set() {
        return None;
    }
    let takes_value = arg.get_action().takes_values();
    let names = arg.get_value_names().unwrap_or_default();
    let value = names.first().map(ToString::to_string);
    let value = value.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    let values = arg.get_possible_values();
    let several = arg
        .get_num_args()
        .is_some_and(|range| range.max_values() > 1);
    Some(KnownPlace {
        name: arg
            .get_long()
            .map_or_else(|| value.clone(), |long| format!("--{long}")),
        value: takes_value.then_some(value),
        values: values
            .iter()
            .filter(|_| takes_value)
            .map(|value| value.get_name().to_owned())
            .collect(),
        about: text(arg.get_help()),
        required: arg.is_required_set(),
        many: several || matches!(arg.get_action(), ArgAction::Append),
    })
}

fn text(text: Option<&StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}
