//! Reading files of a repository: the work tree, or the tree of a commit.

use crate::error::{CommandError, ErrorKind};
use crate::git::Repository;
use crate::model::ids::CommitId;
use crate::model::paths::{Files, RepoPath};
use crate::state;
use crate::state::documents::paths;

pub(crate) fn read_text(
    files: &dyn Files,
    path: &RepoPath,
) -> Result<Option<String>, CommandError> {
    let bytes = files.read(path).map_err(cannot_read)?;
    bytes
        .map(|bytes| {
            String::from_utf8(bytes)
                .map_err(|_| CommandError::usage(format!("{path} is not UTF-8")))
        })
        .transpose()
}

/// The work tree, or the head's tree in a bare repository.
pub(crate) fn open_files(
    repository: &Repository,
    base: Option<&CommitId>,
) -> Result<Box<dyn Files>, CommandError> {
    // What a sparse checkout leaves out is not absent.
    repository.expect_checked_out(&paths::root())?;
    Ok(match repository.work_dir() {
        Some(root) => Box::new(state::WorkTree::new(root)),
        None => Box::new(repository.files_at(base)?),
    })
}

/// A file as text, with the line ends that git stores: a work tree may have been checked out
/// with others (`core.autocrlf`), and then they are no edit.
pub(crate) fn read_as_stored(
    repository: &Repository,
    base: Option<&CommitId>,
    path: &RepoPath,
) -> Result<Option<String>, CommandError> {
    let Some(found) = read_text(open_files(repository, base)?.as_ref(), path)? else {
        return Ok(None);
    };
    if !found.contains("\r\n") {
        return Ok(Some(found));
    }
    let committed = repository.files_at(base)?.read(path).map_err(cannot_read)?;
    Ok(Some(match committed {
        Some(bytes) if !bytes.contains(&b'\r') => found.replace("\r\n", "\n"),
        _ => found,
    }))
}

pub(super) fn cannot_read(error: crate::model::paths::ReadError) -> CommandError {
    CommandError::new(ErrorKind::Usage, error)
}

/// The user's own templates: file name and text.
pub(super) fn read_overrides(files: &dyn Files) -> Result<Vec<(String, String)>, CommandError> {
    let mut out = Vec::new();
    for path in files.list(&paths::templates_dir()).map_err(cannot_read)? {
        if path.as_str().ends_with(".j2") {
            out.push((
                path.file_name().to_owned(),
                read_text(files, &path)?.unwrap_or_default(),
            ));
        }
    }
    Ok(out)
}
