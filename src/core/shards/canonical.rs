//! One form for snapshots that say the same: gaps in one order, each once, and each saying
//! how much it hides.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::model::fact::{Fact, Gap, GapCause, GapId};
use crate::model::resource::Resource;
use crate::model::snapshot::{Alarm, Observed, ObservedPart, Snapshot};
use crate::text::Untrusted;

/// What makes two gaps one, in the order in which gaps are listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    operation: String,
    /// The one thing that it hides; `None` where it hides several, or none.
    hidden: Option<ObservedPart>,
    cause: GapCause,
    code: Option<Untrusted>,
    message: Untrusted,
    missing_permission: Option<String>,
    /// For gaps that are not about resources.
    subject: Option<String>,
}

type Resources = BTreeSet<usize>;

/// The same snapshot in the one form: gaps that differ only in what they hide are one, they
/// are sorted and say how many resources they hide, and alarms are sorted. What one machine
/// saw has this form already.
pub fn canonical(snapshot: Snapshot, catalog: &Catalog) -> Snapshot {
    let of_identity = snapshot.identity.gap().and_then(|id| snapshot.gap(id));
    let mut hides: BTreeMap<GapId, (BTreeSet<ObservedPart>, Resources)> = BTreeMap::new();
    for (index, observed) in snapshot.resources.iter().enumerate() {
        for (what, gap) in observed.gaps() {
            let (kinds, resources) = hides.entry(gap).or_default();
            kinds.insert(what);
            resources.insert(index);
        }
    }
    let mut sorted: BTreeMap<Key, (Vec<GapId>, Resources)> = BTreeMap::new();
    for (index, gap) in snapshot.gaps.iter().enumerate() {
        let id = GapId::from_index(index);
        let (hidden, resources) = hides.remove(&id).unwrap_or_default();
        // Shards that could not learn who they are say so once each.
        let about_others = resources.is_empty() || of_identity == Some(gap);
        let (ids, all) = sorted.entry(key(gap, &hidden, about_others)).or_default();
        ids.push(id);
        all.extend(resources);
    }
    let mut numbers = BTreeMap::new();
    let mut gaps = Vec::new();
    for (key, (ids, resources)) in sorted {
        numbers.extend(
            ids.into_iter()
                .map(|id| (id, GapId::from_index(gaps.len()))),
        );
        gaps.push(gap_of(key, &resources, &snapshot.resources, catalog));
    }
    let mut unmatched_alarms = snapshot.unmatched_alarms;
    unmatched_alarms.sort_by(|a, b| place(a).cmp(&place(b)));
    let number = |old: GapId| numbers.get(&old).copied().unwrap_or(old);
    Snapshot {
        identity: snapshot.identity.with_gap(&number),
        resources: snapshot
            .resources
            .into_iter()
            .map(|observed| observed.renumbered(&number))
            .collect(),
        unmatched_alarms,
        gaps,
        environment: snapshot.environment,
        window: snapshot.window,
        read_from: snapshot.read_from,
        receipt: snapshot.receipt,
        back_fill: snapshot
            .back_fill
            .into_iter()
            .map(|past| canonical(past, catalog))
            .collect(),
    }
}

fn place(alarm: &Alarm) -> impl Ord + '_ {
    (
        &alarm.name,
        &alarm.namespace,
        &alarm.metric,
        &alarm.dimensions,
        alarm.since,
    )
}

/// A resource of which nothing was seen, for one reason.
pub fn unseen(catalog: &Catalog, resource: Resource, why: GapId) -> Observed {
    let kind = resource.kind.as_ref().and_then(|id| catalog.kind(id));
    let metrics = kind
        .map(|kind| {
            kind.metrics
                .iter()
                .map(|metric| (metric.id.clone(), Fact::Unreadable(why)))
                .collect()
        })
        .unwrap_or_default();
    let facts = kind
        .and_then(|kind| kind.status.as_ref())
        .map(|status| {
            status
                .facts
                .keys()
                .map(|fact| (fact.clone(), Fact::Unreadable(why)))
                .collect()
        })
        .unwrap_or_default();
    Observed {
        resource,
        state: Fact::Unreadable(why),
        facts,
        metrics,
        alarms: Fact::Unreadable(why),
        parts: Vec::new(),
        some_alarms: Vec::new(),
    }
}

fn key(gap: &Gap, hidden: &BTreeSet<ObservedPart>, about_others: bool) -> Key {
    let one = hidden.first().copied().filter(|_| hidden.len() == 1);
    Key {
        operation: gap.operation.clone(),
        hidden: one.filter(|_| !about_others),
        cause: gap.cause,
        code: gap.code.clone(),
        message: gap.message.clone(),
        missing_permission: gap.missing_permission.clone(),
        subject: about_others.then(|| gap.subject.clone()),
    }
}

fn gap_of(key: Key, hidden: &Resources, resources: &[Observed], catalog: &Catalog) -> Gap {
    let subject = key.subject.unwrap_or_else(|| {
        let kinds = hidden
            .iter()
            .map(|index| resources[*index].resource.kind.as_ref());
        let count = hidden.len();
        let noun = catalog.noun(kinds, count);
        match key.hidden {
            Some(one) => format!("{} of {count} {noun}", one.word()),
            None => format!("everything about {count} {noun}"),
        }
    });
    Gap {
        operation: key.operation,
        subject,
        cause: key.cause,
        code: key.code,
        message: key.message,
        missing_permission: key.missing_permission,
    }
}
