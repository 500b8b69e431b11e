//! Audits that were kept, in numbers, and what the newest of them knows.

use crate::model::audit_history::AuditHistory;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::in_folder_of;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{FieldRule, ListRule, MergeRule, PLAIN};

/// Audits of both sides are kept; what is known is what the newer of them knows, as a whole.
static RULE: MergeRule = MergeRule {
    newest_in: Some(("audits", "generated_at")),
    fields: &[("findings", FieldRule::Whole)],
    lists: &[(
        "audits",
        ListRule {
            id: &["generated_at"],
            order: &["generated_at"],
            entry: &PLAIN,
        },
    )],
    ..PLAIN
};

/// `audit-history.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "audit-history",
    schema: embedded_schema!("audit-history"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/audits/<env>/audit-history.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one entry per audit, at most 400, and the findings of the newest",
    merge: Merge::ByRule(&RULE),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for AuditHistory {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        in_folder_of(path, &self.environment)
    }
}
