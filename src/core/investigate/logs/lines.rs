//! From events of CloudWatch to what people read, and what of it is wanted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::filter::LogFilter;
use super::join::{Joiner, WrittenEvent};
use super::level::level_of;
use crate::model::log_events::{LogEvent, LogLevel, LogLine};
use crate::text::Untrusted;
use crate::text::redact::KeyLines;

/// What tells the streams of one group from those of another.
const BETWEEN: char = '\0';

/// Turns events of groups into lines as they come.
#[derive(Debug, Default)]
pub struct LineMaker {
    joiner: Joiner,
    /// Where a stream is in a private key that is written line by line.
    keys: BTreeMap<String, KeyLines>,
}

impl LineMaker {
    /// Takes an event; returns the lines that are complete because of it.
    pub fn add(&mut self, group: &str, event: &LogEvent) -> Vec<LogLine> {
        let stream = format!("{group}{BETWEEN}{}", event.stream.raw());
        let message = event.message.raw().trim_end_matches(['\n', '\r']);
        let written = WrittenEvent {
            message: self.hide_keys(&stream, message),
            stream,
            time: event.time,
            events: 1,
        };
        let done = self.joiner.add(written);
        done.into_iter().filter_map(line).collect()
    }

    /// Returns a message without what of it goes on with a private key. Whole keys are seen later,
    /// like all other secrets.
    fn hide_keys(&mut self, stream: &str, message: &str) -> String {
        if !self.keys.contains_key(stream) && !message.contains("PRIVATE KEY") {
            return message.to_owned();
        }
        let keys = self.keys.entry(stream.to_owned()).or_default();
        let goes_on = keys.is_open();
        let shown: Vec<Cow<'_, str>> = message.split('\n').map(|line| keys.hide(line)).collect();
        match goes_on {
            true => shown.join("\n"),
            false => message.to_owned(),
        }
    }

    /// Returns the lines that nothing will continue that was written after this moment, in
    /// milliseconds since 1970.
    pub fn settle(&mut self, before: i64) -> Vec<LogLine> {
        let done = self.joiner.settle(before);
        done.into_iter().filter_map(line).collect()
    }

    /// Returns what is left.
    pub fn finish(&mut self) -> Vec<LogLine> {
        let done = self.joiner.finish();
        done.into_iter().filter_map(line).collect()
    }
}

fn line(event: WrittenEvent) -> Option<LogLine> {
    let (group, stream) = event.stream.split_once(BETWEEN)?;
    Some(LogLine {
        // A time out of range is not the time of a line, and the line is there all the same.
        at: Timestamp::from_millisecond(event.time).unwrap_or(Timestamp::UNIX_EPOCH),
        group: Untrusted::from(group),
        stream: Untrusted::from(stream),
        level: level_of(&event.message),
        message: Untrusted::new(event.message),
        events: event.events,
    })
}

/// Turns all events of a span into lines, the earliest first.
pub fn lines_of(mut events: Vec<(String, LogEvent)>) -> Vec<LogLine> {
    // Pages of several groups come in any order; within a stream the provider's order holds.
    events.sort_by(|(a_group, a), (b_group, b)| {
        let key = |event: &LogEvent| (event.time, event.received);
        key(a)
            .cmp(&key(b))
            .then_with(|| (a_group, a.stream.raw()).cmp(&(b_group, b.stream.raw())))
    });
    let mut maker = LineMaker::default();
    let mut lines = Vec::with_capacity(events.len());
    for (group, event) in &events {
        lines.extend(maker.add(group, event));
    }
    lines.extend(maker.finish());
    lines.sort_by(|a, b| {
        (a.at, a.group.raw(), a.stream.raw()).cmp(&(b.at, b.group.raw(), b.stream.raw()))
    });
    lines
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct LineChoice {
    /// What they contain.
    pub filter: LogFilter,
    /// The least grave that is wanted; all where absent.
    pub level: Option<LogLevel>,
}

/// Why a line is not wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// The filter does not fit, or it is less grave.
    Filtered,
    /// A level is wanted, and it names none.
    WithoutLevel,
}

impl LineChoice {
    /// Returns why a line is not wanted, where it is not.
    pub fn refuses(&self, line: &LogLine) -> Option<Unwanted> {
        if !self.filter.fits(line.message.raw()) {
            return Some(Unwanted::Filtered);
        }
        match (self.level, line.level) {
            (None, _) => None,
            (Some(_), None) => Some(Unwanted::WithoutLevel),
            (Some(wanted), Some(level)) => (level < wanted).then_some(Unwanted::Filtered),
        }
    }
}
