//! Who watches which domain.

use std::collections::BTreeSet;

use crate::model::ids::EnvironmentName;
use crate::model::monitors::{DomainMonitors, MonitorCommand, MonitorProgram};
use crate::model::paths::RepoPath;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{ListRule, MergeRule, PLAIN, WRITTEN};
use crate::text::redact;

static RULE: MergeRule = MergeRule {
    lists: &[(
        "monitors",
        ListRule {
            id: &["domain"],
            order: &[],
            entry: &WRITTEN,
        },
    )],
    conflicts: true,
    ..PLAIN
};

/// `domain-monitors.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "domain-monitors",
    schema: embedded_schema!("domain-monitors"),
    sample: "good-seed.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm/registry/domain-monitors.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one entry per domain",
    merge: Merge::ByRule(&RULE),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for DomainMonitors {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _: &RepoPath) -> Vec<Problem> {
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        for (index, monitor) in self.monitors.iter().enumerate() {
            if !seen.insert(&monitor.domain) {
                let path = [key("monitors"), PathStep::Index(index), key("domain")];
                let message = format!("the domain `{}` has two monitors", monitor.domain);
                out.push(
                    Problem::error(&path, "state/duplicate-id", message)
                        .expecting("expected a domain that no other monitor has")
                        .help("remove one of the two monitors"),
                );
            }
            for (name, command) in &monitor.commands {
                if let MonitorCommand::Program(program) = command {
                    let at = [
                        key("monitors"),
                        PathStep::Index(index),
                        key("commands"),
                        key(name),
                    ];
                    secrets(&at, program, &mut out);
                }
            }
        }
        out
    }

    fn environments_named(&self) -> Vec<(Vec<PathStep>, &EnvironmentName)> {
        let mut out = Vec::new();
        for (index, monitor) in self.monitors.iter().enumerate() {
            for (at, name) in monitor.environments.iter().enumerate() {
                let list = [key("monitors"), PathStep::Index(index), key("environments")];
                out.push(([&list[..], &[PathStep::Index(at)]].concat(), name));
            }
        }
        out
    }
}

/// Finds secrets that everybody who can read the repository would have. They are never shown.
fn secrets(at: &[PathStep], program: &MonitorProgram, out: &mut Vec<Problem>) {
    let below = |steps: [PathStep; 2]| -> Vec<PathStep> { [at, &steps[..]].concat() };
    let mut refuse = |path: &[PathStep], message: String, help: String| {
        let problem = Problem::error(path, "state/secret-in-file", message);
        let mut problem = problem
            .expecting("expected `${NAME}`, the name of a variable of fractary's own")
            .help(help);
        problem.secret = true;
        out.push(problem);
    };
    let revoke =
        "anyone who can read the repository can use this value: revoke it where it was issued";
    for (name, value) in &program.env {
        let is_named = value.starts_with("${") && value.ends_with('}');
        if is_named || redact::redact_value(name, value) == *value {
            continue;
        }
        let path = below([key("env"), key(name)]);
        let message = format!(
            "the value of {} must not be committed",
            explain::quote(name)
        );
        refuse(
            &path,
            message,
            format!("write `\"${{{name}}}\"` and set that variable for fractary; {revoke}"),
        );
    }
    for (index, argument) in program.exec.iter().enumerate() {
        if redact::redact(argument) != argument.as_str() {
            let path = below([key("exec"), PathStep::Index(index)]);
            let help = format!("give it to the program by `env`; {revoke}");
            refuse(
                &path,
                "this argument must not be committed".to_owned(),
                help,
            );
        }
    }
}
