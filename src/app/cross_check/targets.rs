//! Service levels that no kind has, that no resource is meant by, or that nothing can reach.

use super::Found;
use crate::catalog::Catalog;
use crate::catalog::kinds::kind::{Kind, SliDefinition};
use crate::core::registry::resources;
use crate::model::monitoring::{SloTable, SloTarget};
use crate::model::report::Better;
use crate::model::resource::Resource;
use crate::state::State;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::text::numbers::quantity;

pub(super) fn check(state: &State, catalog: &Catalog, found: &mut Found) {
    let document = &state.monitoring;
    if document.derived {
        return;
    }
    let mut out = Vec::new();
    for (name, table) in &document.value.slos.kinds {
        let path = [key("slos"), key(name)];
        let kinds: Vec<&Kind> = catalog
            .kinds()
            .filter(|kind| kind.id.as_str() == name || kind.slo_table() == name)
            .collect();
        if kinds.is_empty() {
            out.push(unknown_table(&path, name, catalog));
        } else {
            table_of(&path, table, &kinds, &mut out);
        }
    }
    let resources = all_resources(state, catalog);
    for (name, table) in &document.value.slos.resource {
        let path = [key("slos"), key("resource"), key(name)];
        let is_it = |one: &&Resource| one.arn.as_str() == name || one.name.raw() == name;
        let meant: Vec<&Resource> = resources.iter().filter(is_it).collect();
        if meant.is_empty() {
            out.push(unknown_resource(&path, name, &resources));
            continue;
        }
        let kinds: Vec<&Kind> = meant
            .iter()
            .filter_map(|one| catalog.kind(one.kind.as_ref()?))
            .collect();
        if kinds.is_empty() {
            let message = format!("{} is not watched", explain::quote(name));
            let problem = Problem::warning(&path, "state/unknown-resource", message);
            out.push(problem.on_key().expecting("no kind is known for its type"));
        } else {
            table_of(&path, table, &kinds, &mut out);
        }
    }
    found.extend(out.into_iter().map(|one| (document.path.clone(), one)));
}

/// The resources of all environments.
fn all_resources(state: &State, catalog: &Catalog) -> Vec<Resource> {
    let environments = state.environments.as_ref();
    let each = state.registries.iter().filter_map(|(name, registry)| {
        let environment = environments?.value.environments.get(name)?;
        Some(resources(&registry.value, environment, catalog))
    });
    each.flatten().collect()
}

fn unknown_table(path: &[PathStep], name: &str, catalog: &Catalog) -> Problem {
    let message = format!("no kind takes targets from `slos.{name}`");
    let problem = Problem::warning(path, "state/unknown-kind", message).on_key();
    let tables: Vec<&str> = catalog
        .kinds()
        .flat_map(|kind| [kind.id.as_str(), kind.slo_table()])
        .collect();
    problem.did_you_mean(name, tables.iter().copied(), |problem| {
        problem
            .expecting("has no effect")
            .help("docs/kinds.md lists the kinds; one resource is `[slos.resource.\"name\"]`")
    })
}

fn unknown_resource(path: &[PathStep], name: &str, resources: &[Resource]) -> Problem {
    let message = format!("no registry has a resource {}", explain::quote(name));
    let problem = Problem::warning(path, "state/unknown-resource", message).on_key();
    let names = resources.iter().map(|one| one.name.raw());
    problem.did_you_mean(name, names, |problem| {
        problem
            .expecting("has no effect")
            .help("write the name or the ARN that registry.json has, or remove this table")
    })
}

/// One table, which is about these kinds.
fn table_of(path: &[PathStep], table: &SloTable, kinds: &[&Kind], out: &mut Vec<Problem>) {
    for (name, target) in table {
        let path: Vec<PathStep> = path.iter().cloned().chain([key(name)]).collect();
        let Some(sli) = kinds.iter().find_map(|kind| kind.sli(name)) else {
            out.push(unknown_indicator(&path, name, kinds));
            continue;
        };
        limits(&path, target, sli, out);
        idle(&path, target, sli, out);
    }
}

fn unknown_indicator(path: &[PathStep], name: &str, kinds: &[&Kind]) -> Problem {
    let title = &kinds[0].plural;
    let message = format!("{title} have no indicator {}", explain::quote(name));
    let problem = Problem::warning(path, "state/unknown-indicator", message).on_key();
    let all = kinds.iter().flat_map(|kind| &kind.slis);
    let known: Vec<&str> = all.map(|sli| sli.id.as_str()).collect();
    problem.did_you_mean(name, known.iter().copied(), |problem| {
        problem
            .expecting("has no effect")
            .help(format!("available indicators: {}", known.join(", ")))
    })
}

