//! Takes out of a message what differs from one occurrence to the next.
//!
//! Placeholders are never changed again, so that normalising twice is normalising once; and
//! something always remains.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::redact::redact;

/// How often the rules are applied before the text is taken as it is.
const MAX_PASSES: usize = 8;
/// The longest message that is kept.
const LONGEST: usize = 2_000;

struct Mask {
    pattern: Regex,
    with: &'static str,
}

fn mask(pattern: &str, with: &'static str) -> Mask {
    let pattern = Regex::new(pattern).expect("a constant pattern");
    Mask { pattern, with }
}

/// What says something about the account, the caller or the request. These are taken out of
/// everything that is stored.
static PRIVATE: LazyLock<Vec<Mask>> = LazyLock::new(|| {
    vec![
        mask(
            r"(?i)(encoded authorization failure message:)\s*[^\s<][^\s]*",
            "$1 <encoded>",
        ),
        mask(
            r#"(?i)(authorization[ -]?id(?:entifier)?\s*[:=]?)\s*["']?[A-Za-z0-9][\w./+=:-]{5,}"#,
            "$1 <authorization>",
        ),
        mask(
            r#"(?i)\b(request[ -]?id|requesttoken|host[ -]?id|x-amzn?-requestid|x-amz-id-2|trace[ -]?id)(["']?\s*[:=]\s*)["']?[A-Za-z0-9][\w+/=.-]*"#,
            "$1$2<id>",
        ),
        mask(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "<email>"),
        mask(r"\b\d{4}-\d{4}-\d{4}\b", "<account>"),
        mask(
            r"(^|[^0-9A-Za-z_.])\d{12}($|[^0-9A-Za-z_])",
            "$1<account>$2",
        ),
        mask(r"\b(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?\b", "<ip>"),
        mask(
            r"\bo-[a-z0-9]{10,32}(?:/r-[a-z0-9]{4,32})?(?:/ou-[a-z0-9-]+)*\b",
            "<organization>",
        ),
    ]
});

static MASKS: LazyLock<Vec<Mask>> = LazyLock::new(|| {
    vec![
        mask(
            r#"\barn:aws[a-z-]*:(?:<[a-z]+>|[^\s"'`,;)\]}<>])*"#,
            "<name>",
        ),
        mask(r#"\b(?:https?|s3|wss?)://[^\s"'`,;)\]}]+"#, "<url>"),
        mask(
            r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))*)?",
            "<time>",
        ),
        mask(
            r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
            "<name>",
        ),
        mask(r"\b[a-z]{1,12}-[0-9a-f]{8,17}\b", "<name>"),
        mask(
            r"\b(?:us|eu|ap|ca|sa|me|af|il|mx|cn)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d[a-z]?\b",
            "<region>",
        ),
        mask(
            r#"'[^'\n]{0,200}'|"[^"\n]{0,200}"|`[^`\n]{0,200}`"#,
            "<name>",
        ),
        mask(r"\[\]|\{\}", "<name>"),
    ]
});

/// Several placeholders in a row are one: lists have any length.
static REPEATED: LazyLock<Mask> = LazyLock::new(|| {
    let kinds = "name|n|id|arn|ip|account|time|region|url";
    let pattern = format!(r"<({kinds})>(?:(?:,| and|, and|:|/|\.|-|=|\|)? ?<(?:{kinds})>)+");
    mask(&pattern, "<$1>")
});
static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<[a-z]+>|\[REDACTED:[a-z-]+\]").expect("a constant pattern"));
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[+-]?\d[\d.,:]*(?:%|[a-zµ]{1,3}\d*[a-z]{0,2}(?:\d+[a-z]{1,2})?)?$")
        .expect("a constant pattern")
});

/// The words after which a name stands without quotes.
const BEFORE_NAMES: &[&str] = &[
    "name",
    "named",
    "called",
    "id",
    "identifier",
    "bucket",
    "role",
    "function",
    "table",
    "queue",
    "topic",
    "cluster",
    "repository",
    "user",
    "group",
    "profile",
    "alias",
    "domain",
    "key",
    "policy",
    "exist:",
    "exists:",
    "found:",
    "arn",
    "account",
];

/// The message without secrets, accounts, ids of requests and authorizations, and addresses: as
/// it may be stored. Names of resources stay.
pub fn scrub(text: &str) -> String {
    let mut text = redact(text).into_owned();
    for _ in 0..MAX_PASSES {
        let before = text.clone();
        for mask in PRIVATE.iter() {
            text = replaced(&text, mask);
        }
        text = redact(&text).into_owned();
        if text == before {
            break;
        }
    }
    text
}

fn replaced(text: &str, mask: &Mask) -> String {
    mask.pattern.replace_all(text, mask.with).into_owned()
}

/// The message with placeholders for everything that differs from one occurrence to the next;
/// `names` are those that the resource is known by. Never empty.
pub fn normalise(text: &str, names: &[&str]) -> String {
    let mut text: String = text.chars().take(LONGEST).collect();
    for name in names.iter().filter(|name| name.chars().count() > 2) {
        text = without_name(&text, name);
    }
    for _ in 0..MAX_PASSES {
        let next = pass(&text);
        if next == text {
            break;
        }
        text = next;
    }
    if text.is_empty() {
        "<empty>".to_owned()
    } else {
        text
    }
}

/// Replaces a name where it stands as a word of its own.
fn without_name(text: &str, name: &str) -> String {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let alone = !out
            .chars()
            .chain(before.chars())
            .next_back()
            .is_some_and(inside)
            && !after.chars().next().is_some_and(inside);
        out.push_str(before);
        out.push_str(if alone { "<name>" } else { name });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn pass(text: &str) -> String {
    let mut text = scrub(text);
    for mask in MASKS.iter() {
        text = replaced(&text, mask);
    }
    let mut text = replaced(&words(&text), &REPEATED);
    let end = text.trim_end_matches(['.', ',', ';', ':', ' ']).len();
    text.truncate(end);
    text
}

/// Each word by itself: numbers and what looks like a name.
fn words(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let before = out
            .last()
            .map(|before| before.trim_start_matches('(').to_lowercase());
        let named = before.is_some_and(|before| BEFORE_NAMES.contains(&before.as_str()));
        out.push(one_word(word, named));
    }
    out.join(" ")
}

fn one_word(word: &str, named: bool) -> String {
    if PLACEHOLDER.is_match(word) {
        return word.to_owned();
    }
    let edge = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '*' | '+'));
    let core = word.trim_matches(edge);
    let core = core.trim_end_matches(['-', '/']);
    if core.is_empty() {
        return word.to_owned();
    }
    let with = match () {
        () if NUMBER.is_match(core) => "<n>",
        () if looks_like_name(core, named) => "<name>",
        () => return word.to_owned(),
    };
    let start = word.find(core).unwrap_or(0);
    format!("{}{with}{}", &word[..start], &word[start + core.len()..])
}

/// Whether a word is no word of a language: it has digits, underscores, slashes, or dots inside,
/// or several dashes; after `name`, `bucket` and the like one dash is enough.
fn looks_like_name(word: &str, named: bool) -> bool {
    let dashes = word.matches('-').count();
    let has = |c: char| word.contains(c);
    let digits = word.chars().any(|c| c.is_ascii_digit());
    digits
        || has('_')
        || (has('/') && word.len() > 3)
        || has('*')
        || word.trim_matches('.').contains('.')
        || (has(':') && !has(' '))
        || has('=')
        || dashes > 1
        || (named && dashes > 0)
}
