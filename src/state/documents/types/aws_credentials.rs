//! Names of AWS profiles, never keys.

use crate::model::environments::AwsCredentials;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::WRITTEN;

/// `aws-credentials.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "aws-credentials",
    schema: embedded_schema!("aws-credentials"),
    sample: "good-names.json",
    language: Language::Json,
    places: &[PathPattern::new(".fractary/shared/aws-credentials.json")],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one entry per environment",
    merge: Merge::ByRule(&WRITTEN),
    reading: ReadRules {
        names_only: true,
        ..ReadRules::IN_FULL
    },
};

impl DocumentValue for AwsCredentials {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }
}
