//! Joins entries: those of one ARN, and new ones with the registry as it is.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::core::adopt::AdoptInput;
use crate::core::adopt::Adoption;
use crate::core::adopt::Candidate;
use crate::core::adopt::Lookup;
use crate::core::adopt::SkipReason;
use crate::core::adopt::Skipped;
use crate::model::ids::Arn;
use crate::model::registry::Registry;
use crate::model::registry::RegistryEntry;
use crate::text::Untrusted;

/// Makes one candidate of all that have one ARN: `aws_sns_topic_policy` shows the ARN of
/// its topic, `aws_secretsmanager_secret_version` that of its secret. The one that the
/// catalogue names wins, else the one with the shortest type, which is the thing itself.
pub(super) fn join_duplicates<'a>(
    candidates: Vec<Candidate<'a>>,
    lookup: &dyn Lookup,
    skipped: &mut Vec<Skipped>,
) -> Vec<Candidate<'a>> {
    let mut by_arn: BTreeMap<Arn, Vec<Candidate<'a>>> = BTreeMap::new();
    for candidate in candidates {
        let same = by_arn.entry(candidate.entry.arn.clone()).or_default();
        same.push(candidate);
    }
    let mut joined = Vec::new();
    for (arn, mut same) in by_arn {
        if same.len() > 1 {
            let known = lookup.by_arn(&arn).map(|found| found.resource_type);
            same.sort_by_key(|candidate| {
                let entry = &candidate.entry;
                (
                    known.as_ref() != Some(&entry.resource_type),
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
pub(super) fn into_registry(input: &AdoptInput<'_>, candidates: Vec<Candidate<'_>>) -> Adoption {
    let before = input
        .existing
        .map(|r| r.resources.as_slice())
        .unwrap_or_default();
    let found: BTreeSet<&Arn> = candidates.iter().map(|c| &c.entry.arn).collect();
    // An address whose ARN changed is a resource that was replaced.
    let replaced: BTreeMap<&Untrusted, &RegistryEntry> = before
        .iter()
        .filter(|entry| !found.contains(&entry.arn))
        .filter_map(|entry| Some((entry.terraform_address.as_ref()?, entry)))
        .collect();
    let known: BTreeMap<&Arn, &RegistryEntry> = before.iter().map(|e| (&e.arn, e)).collect();

    let mut adoption = empty(input);
    let mut superseded: BTreeSet<&Arn> = BTreeSet::new();
    for candidate in &candidates {
        let new = &candidate.entry;
        let predecessor = new.terraform_address.as_ref().map(stored);
        let predecessor = predecessor.and_then(|address| replaced.get(&address).copied());
        let (entry, list) = match (known.get(&new.arn).copied(), predecessor) {
            (Some(old), _) => {
                let entry = updated(old, new, old.created);
                let same = as_stored(&entry) == as_stored(old);
                let list = if same {
                    &mut adoption.unchanged
                } else {
                    &mut adoption.updated
                };
                (entry, list)
            }
            (None, Some(old)) => {
                superseded.insert(&old.arn);
                (updated(old, new, new.created), &mut adoption.updated)
            }
            (None, None) => (new.clone(), &mut adoption.added),
        };
        list.push(entry.arn.clone());
        adoption.registry.resources.push(entry);
    }
    for old in before {
        if !found.contains(&old.arn) && !superseded.contains(&old.arn) {
            adoption.removed_candidates.push(old.clone());
            if !input.prune {
                adoption.registry.resources.push(old.clone());
            }
        }
    }
    finish(&mut adoption, input);
    adoption
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
        removed_candidates: Vec::new(),
        pruned: input.prune,
    }
}

/// A registry that did not change keeps its time, so that adopting twice changes nothing.
fn finish(adoption: &mut Adoption, input: &AdoptInput<'_>) {
    if adoption.changed() {
        adoption.registry.last_deployed = Some(input.now);
    }
    fn key(entry: &RegistryEntry) -> (&str, &str, &str) {
        let label = entry.terraform_address.as_ref().unwrap_or(&entry.aws_id);
        (&entry.resource_type, label.raw(), entry.arn.as_str())
    }
    adoption
        .registry
        .resources
        .sort_by(|a, b| key(a).cmp(&key(b)));
    adoption
        .removed_candidates
        .sort_by(|a, b| key(a).cmp(&key(b)));
}

/// The old entry with what is newly known. What the new one does not say stays.
fn updated(
    old: &RegistryEntry,
    new: &RegistryEntry,
    created: Option<jiff::Timestamp>,
) -> RegistryEntry {
    let from_tool = new.terraform_address.is_some();
    let mut metadata = old.metadata.clone();
    metadata.extend(new.metadata.clone());
    // An item that was found by its tags knows less than an entry from a state.
    let keep_identity = !from_tool && old.terraform_address.is_some();
    RegistryEntry {
        resource_type: if keep_identity {
            &old.resource_type
        } else {
            &new.resource_type
        }
        .clone(),
        terraform_address: new
            .terraform_address
            .clone()
            .or(old.terraform_address.clone()),
        aws_id: if keep_identity {
            &old.aws_id
        } else {
            &new.aws_id
        }
        .clone(),
        name: new.name.clone().or(old.name.clone()),
        arn: new.arn.clone(),
        console_url: old.console_url.clone().filter(|_| old.arn == new.arn),
        created,
        region: new.region.clone().or(old.region.clone()),
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

fn stored(text: &Untrusted) -> Untrusted {
    text.redacted().into()
}

/// An entry as it is in the file: redacted. Two that are equal there are equal.
fn as_stored(entry: &RegistryEntry) -> Option<serde_json::Value> {
    serde_json::to_value(entry).ok()
}
