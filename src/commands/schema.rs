//! `fractary schema [NAME]`: print a JSON Schema, or their names.

use clap::Args;

use crate::app::answer::output;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::json;
use crate::state::documents;

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Name of the schema, for instance `registry`
    pub name: Option<String>,
}

pub(crate) fn run(args: &SchemaArgs, app: &App) -> Outcome {
    let names = documents::names();
    let formats: &[Format] = match args.name {
        None => &[Format::Text, Format::Json],
        Some(_) => &[Format::Json],
    };
    let format = publish::format_of(app, "schema", formats)?;
    let answer = match &args.name {
        None if format == Format::Json => json::pretty(&names).map_err(CommandError::bug)?,
        None => names.iter().map(|name| format!("{name}\n")).collect(),
        Some(name) => documents::find(name)
            .ok_or_else(|| {
                CommandError::usage(format!(
                    "there is no schema `{}`",
                    crate::text::escape::terminal(name)
                ))
                .hint(format!("schemas there are: {}", names.join(", ")))
            })?
            .schema()
            .to_owned(),
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}
