//! Who watches which domain.

use crate::model::ids::EnvironmentName;
use crate::model::monitors::DomainMonitors;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::{Format, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{DocumentType, DocumentValue, Merge, Reading, Writer};
use crate::state::documents::place::Place;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{List, PLAIN, Rule, WRITTEN};
use std::collections::BTreeSet;

static RULE: Rule = Rule {
    lists: &[(
        "monitors",
        List {
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
    format: Format::Json,
    places: &[Place::new(".fractary/plugins/helm/registry/domain-monitors.json")],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one entry per domain",
    merge: Merge::ByRule(&RULE),
    reading: Reading::IN_FULL,
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
