//! A user's own check. The catalogue parses it.

use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{DocumentType, Merge, ReadRules, Writer};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;

/// `checks/<id>.toml`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "check",
    schema: embedded_schema!("check"),
    sample: "good-owner.toml",
    language: Language::Toml,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/checks/<id>.toml",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one file per check",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};
