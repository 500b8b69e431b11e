//! Whether this version has a command line: clap says so, and nobody else.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::cli;
use crate::cli::Cli;

/// What this version makes of a command line.
pub(crate) enum Offer {
    /// It has it.
    Has(Box<Cli>),
    /// It has it not, and why.
    Lacks(String),
}

/// Parses a command line without the program's name. Nothing is run.
pub(crate) fn offer(arguments: &[String]) -> Offer {
    let program = OsString::from("fractary");
    let all = std::iter::once(program).chain(arguments.iter().map(OsString::from));
    match cli::parse_from(all) {
        Ok(cli) => Offer::Has(Box::new(cli)),
        Err(error) => Offer::Lacks(why(arguments, &error)),
    }
}

fn why(arguments: &[String], error: &clap::Error) -> String {
    let root = Cli::command();
    let mut at = &root;
    let mut known = Vec::new();
    for argument in arguments {
        match at.find_subcommand(argument) {
            Some(next) => {
                at = next;
                known.push(argument.as_str());
            }
            None => break,
        }
    }
    let first = arguments.first().map_or("", String::as_str);
    match error.kind() {
        _ if known.is_empty() => format!("it has no command `{first}`"),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => "that only shows help".to_owned(),
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.trim_start_matches("error: ").to_owned()
        }
    }
}