/// The least and the most that an indicator can be.
fn range(sli: &SliDefinition) -> (f64, f64) {
    match sli.unit.as_str() {
        "percent" => (0.0, 100.0),
        "ratio" => (0.0, 1.0),
        _ => (0.0, f64::INFINITY),
    }
}

/// Limits that always hold or never do.
fn limits(path: &[PathStep], target: &SloTarget, sli: &SliDefinition, out: &mut Vec<Problem>) {
    let (least, most) = range(sli);
    for (field, limit) in [
        ("target", target.target),
        ("unhealthy_at", target.unhealthy_at),
    ] {
        let Some(limit) = limit else { continue };
        let never_missed = match sli.better {
            Better::Higher => limit <= least,
            // Only a share of events is never above 100 %: a CPU may be.
            Better::Lower => limit > most || (limit == most && sli.bad.is_some()),
        };
        let never_met = match sli.better {
            Better::Higher => limit > most,
            // A count, an age or a time that is to be below zero.
            Better::Lower => limit < least || (limit == least && is_time(sli)),
        };
        let why = match (field, never_missed, never_met) {
            _ if !limit.is_finite() => "is not a number that can be compared",
            ("target", true, _) => "can never be missed",
            ("target", _, true) => "can never be met",
            (_, true, _) => "can never be passed",
            (_, _, true) => "is always passed",
            _ => continue,
        };
        out.push(impossible(path, field, target, why, sli));
    }
    if let (Some(target_value), Some(limit)) = (target.target, target.unhealthy_at) {
        let before = match sli.better {
            Better::Lower => limit < target_value,
            Better::Higher => limit > target_value,
        };
        if before {
            let message = format!(
                "`unhealthy_at` is passed before the target of {} is missed",
                quantity(target_value, &sli.unit)
            );
            let at: Vec<PathStep> = path.iter().cloned().chain([key("unhealthy_at")]).collect();
            let side = match sli.better {
                Better::Lower => "above",
                Better::Higher => "below",
            };
            out.push(
                Problem::warning(&at, "state/impossible-target", message)
                    .expecting(format!("expected a number {side} the target")),
            );
        }
    }
}

fn is_time(sli: &SliDefinition) -> bool {
    matches!(sli.unit.as_str(), "milliseconds" | "seconds")
}

fn impossible(
    path: &[PathStep],
    field: &str,
    target: &SloTarget,
    why: &str,
    sli: &SliDefinition,
) -> Problem {
    let is_table = target.unhealthy_at.is_some()
        || target.objective.is_some()
        || target.window.is_some()
        || target.when_no_data.is_some();
    let mut at = path.to_vec();
    if is_table {
        at.push(key(field));
    }
    let what = match field {
        "target" => "this target",
        _ => "this limit",
    };
    let (word, unit) = match sli.better {
        Better::Lower => ("at most", &sli.unit),
        Better::Higher => ("at least", &sli.unit),
    };
    let expected = match range(sli) {
        (_, most) if most.is_finite() => format!("expected a number between 0 and {most} ({unit})"),
        _ => format!("expected a number above 0 ({unit})"),
    };
    Problem::warning(&at, "state/impossible-target", format!("{what} {why}"))
        .expecting(expected)
        .help(format!("the {} is to be {word} the target", sli.title))
}

/// Settings of error budgets, for an indicator that has none.
fn idle(path: &[PathStep], target: &SloTarget, sli: &SliDefinition, out: &mut Vec<Problem>) {
    if sli.bad.is_some() && sli.total.is_some() {
        return;
    }
    for (field, there) in [
        ("objective", target.objective.is_some()),
        ("window", target.window.is_some()),
        ("when_no_data", target.when_no_data.is_some()),
    ] {
        if there {
            let at: Vec<PathStep> = path.iter().cloned().chain([key(field)]).collect();
            let message = format!("the {} has no error budget", sli.title);
            let problem = Problem::warning(&at, "state/idle-key", message).on_key();
            out.push(
                problem
                    .expecting("has no effect")
                    .help("error budgets are for ratios of events"),
            );
        }
    }
}
