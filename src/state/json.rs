//! Strict JSON: what `serde_json` lets pass but a document must not have is refused, and
//! its errors are put into words for people who don't write JSON every day.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) range: Range<usize>,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) expected: Option<String>,
    pub(crate) help: Option<String>,
}

/// A parsed text.
pub(crate) struct Parsed {
    pub(crate) tree: Value,
    /// Whether any object has a key twice; the places are looked for only then.
    pub(crate) duplicates: bool,
}

/// Parses. Depth is limited to 128 by `serde_json`; size was limited when the file was read.
pub(crate) fn parse(text: &str) -> Result<Parsed, Fault> {
    let duplicates = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let tree = Strict(&duplicates)
        .deserialize(&mut deserializer)
        .and_then(|tree| deserializer.end().map(|()| tree))
        .map_err(|error| fault(text, &error))?;
    Ok(Parsed {
        tree,
        duplicates: duplicates.get(),
    })
}

#[derive(Clone, Copy)]
struct Strict<'a>(&'a Cell<bool>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(value) = seq.next_element_seed(self)? {
            out.push(value);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(self)?;
            if out.insert(key, value).is_some() {
                self.0.set(true);
            }
        }
        Ok(Value::Object(out))
    }
}

/// Byte range of the word or sign at an offset; at the end of the text, of its last sign.
fn token(text: &str, at: usize) -> Range<usize> {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let Some(first) = text[at..].chars().next() else {
        let end = text.trim_end().len();
        let start = text[..end].char_indices().next_back().map_or(0, |(i, _)| i);
        return start..end;
    };
    if first == '"' {
        let close = text[at + 1..].find(['"', '\n']);
        let end = close.map_or(text.len(), |found| at + 1 + found);
        let quoted = text[end..].starts_with('"');
        return at..end + usize::from(quoted);
    }
    let is_word = |c: char| c.is_alphanumeric() || "_-+.".contains(c);
    if !is_word(first) {
        return at..at + first.len_utf8();
    }
    let before = text[..at].trim_end_matches(is_word).len();
    let after = text[at..]
        .find(|c| !is_word(c))
        .map_or(text.len(), |end| at + end);
    before..after
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = if line <= 1 {
        0
    } else {
        text.match_indices('\n')
            .nth(line - 2)
            .map_or(text.len(), |(at, _)| at + 1)
    };
    (start + column.saturating_sub(1)).min(text.len())
}

fn fault(text: &str, error: &serde_json::Error) -> Fault {
    let at = offset(text, error.line(), error.column());
    let raw = error.to_string();
    let raw = raw
        .rsplit_once(" at line ")
        .map_or(raw.as_str(), |(m, _)| m);
    if error.is_eof() {
        return unfinished(text);
    }
    let range = token(text, at);
    let here = text[range.clone()].chars().next().unwrap_or(' ');
    let (message, expected, help) = match raw {
        "trailing comma" => return trailing_comma(text, at),
        "recursion limit exceeded" => return too_deep(range),
        _ => said(raw).unwrap_or_else(|| wrong_value(here, &text[range.clone()])),
    };
    Fault {
        range,
        code: "state/json-syntax",
        message: message.to_owned(),
        expected: Some(expected.to_owned()),
        help: Some(help.to_owned()),
    }
}

fn too_deep(range: Range<usize>) -> Fault {
    Fault {
        range,
        code: "state/too-deep",
        message: "this file is nested deeper than 128 levels".to_owned(),
        expected: Some("the 128th level".to_owned()),
        help: Some("no document needs more than a dozen; restore it from git".to_owned()),
    }
}

