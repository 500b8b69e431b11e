//! The checks that are built in, against their own examples.

use crate::catalog::checks::Check;
use crate::catalog::registry::{DataError, Registry, Whose};

use super::*;

fn built_in() -> Registry<Check> {
    let shown = |faults: Vec<DataError>| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("\n{}\n", lines.join("\n"))
    };
    Registry::load(&[]).unwrap_or_else(shown)
}

fn refuse(faults: &[DataError]) {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn every_check_shows_a_pass_a_failure_and_the_unknown() {
    refuse(&built_in().missing_examples());
}

#[test]
fn examples_come_out_as_their_files_say() {
    refuse(&examples::run(&built_in(), Whose::Everyones));
}
