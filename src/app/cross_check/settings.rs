//! Settings of monitoring.toml, helm.toml and aws-credentials.json that mean nothing beside the
//! others.

use std::collections::BTreeSet;

use super::Found;
use crate::core::window::{LONGEST_SECONDS, WindowSettings};
use crate::model::monitoring::{DurationText, EnabledCheck, Monitoring};
use crate::state::State;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::{key, with_known_names};

/// The profile that is for no environment.
const DISCOVER: &str = "discover_deploy";

pub(super) fn check(state: &State, found: &mut Found) {
    if !state.monitoring.derived {
        let mut out = Vec::new();
        let value = &state.monitoring.value;
        checks(value, &mut out);
        spans(value, &mut out);
        runs(value, &mut out);
        escalation(state, &mut out);
        dependencies(state, &mut out);
        let path = &state.monitoring.path;
        found.extend(out.into_iter().map(|one| (path.clone(), one)));
    }
    profiles(state, found);
}

fn warning(path: &[&str], code: &'static str, message: impl Into<String>) -> Problem {
    let path: Vec<PathStep> = path.iter().map(|name| key(name)).collect();
    Problem::warning(&path, code, message)
}

/// What is checked at all.
fn checks(value: &Monitoring, out: &mut Vec<Problem>) {
    let at = ["monitoring", "enabled_checks"];
    match value.monitoring.enabled_checks.as_deref() {
        Some([]) => out.push(
            warning(&at, "state/nothing-checked", "nothing is checked")
                .expecting("every check is switched off")
                .help("remove this key: status, metrics and alarms are checked then"),
        ),
        Some(checks) if checks.contains(&EnabledCheck::CostAnomalies) => out.push(
            warning(
                &at,
                "state/no-effect",
                "`cost_anomalies` has no effect yet: `fractary audit --type cost` finds spikes",
            )
            .help("take it out of the list, or leave it for a version that does"),
        ),
        _ => {}
    }
    if value
        .helm_cloud
        .environments
        .as_ref()
        .is_some_and(Vec::is_empty)
    {
        let at = ["helm-cloud", "environments"];
        out.push(
            warning(&at, "state/nothing-checked", "no environment is monitored")
                .expecting("the list is empty")
                .help("name environments, or remove this key to monitor all"),
        );
    }
}

/// Spans that are moved to what CloudWatch has.
fn spans(value: &Monitoring, out: &mut Vec<Problem>) {
    let section = &value.monitoring;
    let used = WindowSettings::resolve(value);
    let moved = |name: &'static str, written: Option<DurationText>, seconds: u64| {
        let written = written.filter(|text| text.seconds != seconds)?;
        let used = DurationText::seconds(seconds);
        let message = format!("`{name}` of {written} is not possible: {used} is used");
        let problem = warning(&["monitoring", name], "state/moved-span", message);
        Some(match name {
            "period" => problem.expecting("expected whole minutes from `1m` to `1h`"),
            _ => problem.expecting("expected at most `1d`"),
        })
    };
    let seconds = |value: i64| u64::try_from(value).unwrap_or(0);
    let longest = seconds(LONGEST_SECONDS);
    let too_long = |text: &DurationText| text.seconds > longest;
    out.extend(moved("period", section.period, used.period_seconds.into()));
    let window = section.window.filter(too_long);
    out.extend(moved("window", window, longest));
    out.extend(moved("settle", section.settle.filter(too_long), longest));
    let interval = section.health_check_interval;
    if interval.is_some_and(|interval| interval.seconds == 0) {
        let at = ["monitoring", "health_check_interval"];
        out.push(
            warning(&at, "state/moved-span", "a schedule cannot run every 0 s")
                .expecting("expected the time between two runs")
                .help("for instance `15m`: older states are shown as UNKNOWN after three of them and the heartbeat"),
        );
    }
}

