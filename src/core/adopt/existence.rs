//! Whether what the tagging service lists is there. It lists deleted resources for hours, and
//! their own service knows better.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::model::fact::{Fact, Gap, GapCause};
use crate::model::ids::Arn;
use crate::model::inventory::{Doubt, InventoryItem};
use crate::model::snapshot::{Observed, Snapshot};

/// Doubts about the resources of an observation of their states; and of so many it is not known
/// whether they are there, with the first reason.
pub fn doubts(
    catalog: &Catalog,
    snapshot: &Snapshot,
) -> (BTreeMap<Arn, Doubt>, Option<(Gap, usize)>) {
    let mut doubts = BTreeMap::new();
    let mut unseen: Option<(Gap, usize)> = None;
    for observed in &snapshot.resources {
        let arn = observed.resource.arn.clone();
        match &observed.state {
            Fact::Known(_) => {}
            Fact::Absent => drop(doubts.insert(arn, Doubt::Gone)),
            Fact::Unreadable(id) => {
                let Some(gap) = snapshot.gap(*id) else {
                    continue;
                };
                if let Some(doubt) = unusable(catalog, observed, gap) {
                    doubts.insert(arn, doubt);
                } else if let Some((_, count)) = &mut unseen {
                    *count += 1;
                } else {
                    unseen = Some((gap.clone(), 1));
                }
            }
        }
    }
    (doubts, unseen)
}

/// A resource that lacks what every question about it needs (a service without its cluster).
fn unusable(catalog: &Catalog, observed: &Observed, gap: &Gap) -> Option<Doubt> {
    let kind = catalog.kind(observed.resource.kind.as_ref()?)?;
    let missing = kind.dimensions_for(&observed.resource).err()?;
    let is_ours = gap.cause == GapCause::NotAsked;
    is_ours.then(|| Doubt::Unusable(missing.to_string().into()))
}

/// The doubt about an item: its own, or that about what it is a part of.
pub fn doubt_of(item: &InventoryItem, doubts: &BTreeMap<Arn, Doubt>) -> Option<Doubt> {
    let arn = item.arn.as_ref()?.raw();
    let is_part = |whole: &Arn| {
        let rest = arn.strip_prefix(whole.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = doubts.iter().find(|(whole, _)| is_part(whole));
    found.map(|(_, doubt)| doubt.clone())
}
