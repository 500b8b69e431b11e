//! Joining what shards saw.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;
use crate::core::shards::belongs;
use crate::core::shards::canonical::{canonical, unseen};
use crate::model::fact::{Fact, Gap, GapCause, GapId};
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::shard::Shard;
use crate::model::snapshot::{Alarm, Identity, Observed, Snapshot};
use crate::model::window::Window;
use crate::text::Untrusted;

/// What one shard saw.
#[derive(Debug, Clone, PartialEq)]
pub struct ShardPart {
    /// Which one.
    pub shard: Shard,
    /// What it saw of its resources.
    pub snapshot: Snapshot,
}

/// What is joined: parts of one run, over one window.
#[derive(Debug)]
pub struct JoinInput<'a> {
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// All its resources, in the order of the registry.
    pub resources: &'a [Resource],
    /// The window of all parts.
    pub window: Window,
    /// The parts there are, of shards of one count and each once. May be none.
    pub parts: Vec<ShardPart>,
    /// The kinds.
    pub catalog: &'a Catalog,
}

/// The snapshot that one machine would have made. What a missing shard was to look at is
/// unreadable, and says so.
pub fn join(mut input: JoinInput<'_>) -> Snapshot {
    let back_fill = past(&mut input);
    let count = input.parts.first().map_or(1, |part| part.shard.count());
    let expected = Shard::all(count).collect();
    assemble(input, &expected, back_fill)
}

/// Puts parts together; of the shards that are expected, one that is missing hides its
/// resources.
fn assemble(
    input: JoinInput<'_>,
    expected: &BTreeSet<Shard>,
    back_fill: Vec<Snapshot>,
) -> Snapshot {
    let mut parts = input.parts;
    parts.sort_by_key(|part| part.shard);
    let seen: BTreeSet<Shard> = parts.iter().map(|part| part.shard).collect();
    let unmatched = unmatched(&parts, seen == *expected);
    // What one of them did not read is not read.
    let read_from = parts.iter().map(|part| part.snapshot.read_from()).max();
    let receipt = sum(parts.iter().map(|part| &part.snapshot.receipt));

    let Pile {
        mut gaps,
        identity,
        mut by_arn,
    } = pile(parts);
    let mut missing: BTreeMap<Shard, GapId> = BTreeMap::new();
    for &shard in expected.difference(&seen) {
        missing.insert(shard, GapId::from_index(gaps.len()));
        gaps.push(shard_missing(input.environment, shard, seen.is_empty()));
    }
    let mut not_seen = None;
    let resources: Vec<Observed> = input
        .resources
        .iter()
        .map(|resource| match by_arn.remove(&resource.arn) {
            // Names and places are the registry's, whatever a shard says.
            Some(observed) => Observed {
                resource: resource.clone(),
                ..observed
            },
            None => {
                let hides = |shard: &Shard| belongs(*shard, input.environment, &resource.arn);
                let gap = missing.iter().find(|(shard, _)| hides(shard));
                let why = gap.map(|(_, gap)| *gap).unwrap_or_else(|| {
                    *not_seen.get_or_insert_with(|| {
                        gaps.push(not_looked_at());
                        GapId::from_index(gaps.len() - 1)
                    })
                });
                unseen(input.catalog, resource.clone(), why)
            }
        })
        .collect();
    let joined = Snapshot {
        environment: input.environment.clone(),
        identity,
        window: input.window,
        read_from: read_from.filter(|from| *from < input.window.start),
        resources,
        unmatched_alarms: unmatched,
        gaps,
        receipt,
        back_fill,
    };
    canonical(joined, input.catalog)
}

/// What all parts saw, with the gaps of all in one list.
struct Pile {
    gaps: Vec<Gap>,
    /// The first that is known, else the first reason why none is.
    identity: Fact<Identity>,
    by_arn: BTreeMap<Arn, Observed>,
}

fn pile(parts: Vec<ShardPart>) -> Pile {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut identities = Vec::new();
    let mut by_arn: BTreeMap<Arn, Observed> = BTreeMap::new();
    for part in parts {
        let offset = gaps.len();
        let count = part.snapshot.gaps.len();
        // A number without a gap, which only a damaged bundle holds, stays without one.
        let number = |old: GapId| match old.0 as usize {
            index if index < count => GapId::from_index(offset + index),
            _ => old,
        };
        gaps.extend(part.snapshot.gaps);
        identities.push(part.snapshot.identity.with_gap(&number));
        for observed in part.snapshot.resources {
            let arn = observed.resource.arn.clone();
            by_arn.insert(arn, observed.renumbered(&number));
        }
    }
    let identity = identities
        .iter()
        .find(|identity| identity.known().is_some())
        .or(identities.first())
        .cloned()
        .unwrap_or(Fact::Unreadable(GapId::from_index(0)));
    Pile {
        gaps,
        identity,
        by_arn,
    }
}