/// What, what was expected, how to fix it.
type Words = (&'static str, &'static str, &'static str);

/// `serde_json`'s words in ours, where they say enough.
fn said(raw: &str) -> Option<Words> {
    Some(match raw {
        "trailing characters" => (
            "there is text after the end of the document",
            "expected nothing more",
            "remove it, or check whether a `}` above closes the document too early",
        ),
        "expected `:`" => (
            "a colon is missing after a key",
            "expected `:`",
            "write `\"key\": value`",
        ),
        "expected `,` or `}`" | "expected `,` or `]`" => (
            "a comma is missing",
            "expected a comma before this",
            "put a `,` behind the value above",
        ),
        "number out of range" => (
            "this number is too large",
            "expected a number below 1.8e308",
            "check for a slip of the keyboard",
        ),
        _ if raw.starts_with("control character") => (
            "there is a line break or control character inside a text",
            "expected the closing `\"` before this",
            "close the text with `\"`; write a line break inside a text as `\\n`",
        ),
        _ if raw.contains("escape") || raw.contains("surrogate") => (
            "this is not an escape that JSON knows",
            "expected `\\\"`, `\\\\`, `\\n`, `\\t` or `\\u` with four hexadecimal digits",
            "write a single backslash as `\\\\`",
        ),
        _ => return None,
    })
}

fn wrong_value(here: char, word: &str) -> Words {
    let word = word.trim_start_matches(['-', '+']).to_ascii_lowercase();
    match (here, word.as_str()) {
        ('/' | '#', _) => (
            "JSON has no comments",
            "expected a key or a value",
            "remove the comment; notes fit into a `description` where there is one",
        ),
        ('\'', _) => (
            "texts are written in double quotes",
            "expected `\"`",
            "use `\"` instead of `'`",
        ),
        (_, "nan" | "infinity" | "inf") => (
            "JSON has no such number",
            "expected a number",
            "leave the key out where the number is not known",
        ),
        (_, "true" | "false" | "null" | "none" | "yes" | "no" | "undefined") => (
            "JSON does not know this word",
            "expected `true`, `false` or `null`, in lower case",
            "write it as one of these three",
        ),
        (',' | '}' | ']' | ':', _) => (
            "a value or key is missing",
            "expected one before this",
            "remove the sign, or write what is missing before it",
        ),
        _ => (
            "this is not JSON",
            "expected a key or text in double quotes, or a number",
            "put texts and keys in double quotes: `\"like this\"`",
        ),
    }
}

fn trailing_comma(text: &str, at: usize) -> Fault {
    let comma = text[..at.min(text.len())].rfind(',').unwrap_or(0);
    Fault {
        range: comma..comma + 1,
        code: "state/json-syntax",
        message: "there is a comma behind the last entry".to_owned(),
        expected: Some("expected another entry after this comma, or no comma".to_owned()),
        help: Some("remove the comma".to_owned()),
    }
}

/// The file ends too early: shows what was opened and never closed.
fn unfinished(text: &str) -> Fault {
    if text.trim().is_empty() {
        return Fault {
            range: 0..0,
            code: "state/empty",
            message: "this file is empty".to_owned(),
            expected: Some("expected a JSON document, starting with `{`".to_owned()),
            help: Some("delete the file, or restore its last version from git".to_owned()),
        };
    }
    let (mut open, mut in_text) = (Vec::new(), None);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (in_text, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(_), '"') => in_text = None,
            (None, '"') => in_text = Some(at),
            (None, '{' | '[') => open.push((at, c)),
            (None, '}' | ']') => {
                open.pop();
            }
            _ => {}
        }
    }
    let (at, sign) = in_text
        .map(|at| (at, '"'))
        .or_else(|| open.last().copied())
        .unwrap_or((token(text, text.len()).start, ' '));
    let (message, close) = match sign {
        '{' => ("the file ends before this `{` is closed", "a `}`"),
        '[' => ("the file ends before this `[` is closed", "a `]`"),
        '"' => ("the file ends in the middle of a text", "a closing `\"`"),
        _ => ("the file ends too early", "a value"),
    };
    Fault {
        range: at..at + sign.len_utf8(),
        code: "state/truncated",
        message: message.to_owned(),
        expected: Some(format!("expected {close} further down")),
        help: Some(format!(
            "if the file was cut off, restore its last version from git; else add {close}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (String, String) {
        match parse(text) {
            Ok(_) => ("ok".to_owned(), String::new()),
            Err(fault) => (fault.message, text[fault.range].to_owned()),
        }
    }

    #[test]
    fn faults_are_named_at_their_place() {
        for (text, message, place) in [
            ("{\"a\": 1,}", "there is a comma behind the last entry", ","),
            ("[1, 2,\n]", "there is a comma behind the last entry", ","),
            ("{\"a\": 1 \"b\": 2}", "a comma is missing", "\"b\""),
            ("{\"a\" 1}", "a colon is missing after a key", "1"),
            ("{\"a\": NaN}", "JSON has no such number", "NaN"),
            ("{\"a\": -Infinity}", "JSON has no such number", "-Infinity"),
            ("{\"a\": True}", "JSON does not know this word", "True"),
            ("{\"a\": 'x'}", "texts are written in double quotes", "'"),
            ("{a: 1}", "this is not JSON", "a"),
            ("// hi\n{}", "JSON has no comments", "/"),
            ("{\n  // hi\n  \"a\": 1}", "JSON has no comments", "/"),
            ("{\"a\": 1e999}", "this number is too large", "1e999"),
            ("{} {}", "there is text after the end of the document", "{"),
            (
                "{\"a\": [1, 2",
                "the file ends before this `[` is closed",
                "[",
            ),
            ("{\"a\": \"x", "the file ends in the middle of a text", "\""),
            ("", "this file is empty", ""),
        ] {
            let (got, at) = found(text);
            assert_eq!((got.as_str(), at.as_str()), (message, place), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(found(&deep).0, "this file is nested deeper than 128 levels");
        let fine = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(found(&fine).0, "ok");
    }

    #[test]
    fn duplicates_are_seen_at_any_depth() {
        for (text, twice) in [
            ("{\"a\":1,\"a\":2}", true),
            ("[{\"b\":{\"a\":1,\"\\u0061\":2}}]", true),
            ("{\"a\":{\"a\":1}}", false),
        ] {
            assert_eq!(parse(text).is_ok_and(|p| p.duplicates), twice, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn anything_may_come(text in "[\\[\\]{}:,\"'a-z0-9.\\\\\n ä/-]{0,60}") {
            if let Err(fault) = parse(&text) {
                assert!(text.get(fault.range).is_some());
            }
        }
    }
}
