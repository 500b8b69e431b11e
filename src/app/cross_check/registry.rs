//! Entries of registries that cannot be observed as they are written.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use crate::catalog::kinds::kind::Kind;
use crate::catalog::{Catalog, Classified};
use crate::core::registry::resource;
use crate::model::environments::Environment;
use crate::model::ids::AccountId;
use crate::model::registry::{Registry, RegistryEntry};
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;

use crate::state::{Document, State};
use crate::text::similar;

pub(super) fn check(state: &State, catalog: &Catalog, found: &mut Found) {
    for (name, document) in &state.registries {
        if document.derived {
            continue;
        }
        let environments = state.environments.as_ref();
        let environment = environments.and_then(|all| all.value.environments.get(name));
        let shared = state.credentials.as_ref().map(|document| &document.value);
        let own = environment.and_then(|one| one.account_id.as_ref());
        let account = own.or(shared.and_then(|all| all.aws.account_id.as_ref()));
        let problems = problems(document, environment, account, catalog);
        found.extend(problems.into_iter().map(|one| (document.path.clone(), one)));
    }
}

fn problems(
    document: &Document<Registry>,
    environment: Option<&Environment>,
    account: Option<&AccountId>,
    catalog: &Catalog,
) -> Vec<Problem> {
    let registry = &document.value;
    let names = known_names(registry);
    let mut out = Vec::new();
    for (index, entry) in registry.resources.iter().enumerate() {
        let at = |name: &str| [key("resources"), PathStep::Index(index), key(name)];
        let kind = classified(entry, catalog, &at, &mut out);
        if let (Some(kind), Some(environment)) = (kind, environment) {
            out.extend(missing_attribute(entry, kind, environment, catalog, &at));
        }
        out.extend(dependencies(entry, index, &names));
    }
    out.extend(account.map_or_else(Vec::new, |account| other_accounts(registry, account)));
    out.extend(environment.map_or_else(Vec::new, |one| same_metrics(registry, one, catalog)));
    out
}

/// Entries that CloudWatch does not tell apart: two REST APIs of one name have one metric.
fn same_metrics(registry: &Registry, environment: &Environment, catalog: &Catalog) -> Vec<Problem> {
    let mut first: BTreeMap<_, &RegistryEntry> = BTreeMap::new();
    let mut out = Vec::new();
    for (index, entry) in registry.resources.iter().enumerate() {
        let Classified::Kind(kind, _) = catalog.classify(&entry.resource_type, &entry.arn) else {
            continue;
        };
        let resource = resource(entry, environment, catalog);
        let dimensions = kind.dimensions_for(&resource).unwrap_or_default();
        if dimensions.is_empty() {
            continue;
        }
        let region = resource.region.to_string();
        let metrics = (kind.id.to_string(), entry.arn.account(), region, dimensions);
        let Some(other) = first.get(&metrics) else {
            first.insert(metrics, entry);
            continue;
        };
        // What stands there twice has a warning of its own.
        if other.arn == entry.arn {
            continue;
        }
        let named: Vec<String> = metrics
            .3
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let message = format!(
            "CloudWatch counts this and {} as one: both have {}",
            explain::quote(other.arn.as_str()),
            explain::quote(&named.join(", "))
        );
        let path = [key("resources"), PathStep::Index(index), key("arn")];
        out.push(
            Problem::warning(&path, "state/shared-metrics", message)
                .expecting("the numbers of both are shown for each of them")
                .help(format!(
                    "{} of one region need names of their own; rename one, or keep one of the entries",
                    kind.plural
                )),
        );
    }
    out
}

/// The kind of an entry, or a warning that nothing looks at it.
fn classified<'a>(
    entry: &RegistryEntry,
    catalog: &'a Catalog,
    at: &dyn Fn(&str) -> [PathStep; 3],
    out: &mut Vec<Problem>,
) -> Option<&'a Kind> {
    let quoted = explain::quote(&entry.resource_type);
    let problem = match catalog.classify(&entry.resource_type, &entry.arn) {
        Classified::Kind(kind, _) => return Some(kind),
        Classified::OtherArn { of_type, of_arn } => {
            let message = match of_arn {
                Some(of_arn) => format!(
                    "its type says {}, its ARN says {}: it is not watched",
                    of_type.title, of_arn.title
                ),
                None => format!(
                    "its type says {}, and this is no ARN of one: it is not watched",
                    of_type.title
                ),
            };
            Problem::warning(&at("arn"), "state/arn-of-other-type", message)
                .expecting(format!("`type` is {quoted}"))
                .help(example(of_type))
        }
        Classified::Unknown => {
            let message = format!("no kind has the type {quoted}: it is not watched");
            let problem = Problem::warning(&at("type"), "state/unknown-type", message);
            let known = catalog.kinds().flat_map(|kind| {
                let names = &kind.names;
                names.terraform.iter().chain(&names.cloudformation)
            });
            // What was adopted is there, watched or not; what was typed may be a slip.
            match similar::nearest(&entry.resource_type, known.map(String::as_str)) {
                Some(meant) => problem.expecting(format!("did you mean `{meant}`?")),
                None if entry.created.is_some() => return None,
                None => problem.help("docs/kinds.md lists the types that are watched"),
            }
        }
    };
    out.push(problem);
    None
}

