//! Actions that kpis.toml and monitoring.toml name: whether there are such, whether their parameters
//! fit, and whether programs that are actions are defined as they can be run.

use std::collections::BTreeMap;

use super::Found;
use crate::catalog::actions::{Action, ActionProgram, Actions};
use crate::catalog::{Catalog, Classified};
use crate::model::kpi::Kpis;
use crate::model::monitoring::CustomAction;
use crate::model::paths::{Files, RepoPath};
use crate::model::playbook::Playbook;
use crate::model::registry::RegistryEntry;
use crate::state::State;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::text::similar::nearest;

/// Lists of `[remediation]` that name actions.
const LISTS: [&str; 4] = [
    "auto_remediate",
    "require_confirmation",
    "never_auto",
    "bot_merge",
];

type Custom = BTreeMap<String, CustomAction>;

pub(super) fn check(state: &State, catalog: &Catalog, files: &dyn Files, found: &mut Found) {
    let custom = &state.monitoring.value.remediation.custom;
    if !state.monitoring.derived {
        let mut out = Vec::new();
        for name in custom.keys() {
            out.extend(definition(name, custom, catalog, files));
        }
        lists(state, custom, &mut out);
        let path = &state.monitoring.path;
        found.extend(out.into_iter().map(|one| (path.clone(), one)));
    }
    if let Some(document) = &state.kpis {
        let known = KnownNames {
            state,
            catalog,
            custom,
        };
        let out = known.playbooks(&document.value);
        found.extend(out.into_iter().map(|one| (document.path.clone(), one)));
    }
}

/// What is wrong with a program that is an action.
fn definition(name: &str, custom: &Custom, catalog: &Catalog, files: &dyn Files) -> Vec<Problem> {
    let definition = &custom[name];
    let at = |below: &[&str]| -> Vec<PathStep> {
        let all = ["remediation", "custom", name].into_iter();
        all.chain(below.iter().copied()).map(key).collect()
    };
    let warning = |below: &[&str], message: String| {
        Problem::warning(&at(below), "state/unusable-program", message)
    };
    let mut out = Vec::new();
    let file = definition
        .exec
        .first()
        .map(String::as_str)
        .unwrap_or_default();
    match RepoPath::new(file) {
        Ok(path) if matches!(files.read(&path), Ok(None)) => {
            let message = format!("there is no file {}", explain::quote(file));
            let problem = warning(&["exec"], message);
            out.push(problem.help("commit the program; that of the default branch is run"));
        }
        Ok(_) => {}
        Err(error) => out.push(warning(
            &["exec"],
            format!("{}: {error}", explain::quote(file)),
        )),
    }
    for kind in &definition.kinds {
        let known = || catalog.kinds().map(|one| one.id.as_str());
        if known().all(|one| one != kind) {
            let message = format!("there is no kind {}", explain::quote(kind));
            out.push(meant(warning(&["kinds"], message), kind, known()));
        }
    }
    if let Some(undo) = definition
        .undo
        .as_ref()
        .filter(|undo| !custom.contains_key(*undo))
    {
        let message = format!(
            "there is no program {} that could undo it",
            explain::quote(undo)
        );
        let names = custom.keys().map(String::as_str);
        out.push(meant(warning(&["undo"], message), undo, names));
    } else if let Err(why) = of_program(name, custom) {
        out.push(warning(&[], why).on_key().help("it cannot be run as it is"));
    }
    out
}

/// The action of a program whose bytes do not matter.
fn of_program(name: &str, custom: &Custom) -> Result<Action, String> {
    let definition = &custom[name];
    let path = RepoPath::new("program").map_err(|error| error.to_string())?;
    let program = ActionProgram {
        path,
        arguments: Vec::new(),
        bytes: Vec::new(),
        variables: BTreeMap::new(),
    };
    let undone_by = definition.undo.as_ref().and_then(|undo| custom.get(undo));
    Action::of_program(name, definition, program, undone_by)
}

fn meant<'a>(problem: Problem, wrong: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    match nearest(wrong, known) {
        Some(near) => problem.expecting(format!("did you mean `{near}`?")),
        None => problem.help("correct the name, or remove it"),
    }
}

/// Names of all actions: their own, those that stand for them, and programs.
fn names(custom: &Custom) -> impl Iterator<Item = &str> {
    let built_in = Actions::built_in().iter();
    built_in
        .flat_map(|action| std::iter::once(&action.id).chain(&action.aliases))
        .chain(custom.keys())
        .map(String::as_str)
}

/// Lists may name what other programs do; what is nearly an action is a slip, and would not hold.
fn lists(state: &State, custom: &Custom, out: &mut Vec<Problem>) {
    let section = &state.monitoring.value.remediation;
    let lists = [
        &section.auto_remediate,
        &section.require_confirmation,
        &section.never_auto,
        &section.bot_merge,
    ];
    for (list, named) in LISTS.iter().zip(lists) {
        for (index, name) in named.iter().enumerate() {
            if name == "*" || names(custom).any(|one| one == name) {
                continue;
            }
            if let Some(near) = nearest(name, names(custom)) {
                let at = [key("remediation"), key(list), PathStep::Index(index)];
                let message = format!("no action is called {}", explain::quote(name));
                let problem = Problem::warning(&at, "state/unknown-action", message);
                out.push(problem.expecting(format!("did you mean `{near}`?")));
            }
        }
    }
}

