//! Lines of a program's output as they come.

use crate::text::Untrusted;

/// Longest line that is handed on, in bytes; the rest of a longer one is dropped.
const LONGEST: usize = 1024 * 1024;

/// Where a line was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Standard output.
    Output,
    /// Standard error.
    Errors,
}

/// A line that a program printed.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where.
    pub source: Source,
    /// Its text without the line break; bytes that are no UTF-8 are replaced.
    pub text: Untrusted,
    /// Whether its end is missing because it is too long.
    pub cut: bool,
}

/// Makes lines of the pieces that a pipe gives.
#[derive(Debug)]
pub(crate) struct Splitter {
    source: Source,
    begun: Vec<u8>,
    cut: bool,
}

impl Splitter {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            begun: Vec::new(),
            cut: false,
        }
    }

    /// Hands on every line that this piece completes.
    pub(crate) fn take(&mut self, piece: &[u8], hand_on: &mut dyn FnMut(Line)) {
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.keep(&rest[..end]);
            hand_on(self.line());
            rest = &rest[end + 1..];
        }
        self.keep(rest);
    }

    /// Hands on the last line, where it has no line break.
    pub(crate) fn finish(&mut self, hand_on: &mut dyn FnMut(Line)) {
        if !self.begun.is_empty() {
            hand_on(self.line());
        }
    }

    fn keep(&mut self, part: &[u8]) {
        let room = LONGEST - self.begun.len();
        self.cut |= part.len() > room;
        self.begun.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn line(&mut self) -> Line {
        let bytes = std::mem::take(&mut self.begun);
        let text = String::from_utf8_lossy(&bytes);
        Line {
            source: self.source,
            text: Untrusted::from(text.strip_suffix('\r').unwrap_or(&text)),
            cut: std::mem::take(&mut self.cut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&[u8]]) -> Vec<(String, bool)> {
        let mut lines = Vec::new();
        let mut splitter = Splitter::new(Source::Output);
        let mut hand_on = |line: Line| lines.push((line.text.raw().to_owned(), line.cut));
        for piece in pieces {
            splitter.take(piece, &mut hand_on);
        }
        splitter.finish(&mut hand_on);
        lines
    }

    #[test]
    fn lines_are_whole_however_they_come() {
        let lines = split(&[b"o", b"ne\r\n\ntw", b"o\nthr\xffee"]);
        let texts: Vec<&str> = lines.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["one", "", "two", "thr\u{fffd}ee"]);
        assert!(split(&[]).is_empty());
    }

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_is_not() {
        let long = vec![b'x'; LONGEST];
        let lines = split(&[&long, b"too much", b"\nnext\n"]);
        let shape: Vec<(usize, bool)> = lines.iter().map(|(t, cut)| (t.len(), *cut)).collect();
        assert_eq!(shape, [(LONGEST, true), (4, false)]);
    }
}
