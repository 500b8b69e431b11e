//! What is wrong with documents, said to people and to GitHub Actions.

use crate::error::{CommandError, ErrorKind};
use crate::model::fact::Gap;
use crate::state::documents::paths;
use crate::state::{self, Diagnostic, Invalid};
use crate::text::phrases;
use crate::ui::Ui;

/// Warnings that a log shows in full; more push the answer out of sight.
const IN_FULL: usize = 5;

/// Shows what is worth fixing: the first in full, and how many more there are.
pub(crate) fn warn(ui: &Ui, warnings: &[Diagnostic]) {
    let style = ui.style();
    let (shown, rest) = warnings.split_at(warnings.len().min(IN_FULL));
    ui.note(state::render(shown, style.color, style.width).trim_end());
    if !rest.is_empty() {
        ui.note(&format!(
            "and {}: `fractary check` shows all of them",
            phrases::counted_as(rest.len() as u64, "more warning", "more warnings")
        ));
    }
    annotate(ui, warnings);
}

/// Says in one line that something is worth fixing: the whole of it again and again, in front of
/// every answer, is read by no one.
pub(crate) fn mention(ui: &Ui, warnings: &[Diagnostic]) {
    if warnings.is_empty() {
        return;
    }
    let count = phrases::counted(warnings.len() as u64, "warning");
    ui.note(&format!(
        "{count} about the files in .fractary: `fractary check` shows what to fix"
    ));
}

/// Faults in documents, as an error that shows them all.
pub(crate) fn broken(ui: &Ui, invalid: Invalid) -> CommandError {
    let hint = "nothing was queried and nothing was changed; `fractary check` shows this again";
    refused(ui, invalid, hint)
}

/// The same where the provider may have been asked already.
pub(crate) fn broken_past(ui: &Ui, invalid: Invalid) -> CommandError {
    refused(
        ui,
        invalid,
        "nothing was changed; `fractary check` shows this again",
    )
}

fn refused(ui: &Ui, invalid: Invalid, hint: &str) -> CommandError {
    annotate(ui, &invalid.diagnostics);
    let style = ui.style();
    CommandError {
        kind: ErrorKind::Usage,
        rendered: Some(state::render(
            &invalid.diagnostics,
            style.color,
            style.width,
        )),
        error: invalid.into(),
        hints: vec![hint.to_owned()],
    }
}

/// Annotations that GitHub shows of one step and level; more are in the log only.
const ANNOTATIONS: usize = 10;

/// Diagnostics as annotations of GitHub Actions; what is too much for it is counted.
pub(crate) fn annotate(ui: &Ui, diagnostics: &[Diagnostic]) {
    let shown = if diagnostics.len() > ANNOTATIONS {
        ANNOTATIONS - 1
    } else {
        diagnostics.len()
    };
    for diagnostic in &diagnostics[..shown] {
        ui.annotate(&diagnostic.to_github());
    }
    let rest = &diagnostics[shown..];
    if !rest.is_empty() {
        let is_error = rest.iter().any(Diagnostic::is_error);
        let level = if is_error { "error" } else { "warning" };
        ui.annotate(&format!(
            "::{level}::{} more in the log of this step",
            rest.len()
        ));
    }
}

/// What could not be asked, and why, as a line.
pub(crate) fn gap(gap: &Gap) -> String {
    format!(
        "{} {}: {}",
        gap.operation,
        gap.cause.words(),
        gap.message.terminal()
    )
}

/// A template failed: the built-in ones are tested, so it is one of the user's.
pub(crate) fn template(error: impl Into<anyhow::Error>) -> CommandError {
    CommandError::new(ErrorKind::Usage, error).hint(format!(
        "fix the template in {}, or remove it to use the built-in one",
        paths::templates_dir()
    ))
}
