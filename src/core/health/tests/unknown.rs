//! Unknown is never healthy.

use proptest::prelude::*;

use super::world::{World, catalog, describe, judge};
use crate::catalog::kinds::compile::{CompiledKind, Programs};
use crate::catalog::kinds::example::KindExample;
use crate::catalog::kinds::kind::Kind;
use crate::catalog::kinds::states::{Meaning, StateRow, WINDOW_END};
use crate::core::health::{examples, state_cases};
use crate::model::fact::{Fact, GapId, Value};
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

/// Everything of a kind that a run may fail to read, as examples name it: each fact and metric of
/// an example, and the groups of them.
fn readable(kind: &Kind) -> Vec<String> {
    let facts = kind.status.iter().flat_map(|status| status.facts.keys());
    let metrics = kind.metrics.iter().map(|metric| metric.id.clone());
    let groups = kind.status.iter().map(|_| "state".to_owned());
    let groups = groups.chain(["metrics", "alarms"].map(str::to_owned));
    facts
        .map(|name| name.as_str().to_owned())
        .chain(metrics)
        .chain(groups)
        .collect()
}

/// Metrics that nothing is made of: whether they can be read changes nothing.
fn is_decoration(kind: &Kind, programs: &Programs, name: &str) -> bool {
    let formulas = programs
        .slis
        .iter()
        .zip(&kind.slis)
        .filter(|(_, sli)| sli.target.is_some())
        .flat_map(|(one, _)| [Some(&one.value), one.total.as_ref(), one.bad.as_ref()])
        .flatten();
    let is_used = formulas
        .flat_map(|formula| formula.names())
        .any(|used| kind.metric(name).is_some_and(|it| it.count(used).is_some()));
    kind.metric(name).is_some() && !is_used && kind.idle_metric.as_deref() != Some(name)
}

/// The examples of a kind and the cases of its states that are HEALTHY.
fn healthy(compiled: &CompiledKind) -> Vec<KindExample> {
    let examples = compiled.kind.example.iter().cloned();
    let rows = compiled.kind.states().map_or(&[][..], |table| table.rows);
    let cases = rows
        .iter()
        .flat_map(|row| state_cases::examples_of(&compiled.kind, row));
    let all = examples.chain(cases);
    all.filter(|example| example.status == Status::Healthy)
        .collect()
}

/// The row of the state in which an example is.
fn row<'a>(compiled: &'a CompiledKind, example: &KindExample) -> Option<&'a StateRow> {
    let window_end = 1_767_225_900.0;
    let lookup = |name: &str| match (name, example.given.get(name)) {
        (WINDOW_END, _) => Some(Fact::Known(Value::Number(window_end))),
        (_, Some(given)) => Some(Fact::Known(given.into())),
        (_, None) => Some(Fact::Absent),
    };
    let found = compiled
        .kind
        .states()?
        .find(&compiled.programs.states, lookup);
    found.ok()?.map(|(_, row)| row)
}

/// Every kind with each fact unreadable: one by one, and all at once.
#[test]
fn whatever_cannot_be_read_is_never_healthy() {
    for compiled in catalog().registry().iter() {
        let (kind, programs) = (&compiled.kind, &compiled.programs);
        let names = readable(kind);
        let names: Vec<&String> = names
            .iter()
            .filter(|name| !is_decoration(kind, programs, name))
            .collect();
        assert!(!names.is_empty());
        for example in healthy(compiled) {
            // Where AWS has no metrics, that they cannot be read hides nothing.
            let is_measured = row(compiled, &example).is_none_or(|row| row.measured);
            let is_metric = |name: &str| kind.metric(name).is_some() || name == "metrics";
            let counts = |name: &&&String| is_measured || !is_metric(name);
            let alone = names.iter().filter(counts);
            let alone = alone.map(|name| vec![(*name).clone()]);
            let together = names.iter().map(|name| (*name).clone()).collect();
            for hidden in alone.chain([together]) {
                let mut example = example.clone();
                let is_hidden = |name: &String| {
                    let of_group = is_metric(name) && hidden.iter().any(|one| one == "metrics");
                    hidden.contains(name) || of_group
                };
                example.given.retain(|name, _| !is_hidden(name));
                example.unreadable = hidden.clone();
                let health = examples::judge(catalog(), compiled, &example);
                assert!(
                    health.status > Status::Healthy && !health.idle,
                    "{}, `{}` without {hidden:?}: {}",
                    kind.id,
                    example.name,
                    describe(&health)
                );
            }
        }
    }
}

/// No kind is left whose states nobody wrote down.
#[test]
fn every_kind_has_a_table_of_states() {
    for kind in catalog().kinds() {
        let table = kind.states();
        assert!(table.is_some(), "{}", kind.id);
        let has = |means: Meaning| table.is_some_and(|it| it.rows.iter().any(|r| r.means == means));
        assert!(has(Meaning::Healthy), "{}", kind.id);
    }
}
