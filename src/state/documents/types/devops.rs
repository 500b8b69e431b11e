//! The project and its tools.

use crate::model::project::Devops;
use crate::state::diagnostic::locate::Format;
use crate::state::documents::document_type::{DocumentType, DocumentValue, Merge, Reading, Writer};
use crate::state::documents::place::Place;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::WRITTEN;

/// `devops.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "devops",
    schema: embedded_schema!("devops"),
    sample: "good-seed.json",
    format: Format::Json,
    places: &[Place::new(".fractary/plugins/faber-cloud/config/devops.json")],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "does not grow",
    merge: Merge::ByRule(&WRITTEN),
    reading: Reading {
        foreign_keys: &["hooks", "logging", "monitoring"],
        ..Reading::IN_FULL
    },
};

impl DocumentValue for Devops {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
