//! Which entries of the registry go because nothing names them any more.
//!
//! A source that is empty, or not whole, looks like one whose resources are gone. So it only
//! ever speaks of what it brought itself, and much at once needs consent.

use std::collections::BTreeSet;
use std::fmt;

use crate::core::adopt::AdoptInput;
use crate::core::adopt::SkipReason;
use crate::core::adopt::Skipped;
use crate::model::registry::RegistryEntry;

/// A source may lose one in so many of its entries without consent.
const SHARE: usize = 4;

/// What is removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruning {
    /// Whether entries that their sources do not name any more are removed.
    pub on: bool,
    /// Whether that goes for entries too of which nothing says what brought them.
    pub unclaimed: bool,
    /// Whether more may go than a quarter of what the sources brought.
    pub many: bool,
}

/// More would be removed than goes without consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooMany {
    /// How many entries would be removed.
    pub removed: usize,
    /// How many of the sources' entries there are.
    pub of: usize,
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { removed, of } = self;
        match (removed == of, of) {
            (true, 1) => f.write_str("the only entry of these sources would be removed"),
            (true, _) => write!(f, "all {of} entries of these sources would be removed"),
            (false, _) => write!(
                f,
                "{removed} of {of} entries of these sources would be removed, more than one in {SHARE}"
            ),
        }
    }
}

/// What is to become of an entry that no item names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is named, in a form that no entry can be made of.
    LeftOut,
    /// Nothing says what brought it.
    Unclaimed,
    /// Only other sources brought it.
    OfOthers,
    /// These sources brought it, and so did those.
    StillNamedBy(BTreeSet<String>),
    /// Nothing names it any more.
    NotFound,
}

pub(super) fn fate(input: &AdoptInput<'_>, skipped: &[Skipped], entry: &RegistryEntry) -> Fate {
    let is_there = |one: &&Skipped| {
        matches!(
            one.reason,
            SkipReason::Pending | SkipReason::NoArn | SkipReason::InvalidArn
        )
    };
    let mut left_out = skipped.iter().filter(is_there);
    let is_left_out = |address| left_out.any(|one| one.address.as_ref() == Some(address));
    if entry.terraform_address.as_ref().is_some_and(is_left_out) {
        return Fate::LeftOut;
    }
    if entry.sources.is_empty() {
        return Fate::Unclaimed;
    }
    if entry.sources.is_disjoint(input.sources) {
        return Fate::OfOthers;
    }
    let others: BTreeSet<String> = entry.sources.difference(input.sources).cloned().collect();
    match others.is_empty() {
        true => Fate::NotFound,
        false => Fate::StillNamedBy(others),
    }
}

/// Whether so much may go: at most one entry, or one in four of those that the sources brought
/// (and of those that nothing claims, where these may go too), and never all of them.
pub(super) fn too_many(
    input: &AdoptInput<'_>,
    not_found: usize,
    unclaimed: usize,
) -> Option<TooMany> {
    let pruning = input.pruning;
    let speaks_of = |entry: &&RegistryEntry| match entry.sources.is_empty() {
        true => pruning.unclaimed,
        false => !entry.sources.is_disjoint(input.sources),
    };
    let before = input.existing.iter().flat_map(|all| &all.resources);
    let of = before.filter(speaks_of).count();
    let removed = not_found + if pruning.unclaimed { unclaimed } else { 0 };
    let few = removed < of && removed <= (of / SHARE).max(1);
    (pruning.on && !pruning.many && removed > 0 && !few).then_some(TooMany { removed, of })
}
