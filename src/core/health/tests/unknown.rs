//! Unknown is never healthy.

use proptest::prelude::*;

use super::world::{World, catalog, describe, judge};
use crate::model::fact::{Fact, GapId};
use crate::model::ids::KindId;
use crate::model::status::Status;

/// The id of every built-in kind.
fn ids() -> Vec<&'static str> {
    catalog().kinds().map(|kind| kind.id.as_str()).collect()
}

/// Names that the verdict on a kind depends on without any configuration.
fn needed(id: &str) -> Vec<String> {
    let catalog = catalog();
    let id = KindId::new(id).expect("a kind id");
    let (kind, programs) = catalog.kind_with_programs(&id).expect("a built-in kind");
    let mut names: Vec<String> = kind
        .slis
        .iter()
        .zip(&programs.slis)
        .filter(|(sli, _)| sli.target.is_some())
        .flat_map(|(_, p)| [Some(&p.value), p.total.as_ref(), p.bad.as_ref()])
        .flatten()
        .flat_map(|expression| expression.names().to_vec())
        .filter(|name| kind.metric(name).is_some() || kind.has_fact(name))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn world(id: &str, values: &[Option<f64>]) -> World {
    let mut world = World::new(id, "it");
    for (name, value) in needed(id).iter().zip(values.iter().cycle()) {
        if let Some(value) = value {
            world = world.with(&format!("{name}={value}"));
        }
    }
    world
}

/// Numbers of all sizes, the telling ones often.
fn number() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        Just(None),
        Just(Some(0.0)),
        Just(Some(1.0)),
        (0.0..100.0).prop_map(Some),
        (0.0..1e12).prop_map(Some),
    ]
}

proptest! {
    #[test]
    fn an_unreadable_fact_is_never_healthy(
        id in prop::sample::select(ids()),
        values in proptest::collection::vec(number(), 12),
        hidden in any::<prop::sample::Index>(),
    ) {
        let before = judge(world(id, &values)).status;
        let names = needed(id);
        // The state and the alarms, and then every number.
        let hidden = hidden.index(names.len() + 2);
        let mut hiding = world(id, &values);
        match hidden {
            0 => hiding.observed.state = Fact::Unreadable(GapId(0)),
            1 => hiding.observed.alarms = Fact::Unreadable(GapId(2)),
            _ => {
                let name = &names[hidden - 2];
                let observed = &mut hiding.observed;
                if let Some(metric) = observed.metrics.get_mut(name) {
                    *metric = Fact::Unreadable(GapId(1));
                } else {
                    let fact = observed.facts.get_mut(name.as_str()).expect("a fact");
                    *fact = Fact::Unreadable(GapId(3));
                }
            }
        }
        let after = judge(hiding);
        prop_assert!(after.status != Status::Healthy, "{id}: {}", describe(&after));
        prop_assert!(!after.idle);
        // What was seen to be well is not well any more; nothing gets worse than it was seen.
        prop_assert!(after.status <= before.max(Status::Unknown));
    }

    #[test]
    fn numbers_never_panic(
        id in prop::sample::select(ids()),
        values in proptest::collection::vec(proptest::option::of(any::<f64>()), 12),
    ) {
        let health = judge(world(id, &values));
        let json = serde_json::to_string(&health).expect("finite numbers");
        prop_assert!(!json.contains("null"));
    }
}
