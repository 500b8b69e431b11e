//! The newest observation of a domain that a program monitors.

use crate::model::domain_health::DomainReport;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::key;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::REPORT;

/// `latest.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "domain-report",
    schema: embedded_schema!("domain-report"),
    sample: "good-one.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/helm/domains/<domain>/<env>/latest.json",
    )],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one entry per check of the domain",
    merge: Merge::ByRule(&REPORT),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for DomainReport {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        let right = TYPE.place().fill(&[&self.domain, &self.environment]);
        if *path == right {
            return Vec::new();
        }
        let message = format!(
            "this file is about `{}` in `{}` but lies elsewhere",
            self.domain, self.environment
        );
        vec![
            Problem::error(&[key("domain")], "state/wrong-folder", message)
                .expecting(format!("it belongs to {right}"))
                .help("move the file, or correct `domain` and `environment`"),
        ]
    }
}