/// What the shards read of the past, by the span that they read. A resource that none of them
/// asked about keeps its past for another run.
fn past(input: &mut JoinInput<'_>) -> Vec<Snapshot> {
    let mut by_window: BTreeMap<_, (Window, Vec<ShardPart>)> = BTreeMap::new();
    for part in &mut input.parts {
        for snapshot in std::mem::take(&mut part.snapshot.back_fill) {
            let window = snapshot.window;
            let key = (window.start, window.end, window.period_seconds);
            let (_, parts) = by_window.entry(key).or_insert_with(|| (window, Vec::new()));
            parts.push(ShardPart {
                shard: part.shard,
                snapshot,
            });
        }
    }
    let spans = by_window.into_values();
    spans
        .map(|(window, parts)| {
            let asked: BTreeSet<Arn> = parts
                .iter()
                .flat_map(|part| &part.snapshot.resources)
                .map(|observed| observed.resource.arn.clone())
                .collect();
            let mut resources = input.resources.to_vec();
            resources.retain(|resource| asked.contains(&resource.arn));
            // A shard whose resources all have their past does not read it again.
            let expected = parts.iter().map(|part| part.shard).collect();
            let input = JoinInput {
                environment: input.environment,
                resources: &resources,
                window,
                parts,
                catalog: input.catalog,
            };
            assemble(input, &expected, Vec::new())
        })
        .collect()
}

fn gap(message: String) -> Gap {
    Gap {
        operation: "fractary:merge-shards".to_owned(),
        subject: String::new(),
        cause: GapCause::ShardMissing,
        code: None,
        message: Untrusted::new(message),
        missing_permission: None,
    }
}

fn shard_missing(environment: &EnvironmentName, shard: Shard, all: bool) -> Gap {
    let mut gap = gap(if all {
        format!("no shard of {environment} left a result")
    } else {
        format!("shard {shard} of {environment} left no result")
    });
    // Only read where it hides no resource at all.
    gap.subject = "none of the resources".to_owned();
    gap
}

/// The registry has grown between looking and joining.
fn not_looked_at() -> Gap {
    gap("it was registered after the shards had run".to_owned())
}

/// Alarms that fit no resource of any shard. Where a shard is missing it is unknown which of
/// them fit its resources, so none is named.
fn unmatched(parts: &[ShardPart], complete: bool) -> Vec<Alarm> {
    if !complete {
        return Vec::new();
    }
    let key = |alarm: &Alarm| {
        (
            alarm.name.clone(),
            alarm.namespace.clone(),
            alarm.metric.clone(),
            alarm.dimensions.clone(),
        )
    };
    let matched: BTreeSet<_> = parts
        .iter()
        .flat_map(|part| &part.snapshot.resources)
        .flat_map(|observed| {
            let all = observed.alarms.known().into_iter().flatten();
            all.chain(&observed.some_alarms)
        })
        .map(key)
        .collect();
    let mut listed = BTreeSet::new();
    let mut alarms = Vec::new();
    for part in parts {
        // One list may hold an alarm of one name in two regions.
        let new: Vec<&Alarm> = part
            .snapshot
            .unmatched_alarms
            .iter()
            .filter(|alarm| !matched.contains(&key(alarm)) && !listed.contains(&key(alarm)))
            .collect();
        listed.extend(new.iter().map(|alarm| key(alarm)));
        alarms.extend(new.into_iter().cloned());
    }
    alarms
}

/// All that was sent. Shards look at the same time, so the longest is how long it took.
fn sum<'a>(receipts: impl Iterator<Item = &'a Receipt>) -> Receipt {
    let mut all = Receipt::default();
    for one in receipts {
        all.calls = all.calls.saturating_add(one.calls);
        for (operation, calls) in &one.by_operation {
            let sum = all.by_operation.entry(operation.clone()).or_default();
            *sum = sum.saturating_add(*calls);
        }
        all.retries = all.retries.saturating_add(one.retries);
        all.refused = all.refused.saturating_add(one.refused);
        all.metrics_requested = all.metrics_requested.saturating_add(one.metrics_requested);
        all.estimated_cost_usd += one.estimated_cost_usd;
        if one.price_date > all.price_date {
            all.price_date.clone_from(&one.price_date);
        }
        all.duration_ms = all.duration_ms.max(one.duration_ms);
    }
    // Each was rounded to a millionth of a dollar.
    all.estimated_cost_usd = (all.estimated_cost_usd * 1e6).round() / 1e6;
    all
}
