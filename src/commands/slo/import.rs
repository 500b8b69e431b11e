//! `fractary slo import`: OpenSLO documents as service levels of monitoring.toml.

use std::io::Read;
use std::path::Path;

use crate::app::answer::output;
use crate::app::command::Effect;
use crate::app::formats::ReportFormat;
use crate::app::slo;
use crate::app::workspace::landing;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::openslo::{self, Import, Level};
use crate::render::json;
use crate::text::escape;

/// Most that is read of a file: a byte more than the reader of YAML takes, so that it can say
/// that there is too much.
const MOST_BYTES: u64 = (1 << 20) + 1;

pub(super) fn run(app: &App, file: &Path, format: ReportFormat) -> Outcome {
    let shown = escape::terminal(&file.display().to_string());
    let bytes = bytes(file)
        .map_err(|error| CommandError::usage(format!("could not read {shown}: {error}")))?;
    let parsed =
        openslo::read(&bytes).map_err(|error| CommandError::usage(format!("{shown}: {error}")))?;
    if parsed.is_empty() {
        return Err(
            CommandError::usage(format!("{shown}: no document is in it"))
                .hint("an OpenSLO document begins with `apiVersion: openslo/v1`"),
        );
    }
    let workspace = open::load(app)?;
    let landing = landing::choose(app, Effect::CommitsOnRequest);
    if landing == landing::Landing::Commit && workspace.side().is_some() {
        return Err(CommandError::usage(
            "configuration is read from the checkout, and commits of this repository go to another branch",
        )
        .hint("import with `--write`, and bring the change to the default branch like any other"));
    }
    let (workspace, (import, diff), landed) = slo::import(app, workspace, &parsed, landing)?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    for note in &import.notes {
        let line = format!("{shown}:{}: {}", note.line, note.text.terminal());
        match note.level {
            Level::Noted => app.ui.note(&line),
            Level::Partly | Level::LeftOut => app.ui.warn(&line),
        }
    }
    let answer = match format {
        ReportFormat::Json => {
            json::pretty(&slo::report(&import, diff)).map_err(CommandError::bug)?
        }
        // The command has no Markdown with these arguments.
        ReportFormat::Text | ReportFormat::Markdown => diff,
    };
    output::write(app, &answer)?;
    app.ui.note(&summary(&import, landing));
    landing::report(app, &landed);
    pushed?;
    let left_out = import.notes.iter().any(|note| note.level == Level::LeftOut);
    Ok(if left_out {
        ExitCode::Found
    } else {
        ExitCode::Ok
    })
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().take(MOST_BYTES).read_to_end(&mut out)?;
    } else {
        let file = std::fs::File::open(file)?;
        file.take(MOST_BYTES).read_to_end(&mut out)?;
    }
    Ok(out)
}

fn summary(import: &Import, landing: Landing) -> String {
    let left_out = import
        .notes
        .iter()
        .filter(|note| note.level == Level::LeftOut);
    let hint = match landing {
        Landing::Nothing if !import.edits.is_empty() => {
            "; `--write` or `--commit` makes the change"
        }
        _ => "",
    };
    format!(
        "{} imported, {} left out{hint}",
        import.edits.len(),
        left_out.count()
    )
}
