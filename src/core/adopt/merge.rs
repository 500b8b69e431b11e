//! Joins entries: those of one ARN, and new ones with the registry as it is.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::core::adopt::AdoptInput;
use crate::core::adopt::Adoption;
use crate::core::adopt::Draft;
use crate::core::adopt::Lookup;
use crate::core::adopt::SkipReason;
use crate::core::adopt::Skipped;
use crate::core::adopt::prune;
use crate::core::adopt::prune::Fate;
use crate::model::ids::Arn;
use crate::model::registry::Registry;
use crate::model::registry::RegistryEntry;

/// Makes one candidate of all that have one ARN: `aws_sns_topic_policy` shows the ARN of
/// its topic, `aws_secretsmanager_secret_version` that of its secret. The one that the
/// catalogue names wins, else the one with the shortest type, which is the thing itself.
pub(super) fn join_duplicates<'a>(
    candidates: Vec<Draft<'a>>,
    lookup: &dyn Lookup,
    skipped: &mut Vec<Skipped>,
) -> Vec<Draft<'a>> {
    let mut by_arn: BTreeMap<Arn, Vec<Draft<'a>>> = BTreeMap::new();
    for candidate in candidates {
        let same = by_arn.entry(candidate.entry.arn.clone()).or_default();
        same.push(candidate);
    }
    let mut joined = Vec::new();
    for (arn, mut same) in by_arn {
        if same.len() > 1 {
            same.sort_by_key(|candidate| {
                let entry = &candidate.entry;
                (
                    lookup.recognise(Some(&entry.resource_type), &arn).is_none(),
                    entry.terraform_address.is_none(),
                    entry.resource_type.len(),
                    entry.terraform_address.clone(),
                )
            });
        }
        let mut same = same.into_iter();
        if let Some(mut winner) = same.next() {
            for other in same {
                for item in &other.items {
                    skipped.push(Skipped::new(item, SkipReason::Duplicate));
                }
                winner.items.extend(other.items);
                for (key, value) in other.entry.metadata {
                    winner.entry.metadata.entry(key).or_insert(value);
                }
            }
            joined.push(winner);
        }
    }
    joined
}

/// Merges candidates into the registry.
pub(super) fn into_registry(
    input: &AdoptInput<'_>,
    candidates: Vec<Draft<'_>>,
    skipped: &[Skipped],
) -> Adoption {
    let before = input
        .existing
        .map(|r| r.resources.as_slice())
        .unwrap_or_default();
    let found: BTreeSet<Arn> = candidates.iter().map(|c| c.entry.arn.clone()).collect();
    let known: BTreeMap<&Arn, &RegistryEntry> = before.iter().map(|e| (&e.arn, e)).collect();

    let mut adoption = empty(input);
    for candidate in candidates {
        let mut new = candidate.entry;
        let sources = candidate
            .items
            .iter()
            .filter_map(|item| item.source.clone());
        new.sources = sources.collect();
        // Only the ARN says that two are the same. One address may stand for different
        // resources, because an environment may have several states.
        let (entry, list) = match known.get(&new.arn).copied() {
            Some(old) => {
                let entry = updated(old, new);
                let same = as_stored(&entry) == as_stored(old);
                let list = if same {
                    &mut adoption.unchanged
                } else {
                    &mut adoption.updated
                };
                (entry, list)
            }
            None => (new, &mut adoption.added),
        };
        list.push(entry.arn.clone());
        adoption.registry.resources.push(entry);
    }
    for old in before.iter().filter(|old| !found.contains(&old.arn)) {
        keep_or_drop(input, skipped, old, &mut adoption);
    }
    let (not_found, unclaimed) = (adoption.not_found.len(), adoption.unclaimed.len());
    adoption.needs_consent = prune::too_many(input, not_found, unclaimed);
    finish(&mut adoption, input);
    adoption
}

