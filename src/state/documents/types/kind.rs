//! A user's own resource kind. The catalogue parses it.

use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{DocumentType, Merge, ReadRules, Writer};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;

/// `kinds/<name>.toml`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "kind",
    schema: embedded_schema!("kind"),
    sample: "good-lambda.toml",
    language: Language::Toml,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/kinds/<name>.toml",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one file per kind",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};
