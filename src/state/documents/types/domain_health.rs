//! What the program that monitors a domain prints.

use crate::model::domain_health::DomainHealth;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::schema::embedded_schema;

/// `domain-health`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "domain-health",
    schema: embedded_schema!("domain-health"),
    sample: "good-full.json",
    language: Language::Json,
    places: &[],
    old_places: &[],
    archives: &[],
    writer: Writer::Programs,
    growth: "one entry per check of the domain",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for DomainHealth {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
