//! The lines of an error without what terminals, boxes and logs of pipelines put around them.

use std::sync::LazyLock;

use regex::Regex;

use crate::core::permissions::{without_colours, without_gutter};

/// The most that is read, in characters.
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
    let end = text
        .char_indices()
        .nth(MOST)
        .map_or(text.len(), |(at, _)| at);
    let text = without_colours(&text[..end]);
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
