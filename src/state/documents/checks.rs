//! What a schema cannot say: that a document agrees with its place, with itself, and with
//! the other documents.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::deployments::Deployments;
use crate::model::environments::Environments;
use crate::model::history::History;
use crate::model::ids::EnvironmentName;
use crate::model::issue::{Issue, IssueStatus};
use crate::model::monitors::{DomainMonitors, MonitorCommand};
use crate::model::paths::RepoPath;
use crate::model::registry::{Registry, RegistryEntry};
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;
use crate::state::diagnostic::locate::Step;
use crate::state::diagnostic::problem::Problem;
use crate::state::diagnostic::{did_you_mean, explain};
use crate::state::load::State;

fn key(text: &str) -> Step {
    Step::Key(text.to_owned())
}

/// Name of the folder that a file lies in.
fn folder(path: &RepoPath) -> &str {
    path.as_str().rsplit('/').nth(1).unwrap_or_default()
}

pub(crate) fn environments(_: &RepoPath, value: &Environments) -> Vec<Problem> {
    let mut out = Vec::new();
    for (name, environment) in &value.environments {
        if *name != environment.name {
            let path = [key("environments"), key(name.as_str()), key("name")];
            let message = format!("environment `{name}` calls itself `{}`", environment.name);
            out.push(
                Problem::error(&path, "state/name-mismatch", message)
                    .expecting(format!("expected `{name}`, as its key says"))
                    .help("make both the same"),
            );
        }
    }
    if let Some(default) = &value.default
        && !value.environments.contains_key(default)
    {
        let message = format!("the default environment `{default}` is not defined");
        let known = value.environments.keys().map(EnvironmentName::as_str);
        let problem = Problem::error(&[key("default")], "state/unknown-environment", message);
        out.push(known_names(problem, default.as_str(), known));
    }
    out
}

fn known_names<'a>(
    problem: Problem,
    wrong: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Problem {
    let listed: Vec<String> = known.clone().map(|name| format!("`{name}`")).collect();
    let listed = listed.join(", ");
    match did_you_mean::nearest(wrong, known) {
        Some(meant) => problem
            .expecting(format!("did you mean `{meant}`?"))
            .help(format!("environments.json defines {listed}")),
        None if listed.is_empty() => problem
            .expecting("not in environments.json")
            .help("environments.json defines no environment yet; add it there"),
        None => problem
            .expecting("not in environments.json")
            .help(format!("add it there, or use one it defines: {listed}")),
    }
}

/// That a document about one environment lies in the folder of that environment.
fn place(path: &RepoPath, environment: &EnvironmentName) -> Vec<Problem> {
    let folder = folder(path);
    if environment.as_str() == folder {
        return Vec::new();
    }
    let folder = explain::quote(folder);
    vec![
        Problem::error(
            &[key("environment")],
            "state/wrong-folder",
            format!("this file is about `{environment}` but lies in the folder {folder}"),
        )
        .expecting(format!("expected {folder}, as its folder is called"))
        .help("move the file, or correct `environment`"),
    ]
}

pub(crate) fn registry(path: &RepoPath, value: &Registry) -> Vec<Problem> {
    let mut out = place(path, &value.environment);
    let mut seen: BTreeMap<&str, (usize, &RegistryEntry)> = BTreeMap::new();
    for (index, entry) in value.resources.iter().enumerate() {
        let Some((first, earlier)) = seen.get(entry.arn.as_str()) else {
            seen.insert(entry.arn.as_str(), (index, entry));
            continue;
        };
        let path = [key("resources"), Step::Index(index), key("arn")];
        let message = format!("this resource is already entry {} of the list", first + 1);
        // One API may be listed once a stage; two entries of one thing would count it twice.
        let problem =
            if earlier.resource_type == entry.resource_type && earlier.metadata == entry.metadata {
                Problem::error(&path, "state/duplicate-resource", message)
            } else {
                Problem::warning(&path, "state/duplicate-resource", message)
            };
        out.push(
            problem
                .expecting("expected an ARN that no other entry has")
                .help("remove one of the two entries"),
        );
    }
    out
}

pub(crate) fn deployments(_: &RepoPath, value: &Deployments) -> Vec<Problem> {
    let mut seen = BTreeMap::new();
    let mut out = Vec::new();
    for (index, deployment) in value.deployments.iter().enumerate() {
        if let Some(first) = seen.insert(deployment.id.as_str(), index) {
            let path = [key("deployments"), Step::Index(index), key("id")];
            let message = format!("deployment {} has this id too", first + 1);
            out.push(
                Problem::error(&path, "state/duplicate-id", message)
                    .expecting("expected an id that no other deployment has")
                    .help("give one of the two another id"),
            );
        }
    }
    out
}

pub(crate) fn monitors(_: &RepoPath, value: &DomainMonitors) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for (index, monitor) in value.monitors.iter().enumerate() {
        if !seen.insert(&monitor.domain) {
            let path = [key("monitors"), Step::Index(index), key("domain")];
            let message = format!("the domain `{}` has two monitors", monitor.domain);
            out.push(
                Problem::error(&path, "state/duplicate-id", message)
                    .expecting("expected a domain that no other monitor has")
                    .help("remove one of the two monitors"),
            );
        }
    }
    out
}

