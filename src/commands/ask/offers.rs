//! What is offered is what the program takes: command lines are held against its own definition,
//! and one that clashes with it or lacks something is never shown as one to copy.

use crate::app::command_line::{CommandLine, Flaw};
use crate::core::ask::{Candidate, Reading};

/// The same reading, with command lines that the program takes. What they lack is named, and what
/// clashes is left out of what is only offered, and asked back about where it is meant.
pub(crate) fn held(mut reading: Reading, command_line: CommandLine) -> Reading {
    let was_clear = reading.is_clear();
    let clash = reading
        .best
        .as_mut()
        .and_then(|best| mended(best, command_line));
    if let Some(clash) = clash.filter(|_| was_clear) {
        reading.doubts.push(clash);
    }
    for other in &mut reading.others {
        mended(other, command_line);
    }
    // Two that became the same are one.
    let mut seen: Vec<Vec<String>> = Vec::new();
    seen.extend(reading.best.iter().map(|best| best.arguments.clone()));
    reading.others.retain(|other| {
        let new = !seen.contains(&other.arguments);
        seen.push(other.arguments.clone());
        new
    });
    reading
}

/// Mends a candidate; says what was wrong with it.
fn mended(candidate: &mut Candidate, command_line: CommandLine) -> Option<String> {
    if command_line.flaw(&candidate.instead).is_some() {
        candidate.instead.clear();
    }
    let mut first = None;
    // Each step takes at least one argument away.
    while let Some(flaw) = command_line.flaw(&candidate.arguments) {
        let (says, more) = match flaw {
            Flaw::NotThere => return first,
            Flaw::Lacks(what) => {
                let says = format!("it needs {what}");
                if candidate.missing.is_empty() {
                    candidate.missing.push(says.clone());
                }
                return first.or(Some(says));
            }
            Flaw::Clash(says) => (says, shorten(candidate)),
        };
        first = first.or(Some(says));
        if !more {
            return first;
        }
    }
    first
}

/// Takes the last option away; `false` where none is left.
fn shorten(candidate: &mut Candidate) -> bool {
    let last = candidate
        .arguments
        .iter()
        .rposition(|one| one.starts_with("--"));
    if let Some(last) = last {
        candidate.arguments.truncate(last);
    }
    last.is_some()
}
