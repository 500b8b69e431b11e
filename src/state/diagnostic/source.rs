//! The text of a file, and places in it: byte ranges to lines, columns and safe excerpts.

use std::ops::Range;

use crate::model::paths::RepoPath;
use crate::state::diagnostic::{Diagnostic, DiagnosticLevel, Excerpt};
use crate::text::{escape, redact};

/// Longest line that is shown; a longer one (minified JSON) is named by its place alone.
const LONGEST_LINE: usize = 16 << 10;

/// A file's text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) path: &'a RepoPath,
    pub(crate) text: &'a str,
}

impl<'a> Source<'a> {
    /// A diagnostic about a place, or about the file as a whole where there is none.
    pub(crate) fn diagnostic(
        self,
        severity: DiagnosticLevel,
        place: Option<Range<usize>>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Diagnostic {
        let mut out = Diagnostic {
            severity,
            ..Diagnostic::error(self.path, code, message)
        };
        if let Some(place) = place {
            self.put(&mut out, place);
        }
        out
    }

    fn put(self, out: &mut Diagnostic, place: Range<usize>) {
        let start = floor(self.text, place.start);
        let end = floor(self.text, place.end.max(start));
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |at| start + at);
        let line = self.text[line_start..line_end].trim_end_matches('\r');
        let from = (start - line_start).min(line.len());
        let to = (end - line_start).clamp(from, line.len());
        out.line = self.text[..line_start].matches('\n').count() + 1;
        out.column = self.text[line_start..line_start + from].chars().count() + 1;
        if line.len() <= LONGEST_LINE {
            out.excerpt = Some(excerpt(line, from..to));
        }
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Makes a line safe to show. Characters are replaced one for one, so the underline stays
/// where it was; a line whose secrets can't be cut out that way is not shown at all.
fn excerpt(line: &str, span: Range<usize>) -> Excerpt {
    let mut text = String::with_capacity(line.len());
    let (mut from, mut to) = (None, None);
    for (at, c) in line.char_indices() {
        if at >= span.start {
            from.get_or_insert(text.len());
        }
        if at >= span.end {
            to.get_or_insert(text.len());
        }
        text.push(visible(c));
    }
    let from = from.unwrap_or(text.len());
    let to = to.unwrap_or(text.len()).max(from);
    let hidden = "(this line is not shown because it holds a secret)";
    // Both forms are looked at: a secret may be broken up by control characters.
    if redact::redact(&text) == text && redact::redact(line) == line {
        Excerpt {
            text,
            span: from..to,
        }
    } else {
        Excerpt {
            text: hidden.to_owned(),
            span: 0..hidden.len(),
        }
    }
}

/// The text with what lies at these places masked; everything keeps its place.
pub(crate) fn masked(text: &str, secrets: &[Range<usize>]) -> String {
    text.char_indices()
        .map(|(at, c)| {
            let secret = secrets.iter().any(|range| range.contains(&at));
            // Only characters of one byte, so that nothing moves; keys have no others.
            if secret && c.is_ascii_graphic() && c != '"' {
                '*'
            } else {
                c
            }
        })
        .collect()
}

/// A character as it may be shown, of the same width.
pub(crate) fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c if escape::is_hidden(c) => '·',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidi_characters_do_not_move_the_underline() {
        let path = RepoPath::new("a.json").expect("a path");
        let text = "{\n  \"a\u{202e}\u{1b}\": \"wrong\"\n}\n";
        let at = text.find("\"wrong\"").expect("is there");
        let source = Source { path: &path, text };
        let place = at..at + 7;
        let found = source.diagnostic(DiagnosticLevel::Error, Some(place), "state/x", "x");
        assert_eq!((found.line, found.column), (2, 10));
        let shown = found.excerpt.expect("a line");
        assert_eq!(shown.text, "  \"a·\u{fffd}\": \"wrong\"");
        assert_eq!(&shown.text[shown.span], "\"wrong\"");
    }

    #[test]
    fn secrets_are_masked_in_place() {
        let text = "{ \"ä\": \"AKIAIOSFODNN7EXAMPLE\" }";
        let at = text.find("\"AKIA").expect("is there");
        let secret = at..at + 22;
        let safe = masked(text, std::slice::from_ref(&secret));
        assert_eq!(safe, "{ \"ä\": \"********************\" }");
        assert_eq!(safe.len(), text.len());
    }

    #[test]
    fn places_past_the_end_and_inside_characters_are_moved() {
        let path = RepoPath::new("a.json").expect("a path");
        let source = Source {
            path: &path,
            text: "ä",
        };
        for place in [0..99, 1..1, 50..60] {
            let found = source.diagnostic(DiagnosticLevel::Error, Some(place), "state/x", "x");
            assert_eq!(found.line, 1);
        }
    }
}
