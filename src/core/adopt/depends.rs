//! Dependencies between entries, from the references between items.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::core::adopt::Draft;
use crate::model::inventory::InventoryItem;
use crate::model::inventory::address_steps;
use crate::model::inventory::config_address;

/// Types that join an API with what it calls. Terraform has the reference the other way
/// round (the integration names the API), but it is the API that needs the function.
const INTEGRATIONS: &[(&str, &str)] = &[
    ("aws_api_gateway_integration", "rest_api_id"),
    ("aws_apigatewayv2_integration", "api_id"),
];

/// An item that references can lead to.
struct Referent<'a> {
    item: &'a InventoryItem,
    /// The candidate that stands for it, `None` where it is not recorded.
    candidate: Option<usize>,
}

/// Fills in the dependencies of every candidate with addresses of other candidates. What is
/// not recorded (attachments, rules, resources of other providers) is passed through.
pub(super) fn resolve(candidates: &mut [Draft<'_>], items: &[InventoryItem]) {
    let mut recorded: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        for item in &candidate.items {
            if let Some(address) = &item.address {
                recorded.insert(address.raw(), index);
            }
        }
    }
    let mut targets: BTreeMap<String, Vec<Referent<'_>>> = BTreeMap::new();
    for item in items {
        if let Some(address) = item.address.as_ref().map(|address| address.raw()) {
            let candidate = recorded.get(address).copied();
            let target = Referent { item, candidate };
            targets
                .entry(config_address(address))
                .or_default()
                .push(target);
        }
    }
    let integrations = integrations_by_api(items);
    let found: Vec<BTreeSet<usize>> = (0..candidates.len())
        .map(|index| follow(index, &candidates[index], &integrations, &targets))
        .collect();
    for (index, on) in found.into_iter().enumerate() {
        let names = on.into_iter().filter_map(|other| {
            let address = candidates[other].entry.terraform_address.as_ref();
            // As it will be in the file, so that the two stay equal when read again.
            address.map(|address| address.redacted())
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        candidates[index].entry.depends_on = names;
    }
}

/// Integrations by the id of their API.
fn integrations_by_api(items: &[InventoryItem]) -> BTreeMap<&str, Vec<&InventoryItem>> {
    let mut by_api: BTreeMap<&str, Vec<&InventoryItem>> = BTreeMap::new();
    for item in items {
        let resource_type = item.resource_type.as_deref();
        let known = INTEGRATIONS
            .iter()
            .find(|(name, _)| Some(*name) == resource_type);
        let api = known.and_then(|(_, attribute)| item.attributes.get(*attribute));
        if let Some(api) = api {
            by_api.entry(api.raw()).or_default().push(item);
        }
    }
    by_api
}

fn follow(
    own: usize,
    candidate: &Draft<'_>,
    integrations: &BTreeMap<&str, Vec<&InventoryItem>>,
    targets: &BTreeMap<String, Vec<Referent<'_>>>,
) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&InventoryItem> = candidate.items.clone();
    let is_api = matches!(
        candidate.entry.resource_type.as_str(),
        "aws_api_gateway_rest_api" | "aws_apigatewayv2_api"
    );
    if is_api {
        let joined = integrations.get(candidate.entry.aws_id.raw());
        waiting.extend(joined.into_iter().flatten());
    }
    while let Some(item) = waiting.pop() {
        let from = item.address.as_ref().map_or("", |address| address.raw());
        for reference in &item.depends_on {
            if !seen.insert((from, reference)) {
                continue;
            }
            for target in pointed_at(from, reference, targets) {
                match target.candidate {
                    Some(index) if index != own => drop(found.insert(index)),
                    Some(_) => {}
                    None => waiting.push(target.item),
                }
            }
        }
    }
    found
}

/// The items that a reference may mean. It has no index keys of modules or resources, so
/// all instances fit; but within a module instance only those of the same instance do.
fn pointed_at<'t, 'i>(
    from: &str,
    reference: &str,
    targets: &'t BTreeMap<String, Vec<Referent<'i>>>,
) -> Vec<&'t Referent<'i>> {
    let key = config_address(reference);
    let exact = targets.get(&key).map(Vec::as_slice).unwrap_or_default();
    // Terraform 0.11 records a reference to a module's output as the whole module.
    let whole_module = exact.is_empty() && is_module(&key);
    let inside = format!("{key}.");
    let in_module = targets
        .range(inside.clone()..)
        .take_while(|(address, _)| whole_module && address.starts_with(&inside))
        .flat_map(|(_, targets)| targets);
    let all: Vec<&Referent<'_>> = exact.iter().chain(in_module).collect();
    let closeness = |target: &Referent<'_>| {
        let address = target.item.address.as_ref();
        address.map_or(0, |address| shared_steps(from, address.raw()))
    };
    let closest = all.iter().map(|target| closeness(target)).max();
    all.into_iter()
        .filter(|target| Some(closeness(target)) == closest || whole_module)
        .collect()
}

/// Whether an address names a module and nothing in it.
fn is_module(address: &str) -> bool {
    let steps = address_steps(address);
    let last_but_one = steps.len().checked_sub(2).and_then(|at| steps.get(at));
    last_but_one.is_some_and(|step| step.0 == "module")
}

/// How many leading module steps, with their keys, two addresses share.
fn shared_steps(a: &str, b: &str) -> usize {
    let (a, b) = (address_steps(a), address_steps(b));
    let modules = |steps: &[(&str, &str)]| {
        let pairs = steps.chunks(2).take_while(|pair| pair[0].0 == "module");
        pairs.count() * 2
    };
    let most = modules(&a).min(modules(&b));
    let shared = a.iter().zip(&b).take(most);
    shared.take_while(|(a, b)| a == b).count()
}
