//! Programs that watch domains: whether there is one, and whether it is there.

use std::path::{Component, Path};

use super::Found;
use crate::core::domains;
use crate::model::ids::DomainName;
use crate::model::monitors::{
    DomainMonitor, DomainMonitors, MonitorCommand, MonitorProgram, MonitorStatus,
};
use crate::state::State;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;

/// The operation that runs.
const HEALTH: &str = "health";

/// Where programs are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Programs<'a> {
    /// The work tree; a bare repository has none.
    pub(super) root: Option<&'a Path>,
    /// `PATH`.
    pub(super) path: Option<&'a str>,
}

pub(super) fn check(state: &State, programs: &Programs<'_>, found: &mut Found) {
    let Some(document) = &state.monitors else {
        return;
    };
    let own = state.monitoring.value.helm_cloud.domain.clone();
    let own = own.or_else(|| DomainName::new("infrastructure").ok());
    let mut out = Vec::new();
    for (index, monitor) in document.value.monitors.iter().enumerate() {
        if monitor.status != MonitorStatus::Active {
            continue;
        }
        let at = [key("monitors"), PathStep::Index(index)];
        if !own
            .as_ref()
            .is_some_and(|own| domains::is_built_in(monitor, own))
        {
            commands(&at, monitor, &mut out);
        }
        for (name, command) in &monitor.commands {
            let path: Vec<PathStep> = at
                .iter()
                .cloned()
                .chain([key("commands"), key(name)])
                .collect();
            match command {
                MonitorCommand::Program(program) if name == HEALTH => {
                    out.extend(programs.problem(&path, program, monitor));
                }
                MonitorCommand::Program(_) => out.push(
                    Problem::warning(&path, "state/no-effect", format!("`{name}` has no effect yet: this version asks monitors for `health` alone"))
                        .on_key()
                        .help("keep what the program checks in `health`"),
                ),
                MonitorCommand::BuiltIn(_) => {}
            }
        }
    }
    planned(&document.value, &mut out);
    found.extend(out.into_iter().map(|one| (document.path.clone(), one)));
}

/// Domains that will have a monitor have none yet.
fn planned(document: &DomainMonitors, out: &mut Vec<Problem>) {
    for (index, planned) in document.planned_domains.iter().enumerate() {
        let at = |name: &str| [key("planned_domains"), PathStep::Index(index), key(name)];
        let mut monitors = document.monitors.iter();
        if monitors.any(|monitor| monitor.domain == planned.domain) {
            let message = format!("the domain `{}` has a monitor already", planned.domain);
            let problem = Problem::warning(&at("domain"), "state/duplicate-id", message);
            out.push(
                problem
                    .expecting("expected a domain that has none")
                    .help("remove it from `planned_domains`"),
            );
        }
        if planned.status != MonitorStatus::Planned {
            let problem = Problem::warning(
                &at("status"),
                "state/idle-key",
                "what is planned is not asked",
            );
            out.push(
                problem
                    .expecting("expected `planned`")
                    .help("add a monitor to `monitors` for a domain that is to be asked"),
            );
        }
    }
}

/// An active monitor of a domain that nothing here is built for has to have a program.
fn commands(at: &[PathStep], monitor: &DomainMonitor, out: &mut Vec<Problem>) {
    let below = |names: &[&str]| -> Vec<PathStep> {
        at.iter()
            .cloned()
            .chain(names.iter().map(|name| key(name)))
            .collect()
    };
    let help = "write `\"health\": { \"exec\": [\"./monitors/…\"] }`, or `\"status\": \"planned\"`";
    let unknown = "the domain is UNKNOWN in every run";
    match monitor.commands.get(HEALTH) {
        Some(MonitorCommand::Program(_)) => {}
        Some(MonitorCommand::BuiltIn(name)) => {
            let message = format!("{} is not built in: {unknown}", explain::quote(name));
            out.push(
                Problem::warning(
                    &below(&["commands", HEALTH]),
                    "state/unknown-command",
                    message,
                )
                .expecting("expected a program, or `/fractary-helm-cloud:health`")
                .help(help),
            );
        }
        None => {
            let message = format!("an active monitor needs the command `health`: {unknown}");
            let path = match monitor.commands.is_empty() {
                true => below(&["domain"]),
                false => below(&["commands"]),
            };
            let problem = Problem::warning(&path, "state/no-command", message);
            out.push(problem.expecting("nothing says what to run").help(help));
        }
    }
}

