//! Checks, service levels and limits.

use crate::model::ids::EnvironmentName;
use crate::model::monitoring::Monitoring;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;

/// Where it lay before it moved into `config/`.
pub(crate) const OLD: PathPattern =
    PathPattern::new(".fractary/plugins/helm-cloud/monitoring.toml");

/// `monitoring.toml`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "monitoring",
    schema: embedded_schema!("monitoring"),
    sample: "good-seed.toml",
    language: Language::Toml,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/config/monitoring.toml",
    )],
    old_places: &[OLD],
    archives: &[],
    writer: Writer::People,
    growth: "does not grow",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for Monitoring {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn environments_named(&self) -> Vec<(Vec<PathStep>, &EnvironmentName)> {
        let listed = self.helm_cloud.environments.iter().flatten().enumerate();
        listed
            .map(|(index, name)| {
                let path = [
                    key("helm-cloud"),
                    key("environments"),
                    PathStep::Index(index),
                ];
                (path.to_vec(), name)
            })
            .collect()
    }
}