pub(crate) fn report(path: &RepoPath, value: &HealthReport) -> Vec<Problem> {
    place(path, &value.environment)
}

pub(crate) fn slo_budgets(path: &RepoPath, value: &SloBudgets) -> Vec<Problem> {
    let mut out = place(path, &value.environment);
    for (at, pair) in value.series.windows(2).enumerate() {
        if (&pair[0].arn, &pair[0].sli) >= (&pair[1].arn, &pair[1].sli) {
            let path = [key("series"), Step::Index(at + 1)];
            let message = format!(
                "the series of {} `{}` is not behind the one before it",
                pair[1].arn,
                explain::quote(&pair[1].sli)
            );
            out.push(
                Problem::error(&path, "state/order", message)
                    .expecting("series are sorted by `arn` and `sli`, each once")
                    .help("delete this file; the next run reads the past again"),
            );
        }
    }
    out
}

pub(crate) fn history(path: &RepoPath, value: &History) -> Vec<Problem> {
    place(path, &value.environment)
}

pub(crate) fn issue(path: &RepoPath, value: &Issue) -> Vec<Problem> {
    let mut out = Vec::new();
    if path.file_stem() != value.id.as_str() {
        let message = format!("issue `{}` lies in a file of another name", value.id);
        out.push(
            Problem::error(&[key("id")], "state/name-mismatch", message)
                .expecting(format!(
                    "expected {}, as its file is called",
                    explain::quote(path.file_stem())
                ))
                .help(format!("rename the file to `{}.json`", value.id)),
        );
    }
    let resolved = value.status == IssueStatus::Resolved;
    let right = if resolved { "resolved" } else { "active" };
    if folder(path) != right {
        let message = if resolved {
            "a resolved issue lies among the active ones"
        } else {
            "an open issue lies among the resolved ones"
        };
        out.push(
            Problem::error(&[key("status")], "state/wrong-folder", message)
                .expecting(format!("such issues lie in `issues/{right}/`"))
                .help(format!(
                    "move the file into `issues/{right}/`, or correct `status`"
                )),
        );
    }
    out
}

/// References to environments that environments.json does not define.
pub(crate) fn references(state: &State) -> Vec<(RepoPath, Problem)> {
    let Some(environments) = &state.environments else {
        return Vec::new();
    };
    let known = &environments.value.environments;
    let mut out = Vec::new();
    let mut never_asked = Vec::new();
    let mut refer = |file: &RepoPath, path: &[Step], name: &EnvironmentName| {
        if !known.contains_key(name) {
            let message = format!("the environment `{name}` is not defined");
            let problem = Problem::warning(path, "state/unknown-environment", message);
            let names = known.keys().map(EnvironmentName::as_str);
            out.push((file.clone(), known_names(problem, name.as_str(), names)));
        }
    };
    let document = &state.monitoring;
    if !document.derived {
        let listed = document.value.helm_cloud.environments.iter().flatten();
        for (index, name) in listed.enumerate() {
            let path = [key("helm-cloud"), key("environments"), Step::Index(index)];
            refer(&document.path, &path, name);
        }
    }
    if let Some(document) = &state.helm
        && let Some(name) = &document.value.dashboard.default_environment
    {
        let path = [key("dashboard"), key("default_environment")];
        refer(&document.path, &path, name);
    }
    if let Some(document) = &state.monitors {
        let own = state.monitoring.value.helm_cloud.domain.as_ref();
        let own = own.map_or("infrastructure", |domain| domain.as_str());
        for (index, monitor) in document.value.monitors.iter().enumerate() {
            let program = matches!(
                monitor.commands.get("health"),
                Some(MonitorCommand::Program(_))
            );
            if program && monitor.domain.as_str() == own {
                never_asked.push((document.path.clone(), own_domain(index, own)));
            }
            for (at, name) in monitor.environments.iter().enumerate() {
                let path = [
                    key("monitors"),
                    Step::Index(index),
                    key("environments"),
                    Step::Index(at),
                ];
                refer(&document.path, &path, name);
            }
        }
    }
    for document in state.registries.values().filter(|d| !d.derived) {
        refer(
            &document.path,
            &[key("environment")],
            &document.value.environment,
        );
    }
    if let Some(document) = &state.deployments {
        let mut told = BTreeSet::new();
        for (index, deployment) in document.value.deployments.iter().enumerate() {
            if told.insert(&deployment.environment) {
                let path = [key("deployments"), Step::Index(index), key("environment")];
                refer(&document.path, &path, &deployment.environment);
            }
        }
    }
    out.extend(never_asked);
    out
}

/// A program for the domain that fractary observes by itself: two would resolve each other's
/// issues.
fn own_domain(index: usize, own: &str) -> Problem {
    let path = [key("monitors"), Step::Index(index), key("domain")];
    let message = format!("the program of the domain `{own}` is never asked");
    Problem::warning(&path, "state/own-domain", message)
        .expecting("fractary observes this domain by itself")
        .help("give what the program watches a domain of its own")
}
