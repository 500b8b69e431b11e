//! One exception is one event, however many it was written as.
//!
//! Many programs write a stack trace line by line, and CloudWatch makes an event of each line.
//! What belongs together is told by the form of the lines and by no list of languages: an indented
//! line belongs to the line above it, and so does an empty one between them; a line at the margin
//! belongs to what is above it where it continues a trace (something indented follows it, or it is
//! what a trace ends with). Events are joined within one stream only, and only where they were
//! written within a second of each other.

use std::collections::BTreeMap;

use crate::model::log_events::LogLevel;

/// Milliseconds within which the lines of an event are written.
const TOGETHER: i64 = 1_000;
/// The most lines that are joined.
const MOST_LINES: usize = 500;
/// The most bytes that are joined.
const MOST_BYTES: usize = 1 << 16;
/// Lines behind a line that decide what it is.
const AHEAD: usize = 2;
/// Lines at the margin that a headline names.
const HEADLINES: usize = 4;

/// An event as it was written, with the events that it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenEvent {
    /// The stream.
    pub stream: String,
    /// When it was written, in milliseconds since 1970.
    pub time: i64,
    /// Its text.
    pub message: String,
    /// Events that it was written as.
    pub events: u64,
}

/// Joins events as they come. The events of one stream have to come in their order; those of
/// several may be mixed.
#[derive(Debug, Default)]
pub struct Joiner {
    streams: BTreeMap<String, OpenEvent>,
}

/// Events of a stream that are not decided yet.
#[derive(Debug, Default)]
struct OpenEvent {
    /// The event that may still grow.
    open: Option<WrittenEvent>,
    /// Lines of the open event.
    lines: usize,
    /// Events behind it that wait for what follows them.
    waiting: Vec<WrittenEvent>,
}

impl Joiner {
    /// Takes an event, and returns those that are complete because of it.
    pub fn add(&mut self, event: WrittenEvent) -> Vec<WrittenEvent> {
        let stream = self.streams.entry(event.stream.clone()).or_default();
        stream.waiting.push(event);
        let mut done = Vec::new();
        while stream.waiting.len() > AHEAD {
            done.extend(stream.decide());
        }
        done
    }

    /// Returns the events that were written before a moment, in milliseconds since 1970: nothing
    /// that continues them will come.
    pub fn settle(&mut self, before: i64) -> Vec<WrittenEvent> {
        let mut done = Vec::new();
        for stream in self.streams.values_mut() {
            let newest = stream.waiting.last().or(stream.open.as_ref());
            if newest.is_some_and(|newest| newest.time < before) {
                done.extend(stream.end());
            }
        }
        self.streams.retain(|_, stream| !stream.is_empty());
        done
    }

    /// Returns what is left.
    pub fn finish(&mut self) -> Vec<WrittenEvent> {
        let mut done = Vec::new();
        for stream in self.streams.values_mut() {
            done.extend(stream.end());
        }
        self.streams.clear();
        done
    }
}

impl OpenEvent {
    fn is_empty(&self) -> bool {
        self.open.is_none() && self.waiting.is_empty()
    }

    /// Decides on the first event that waits: it continues the open one, or ends it.
    fn decide(&mut self) -> Option<WrittenEvent> {
        if self.waiting.is_empty() {
            return None;
        }
        let next = self.waiting.remove(0);
        if self.continues(&next)
            && let Some(open) = &mut self.open
        {
            open.message.push('\n');
            open.message.push_str(&next.message);
            open.events += next.events;
            open.time = open.time.min(next.time);
            self.lines += next.message.lines().count().max(1);
            return None;
        }
        self.lines = next.message.lines().count().max(1);
        self.open.replace(next)
    }

    fn end(&mut self) -> Vec<WrittenEvent> {
        let mut done = Vec::new();
        while !self.waiting.is_empty() {
            done.extend(self.decide());
        }
        done.extend(self.open.take());
        done
    }

