//! Values that only some commands have an option for, found by their form and by the words beside
//! them: `no more than 2 dollars`, `against old.log`, `on pull request 87`. Which of them count is
//! decided by the command that is meant.

use std::collections::HashSet;

use super::Utterance;
use super::actions;
use super::clauses::begins;
use super::entities;
use super::entity::{Entity, Placed};
use super::found::Entities;
use super::named_options;
use super::option_words::{Form, OptionWords};
use super::stem::stem;
use super::vocabulary::{Intent, Vocabulary};
use super::words::Token;

/// So many words may stand between a value and the words that lead to it.
const MOST_BETWEEN: usize = 3;

/// What the names of frameworks begin with.
const FRAMEWORKS: &[&str] = &["cis-", "pci", "hipaa", "soc2", "soc-2", "aws-fsbp", "nist-"];

/// Finds them, with the words beside them.
pub(crate) fn find(
    tokens: &[Token],
    masked: &HashSet<usize>,
    found: &Entities,
    vocabulary: &'static Vocabulary,
) -> Vec<Placed> {
    let mut out = Vec::new();
    // What has a name of its own is no branch, folder or check.
    let named = |at: usize| {
        let slots = [
            "service",
            "issue",
            "env",
            "region",
            "url",
            "design",
            "domain",
            "permission",
        ];
        let mut all = found.all.iter();
        all.any(|one| (one.from..one.to).contains(&at) && slots.contains(&one.slot))
    };
    let said: HashSet<String> = tokens.iter().map(|token| stem(&token.word)).collect();
    for (at, token) in tokens.iter().enumerate() {
        if masked.contains(&at) {
            continue;
        }
        let is_named = named(at);
        for words in &vocabulary.places {
            let missing = !words.with.is_empty() && said.is_disjoint(&words.with);
            let loose = matches!(
                words.form,
                Form::Id | Form::Name | Form::Reference | Form::Folder
            );
            if missing || loose && is_named || !fits(token, words.form, vocabulary) {
                continue;
            }
            // `HEAD~2` is a commit wherever it stands.
            let is_head = words.option == "head" && token.raw.starts_with("HEAD");
            let beside = beside(tokens, at, words, vocabulary).or(is_head.then_some((at, at + 1)));
            if let Some((from, to)) = beside {
                out.push(Placed {
                    option: words.option.clone(),
                    value: value(token, words.form),
                    at,
                    from,
                    to,
                });
            }
        }
    }
    out
}

/// The words from what leads to a value to what follows it.
fn beside(
    tokens: &[Token],
    at: usize,
    words: &OptionWords,
    vocabulary: &Vocabulary,
) -> Option<(usize, usize)> {
    let behind = words
        .behind
        .iter()
        .find(|phrase| tokens[at].stop.is_none() && begins(tokens, at + 1, phrase));
    let to = at + 1 + behind.map_or(0, Vec::len);
    let between = |at: usize| {
        !tokens[at].quoted && vocabulary.is_filler(&tokens[at].word) && tokens[at].stop.is_none()
    };
    let mut end = at;
    for _ in 0..=MOST_BETWEEN {
        let before = words.before.iter().find(|phrase| {
            let from = end.checked_sub(phrase.len());
            from.is_some_and(|from| {
                begins(tokens, from, phrase)
                    && tokens[from..end].iter().all(|token| !ends_a_part(token))
            })
        });
        if let Some(phrase) = before {
            // `out` is a folder only where something says so.
            let says = |word: &String| matches!(word.as_str(), "folder" | "directory" | "dir");
            let path = tokens[at].raw.contains('/');
            if words.form != Form::Folder || path || phrase.iter().any(says) {
                return Some((end - phrase.len(), to));
            }
        }
        match end.checked_sub(1).filter(|end| between(*end)) {
            Some(next) => end = next,
            None => break,
        }
    }
    // `infra/network` is a folder by itself, `network` is not.
    let alone = words.alone && (words.form != Form::Folder || is_path(&tokens[at].raw));
    (alone || behind.is_some()).then_some((at, to))
}

/// `30s`, in one word.
fn is_duration(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && matches!(&word[digits..], "s" | "m" | "h" | "sec" | "min")
}

fn is_path(raw: &str) -> bool {
    raw.contains('/') && raw.contains(|c: char| c.is_ascii_alphabetic())
}

fn ends_a_part(token: &Token) -> bool {
    matches!(token.stop, Some('.' | ';' | '!'))
}

fn value(token: &Token, form: Form) -> String {
    match form {
        Form::Number => number(&token.word).unwrap_or_else(|| token.word.clone()),
        Form::Offset => offset(&token.word).unwrap_or_else(|| token.word.clone()),
        _ => token.raw.clone(),
    }
}

/// A number as an option takes it: `1,000` and `5k` are written out.
fn number(word: &str) -> Option<String> {
    let word = word.trim_start_matches('$').trim_end_matches('$');
    let plain = word.replace(',', "");
    let (digits, thousands) = match plain.strip_suffix('k') {
        Some(digits) => (digits, "000"),
        None => (plain.as_str(), ""),
    };
    let part = digits.replacen('.', "", 1);
    let is = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (is && !digits.ends_with('.')).then(|| format!("{digits}{thousands}"))
}

