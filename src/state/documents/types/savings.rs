//! Savings that audits expected, to be compared with later bills.

use crate::model::cost_savings::SavingsDocument;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::{FieldRule, ListRule, MergeRule, PLAIN};

static RULE: MergeRule = MergeRule {
    lists: &[(
        "savings",
        ListRule {
            id: &["id"],
            order: &["id"],
            entry: &MergeRule {
                newest: &["listed_until"],
                fields: &[("listed_since", FieldRule::Earliest)],
                ..PLAIN
            },
        },
    )],
    ..PLAIN
};

/// `savings.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "savings",
    schema: embedded_schema!("savings"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/audits/<env>/savings.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one entry per opportunity, for 400 days after it was last listed",
    merge: Merge::ByRule(&RULE),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for SavingsDocument {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
