//! What stands beside the lines of a message: boxes, line numbers, times of a pipeline, marks of
//! comments and quotations.
//!
//! Some of it can be nothing else (`│`, a time). The rest is a gutter only where it stands in
//! front of several lines in a row: one `*` in front of a line may be the resource that was cut
//! off there.

/// A mark that is a gutter where a neighbour has it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark<'a> {
    /// `#`, `//`, `*`.
    Comment(&'static str),
    /// `remote:`.
    Word(&'a str),
}

/// Gutters in gutters: a comment in a box in the log of a pipeline.
const DEEPEST: usize = 5;
/// Marks of comments, and of lines in the middle of one.
const COMMENTS: [&str; 5] = ["#", "//", "*", "--", ";"];
/// Edges that may stand on both sides of a line.
const EDGES: [char; 4] = ['│', '┃', '║', '|'];

/// The lines of a text without what stands beside them.
pub(super) fn without_gutters(text: &str) -> Vec<&str> {
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r'));
    let lines = without_indentation(lines.collect());
    let mut lines: Vec<&str> = lines.into_iter().map(between_edges).collect();
    for _ in 0..DEEPEST {
        let sure: Vec<&str> = lines.iter().map(|line| without_sure(line)).collect();
        let marks: Vec<Option<Mark<'_>>> = sure.iter().map(|line| mark(line)).collect();
        let next: Vec<&str> = (0..sure.len())
            .map(|place| match shared(&marks, &sure, place) {
                true => rest_of(sure[place], marks[place]),
                false => sure[place],
            })
            .collect();
        if next == lines {
            break;
        }
        lines = next;
    }
    let lines: Vec<&str> = lines.into_iter().map(joined).collect();
    without_indentation(lines)
}

/// Whether the line above or below has the same mark; a line without words is passed over.
fn shared(marks: &[Option<Mark<'_>>], lines: &[&str], place: usize) -> bool {
    let Some(own) = marks[place] else {
        return false;
    };
    let is_same = |&other: &usize| marks[other] == Some(own);
    let says_something = |other: &usize| !lines[*other].trim().is_empty();
    let above = (0..place).rev().find(says_something);
    let below = (place + 1..lines.len()).find(says_something);
    above.as_ref().is_some_and(is_same) || below.as_ref().is_some_and(is_same)
}

fn mark(line: &str) -> Option<Mark<'_>> {
    let inner = line.trim_start_matches([' ', '\t']);
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    let comment = COMMENTS
        .iter()
        .find(|mark| inner.strip_prefix(**mark).is_some_and(ends));
    if let Some(mark) = comment {
        return Some(Mark::Comment(mark));
    }
    let (word, rest) = inner.split_once(':')?;
    // `User:` belongs to the message, in whatever letters.
    let is_word = word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    (is_word && word != "user" && ends(rest)).then_some(Mark::Word(word))
}

fn rest_of<'a>(line: &'a str, mark: Option<Mark<'_>>) -> &'a str {
    let inner = line.trim_start_matches([' ', '\t']);
    let length = match mark {
        Some(Mark::Comment(mark)) => mark.len(),
        Some(Mark::Word(word)) => word.len() + 1,
        None => return line,
    };
    after_blank(&inner[length..])
}

fn after_blank(text: &str) -> &str {
    text.strip_prefix([' ', '\t']).unwrap_or(text)
}

/// What is a gutter in front of a single line too.
fn without_sure(line: &str) -> &str {
    let line = without_gutter(line);
    let inner = line.trim_start_matches([' ', '\t']);
    let inner = after_time(inner).or_else(|| after_step(inner));
    inner.unwrap_or(line)
}

/// A line without the time in front of it: `2026-03-01T10:00:00.12Z `, `[2026-03-01 10:00:00] `.
fn after_time(line: &str) -> Option<&str> {
    let (line, closed) = match line.strip_prefix('[') {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let rest = shaped(line, "0000-00-00")?;
    let rest = rest.strip_prefix(['T', ' '])?;
    let rest = shaped(rest, "00:00:00")?;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
    let rest = rest.strip_prefix('Z').unwrap_or(rest);
    let zone = rest
        .strip_prefix(['+', '-'])
        .map(|zone| zone.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':'));
    let rest = zone.unwrap_or(rest);
    let rest = match closed {
        true => rest.strip_prefix(']')?,
        false => rest,
    };
    match rest.is_empty() {
        true => Some(rest),
        false => Some(after_level(rest.strip_prefix([' ', '\t'])?)),
    }
}

/// `##[error]` of a pipeline.
fn after_level(line: &str) -> &str {
    let level = line
        .strip_prefix("##[")
        .and_then(|rest| rest.split_once(']'));
    level.map_or(line, |(_, rest)| rest)
}

/// `#12 3.456 ` of a build.
fn after_step(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('#')?;
    let (step, rest) = rest.split_once(' ')?;
    let (seconds, rest) = rest.split_once(' ')?;
    let number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let (whole, part) = seconds.split_once('.')?;
    (number(step) && number(whole) && number(part)).then_some(rest)
}

/// The rest behind what is shaped like this: a digit where it has `0`.
fn shaped<'a>(text: &'a str, shape: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in shape.chars() {
        let is = rest.next()?;
        let fits = match wanted {
            '0' => is.is_ascii_digit(),
            other => is == other,
        };
        if !fits {
            return None;
        }
    }
    Some(rest.as_str())
}

/// A line of a table or a whole box, without its right edge; a rule of one without anything.
fn between_edges(line: &str) -> &str {
    let inner = line.trim();
    let is_rule =
        inner.chars().count() > 3 && inner.chars().all(|c| "+-=─━═╭╮╰╯┌┐└┘╷╵".contains(c));
    if is_rule {
        return "";
    }
    let edge = EDGES.iter().find(|edge| inner.starts_with(**edge));
    let closed = edge.and_then(|edge| inner.strip_suffix(*edge));
    match closed.filter(|rest| rest.ends_with([' ', '\t']) && rest.chars().count() > 1) {
        Some(rest) => rest.trim_end(),
        None => line,
    }
}

/// A line without the backslash that says that the next one goes on.
fn joined(line: &str) -> &str {
    match line.strip_suffix('\\') {
        Some(rest) if rest.ends_with([' ', '\t']) => joined(rest.trim_end()),
        _ => line,
    }
}

/// Lines without the indentation that all of a paragraph have: what is left of it in front of a
/// line belongs to the text.
fn without_indentation(lines: Vec<&str>) -> Vec<&str> {
    let depth = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut all = Vec::with_capacity(lines.len());
    for paragraph in lines.split_inclusive(|line| line.trim().is_empty()) {
        let said = paragraph.iter().filter(|line| !line.trim().is_empty());
        let common = said.map(|line| depth(line)).min().unwrap_or(0);
        // One line alone is not laid out.
        let common = if paragraph.len() > 1 { common } else { 0 };
        all.extend(
            paragraph
                .iter()
                .map(|line| line.get(common..).unwrap_or("")),
        );
    }
    all
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
        Some(rest) => after_blank(rest),
        None => line,
    }
}
