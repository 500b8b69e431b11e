//! Small wording helpers that decisions and renderers share.

use crate::text::Untrusted;
use crate::text::numbers;

/// `1 run`, `2 runs`.
pub fn counted(count: u64, noun: &str) -> String {
    counted_as(count, noun, &format!("{noun}s"))
}

/// The same for nouns with a plural of their own: `1 retry`, `2 retries`.
pub fn counted_as(count: u64, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", numbers::number(count as f64))
}

/// Text from outside as one word of a POSIX shell command that is meant to be copied and
/// run: as it is where every character is plain, else in single quotes. `None` where
/// quoting is not enough to make it honest: control or bidirectional characters (the
/// reader would not see what runs), a leading `-` (an option), nothing, or too long.
pub(crate) fn shell_word(text: &str) -> Option<Untrusted> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if text.is_empty() || text.starts_with('-') || text.len() > 256 || text.chars().any(hidden) {
        return None;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    Some(if text.chars().all(plain) {
        Untrusted::from(text)
    } else {
        Untrusted::from(format!("'{}'", text.replace('\'', r"'\''")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_plural() {
        assert_eq!(counted(1, "run"), "1 run");
        assert_eq!(counted(0, "run"), "0 runs");
        assert_eq!(counted_as(1_204, "retry", "retries"), "1,204 retries");
    }

    #[test]
    fn shell_words_cannot_run_anything() {
        for (text, want) in [
            ("orders-api", Some("orders-api")),
            ("$(rm -rf ~)", Some("'$(rm -rf ~)'")),
            ("it's", Some(r"'it'\''s'")),
            ("a b;c", Some("'a b;c'")),
            ("~x", Some("'~x'")),
            ("", None),
            ("--help", None),
            ("a\nb", None),
            ("a\u{202e}b", None),
        ] {
            let got = shell_word(text);
            assert_eq!(got.as_ref().map(Untrusted::raw), want, "{text:?}");
        }
    }
}
