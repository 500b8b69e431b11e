//! Finding out what an error means and what has solved it, and recording what came of it.

pub(crate) mod answer;
pub(crate) mod record;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::app::permissions;
use crate::catalog::errors::KnownErrors;
use crate::core::debug;
use crate::core::debug::Experience;
use crate::error::CommandError;
use crate::model::debug::{CompletionReport, DebugReport};
use crate::model::issue_log::IssueLog;
use crate::text::Untrusted;

/// The text that an argument means: a file, standard input for `-` and for nothing, or itself.
pub(crate) fn read(argument: Option<&str>) -> Result<String, CommandError> {
    let stdin = PathBuf::from("-");
    match argument {
        None if std::io::stdin().is_terminal() => Err(CommandError::usage("no error is given")
            .hint("give a file or the error's words, or pipe it: `terraform apply 2>&1 | fractary debug`")),
        None | Some("-") => permissions::read(&stdin),
        Some(argument) => match Path::new(argument) {
            path if path.is_file() => permissions::read(path),
            _ if looks_like_file(argument) => {
                let shown = Untrusted::from(argument).terminal();
                Err(CommandError::usage(format!("there is no file `{shown}`"))
                    .hint("give the words of the error in quotes, or `-` for standard input"))
            }
            _ => Ok(argument.to_owned()),
        },
    }
}

/// One word with a dot or slash in it, such as `apply.log`: nobody describes an error so.
fn looks_like_file(argument: &str) -> bool {
    let ending = argument.rsplit('.').next().unwrap_or_default();
    let is_ending = ending.len() < 6 && ending.chars().all(|c| c.is_ascii_lowercase());
    !argument.contains(char::is_whitespace)
        && (argument.contains('/') || (argument.contains('.') && is_ending))
}

/// What is known of the errors of a text.
pub(crate) fn diagnose(app: &App, text: &str, log: Option<&IssueLog>) -> DebugReport {
    let environment = app.global.env.first().map(ToString::to_string);
    let experience = Experience {
        known: KnownErrors::built_in(),
        log,
        environment: environment.as_deref(),
        now: app.clock.now(),
    };
    debug::diagnose(text, experience)
}

/// What completing the fix of each error takes.
pub(crate) fn complete(report: &DebugReport) -> CompletionReport {
    CompletionReport {
        version: "1.0.0".to_owned(),
        kind: "debug-completion".to_owned(),
        environment: report.environment.clone(),
        completions: debug::completions(report),
    }
}
