//! The user's kinds: what is wrong with their files, and which of their examples do not hold.

use crate::catalog::Catalog;
use crate::catalog::registry::{DataError, Whose};
use crate::core::health::state_cases;
use crate::error::CommandError;
use crate::model::paths::RepoPath;
use crate::state::State;
use crate::state::diagnostic::source::Source;
use crate::state::diagnostic::{Diagnostic, DiagnosticLevel};

/// The code of faults that no kind can be used with.
pub(crate) const INVALID: &str = "kind/invalid";

/// The built-in kinds and the user's.
pub(crate) fn catalog(state: &State) -> Result<Catalog, CommandError> {
    load(state).map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        CommandError::usage(all.join("\n"))
            .hint("`fractary schema kind` prints what a kind file may hold")
    })
}

/// What `fractary check` says of the user's kinds.
pub(crate) fn check(state: &State) -> Vec<Diagnostic> {
    let (code, faults) = match load(state) {
        Ok(catalog) => ("kind/example", state_cases::run(&catalog, Whose::Users)),
        Err(faults) => (INVALID, faults),
    };
    let of_file = |(path, text): &(RepoPath, String)| -> Vec<Diagnostic> {
        let source = Source { path, text };
        let faults = faults.iter().filter(|fault| fault.file == path.as_str());
        faults
            .map(|fault| diagnostic(source, code, fault))
            .collect()
    };
    state.kinds.iter().flat_map(of_file).collect()
}

fn load(state: &State) -> Result<Catalog, Vec<DataError>> {
    let kinds = state.kinds.iter();
    let kinds: Vec<(String, String)> = kinds
        .map(|(path, text)| (path.to_string(), text.clone()))
        .collect();
    Catalog::with_user_kinds(&kinds)
}

fn diagnostic(source: Source<'_>, code: &'static str, fault: &DataError) -> Diagnostic {
    let place = Some(fault.span.clone());
    let out = source.diagnostic(DiagnosticLevel::Error, place, code, fault.message.clone());
    match &fault.fix {
        Some(fix) => out.help(fix.clone()),
        None if code == INVALID => {
            out.help("`fractary schema kind` prints what a kind file may hold")
        }
        None => out.help("correct the example or the kind"),
    }
}
