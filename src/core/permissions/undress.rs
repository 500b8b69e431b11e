//! Takes off what tools put around a message: colours, boxes, line numbers, JSON, line breaks.
//!
//! A line break becomes a mark, because a program that wraps lines may have put it between two
//! words, in the place of a blank, or into the middle of a word. Which it was is decided by who
//! reads the text: [`super::cursor`] passes over marks inside of words.

/// A line break that stands for a blank.
pub(super) const BREAK: char = '\u{e000}';
/// A line break that may stand in the middle of a word: its line is as long as lines can be.
pub(super) const FOLD: char = '\u{e001}';
/// A line break behind the longest line, which may have been cut, and may not.
pub(super) const WIDE: char = '\u{e002}';

/// What is looked at, in characters: a page of Terraform's output, and not a whole log.
const MOST: usize = 400_000;
/// Lines below this width are not cut by a terminal.
const NARROWEST: usize = 40;

/// The text without its dress.
pub(super) fn undress(text: &str) -> Vec<char> {
    let text: String = text.chars().take(MOST).map(plain).collect();
    let text = without_colours(&text);
    let text = unescaped(&text);
    join(&text)
}

/// The marks are ours; a text that has them gets blanks instead.
fn plain(c: char) -> char {
    match c {
        BREAK | FOLD | WIDE | '\u{a0}' => ' ',
        other => other,
    }
}

/// The text without a terminal's colours.
pub(in crate::core) fn without_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' && rest.peek() == Some(&'[') {
            rest.next();
            while rest.next_if(|c| !c.is_ascii_alphabetic()).is_some() {}
            rest.next();
        } else {
            out.push(c);
        }
    }
    out
}

/// JSON in JSON in JSON, and HTML. A backslash that escapes nothing stays.
fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        if !text.contains('\\') {
            break;
        }
        let next = one_level(&text);
        if next == text {
            break;
        }
        text = next;
    }
    for (entity, is) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        if text.contains(entity) {
            text = text.replace(entity, is);
        }
    }
    text
}

fn one_level(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let ahead = rest.clone();
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => {}
            Some(c @ ('"' | '\\' | '/' | '\'')) => out.push(c),
            Some('u') => {
                let digits: String = rest.clone().take(4).collect();
                let code = u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                match code.filter(|_| digits.chars().count() == 4) {
                    Some(c) => {
                        out.push(plain(c));
                        rest.nth(3);
                    }
                    None => out.push_str("\\u"),
                }
            }
            _ => {
                out.push('\\');
                rest = ahead;
            }
        }
    }
    out
}

/// Lines without what stands in front of them, joined by marks.
fn join(text: &str) -> Vec<char> {
    let lines: Vec<Vec<char>> = text
        .split('\n')
        .map(|line| {
            let line = line.trim_end_matches('\r');
            // A box in the log of a pipeline: the gutters of both.
            without_gutter(without_gutter(without_gutter(line)))
                .chars()
                .collect()
        })
        .collect();
    let widest = lines.iter().map(Vec::len).max().unwrap_or(0);
    let full = lines.iter().filter(|line| line.len() == widest).count();
    let mut out = Vec::with_capacity(text.len());
    for (index, line) in lines.iter().enumerate() {
        out.extend(line);
        let Some(next) = lines.get(index + 1) else {
            break;
        };
        // Wrapping at words seldom makes two lines of the greatest length; two lines in all say
        // nothing, so the first may have been cut.
        let maybe = line.len() == widest
            && widest >= NARROWEST
            && line.last().is_some_and(|c| !c.is_whitespace())
            && next.first().is_some_and(|c| !c.is_whitespace());
        out.push(match maybe {
            true if full > 1 || lines.len() == 2 => FOLD,
            true => WIDE,
            false => BREAK,
        });
    }
    out
}

/// A line without `│`, `>`, `116 |`, `[terraform]:` in front of it.
pub(in crate::core) fn without_gutter(line: &str) -> &str {
    let named = line.strip_prefix('[').and_then(|rest| {
        let (name, rest) = rest.split_once("]:")?;
        let is_name = name
            .chars()
            .all(|c| c.is_alphanumeric() || "_-. ".contains(c));
        is_name.then(|| rest.strip_prefix(' ').unwrap_or(rest))
    });
    let line = named.unwrap_or(line);
    let inner = line.trim_start_matches([' ', '\t']);
    let digits = inner.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = (digits.len() < inner.len())
        .then(|| digits.strip_prefix(" |"))
        .flatten();
    let boxed = inner.strip_prefix(['│', '╷', '╵', '┃', '║']);
    // These may belong to the text: `<account id>` may have been cut before its end.
    let quoted = inner
        .strip_prefix(['|', '>'])
        .filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
    match numbered.or(boxed).or(quoted) {
        Some(rest) => rest.strip_prefix([' ', '\t']).unwrap_or(rest),
        None => line,
    }
}
