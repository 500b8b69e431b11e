//! From a Terraform state to a registry, through the public interface.

#[path = "iac/exact.rs"]
mod exact;

use std::collections::BTreeSet;

use fractary::core::adopt::AdoptInput;
use fractary::core::adopt::Adoption;
use fractary::core::adopt::ArnParts;
use fractary::core::adopt::Lookup;
use fractary::core::adopt::Pruning;
use fractary::core::adopt::adopt;
use fractary::iac;
use fractary::model::environments::Environment;
use fractary::model::ids::Arn;
use fractary::model::inventory::InventoryItem;
use fractary::model::registry::Registry;

const SHOP: &[u8] = include_bytes!("data/iac/shop.tfstate");
const SHOP_V3: &[u8] = include_bytes!("data/iac/shop-v3.tfstate");
const BUILTIN: &[u8] = include_bytes!("data/iac/builtin.tfstate");

/// A catalogue of nothing: adopting a state must not need one.
struct Empty;

impl Lookup for Empty {
    fn recognise(&self, _: Option<&str>, _: &Arn) -> Option<ArnParts> {
        None
    }
}

fn environment() -> Environment {
    serde_json::from_value(serde_json::json!({
        "name": "test", "account_id": "123456789012", "region": "eu-west-1"
    }))
    .expect("an environment")
}

fn adopted(items: &[InventoryItem], existing: Option<&Registry>, at: &str) -> Adoption {
    adopt(&AdoptInput {
        items,
        existing,
        environment: &environment(),
        project: Some("shop"),
        lookup: &Empty,
        sources: &BTreeSet::new(),
        pruning: Pruning::default(),
        now: at.parse().expect("a time"),
    })
}

fn items(bytes: &[u8]) -> Vec<InventoryItem> {
    iac::read(bytes).expect("a state").into_items()
}

#[test]
fn a_state_becomes_a_registry() {
    let adoption = adopted(&items(SHOP), None, "2026-11-21T08:00:00Z");
    let json = serde_json::to_string_pretty(&adoption.registry).expect("JSON");
    assert!(!json.contains("planted"));
    insta::assert_snapshot!("registry", json);
    let summary = serde_json::to_string_pretty(&adoption.summary()).expect("JSON");
    insta::assert_snapshot!("summary", summary);
}

#[test]
fn adopting_again_changes_nothing() {
    let first = adopted(&items(SHOP), None, "2026-11-21T08:00:00Z").registry;
    let stored = serde_json::to_string(&first).expect("JSON");
    let read: Registry = serde_json::from_str(&stored).expect("a registry");
    let again = adopted(&items(SHOP), Some(&read), "2026-11-22T08:00:00Z");
    assert!(!again.changed());
    assert_eq!(again.registry, read);
}

#[test]
fn an_old_state_becomes_a_registry() {
    let registry = adopted(&items(SHOP_V3), None, "2026-11-21T08:00:00Z").registry;
    let listed: Vec<String> = registry
        .resources
        .iter()
        .map(|e| format!("{} <- {}", e.arn, e.depends_on.join(", ")))
        .collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[test]
fn a_state_without_aws_gives_an_empty_registry() {
    let adoption = adopted(&items(BUILTIN), None, "2026-11-21T08:00:00Z");
    assert!(adoption.registry.resources.is_empty());
    assert_eq!(adoption.skipped.len(), 7);
    assert!(!adoption.changed());
}
