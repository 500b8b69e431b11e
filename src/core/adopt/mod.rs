//! From what a tool or the provider says exists to the registry of one environment.
//!
//! Pure: takes an inventory and the registry as it is, gives the registry as it should be
//! and says what changed and what was left out, with the reason. Nothing is ever deleted
//! unless [`Pruning`] asks for it, and then only what the same sources brought.

mod arn;
mod depends;
mod entry;
pub mod existence;
mod merge;
mod prune;
mod stages;
mod summary;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use crate::model::environments::Environment;
use crate::model::ids::AccountId;
use crate::model::ids::Arn;
use crate::model::inventory::InventoryItem;
use crate::model::registry::Registry;
use crate::model::registry::RegistryEntry;
use crate::text::Untrusted;

pub use prune::Pruning;
pub use prune::TooMany;
pub use summary::AdoptionSummary;
pub use summary::SkippedGroup;
pub use summary::TypeCounts;

/// What the kind of a resource says about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArnParts {
    /// Terraform type.
    pub resource_type: String,
    /// Its name.
    pub name: Untrusted,
    /// What else the ARN carries (`cluster`, `stage`).
    pub attributes: BTreeMap<String, Untrusted>,
    /// Attributes that the ARN does not carry: attribute → Terraform attribute.
    pub from_terraform: BTreeMap<String, String>,
}

/// What adopting asks the catalogue.
pub trait Lookup {
    /// What the kind that has this type and such ARNs says; where the type is not known, the
    /// kind that has such ARNs. `None` where there is none.
    fn recognise(&self, resource_type: Option<&str>, arn: &Arn) -> Option<ArnParts>;
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
    /// What named the items, those too of which there are none.
    pub sources: &'a BTreeSet<String>,
    /// Which entries that `items` does not name are removed.
    pub pruning: Pruning,
    /// The time of new entries.
    pub now: Timestamp,
}

impl fmt::Debug for AdoptInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdoptInput")
            .field("items", &self.items.len())
            .field("environment", &self.environment.name)
            .field("sources", &self.sources)
            .field("pruning", &self.pruning)
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
    /// Entries that only these sources brought and that they do not name any more. Still in
    /// the registry, unless pruned.
    pub not_found: Vec<RegistryEntry>,
    /// Entries that the items do not name, and of which nothing says what brought them. Still
    /// in the registry, unless pruned with them.
    pub unclaimed: Vec<RegistryEntry>,
    /// Entries of other sources, which these say nothing about.
    pub of_other_sources: usize,
    /// What of those was removed.
    pub pruning: Pruning,
    /// Why it must not land without consent.
    pub needs_consent: Option<TooMany>,
}

impl Adoption {
    /// Whether the registry differs from the one before.
    pub fn changed(&self) -> bool {
        !self.added.is_empty() || !self.updated.is_empty() || self.removed() > 0
    }

    /// How many entries were removed.
    pub fn removed(&self) -> usize {
        let unclaimed = match self.pruning.unclaimed {
            true => self.unclaimed.len(),
            false => 0,
        };
        match self.pruning.on {
            true => self.not_found.len() + unclaimed,
            false => 0,
        }
    }

    /// Whether everything that names an account names another one. What names none, as a
    /// bucket, is then of that account too.
    pub fn is_of_another_account(&self) -> bool {
        let foreign = |one: &Skipped| matches!(one.reason, SkipReason::OtherAccount { .. });
        let lists = [&self.added, &self.updated, &self.unchanged];
        let mut found = lists.into_iter().flatten();
        found.all(|arn| arn.account().is_empty()) && self.skipped.iter().any(foreign)
    }

    /// Counts and reasons, for people.
    pub fn summary(&self) -> AdoptionSummary {
        summary::summarise(self)
    }
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Skipped {
    /// Its type: that of Terraform, or what its ARN says (`ec2:instance`).
    pub resource_type: Option<String>,
    /// Its address, ARN or id.
    pub label: Untrusted,
    /// Its address in the tool.
    pub address: Option<Untrusted>,
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
    #[error("of account {found}, but the environment is of account {expected}")]
    OtherAccount {
        /// The account that it is of.
        found: AccountId,
        /// The environment's.
        expected: AccountId,
    },
    /// Two items name one resource; the other one is recorded.
    #[error("the same resource as another one that is recorded")]
    Duplicate,
    /// A stage: recorded with its API.
    #[error("recorded as the stage of its API")]
    Stage,
    /// Listed by the tagging service, and its own service does not have it.
    #[error("listed by the tagging service, but not found: it lists deleted resources for hours")]
    Gone,
    /// It cannot be asked about.
    #[error("nothing can be asked about it: {0}")]
    Unusable(String),
    /// Found by its tags, and no kind knows such an ARN.
    #[error("of a kind that is not watched")]
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
    let mut adoption = merge::into_registry(input, candidates, &skipped);
    skipped.sort_by(|a, b| (&a.reason, &a.label).cmp(&(&b.reason, &b.label)));
    adoption.skipped = skipped;
    adoption
}

impl Skipped {
    fn new(item: &InventoryItem, reason: SkipReason) -> Self {
        let known = [&item.address, &item.arn, &item.id, &item.name];
        Self {
            resource_type: item.resource_type.clone().or_else(|| arn::described(item)),
            address: item.address.clone(),
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