/// What playbooks are held against.
struct KnownNames<'a> {
    state: &'a State,
    catalog: &'a Catalog,
    custom: &'a Custom,
}

impl KnownNames<'_> {
    fn playbooks(&self, kpis: &Kpis) -> Vec<Problem> {
        let each = kpis.playbooks.iter().enumerate();
        each.flat_map(|(index, playbook)| {
            let at = |below: &[&str]| -> Vec<PathStep> {
                let below = below.iter().copied().map(key);
                [key("playbook"), PathStep::Index(index)]
                    .into_iter()
                    .chain(below)
                    .collect()
            };
            self.playbook(playbook, &at)
        })
        .collect()
    }

    fn playbook(&self, playbook: &Playbook, at: &dyn Fn(&[&str]) -> Vec<PathStep>) -> Vec<Problem> {
        let mut out = Vec::new();
        let entries = self.entries(&playbook.resource);
        if entries.is_empty() {
            out.extend(self.no_resource(&playbook.resource, &at(&["resource"])));
        }
        let called = self.called(&playbook.action);
        if called.is_empty() {
            let message = format!("no action is called {}", explain::quote(&playbook.action));
            let problem = Problem::warning(&at(&["action"]), "state/unknown-action", message);
            let problem = problem.help("`fractary remediate --list` shows the actions");
            out.push(meant(problem, &playbook.action, names(self.custom)));
            return out;
        }
        let kinds: Vec<&str> = entries
            .iter()
            .filter_map(|entry| self.kind(entry))
            .collect();
        let fits =
            |action: &&Action| kinds.is_empty() || kinds.iter().any(|kind| action.is_for(kind));
        let fitting: Vec<&Action> = called.iter().filter(fits).collect();
        match fitting[..] {
            [] => {
                let message = format!(
                    "{} is for {}, and {} is of the kind {}",
                    explain::quote(&playbook.action),
                    called[0].kinds.join(", "),
                    explain::quote(&playbook.resource),
                    kinds.join(", ")
                );
                let problem = Problem::warning(&at(&["action"]), "state/unknown-action", message);
                out.push(problem.help("`fractary remediate --list` shows what is for which kind"));
            }
            [action] => out.extend(parameters(playbook, action, at)),
            // Which of them it is depends on the resource.
            _ => {}
        }
        out
    }

    /// The actions of a name.
    fn called(&self, name: &str) -> Vec<Action> {
        let mut called: Vec<Action> = Actions::built_in()
            .called(name, None)
            .into_iter()
            .cloned()
            .collect();
        if self.custom.contains_key(name) {
            // What is wrong with it has been said.
            called.extend(of_program(name, self.custom).ok());
        }
        called
    }

    fn entries(&self, wanted: &str) -> Vec<&RegistryEntry> {
        let all = self.state.registries.values();
        all.flat_map(|document| &document.value.resources)
            .filter(|entry| {
                let name = entry.name.as_ref().unwrap_or(&entry.aws_id);
                name.raw() == wanted || entry.aws_id.raw() == wanted || entry.arn.as_str() == wanted
            })
            .collect()
    }

    fn kind(&self, entry: &RegistryEntry) -> Option<&str> {
        match self.catalog.classify(&entry.resource_type, &entry.arn) {
            Classified::Kind(kind, _) => Some(kind.id.as_str()),
            _ => None,
        }
    }

    /// A resource that no registry has; without registries nobody can say.
    fn no_resource(&self, wanted: &str, at: &[PathStep]) -> Option<Problem> {
        let registries = self.state.registries.values();
        let known: Vec<&str> = registries
            .flat_map(|document| &document.value.resources)
            .map(|entry| entry.name.as_ref().unwrap_or(&entry.aws_id).raw())
            .collect();
        if known.is_empty() {
            return None;
        }
        let message = format!("no registry has the resource {}", explain::quote(wanted));
        let problem = Problem::warning(at, "state/unknown-resource", message);
        Some(meant(problem, wanted, known.into_iter()))
    }
}

/// What is wrong with the parameters of a playbook.
fn parameters(
    playbook: &Playbook,
    action: &Action,
    at: &dyn Fn(&[&str]) -> Vec<PathStep>,
) -> Vec<Problem> {
    let code = "state/unknown-parameter";
    let mut out = Vec::new();
    for (name, text) in &playbook.parameters {
        let at = at(&["parameters", name]);
        match action.parameters.get(name) {
            None => {
                let message = format!(
                    "{} is no parameter of `{}`",
                    explain::quote(name),
                    action.id
                );
                let known = action.parameters.keys().map(String::as_str);
                out.push(meant(
                    Problem::warning(&at, code, message).on_key(),
                    name,
                    known,
                ));
            }
            Some(parameter) => {
                if let Err(why) = parameter.kind.read(name, text) {
                    out.push(Problem::warning(&at, code, why.terminal()));
                }
            }
        }
    }
    let given = |name: &str| playbook.parameters.contains_key(name);
    let mut lacking = action
        .parameters
        .iter()
        .filter(|(name, one)| one.default.is_none() && !given(name));
    if let Some((name, parameter)) = lacking.next() {
        let message = format!("`{}` needs `{name}`: {}", action.id, parameter.about);
        let problem = Problem::warning(&at(&["action"]), code, message);
        out.push(problem.help(format!("add it: `parameters = {{ {name} = \"…\" }}`")));
    }
    out
}
