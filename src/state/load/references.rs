//! Whether documents fit together: what one names, another must define.

use std::collections::BTreeMap;

use super::State;
use crate::model::environments::Environment;
use crate::model::ids::EnvironmentName;
use crate::model::monitors::MonitorCommand;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::document::Document;
use crate::state::documents::DocumentValue;
use crate::state::documents::checks::{key, with_known_names};

/// Finds what does not fit, with the file that it is in.
pub(super) fn check(state: &State) -> Vec<(RepoPath, Problem)> {
    let Some(environments) = &state.environments else {
        return Vec::new();
    };
    let known = &environments.value.environments;
    let mut out = Vec::new();
    undefined(known, [&state.monitoring], &mut out);
    undefined(known, &state.helm, &mut out);
    undefined(known, &state.monitors, &mut out);
    undefined(known, state.registries.values(), &mut out);
    undefined(known, &state.deployments, &mut out);
    never_asked(state, &mut out);
    out
}

/// Environments that these documents name and environments.json does not define.
fn undefined<'a, T: DocumentValue + 'a>(
    known: &BTreeMap<EnvironmentName, Environment>,
    documents: impl IntoIterator<Item = &'a Document<T>>,
    out: &mut Vec<(RepoPath, Problem)>,
) {
    for document in documents.into_iter().filter(|document| !document.derived) {
        for (path, name) in document.value.environments_named() {
            if known.contains_key(name) {
                continue;
            }
            let message = format!("the environment `{name}` is not defined");
            let problem = Problem::warning(&path, "state/unknown-environment", message);
            let names = known.keys().map(EnvironmentName::as_str);
            let problem = with_known_names(problem, name.as_str(), names);
            out.push((document.path.clone(), problem));
        }
    }
}

/// Programs for the domain that fractary observes by itself: two would resolve each other's
/// issues.
fn never_asked(state: &State, out: &mut Vec<(RepoPath, Problem)>) {
    let Some(document) = &state.monitors else {
        return;
    };
    let own = state.monitoring.value.helm_cloud.domain.as_ref();
    let own = own.map_or("infrastructure", |domain| domain.as_str());
    for (index, monitor) in document.value.monitors.iter().enumerate() {
        let command = monitor.commands.get("health");
        let program = matches!(command, Some(MonitorCommand::Program(_)));
        if !program || monitor.domain.as_str() != own {
            continue;
        }
        let path = [key("monitors"), PathStep::Index(index), key("domain")];
        let message = format!("the program of the domain `{own}` is never run");
        let problem = Problem::warning(&path, "state/own-domain", message)
            .expecting("fractary observes this domain by itself")
            .help("give what the program watches a domain of its own");
        out.push((document.path.clone(), problem));
    }
}
