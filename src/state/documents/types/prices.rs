//! Prices that were read from AWS.

use crate::model::prices::PriceDocument;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::PLAIN;

/// `prices.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "prices",
    schema: embedded_schema!("prices"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(".fractary/plugins/helm-cloud/prices.json")],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one entry per region and price that the registries need",
    merge: Merge::ByRule(&PLAIN),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for PriceDocument {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
