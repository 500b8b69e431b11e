//! Documents that only an audit of costs reads.

use crate::app::workspace::Workspace;
use crate::error::CommandError;
use crate::model::paths::RepoPath;
use crate::state;
use crate::state::documents::document_type::DocumentValue;

/// Reads a document; `None` where there is none.
pub(super) fn read<T: DocumentValue>(
    workspace: &Workspace,
    path: &RepoPath,
) -> Result<Option<T>, CommandError> {
    let Some(text) = workspace.tree().read_text(path)? else {
        return Ok(None);
    };
    match state::read_document(path, text.into_bytes()) {
        Ok((value, _)) => Ok(Some(value)),
        Err(faults) => {
            let first = faults
                .first()
                .map_or("it is not valid", |it| it.message.as_str());
            let error = CommandError::usage(format!("could not read {path}: {first}"));
            Err(error
                .hint("run `fractary check`, or delete the file: the next audit writes it again"))
        }
    }
}
