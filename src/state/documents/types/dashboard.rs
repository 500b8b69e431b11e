//! What `dashboard --format json` prints.

use crate::model::dashboard::Dashboard;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::schema::embedded_schema;

/// `dashboard`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "dashboard",
    schema: embedded_schema!("dashboard"),
    sample: "good-empty.json",
    language: Language::Json,
    places: &[],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one row per resource and issue",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for Dashboard {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
