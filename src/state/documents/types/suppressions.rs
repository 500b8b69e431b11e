//! Findings that people accept for a time.

use crate::model::audit::Suppressions;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;

/// `suppressions.toml`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "suppressions",
    schema: embedded_schema!("suppressions"),
    sample: "good-one.toml",
    language: Language::Toml,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/audits/suppressions.toml",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one entry per accepted finding, each with an end",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for Suppressions {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