    fn continues(&self, next: &WrittenEvent) -> bool {
        let Some(open) = &self.open else {
            return false;
        };
        let fits = self.lines < MOST_LINES && open.message.len() + next.message.len() < MOST_BYTES;
        let behind = |events: &[WrittenEvent]| -> Vec<String> {
            let near = events
                .iter()
                .take_while(|event| event.time - next.time <= TOGETHER);
            near.map(|event| first_line(&event.message).to_owned())
                .collect()
        };
        // The open event's time is that of its first line; a trace is written faster than that.
        let soon = (next.time - open.time).abs() <= TOGETHER;
        fits && soon
            && match bracket_depth(&open.message) {
                Some(depth) => depth > 0,
                None => continues(
                    &open.message,
                    first_line(&next.message),
                    &behind(&self.waiting),
                ),
            }
    }
}

/// How many brackets an object of JSON leaves open; `None` for what is none.
fn bracket_depth(text: &str) -> Option<i64> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0_i64, false, false);
    for letter in text.bytes() {
        match letter {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth -= 1,
            _ => {}
        }
    }
    Some(depth)
}

/// Whether a line continues the text above it, by the lines behind it.
fn continues(above: &str, line: &str, behind: &[String]) -> bool {
    let next = behind.first().map_or("", String::as_str);
    let last = above.rsplit('\n').next().unwrap_or_default();
    if line.trim().is_empty() {
        // An empty line belongs to a trace that goes on behind it.
        let goes_on = is_indented(next) || opens(next) || is_elided(next) || is_exception(next);
        return goes_on && is_open(above);
    }
    if is_indented(line) || is_elided(line) {
        return true;
    }
    let in_trace = above.lines().any(is_indented) || is_open(above);
    if !in_trace || has_header(line) || begins_again(above, line) {
        return false;
    }
    // `Caused by: …` and the functions of Go stand above further frames.
    let heads = is_indented(next) && names_something(line) && !is_indented_list(above);
    // `ValueError: …` ends what `Traceback (…):` began, `}` what an object of Node.js did.
    let closes = is_indented(last) && (is_exception(line) && is_open(above) || is_closing(line));
    // What a panic says may stand on the lines below.
    let tells = is_panic(last) && !opens(line);
    // Chains: an empty line, and another heading.
    let heading = opens(line) || is_exception(line);
    let first = opens(line) && is_indented(next) && !above.lines().any(is_indented);
    let chains = heading && last.trim().is_empty() || first;
    heads || closes || tells || chains
}

/// Whether a line at the margin is the first of another exception, right behind a whole one.
fn begins_again(above: &str, line: &str) -> bool {
    let head = |line: &str| {
        line.split(": ")
            .next()
            .unwrap_or(line)
            .trim_end()
            .to_owned()
    };
    let (first, this) = (first_line(above), head(line));
    let last = above.rsplit('\n').next().unwrap_or_default();
    let both = is_exception(first) && is_exception(line);
    let alike = both && (this == head(first) || !this.contains(' '));
    (is_indented(last) || is_closing(last)) && (alike || is_place(first) && is_place(line))
}

fn is_closing(line: &str) -> bool {
    line.bytes().all(|letter| b"}]);,".contains(&letter))
}

/// Whether a text is the beginning of a trace: its first line ends with a colon, or names an
/// exception.
fn is_open(text: &str) -> bool {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    opens(first) || is_exception(first) || is_panic(first) || is_place(first)
}

/// `/app/index.js:3`.
fn is_place(line: &str) -> bool {
    let place = line.trim_end().rsplit_once(':');
    place.is_some_and(|(path, number)| {
        path.contains(['/', '\\'])
            && !path.contains(' ')
            && !number.is_empty()
            && number.bytes().all(|letter| letter.is_ascii_digit())
    })
}

/// `Traceback (most recent call last):`, `goroutine 1 [running]:`, `stack backtrace:`.
fn opens(line: &str) -> bool {
    let line = line.trim_end();
    !is_indented(line) && line.ends_with(':') && line.len() > 1
}

