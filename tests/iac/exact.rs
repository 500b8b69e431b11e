//! Whether states and plans are read exactly, against what is known of each.
//!
//! Over the files in `tests/data`, and over others by argument:
//!
//! ```text
//! FRACTARY_STATES=DIR        DIR/<name>/terraform.tfstate beside results.golden.json
//!                            (`[{"Type": …, "Id": …}]`, as the tests of driftctl have it)
//! FRACTARY_PLANS=INDEX.csv   columns id, kind, resource_changes, create, update, delete, replace,
//!                            noop and read; the files are plans/<id>.json beside it
//! cargo test --test iac exact -- --nocapture
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fractary::iac;
use fractary::model::plan::PlanCounts;
use serde_json::Value;

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

/// Type and id.
type Known = (String, String);

#[test]
fn states_name_exactly_what_is_in_them() {
    let own = ["shop", "shop-v3", "builtin"].map(|name| {
        let at = Path::new(OWN).join("iac");
        (
            at.join(format!("{name}.tfstate")),
            at.join("golden").join(format!("{name}.json")),
        )
    });
    for (state, golden) in &own {
        assert_eq!(named(state), known(golden), "{}", state.display());
    }
    let Some(others) = given("FRACTARY_STATES") else {
        return;
    };
    let (mut exact, mut resources, mut without, mut wrong) = (0, 0, 0, Vec::new());
    for folder in entries(Path::new(&others)) {
        let (state, golden) = (
            folder.join("terraform.tfstate"),
            folder.join("results.golden.json"),
        );
        let mut named = named(&state);
        if !golden.is_file() {
            without += 1;
            continue;
        }
        let known = known(&golden);
        // Whoever wrote it down knew some providers, and left out what is of others.
        let of_known = |kind: &str| known.iter().any(|one| provider(&one.0) == provider(kind));
        named.retain(|one| known.is_empty() || of_known(&one.0));
        match named == known {
            true => exact += 1,
            false => wrong.push(state.display().to_string()),
        }
        resources += named.len();
    }
    println!(
        "{exact} states exact, {resources} resources; {without} read that nothing is known of"
    );
    assert!(wrong.is_empty(), "not exact: {wrong:#?}");
}

#[test]
fn plans_count_exactly_what_is_in_them() {
    check_index(&Path::new(OWN).join("review/plans.csv"));
    if let Some(index) = given("FRACTARY_PLANS") {
        let (plans, states) = check_index(Path::new(&index));
        println!("{plans} plans and {states} shown states exact");
    }
}

/// What a variable names, for files that are not of this repository.
fn given(variable: &str) -> Option<String> {
    let mut all = std::env::vars();
    all.find_map(|(name, value)| (name == variable).then_some(value))
}

/// Checks each row of an index. Returns how many plans and how many states it has.
fn check_index(index: &Path) -> (usize, usize) {
    let text = fs::read_to_string(index).expect("an index");
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().expect("a head").split(',').collect();
    let folder = index.with_file_name("plans");
    let (mut plans, mut states) = (0, 0);
    for line in lines {
        let row: BTreeMap<&str, &str> = head.iter().copied().zip(line.split(',')).collect();
        let bytes = fs::read(folder.join(format!("{}.json", row["id"]))).expect("a file");
        let inventory = iac::read(&bytes).expect(row["id"]);
        if row["kind"] == "state" {
            let everything = inventory.resources.len() + inventory.data_sources;
            let known = number(&row, "planned_or_state_resources");
            assert_eq!(everything, known, "{}", row["id"]);
            states += 1;
            continue;
        }
        let text = iac::plan::decode(&bytes).expect(row["id"]);
        let plan = iac::plan::read(&text).expect(row["id"]);
        let counts = PlanCounts::new(&plan);
        let read = BTreeMap::from([
            ("resource_changes", plan.changes.len()),
            ("create", counts.create),
            ("update", counts.update),
            ("delete", counts.delete),
            ("replace", counts.replace),
            ("noop", counts.no_op),
            ("read", counts.read),
        ]);
        let known: BTreeMap<&str, usize> =
            read.keys().map(|key| (*key, number(&row, key))).collect();
        assert_eq!(read, known, "{}", row["id"]);
        plans += 1;
    }
    assert!(plans > 0, "no plan in {}", index.display());
    (plans, states)
}

fn number(row: &BTreeMap<&str, &str>, key: &str) -> usize {
    row[key].parse().expect("a number")
}

/// What a state names. Ids that are secrets are not read, so they are no difference.
fn named(state: &Path) -> Vec<Known> {
    let bytes = fs::read(state).expect("a state");
    let inventory =
        iac::read(&bytes).unwrap_or_else(|error| panic!("{}: {error}", state.display()));
    let all = inventory.resources.iter().map(|one| {
        let id = one.id.as_ref().map_or("", |id| id.raw());
        (one.resource_type.clone(), id.to_owned())
    });
    sorted(all.collect())
}

fn known(golden: &Path) -> Vec<Known> {
    let text = fs::read_to_string(golden).expect("what is known");
    let all: Option<Vec<Value>> = serde_json::from_str(&text).expect("JSON");
    let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let all = all.unwrap_or_default();
    sorted(
        all.iter()
            .map(|one| (word(one, "Type"), word(one, "Id")))
            .collect(),
    )
}

/// The provider of a type.
fn provider(kind: &str) -> &str {
    kind.split('_').next().unwrap_or(kind)
}

fn sorted(mut all: Vec<Known>) -> Vec<Known> {
    all.sort();
    all
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).expect("a folder");
    let mut all: Vec<PathBuf> = all.map(|one| one.expect("an entry").path()).collect();
    all.retain(|one| one.is_dir());
    all.sort();
    all
}
