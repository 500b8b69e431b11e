//! The project and its tools.

use crate::model::project::Devops;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::WRITTEN;

/// `devops.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "devops",
    schema: embedded_schema!("devops"),
    sample: "good-seed.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/config/devops.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "does not grow",
    merge: Merge::ByRule(&WRITTEN),
    reading: ReadRules {
        foreign_keys: &["hooks", "logging", "monitoring"],
        ..ReadRules::IN_FULL
    },
};

impl DocumentValue for Devops {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
