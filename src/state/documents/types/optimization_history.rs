//! What optimisation did in an environment, and what it brought.

use crate::model::optimization::OptimizationHistory;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::in_folder_of;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{ListRule, MergeRule, PLAIN};

/// A cycle says what one run knows: never a mixture of two.
static CYCLE: MergeRule = MergeRule {
    newest: &["changed_at"],
    whole: true,
    ..PLAIN
};

/// Cycles of both sides are kept.
static RULE: MergeRule = MergeRule {
    newest_in: Some(("cycles", "changed_at")),
    lists: &[(
        "cycles",
        ListRule {
            id: &["id"],
            order: &["began_at", "id"],
            entry: &CYCLE,
        },
    )],
    ..PLAIN
};

/// `optimization-history.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "optimization-history",
    schema: embedded_schema!("optimization-history"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helios/optimizations/<env>/optimization-history.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "cycles of 180 days, at most 500",
    merge: Merge::ByRule(&RULE),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for OptimizationHistory {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        in_folder_of(path, &self.environment)
    }
}