/// `panic: …`, `thread 'main' panicked at …`: a word of the language for what ends a program.
fn is_panic(line: &str) -> bool {
    let mut words = line.split_whitespace().take(4);
    words.any(|word| word == "panic:" || word == "panicked")
}

/// Whether a line names an exception, or stands for some: `ValueError: …`, `java.io.IOException`,
/// `Caused by: …`, `Unhandled exception. System.…`.
fn is_exception(line: &str) -> bool {
    let head = line
        .split(": ")
        .next()
        .unwrap_or(line)
        .trim_end_matches(':');
    let last = head.split_whitespace().next_back().unwrap_or_default();
    let name = last.rsplit(['.', ':', '$']).next().unwrap_or(last);
    let is_name = !name.is_empty()
        && name.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
    let ends = [
        "Error",
        "Exception",
        "Fault",
        "Failure",
        "Exit",
        "Interrupt",
        "Warning",
    ];
    let said = is_name && ends.iter().any(|end| name.ends_with(end));
    // A dotted name of a class with a message: `botocore.exceptions.ClientLimit: …`.
    let dotted = is_name && last.matches('.').count() >= 2 && line.contains(": ");
    said || dotted || head.eq_ignore_ascii_case("caused by")
}

/// `... 12 more`, `--- End of inner exception stack trace ---`.
fn is_elided(line: &str) -> bool {
    line.starts_with("... ") || line.starts_with("--- ") && line.trim_end().ends_with("---")
}

/// A function or a file above its frames; a plain sentence is none.
fn names_something(line: &str) -> bool {
    let code = |word: &str| word.contains('(') && word.contains(['.', '/']);
    is_exception(line)
        || line.split_whitespace().any(code)
        || line.split_whitespace().count() <= 2 && line.contains(['(', '.', '/', ':'])
}

/// Whether what is indented above is a list of a sentence and no trace.
fn is_indented_list(above: &str) -> bool {
    let mut indented = above.lines().filter(|line| is_indented(line));
    indented.clone().next().is_some()
        && indented.all(|line| line.trim_start().starts_with(['-', '*']))
}

/// Whether a line begins with what only a logger writes: a date, a level, either in brackets, or
/// an object of JSON.
fn has_header(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let bare = first.trim_matches(['[', ']', '(', ')', ':', '<', '>', '|']);
    let date = bare.len() >= 5 && bare.bytes().take(2).all(|letter| letter.is_ascii_digit());
    let level = LogLevel::parse(bare).filter(|_| {
        first.starts_with('[') || bare.bytes().all(|letter| letter.is_ascii_uppercase())
    });
    date || level.is_some() || first.starts_with('{')
}

fn is_indented(line: &str) -> bool {
    line.starts_with([' ', '\t']) && !line.trim().is_empty()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Whether a message has the lines of a trace.
pub(super) fn looks_like_trace(message: &str) -> bool {
    let indented = message.lines().filter(|line| is_indented(line)).count();
    let names = |line: &str| !is_indented(line) && (is_exception(line) || is_panic(line));
    message.lines().any(names) && (indented > 0 || message.lines().nth(1).is_none())
}

/// Returns what tells an event of many lines from others: its lines at the margin and the
/// first frame, without numbers. An event of one line is itself.
pub fn headline(message: &str) -> String {
    if message.lines().nth(1).is_none() {
        return message.to_owned();
    }
    let margin = message
        .lines()
        .filter(|line| !is_indented(line) && !line.trim().is_empty());
    let frame = message.lines().find(|line| is_indented(line));
    let mut parts: Vec<String> = margin.take(HEADLINES).map(str::to_owned).collect();
    if let Some(frame) = frame {
        let digits = |letter: char| letter.is_ascii_digit();
        parts.push(frame.trim().replace(digits, ""));
    }
    parts.join(" | ")
}
