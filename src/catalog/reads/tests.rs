//! The tables as a whole. `tests/emulator/reads.rs` holds them against AWS's own models.

use super::*;
use crate::catalog::Catalog;
use crate::catalog::actions::Actions;
use crate::catalog::configuration::Shapes;
use crate::expr::{Schema, Type};

#[test]
fn every_file_makes_sense() {
    let faults: Vec<String> = match Reads::read() {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(faults, Vec::<String>::new());
}

/// What of `ours` is not as `theirs` has it.
fn differences(at: &str, ours: &Schema, theirs: &Schema, found: &mut Vec<String>) {
    for (name, of) in ours {
        let at = format!("{at}.{name}");
        match theirs.get(name) {
            None => found.push(format!("{at} is not a fact")),
            Some(other) => compare(&at, of, other, found),
        }
    }
}

fn compare(at: &str, ours: &Type, theirs: &Type, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Type::Record(ours), Type::Record(theirs)) => differences(at, ours, theirs, found),
        (Type::List(ours), Type::List(theirs)) | (Type::Map(ours), Type::Map(theirs)) => {
            compare(at, ours, theirs, found);
        }
        (ours, theirs) if ours == theirs || *theirs == Type::Any => {}
        (ours, theirs) => found.push(format!("{at} is {ours:?}, not {theirs:?}")),
    }
}

#[test]
fn facts_have_the_names_and_types_that_checks_ask_for() {
    let mut found = Vec::new();
    for of in Reads::built_in().types() {
        match Shapes::built_in().get(&of.id) {
            Some(shape) => differences(&of.id, &of.schema(), &shape.facts, &mut found),
            None => found.push(format!("{} is not a type", of.id)),
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_condition_compares_a_value_or_asks_whether_there_is_one() {
    let value = serde_json::json!({ "Key": "kms", "All": ["a"] });
    for (text, wanted) in [
        ("Key is kms|aes", true),
        ("Key is aes", false),
        ("Key is not aes", true),
        ("Gone is not aes", true),
        ("Key is not none", true),
        ("Key is none", false),
        ("Gone is not none", false),
        ("Gone is none", true),
        ("All[0] is not none", true),
        ("All[1] is not none", false),
    ] {
        let condition = path::Condition::parse(text).expect("a condition");
        let values = condition.path.select(&value);
        assert_eq!(condition.holds(&values, &|_| None), wanted, "{text}");
    }
}

#[test]
fn nothing_but_reading_is_in_the_table() {
    for service in Reads::built_in().services() {
        for (name, operation) in &service.operations {
            assert!(service::is_harmless_read(&service.prefix, name), "{name}");
            let action = service.action(name);
            let (prefix, verb) = action.split_once(':').expect("an action");
            let reads = ["Describe", "Generate", "Get", "List", "Lookup", "GET"];
            assert!(
                reads.iter().any(|start| verb.starts_with(start)),
                "{action}"
            );
            assert!(!prefix.is_empty());
            // Those that are sent by POST are asked with a body, and read all the same.
            let (method, path) = operation.method_and_path();
            let asks = [
                "/",
                "/2021-01-01/opensearch/domain-info",
                "/getAlternateContact",
                "/standards/get",
                "/findings",
            ];
            assert!(
                ["GET", "HEAD"].contains(&method) || asks.contains(&path),
                "{name}: {method} {path}"
            );
        }
    }
    let changes = [
        ("s3", "PutBucketPolicy"),
        ("iam", "CreateUser"),
        ("iam", "GenerateOrganizationsAccessReport"),
        ("ec2", "GetPasswordData"),
        ("secretsmanager", "GetSecretValue"),
        ("s3", "GetObject"),
    ];
    for (prefix, name) in changes {
        assert!(!service::is_harmless_read(prefix, name), "{name}");
    }
}

#[test]
fn every_operation_is_used() {
    let reads = Reads::built_in();
    let mut used = reads.operations(reads.types());
    let actions = Actions::built_in().iter();
    used.extend(
        actions
            .flat_map(|one| one.read_operations())
            .map(str::to_owned),
    );
    // For regions, changes and unused permissions, which are not read for types of resources.
    let always = [
        "cloudtrail:LookupEvents",
        "ec2:DescribeRegions",
        "iam:GenerateServiceLastAccessedDetails",
        "iam:GetServiceLastAccessedDetails",
    ];
    let catalog = Catalog::built_in().expect("the catalogue");
    let of_kinds = catalog.kinds().filter_map(|kind| kind.status.as_ref());
    let of_kinds: BTreeSet<&String> = of_kinds.flat_map(|status| &status.operations).collect();
    let clues = catalog.kinds().flat_map(|kind| &kind.clues);
    used.extend(clues.flat_map(|one| one.operations()).map(str::to_owned));
    let unused: Vec<String> = reads
        .services()
        .flat_map(|service| {
            let names = service.operations.keys();
            names.map(|name| format!("{}:{name}", service.prefix))
        })
        .filter(|name| !used.contains(name) && !always.contains(&name.as_str()))
        .filter(|name| !of_kinds.contains(name))
        .collect();
    assert_eq!(unused, Vec::<String>::new());
}
