//! Names of AWS profiles, never keys.

use crate::model::environments::AwsCredentials;
use crate::state::diagnostic::locate::Format;
use crate::state::documents::document_type::{DocumentType, DocumentValue, Merge, Reading, Writer};
use crate::state::documents::place::Place;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::WRITTEN;

/// `aws-credentials.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "aws-credentials",
    schema: embedded_schema!("aws-credentials"),
    sample: "good-names.json",
    format: Format::Json,
    places: &[Place::new(".fractary/shared/aws-credentials.json")],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one entry per environment",
    merge: Merge::ByRule(&WRITTEN),
    reading: Reading {
        names_only: true,
        ..Reading::IN_FULL
    },
};

impl DocumentValue for AwsCredentials {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
