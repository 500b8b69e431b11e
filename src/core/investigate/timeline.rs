//! Everything that happened, in order of time and each thing once.
//!
//! The result depends on what is handed in, not on its order, and merging it again changes
//! nothing. What is folded is counted: no entry disappears without a trace.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::investigation::{
    ChangeRecord, ChangeSource, Timeline, TimelineEntry, TimelineSource,
};
use crate::text::Untrusted;

/// The same thing again within these seconds is one entry.
const SAME_BURST: i64 = 15 * 60;
/// Writes to a resource in these seconds before its deployment was recorded are its writes.
const LONGEST_DEPLOYMENT: i64 = 60 * 60;

/// Folds what several sources report of one change: a record that was read twice, and the writes
/// of CloudTrail that are a deployment's own.
pub fn fold_changes(changes: impl IntoIterator<Item = ChangeRecord>) -> Vec<ChangeRecord> {
    let mut once: BTreeMap<(ChangeSource, String), ChangeRecord> = BTreeMap::new();
    for change in changes {
        let key = (change.source, change.reference.raw().to_owned());
        match once.get_mut(&key) {
            // Which of two that differ is kept must not depend on their order.
            Some(known) if order(known) <= order(&change) => {}
            _ => {
                once.insert(key, change);
            }
        }
    }
    let mut all: Vec<ChangeRecord> = once.into_values().collect();
    all.sort_by(|a, b| order(a).cmp(&order(b)));
    let (writes, mut kept): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|change| change.source == ChangeSource::Cloudtrail);
    for write in writes {
        match kept.iter_mut().find(|change| is_part(&write, change)) {
            Some(deployment) => deployment.includes += 1 + write.includes,
            None => kept.push(write),
        }
    }
    kept.sort_by(|a, b| order(a).cmp(&order(b)));
    kept
}

fn order(change: &ChangeRecord) -> (Timestamp, ChangeSource, &str, &str) {
    let reference = change.reference.raw();
    (change.at, change.source, reference, change.summary.raw())
}

/// Whether a write belongs to a deployment: of one of its resources, while it went on.
fn is_part(write: &ChangeRecord, deployment: &ChangeRecord) -> bool {
    let before = deployment.at.as_second() - write.at.as_second();
    deployment.source == ChangeSource::Deployment
        && (0..=LONGEST_DEPLOYMENT).contains(&before)
        && !write.resources.is_empty()
        && write
            .resources
            .iter()
            .all(|one| deployment.resources.contains(one))
}

/// Returns a change as an entry. `name` says what readers call the resource of an ARN.
pub fn entry_of(change: &ChangeRecord, name: impl Fn(&str) -> Option<String>) -> TimelineEntry {
    let mut event = change.summary.raw().to_owned();
    if let Some(actor) = &change.actor {
        event.push_str(&format!(" (by {})", actor.raw()));
    }
    let named = |arn: &Untrusted| name(arn.raw()).unwrap_or_else(|| arn.raw().to_owned());
    let resource = match &change.resources[..] {
        [] => None,
        [one] => Some(named(one)),
        [one, rest @ ..] => Some(format!("{} and {} more", named(one), rest.len())),
    };
    TimelineEntry {
        at: change.at,
        until: None,
        uncertain_seconds: 0,
        source: change.source.into(),
        resource: resource.map(Untrusted::new),
        event: Untrusted::new(event),
        count: 1,
        reference: Some(change.reference.clone()),
    }
}

/// Puts entries in order and folds duplicates: the same reference of the same source is one
/// thing that was read twice; the same words about the same resource within a quarter of an hour
/// are one thing that happened repeatedly. Of more than `most` entries the least telling are left
/// out, and counted.
pub fn merge(entries: impl IntoIterator<Item = TimelineEntry>, most: usize) -> Timeline {
    let mut all: Vec<TimelineEntry> = entries.into_iter().collect();
    all.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let mut kept: Vec<TimelineEntry> = Vec::with_capacity(all.len());
    // The last entry of each kind, by its place in `kept`.
    let mut by_words: BTreeMap<(TimelineSource, String, String), usize> = BTreeMap::new();
    let mut by_reference: BTreeMap<(TimelineSource, String), usize> = BTreeMap::new();
    for entry in all {
        let reference = entry.reference.as_ref();
        let reference = reference.map(|one| (entry.source, one.raw().to_owned()));
        if reference
            .as_ref()
            .is_some_and(|key| by_reference.contains_key(key))
        {
            continue;
        }
        let words = words(&entry);
        let earlier = by_words.get(&words).map(|place| &mut kept[*place]);
        match earlier.filter(|earlier| repeats(earlier, &entry)) {
            Some(earlier) => {
                let last = end(earlier).max(end(&entry));
                earlier.count += entry.count;
                earlier.until = (last > earlier.at).then_some(last);
                earlier.uncertain_seconds = earlier.uncertain_seconds.max(entry.uncertain_seconds);
                if let Some(key) = reference {
                    by_reference.insert(key, by_words[&words]);
                }
            }
            None => {
                let place = kept.len();
                if let Some(key) = reference {
                    by_reference.insert(key, place);
                }
                by_words.insert(words, place);
                kept.push(entry);
            }
        }
    }
    let left_out = leave_out(&mut kept, most);
    Timeline {
        entries: kept,
        left_out,
    }
}

fn words(entry: &TimelineEntry) -> (TimelineSource, String, String) {
    let resource = entry.resource.as_ref().map_or("", Untrusted::raw);
    let event = entry.event.raw().to_owned();
    (entry.source, resource.to_owned(), event)
}

type Rank<'a> = (
    Timestamp,
    TimelineSource,
    &'a str,
    &'a str,
    &'a str,
    Option<Timestamp>,
    u64,
);

fn rank(entry: &TimelineEntry) -> Rank<'_> {
    (
        entry.at,
        entry.source,
        entry.resource.as_ref().map_or("", Untrusted::raw),
        entry.event.raw(),
        entry.reference.as_ref().map_or("", Untrusted::raw),
        entry.until,
        entry.count,
    )
}

fn end(entry: &TimelineEntry) -> Timestamp {
    entry.until.unwrap_or(entry.at)
}

fn repeats(earlier: &TimelineEntry, entry: &TimelineEntry) -> bool {
    entry.at.as_second() - end(earlier).as_second() <= SAME_BURST
}

/// Which sources a timeline can do without: what causes comes before what reports.
fn telling(source: TimelineSource) -> u8 {
    match source {
        TimelineSource::Deployment | TimelineSource::Remediation => 0,
        TimelineSource::Alarm | TimelineSource::Issue | TimelineSource::Health => 1,
        TimelineSource::Metric | TimelineSource::Commit => 2,
        TimelineSource::Cloudtrail => 3,
        TimelineSource::Log => 4,
    }
}

/// Leaves out the least telling entries, of these the latest. Returns how many.
fn leave_out(entries: &mut Vec<TimelineEntry>, most: usize) -> u64 {
    let many = entries.len().saturating_sub(most);
    if many == 0 {
        return 0;
    }
    let mut places: Vec<usize> = (0..entries.len()).collect();
    places.sort_by_key(|place| (telling(entries[*place].source), *place));
    let mut out = vec![false; entries.len()];
    for place in &places[most..] {
        out[*place] = true;
    }
    let mut place = 0;
    entries.retain(|_| {
        place += 1;
        !out[place - 1]
    });
    many as u64
}

#[cfg(test)]
mod tests;