fn runs(value: &Monitoring, out: &mut Vec<Problem>) {
    let section = &value.monitoring;
    for (name, runs) in [
        ("open_after", section.open_after),
        ("resolve_after", section.resolve_after),
    ] {
        if runs == Some(0) {
            let at = ["monitoring", name];
            let problem = warning(&at, "state/moved-span", "0 runs decide nothing: 1 is used");
            out.push(problem.expecting("expected a number from 1"));
        }
    }
}

/// What `[escalation]` names has to be there.
fn escalation(state: &State, out: &mut Vec<Problem>) {
    let section = &state.monitoring.value.escalation;
    let helm = state.helm.as_ref().map(|document| &document.value);
    let channels: BTreeSet<&str> = helm
        .iter()
        .flat_map(|helm| helm.channels.keys().map(String::as_str))
        .collect();
    if section.auto_escalate_on.is_empty() && !section.channels.is_empty() {
        let problem = warning(
            &["escalation", "channels"],
            "state/no-effect",
            "without `auto_escalate_on` nothing escalates by itself, and no channel is notified",
        );
        out.push(
            problem
                .on_key()
                .expecting("has no effect")
                .help("add `auto_escalate_on = [\"CRITICAL\"]`"),
        );
    }
    for (index, name) in section.channels.iter().enumerate() {
        if channels.contains(name.as_str()) {
            continue;
        }
        let path = [key("escalation"), key("channels"), PathStep::Index(index)];
        let message = format!("helm.toml defines no channel {}", explain::quote(name));
        let problem = Problem::warning(&path, "state/unknown-channel", message);
        out.push(problem.did_you_mean(name, channels.iter().copied(), |problem| {
            problem.expecting("no one is notified there").help(format!(
                "add `[channels.{name}]` with a `type` to helm.toml; until then the work item alone is made"
            ))
        }));
    }
}

/// `[dependencies]` names resources.
fn dependencies(state: &State, out: &mut Vec<Problem>) {
    let dependencies = &state.monitoring.value.dependencies;
    if dependencies.is_empty() {
        return;
    }
    let entries = state.registries.values();
    let entries = entries.flat_map(|document| &document.value.resources);
    let names: BTreeSet<&str> = entries
        .flat_map(|entry| {
            let name = entry.name.as_ref().map(|text| text.raw());
            [Some(entry.arn.as_str()), Some(entry.aws_id.raw()), name]
        })
        .flatten()
        .collect();
    let mut unknown = |path: &[PathStep], name: &str, on_key: bool| {
        if names.contains(name) {
            return;
        }
        let message = format!("no registry has a resource {}", explain::quote(name));
        let mut problem = Problem::warning(path, "state/unknown-resource", message);
        problem.on_key = on_key;
        out.push(
            problem.did_you_mean(name, names.iter().copied(), |problem| {
                problem
                    .expecting("expected a name, id or ARN of an entry of registry.json")
                    .help("`fractary adopt` records what is deployed")
            }),
        );
    };
    for (name, needs) in dependencies {
        unknown(&[key("dependencies"), key(name)], name, true);
        for (index, need) in needs.iter().enumerate() {
            let path = [key("dependencies"), key(name), PathStep::Index(index)];
            unknown(&path, need, false);
        }
    }
}

/// A profile is for an environment.
fn profiles(state: &State, found: &mut Found) {
    let (Some(credentials), Some(environments)) = (&state.credentials, &state.environments) else {
        return;
    };
    let known = || {
        environments
            .value
            .environments
            .keys()
            .map(|name| name.as_str())
    };
    for name in credentials.value.aws.profiles.keys() {
        if name == DISCOVER || known().any(|known| known == name) {
            continue;
        }
        let path = [key("aws"), key("profiles"), key(name)];
        let message = format!(
            "the environment {} is not defined, so this profile is not used",
            explain::quote(name)
        );
        let problem = Problem::warning(&path, "state/unknown-environment", message).on_key();
        let names: Vec<&str> = known().collect();
        let problem = with_known_names(problem, name, names.iter().copied());
        found.push((credentials.path.clone(), problem));
    }
}
