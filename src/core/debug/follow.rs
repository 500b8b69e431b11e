//! Errors that follow from others of the same text: they are linked, and need no solution.

use super::found::FoundError;
use crate::text::Untrusted;

/// What Terraform says when something stops that was not finished.
const STOPPED: &[&str] = &[
    "context canceled",
    "operation was canceled",
    "execution halted",
    "request canceled, context canceled",
    "errors were encountered while processing",
    "error releasing the state lock",
    "failed to save state",
];
/// What is said of a name that an earlier fault took away.
const MISSING: &[&str] = &[
    "reference to undeclared",
    "reference to unsupported attribute",
    "unsupported attribute",
    "invalid index",
    "a managed resource",
    "missing resource instance key",
    "no module call named",
];
/// Faults that make a file or module unreadable, so that its names are missing.
const UNREADABLE: &[&str] = &[
    "argument or block definition required",
    "unclosed configuration block",
    "invalid block definition",
    "invalid expression",
    "missing newline after argument",
    "unreadable module directory",
    "module not installed",
    "unsupported block type",
    "duplicate",
];

/// For each error the index of the one that it follows from.
pub(super) fn follows(errors: &[FoundError]) -> Vec<Option<usize>> {
    let all: Vec<String> = errors
        .iter()
        .map(|one| one.facts.whole.raw().to_lowercase())
        .collect();
    (0..errors.len())
        .map(|index| cause(errors, &all, index))
        .collect()
}

fn cause(errors: &[FoundError], all: &[String], index: usize) -> Option<usize> {
    let has = |at: usize, words: &[&str]| words.iter().any(|word| all[at].contains(word));
    // What was stopped follows from what stopped it, and that was said before.
    if has(index, STOPPED) {
        return (0..index).find(|at| !has(*at, STOPPED));
    }
    let mut others = (0..errors.len()).filter(|at| *at != index);
    if has(index, MISSING) {
        // The name belongs to something that failed, or to a file that could not be read.
        return others.find(|at| {
            !has(*at, MISSING)
                && (has(*at, UNREADABLE) || names(&all[index], errors[*at].facts.address.as_ref()))
        });
    }
    // Text that names the address of another error is about what that one did not make.
    let own = errors[index].facts.address.as_ref().map(Untrusted::raw);
    (0..index).find(|at| {
        let address = errors[*at].facts.address.as_ref();
        address.map(Untrusted::raw) != own && names(&all[index], address)
    })
}

/// Whether a text names an address, whole.
fn names(text: &str, address: Option<&Untrusted>) -> bool {
    let Some(address) = address.map(|address| address.raw().to_lowercase()) else {
        return false;
    };
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(&address).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + address.len()..].chars().next();
        !before.is_some_and(|c| inside(c) || c == '.') && !after.is_some_and(inside)
    })
}
