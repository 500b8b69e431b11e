//! Consent to a command that changes something.

use std::io::{BufRead, IsTerminal};

use crate::app::App;
use crate::app::command_line::CommandLine;
use crate::commands::ask::lines;
use crate::commands::ask::show;
use crate::core::ask::Candidate;
use crate::error::{CommandError, ErrorKind};

/// Asks a person at a terminal. Without one there is no consent.
pub(super) fn given(app: &App, question: &str) -> Result<bool, CommandError> {
    app.ui.lines(&lines(question));
    if !(std::io::stdin().is_terminal() && app.ui.surroundings().stderr_is_terminal) {
        return Ok(false);
    }
    app.ui
        .lines(&["This changes something. Run it? [y/N]".to_owned()]);
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| CommandError::usage(format!("could not read the answer: {error}")))?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

/// The error for a command that needs confirmation and has none.
pub(super) fn missing(line: &[String]) -> CommandError {
    CommandError::say(
        ErrorKind::Refused,
        "this command makes changes and needs confirmation; nothing was done",
    )
    .hint(format!("run it yourself: {}", show::command(line)))
    .hint("or pass `--yes` to `fractary ask`")
}

/// Whether a command line runs without anybody's consent.
pub(crate) fn runs_unasked(command_line: CommandLine, candidate: &Candidate) -> bool {
    let parsed = command_line.offer(&candidate.arguments).ok();
    parsed.is_some_and(|parsed| {
        !(candidate.write || parsed.command.effect().changes(&parsed.options))
    })
}
