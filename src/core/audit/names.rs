//! What expressions of checks may ask about, as facts: `resource`, `derived`, `account`,
//! `region`, `environment`, `item`.

use std::collections::BTreeMap;

use crate::catalog::configuration::Shapes;
use crate::core::known::{Obstacle, Obstacles};
use crate::expr::{Cause, Unknown};
use crate::model::fact::{Fact, GapId, Value};

use super::derived::{DerivedFact, DerivedFacts};
use super::facts::FactView;

/// Numbers for obstacles. An expression knows gaps alone; what several gaps hide, and what
/// nobody asked, gets numbers behind theirs.
#[derive(Debug)]
pub(super) struct ObstacleIds {
    first: u32,
    all: Vec<Obstacles>,
    ids: BTreeMap<Obstacles, GapId>,
}

impl ObstacleIds {
    /// Begins behind so many gaps.
    pub(super) fn new(gaps: usize) -> Self {
        Self {
            first: u32::try_from(gaps).unwrap_or(u32::MAX),
            all: Vec::new(),
            ids: BTreeMap::new(),
        }
    }

    fn id(&mut self, obstacles: Obstacles) -> GapId {
        if let (1, Some(Obstacle::Gap(gap))) = (obstacles.len(), obstacles.first()) {
            return *gap;
        }
        if let Some(id) = self.ids.get(&obstacles) {
            return *id;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let id = GapId(self.first.saturating_add(place));
        self.all.push(obstacles.clone());
        self.ids.insert(obstacles, id);
        id
    }

    /// Returns what stands in the way where an expression has no value.
    pub(super) fn resolve(&self, unknown: &Unknown) -> Obstacles {
        let mut out = Obstacles::new();
        for cause in unknown.causes() {
            match cause {
                Cause::Gap(gap) => match gap.0.checked_sub(self.first) {
                    Some(place) => {
                        let found = self.all.get(place as usize);
                        out.extend(found.into_iter().flatten().cloned());
                    }
                    None => drop(out.insert(Obstacle::Gap(*gap))),
                },
                Cause::NotAsked(name) => drop(out.insert(Obstacle::NotRead(name.clone()))),
                other => drop(out.insert(Obstacle::Unclear(other.to_string()))),
            }
        }
        out
    }
}

/// The facts of a resource, as a map; facts that nobody read are unreadable in it.
pub(super) fn of_resource(view: FactView<'_>, ids: &mut ObstacleIds) -> Fact {
    let mut entries: Vec<(String, Fact)> = Vec::new();
    if let Some(shape) = view.shape {
        for name in shape.facts.keys() {
            let fact = match view.resource.fact(name) {
                Some(fact) => shape.with_default(name, fact.clone()),
                None => not_read(&view.resource.resource_type, name, ids),
            };
            entries.push((name.clone(), fact));
        }
    }
    Fact::Known(Value::map(entries))
}

/// The facts of settings that were not read at all.
pub(super) fn of_nothing(resource_type: &str, ids: &mut ObstacleIds) -> Fact {
    let shape = Shapes::built_in().get(resource_type);
    let names = shape.iter().flat_map(|shape| shape.facts.keys());
    let entries = names.map(|name| (name.clone(), not_read(resource_type, name, ids)));
    let entries: Vec<_> = entries.collect();
    Fact::Known(Value::map(entries))
}

fn not_read(of: &str, name: &str, ids: &mut ObstacleIds) -> Fact {
    let obstacle = Obstacle::NotRead(format!("{of}.{name}"));
    Fact::Unreadable(ids.id(Obstacles::from([obstacle])))
}

/// Derived facts, as a map.
pub(super) fn of_derived(facts: &DerivedFacts, ids: &mut ObstacleIds) -> Fact {
    let entries = facts.iter().map(|(name, fact)| {
        let fact = match fact {
            DerivedFact::Value(Some(value)) => Fact::Known(value.clone()),
            DerivedFact::Value(None) => Fact::Absent,
            DerivedFact::Unknown(obstacles) => Fact::Unreadable(ids.id(obstacles.clone())),
            DerivedFact::Places(places, hidden) => {
                let items: Vec<Fact> = places.iter().map(|one| one.to_value().into()).collect();
                places_fact(items, hidden, ids)
            }
        };
        ((*name).to_owned(), fact)
    });
    let entries: Vec<_> = entries.collect();
    Fact::Known(Value::map(entries))
}

fn places_fact(items: Vec<Fact>, hidden: &Obstacles, ids: &mut ObstacleIds) -> Fact {
    let mut items = items;
    if !hidden.is_empty() {
        // What is hidden may be one more.
        items.push(Fact::Unreadable(ids.id(hidden.clone())));
    }
    Fact::Known(Value::list(items))
}
