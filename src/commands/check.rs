//! `fractary check`: is every state file valid, and every generated file what it is made from?

use clap::Args;

use crate::app::answer::fault_documents;
use crate::app::answer::faults;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::decide::generated;
use crate::app::formats::FaultFormat;
use crate::app::set_up::editor;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::workspace::checks;
use crate::app::workspace::kinds;
use crate::app::workspace::load;
use crate::app::workspace::open;
use crate::app::workspace::origin::Origin;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::model::answers::Fault;
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
    Entry::new::<CheckArgs>("check", "Validate every state file and generated file")
        .tools(&[AssistantTool::reading(&[], &[ToolDocument::List("fault")])]);

impl Command for CheckArgs {
    type Formats = FaultFormat;

    fn run(&self, app: &App, format: FaultFormat) -> Outcome {
        let repository = open::open(app)?;
        let origin = Origin::find(&repository)?;
        let files = std::rc::Rc::clone(&origin.files);
        open::refuse_empty(files.as_ref())?;
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
                    diagnostics.extend(generated::check(&workspace.documents())?);
                }
                diagnostics.extend(of_kinds);
                diagnostics.extend(of_checks);
                (diagnostics, documents)
            }
            Err(invalid) => (invalid.diagnostics, 0),
        };
        diagnostics.extend(editor::check(files.as_ref())?);
        let (logs, broken) = state::check_logs(files.as_ref());
        diagnostics.extend(broken);
        let documents = documents + logs;
        faults::annotate(&app.ui, &diagnostics);
        let failed = diagnostics.iter().any(Diagnostic::is_error)
            || (self.strict && !diagnostics.is_empty());
        output::write(app, &render(app, &diagnostics, documents, format)?)?;
        Ok(if failed {
            ExitCode::Usage
        } else {
            ExitCode::Ok
        })
    }
}

fn render(
    app: &App,
    diagnostics: &[Diagnostic],
    documents: usize,
    format: FaultFormat,
) -> Result<String, CommandError> {
    let style = app.ui.style();
    let document = match format {
        FaultFormat::Json => {
            let faults: Vec<Fault> = diagnostics.iter().map(Diagnostic::to_fault).collect();
            return json::pretty(&faults).map_err(CommandError::bug);
        }
        FaultFormat::Sarif => fault_documents::sarif(diagnostics),
        FaultFormat::LspJson => fault_documents::language_server(diagnostics),
        FaultFormat::Text if diagnostics.is_empty() => {
            let text =
                format!("✓ {documents} documents are valid, and generated files are up to date\n");
            return Ok(style.signs(text));
        }
        FaultFormat::Text => return Ok(state::render(diagnostics, style.color, style.width)),
    };
    json::pretty(&document).map_err(CommandError::bug)
}
