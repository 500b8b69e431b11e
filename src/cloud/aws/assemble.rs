//! How what was seen becomes a snapshot that does not depend on the order in which answers
//! came.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::seen::{Seen, SeenAlarms, SeenPart, SeenResource};
use crate::model::fact::{Fact, Gap, GapCause, GapId};
use crate::model::resource::Resource;
use crate::model::snapshot::{Observed, ObservedPart, PartMetrics};
use crate::text::Untrusted;

type Key = (
    String,
    ObservedPart,
    GapCause,
    Option<Untrusted>,
    Untrusted,
    Option<String>,
);

fn key(part: ObservedPart, failure: &Failure) -> Key {
    (
        failure.operation.clone(),
        part,
        failure.cause,
        failure.code.clone(),
        failure.message.clone(),
        failure.missing_permission.clone(),
    )
}

/// Failures by what they have in common, with the resources that each one hides.
#[derive(Debug, Default)]
struct Ledger {
    hidden: BTreeMap<Key, (Failure, BTreeSet<usize>)>,
}

impl Ledger {
    fn note(&mut self, index: usize, part: ObservedPart, failure: &Failure) {
        self.hidden
            .entry(key(part, failure))
            .or_insert_with(|| (failure.clone(), BTreeSet::new()))
            .1
            .insert(index);
    }

    fn note_all(&mut self, index: usize, seen: &SeenResource) {
        if let Err(failure) = &seen.status.state {
            self.note(index, ObservedPart::State, failure);
        }
        for failure in seen.status.facts.values().filter_map(|s| s.as_ref().err()) {
            self.note(index, ObservedPart::Facts, failure);
        }
        let of_parts = seen
            .status
            .measured
            .iter()
            .flat_map(|part| part.metrics.values());
        let metrics = seen.metrics.values().chain(of_parts);
        for failure in metrics.filter_map(|s| s.as_ref().err()) {
            self.note(index, ObservedPart::Metrics, failure);
        }
        if let Some(failure) = &seen.alarms.failure {
            self.note(index, ObservedPart::Alarms, failure);
        }
    }
}

/// Turns what was seen, in the order of `resources`, into observations and numbered gaps.
pub(crate) fn assemble(
    catalog: &Catalog,
    resources: &[Resource],
    seen: Vec<SeenResource>,
) -> (Vec<Observed>, Vec<Gap>) {
    let mut ledger = Ledger::default();
    for (index, one) in seen.iter().enumerate() {
        ledger.note_all(index, one);
    }
    let mut numbers = BTreeMap::new();
    let mut gaps = Vec::new();
    for (key, (failure, hidden)) in ledger.hidden {
        let subject = subject(catalog, key.1, resources, &hidden);
        numbers.insert(key, GapId::from_index(gaps.len()));
        gaps.push(failure.into_gap(subject));
    }
    let observed = resources
        .iter()
        .zip(seen)
        .map(|(resource, one)| observed(resource, one, &numbers))
        .collect();
    (observed, gaps)
}

fn observed(resource: &Resource, seen: SeenResource, numbers: &BTreeMap<Key, GapId>) -> Observed {
    let SeenAlarms { alarms, failure } = seen.alarms;
    let (alarms, some_alarms) = match failure {
        None => (Ok(Some(alarms)), Vec::new()),
        Some(failure) => (Err(failure), alarms),
    };
    Observed {
        resource: resource.clone(),
        state: fact(seen.status.state, ObservedPart::State, numbers),
        facts: seen
            .status
            .facts
            .into_iter()
            .map(|(name, seen)| (name, fact(seen, ObservedPart::Facts, numbers)))
            .collect(),
        metrics: seen
            .metrics
            .into_iter()
            .map(|(name, seen)| (name, fact(seen, ObservedPart::Metrics, numbers)))
            .collect(),
        parts: parts(seen.status.measured, numbers),
        alarms: fact(alarms, ObservedPart::Alarms, numbers),
        some_alarms,
    }
}

fn parts(parts: Vec<SeenPart>, numbers: &BTreeMap<Key, GapId>) -> Vec<PartMetrics> {
    let mut parts: Vec<PartMetrics> = parts
        .into_iter()
        .map(|part| PartMetrics {
            name: Untrusted::new(part.name),
            sort: part.sort,
            metrics: part
                .metrics
                .into_iter()
                .map(|(name, seen)| (name, fact(seen, ObservedPart::Metrics, numbers)))
                .collect(),
        })
        .collect();
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    parts
}

fn fact<T>(seen: Seen<T>, part: ObservedPart, numbers: &BTreeMap<Key, GapId>) -> Fact<T> {
    match seen {
        Ok(Some(value)) => Fact::Known(value),
        Ok(None) => Fact::Absent,
        Err(failure) => Fact::Unreadable(numbers[&key(part, &failure)]),
    }
}

/// `metrics of 12 resources`, `state of 2 RDS databases`.
fn subject(
    catalog: &Catalog,
    part: ObservedPart,
    resources: &[Resource],
    hidden: &BTreeSet<usize>,
) -> String {
    let count = hidden.len();
    let kinds = hidden.iter().map(|index| resources[*index].kind.as_ref());
    let noun = catalog.noun(kinds, count);
    format!("{} of {count} {noun}", part.word())
}
