//! Fitting text into columns, by display width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text cut to `columns`, with `…` where something was cut.
pub(super) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 1 > columns {
            break;
        }
        out.push(c);
        used += wide;
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// Every line of at most `columns`, colours not counted: what does not fit goes on in the next line,
/// further to the right.
pub(super) fn wrap_lines(text: String, columns: usize) -> String {
    if text.lines().all(|line| width(line) <= columns) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        PaintedLine::new(line, columns).wrap(line, &mut out);
    }
    out
}

/// A line with what sets colours, on its way into lines that fit.
struct PaintedLine {
    columns: usize,
    /// Blanks before the lines that go on.
    hang: usize,
    /// Columns that are taken in the last line.
    used: usize,
    /// The last blank at which it can break, and the columns behind it.
    blank: Option<(usize, usize)>,
    /// Where the last thing ends that sets a colour.
    paint_end: usize,
}

impl PaintedLine {
    fn new(line: &str, columns: usize) -> Self {
        let indent = line.len() - line.trim_start_matches(' ').len();
        Self {
            columns,
            hang: (indent + 2).min(columns / 2),
            used: 0,
            blank: None,
            paint_end: 0,
        }
    }

    fn wrap(&mut self, line: &str, out: &mut String) {
        self.paint_end = out.len();
        let start = out.len();
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            if let Some(length) = paint_at(rest) {
                out.push_str(&rest[..length]);
                self.paint_end = out.len();
                rest = &rest[length..];
                continue;
            }
            rest = &rest[c.len_utf8()..];
            let wide = c.width().unwrap_or(0);
            if self.used + wide > self.columns && !self.break_line(c, start, out) {
                continue;
            }
            let is_text = out[start..].contains(|c: char| c != ' ' && c != '\n');
            if c == ' ' && is_text {
                self.blank = Some((out.len(), 0));
            } else if let Some((_, behind)) = &mut self.blank {
                *behind += wide;
            }
            self.used += wide;
            out.push(c);
        }
    }

    /// Begins a new line before a character; returns whether the character is still to be added.
    fn break_line(&mut self, c: char, start: usize, out: &mut String) -> bool {
        let next = format!("\n{}", " ".repeat(self.hang));
        if c == ' ' {
            out.push_str(&next);
            (self.used, self.blank) = (self.hang, None);
            self.paint_end = out.len();
            return false;
        }
        match self.blank.take() {
            Some((at, behind)) => {
                let before = out[start..at].trim_end_matches(' ').len() + start;
                out.replace_range(before..=at, &next);
                self.paint_end = self.paint_end.max(before + next.len()).min(out.len());
                self.used = self.hang + behind;
            }
            None => {
                // No line begins with what would be a command in a workflow's log.
                let mut moved = String::new();
                while (c == ':' || out.ends_with(':')) && out.len() > self.paint_end {
                    let Some(last) = out.pop() else { break };
                    moved.insert(0, last);
                    if last != ':' {
                        break;
                    }
                }
                out.push_str(&next);
                out.push_str(&moved);
                self.used = self.hang + width(&moved);
            }
        }
        true
    }
}

/// The bytes of what sets a colour at the beginning of a text.
fn paint_at(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("\u{1b}[")?;
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    digits
        .starts_with('m')
        .then(|| text.len() - digits.len() + 1)
}

/// A name cut to `columns`, with `…` in its middle where something was cut: names of one
/// project begin alike, and differ at their end.
pub(super) fn fit_name(name: &str, columns: usize) -> String {
    if width(name) <= columns {
        return name.to_owned();
    }
    let room = columns.saturating_sub(1);
    let head = fit_exactly(name.chars(), room / 3);
    let tail = fit_exactly(name.chars().rev(), room - width(&head));
    let tail: String = tail.chars().rev().collect();
    match columns {
        0 => String::new(),
        _ => format!("{head}…{tail}"),
    }
}

/// As many of the characters as fit.
fn fit_exactly(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= columns
        })
        .collect()
}

/// A name cut or filled up to exactly `columns`.
pub(super) fn pad_name(name: &str, columns: usize) -> String {
    pad(&fit_name(name, columns), columns)
}

/// The text cut or filled up to exactly `columns`.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let mut out = fit(text, columns);
    let missing = columns.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The same, aligned to the right.
pub(super) fn pad_left(text: &str, columns: usize) -> String {
    let fitted = fit(text, columns);
    let missing = columns.saturating_sub(width(&fitted));
    format!("{}{fitted}", " ".repeat(missing))
}

