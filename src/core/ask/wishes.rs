//! What is wanted of any command, in words: `and push it`, `into board.html`, `without colours`,
//! `give up after 30 seconds`. Each is an option that every command has.

use std::collections::HashSet;

use super::entity::{Entity, entity};
use super::found::Entities;
use super::moments;
use super::spans;
use super::stem::stem;
use super::vocabulary::{Intent, LONGEST_PHRASE, Vocabulary, stems};
use super::words::Token;
use super::written;

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

/// So many words may stand in the middle of a phrase.
const MOST_IN_A_GAP: usize = 4;

/// Finds them in the words that are no free text.
pub(super) fn find(
    tokens: &[Token],
    text: &HashSet<usize>,
    of_an_issue: bool,
    now: jiff::Timestamp,
    vocabulary: &Vocabulary,
) -> Vec<Entity> {
    let mut out: Vec<Entity> = Vec::new();
    // `write down for infra-001 that …` is a note.
    let meant = |one: &Entity| {
        !(of_an_issue && one.value == "write"
            || one.value == "commit" && is_hash(tokens, one.to)
            || one.value == "list-checks" && is_check(tokens, one.to)
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
        if let Some(author) = author(tokens, at) {
            at = author.to;
            out.push(author);
            continue;
        }
        let found = phrase(tokens, at, vocabulary)
            .filter(meant)
            .or_else(|| limit(tokens, at))
            .or_else(|| limit_in_front(tokens, at))
            .or_else(|| would(tokens, at))
            .or_else(|| moments::time(tokens, at))
            .or_else(|| moments::moment(tokens, at, now));
        at = found.as_ref().map_or(at + 1, |one| one.to);
        out.extend(found);
    }
    fails_on(tokens, text, vocabulary, &mut out);
    written::files(tokens, text, vocabulary, &mut out);
    out
}

/// `commit 4fe21ab` is one that there is.
fn is_hash(tokens: &[Token], at: usize) -> bool {
    let raw = tokens.get(at).map_or("", |token| token.raw.as_str());
    raw.len() >= 6
        && raw.bytes().all(|b| b.is_ascii_hexdigit())
        && raw.bytes().any(|b| b.is_ascii_digit())
}

/// `what does the audit check iam-root-mfa mean` is about one check.
fn is_check(tokens: &[Token], at: usize) -> bool {
    let raw = tokens.get(at).map_or("", |token| token.raw.as_str());
    raw.starts_with(|c: char| c.is_ascii_alphabetic()) && raw.contains('-')
}

/// `as Ops Bot <ops@example.org>`: who a commit is of, without quotes.
fn author(tokens: &[Token], at: usize) -> Option<Entity> {
    if !matches!(tokens[at].word.as_str(), "as" | "by" | "author") {
        return None;
    }
    let mail = (at + 1..(at + 6).min(tokens.len())).find(|at| {
        let raw = &tokens[*at].raw;
        raw.starts_with('<') && raw.ends_with('>') && raw.contains('@')
    })?;
    let words: Vec<&str> = tokens[at + 1..=mail]
        .iter()
        .map(|token| token.raw.as_str())
        .collect();
    let plain = words.iter().all(|word| !word.starts_with('-'));
    (words.len() > 1 && plain).then(|| entity("author", words.join(" "), at, mail + 1))
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
        // Two inflections of one word begin alike; to compare letters is cheaper than stems.
        let alike = || word.chars().next() == token.word.chars().next();
        let inflected = || !alone && alike() && stem(word) == stem(&token.word);
        !token.quoted && (*word == token.word || inflected())
    };
    let run = |words: &[String], at: usize, alone: bool| {
        let there = tokens.get(at..at + words.len());
        there.is_some_and(|there| {
            let mut pairs = words.iter().zip(there);
            pairs.all(|(word, token)| same(word, token, alone))
        })
    };
    vocabulary.wishes.iter().find_map(|(words, value)| {
        // `warnings .. errors`: with something in between.
        let length = match words.iter().position(|word| word == "..") {
            None => run(words, at, words.len() == 1).then_some(words.len()),
            Some(gap) => {
                let (head, tail) = (&words[..gap], &words[gap + 1..]);
                let begin = at + head.len();
                let mut ends = (begin + 1..=begin + MOST_IN_A_GAP).take_while(|end| {
                    tokens
                        .get(end - 1)
                        .is_some_and(|token| token.stop.is_none())
                });
                run(head, at, false)
                    .then(|| ends.find(|end| run(tail, *end, false)))
                    .flatten()
                    .map(|end| end + tail.len() - at)
            }
        }?;
        Some(entity("wish", value, at, at + length))
    })
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
        "if", "on", "when", "from", "at", "for", "above", "already", "once", "soon",
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
