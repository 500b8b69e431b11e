//! From what was mined to the report of it.

use jiff::Timestamp;

use crate::core::investigate::patterns::{
    Change, Mined, Pattern, Slot, SlotKind, SlotValue, summarise,
};
use crate::model::log_report::{LogReport, LogSource, PatternKind, PatternRow, SlotRow, SlotShare};
use crate::text::Untrusted;

/// Says what was mined. `compared` is whether there was a span before.
pub(super) fn report(mined: &Mined, sources: Vec<LogSource>, compared: bool) -> LogReport {
    let (lines, before) = mined.lines();
    let rows = summarise(mined)
        .into_iter()
        .map(|pattern| row(pattern, compared));
    LogReport {
        version: "1.0.0".to_owned(),
        kind: "log-patterns".to_owned(),
        sources,
        lines,
        baseline_lines: compared.then_some(before),
        unbounded: mined.unbounded(),
        metric_lines: mined.metrics(),
        coverage: None,
        baseline_coverage: None,
        patterns: rows.collect(),
    }
}

fn row(pattern: Pattern, compared: bool) -> PatternRow {
    let time = |time: i64| Timestamp::from_millisecond(time).ok();
    PatternRow {
        id: pattern.id,
        template: Untrusted::new(pattern.template),
        count: pattern.count,
        baseline_count: compared.then_some(pattern.count_before),
        kind: kind(pattern.change),
        surprise: (pattern.surprise * 100.0).round() / 100.0,
        level: pattern.level,
        first_seen: pattern.seen.and_then(|seen| time(seen.0)),
        last_seen: pattern.seen.and_then(|seen| time(seen.1)),
        first_line: pattern.lines.map_or(0, |lines| lines.0),
        last_line: pattern.lines.map_or(0, |lines| lines.1),
        slots: pattern.slots.into_iter().map(slot).collect(),
        examples: pattern.examples.into_iter().map(Untrusted::new).collect(),
    }
}

fn kind(change: Change) -> PatternKind {
    match change {
        Change::New => PatternKind::New,
        Change::Rising => PatternKind::Rising,
        Change::Shifted => PatternKind::Shifted,
        Change::Gone => PatternKind::Gone,
        Change::Steady => PatternKind::Steady,
    }
}

fn slot(slot: Slot) -> SlotRow {
    let kind = match slot.kind {
        SlotKind::Number => "number",
        SlotKind::Identifier => "identifier",
        SlotKind::Word => "word",
    };
    SlotRow {
        position: slot.position.0,
        part: slot.position.1,
        kind: kind.to_owned(),
        distinct: slot.distinct,
        min: slot.range.map(|range| range.0),
        median: slot.range.map(|range| range.1),
        max: slot.range.map(|range| range.2),
        top: shares(slot.top),
        before: slot.shifted_from.map(shares).unwrap_or_default(),
    }
}

fn shares(values: Vec<SlotValue>) -> Vec<SlotShare> {
    let share = |value: SlotValue| SlotShare {
        value: Untrusted::new(value.text),
        share: (value.share * 1_000.0).round() / 1_000.0,
    };
    values.into_iter().map(share).collect()
}
