//! What leaves the tree with a commit: old reports and incidents, and issues resolved long ago.

use jiff::Timestamp;

use crate::app::decide::outlook::Outlook;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::workspace::views::settings::Settings;
use crate::app::workspace::views::tree::Tree;
use crate::core::growth::{Retention, is_expired};
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::state;

/// Adds the deletions to a transaction that is committed anyway, and takes the issues out of
/// the outlook. What was edited without being committed stays, and stops nothing.
pub(crate) fn expire(
    settings: Settings<'_>,
    tree: Tree<'_>,
    issues: IssueStore<'_>,
    environments: &[EnvironmentName],
    outlook: &mut Outlook,
    now: Timestamp,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    let retention = Retention::resolve(settings.helm, settings.monitoring);
    let mut old: Vec<RepoPath> = Vec::new();
    let files = tree.files()?;
    for name in environments {
        let reports = state::reports_before(files.as_ref(), name, retention.reports_before(now))
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        old.extend(reports);
        let before = retention.reports_before(now);
        let incidents = state::incidents_before(files.as_ref(), name, before)
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        old.extend(incidents);
    }
    let before = retention.resolved_before(now);
    for document in issues.resolved()?.values() {
        let changed = transaction.edits().contains_key(&document.path);
        if !changed && is_expired(&document.value, before) {
            outlook.resolved.remove(&document.value.id);
            old.push(document.path.clone());
        }
    }
    old.retain(|path| !transaction.edits().contains_key(path));
    if old.is_empty() {
        return Ok(());
    }
    let edited = tree.edited(&old)?;
    for path in old.into_iter().filter(|path| !edited.contains(path)) {
        transaction.delete(path);
    }
    Ok(())
}