/// An ARN that the kind knows, as an example.
fn example(kind: &Kind) -> String {
    let all = kind.names.example.iter().filter(|example| example.fits);
    // The partition that most people are in, where the kind has an example of it.
    match all.min_by_key(|example| example.arn.partition() != "aws") {
        Some(example) => format!("its ARNs look like {}", example.arn),
        None => "correct the type or the ARN".to_owned(),
    }
}

/// What is in another account: a warning for each account, at its first entry.
fn other_accounts(registry: &Registry, account: &AccountId) -> Vec<Problem> {
    let mut by_account: BTreeMap<AccountId, Vec<usize>> = BTreeMap::new();
    for (index, entry) in registry.resources.iter().enumerate() {
        // Some ARNs, of buckets for instance, name no account.
        if let Ok(own) = AccountId::new(entry.arn.account()) {
            by_account.entry(own).or_default().push(index);
        }
    }
    by_account.remove(account);
    let each = by_account.into_iter().map(|(own, entries)| {
        let (are, they) = match entries.len() {
            1 => ("this resource is".to_owned(), "it is"),
            count => (format!("this and {} more are", count - 1), "they are"),
        };
        let message = format!("{are} in account {own}, and the environment in account {account}");
        let path = [key("resources"), PathStep::Index(entries[0]), key("arn")];
        Problem::warning(&path, "state/other-account", message)
            .expecting(format!(
                "a run sees its own account only: {they} not watched"
            ))
            .help("correct `account_id` in environments.json, or move what is elsewhere to the registry of an environment of that account")
    });
    each.collect()
}

/// What its metrics cannot be asked without.
fn missing_attribute(
    entry: &RegistryEntry,
    kind: &Kind,
    environment: &Environment,
    catalog: &Catalog,
    at: &dyn Fn(&str) -> [PathStep; 3],
) -> Option<Problem> {
    let resource = resource(entry, environment, catalog);
    let missing = kind.dimensions_for(&resource).err()?.placeholder;
    let message = format!("without `metadata.{missing}` this is UNKNOWN");
    let problem = Problem::warning(&at("arn"), "state/missing-metadata", message);
    Some(
        problem
            .expecting(format!(
                "{} need their {missing}, and this ARN does not hold it",
                kind.plural
            ))
            .help(format!(
                "add `\"metadata\": {{ \"{missing}\": \"…\" }}` to this entry"
            )),
    )
}

/// Everything by which an entry may be named.
fn known_names(registry: &Registry) -> BTreeSet<&str> {
    let each = registry.resources.iter().flat_map(|entry| {
        let address = entry.terraform_address.as_ref().map(|text| text.raw());
        let name = entry.name.as_ref().map(|text| text.raw());
        [
            Some(entry.arn.as_str()),
            Some(entry.aws_id.raw()),
            address,
            name,
        ]
    });
    each.flatten().collect()
}

fn dependencies(entry: &RegistryEntry, index: usize, names: &BTreeSet<&str>) -> Vec<Problem> {
    let unknown = entry.depends_on.iter().enumerate();
    let unknown = unknown.filter(|(_, name)| !names.contains(name.as_str()));
    unknown
        .map(|(at, name)| {
            let path = [
                key("resources"),
                PathStep::Index(index),
                key("depends_on"),
                PathStep::Index(at),
            ];
            let message = format!("no entry here is {}", explain::quote(name));
            let problem = Problem::warning(&path, "state/unknown-resource", message);
            problem.did_you_mean(name, names.iter().copied(), |problem| {
                problem
                    .expecting("expected an ARN, Terraform address, id or name of an entry")
                    .help("add that resource, or take its name out of `depends_on`")
            })
        })
        .collect()
}