impl Programs<'_> {
    /// What is wrong with where a program lies.
    fn problem(
        &self,
        path: &[PathStep],
        program: &MonitorProgram,
        monitor: &DomainMonitor,
    ) -> Option<Problem> {
        let first = program.exec.first()?;
        let path: Vec<PathStep> = path
            .iter()
            .cloned()
            .chain([key("exec"), PathStep::Index(0)])
            .collect();
        let quoted = explain::quote(first);
        if first.contains("{environment}") {
            // A program for each environment: which there are is seen when they are asked.
            return None;
        }
        let first = first.replace("{domain}", monitor.domain.as_str());
        let root = self.root?;
        let warning = |code, message| Problem::warning(&path, code, message);
        if !first.contains(['/', '\\']) {
            return (!self.is_on_path(&first)).then(|| {
                warning(
                    "state/missing-program",
                    format!("no folder of PATH has a program {quoted}"),
                )
                .expecting("the domain is UNKNOWN where it is missing")
                .help("install it, or write its path from the repository's root on: `./monitors/…`")
            });
        }
        placed(&path, &first, root)
    }

    fn is_on_path(&self, name: &str) -> bool {
        let folders = self.path.unwrap_or_default();
        // Where there is no PATH, nothing is known.
        folders.is_empty()
            || folders
                .split(if cfg!(windows) { ';' } else { ':' })
                .any(|folder| {
                    let place = Path::new(folder).join(name);
                    place.is_file() || (cfg!(windows) && place.with_extension("exe").is_file())
                })
    }
}

/// What is wrong with a program that is named by its path.
fn placed(path: &[PathStep], first: &str, root: &Path) -> Option<Problem> {
    let quoted = explain::quote(first);
    let warning = |code, message| Problem::warning(path, code, message);
    let program = Path::new(first);
    if leaves(program, root) {
        return Some(
            warning(
                "state/program-outside",
                format!("{quoted} lies outside the repository"),
            )
            .expecting("what runs is not what was reviewed and committed here")
            .help("put the program, or a script that calls it, into the repository"),
        );
    }
    let place = root.join(program);
    if !place.is_file() {
        return Some(
            warning(
                "state/missing-program",
                format!("there is no program {quoted}"),
            )
            .expecting("paths begin at the repository's root")
            .help("add the file, or correct the path"),
        );
    }
    (!is_executable(&place)).then(|| {
        warning(
            "state/missing-program",
            format!("{quoted} may not be executed"),
        )
        .expecting("the file has no executable bit")
        .help(format!(
            "git update-index --chmod=+x {first}, and chmod +x {first}"
        ))
    })
}

/// Whether a path ends outside of the folder that it begins in.
fn leaves(path: &Path, root: &Path) -> bool {
    if path.is_absolute() {
        return !path.starts_with(root);
    }
    let mut depth = 0_i32;
    for part in path.components() {
        match part {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|found| found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_repository_are_found() {
        let root = Path::new("/srv/ops");
        for (path, expected) in [
            ("./monitors/app", false),
            ("monitors/../monitors/app", false),
            ("../app", true),
            ("monitors/../../app", true),
            ("/usr/bin/env", true),
            ("/srv/ops/monitors/app", false),
        ] {
            assert_eq!(leaves(Path::new(path), root), expected, "{path}");
        }
    }
}
