//! What happened, in order of time and in words.

use jiff::Timestamp;

use crate::core::investigate::lookback::scene::{name, telling_rows};
use crate::core::investigate::lookback::{LogReading, LookbackFindings, name_of};
use crate::core::investigate::signatures::Figure;
use crate::core::investigate::timeline::{entry_of, merge};
use crate::model::investigation::{EvidenceClass, Timeline, TimelineEntry, TimelineSource};
use crate::text::numbers::quantity;
use crate::text::{Untrusted, escape, phrases};

/// Patterns of one resource that have an entry.
const PATTERNS: usize = 4;
/// Characters of a pattern.
const SHOWN: usize = 120;
/// The causes whose evidence has entries.
const CAUSES: usize = 3;

pub(super) fn timeline(of: &LookbackFindings<'_>, most: usize) -> Timeline {
    let mut entries = symptom(of);
    entries.extend(evidence(of));
    entries.extend(lines(of));
    entries.extend(issue(of));
    let name = |arn: &str| name_of(of.input, arn).map(|name| name.raw().to_owned());
    let start = of.input.snapshot.window.start;
    // What was read before the span explains it only where it may have caused something.
    let changes = of.input.changes.changes.iter();
    let changes = changes.filter(|one| one.source.can_cause() || one.at >= start);
    entries.extend(changes.map(|change| entry_of(change, name)));
    merge(entries, most)
}

fn entry(
    at: Timestamp,
    source: TimelineSource,
    resource: Untrusted,
    event: String,
    uncertain_seconds: u32,
) -> TimelineEntry {
    TimelineEntry {
        at,
        until: None,
        uncertain_seconds: u64::from(uncertain_seconds),
        source,
        resource: Some(resource),
        event: Untrusted::new(event),
        count: 1,
        reference: None,
    }
}

/// How the symptom went: as usual, off, worst, and now.
fn symptom(of: &LookbackFindings<'_>) -> Vec<TimelineEntry> {
    let first = name(of.input, 0);
    let figures = of.figures.first();
    let figure = of
        .symptom
        .indicator
        .as_ref()
        .zip(figures)
        .and_then(|(id, figures)| figures.all.get(id)?.known());
    let (Some(figure), Some(missed)) = (figure, of.symptom.missed) else {
        return Vec::new();
    };
    let shown = |value: f64| quantity(value, &figure.unit);
    let tell = |at: Timestamp, event: String| {
        entry(
            at,
            TimelineSource::Metric,
            first.clone(),
            event,
            figure.period_seconds,
        )
    };
    let mut found = Vec::new();
    let start = of.input.snapshot.window.start;
    if let Some(usual) = figure.usual.filter(|_| missed.began > start) {
        let event = format!("as usual: {} {}", figure.title, shown(usual.median));
        found.push(tell(start, event));
    }
    let at = |at: Timestamp| {
        figure
            .rows
            .iter()
            .find(|(row, _)| *row == at)
            .map(|row| row.1)
    };
    let began = at(missed.began).map_or_else(String::new, |value| format!(": {}", shown(value)));
    let title = &figure.title;
    found.push(tell(
        missed.began,
        format!("{title} began to miss its target{began}"),
    ));
    // The same value may have been there before, in another time.
    let is_worst = |when: Timestamp, value: f64| when >= missed.began && value == missed.worst;
    let mut rows = figure.rows.iter();
    let worst = rows.find(|(when, value)| is_worst(*when, *value));
    if let Some((when, value)) = worst.filter(|(when, _)| *when > missed.began) {
        found.push(tell(
            *when,
            format!("{title} at its worst: {}", shown(*value)),
        ));
    }
    if let Some((when, value)) = last(figure).filter(|(when, _)| *when > missed.began)
        && worst.is_none_or(|(worst, _)| *worst < when)
    {
        found.push(tell(when, format!("{title} is {}", shown(value))));
    }
    found
}

fn last(figure: &Figure) -> Option<(Timestamp, f64)> {
    figure.rows.last().copied()
}

/// What the causes are based on. Changes have entries of their own.
fn evidence(of: &LookbackFindings<'_>) -> Vec<TimelineEntry> {
    let mut found = Vec::new();
    let mut told = std::collections::BTreeSet::new();
    for cause in of.causes.iter().take(CAUSES) {
        for one in &cause.supporting {
            // Several causes may be based on the same.
            if !told.insert((one.at, one.what.clone())) {
                continue;
            }
            let source = match one.class {
                EvidenceClass::Metrics => TimelineSource::Metric,
                EvidenceClass::State => TimelineSource::Health,
                EvidenceClass::Logs
                | EvidenceClass::Changes
                | EvidenceClass::Alarms
                | EvidenceClass::Graph => continue,
            };
            let at = one.at.unwrap_or(of.input.now);
            let arn = one.resource.as_ref().map_or("", Untrusted::raw);
            let resource = name_of(of.input, arn).cloned().unwrap_or_default();
            let event = without_name(one.what.raw(), resource.raw());
            let period = of.input.snapshot.window.period_seconds;
            found.push(entry(at, source, resource, event, period));
        }
    }
    found
}

/// A piece of evidence without the name of its resource, which stands before it in a timeline.
fn without_name(what: &str, name: &str) -> String {
    let told = what.strip_prefix(name);
    match told.and_then(|rest| rest.strip_prefix(": ")) {
        Some(rest) => rest.to_owned(),
        None => what.replacen(&format!(" of {name} "), " ", 1),
    }
}

fn lines(of: &LookbackFindings<'_>) -> Vec<TimelineEntry> {
    let mut found = Vec::new();
    for (place, reading) in of.input.logs.iter().enumerate() {
        let LogReading::Read(report) = reading else {
            continue;
        };
        for row in telling_rows(report).take(PATTERNS) {
            let Some(at) = row.first_seen else { continue };
            let text = escape::cut(row.template.raw(), SHOWN);
            let lines = phrases::counted(row.count, "line");
            let event = match row.baseline_count {
                Some(0) => format!("first of {lines}: {text}"),
                _ => format!("{lines}: {text}"),
            };
            let mut one = entry(at, TimelineSource::Log, name(of.input, place), event, 0);
            one.until = row.last_seen.filter(|last| *last > at);
            found.push(one);
        }
    }
    for (place, since) in &of.silent {
        let event = "the last line: nothing is logged from here on, and it is called".to_owned();
        let name = name(of.input, *place);
        found.push(entry(*since, TimelineSource::Log, name, event, 0));
    }
    found
}

fn issue(of: &LookbackFindings<'_>) -> Vec<TimelineEntry> {
    let Some(issue) = of.input.issue else {
        return Vec::new();
    };
    let event = format!("issue {} opened: {}", issue.id, issue.title.raw());
    let mut opened = entry(
        issue.detected_at,
        TimelineSource::Issue,
        issue.resource.name.clone(),
        event,
        0,
    );
    opened.reference = Some(Untrusted::new(format!("{} opened", issue.id)));
    vec![opened]
}
