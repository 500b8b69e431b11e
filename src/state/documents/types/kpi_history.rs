//! What the key figures of an environment were.

use crate::model::kpi_history::KpiHistory;
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

/// Collections of both sides are kept; what they are measured by is what the newer one says.
static RULE: MergeRule = MergeRule {
    newest_in: Some(("collections", "at")),
    fields: &[("definitions", FieldRule::Whole)],
    lists: &[(
        "collections",
        ListRule {
            id: &["at"],
            order: &["at"],
            entry: &PLAIN,
        },
    )],
    ..PLAIN
};

/// `kpi-history.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "kpi-history",
    schema: embedded_schema!("kpi-history"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helios/kpis/<env>/kpi-history.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "collections of 6 hours, one an hour of 7 days, one a day of 180 days",
    merge: Merge::ByRule(&RULE),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for KpiHistory {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        in_folder_of(path, &self.environment)
    }
}
