//! Things that words name: environments, services, issues, times, numbers, texts.

use std::collections::HashSet;

use super::AskContext;
use super::counts;
use super::found::Entities;
use super::marks;
use super::services;
use super::spans;
use super::vocabulary::Vocabulary;
use super::words::Token;

/// Finds them all. `masked` words are not looked at.
pub(crate) fn find(
    tokens: &[Token],
    masked: &HashSet<usize>,
    world: &AskContext,
    vocabulary: &Vocabulary,
) -> Entities {
    let mut out = Entities::default();
    for (i, token) in tokens.iter().enumerate() {
        if token.quoted {
            out.add("text", token.raw.clone(), i, i + 1);
        } else if !masked.contains(&i) {
            single(token, i, world, vocabulary, &mut out);
        }
    }
    valued(tokens, masked, world, vocabulary, &mut out);
    marks::piped(tokens, masked, &mut out);
    marks::and_worse(tokens, &mut out);
    marks::plain_format(&mut out);
    spans::find(tokens, masked, world, &mut |slot, value, from, to| {
        out.all
            .retain(|one| !(one.slot == "number" && one.from >= from && one.to <= to));
        out.add(slot, value, from, to);
    });
    counts::numbers(tokens, masked, &mut out);
    shards(tokens, masked, &mut out);
    let (services, spots) = services::find(tokens, masked, world, vocabulary, &out.all);
    out.services = services;
    for (value, from, to) in spots {
        out.add("service", value, from, to);
    }
    out.all
        .sort_by_key(|entity| (entity.from, std::cmp::Reverse(entity.to)));
    out
}

/// What one word by its form alone is.
fn single(
    token: &Token,
    i: usize,
    world: &AskContext,
    vocabulary: &Vocabulary,
    out: &mut Entities,
) {
    let (raw, word) = (token.raw.as_str(), token.word.as_str());
    if is_issue(word, world) {
        out.add("issue", word, i, i + 1);
    } else if is_remediation(word) {
        out.add("remediation", word, i, i + 1);
    } else if let Some(name) = world.designs.iter().find(|name| *name == word) {
        out.add("design", name, i, i + 1);
    } else if raw.starts_with("https://") || raw.starts_with("http://") {
        out.add("url", raw, i, i + 1);
    } else if is_shard(word) {
        out.add("shard", word, i, i + 1);
    } else if is_permission(raw) {
        out.add("permission", raw, i, i + 1);
    } else if is_tag(raw) {
        out.add("tag", raw, i, i + 1);
    } else if vocabulary.is_file(raw) {
        out.add("file", raw, i, i + 1);
        // `environments.json` is of the schema `environments`.
        let name = word.split('.').next().unwrap_or_default();
        let schema = vocabulary.values.get(name).into_iter().flatten();
        if schema.into_iter().any(|(slot, _)| *slot == "schema") {
            out.add("schema", name, i, i + 1);
        }
    } else if is_folder(raw) {
        out.add("folder", raw, i, i + 1);
    } else if is_account(raw) {
        out.add("account", raw, i, i + 1);
    } else if is_region(word) {
        out.add("region", word, i, i + 1);
    } else if world.domains.iter().any(|name| name == word) {
        out.add("domain", word, i, i + 1);
    } else if is_error_code(raw) {
        out.add("errorcode", raw, i, i + 1);
    }
}

/// `BucketAlreadyExists`.
fn is_error_code(raw: &str) -> bool {
    let capitals = raw.bytes().filter(u8::is_ascii_uppercase).count();
    let starts = raw.starts_with(|c: char| c.is_ascii_uppercase());
    starts
        && capitals > 1
        && capitals * 2 < raw.len()
        && raw.bytes().all(|b| b.is_ascii_alphabetic())
}

pub(super) fn is_issue(word: &str, world: &AskContext) -> bool {
    if world.issues.iter().any(|id| id == word) {
        return true;
    }
    let Some((prefix, rest)) = word.rsplit_once('-') else {
        return false;
    };
    let known = ["infra", "app"].contains(&prefix)
        || world
            .issues
            .iter()
            .any(|id| id.rsplit_once('-').is_some_and(|(one, _)| one == prefix));
    // The start of one that there is.
    let begins = world.issues.iter().filter(|id| id.starts_with(word));
    if begins.count() == 1 && rest.bytes().any(|b| b.is_ascii_digit()) {
        return true;
    }
    // At least one digit, so that `app-feed` is a name.
    known
        && rest.len() >= 3
        && rest
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        && rest.bytes().any(|b| b.is_ascii_digit())
}

