//! The old names as a first argument: `fractary ops-manage check-health --env=prod`,
//! `fractary /fractary-helm:dashboard`. Translated before clap sees them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgAction;

use crate::app::command_line::CommandLine;
use crate::commands::ask;
use crate::core::ask::old_names;
use crate::core::ask::quoted;
use crate::env::{Clock, Environment};
use crate::error::CommandError;
use crate::text::escape;
use crate::ui::{ColorChoice, Surroundings, Ui};

/// The arguments as today's commands have them. An old name is said on standard error; one
/// that means nothing, or something that this version lacks, is an error that was said, too.
pub(crate) fn renamed(
    arguments: Vec<OsString>,
    environment: &Environment,
    command_line: CommandLine,
) -> Result<Vec<OsString>, CommandError> {
    let Some((at, folder)) = first_word(&arguments, command_line) else {
        return Ok(arguments);
    };
    let first = arguments[at].to_string_lossy().into_owned();
    if !old_names::is_old(&first) {
        return Ok(arguments);
    }
    let rest: Option<Vec<String>> = arguments[at..]
        .iter()
        .map(|one| one.to_str().map(str::to_owned))
        .collect();
    let world = ask::world(&folder, &Clock::new(None, environment), command_line);
    let found = rest.and_then(|rest| old_names::translate(&rest, &world));
    let Some(found) = found else {
        return Err(unknown(&first));
    };
    let ui = ui(environment);
    let left_out: Vec<String> = found
        .dropped
        .iter()
        .map(|(option, _)| format!("`{option}`"))
        .collect();
    let left_out = match left_out.is_empty() {
        true => String::new(),
        false => format!("; {} is not needed any more", left_out.join(", ")),
    };
    let old = escape::cut(&found.old, 100);
    ui.warn(&format!(
        "`{old}` is an old name; use `fractary {}`{left_out}",
        quoted(&found.arguments)
    ));
    if let Err(why) = command_line.offer(&found.arguments)
        && why.starts_with("it has no command")
    {
        let instead = crate::core::ask::instead(&found);
        return Err(ask::lacks(command_line, &found.arguments, &why, &instead));
    }
    let mut out = arguments[..at].to_vec();
    out.extend(found.arguments.iter().map(OsString::from));
    Ok(out)
}

/// Says an error that came before there was a terminal to say it on.
pub(crate) fn say(error: &CommandError, environment: &Environment) {
    ui(environment).failure(&error.lines());
}

fn ui(environment: &Environment) -> Ui {
    Ui::new(Surroundings::detect(ColorChoice::Auto, false, &|name| {
        environment.variable(name)
    }))
}

fn unknown(first: &str) -> CommandError {
    let mut known: Vec<String> = old_names::table()
        .into_iter()
        .map(|(old, _)| old)
        .filter(|old| {
            old.split(' ').next() == Some(first)
                || (first.starts_with('/') && old.starts_with('/') && !old.contains(' '))
        })
        .collect();
    known.truncate(20);
    CommandError::usage(format!(
        "`{}` with these arguments is not a known old name",
        escape::cut(first, 100)
    ))
    .hint(format!("names of the past: {}", known.join(", ")))
    .hint("`fractary --help` lists the names of today")
}

/// Where the first argument stands that is no option, and the repository that an option before
/// it names. Which options have values is asked of clap.
fn first_word(arguments: &[OsString], command_line: CommandLine) -> Option<(usize, PathBuf)> {
    let command = command_line.definition();
    let takes_value = |name: &str| {
        command.get_arguments().any(|arg| {
            let named = match name.strip_prefix("--") {
                Some(long) => arg.get_long() == Some(long),
                None => arg
                    .get_short()
                    .is_some_and(|short| name == format!("-{short}")),
            };
            named && matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
        })
    };
    let mut folder = PathBuf::from(".");
    let mut at = 1;
    while at < arguments.len() {
        let text = arguments[at].to_string_lossy();
        if !text.starts_with('-') || text == "-" {
            return Some((at, folder));
        }
        if text == "--" {
            return None;
        }
        let takes = takes_value(&text);
        if let Some(joined) = text.strip_prefix("--repo=") {
            folder = joined.into();
        } else if text == "-C" || text == "--repo" {
            folder = arguments.get(at + 1)?.into();
        } else if let Some(joined) = text.strip_prefix("-C") {
            folder = joined.into();
        }
        at += 1 + usize::from(takes);
    }
    None
}
