//! From what a tool or the provider says exists to the registry of one environment.
//!
//! Pure: takes an inventory and the registry as it is, gives the registry as it should be
//! and says what changed and what was left out, with the reason. Nothing is ever deleted
//! unless `prune` asks for it.

mod arn;
mod depends;
mod entry;
mod merge;
mod stages;
mod summary;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use crate::model::environments::Environment;
use crate::model::ids::AccountId;
use crate::model::ids::Arn;
use crate::model::inventory::InventoryItem;
use crate::model::registry::Registry;
use crate::model::registry::RegistryEntry;
use crate::text::Untrusted;

pub use summary::AdoptionSummary;
pub use summary::SkippedGroup;
pub use summary::TypeCounts;

/// What an ARN says about a resource, by a kind's pattern.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArnParts {
    /// Terraform type.
    pub resource_type: String,
    /// Its name.
    pub name: Untrusted,
    /// What else the ARN carries (`cluster`, `stage`).
    pub attributes: BTreeMap<String, Untrusted>,
}

/// What adopting asks the catalogue.
pub trait Lookup {
    /// The resource that an ARN names, `None` where no kind has such ARNs.
    fn by_arn(&self, arn: &Arn) -> Option<ArnParts>;

    /// Attributes that the ARN of a type does not carry: attribute → Terraform attribute.
    fn attributes_of(&self, resource_type: &str) -> BTreeMap<String, String>;
}

/// The input of [`adopt`].
#[derive(Clone, Copy)]
pub struct AdoptInput<'a> {
    /// What exists.
    pub items: &'a [InventoryItem],
    /// The registry as it is.
    pub existing: Option<&'a Registry>,
    /// The environment that it is of. Resources of another account are left out.
    pub environment: &'a Environment,
    /// The project, for a new registry.
    pub project: Option<&'a str>,
    /// The catalogue.
    pub lookup: &'a dyn Lookup,
    /// Whether entries that `items` does not name are removed.
    pub prune: bool,
    /// The time of new entries.
    pub now: Timestamp,
}

impl fmt::Debug for AdoptInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdoptInput")
            .field("items", &self.items.len())
            .field("environment", &self.environment.name)
            .field("prune", &self.prune)
            .finish_non_exhaustive()
    }
}

/// The result of [`adopt`].
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// The registry as it should be.
    pub registry: Registry,
    /// Entries that are new.
    pub added: Vec<Arn>,
    /// Entries that changed.
    pub updated: Vec<Arn>,
    /// Entries that are as they were.
    pub unchanged: Vec<Arn>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// Entries that the inventory does not name. Still in the registry, unless pruned.
    pub removed_candidates: Vec<RegistryEntry>,
    /// Whether those were removed.
    pub pruned: bool,
}

impl Adoption {
    /// Whether the registry differs from the one before.
    pub fn changed(&self) -> bool {
        !self.added.is_empty()
            || !self.updated.is_empty()
            || (self.pruned && !self.removed_candidates.is_empty())
    }

    /// Counts and reasons, for people.
    pub fn summary(&self) -> AdoptionSummary {
        summary::summarise(self)
    }
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Skipped {
    /// Its type, where known.
    pub resource_type: Option<String>,
    /// Its address, ARN or id.
    pub label: Untrusted,
    /// Why.
    pub reason: SkipReason,
}

/// Why something was left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum SkipReason {
    /// Of another provider.
    #[error("not an AWS resource")]
    NotAws,
    /// In a plan, to be created.
    #[error("planned, not deployed yet")]
    Pending,
    /// Its type has no ARN, or it can't be made from what the state says.
    #[error("it has no ARN of its own")]
    NoArn,
    /// Its ARN is damaged or has characters that are not safe to print.
    #[error("its ARN is not valid")]
    InvalidArn,
    /// Its ARN is of another account than the environment.
    #[error("it belongs to account {0}, not to this environment's")]
    OtherAccount(AccountId),
    /// Two items name one resource; the other one is recorded.
    #[error("the same resource as another one that is recorded")]
    Duplicate,
    /// A stage: recorded with its API.
    #[error("recorded as the stage of its API")]
    Stage,
    /// Found by its tags, and no kind knows such an ARN.
    #[error("of an unknown kind")]
    UnknownKind,
}

/// Brings a registry up to date with what exists.
pub fn adopt(input: &AdoptInput<'_>) -> Adoption {
    let place = arn::Whereabouts::of(input);
    let mut skipped = Vec::new();
    let mut found = Vec::new();
    for item in input.items {
        match entry::candidate(input, &place, item) {
            Ok(candidate) => found.push(candidate),
            Err(reason) => skipped.push(Skipped::new(item, reason)),
        }
    }
    let mut candidates = merge::join_duplicates(found, input.lookup, &mut skipped);
    stages::absorb(&mut candidates, input.existing, &mut skipped);
    depends::resolve(&mut candidates, input.items);
    let mut adoption = merge::into_registry(input, candidates);
    skipped.sort_by(|a, b| (&a.reason, &a.label).cmp(&(&b.reason, &b.label)));
    adoption.skipped = skipped;
    adoption
}

impl Skipped {
    fn new(item: &InventoryItem, reason: SkipReason) -> Self {
        let known = [&item.address, &item.arn, &item.id, &item.name];
        Self {
            resource_type: item.resource_type.clone(),
            label: known
                .into_iter()
                .flatten()
                .next()
                .cloned()
                .unwrap_or_default(),
            reason,
        }
    }
}

/// An entry on its way into the registry, with the items that it stands for.
#[derive(Debug, Clone)]
struct Draft<'a> {
    entry: RegistryEntry,
    /// The first is the one that gave the entry.
    items: Vec<&'a InventoryItem>,
}
