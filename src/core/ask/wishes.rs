//! What is wanted of any command, in words: `and push it`, `into board.html`, `without colours`,
//! `give up after 30 seconds`. Each is an option that every command has.

use std::collections::HashSet;

use super::entities::Entities;
use super::entity::Entity;
use super::spans;
use super::stem::stem;
use super::vocabulary::{Intent, LONGEST_PHRASE, Vocabulary, stems};
use super::words::Token;

/// Levels of `--fail-on`.
const LEVELS: &[&str] = &[
    "degraded",
    "unhealthy",
    "critical",
    "high",
    "medium",
    "low",
    "unknown",
    "never",
];
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

/// Finds them in the words that are no free text.
pub(super) fn find(
    tokens: &[Token],
    text: &HashSet<usize>,
    of_an_issue: bool,
    vocabulary: &Vocabulary,
) -> Vec<Entity> {
    let mut out: Vec<Entity> = Vec::new();
    // `write down for infra-001 that …` is a note.
    // `commit 4fe21ab` is one that there is.
    let hash = |at: usize| {
        let raw = tokens.get(at).map_or("", |token| token.raw.as_str());
        raw.len() >= 6
            && raw.bytes().all(|b| b.is_ascii_hexdigit())
            && raw.bytes().any(|b| b.is_ascii_digit())
    };
    let meant = |one: &Entity| {
        !(of_an_issue && one.value == "write"
            || one.value == "commit" && hash(one.to)
            || is_part_of_an_order(tokens, one, vocabulary))
    };
    let mut at = 0;
    while at < tokens.len() {
        if text.contains(&at) || tokens[at].quoted {
            // `as "Ops Bot <ops@example.org>"` is who a commit is of.
            let raw = &tokens[at].raw;
            let mail = raw.ends_with('>') && raw.contains(" <") && raw.contains('@');
            if mail && tokens[at].quoted && !text.contains(&at) {
                let lead = |back: usize| {
                    let word = at
                        .checked_sub(back)
                        .map_or("", |at| tokens[at].word.as_str());
                    matches!(word, "author" | "as" | "by" | "authored")
                };
                let from = at - usize::from(lead(1)) - usize::from(lead(1) && lead(2));
                out.push(entity("author", raw.clone(), from, at + 1));
            }
            at += 1;
            continue;
        }
        let found = phrase(tokens, at, vocabulary)
            .filter(meant)
            .or_else(|| limit(tokens, at))
            .or_else(|| limit_in_front(tokens, at))
            .or_else(|| would(tokens, at))
            .or_else(|| time(tokens, at));
        at = found.as_ref().map_or(at + 1, |one| one.to);
        out.extend(found);
    }
    fails_on(tokens, text, vocabulary, &mut out);
    files(tokens, text, vocabulary, &mut out);
    out
}

