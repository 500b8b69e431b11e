//! Contents by themselves: what was generated is kept as a git object, so that the next merge has
//! its base.

use crate::git::GitError;
use crate::git::repository::Repository;
use crate::git::tree;

/// Larger contents are not kept.
const LARGEST: u64 = 4 << 20;

impl Repository {
    /// Returns the id that a content has as an object, whether it is stored or not.
    ///
    /// # Errors
    /// [`GitError::Git`].
    pub fn content_id(&self, bytes: &[u8]) -> Result<String, GitError> {
        Ok(tree::blob_id(&self.git, bytes)?.to_string())
    }

    /// Stores a content as an object of its own, and returns its id.
    ///
    /// # Errors
    /// [`GitError::Git`] where it cannot be stored.
    pub fn store_content(&self, bytes: &[u8]) -> Result<String, GitError> {
        let stored = self.git.write_blob(bytes);
        let id = stored.map_err(GitError::git("store what was generated"))?;
        Ok(id.to_string())
    }

    /// Reads a content by its id; `None` where it is not here, as in a shallow clone, or is none.
    pub fn stored_content(&self, id: &str) -> Option<Vec<u8>> {
        let id = gix::ObjectId::from_hex(id.as_bytes()).ok()?;
        let header = self.git.try_find_header(id).ok()??;
        if header.kind() != gix::objs::Kind::Blob || header.size() > LARGEST {
            return None;
        }
        let mut blob = self.git.try_find_object(id).ok()??;
        Some(std::mem::take(&mut blob.data))
    }
}
