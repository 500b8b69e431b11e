//! `fractary check`: is every state file valid, and every generated file what it is made from?

use clap::Args;

use crate::app::answer::faults;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::decide::deployed;
use crate::app::formats::AnswerFormat;
use crate::app::workspace::checks;
use crate::app::workspace::kinds;
use crate::app::workspace::load;
use crate::app::workspace::open;
use crate::app::workspace::origin::Origin;
use crate::app::workspace::views::DeployedSources;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::render::json;
use crate::state;
use crate::state::Diagnostic;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
}

/// The entry of `check` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<CheckArgs>("check", "Validate every state file and generated file");

impl Command for CheckArgs {
    type Formats = AnswerFormat;

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let repository = open::open(app)?;
        let origin = Origin::find(&repository)?;
        let files = std::rc::Rc::clone(&origin.files);
        let (mut diagnostics, documents) = match state::load_thoroughly(files.as_ref()) {
            Ok((state, past)) => {
                let mut diagnostics = state.warnings.clone();
                let documents = state.documents + past.documents;
                let of_kinds = kinds::check(&state);
                let of_checks = checks::check(&state);
                // What is generated follows from the kinds.
                if !of_kinds.iter().any(|fault| fault.code == kinds::INVALID) {
                    let workspace = load::complete(&app.ui, repository, origin, state)?;
                    diagnostics = open::warnings(app, &workspace)?;
                    diagnostics.extend(generated_files(workspace.documents().deployed())?);
                }
                diagnostics.extend(of_kinds);
                diagnostics.extend(of_checks);
                (diagnostics, documents)
            }
            Err(invalid) => (invalid.diagnostics, 0),
        };
        let (logs, broken) = state::check_logs(files.as_ref());
        diagnostics.extend(broken);
        let documents = documents + logs;
        faults::annotate(&app.ui, &diagnostics);
        let failed = diagnostics.iter().any(Diagnostic::is_error)
            || (self.strict && !diagnostics.is_empty());
        match format {
            AnswerFormat::Json => output::write(
                app,
                &json::pretty(&listed(&diagnostics)).map_err(CommandError::bug)?,
            )?,
            AnswerFormat::Text if diagnostics.is_empty() => {
                output::write(
                    app,
                    &format!(
                        "✓ {documents} documents are valid, and generated files are up to date\n"
                    ),
                )?;
            }
            AnswerFormat::Text => {
                let style = app.ui.style();
                output::write(app, &state::render(&diagnostics, style.color, style.width))?;
            }
        }
        Ok(if failed {
            ExitCode::Usage
        } else {
            ExitCode::Ok
        })
    }
}

fn listed(diagnostics: &[Diagnostic]) -> Vec<serde_json::Value> {
    diagnostics.iter().map(Diagnostic::to_json).collect()
}

/// `DEPLOYED.md` of every environment must be what its registry and the kinds say.
fn generated_files(pages: DeployedSources<'_>) -> Result<Vec<Diagnostic>, CommandError> {
    let mut out = Vec::new();
    for (name, document) in pages.registries.iter() {
        let path = state::documents::paths::deployed_md(name);
        let Some(existing) = pages.tree.read_text(&path)? else {
            continue;
        };
        if pages.registries.settings.environment(name).is_err() {
            continue;
        }
        let wanted = deployed::render_deployed(pages, name, &document.value)?;
        if existing != wanted {
            let line = existing
                .lines()
                .zip(wanted.lines())
                .take_while(|(old, new)| old == new)
                .count()
                + 1;
            let message = format!(
                "this generated file is not what {} and the kinds say, from line {line} on",
                document.path
            );
            let registry = std::slice::from_ref(&document.path);
            let by = match pages.tree.edited(registry)?.is_empty() {
                true => "`fractary run` or `fractary adopt` writes it again",
                false => {
                    "`fractary adopt --write` writes it again, and so does `fractary run` once the registry is committed"
                }
            };
            let help = format!("{by}; edit outside of its markers only");
            out.push(Diagnostic::error(&path, "state/generated", message).help(help));
        }
    }
    Ok(out)
}
