//! A user's own resource kind. The catalogue parses it.

use crate::state::diagnostic::locate::Format;
use crate::state::documents::document_type::{DocumentType, Merge, Reading, Writer};
use crate::state::documents::place::Place;
use crate::state::documents::schema::embedded_schema;

/// `kinds/<name>.toml`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "kind",
    schema: embedded_schema!("kind"),
    sample: "good-lambda.toml",
    format: Format::Toml,
    places: &[Place::new(".fractary/plugins/helm-cloud/kinds/<name>.toml")],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one file per kind",
    merge: Merge::Never,
    reading: Reading::IN_FULL,
};