/// `+02:00`, also from `utc+2` and `GMT-3`.
fn offset(word: &str) -> Option<String> {
    let bare = word
        .strip_prefix("utc")
        .or_else(|| word.strip_prefix("gmt"));
    let text = bare.unwrap_or(word);
    let sign = text
        .chars()
        .next()
        .filter(|sign| matches!(sign, '+' | '-'))?;
    let (hour, minute) = text[1..].split_once(':').unwrap_or((&text[1..], "00"));
    let number =
        |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    // `-5` by itself may be anything.
    let said = bare.is_some() || text.contains(':');
    (said && number(hour) && number(minute) && minute.len() == 2)
        .then(|| format!("{sign}{hour:0>2}:{minute}"))
}

fn fits(token: &Token, form: Form, vocabulary: &Vocabulary) -> bool {
    let raw = token.raw.as_str();
    if token.quoted {
        return form == Form::Text;
    }
    let of = |extra: &str| {
        raw.chars()
            .all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    let is_word = || raw.starts_with(char::is_alphanumeric) && !vocabulary.is_filler(&token.word);
    match form {
        Form::File => vocabulary.is_file(raw),
        Form::Folder => {
            entities::is_folder(raw) || raw.starts_with(char::is_alphanumeric) && of("-_./")
        }
        Form::Number => number(&token.word).is_some(),
        Form::Url => raw.starts_with("https://") || raw.starts_with("http://"),
        Form::Id => is_word() && raw.contains('-') && of("-_."),
        Form::Framework => {
            let family = |family: &&str| token.word.starts_with(*family);
            FRAMEWORKS.iter().any(family) && of("-_.")
        }
        Form::Reference => is_word() && of("-_./~^@") && !vocabulary.is_file(raw),
        Form::Offset => offset(&token.word).is_some(),
        Form::Group => of("-_./*#") && (raw.starts_with("/aws") || raw.contains('*')),
        Form::Plan => raw.split_once('=').is_some_and(|(folder, file)| {
            !folder.is_empty() && file.contains(".json") || file.contains(".tfplan")
        }),
        Form::Name => is_word() && of("-_."),
        Form::Text => false,
        Form::Duration => is_duration(&token.word),
    }
}

/// Those that an intent takes: each value for the option that most words lead to.
pub(super) fn of(intent: &Intent, utterance: &Utterance<'_>) -> Vec<Placed> {
    let Some(command) = utterance.command_of(intent) else {
        return Vec::new();
    };
    let all = utterance.entities.placed.iter();
    let mut all: Vec<&Placed> = all
        .filter(|one| {
            let option = command.option(&one.option);
            let argument = one.option == "bundles" && intent.has("bundles");
            option.is_some_and(|place| !place.is_switch()) || argument
        })
        .collect();
    all.sort_by_key(|one| (std::cmp::Reverse(one.to - one.from), one.at));
    let mut out: Vec<Placed> = Vec::new();
    for one in all {
        let many = command.option(&one.option).is_some_and(|place| place.many);
        let taken = |other: &Placed| other.at == one.at || other.option == one.option && !many;
        if !out.iter().any(taken) {
            out.push(one.clone());
        }
    }
    if let Some(plain) = intent
        .plain
        .as_deref()
        .filter(|plain| !out.iter().any(|one| one.option == *plain))
    {
        out.extend(first_file(plain, utterance, &out));
    }
    out.extend(actions::placed(intent, utterance));
    let named = named_options::find(intent, utterance, &out);
    out.extend(named);
    out.sort_by_key(|one| one.at);
    out
}

/// The first file that no words lead to.
fn first_file(plain: &str, utterance: &Utterance<'_>, taken: &[Placed]) -> Option<Placed> {
    let mut all = utterance.vocabulary.places.iter();
    let words = all.find(|words| words.option == plain)?;
    let entities = utterance.entities.all.iter();
    let mut files = entities.filter(|one| one.slot == "file");
    let fits = |one: &&Entity| {
        let free = !taken.iter().any(|other| other.at == one.from);
        let ending = words.ending.as_deref();
        free && ending.is_none_or(|ending| one.value.ends_with(ending))
    };
    let one = files.find(fits)?;
    Some(Placed {
        option: words.option.clone(),
        value: one.value.clone(),
        at: one.from,
        from: one.from,
        to: one.to,
    })
}

/// The options of an intent that are there, in the order of the command's own definition.
pub(super) fn options(
    intent: &Intent,
    utterance: &Utterance<'_>,
    taken: &[Placed],
    concepts: &[&str],
) -> Vec<String> {
    let Some(command) = utterance.command_of(intent) else {
        return Vec::new();
    };
    let wished = utterance.entities.of("wish");
    let mut out = Vec::new();
    for place in &command.places {
        let Some(name) = place.option() else { continue };
        let renewed = name == "refresh" && concepts.contains(&"updateword");
        if place.is_switch() && (wished.contains(&name) || renewed) {
            out.push(place.name.clone());
        }
        for one in taken.iter().filter(|one| one.option == name) {
            out.push(place.name.clone());
            if !place.is_switch() {
                out.push(one.value.clone());
            }
        }
    }
    out
}
