//! What adopting did, counted for people.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::core::adopt::Adoption;
use crate::model::ids::Arn;
use crate::model::registry::RegistryEntry;
use crate::text::Untrusted;

/// What adopting did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdoptionSummary {
    /// Entries in the registry now.
    pub total: usize,
    /// Entries that are new.
    pub added: usize,
    /// Entries that changed.
    pub updated: usize,
    /// Entries that are as they were.
    pub unchanged: usize,
    /// Counts by type, sorted by type.
    pub by_type: BTreeMap<String, TypeCounts>,
    /// What was left out, by reason.
    pub skipped: Vec<SkippedGroup>,
    /// ARNs of entries that only these sources brought and do not name any more.
    pub not_found: Vec<Arn>,
    /// ARNs of entries that were not found, and of which nothing says what brought them.
    pub unclaimed: Vec<Arn>,
    /// Entries of other sources, which these say nothing about.
    pub of_other_sources: usize,
    /// Whether what was not found was removed.
    pub pruned: bool,
    /// Entries that were removed.
    pub removed: usize,
}

/// Counts of one type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TypeCounts {
    /// Entries in the registry now.
    pub total: usize,
    /// New ones among them.
    pub added: usize,
    /// Changed ones among them.
    pub updated: usize,
}

/// Everything that was left out for one reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkippedGroup {
    /// The reason, a sentence fragment.
    pub reason: String,
    /// How many.
    pub count: usize,
    /// How many of each type; where only the ARN is known, what that says (`ec2:instance`).
    pub by_type: BTreeMap<String, usize>,
    /// Their addresses or ARNs.
    pub labels: Vec<Untrusted>,
}

fn arns(entries: &[RegistryEntry]) -> Vec<Arn> {
    entries.iter().map(|entry| entry.arn.clone()).collect()
}

pub(super) fn summarise(adoption: &Adoption) -> AdoptionSummary {
    let mut by_type: BTreeMap<String, TypeCounts> = BTreeMap::new();
    for entry in &adoption.registry.resources {
        let counts = by_type.entry(entry.resource_type.clone()).or_default();
        counts.total += 1;
        counts.added += usize::from(adoption.added.contains(&entry.arn));
        counts.updated += usize::from(adoption.updated.contains(&entry.arn));
    }
    let mut skipped: Vec<SkippedGroup> = Vec::new();
    // Sorted by reason already, so equal ones are neighbours.
    for one in &adoption.skipped {
        let reason = one.reason.to_string();
        if skipped.last().is_none_or(|group| group.reason != reason) {
            skipped.push(SkippedGroup {
                reason,
                count: 0,
                by_type: BTreeMap::new(),
                labels: Vec::new(),
            });
        }
        if let Some(group) = skipped.last_mut() {
            let resource_type = one.resource_type.as_deref().unwrap_or("unknown");
            let resource_type = crate::text::escape::json(resource_type);
            group.count += 1;
            *group.by_type.entry(resource_type).or_default() += 1;
            group.labels.push(one.label.clone());
        }
    }
    AdoptionSummary {
        total: adoption.registry.resources.len(),
        added: adoption.added.len(),
        updated: adoption.updated.len(),
        unchanged: adoption.unchanged.len(),
        by_type,
        skipped,
        not_found: arns(&adoption.not_found),
        unclaimed: arns(&adoption.unclaimed),
        of_other_sources: adoption.of_other_sources,
        pruned: adoption.pruning.on,
        removed: adoption.removed(),
    }
}
