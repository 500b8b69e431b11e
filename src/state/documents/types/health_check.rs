//! What one run saw in one environment.

use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::in_folder_of;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::rule::REPORT;

/// Where the newest one lies.
pub(crate) const LATEST: PathPattern =
    PathPattern::new(".fractary/plugins/helm-cloud/monitoring/<env>/latest.json");
/// Where the one made at a time (UTC, whole seconds) lies.
pub(crate) const DATED: PathPattern = PathPattern::new(
    ".fractary/plugins/helm-cloud/monitoring/<env>/<year>/<month>/<day>/<time>Z-health-check.json",
);

/// `latest.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "health-check",
    schema: embedded_schema!("health-check"),
    sample: "good-degraded.json",
    language: Language::Json,
    places: &[LATEST, DATED],
    old_places: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/monitoring/<env>/latest.json",
    )],
    archives: &[],
    writer: Writer::Runs,
    growth: "one entry per resource; dated ones leave after `[retention] reports`",
    merge: Merge::ByRule(&REPORT),
    reading: ReadRules::EXACT,
};

impl DocumentValue for HealthReport {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        in_folder_of(path, &self.environment)
    }
}
