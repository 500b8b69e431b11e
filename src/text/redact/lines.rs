//! Private keys in lines that come one by one: each line alone would not show that it is key.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use regex::bytes::Regex as BytesRegex;

use super::{find_end, push_marker};

/// The lines that a key can have: 16,384 bits of RSA have about 200.
const MOST_LINES: usize = 400;
/// The shortest part of a key behind something else on its line.
const SHORTEST: usize = 16;

/// Hides what of lines belongs to a private key.
#[derive(Debug, Clone, Default)]
pub struct KeyLines {
    /// Lines that may still belong to the key that began; 0 outside of one.
    left: usize,
}

impl KeyLines {
    /// Returns the next line, with a marker where it goes on with a key.
    pub fn hide<'a>(&mut self, line: &'a str) -> Cow<'a, str> {
        let shown = self.hide_body(line);
        if begins(line) {
            self.left = MOST_LINES;
        }
        shown
    }

    /// The same as [`KeyLines::hide`] for bytes of any encoding.
    pub fn hide_bytes<'a>(&mut self, line: &'a [u8]) -> Cow<'a, [u8]> {
        static BEGIN: LazyLock<BytesRegex> =
            LazyLock::new(|| BytesRegex::new("-----BEGIN ").expect("a constant pattern"));
        if self.left == 0 && !BEGIN.is_match(line) {
            return Cow::Borrowed(line);
        }
        let text = String::from_utf8_lossy(line);
        match self.hide(&text) {
            Cow::Borrowed(_) => Cow::Borrowed(line),
            Cow::Owned(shown) => Cow::Owned(shown.into_bytes()),
        }
    }

    /// Whether the next line may go on with a key.
    pub fn is_open(&self) -> bool {
        self.left > 0
    }

    fn hide_body<'a>(&mut self, line: &'a str) -> Cow<'a, str> {
        if self.left == 0 {
            return Cow::Borrowed(line);
        }
        self.left -= 1;
        let (start, end) = match find_end(line, 0) {
            Some(end) => {
                self.left = 0;
                (line[..end].rfind("-----END").unwrap_or(0), end)
            }
            None if is_between(line) => return Cow::Borrowed(line),
            None => match body(line) {
                Some(start) => (start, line.len()),
                None => {
                    self.left = 0;
                    return Cow::Borrowed(line);
                }
            },
        };
        let mut shown = line[..start].to_owned();
        push_marker(&mut shown, "private-key");
        shown.push_str(&line[end..]);
        Cow::Owned(shown)
    }
}

/// Whether a key begins on the line and does not end there.
fn begins(line: &str) -> bool {
    static BEGIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----").expect("a constant pattern")
    });
    let last = BEGIN.find_iter(line).last();
    last.is_some_and(|found| find_end(line, found.end()).is_none())
}

/// Whether the line can stand in a key and is no part of it: the head of an encrypted one.
fn is_between(line: &str) -> bool {
    let text = line.trim();
    text.is_empty() || text.contains("Proc-Type: ") || text.contains("DEK-Info: ")
}

/// Where the key is on a line that goes on with it: the line, or what ends it behind the time and
/// the name that a logger puts before each line.
fn body(line: &str) -> Option<usize> {
    let text = line.trim_end();
    let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let last = &text[start..];
    let is_key = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
    if last.is_empty() || !last.bytes().all(is_key) {
        return None;
    }
    let has = |class: fn(&u8) -> bool| last.as_bytes().iter().any(class);
    let is_mixed =
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    let is_alone = text[..start].trim().is_empty();
    (is_alone || last.len() >= SHORTEST && is_mixed).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

    fn hidden(lines: &[&str]) -> Vec<String> {
        let mut keys = KeyLines::default();
        let shown: Vec<String> = lines
            .iter()
            .map(|line| keys.hide(line).into_owned())
            .collect();
        let mut keys = KeyLines::default();
        let bytes = lines
            .iter()
            .map(|line| keys.hide_bytes(line.as_bytes()).into_owned());
        let bytes: Vec<String> = bytes
            .map(|line| String::from_utf8(line).expect("it is UTF-8"))
            .collect();
        assert_eq!(bytes, shown);
        shown
    }

    #[test]
    fn a_key_over_several_lines_is_hidden_to_its_end() {
        let begin = "-----BEGIN RSA PRIVATE KEY-----";
        let head = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,1F", ""];
        let end = "-----END RSA PRIVATE KEY-----";
        let given = [&[begin], &head[..], &[BODY, "Ab1=", end, BODY, "started"]].concat();
        let marker = "[REDACTED:private-key]";
        let want = [
            &[begin],
            &head[..],
            &[marker, marker, marker, BODY, "started"],
        ]
        .concat();
        assert_eq!(hidden(&given), want);
    }

    #[test]
    fn a_logger_may_put_something_before_each_line() {
        let lead = "2026-11-29T14:03:00Z INFO ";
        let line = |text: &str| format!("{lead}{text}");
        let given = [
            line("loading -----BEGIN PRIVATE KEY-----"),
            line(BODY),
            line("-----END PRIVATE KEY----- of web"),
            line("listening on 8080"),
        ];
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let want = [
            line("loading -----BEGIN PRIVATE KEY-----"),
            line("[REDACTED:private-key]"),
            line("[REDACTED:private-key] of web"),
            line("listening on 8080"),
        ];
        assert_eq!(hidden(&given), want);
    }

    #[test]
    fn what_is_no_key_stays() {
        for lines in [
            vec![
                "-----BEGIN CERTIFICATE-----",
                BODY,
                "-----END CERTIFICATE-----",
            ],
            vec![
                "-----BEGIN PRIVATE KEY-----x-----END PRIVATE KEY-----",
                BODY,
            ],
            vec![
                "-----BEGIN PRIVATE KEY-----",
                "could not be read: cut off",
                BODY,
            ],
            vec!["-----BEGIN ", BODY],
        ] {
            assert_eq!(hidden(&lines), lines);
        }
    }
}
