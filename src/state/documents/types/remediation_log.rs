//! Every remediation of an environment.

use crate::model::log::RemediationLog;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::entries_with_time;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::log;

/// `remediation-log.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "remediation-log",
    schema: embedded_schema!("remediation-log"),
    sample: "good-two.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/remediations/<env>/remediation-log.json",
    )],
    old_places: &[],
    archives: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/remediations/<env>/remediation-log.<month>.json",
    )],
    writer: Writer::Runs,
    growth: "the current month; earlier ones are in archives beside it",
    merge: Merge::ByFunction(log::merge_to_bytes),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for RemediationLog {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _: &RepoPath) -> Vec<Problem> {
        entries_with_time(&self.0)
    }
}