/// `push the changes` is an order of its own, and longer than the wish to push.
fn is_part_of_an_order(tokens: &[Token], wish: &Entity, vocabulary: &Vocabulary) -> bool {
    (wish.to + 1..=tokens.len().min(wish.from + LONGEST_PHRASE)).any(|to| {
        let words: Vec<&str> = tokens[wish.from..to]
            .iter()
            .map(|token| token.word.as_str())
            .collect();
        let concepts = vocabulary.stems.get(&stems(&words.join(" ")));
        concepts.is_some_and(|all| all.iter().any(|one| vocabulary.verbs.contains(one)))
    })
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
    // A word by itself is meant as it is written: a cache is nothing that is cached.
    let same = |word: &String, token: &Token, alone: bool| {
        let inflected = !alone && stem(word) == stem(&token.word);
        !token.quoted && (*word == token.word || inflected)
    };
    let (words, value) = vocabulary.wishes.iter().find(|(words, _)| {
        let there = tokens.get(at..at + words.len());
        there.is_some_and(|there| {
            words
                .iter()
                .zip(there)
                .all(|(word, token)| same(word, token, words.len() == 1))
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
        ("wait", "at", "most") | ("limit", "it", "to") | ("time", "limit", "of" | "is") => 3,
        ("wait" | "allow" | "within", "up", "to") | ("give", "it" | "aws", "up") => 3,
        ("give", "it" | "aws" | "them", _) | ("time", "limit", _) | ("wait", "for", _) => 2,
        ("allow" | "wait", ..) => 1,
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
    let named = match (
        word(at + length),
        word(at + length + 1),
        word(at + length + 2),
    ) {
        ("timeout" | "limit" | "max" | "tops", ..) => 1,
        ("for", "the", "aws") => 4,
        ("for", "the" | "aws" | "all", "calls") => 3,
        ("time", "limit", _) | ("for", "aws" | "calls", _) => 2,
        _ => 0,
    };
    (named > 0).then(|| {
        let end = (at + length + named).min(tokens.len());
        entity("timeout", value, at, end)
    })
}

/// `fail if anything is degraded`, `fail the audit from high on`, `exit 1 already when degraded`.
fn fails_on(
    tokens: &[Token],
    text: &HashSet<usize>,
    vocabulary: &Vocabulary,
    out: &mut Vec<Entity>,
) {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let begin = (0..tokens.len()).find_map(|at| match (word(at), word(at + 1)) {
        _ if text.contains(&at) || tokens[at].quoted => None,
        ("fail" | "fails" | "failing", _) => Some((at, at + 1)),
        ("exit", "1" | "nonzero" | "non-zero") => Some((at, at + 2)),
        ("exit", "with") => Some((at, at + 3)),
        _ => None,
    });
    let Some((from, end)) = begin else { return };
    let severity = |word: &str| {
        let found = vocabulary.values.get(word).into_iter().flatten();
        let mut found = found.filter(|(slot, _)| *slot == "severity");
        found.next().map(|(_, value)| value.clone())
    };
    let level = |at: usize| match LEVELS.contains(&word(at)) {
        true => Some(word(at).to_owned()),
        false => severity(word(at)),
    };
    let leads = [
        "if", "on", "when", "from", "at", "for", "above", "already", "once",
    ];
    let last = (end + 6).min(tokens.len());
    let Some(lead) = (end..last).find(|at| leads.contains(&word(*at))) else {
        return;
    };
    let Some((to, value)) = (lead + 1..last).find_map(|at| Some((at, level(at)?))) else {
        return;
    };
    // `from high on`, `at medium and above`.
    let more = match (word(to + 1), word(to + 2)) {
        ("on" | "up" | "upwards" | "onwards", _) => 1,
        ("and" | "or", "above" | "worse" | "up" | "higher" | "more") => 2,
        _ => 0,
    };
    // What is between is what fails: `fail the audit from high on`.
    out.push(entity("fail-on", value.clone(), from, end));
    out.push(entity("fail-on", value, lead, to + 1 + more));
}

/// `as of 2026-11-01T12:00:00Z`, `between 2026-11-01T12:00:00Z and …`.
fn time(tokens: &[Token], at: usize) -> Option<Entity> {
    tokens[at].raw.parse::<jiff::Timestamp>().ok()?;
    let is_time = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| token.raw.parse::<jiff::Timestamp>().is_ok())
    };
    let word = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| tokens[at].word.as_str())
    };
    let earlier = at >= 2 && (is_time(at - 2) || is_time(at.saturating_sub(3)));
    let (slot, lead) = match (word(2), word(1)) {
        ("as", "of") => ("at", 2),
        (_, "since" | "from" | "after" | "between" | "starting") => ("since", 1),
        ("starting" | "beginning", _) => ("since", 2),
        (_, "until" | "till" | "before" | "through") => ("until", 1),
        ("up", "to") => ("until", 2),
        (_, "to" | "and" | "-" | "\u{2013}") if earlier => ("until", 1),
        (_, "at" | "on" | "of") => ("at", 1),
        _ => ("at", 0),
    };
    // `from … on`.
    let on = slot == "since"
        && tokens[at].stop.is_none()
        && tokens
            .get(at + 1)
            .is_some_and(|next| matches!(next.word.as_str(), "on" | "onwards"));
    Some(entity(
        slot,
        tokens[at].raw.clone(),
        at - lead,
        at + 1 + usize::from(on),
    ))
}

