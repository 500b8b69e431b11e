//! Every deployment there was.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::deployments::Deployments;
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{FieldRule, ListRule, MergeRule, PLAIN};

static RULE: MergeRule = MergeRule {
    fields: &[("created_at", FieldRule::Earliest)],
    lists: &[(
        "deployments",
        ListRule {
            id: &["id"],
            order: &["deployed_at", "id"],
            entry: &MergeRule {
                newest: &["deployed_at"],
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

/// `deployments.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "deployments",
    schema: embedded_schema!("deployments"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(".fractary/registry/deployments.json")],
    old_places: &[],
    archives: &[],
    writer: Writer::Programs,
    growth: "one entry per deployment; whoever deploys removes old ones",
    merge: Merge::ByRule(&RULE),
    reading: ReadRules {
        foreign_keys: &["summary"],
        ..ReadRules::IN_FULL
    },
};

impl DocumentValue for Deployments {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _: &RepoPath) -> Vec<Problem> {
        let mut seen = BTreeMap::new();
        let mut out = Vec::new();
        for (index, deployment) in self.deployments.iter().enumerate() {
            if let Some(first) = seen.insert(deployment.id.as_str(), index) {
                let path = [key("deployments"), PathStep::Index(index), key("id")];
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

    fn environments_named(&self) -> Vec<(Vec<PathStep>, &EnvironmentName)> {
        let mut named = BTreeSet::new();
        let deployments = self.deployments.iter().enumerate();
        // Each once: an environment that is gone was deployed often.
        let first = deployments.filter(|(_, deployment)| named.insert(&deployment.environment));
        first
            .map(|(index, deployment)| {
                let path = [
                    key("deployments"),
                    PathStep::Index(index),
                    key("environment"),
                ];
                (path.to_vec(), &deployment.environment)
            })
            .collect()
    }
}
