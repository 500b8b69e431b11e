//! The examples in the files of the built-in kinds.

use crate::catalog::registry::Whose;
use crate::core::health::examples;

use super::world::{catalog, describe};

#[test]
fn every_kind_is_judged_as_its_file_says() {
    let mut faults = catalog().registry().missing_examples();
    faults.extend(examples::run(catalog(), Whose::Everyones));
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