/// `what would an import change`, `show what it would do`: nothing is to be changed yet.
fn would(tokens: &[Token], at: usize) -> Option<Entity> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    const DOES: &[&str] = &[
        "change", "write", "do", "add", "happen", "become", "create", "remove", "commit", "touch",
        "update", "look", "modify", "produce", "contain", "drop", "alter", "put", "say", "import",
        "adopt", "bring", "go",
    ];
    if word(at) != "would" || tokens[at].quoted {
        return None;
    }
    let asks = |word: &str| {
        matches!(
            word,
            "what" | "which" | "show" | "see" | "how" | "preview" | "list"
        )
    };
    let asked = (at.saturating_sub(6)..at).any(|at| asks(word(at)));
    let does = (at + 1..(at + 8).min(tokens.len())).any(|at| DOES.contains(&word(at)));
    let direct = at
        .checked_sub(1)
        .is_some_and(|before| matches!(word(before), "what" | "which"));
    (asked && does).then(|| entity("wish", "dry-run", at - usize::from(direct), at + 1))
}

/// Whether a name without an ending is where something is written: `_fractary`, `~/.bashrc`, and
/// `bundles/` behind a verb that saves.
fn is_place(raw: &str, saves: bool) -> bool {
    let last = raw.rsplit('/').next().unwrap_or_default();
    let hidden = last.starts_with('.') && raw.contains('/') && raw.len() > 4;
    raw.starts_with('_') || hidden || raw.ends_with('/') && raw.len() > 1 && saves
}

/// `the plan is in plan.json` says where something is, and not where it goes.
fn lies_there(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
    tokens[at].word == "in" && matches!(before, "is" | "are" | "lies" | "lie" | "sits" | "stands")
}

/// Files that an answer goes to or facts come from.
fn files(tokens: &[Token], text: &HashSet<usize>, vocabulary: &Vocabulary, out: &mut Vec<Entity>) {
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
        if !there || !(vocabulary.is_file(&token.raw) || is_place(&token.raw, saves.is_some())) {
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

/// The options for them on the command line of an intent.
pub(super) fn options(
    intent: &Intent,
    entities: &Entities,
    taken: &dyn Fn(&str) -> bool,
) -> Vec<String> {
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
    let mut option = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.extend([format!("--{name}"), value.to_owned()]);
        }
    };
    option("color", has("no-color").then_some("never"));
    option("color", has("color").then_some("always"));
    option("alerts", has("no-alerts").then_some("never"));
    option("alerts", has("always-alerts").then_some("always"));
    let own_folder = intent.has("dir") || intent.has("bundles");
    let folder = entities.first("folder");
    option(
        if own_folder { "dir" } else { "repo" },
        folder.filter(|folder| !intent.has("bundles") && !taken(folder)),
    );
    option("fail-on", has("fail-never").then_some("never"));
    option("fail-on", entities.first("fail-on"));
    for slot in ["output", "record", "replay", "timeout", "at", "author"] {
        // `adopt the plan in plan.json`: the one file of a command that reads one.
        let read = slot == "output" && reads_it(intent, entities);
        if !read {
            option(slot, entities.first(slot).filter(|value| !taken(value)));
        }
    }
    out
}

/// Whether the file that an answer seems to go to is the one that the command reads.
pub(super) fn reads_it(intent: &Intent, entities: &Entities) -> bool {
    if intent.has("openslo") {
        return entities.first("file").is_none();
    }
    let other = ["file", "tag"]
        .iter()
        .any(|slot| entities.first(slot).is_some());
    intent.has("file") && !other
}

/// Whether an option of a command line changes something by itself, in the repository or beside it.
pub(super) fn change_something(arguments: &[String]) -> bool {
    let changes = [
        "--commit", "--push", "--write", "--output", "--record", "--repo",
    ];
    let change = |argument: &String| changes.contains(&argument.as_str());
    arguments.iter().any(change)
}
