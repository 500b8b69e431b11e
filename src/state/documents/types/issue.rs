//! One issue: among the active ones until it is resolved.

use crate::model::issue::{Issue, IssueStatus};
use crate::model::paths::RepoPath;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::Language;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::checks::{folder, key};
use crate::state::documents::document_type::{
    DocumentType, DocumentValue, Merge, ReadRules, Writer,
};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::embedded_schema;

/// Where it lies while it is open.
pub(crate) const ACTIVE: PathPattern =
    PathPattern::new(".fractary/plugins/helm/issues/active/<id>.json");
/// Where it lies once it is resolved.
pub(crate) const RESOLVED: PathPattern =
    PathPattern::new(".fractary/plugins/helm/issues/resolved/<id>.json");

/// `<id>.json`.
pub(crate) static TYPE: DocumentType = DocumentType {
    name: "issue",
    schema: embedded_schema!("issue"),
    sample: "good-active.json",
    language: Language::Json,
    places: &[ACTIVE, RESOLVED],
    old_places: &[],
    archives: &[],
    writer: Writer::Runs,
    growth: "one file per issue; resolved ones leave after `[retention] resolved_days`",
    merge: Merge::Issue,
    reading: ReadRules::EXACT,
};

impl DocumentValue for Issue {
    fn document_type() -> &'static DocumentType {
        &TYPE
    }

    fn check(&self, path: &RepoPath) -> Vec<Problem> {
        let mut out = Vec::new();
        if path.file_stem() != self.id.as_str() {
            let message = format!("issue `{}` lies in a file of another name", self.id);
            out.push(
                Problem::error(&[key("id")], "state/name-mismatch", message)
                    .expecting(format!(
                        "expected {}, as its file is called",
                        explain::quote(path.file_stem())
                    ))
                    .help(format!("rename the file to `{}.json`", self.id)),
            );
        }
        let resolved = self.status == IssueStatus::Resolved;
        let right = if resolved { "resolved" } else { "active" };
        if folder(path) != right {
            let message = if resolved {
                "a resolved issue lies among the active ones"
            } else {
                "an open issue lies among the resolved ones"
            };
            out.push(
                Problem::error(&[key("status")], "state/wrong-folder", message)
                    .expecting(format!("such issues lie in `issues/{right}/`"))
                    .help(format!(
                        "move the file into `issues/{right}/`, or correct `status`"
                    )),
            );
        }
        out
    }
}
