//! What an audit found.

use crate::model::audit::AuditReport;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::in_folder_of;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::REPORT;

/// `<time>-audit.json`, where `<time>` ends with what was audited.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "audit",
    schema: embedded_schema!("audit"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/audits/<env>/<time>-audit.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one file for each audit that is kept, for `retention.reports`",
    merge: Merge::ByRule(&REPORT),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for AuditReport {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        in_folder_of(path, &self.environment)
    }
}
