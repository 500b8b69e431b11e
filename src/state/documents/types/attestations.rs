//! Controls that people have answered for.

use crate::model::attestations::Attestations;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;

/// `attestations.toml`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "attestations",
    schema: embedded_schema!("attestations"),
    sample: "good-one.toml",
    language: Language::Toml,
    places: &[PathPattern::new(
        ".fractary/plugins/helm-cloud/audits/attestations.toml",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::People,
    growth: "one entry per control",
    merge: Merge::Never,
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for Attestations {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _path: &RepoPath) -> Vec<Problem> {
        let all = self.entries.iter().enumerate();
        let ends_first = all.filter(|(_, one)| one.until < one.date);
        let problems = ends_first.map(|(index, one)| {
            let at = [key("attest"), PathStep::Index(index), key("until")];
            let message = format!("ends on {}, before it was said", one.until);
            Problem::error(&at, "state/ends-first", message)
                .expecting(format!("a day on or after {}", one.date))
        });
        problems.collect()
    }
}
