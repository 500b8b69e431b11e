//! What was granted, as `iam-audit.json` and its archives have it.

use crate::app::App;
use crate::app::workspace::Workspace;
use crate::core::permissions::grant_history;
use crate::error::CommandError;
use crate::model::iam_audit::ListedGrant;
use crate::model::log::{IamAudit, LogEntry};
use crate::model::paths::RepoPath;
use crate::state::documents::paths;

/// Reads all entries, oldest first.
pub(crate) fn entries(workspace: &Workspace) -> Result<Vec<LogEntry>, CommandError> {
    let tree = workspace.tree();
    let newest = paths::iam_audit();
    let mut archives: Vec<RepoPath> = tree.list(&paths::deployments_dir())?;
    let stem = format!("{}.", newest.file_stem());
    archives.retain(|path| path.file_name().starts_with(&stem) && *path != newest);
    archives.sort();
    let mut entries = Vec::new();
    for path in archives.iter().chain([&newest]) {
        let Some(text) = tree.read_text(path)? else {
            continue;
        };
        // `check` takes it with the mark of an editor on Windows, too.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let log: IamAudit = serde_json::from_str(text).map_err(|error| {
            CommandError::usage(format!("{path} could not be read: {error}"))
                .hint("`fractary check` says what is wrong")
        })?;
        entries.extend(log.0.entries);
    }
    Ok(entries)
}

/// Reads all grants, in the order in which they were made.
pub(crate) fn grants(app: &App, workspace: &Workspace) -> Result<Vec<ListedGrant>, CommandError> {
    Ok(grant_history::grants(&entries(workspace)?, app.clock.now()))
}
