//! What is wanted of any command, in words: `and push it`, `into board.html`, `without colours`,
//! `give up after 30 seconds`. Each is an option that every command has.

use std::collections::HashSet;

use super::entities::Entities;
use super::entity::Entity;
use super::spans;
use super::stem::stem;
use super::vocabulary::{Intent, Vocabulary};
use super::words::Token;

/// Wishes that only some commands have an option for.
pub(super) const OF_SOME: &[&str] = &[
    "strict",
    "offline",
    "prune",
    "stored",
    "refresh",
    "pages",
    "no-alerts",
];
/// Levels of `--fail-on`.
const LEVELS: &[&str] = &["degraded", "unhealthy", "never"];
/// What tells that a file is written, not read.
const SAVES: &[&str] = &[
    "write", "save", "store", "dump", "export", "put", "print", "written", "saved", "stored",
    "dumped", "exported",
];

/// Finds them in the words that are no free text.
pub(super) fn find(
    tokens: &[Token],
    text: &HashSet<usize>,
    of_an_issue: bool,
    vocabulary: &Vocabulary,
) -> Vec<Entity> {
    let mut out: Vec<Entity> = Vec::new();
    // `write down for infra-001 that …` is a note.
    let meant = |one: &Entity| !(of_an_issue && one.value == "write");
    let mut at = 0;
    while at < tokens.len() {
        if text.contains(&at) || tokens[at].quoted {
            at += 1;
            continue;
        }
        let found = phrase(tokens, at, vocabulary)
            .filter(meant)
            .or_else(|| limit(tokens, at))
            .or_else(|| limit_in_front(tokens, at))
            .or_else(|| fails_on(tokens, at, vocabulary))
            .or_else(|| time(tokens, at));
        at = found.as_ref().map_or(at + 1, |one| one.to);
        out.extend(found);
    }
    files(tokens, text, vocabulary, &mut out);
    out
}

/// Where the wishes begin that end a free text: `…, and push it`.
pub(super) fn trailing(tokens: &[Token], from: usize, vocabulary: &Vocabulary) -> usize {
    let part = |at: usize| tokens[at].stop == Some(',') || tokens[at].stop == Some(';');
    let links = |at: usize| matches!(tokens[at].word.as_str(), "and" | "but" | "then" | "please");
    let all_wishes = |mut at: usize| {
        let mut some = false;
        while at < tokens.len() {
            match phrase(tokens, at, vocabulary) {
                Some(wish) => (at, some) = (wish.to, true),
                None if links(at) => at += 1,
                None => return false,
            }
        }
        some
    };
    (from + 1..tokens.len())
        .find(|at| (part(at - 1) || links(*at)) && all_wishes(*at))
        .unwrap_or(tokens.len())
}

fn phrase(tokens: &[Token], at: usize, vocabulary: &Vocabulary) -> Option<Entity> {
    let same = |word: &String, token: &Token| !token.quoted && stem(word) == stem(&token.word);
    let (words, value) = vocabulary.wishes.iter().find(|(words, _)| {
        let there = tokens.get(at..at + words.len());
        there.is_some_and(|there| {
            words
                .iter()
                .zip(there)
                .all(|(word, token)| same(word, token))
        })
    })?;
    Some(entity("wish", value, at, at + words.len()))
}

fn entity(slot: &'static str, value: impl Into<String>, from: usize, to: usize) -> Entity {
    Entity {
        slot,
        value: value.into(),
        from,
        to,
    }
}

/// `a timeout of 2 minutes`, `give up after 30s`.
fn limit(tokens: &[Token], at: usize) -> Option<Entity> {
    let word = |at: usize| match tokens.get(at) {
        Some(token) if !token.quoted => token.word.as_str(),
        _ => "",
    };
    let lead = match (word(at), word(at + 1), word(at + 2)) {
        ("give", "up", "after") | ("no", "longer", "than") => 3,
        ("timeout" | "limit", "of" | "after", _) | ("stop", "after", _) => 2,
        ("wait", "at", "most") => 3,
        ("at", "most", _) => 2,
        ("timeout", ..) => 1,
        _ => return None,
    };
    let (value, length) = spans::quantity(&word, at + lead, false)?;
    Some(entity("timeout", value, at, at + lead + length))
}

/// `a 90s timeout`.
fn limit_in_front(tokens: &[Token], at: usize) -> Option<Entity> {
    let word = |at: usize| match tokens.get(at) {
        Some(token) if !token.quoted => token.word.as_str(),
        _ => "",
    };
    let (value, length) = spans::quantity(&word, at, false)?;
    let named = matches!(word(at + length), "timeout" | "limit");
    named.then(|| entity("timeout", value, at, at + length + 1))
}

/// `fail if anything is degraded`, `fail on unhealthy`.
fn fails_on(tokens: &[Token], at: usize, vocabulary: &Vocabulary) -> Option<Entity> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let length = match (word(at), word(at + 1)) {
        ("fail" | "fails", _) => 1,
        ("exit", "1" | "nonzero" | "non-zero") => 2,
        _ => return None,
    };
    if !matches!(word(at + length), "if" | "on" | "when") {
        return None;
    }
    let severity = |word: &str| {
        let found = vocabulary.values.get(word);
        found.is_some_and(|found| found.iter().any(|(slot, _)| *slot == "severity"))
    };
    let to = (at + 2..(at + 7).min(tokens.len()))
        .find(|at| LEVELS.contains(&word(*at)) || severity(word(*at)))?;
    Some(entity("fail-on", word(to), at, to + 1))
}

