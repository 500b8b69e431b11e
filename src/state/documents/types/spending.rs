//! What Cost Explorer answered today.

use crate::model::paths::RepoPath;
use crate::model::spending::SpendingDocument;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::in_folder_of;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{MergeRule, PLAIN};

/// What one audit read: never a mixture of two.
static RULE: MergeRule = MergeRule {
    newest: &["read_at"],
    whole: true,
    ..PLAIN
};

/// `spending.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "spending",
    schema: embedded_schema!("spending"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/audits/<env>/spending.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "sixty days of each usage type; the next day's audit replaces it",
    merge: Merge::ByRule(&RULE),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for SpendingDocument {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        in_folder_of(path, &self.environment)
    }
}
