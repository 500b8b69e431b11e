//! Small wording helpers that the decisions share.

use crate::text::Untrusted;

/// A span as people say it: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. Negative spans (clocks
/// that disagree) read as none.
pub(crate) fn span(seconds: i64) -> String {
    let two = |big: i64, big_unit: &str, small: i64, small_unit: &str| {
        if small == 0 {
            format!("{big} {big_unit}")
        } else {
            format!("{big} {big_unit} {small} {small_unit}")
        }
    };
    match seconds.max(0) {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", s / 60),
        s @ 3_600..86_400 => two(s / 3_600, "h", s % 3_600 / 60, "min"),
        s => two(s / 86_400, "d", s % 86_400 / 3_600, "h"),
    }
}

/// `1 run`, `2 runs`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
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
    fn spans_read_naturally() {
        for (seconds, want) in [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (11_100, "3 h 5 min"),
            (86_400, "1 d"),
            (187_200, "2 d 4 h"),
        ] {
            assert_eq!(span(seconds), want);
        }
        assert_eq!(counted(1, "run"), "1 run");
        assert_eq!(counted(0, "run"), "0 runs");
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
