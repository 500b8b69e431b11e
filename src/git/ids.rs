//! Commit ids of the model and object ids of the library.

use gix::ObjectId;

use crate::git::error::GitError;
use crate::model::ids::CommitId;

/// The model's name of a commit.
pub(crate) fn commit_id(id: ObjectId) -> CommitId {
    CommitId::new(id.to_string()).expect("an object id is hexadecimal digits")
}

/// The library's name of a commit.
pub(crate) fn object_id(id: &CommitId) -> Result<ObjectId, GitError> {
    ObjectId::from_hex(id.as_str().as_bytes()).map_err(GitError::git(format!("find commit {id}")))
}
