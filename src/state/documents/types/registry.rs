//! The deployed resources of one environment.

use std::collections::BTreeMap;

use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::model::registry::{Registry, RegistryEntry};
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::{in_folder_of, key};
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{FieldRule, ListRule, MergeRule, PLAIN};

static RULE: MergeRule = MergeRule {
    newest: &["last_deployed"],
    fields: &[("last_deployed", FieldRule::Largest)],
    lists: &[(
        "resources",
        ListRule {
            id: &["arn"],
            order: &[],
            entry: &MergeRule {
                fields: &[
                    ("created", FieldRule::Earliest),
                    ("sources", FieldRule::Members),
                ],
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

/// `registry.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "registry",
    schema: embedded_schema!("registry"),
    sample: "good-two.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/deployments/<env>/registry.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one entry per deployed resource",
    merge: Merge::ByRule(&RULE),
    reading: ReadRules::EXACT,
};

impl DocumentValue for Registry {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        let mut out = in_folder_of(path, &self.environment);
        let mut seen: BTreeMap<&str, (usize, &RegistryEntry)> = BTreeMap::new();
        for (index, entry) in self.resources.iter().enumerate() {
            let Some((first, earlier)) = seen.get(entry.arn.as_str()) else {
                seen.insert(entry.arn.as_str(), (index, entry));
                continue;
            };
            let path = [key("resources"), PathStep::Index(index), key("arn")];
            let message = format!("this resource is already entry {} of the list", first + 1);
            // One API may be listed once a stage; two entries of one thing would count it twice.
            let same =
                earlier.resource_type == entry.resource_type && earlier.metadata == entry.metadata;
            let problem = if same {
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

    fn environments_named(&self) -> Vec<(Vec<PathStep>, &EnvironmentName)> {
        vec![(vec![key("environment")], &self.environment)]
    }
}
