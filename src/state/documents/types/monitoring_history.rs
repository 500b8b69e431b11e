//! One compact entry per committed run, and sums of older ones.

use crate::model::history::History;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::document::to_bytes;
use crate::state::documents::checks::in_folder_of;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::history;

/// `monitoring-history.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "monitoring-history",
    schema: embedded_schema!("monitoring-history"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/monitoring/<env>/monitoring-history.json",
    )],
    old_places: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/monitoring/<env>/monitoring-history.json",
    )],
    archives: &[],
    writer: Writer::Runs,
    growth: "at most 2,016 runs of 7 days, 720 hours and 400 days",
    merge: Merge::ByFunction(|base, a, b| Ok(to_bytes(&history::merge(base, a, b)))),
    reading: ReadRules::EXACT,
};

impl DocumentValue for History {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        in_folder_of(path, &self.environment)
    }
}
