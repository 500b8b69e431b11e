//! Removes secrets from text.
//!
//! A secret is recognised by its own form (`ghp_…`), or by the name before it
//! (`password=…`). It is replaced by a marker that names its kind, `[REDACTED:password]`.
//! Redacting twice gives the same as redacting once, so documents can be read and written
//! again. Time is linear in the text: the engine has no backtracking, and the two things
//! that it cannot do in linear time (blocks with an end mark, checksums) are code.

mod checks;
mod lines;
mod rules;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use regex::bytes::Regex as BytesRegex;

pub use lines::KeyLines;
use rules::Rule;

/// How often the rules are applied before the text is taken as clean. Replacing a secret
/// can uncover another one's boundary, so one pass is not always enough; more than three
/// were never seen to be needed.
const MAX_PASSES: usize = 6;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(rules::all);
static TRIGGER: LazyLock<Regex> = LazyLock::new(rules::trigger);

/// Replaces every secret in `text` by a marker that names its kind.
pub fn redact(text: &str) -> Cow<'_, str> {
    redact_counted(text).0
}

/// The same, and how many secrets were replaced.
pub fn redact_counted(text: &str) -> (Cow<'_, str>, usize) {
    if !TRIGGER.is_match(text) {
        return (Cow::Borrowed(text), 0);
    }
    let mut current = Cow::Borrowed(text);
    let mut count = 0;
    for _ in 0..MAX_PASSES {
        let before = count;
        if let Some(clean) = private_keys(&current, &mut count) {
            current = Cow::Owned(clean);
        }
        for rule in RULES.iter() {
            if let Some(clean) = apply(rule, &current, &mut count) {
                current = Cow::Owned(clean);
            }
        }
        if count == before {
            break;
        }
    }
    (current, count)
}

/// The same for bytes of any encoding. Bytes that are no UTF-8 become replacement characters where
/// a secret was replaced.
pub fn redact_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    static BYTES: LazyLock<BytesRegex> = LazyLock::new(rules::bytes_trigger);
    if !BYTES.is_match(bytes) {
        return Cow::Borrowed(bytes);
    }
    match redact_counted(&String::from_utf8_lossy(bytes)) {
        (_, 0) => Cow::Borrowed(bytes),
        (clean, _) => Cow::Owned(clean.into_owned().into_bytes()),
    }
}

/// Whether there is any reason to look for secrets. Where there is none, there is none in any
/// part of the text either.
pub(super) fn is_suspicious(text: &str) -> bool {
    TRIGGER.is_match(text)
}

/// The value of a setting, a tag or a variable: nothing of it where the name says that it is a
/// secret (`DB_PASSWORD`), else what [`redact`] leaves.
pub fn redact_value<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    // A name is a secret's if a rule takes what stands behind it for one.
    let probe = format!("{name}=x1y2z3");
    if value.is_empty() || !redact(&probe).ends_with("=[REDACTED:password]") {
        return redact(value);
    }
    let mut marker = String::new();
    push_marker(&mut marker, "password");
    Cow::Owned(marker)
}

/// One rule over the whole text; `None` where it changed nothing.
fn apply(rule: &Rule, text: &str, count: &mut usize) -> Option<String> {
    let mut clean = String::new();
    let mut done = 0;
    for captures in rule.pattern.captures_iter(text) {
        // The secret is the last group that took part; without groups, the whole match.
        let Some(secret) = (0..captures.len()).rev().find_map(|i| captures.get(i)) else {
            continue;
        };
        let range = secret.range();
        if range.is_empty()
            || range.start < done
            || checks::is_marker(secret.as_str())
            || !(rule.check)(text, range.clone())
        {
            continue;
        }
        clean.push_str(&text[done..range.start]);
        push_marker(&mut clean, rule.kind);
        done = range.end;
        *count += 1;
    }
    if done == 0 {
        return None;
    }
    clean.push_str(&text[done..]);
    Some(clean)
}

fn push_marker(out: &mut String, kind: &str) {
    out.push_str("[REDACTED:");
    out.push_str(kind);
    out.push(']');
}

/// Replaces PEM and PGP private keys, whole blocks with what lies between their marks. A
/// block that is cut off loses everything that can still be key.
fn private_keys(text: &str, count: &mut usize) -> Option<String> {
    const BEGIN: &str = "-----BEGIN ";
    let mut clean = String::new();
    let mut done = 0;
    let mut at = 0;
    // Looked for once and kept, so that many begins without an end stay linear.
    let mut next_end = find_end(text, 0);
    while let Some(found) = text[at..].find(BEGIN) {
        let start = at + found;
        let label_end = text[start + BEGIN.len()..]
            .char_indices()
            .take(48)
            .find(|(_, c)| !(c.is_ascii_uppercase() || c.is_ascii_digit() || *c == ' '))
            .map_or(start + BEGIN.len(), |(i, _)| start + BEGIN.len() + i);
        at = label_end.max(start + 1);
        let label = &text[start + BEGIN.len()..label_end];
        if !label.contains("PRIVATE KEY") {
            continue;
        }
        while next_end.is_some_and(|end| end <= label_end) {
            next_end = find_end(text, label_end);
        }
        let end = next_end.unwrap_or_else(|| {
            text[label_end..]
                .find(|c: char| !(c.is_ascii_alphanumeric() || "+/=-\\:, \r\n\t".contains(c)))
                .map_or(text.len(), |i| label_end + i)
        });
        clean.push_str(&text[done..start]);
        push_marker(&mut clean, "private-key");
        *count += 1;
        done = end;
        at = end;
    }
    if done == 0 {
        return None;
    }
    clean.push_str(&text[done..]);
    Some(clean)
}

/// The place behind the next `-----END … PRIVATE KEY…-----` that starts at or after `from`.
fn find_end(text: &str, from: usize) -> Option<usize> {
    static END: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----").expect("a constant pattern")
    });
    END.find_at(text, from).map(|found| found.end())
}

#[cfg(test)]
mod tests;
