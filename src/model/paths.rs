//! Paths inside the repository, and the trait to read them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A path relative to the root of the repository, with `/`, that can't leave it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(String);

/// Why a text is not such a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a path inside the repository")]
pub struct InvalidPath(pub String);

impl RepoPath {
    /// Parses: relative, no empty, `.`, `..` or `.git` component, no backslash, no control
    /// character.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidPath> {
        let text = text.into();
        let component_ok = |c: &str| {
            !c.is_empty()
                && c != "."
                && c != ".."
                && !c.eq_ignore_ascii_case(".git")
                && !c.chars().any(|c| c == '\\' || c == ':' || c.is_control())
        };
        if text.split('/').all(component_ok) {
            Ok(Self(text))
        } else {
            Err(InvalidPath(crate::text::escape::json(&text)))
        }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The last component up to its last `.`.
    pub fn file_stem(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl TryFrom<String> for RepoPath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        Self::new(text)
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.0
    }
}

/// Why a file of the repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It, or a folder above it, is a symbolic link.
    #[error("{0} is, or lies behind, a symbolic link; state is never read through links")]
    Link(RepoPath),
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("{path} has {bytes} bytes; the limit is {MAX_FILE_BYTES}")]
    TooLarge {
        /// The file.
        path: RepoPath,
        /// Its size.
        bytes: u64,
    },
    /// It is a folder or a device.
    #[error("{0} is not a regular file")]
    NotAFile(RepoPath),
    /// The system's or git's error.
    #[error("could not read {path}: {message}")]
    Failed {
        /// The file.
        path: RepoPath,
        /// The cause.
        message: String,
    },
}

/// Largest file that is read as state: 64 MiB.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// Read access to the files of a repository: its work tree, or one of its commits.
pub trait Files {
    /// The bytes of a file, `None` where there is none.
    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, ReadError>;

    /// The files directly in a folder, sorted; empty where there is none.
    fn list(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError>;

    /// The folders directly in a folder, sorted; empty where there is none.
    fn folders(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError>;

    /// The same files for several threads at once, where they can be read so.
    fn shared(&self) -> Option<&(dyn Files + Sync)> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cannot_leave_the_repository() {
        for good in [".fractary/shared/environments.json", "a", "a b/c.md"] {
            assert!(RepoPath::new(good).is_ok(), "{good}");
        }
        for bad in [
            "", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a/.git/x", ".GIT/x", "a\\b", "a\nb",
            "c:/x",
        ] {
            assert!(RepoPath::new(bad).is_err(), "{bad}");
        }
    }
}