/// Lines of at most `columns`, broken at blanks; a word that is longer is broken anywhere.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word.to_owned();
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(&word) > columns && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        while width(&word) > columns {
            let (head, rest) = split_at_width(&word, columns);
            lines.push(head);
            word = rest;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn split_at_width(text: &str, columns: usize) -> (String, String) {
    let mut used = 0;
    let mut end = text.len();
    for (i, c) in text.char_indices() {
        let wide = c.width().unwrap_or(0);
        if used + wide > columns && i > 0 {
            end = i;
            break;
        }
        used += wide;
    }
    let end = before_colons(text, end);
    (text[..end].to_owned(), text[end..].to_owned())
}

/// The same place, or one before it where the rest would begin with `::`: in a workflow's log
/// a line that begins so is a command. Words themselves never do, see `escape::terminal`.
fn before_colons(text: &str, end: usize) -> usize {
    if !text[end..].starts_with("::") {
        return end;
    }
    let head = text[..end].trim_end_matches(':');
    match head.char_indices().next_back() {
        Some((at, _)) if at > 0 => at,
        // Nothing but colons: a line of them is no command.
        _ => end,
    }
}

/// Wrapped lines, the first behind `first`, the others behind blanks of the same width, no
/// more than `most` of them.
pub(super) fn hang(first: &str, text: &str, columns: usize, most: usize) -> Vec<String> {
    let indent = width(first);
    let room = columns.saturating_sub(indent).max(1);
    let mut wrapped = wrap(text, room);
    if wrapped.len() > most {
        let rest = wrapped.split_off(most.saturating_sub(1)).join(" ");
        wrapped.push(fit(&rest, room));
    }
    wrapped
        .iter()
        .enumerate()
        .map(|(i, line)| {
            if i == 0 {
                format!("{first}{line}")
            } else {
                format!("{}{line}", " ".repeat(indent))
            }
        })
        .collect()
}

/// A command in lines of at most `columns`, each but the last ending in ` \`, so that it is still one
/// command where it is pasted. It breaks at blanks outside of quotes alone.
pub(super) fn continued(command: &str, columns: usize) -> Vec<String> {
    if width(command) <= columns {
        return vec![command.to_owned()];
    }
    let room = columns.saturating_sub(2).max(1);
    let mut lines = vec![String::new()];
    for word in shell_words(command) {
        let line = lines.last_mut().expect("one is always there");
        let goes_on = !line.is_empty();
        if goes_on && width(line) + 1 + width(word) > room {
            line.push_str(" \\");
            lines.push(word.to_owned());
        } else {
            line.push_str(if goes_on { " " } else { "" });
            line.push_str(word);
        }
    }
    lines
}

/// The words of a command as they are written, quotes included.
fn shell_words(command: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote) = (Vec::new(), 0, None);
    for (at, c) in command.char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ' ') => {
                words.push(&command[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&command[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_goes_on_behind_a_backslash() {
        let cases = [
            ("aws x list", 80, vec!["aws x list"]),
            ("aws x --name y", 10, vec!["aws x \\", "--name y"]),
            (
                "aws x 'a b c d' y",
                10,
                vec!["aws x \\", "'a b c d' \\", "y"],
            ),
            (
                "aws  \"it's so\" z",
                12,
                vec!["aws \\", "\"it's so\" \\", "z"],
            ),
            ("averyverylongword b", 8, vec!["averyverylongword \\", "b"]),
            ("", 8, vec![""]),
        ];
        for (command, columns, want) in cases {
            assert_eq!(continued(command, columns), want, "{command}");
        }
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(fit("orders", 6), "orders");
        assert_eq!(fit("orders-api", 6), "order…");
        assert_eq!(fit("日本語テスト", 5), "日本…");
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(pad_left("ab", 4), "  ab");
        assert_eq!(fit("abc", 0), "");
    }

    #[test]
    fn long_lines_go_on_below_and_colours_take_no_columns() {
        let red = |text: &str| format!("\u{1b}[31m{text}\u{1b}[0m");
        let cases = [
            (
                "ten chars.\nmine\n".to_owned(),
                "ten chars.\nmine\n".to_owned(),
            ),
            (
                "one two three\nx\n".to_owned(),
                "one two\n  three\nx\n".to_owned(),
            ),
            (
                "  ab cd  efgh ij".to_owned(),
                "  ab cd\n    efgh\n    ij".to_owned(),
            ),
            (
                "abcdefghijklmno".to_owned(),
                "abcdefghij\n  klmno".to_owned(),
            ),
            (
                format!("one {}", red("two thr")),
                format!("one {}", red("two\n  thr")),
            ),
            (
                format!("{} {}", red("ab"), red("cdefghi")),
                format!("{} {}", red("ab"), red("cdefghi")),
            ),
            ("日本語テスト".to_owned(), "日本語テス\n  ト".to_owned()),
            (
                "abcdefghij::error::x".to_owned(),
                "abcdefghi\n  j::erro\n  r::x".to_owned(),
            ),
        ];
        for (text, wrapped) in cases {
            let out = wrap_lines(text.clone(), 10);
            assert_eq!(out, wrapped, "{text:?}");
            let is_command = |line: &str| line.trim_start().starts_with("::");
            assert!(!out.lines().any(is_command), "{out}");
        }
    }

    #[test]
    fn names_keep_their_ends_apart() {
        assert_eq!(fit_name("orders", 6), "orders");
        assert_eq!(fit_name("acme-shop-orders-api", 12), "acm…ders-api");
        assert_eq!(fit_name("acme-shop-orders-web", 12), "acm…ders-web");
        assert_eq!(fit_name("日本語テスト", 6), "…スト");
        assert_eq!(fit_name("abc", 1), "…");
        assert_eq!(fit_name("abc", 0), "");
        assert_eq!(pad_name("日本語テスト", 6), "…スト ");
    }

    #[test]
    fn wrapping_breaks_long_words() {
        assert_eq!(wrap("a bb ccc dddd", 5), ["a bb", "ccc", "dddd"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(hang("- ", "a bb ccc dddd", 6, 2), ["- a bb", "  ccc…"]);
        assert_eq!(wrap("abcd::error::x", 4), ["abc", "d::e", "rro", "r::x"]);
    }
}
