//! The lines of an error without what terminals, boxes and logs of pipelines put around them.

use std::sync::LazyLock;

use regex::Regex;

use crate::core::permissions::{without_colours, without_gutter};

/// The most that is read, in characters, of the end of a text: what went wrong is told there.
const MOST: usize = 400_000;

/// A line of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextLine {
    /// A box begins or ends.
    Border,
    /// Anything else.
    Text(String),
}

/// What pipelines write before each line, and GitHub's and GitLab's marks.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(?:\u{feff}?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?\]? (?:\d\d[OE]\+? ?)?)?(?:##\[\w+\]|::error[^:]*::)?";
    Regex::new(pattern).expect("a constant pattern")
});

/// Splits a text into its lines.
pub(super) fn lines(text: &str) -> Vec<TextLine> {
    let before = text.char_indices().nth_back(MOST);
    let begin = before.map_or(0, |(at, c)| at + c.len_utf8());
    let mut last = &text[begin..];
    if begin > 0 {
        // The first line is not whole.
        last = last.split_once('\n').map_or(last, |(_, rest)| rest);
    }
    let text = without_colours(last);
    text.split('\n').map(line).collect()
}

fn line(line: &str) -> TextLine {
    let line = line.trim_end_matches('\r').replace('\u{a0}', " ");
    let stamp = STAMP.find(&line).map_or(0, |found| found.end());
    let line = &line[stamp..];
    // A box in the log of a pipeline: the gutters of both.
    let inner = without_gutter(line);
    if is_border(line) || is_border(inner) {
        return TextLine::Border;
    }
    TextLine::Text(without_gutter(inner).trim_end().to_owned())
}

/// The corners of a box, with nothing beside them.
fn is_border(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(['╷', '╵']) && line.chars().all(|c| "╷╵─ ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_long_log_is_read() {
        let text = format!("{}Error: the last line", "a line\n".repeat(MOST / 7 + 10));
        let all = lines(&text);
        assert!(all.len() <= MOST / 7 + 1, "{}", all.len());
        let last = TextLine::Text("Error: the last line".to_owned());
        assert_eq!(all.last(), Some(&last));
    }
}
