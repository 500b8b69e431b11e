//! Hides secret values wherever they occur: as they are, inside longer texts, in JSON, in
//! base64 and percent-encoded.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::text::Untrusted;
use crate::text::escape;

/// What is shown in place of a secret value.
pub const MASK: &str = "(sensitive)";

/// Shorter values are not looked for in other encodings: too much looks like them.
const SHORTEST_ENCODED: usize = 8;
/// Shorter lines of a secret of several lines are no secrets of their own.
const SHORTEST_LINE: usize = 8;

/// Hides a set of secret values.
#[derive(Debug)]
pub struct Masker {
    /// `None` where there are no secrets.
    finder: Option<AhoCorasick>,
    secrets: BTreeSet<String>,
}

impl Masker {
    /// Takes the values to hide.
    pub fn new(secrets: BTreeSet<String>) -> Self {
        let mut forms = BTreeSet::new();
        for secret in &secrets {
            add_forms(secret, &mut forms);
        }
        forms.retain(|form| !form.is_empty());
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&forms)
            // Only more patterns than fit into memory are refused.
            .ok()
            .filter(|_| !forms.is_empty());
        Self { finder, secrets }
    }

    /// Returns the values, one for each line that a runner is told to mask.
    pub fn lines(&self) -> BTreeSet<&str> {
        let lines = self.secrets.iter().flat_map(|secret| secret.lines());
        lines
            .map(str::trim)
            .filter(|line| line.chars().count() >= 4)
            .collect()
    }

    /// Returns a text without the values.
    pub fn hide(&self, text: &str) -> String {
        let Some(finder) = &self.finder else {
            return text.to_owned();
        };
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for found in finder.find_iter(text) {
            out.push_str(&text[done..found.start()]);
            out.push_str(MASK);
            done = found.end();
        }
        out.push_str(&text[done..]);
        out
    }

    /// Hides the values in a text from outside.
    pub fn hide_in(&self, text: &mut Untrusted) {
        if self.finder.is_some() {
            *text = Untrusted::new(self.hide(text.raw()));
        }
    }
}

/// How a value may be written.
fn add_forms(secret: &str, forms: &mut BTreeSet<String>) {
    let mut add = |text: &str| {
        forms.insert(text.to_owned());
        forms.insert(escape::json(text));
        // As inside of a JSON text, and of a JSON text in one.
        let once = quoted(text);
        forms.insert(quoted(&once));
        forms.insert(once);
    };
    add(secret);
    secret
        .lines()
        .map(str::trim)
        .filter(|line| line.len() >= SHORTEST_LINE)
        .for_each(&mut add);
    if secret.len() >= SHORTEST_ENCODED {
        forms.insert(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string());
        forms.insert(utf8_percent_encode(secret, UNRESERVED).to_string());
        forms.extend((0..3).map(|offset| base64_inside(secret, offset)));
    }
}

/// What `encodeURIComponent` leaves as it is.
const UNRESERVED: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

fn quoted(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The characters of base64 that do not depend on what surrounds the value, where it begins
/// `offset` bytes behind the start of a group.
fn base64_inside(secret: &str, offset: usize) -> String {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(secret.as_bytes());
    let encoded = STANDARD_NO_PAD.encode(&bytes);
    let start = (offset * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    encoded[start..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    fn masker(secrets: &[&str]) -> Masker {
        Masker::new(secrets.iter().map(|one| (*one).to_owned()).collect())
    }

    #[test]
    fn values_are_hidden_however_they_are_written() {
        let masker = masker(&[
            "hunter2-öß \"x\"",
            "pass",
            "passphrase",
            "-----K-----\nMIIEabcdef\n",
        ]);
        for (text, want) in [
            ("nothing", "nothing"),
            ("a hunter2-öß \"x\" b", "a (sensitive) b"),
            (
                "{\"k\":\"hunter2-öß \\\"x\\\"\"}",
                "{\"k\":\"(sensitive)\"}",
            ),
            (
                "{\"k\":\"{\\\"k\\\":\\\"hunter2-öß \\\\\\\"x\\\\\\\"\\\"}\"}",
                "{\"k\":\"{\\\"k\\\":\\\"(sensitive)\\\"}\"}",
            ),
            (
                "https://u:hunter2%2D%C3%B6%C3%9F%20%22x%22@h",
                "https://u:(sensitive)@h",
            ),
            (
                "https://u:hunter2-%C3%B6%C3%9F%20%22x%22@h",
                "https://u:(sensitive)@h",
            ),
            (
                "the passphrase, the passer",
                "the (sensitive), the (sensitive)er",
            ),
            ("line MIIEabcdef alone", "line (sensitive) alone"),
        ] {
            assert_eq!(masker.hide(text), want, "{text}");
        }
        assert_eq!(masker.lines().len(), 5);
    }

    proptest! {
        #[test]
        fn base64_hides_at_every_offset(before in "[a-z]{0,7}", secret in "[!-~]{8,40}", after in "[a-z]{0,7}") {
            let encoded = STANDARD.encode(format!("{before}{secret}{after}"));
            let masker = masker(&[&secret]);
            prop_assert!(masker.hide(&encoded).contains(MASK));
            let text = format!("x{secret}y");
            prop_assert_eq!(masker.hide(&text), format!("x{MASK}y"));
        }
    }
}
