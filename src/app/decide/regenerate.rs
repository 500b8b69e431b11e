//! Generated files of documents that were merged.

use jiff::Timestamp;

use crate::app::decide::dashboard::render_stored;
use crate::app::decide::deployed::write_deployed;
use crate::app::workspace::views::Documents;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::state::documents::paths;

/// Renders the existing generated files.
pub(crate) fn regenerate(
    documents: &Documents<'_>,
    now: Timestamp,
) -> Result<Transaction, CommandError> {
    let mut transaction = Transaction::new();
    let tree = documents.dashboard.tree;
    if tree.read_text(&paths::dashboard_md())?.is_some() {
        render_stored(documents, now, &mut transaction)?;
    }
    let pages = documents.deployed();
    for (name, _) in documents.registries.iter() {
        let exists = tree.read_text(&paths::deployed_md(name))?.is_some();
        if exists && documents.settings.environment(name).is_ok() {
            write_deployed(pages, name, &mut transaction)?;
        }
    }
    Ok(transaction)
}
