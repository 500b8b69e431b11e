//! What an investigation found out.

use crate::model::incident::IncidentReport;
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

/// `<time>-incident.json`, where `<time>` ends with the resource where it was felt.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "incident",
    schema: embedded_schema!("incident"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/incidents/<env>/<time>-incident.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one file for each incident that a run investigated, for `retention.reports`",
    merge: Merge::ByRule(&REPORT),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for IncidentReport {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        let details = self.details.as_ref();
        details.map_or_else(Vec::new, |details| in_folder_of(path, &details.environment))
    }
}
