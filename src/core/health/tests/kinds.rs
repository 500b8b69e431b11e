//! The examples in the files of the built-in kinds.

use crate::catalog::kinds::states::GivenValue;
use crate::catalog::registry::Whose;
use crate::core::health::{examples, state_cases};

use crate::core::health::RESOURCE_STATE;
use crate::model::status::Status;

use super::world::{catalog, describe};

#[test]
fn every_kind_is_judged_as_its_file_says() {
    let mut faults = catalog().registry().missing_examples();
    faults.extend(state_cases::run(catalog(), Whose::Everyones));
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What people read of each: the files say how it is judged, and this in which words.
#[test]
fn every_kind_in_every_condition() {
    let mut out = String::new();
    for compiled in catalog().registry().iter() {
        for example in &compiled.kind.example {
            let health = examples::judge(catalog(), compiled, example);
            let (id, name) = (&compiled.kind.id, &example.name);
            out.push_str(&format!("{id}, {name}: {}\n", describe(&health)));
        }
        out.push('\n');
    }
    insta::assert_snapshot!(out);
}

/// The same of each row of the tables of states.
#[test]
fn every_kind_in_every_state() {
    let mut out = String::new();
    for compiled in catalog().registry().iter() {
        for (row, health) in state_cases::judged(catalog(), compiled) {
            let (id, means) = (&compiled.kind.id, row.means.word());
            let reasons: Vec<&str> = health.reasons.iter().map(|r| r.raw()).collect();
            let (status, state) = (health.status, health.state.raw());
            let reasons = reasons.join("; ");
            out.push_str(&format!("{id} {state}: {means}, {status}: {reasons}\n"));
        }
    }
    insta::assert_snapshot!(out);
}

/// A word that AWS may yet invent is no sign of health, whatever else is known.
#[test]
fn a_state_that_no_row_has_is_unknown() {
    for compiled in catalog().registry().iter() {
        let Some(name) = compiled.kind.states().and_then(|table| table.word) else {
            continue;
        };
        let healthy = compiled.kind.example.iter();
        for example in healthy.filter(|example| example.status == Status::Healthy) {
            let mut example = example.clone();
            let word = GivenValue::Text("on holiday".to_owned());
            example.given.insert(name.as_str().to_owned(), word);
            let health = examples::judge(catalog(), compiled, &example);
            assert!(health.status >= Status::Unknown, "{}", compiled.kind.id);
            let said = health
                .reasons
                .iter()
                .any(|r| r.raw().contains("`on holiday`"));
            assert!(said, "{:?}", health.reasons);
            assert!(health.unjudged.iter().any(|check| check == RESOURCE_STATE));
        }
    }
}
