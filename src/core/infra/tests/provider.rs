//! Arguments and blocks against the schema of a current provider.
//!
//! `src/catalog/blueprints/tests/provider.json` was extracted by `.ci/extract-provider-schema` from
//! the schema of hashicorp/aws 6.69.1 (MPL-2.0; names and numbers only).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{blocks, directory, each_code};
use crate::hcl::{Block, Item};

const SCHEMA: &str = include_str!("../../../catalog/blueprints/tests/provider.json");

/// What Terraform takes in every resource.
const META: &[&str] = &["count", "depends_on", "for_each", "provider"];

#[derive(Deserialize)]
struct ProviderSchema {
    types: BTreeMap<String, BlockSchema>,
}

#[derive(Deserialize)]
struct BlockSchema {
    arguments: BTreeMap<String, String>,
    #[serde(default)]
    blocks: BTreeMap<String, (usize, usize, BlockSchema)>,
}

#[test]
fn the_provider_knows_every_argument() {
    let schema: ProviderSchema = serde_json::from_str(SCHEMA).expect("the fixture");
    each_code(|at, head| {
        let items = directory(head);
        for block in blocks(&items) {
            let kind = match block.kind.as_str() {
                "resource" => block.labels[0].clone(),
                "data" => format!("data.{}", block.labels[0]),
                _ => continue,
            };
            let known = schema
                .types
                .get(&kind)
                .unwrap_or_else(|| panic!("{at}: {kind}"));
            let mut faults = Vec::new();
            check(&kind, block, known, &mut faults);
            assert!(faults.is_empty(), "{at}: {}", faults.join("; "));
        }
    });
}

fn check(path: &str, block: &Block, schema: &BlockSchema, faults: &mut Vec<String>) {
    for item in &block.items {
        match item {
            Item::Attribute(name, _) if META.contains(&name.as_str()) => {}
            Item::Attribute(name, _) => match schema.arguments.get(name).map(String::as_str) {
                None => faults.push(format!("{path} has no argument {name}")),
                Some("c") => faults.push(format!("{path}: {name} cannot be given")),
                Some(_) => {}
            },
            Item::Block(inner) if inner.kind == "lifecycle" => {}
            Item::Block(inner) => match schema.blocks.get(&inner.kind) {
                None => faults.push(format!("{path} has no block {}", inner.kind)),
                Some((_, _, known)) => {
                    check(&format!("{path}.{}", inner.kind), inner, known, faults)
                }
            },
            Item::Comment(_) => {}
        }
    }
    for (name, letters) in &schema.arguments {
        if letters == "r" && block.attribute(name).is_none() {
            faults.push(format!("{path} lacks the argument {name}"));
        }
    }
    for (name, (least, most, _)) in &schema.blocks {
        let count = block.blocks().filter(|inner| inner.kind == *name).count();
        if count < *least || *most > 0 && count > *most {
            faults.push(format!("{path} has {count} blocks {name}"));
        }
    }
}

#[test]
fn a_wrong_argument_would_be_found() {
    let schema: ProviderSchema = serde_json::from_str(SCHEMA).expect("the fixture");
    let text = "bucket = \"b\"\nbukket = \"c\"\narn = \"d\"\n";
    let items = crate::hcl::parse_body(text).expect("HCL");
    let block = Block::new("resource", &["aws_s3_bucket_versioning", "b"], items);
    let mut faults = Vec::new();
    check(
        "b",
        &block,
        &schema.types["aws_s3_bucket_versioning"],
        &mut faults,
    );
    let want = [
        "b has no argument bukket",
        "b has no argument arn",
        "b has 0 blocks versioning_configuration",
    ];
    assert_eq!(faults, want);
}
