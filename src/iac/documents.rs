//! Finds the JSON documents in what a tool printed: one, several one after another, or some
//! between lines that are no JSON.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::iac::error::IacError;
use crate::iac::other;
use crate::text::escape;

/// Most lines that begin like a document and are none before the text is given up.
const MOST_FALSE_STARTS: usize = 64;

/// One JSON object in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonDocument<'t> {
    /// The object.
    pub(super) text: &'t str,
    /// The line that it begins in, from 1.
    pub(super) line: usize,
    /// The column that it begins in, in bytes from 1.
    pub(super) column: usize,
}

/// Lines that are no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noise {
    /// How many.
    pub lines: usize,
    /// The first of them, safe to show.
    pub first: String,
    /// How to get the output without them, where the first one gives away who wrote them.
    pub fix: Option<&'static str>,
}

/// What was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split<'t> {
    /// At least one.
    pub(super) documents: Vec<JsonDocument<'t>>,
    pub(super) noise: Option<Noise>,
}

/// Splits a text, none of which is left out in silence.
pub(super) fn split(text: &str) -> Result<Split<'_>, IacError> {
    if let Some(found) = other::json_value(text) {
        return Err(IacError::Unsupported { found });
    }
    let mut splitter = Splitter {
        text,
        at: 0,
        line: 1,
        documents: Vec::new(),
        noise: None,
        failed: Vec::new(),
    };
    while splitter.at < text.len() {
        splitter.take_line()?;
    }
    if splitter.documents.is_empty() {
        return Err(splitter.none());
    }
    Ok(Split {
        documents: splitter.documents,
        noise: splitter.noise,
    })
}

struct Splitter<'t> {
    text: &'t str,
    /// Byte that is read next.
    at: usize,
    /// Its line, from 1.
    line: usize,
    documents: Vec<JsonDocument<'t>>,
    noise: Option<Noise>,
    /// Why what begins like a document is none.
    failed: Vec<IacError>,
}

impl<'t> Splitter<'t> {
    /// Takes a document, or the rest of a line that has none.
    fn take_line(&mut self) -> Result<(), IacError> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start_matches(is_blank);
        let blanks = rest.len() - trimmed.len();
        if blanks > 0 || trimmed.is_empty() {
            self.advance(blanks);
            return Ok(());
        }
        if rest.starts_with('{') {
            match end_of_object(rest) {
                Ok(end) => {
                    self.push(0, end);
                    return Ok(());
                }
                Err(error) => self.false_start(&error)?,
            }
        }
        let line = rest.lines().next().unwrap_or(rest);
        match object_behind_prefix(line) {
            Some((start, end)) => {
                self.note_noise(&line[..start]);
                self.push(start, end);
            }
            None => {
                self.note_noise(line);
                self.advance(line.len().max(1));
            }
        }
        Ok(())
    }

    fn push(&mut self, start: usize, end: usize) {
        let begin = self.at + start;
        let line_start = self.text[..begin].rfind('\n').map_or(0, |at| at + 1);
        self.documents.push(JsonDocument {
            text: &self.text[begin..self.at + end],
            line: self.line,
            column: begin - line_start + 1,
        });
        self.advance(end);
    }

    /// A text that begins as JSON is a damaged document and no text with JSON somewhere in it.
    fn false_start(&mut self, error: &serde_json::Error) -> Result<(), IacError> {
        let error = IacError::from_json("the file", error).moved(self.line, 1);
        let is_first = self.documents.is_empty() && self.noise.is_none();
        if is_first || error.is_cut_short() || self.failed.len() >= MOST_FALSE_STARTS {
            return Err(error);
        }
        self.failed.push(error);
        Ok(())
    }

    fn note_noise(&mut self, line: &str) {
        let noise = self.noise.get_or_insert_with(|| Noise {
            lines: 0,
            first: String::new(),
            fix: None,
        });
        noise.lines += 1;
        noise.fix = noise.fix.or_else(|| other::fix_of_noise(line));
        // The frame around a warning says nothing.
        let says_something = |text: &str| text.chars().any(char::is_alphanumeric);
        if noise.first.is_empty() || (says_something(line) && !says_something(&noise.first)) {
            noise.first = escape::cut(line.trim(), 80);
        }
    }

    fn advance(&mut self, bytes: usize) {
        let passed = &self.text[self.at..self.at + bytes];
        self.line += passed.matches('\n').count();
        self.at += bytes;
    }

    fn none(self) -> IacError {
        match self.noise {
            None => IacError::Empty,
            Some(noise) => IacError::NotJson {
                guess: other::guess(self.text),
                first: noise.first,
                fix: noise.fix,
            },
        }
    }
}

