//! Takes off what tools put around a message: colours, boxes, line numbers, JSON, line breaks.
//!
//! A line break becomes a mark, because a program that wraps lines may have put it between two
//! words, in the place of a blank, or into the middle of a word. Which it was is decided by who
//! reads the text: [`super::cursor`] passes over marks inside of words.

use super::gutter::without_gutters;

/// A line break that stands for a blank.
pub(super) const BREAK: char = '\u{e000}';
/// A line break that may stand in the middle of a word: its line is as long as lines can be.
pub(super) const FOLD: char = '\u{e001}';
/// A line break behind the longest line, which may have been cut, and may not.
pub(super) const WIDE: char = '\u{e002}';

/// What is looked at at once, in characters: more than a part of a log has.
const MOST: usize = 400_000;
/// Lines below this width are not cut by a terminal.
const NARROWEST: usize = 40;

/// The text without its dress.
pub(super) fn undress(text: &str) -> Vec<char> {
    let text: String = text.chars().take(MOST).map(plain).collect();
    let text = without_colours(&text);
    // Lines were cut as they were shown, with their backslashes: those that JSON holds come later.
    let text = unescaped(&join(&text));
    join(&text).chars().collect()
}

/// The marks are ours; a text that has them gets blanks instead. Quotes of a word processor become
/// those of a keyboard.
fn plain(c: char) -> char {
    match c {
        BREAK | FOLD | WIDE | '\u{a0}' => ' ',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
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
    let mut text = without_entities(text.to_owned());
    for _ in 0..4 {
        if !text.contains('\\') {
            break;
        }
        let next = without_entities(one_level(&text));
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn without_entities(mut text: String) -> String {
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
        let broken = rest.clone().next().filter(|c| matches!(*c, FOLD | WIDE));
        if let Some(mark) = broken {
            // The line ended between a backslash and what it escapes.
            out.push(mark);
            rest.next();
        }
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
fn join(text: &str) -> String {
    let lines = without_gutters(text);
    let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    let widest = lines.iter().map(Vec::len).max().unwrap_or(0);
    let full = lines.iter().filter(|line| line.len() == widest).count();
    let mut out = String::with_capacity(text.len());
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
