//! What is sent about an issue.

use crate::model::alert::AlertDocument;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::schema::embedded_schema;

/// `alert`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "alert",
    schema: embedded_schema!("alert"),
    sample: "good-trigger.json",
    language: Language::Json,
    places: &[],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one issue",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for AlertDocument {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
