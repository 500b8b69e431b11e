//! Who watches which domain.

use std::collections::BTreeSet;

use crate::model::ids::EnvironmentName;
use crate::model::monitors::DomainMonitors;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{ListRule, MergeRule, PLAIN, WRITTEN};

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
