//! The user's checks: what is wrong with their files, and which of their examples do not hold.

use crate::catalog::checks::Check;
use crate::catalog::registry::{DataError, Registry, Whose};
use crate::core::audit::examples;
use crate::error::CommandError;
use crate::model::monitoring::HouseRule;
use crate::model::paths::RepoPath;
use crate::state::State;
use crate::state::diagnostic::source::Source;
use crate::state::diagnostic::{Diagnostic, DiagnosticLevel};

/// The code of faults that no check can be evaluated with.
const INVALID: &str = "check/invalid";

/// The built-in checks and the user's.
pub(crate) fn registry(state: &State) -> Result<Registry<Check>, CommandError> {
    load(state).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        CommandError::usage(all.join("\n")).hint("`fractary check` shows the place")
    })
}

/// Returns the check of this id.
pub(crate) fn find<'r>(registry: &'r Registry<Check>, id: &str) -> Result<&'r Check, CommandError> {
    registry.get(id).ok_or_else(|| {
        let shown = crate::text::escape::terminal(id);
        let error = CommandError::usage(format!("there is no check `{shown}`"));
        let known = registry.iter().map(|check| check.id.as_str());
        match crate::text::similar::nearest(id, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`fractary audit --list-checks` lists them"),
        }
    })
}

/// A check was asked for, and the rule that it asks about was not made.
pub(crate) fn without_rule(check: &Check, rule: HouseRule) -> CommandError {
    let (id, key) = (&check.id, rule.key());
    let error = CommandError::usage(format!("`{id}` has nothing to ask: there is no `{key}`"));
    error.hint(format!("set `{key}` in `[compliance]` of monitoring.toml"))
}

/// What `fractary check` says of the user's checks. Without any it loads none.
pub(crate) fn check(state: &State) -> Vec<Diagnostic> {
    if state.checks.is_empty() {
        return Vec::new();
    }
    let (code, faults) = match load(state) {
        Ok(registry) => ("check/example", examples::run(&registry, Whose::Users)),
        Err(faults) => (INVALID, faults),
    };
    let of_file = |(path, text): &(RepoPath, String)| -> Vec<Diagnostic> {
        let source = Source { path, text };
        let faults = faults.iter().filter(|fault| fault.file == path.as_str());
        faults
            .map(|fault| diagnostic(source, code, fault))
            .collect()
    };
    state.checks.iter().flat_map(of_file).collect()
}

fn load(state: &State) -> Result<Registry<Check>, Vec<DataError>> {
    let files = state.checks.iter();
    let files: Vec<(String, String)> = files
        .map(|(path, text)| (path.to_string(), text.clone()))
        .collect();
    Registry::load(&files)
}

fn diagnostic(source: Source<'_>, code: &'static str, fault: &DataError) -> Diagnostic {
    let place = Some(fault.span.clone());
    let out = source.diagnostic(DiagnosticLevel::Error, place, code, fault.message.clone());
    match &fault.fix {
        Some(fix) => out.help(fix.clone()),
        None if code == INVALID => {
            out.help("`fractary schema check` prints what the file of a check may hold")
        }
        None => out.help("correct the example or the check"),
    }
}
