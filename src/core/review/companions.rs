//! Whose companions are whose: a resource of its own may be a part of another one, as a block of
//! public access is of a bucket.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::catalog::configuration::Shapes;
use crate::core::review::configured::Configured;
use crate::core::review::planned::PlannedResource;
use crate::model::configuration::ACCOUNT;
use crate::model::inventory::{address_steps, config_address};
use crate::model::plan::{PlannedChange, TerraformPlan};

/// Companions of one parent by the index of their kind.
#[derive(Default)]
pub(super) struct Linked<'l> {
    /// Those that belong to it.
    pub(super) sure: Vec<&'l PlannedResource<'l>>,
    /// Those of which it is not known whose they are.
    pub(super) maybe: Vec<&'l PlannedResource<'l>>,
}

pub(super) struct CompanionLinks<'l> {
    found: BTreeMap<(usize, usize), Linked<'l>>,
    /// Those of which it is not known what in the plan they belong to, if to anything, with the
    /// type of that.
    pub(super) orphans: Vec<(&'l PlannedResource<'l>, &'l str)>,
    none: Linked<'l>,
}

impl<'l> CompanionLinks<'l> {
    pub(super) fn of(&self, parent: usize, companion: usize) -> &Linked<'l> {
        self.found.get(&(parent, companion)).unwrap_or(&self.none)
    }
}

/// Finds whose companions are whose: by the value that names the parent, else by reference.
pub(super) fn link<'l>(
    parents: &'l [PlannedResource<'l>],
    companions: &'l BTreeMap<&str, Vec<PlannedResource<'l>>>,
    plan: &TerraformPlan<'_>,
    configured: &Configured<'_>,
) -> CompanionLinks<'l> {
    let shapes = Shapes::built_in();
    let mut links = CompanionLinks {
        found: BTreeMap::new(),
        orphans: Vec::new(),
        none: Linked::default(),
    };
    for (kind, list) in companions {
        let of_kind: Vec<usize> = (0..parents.len())
            .filter(|at| parents[*at].kind() == *kind)
            .collect();
        for planned in list {
            let own = planned.kind();
            let Some((_, companion)) = shapes.parent_of(own) else {
                continue;
            };
            let Some(index) = shapes.get(kind).and_then(|shape| {
                shape
                    .companions
                    .iter()
                    .position(|one| one.resource_type == own)
            }) else {
                continue;
            };
            let address = config_address(planned.change.address.raw());
            let mut references = plan.references.get(&address).cloned().unwrap_or_default();
            if let Some(by) = &companion.by {
                references.extend(configured.behind_locals(planned.change, by));
            }
            let (by, of) = (companion.by.as_deref(), companion.of.iter());
            let of: Vec<&str> = of.map(String::as_str).collect();
            let (sure, maybe) = parents_of(planned, by, &of, &of_kind, parents, &references);
            // What it opens, it opens whosever it is.
            if sure.is_empty() && *kind != ACCOUNT {
                links.orphans.push((planned, *kind));
            }
            for at in sure {
                let linked = links.found.entry((at, index)).or_default();
                linked.sure.push(planned);
            }
            for at in maybe {
                let linked = links.found.entry((at, index)).or_default();
                linked.maybe.push(planned);
            }
        }
    }
    links
}

/// The parents that a companion has, and those that it may have: by the attribute `by`, which holds
/// one of the attributes `of` of its parent, else by reference.
pub(super) fn parents_of(
    planned: &PlannedResource<'_>,
    by: Option<&str>,
    of: &[&str],
    of_kind: &[usize],
    parents: &[PlannedResource<'_>],
    references: &BTreeSet<String>,
) -> (Vec<usize>, Vec<usize>) {
    let named = by.and_then(|by| planned.values.get(by)?.as_str());
    if let Some(named) = named {
        let is_it = |at: &&usize| {
            let values = &parents[**at].values;
            of.iter()
                .any(|key| values.get(*key).and_then(Json::as_str) == Some(named))
        };
        return (of_kind.iter().filter(is_it).copied().collect(), Vec::new());
    }
    let referred: Vec<usize> = of_kind
        .iter()
        .filter(|at| references.contains(&config_address(parents[**at].change.address.raw())))
        .copied()
        .collect();
    if referred.len() <= 1 {
        let maybe = if referred.is_empty() {
            of_kind.to_vec()
        } else {
            Vec::new()
        };
        return (referred, maybe);
    }
    let keys = |change: &PlannedChange<'_>| -> Vec<String> {
        let steps = address_steps(change.address.raw());
        steps
            .iter()
            .map(|step| step.1.to_owned())
            .filter(|key| !key.is_empty())
            .collect()
    };
    let own = keys(planned.change);
    let same: Vec<usize> = referred
        .iter()
        .filter(|at| keys(parents[**at].change) == own)
        .copied()
        .collect();
    match same.len() {
        1 => (same, Vec::new()),
        _ => (Vec::new(), referred),
    }
}
