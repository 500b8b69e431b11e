//! What text and Markdown say alike of logs that were read.

use crate::model::log_events::{
    LogCoverage, LogCut, LogGroupCoverage, LogSilence, LogWay, LogsElsewhere,
};
use crate::model::log_report::LogReport;
use crate::text::numbers;
use crate::text::phrases;
use crate::text::times;
use crate::text::{Untrusted, escape};

/// How much was read, in a sentence.
pub(crate) fn summary(coverage: &LogCoverage) -> String {
    let read = coverage.groups.iter().filter(|group| group.way.is_some());
    let sum = |of: fn(&LogGroupCoverage) -> u64| coverage.groups.iter().map(of).sum::<u64>();
    let mut text = format!(
        "read {} of {}: {}, {}",
        read.count(),
        phrases::counted(coverage.groups.len() as u64, "log group"),
        phrases::counted(sum(|group| group.events), "event"),
        bytes(sum(|group| group.bytes)),
    );
    let expected: Option<u64> = coverage.groups.iter().map(|one| one.expected_bytes).sum();
    if let Some(expected) = expected.filter(|_| !coverage.groups.is_empty()) {
        text += &format!(" of about {} taken in", bytes(expected));
    }
    text += &format!(", {}", times::between(coverage.start, coverage.end));
    let scanned = sum(|group| group.scanned_bytes);
    if scanned > 0 {
        text += &format!("; Logs Insights scanned {}", bytes(scanned));
    }
    text
}

fn bytes(count: u64) -> String {
    numbers::quantity(count as f64, "bytes")
}

/// What was read of a group, or why not.
pub(crate) fn group(one: &LogGroupCoverage) -> Untrusted {
    let mut parts = Vec::new();
    match &one.silence {
        // What is left of a span does not tell what was written in it.
        Some(LogSilence::Empty) if one.cut == Some(LogCut::Deleted) => {
            parts.push("no events are left".to_owned());
        }
        Some(silence) => parts.push(self::silence(silence)),
        None => {
            let way = match one.way {
                Some(LogWay::Insights) => " through Logs Insights",
                Some(LogWay::Filter) | None => "",
            };
            parts.push(format!("{}{way}", phrases::counted(one.events, "event")));
        }
    }
    match one.cut {
        None => {}
        Some(LogCut::Deleted) => parts.push(cut(LogCut::Deleted).to_owned()),
        Some(reason) => {
            let to = one.complete_to;
            let to = to.map_or_else(String::new, |at| format!(" at {}", times::time(at)));
            parts.push(format!("cut off{to}: {}", cut(reason)));
        }
    }
    if let Some(gap) = &one.gap {
        parts.push(format!("{}: {}", gap.operation, gap.cause.words()));
        match &gap.missing_permission {
            Some(permission) => parts.push(format!("allow {permission} for this identity")),
            None => parts.push(gap.message.raw().to_owned()),
        }
    }
    Untrusted::new(parts.join("; "))
}

fn silence(silence: &LogSilence) -> String {
    match silence {
        LogSilence::NoSuchGroup(near) if near.is_empty() => "there is no such group".to_owned(),
        LogSilence::NoSuchGroup(near) => {
            let names: Vec<&str> = near.iter().map(Untrusted::raw).collect();
            format!("there is no such group; nearest: {}", names.join(", "))
        }
        LogSilence::CreatedAfter(at) => {
            format!("created {}, after this span", times::time(*at))
        }
        LogSilence::Expired(days) => format!(
            "its events are deleted after {}, and this span is older",
            phrases::counted(u64::from(*days), "day")
        ),
        LogSilence::Empty => "nothing was written in this span".to_owned(),
        LogSilence::Unreadable => "could not be read, so what it holds is unknown".to_owned(),
        LogSilence::ClassForbids => {
            "its class (DELIVERY) does not allow reading; what it passes on is unknown".to_owned()
        }
    }
}

fn cut(cut: LogCut) -> &'static str {
    match cut {
        LogCut::Events => "the most events were read (--max-events)",
        LogCut::Bytes => "the most bytes were read (--max-megabytes)",
        LogCut::Time => "the time limit was over (--timeout)",
        LogCut::Cost => "Logs Insights would cost more than --max-cost",
        LogCut::Dense => "more than 10,000 events in one second",
        LogCut::Failed => "a call failed",
        LogCut::Deleted => {
            "the beginning of this span is older than the group keeps its events, and unknown"
        }
    }
}

/// Logs that are not in a group that can be read.
pub(crate) fn elsewhere(one: &LogsElsewhere) -> Untrusted {
    let mut text = one.what.raw().to_owned();
    if let Some(gap) = &one.gap {
        text += &format!("; {}: {}", gap.operation, gap.cause.words());
        if let Some(permission) = &gap.missing_permission {
            text += &format!("; allow {permission} for this identity");
        }
    }
    Untrusted::new(text)
}

/// What is to be said besides, as sentences.
pub(crate) fn notes(coverage: &LogCoverage) -> Vec<String> {
    let mut notes = Vec::new();
    if coverage.still_arriving_seconds > 0 {
        notes.push(format!(
            "events of the last {} of this span may still be arriving",
            times::span(i64::try_from(coverage.still_arriving_seconds).unwrap_or(i64::MAX))
        ));
    }
    notes
}

/// What stands where no event is shown. Nothing is said to be absent that was not looked for.
pub(crate) fn none(coverage: &LogCoverage, filtered_out: u64) -> String {
    if coverage.groups.is_empty() {
        return "Nothing was read: no log group is known here.".to_owned();
    }
    let of = match filtered_out {
        0 => String::new(),
        _ => format!(" of {} fit", phrases::counted(filtered_out, "event")),
    };
    match (coverage.is_read(), filtered_out) {
        (true, 0) => "No events; everything in this span was read.".to_owned(),
        (true, _) => format!("None{of}; everything in this span was read."),
        (false, 0) => {
            "No events in what could be read; what is not listed as read is unknown.".to_owned()
        }
        (false, _) => format!("None{of} in what could be read; the rest is unknown."),
    }
}

/// Why patterns were not compared with the span before, where they were to be.
pub(crate) fn not_compared(report: &LogReport) -> Option<String> {
    let before = report.baseline_coverage.as_ref()?;
    (!before.is_complete()).then(|| {
        format!(
            "the span before ({}) could not be read in full, so nothing is called new or gone",
            times::between(before.start, before.end)
        )
    })
}

/// A message on one line: its lines with a sign between them. Secrets are hidden in the whole
/// before it is split.
pub(crate) fn one_line(message: &Untrusted) -> String {
    let clean = message.redacted();
    let lines: Vec<String> = clean.lines().map(escape::terminal).collect();
    lines.join(" ↵ ")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn where_no_group_is_known_nothing_was_read() {
        let coverage = LogCoverage {
            start: Timestamp::UNIX_EPOCH,
            end: Timestamp::UNIX_EPOCH,
            groups: Vec::new(),
            elsewhere: vec![LogsElsewhere {
                resource: Untrusted::from("orders"),
                what: Untrusted::from("its kind does not say where it logs"),
                gap: None,
            }],
            last_event_at: None,
            lag_p50_ms: None,
            lag_p95_ms: None,
            still_arriving_seconds: 0,
        };
        assert!(none(&coverage, 0).starts_with("Nothing was read"));
    }
}
