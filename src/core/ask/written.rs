//! Files that an answer goes to or facts come from.

use std::collections::HashSet;

use super::entity::{Entity, entity};
use super::vocabulary::Vocabulary;
use super::words::Token;

/// What tells that a file is written, not read.
const SAVES: &[&str] = &[
    "send", "write", "save", "store", "dump", "export", "put", "print", "written", "saved",
    "stored", "dumped", "exported",
];
/// Words that may stand between what leads to a file and the file.
const BETWEEN: &[&str] = &[
    "the",
    "a",
    "file",
    "called",
    "named",
    "recording",
    "my",
    "our",
];

/// Whether a name without an ending is where something is written: `_fractary`, `~/.bashrc`, and
/// `bundles/` behind a verb that saves.
fn is_place(raw: &str, saves: bool) -> bool {
    let last = raw.rsplit('/').next().unwrap_or_default();
    let hidden = last.starts_with('.') && raw.contains('/') && raw.len() > 4;
    raw.starts_with('_') || hidden || raw.ends_with('/') && raw.len() > 1 && saves
}

/// `observe it into bundles/`.
fn is_folder_to_fill(tokens: &[Token], at: usize) -> bool {
    let raw = &tokens[at].raw;
    raw.len() > 1 && raw.ends_with('/') && at > 0 && tokens[at - 1].word == "into"
}

/// `the script should go into /etc/completions/fractary`: a path without an ending is written to
/// where something goes there, and looked into where something is there.
fn goes_there(tokens: &[Token], at: usize) -> bool {
    let raw = &tokens[at].raw;
    let word = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| tokens[at].word.as_str())
    };
    let is_path = raw.len() > 2 && raw.contains('/') && !raw.ends_with('/');
    let path = is_path && raw.starts_with(['/', '~', '.']);
    let goes = word(1) == "into"
        || word(1) == "to" && matches!(word(2), "it" | "that" | "output" | "go" | "goes");
    path && goes
}

/// `the plan is in plan.json` says where something is, and not where it goes.
fn lies_there(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
    tokens[at].word == "in" && matches!(before, "is" | "are" | "lies" | "lie" | "sits" | "stands")
}

/// Files that an answer goes to or facts come from.
pub(super) fn files(
    tokens: &[Token],
    text: &HashSet<usize>,
    vocabulary: &Vocabulary,
    out: &mut Vec<Entity>,
) {
    let word = |at: usize| tokens[at].word.as_str();
    let said = |words: &[&str]| {
        (0..tokens.len()).find(|at| !text.contains(at) && words.contains(&word(*at)))
    };
    let saves = said(SAVES);
    // `keep every fact it reads in facts.json`.
    let facts = said(&["fact", "facts"]);
    for at in 0..tokens.len() {
        let token = &tokens[at];
        let there = !text.contains(&at) && !token.quoted;
        if !there
            || !(vocabulary.is_file(&token.raw)
                || is_place(&token.raw, saves.is_some())
                || goes_there(tokens, at)
                || is_folder_to_fill(tokens, at))
        {
            continue;
        }
        let back = (0..at).rev().find(|at| !BETWEEN.contains(&word(*at)));
        let before = back.map_or("", word);
        let first = back.map_or(0, |back| back + 1);
        let called = |name: &str| (first..at).any(|at| word(at) == name);
        let leads = matches!(before, "to" | "into" | "in" | "as" | "under");
        if back.is_some_and(|back| lies_there(tokens, back)) && saves.or(facts).is_none() {
            continue;
        }
        let (slot, verb) = match (said(&["replay"]), said(&["record"])) {
            (Some(verb), _) => ("replay", Some(verb)),
            _ if called("recording") => (
                "replay",
                back.filter(|_| matches!(before, "use" | "with" | "from" | "of")),
            ),
            (None, Some(verb)) if leads => ("record", Some(verb)),
            (None, None) if leads && facts.is_some() => ("record", facts),
            _ if leads || called("file") => ("output", saves),
            _ if back == saves && saves.is_some() => ("output", saves),
            _ => continue,
        };
        let from = match leads {
            true => back.unwrap_or(at),
            false => first,
        };
        out.push(entity(slot, token.raw.clone(), from, at + 1));
        if let Some(verb) = verb {
            let to =
                verb + 1 + usize::from(tokens.get(verb + 1).is_some_and(|next| next.word == "it"));
            out.push(entity(slot, token.raw.clone(), verb, to));
        }
    }
}