/// An entry that no item names.
fn keep_or_drop(
    input: &AdoptInput<'_>,
    skipped: &[Skipped],
    old: &RegistryEntry,
    adoption: &mut Adoption,
) {
    let pruning = input.pruning;
    let mut kept = Some(old.clone());
    match prune::fate(input, skipped, old) {
        Fate::LeftOut => {}
        Fate::OfOthers => adoption.of_other_sources += 1,
        Fate::StillNamedBy(others) => {
            adoption.of_other_sources += 1;
            if pruning.on {
                adoption.updated.push(old.arn.clone());
                kept = kept.map(|old| RegistryEntry {
                    sources: others,
                    ..old
                });
            }
        }
        Fate::Unclaimed => {
            adoption.unclaimed.push(old.clone());
            kept = kept.filter(|_| !(pruning.on && pruning.unclaimed));
        }
        Fate::NotFound => {
            adoption.not_found.push(old.clone());
            kept = kept.filter(|_| !pruning.on);
        }
    }
    adoption.registry.resources.extend(kept);
}

fn empty(input: &AdoptInput<'_>) -> Adoption {
    let registry = match input.existing {
        Some(existing) => Registry {
            resources: Vec::new(),
            ..existing.clone()
        },
        None => Registry {
            version: "1.0.0".to_owned(),
            environment: input.environment.name.clone(),
            project: input.project.map(str::to_owned),
            last_deployed: None,
            resources: Vec::new(),
        },
    };
    Adoption {
        registry,
        added: Vec::new(),
        updated: Vec::new(),
        unchanged: Vec::new(),
        skipped: Vec::new(),
        not_found: Vec::new(),
        unclaimed: Vec::new(),
        of_other_sources: 0,
        pruning: input.pruning,
        needs_consent: None,
    }
}

/// A registry that did not change keeps its time and its order, so that adopting twice
/// changes nothing.
fn finish(adoption: &mut Adoption, input: &AdoptInput<'_>) {
    fn key(entry: &RegistryEntry) -> (&str, &str, &str) {
        let label = entry.terraform_address.as_ref().unwrap_or(&entry.aws_id);
        (&entry.resource_type, label.raw(), entry.arn.as_str())
    }
    for list in [&mut adoption.not_found, &mut adoption.unclaimed] {
        list.sort_by(|a, b| key(a).cmp(&key(b)));
    }
    match input.existing {
        Some(existing) if !adoption.changed() => adoption.registry = existing.clone(),
        _ => {
            let resources = &mut adoption.registry.resources;
            resources.sort_by(|a, b| key(a).cmp(&key(b)));
            adoption.registry.last_deployed = adoption.changed().then_some(input.now);
        }
    }
}

/// The old entry with what is newly known. What the new one does not say stays.
fn updated(old: &RegistryEntry, new: RegistryEntry) -> RegistryEntry {
    let from_tool = new.terraform_address.is_some();
    let mut metadata = old.metadata.clone();
    metadata.extend(new.metadata.clone());
    // An item that was found by its tags knows less than an entry from a state.
    let (resource_type, aws_id) = if !from_tool && old.terraform_address.is_some() {
        (old.resource_type.clone(), old.aws_id.clone())
    } else {
        (new.resource_type, new.aws_id)
    };
    RegistryEntry {
        resource_type,
        terraform_address: new
            .terraform_address
            .or_else(|| old.terraform_address.clone()),
        aws_id,
        name: new.name.or_else(|| old.name.clone()),
        arn: new.arn,
        console_url: old.console_url.clone(),
        sources: old.sources.union(&new.sources).cloned().collect(),
        created: old.created,
        region: new.region.or_else(|| old.region.clone()),
        depends_on: if from_tool {
            let by_hand = old.depends_on.iter().filter(|on| !is_address(on));
            let all: BTreeSet<&String> = new.depends_on.iter().chain(by_hand).collect();
            all.into_iter().cloned().collect()
        } else {
            old.depends_on.clone()
        },
        metadata,
    }
}

/// Whether a dependency is a Terraform address, which adopting writes, and not a name or an
/// ARN, which a person wrote.
fn is_address(text: &str) -> bool {
    text.starts_with("module.") || text.starts_with("aws_")
}

/// An entry as it is in the file: redacted. Two that are equal there are equal.
fn as_stored(entry: &RegistryEntry) -> Option<serde_json::Value> {
    serde_json::to_value(entry).ok()
}
