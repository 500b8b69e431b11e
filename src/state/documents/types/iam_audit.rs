//! Every grant and revocation of permissions.

use crate::model::log::IamAudit;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::entries_with_time;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::log;

/// `iam-audit.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "iam-audit",
    schema: embedded_schema!("iam-audit"),
    sample: "good-grant.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/deployments/iam-audit.json",
    )],
    old_places: &[],
    archives: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/deployments/iam-audit.<month>.json",
    )],
    writer: Writer::Runs,
    growth: "the current month; earlier ones are in archives beside it",
    merge: Merge::ByFunction(log::merge_to_bytes),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for IamAudit {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _: &RepoPath) -> Vec<Problem> {
        entries_with_time(&self.0)
    }
}
