//! Errors of Terraform and AWS, and what has solved them.

use crate::model::issue_log::IssueLog;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::entries_with_time;
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;
use crate::state::merge::issue_log;

/// `issue-log.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "issue-log",
    schema: embedded_schema!("issue-log"),
    sample: "good-two.json",
    language: Language::Json,
    places: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/deployments/issue-log.json",
    )],
    old_places: &[],
    archives: &[PathPattern::new(
        ".fractary/plugins/faber-cloud/deployments/issue-log.<month>.json",
    )],
    writer: Writer::Runs,
    growth: "issues that were solved once or seen in the last 180 days, and entries of the current month; earlier ones are in archives beside it",
    merge: Merge::ByFunction(issue_log::merge_to_bytes),
    reading: ReadRules::IN_FULL,
};

impl DocumentValue for IssueLog {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, _: &RepoPath) -> Vec<Problem> {
        entries_with_time(&self.log())
    }
}