/// `as of 2026-11-01T12:00:00Z`.
fn time(tokens: &[Token], at: usize) -> Option<Entity> {
    tokens[at].raw.parse::<jiff::Timestamp>().ok()?;
    let word = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| tokens[at].word.as_str())
    };
    let lead = match (word(2), word(1)) {
        ("as", "of") => 2,
        (_, "at" | "on" | "of") => 1,
        _ => 0,
    };
    Some(entity("at", tokens[at].raw.clone(), at - lead, at + 1))
}

/// Files that an answer goes to or facts come from.
fn files(tokens: &[Token], text: &HashSet<usize>, vocabulary: &Vocabulary, out: &mut Vec<Entity>) {
    let word = |at: usize| tokens[at].word.as_str();
    let said = |words: &[&str]| {
        (0..tokens.len()).find(|at| !text.contains(at) && words.contains(&word(*at)))
    };
    let saves = said(SAVES);
    for at in 0..tokens.len() {
        let token = &tokens[at];
        let there = !text.contains(&at) && !token.quoted;
        // `to _answers`: no ending, but nothing else that it could be.
        let bare = token.raw.starts_with('_') && saves.is_some();
        if !there || !(vocabulary.is_file(&token.raw) || bare) {
            continue;
        }
        let between = [
            "the",
            "a",
            "file",
            "called",
            "named",
            "recording",
            "my",
            "our",
        ];
        let back = (0..at).rev().find(|at| !between.contains(&word(*at)));
        let before = back.map_or("", word);
        let first = back.map_or(0, |back| back + 1);
        let called = |name: &str| (first..at).any(|at| word(at) == name);
        let leads = matches!(before, "to" | "into" | "in" | "as" | "under");
        let (slot, verb) = match (said(&["replay"]), said(&["record"])) {
            (Some(verb), _) => ("replay", Some(verb)),
            _ if called("recording") => (
                "replay",
                back.filter(|_| matches!(before, "use" | "with" | "from" | "of")),
            ),
            (None, Some(verb)) if leads => ("record", Some(verb)),
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

/// The options for them on the command line of an intent.
pub(super) fn options(intent: &Intent, entities: &Entities) -> Vec<String> {
    let wished = entities.of("wish");
    let has = |name: &str| wished.contains(&name);
    let mut out: Vec<String> = Vec::new();
    let mut flag = |there: bool, option: &str| {
        if there {
            out.push(option.to_owned());
        }
    };
    let looks = !intent.write;
    flag(has("dry-run") || has("nothing") && !looks, "--dry-run");
    flag(has("keep") && !looks || has("write"), "--write");
    // A look records nothing unless it is told to, and without a commit nothing can be pushed.
    flag(has("commit") || has("push") && looks, "--commit");
    flag(has("push"), "--push");
    flag(has("quiet"), "--quiet");
    flag(has("verbose"), "--verbose");
    for name in OF_SOME.iter().filter(|name| **name != "no-alerts") {
        flag(has(name) && intent.has(name), &format!("--{name}"));
    }
    let mut option = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.extend([format!("--{name}"), value.to_owned()]);
        }
    };
    option("color", has("no-color").then_some("never"));
    option("color", has("color").then_some("always"));
    let quiet = has("no-alerts") && intent.has("no-alerts");
    option("alerts", quiet.then_some("never"));
    let own_folder = intent.has("dir") || intent.has("bundles");
    let folder = entities.first("folder");
    option(
        if own_folder { "dir" } else { "repo" },
        folder.filter(|_| !intent.has("bundles")),
    );
    option("fail-on", has("fail-never").then_some("never"));
    // Any other level is asked about, and makes no line.
    let level = entities.first("fail-on");
    option("fail-on", level.filter(|level| LEVELS.contains(level)));
    for slot in ["output", "record", "replay", "timeout", "at"] {
        // `adopt the plan in plan.json`: the one file of a command that reads one.
        let read = slot == "output" && reads_it(intent, entities);
        if !read {
            option(slot, entities.first(slot));
        }
    }
    out
}

/// Whether the file that an answer seems to go to is the one that the command reads.
pub(super) fn reads_it(intent: &Intent, entities: &Entities) -> bool {
    let other = ["file", "tag"]
        .iter()
        .any(|slot| entities.first(slot).is_some());
    intent.has("file") && !other
}

/// Whether one of them changes something by itself, in the repository or beside it.
pub(super) fn change_something(entities: &Entities) -> bool {
    let wished = entities.of("wish");
    ["commit", "push", "write"]
        .iter()
        .any(|name| wished.contains(name))
        || ["output", "record", "folder"]
            .iter()
            .any(|slot| entities.first(slot).is_some())
}

/// Why a wish cannot be carried out.
pub(super) fn doubts(entities: &Entities) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(level) = entities
        .first("fail-on")
        .filter(|level| !LEVELS.contains(level))
    {
        out.push(format!(
            "`--fail-on` takes degraded, unhealthy or never, and not {level}"
        ));
    }
    out
}