/// White space, and the byte order marks that joining files leaves between them.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Where the object that a text begins with ends.
fn end_of_object(text: &str) -> Result<usize, serde_json::Error> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Err(error)) => Err(error),
        _ => Ok(values.byte_offset()),
    }
}

/// Start and end of an object in a line behind other text, as terragrunt prints it
/// (`[live/app] {"format_version": …}`). Commands to GitHub's runner (`::set-output …::{…}`)
/// repeat what was printed.
fn object_behind_prefix(line: &str) -> Option<(usize, usize)> {
    if line.starts_with("::") {
        return None;
    }
    let start = line.find('{')?;
    let object = &line[start..];
    let inside = object[1..].trim_start();
    if !inside.starts_with('"') {
        return None;
    }
    let end = end_of_object(object).ok()?;
    // A map of a configuration or a log line is no document of its own.
    let has_head = Head::deserialize(&mut serde_json::Deserializer::from_str(object))
        .is_ok_and(|head| head.format_version.is_some() || head.version.is_some());
    has_head.then_some((start, start + end))
}

#[derive(Deserialize)]
struct Head {
    format_version: Option<IgnoredAny>,
    version: Option<IgnoredAny>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split_of(text: &str) -> String {
        match split(text) {
            Ok(split) => {
                let all = split.documents.iter();
                let documents: Vec<String> = all
                    .map(|one| format!("{}:{} {}", one.line, one.column, one.text))
                    .collect();
                let noise = split.noise.map_or(String::new(), |noise| {
                    format!(" · {} of `{}` {:?}", noise.lines, noise.first, noise.fix)
                });
                documents.join(" | ") + &noise
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn documents_are_found_between_other_lines() {
        let cases = [
            "{\"a\":1}",
            "\u{feff}{\"a\":1}\r\n\u{feff}{\"b\":2}\r\n",
            "{\"a\":1}{\"b\":2} {\"c\":3}",
            "[command]/opt/terraform-bin show -json\n{\"a\":1}\n\n::debug::exited with code 0\n",
            "\u{1b}[33mWarning: old\u{1b}[0m\n  on main.tf\n{\n \"a\": 1\n}\n",
            "[live/app] {\"format_version\":\"1.0\"}\n[live/db] {\"format_version\":\"1.0\"} done\n",
            "[live/app] {\n[live/app]   \"format_version\": \"1.0\"\n[live/app] }\n",
            "+ terraform show -json\n{\"a\":1}\n::set-output name=stdout::{\"format_version\":\"1\"}",
            "╷\n│ Warning: Deprecated\n╵\n{\"a\":1}\n::debug::x\n",
            "Terraform will say\n{ not so\n{\"a\":1}\n",
            "note\n{\"a\":1,\n\"b\":",
            "{\"a\":1}\n{\"b\":",
            "{\"a\":1",
            "{a}",
            "nothing here",
            " \u{feff}\n",
        ];
        let said: Vec<String> = cases.iter().map(|text| split_of(text)).collect();
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn false_starts_are_bounded() {
        let text = format!("x\n{}", "{ y\n".repeat(MOST_FALSE_STARTS + 2));
        assert!(matches!(split(&text), Err(IacError::Invalid { .. })));
    }

    proptest! {
        #[test]
        fn what_is_joined_is_split_again(
            numbers in proptest::collection::vec(0..1000_u32, 1..6),
            between in proptest::sample::select(vec!["", " ", "\n", "\r\n", "\n\u{feff}", "\nnoise {x}\n"]),
        ) {
            let all: Vec<String> = numbers.iter().map(|n| format!("{{\"n\":\n{n}}}")).collect();
            let text = all.join(between);
            let found = split(&text).expect("documents").documents;
            let texts: Vec<&str> = found.iter().map(|one| one.text).collect();
            prop_assert_eq!(texts, all);
        }

        #[test]
        fn any_text_is_split_or_refused(text in "[{}\\[\\]\":a \n\u{feff}]{0,60}") {
            let _ = split(&text);
        }
    }
}