/// `r-20261130-194501-1f2e3d4c`.
fn is_remediation(word: &str) -> bool {
    let mut parts = word.split('-');
    let digits = |part: Option<&str>, length: usize| {
        part.is_some_and(|part| part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
    };
    parts.next() == Some("r")
        && digits(parts.next(), 8)
        && digits(parts.next(), 6)
        && parts
            .next()
            .is_some_and(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
        && parts.next().is_none()
}

/// `2/5`.
fn is_shard(word: &str) -> bool {
    let number =
        |text: &str| (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    word.split_once('/')
        .is_some_and(|(one, of)| number(one) && number(of))
}

/// `2 of 5`; and the number behind `shard` or before `machines`.
fn shards(tokens: &[Token], masked: &HashSet<usize>, out: &mut Entities) {
    let word = |at: usize| match tokens.get(at) {
        Some(token) if !masked.contains(&at) && !token.quoted => token.word.as_str(),
        _ => "",
    };
    let number =
        |text: &str| (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    for at in 0..tokens.len() {
        if number(word(at)) && word(at + 1) == "of" && number(word(at + 2)) {
            let value = format!("{}/{}", word(at), word(at + 2));
            out.add("shard", value, at, at + 3);
        }
        let many = matches!(word(at + 1), "machines" | "jobs" | "runners" | "shards");
        if number(word(at)) && many {
            out.add("most", word(at), at, at + 2);
        }
    }
}

/// `s3:GetObject`, `logs:*`.
fn is_permission(raw: &str) -> bool {
    let Some((service, action)) = raw.split_once(':') else {
        return false;
    };
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let head = action.bytes().next();
    !service.is_empty()
        && service.bytes().all(lower)
        && head.is_some_and(|b| b.is_ascii_uppercase() || b == b'*')
        && action
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'*')
}

fn is_tag(raw: &str) -> bool {
    let safe = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.:/@+-".contains(&b))
    };
    !raw.starts_with('-')
        && raw
            .split_once('=')
            .is_some_and(|(key, value)| safe(key) && safe(value))
}

/// `~/src/shop`, `/srv/operations`.
pub(super) fn is_folder(raw: &str) -> bool {
    let lead = ["~/", "/", "./", "../"]
        .iter()
        .any(|lead| raw.starts_with(lead));
    lead && raw.len() > 1
        && raw
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_./~-".contains(&b))
}

/// The number of an AWS account.
fn is_account(raw: &str) -> bool {
    raw.len() == 12 && raw.bytes().all(|b| b.is_ascii_digit())
}

/// `eu-central-1`.
fn is_region(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    matches!(parts.as_slice(), [area, .., number]
        if area.len() == 2 && parts.len() >= 3 && number.len() == 1
            && number.bytes().all(|b| b.is_ascii_digit())
            && parts[..parts.len() - 1].iter().all(|part| part.bytes().all(|b| b.is_ascii_lowercase())))
}

/// Words and phrases that stand in the tables of values.
fn valued(
    tokens: &[Token],
    masked: &HashSet<usize>,
    world: &AskContext,
    vocabulary: &Vocabulary,
    out: &mut Entities,
) {
    for from in 0..tokens.len() {
        for length in (1..=3.min(tokens.len() - from)).rev() {
            let span = from..from + length;
            if span
                .clone()
                .any(|i| masked.contains(&i) || tokens[i].quoted)
            {
                continue;
            }
            let words: Vec<&str> = tokens[span]
                .iter()
                .map(|token| token.word.as_str())
                .collect();
            let phrase = words.join(" ");
            if length == 1
                && world.environments.contains(&phrase)
                && stands_for_environment(tokens, from)
            {
                out.add("env", phrase.clone(), from, from + 1);
                continue;
            }
            if world.has(&phrase) {
                out.add("command", phrase.clone(), from, from + length);
            }
            let singular = phrase.strip_suffix('s').unwrap_or(&phrase);
            let found = vocabulary
                .values
                .get(&phrase)
                .or_else(|| vocabulary.values.get(singular));
            for (slot, value) in found.into_iter().flatten() {
                let there = match *slot {
                    // Nobody says an environment in the plural.
                    "env" => {
                        vocabulary.values.contains_key(&phrase)
                            && stands_for_environment(tokens, from)
                            && !world.environments.contains(&phrase)
                            && (world.environments.contains(value) || world.environments.is_empty())
                    }
                    "domain" => world.domains.contains(value) && !world.domains.contains(&phrase),
                    "severity" => !is_compared(tokens, from),
                    _ => true,
                };
                let covered = out
                    .all
                    .iter()
                    .any(|one| one.slot == *slot && one.from <= from && one.to >= from + length);
                if there && !covered {
                    out.add(slot, value.clone(), from, from + length);
                }
            }
        }
    }
}

/// `test` is an environment where a preposition, or its place, makes it one; elsewhere it is
/// something to do. `live` likewise.
fn stands_for_environment(tokens: &[Token], at: usize) -> bool {
    if !matches!(
        tokens[at].word.as_str(),
        "test" | "testing" | "live" | "stage"
    ) {
        return true;
    }
    let prepositions = [
        "in",
        "on",
        "for",
        "to",
        "of",
        "from",
        "at",
        "env",
        "environment",
        "into",
        "and",
        "the",
        "our",
        "run",
        "is",
        "does",
        "has",
        "check",
        "init",
        "health",
        "status",
        "dashboard",
        "issues",
    ];
    let before = at.checked_sub(1).map(|i| tokens[i].word.as_str());
    let after = tokens.get(at + 1).map(|token| token.word.as_str());
    before.is_some_and(|word| prepositions.contains(&word))
        || matches!(
            after,
            Some("env" | "environment" | "health" | "status" | "and")
        )
        || (at > 0 && after.is_none())
}

/// `the most urgent issue` is of no severity.
fn is_compared(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
    matches!(before, "most" | "more" | "least")
}
