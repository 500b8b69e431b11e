//! `fractary schema [NAME]`: print a JSON Schema, or their names.

use clap::Args;

use crate::app::answer::output;
use crate::app::answers;
use crate::app::command::{Command, Entry};
use crate::app::formats::{AnswerFormat, Formats, OnlyJson};
use crate::app::options::Format;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::json;

#[doc(hidden)]
pub use crate::app::answers::{ANSWERS, generated_schemas};

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Name of the schema, for instance `registry`
    pub name: Option<String>,
}

/// The entry of `schema` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<SchemaArgs>("schema", "Print a JSON Schema, or list the names of all");

impl Command for SchemaArgs {
    type Formats = AnswerFormat;

    fn formats(&self) -> &'static [Format] {
        match self.name {
            Some(_) => OnlyJson::ALL,
            None => AnswerFormat::ALL,
        }
    }

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let names = answers::names();
        let answer = match &self.name {
            None => match format {
                AnswerFormat::Json => json::pretty(&names).map_err(CommandError::bug)?,
                AnswerFormat::Text => names.iter().map(|name| format!("{name}\n")).collect(),
            },
            Some(name) => answers::find(name)
                .ok_or_else(|| {
                    CommandError::usage(format!(
                        "there is no schema `{}`",
                        crate::text::escape::terminal(name)
                    ))
                    .hint(format!("available schemas: {}", names.join(", ")))
                })?
                .to_owned(),
        };
        output::write(app, &answer)?;
        Ok(ExitCode::Ok)
    }
}
