//! `fractary schema [NAME]`: print a JSON Schema, or their names.

use clap::Args;

use crate::commands::pipeline::publish;
use crate::commands::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::state::schema;

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Name of the schema, for instance `registry`
    pub name: Option<String>,
}

pub(crate) fn run(args: &SchemaArgs, app: &App) -> Outcome {
    let names: Vec<&str> = schema::names().collect();
    let answer = match &args.name {
        None => names.iter().map(|name| format!("{name}\n")).collect(),
        Some(name) => schema::get(name)
            .ok_or_else(|| {
                CommandError::usage(format!(
                    "there is no schema `{}`",
                    crate::text::escape::terminal(name)
                ))
                .hint(format!("schemas there are: {}", names.join(", ")))
            })?
            .to_owned(),
    };
    publish::answer(app, &answer)?;
    Ok(ExitCode::Ok)
}
