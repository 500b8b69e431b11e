//! The files of a work tree.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::model::paths::{Files, MAX_FILE_BYTES, ReadError, RepoPath};

/// A directory read as a repository. No symbolic link below its root is ever followed.
#[derive(Debug)]
pub struct WorkTree {
    root: PathBuf,
    /// The folder that was looked at last and lies behind no link. Thousands of files share
    /// one, and looking at every component again for each would be half of a run.
    last: Mutex<Option<String>>,
}

impl WorkTree {
    /// The directory at `root`, which may itself be reached through a link.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            last: Mutex::new(None),
        }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a path lies, and what is there.
    fn look(&self, path: &RepoPath) -> Result<Option<(PathBuf, Metadata)>, ReadError> {
        let Some((folder, _)) = path.as_str().rsplit_once('/') else {
            return self.look_below(path, "");
        };
        if self.is_known(folder) {
            return self.look_below(path, folder);
        }
        let found = self.look_below(path, "")?;
        if found.is_some() {
            self.remember(folder);
        }
        Ok(found)
    }

    fn is_known(&self, folder: &str) -> bool {
        // A thread that panicked left a whole value behind; it may be used.
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_deref() == Some(folder)
    }

    fn remember(&self, folder: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(folder.to_owned());
    }

    /// Looks at every component below a folder that is known to lie behind no link; `""` is
    /// the root.
    fn look_below(
        &self,
        path: &RepoPath,
        known: &str,
    ) -> Result<Option<(PathBuf, Metadata)>, ReadError> {
        let mut place = self.root.join(known);
        let mut found = None;
        let mut end = if known.is_empty() { 0 } else { known.len() + 1 };
        for component in path.as_str()[end..].split('/') {
            end += component.len() + 1;
            if found
                .as_ref()
                .is_some_and(|there: &Metadata| !there.is_dir())
            {
                return Ok(None);
            }
            place.push(component);
            let there = match fs::symlink_metadata(&place) {
                Ok(there) => there,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(failed(path, &error)),
            };
            if there.is_symlink() {
                // The link itself is named, not every file behind it.
                let link = RepoPath::new(&path.as_str()[..end - 1]);
                return Err(ReadError::Link(link.unwrap_or_else(|_| path.clone())));
            }
            found = Some(there);
        }
        Ok(found.map(|there| (place, there)))
    }

    fn entries(&self, folder: &RepoPath, dirs: bool) -> Result<Vec<RepoPath>, ReadError> {
        let Some((place, there)) = self.look(folder)? else {
            return Ok(Vec::new());
        };
        if !there.is_dir() {
            return Ok(Vec::new());
        }
        let mut out = Vec::new();
        for entry in fs::read_dir(place).map_err(|error| failed(folder, &error))? {
            let entry = entry.map_err(|error| failed(folder, &error))?;
            let kind = entry.file_type().map_err(|error| failed(folder, &error))?;
            let name = entry.file_name();
            let path = name
                .to_str()
                .and_then(|name| RepoPath::new(format!("{folder}/{name}")).ok());
            match path {
                // A link counts as a file and as a folder, so that whoever reads it is notified.
                Some(path) if kind.is_symlink() || kind.is_dir() == dirs => out.push(path),
                Some(_) => {}
                None => {
                    return Err(ReadError::Failed {
                        path: folder.clone(),
                        message: format!(
                            "it holds a name that is not safe to use: {}",
                            crate::text::escape::terminal(&name.to_string_lossy())
                        ),
                    });
                }
            }
        }
        out.sort();
        Ok(out)
    }
}

fn failed(path: &RepoPath, error: &std::io::Error) -> ReadError {
    ReadError::Failed {
        path: path.clone(),
        message: error.to_string(),
    }
}

/// Whether what was opened is what was looked at: no link was put there in between.
#[cfg(unix)]
fn is_same(before: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    before.dev() == opened.dev() && before.ino() == opened.ino()
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, opened: &Metadata) -> bool {
    opened.is_file()
}

impl Files for WorkTree {
    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, ReadError> {
        let Some((place, there)) = self.look(path)? else {
            return Ok(None);
        };
        if !there.is_file() {
            return Err(ReadError::NotAFile(path.clone()));
        }
        let too_large = |bytes| ReadError::TooLarge {
            path: path.clone(),
            bytes,
        };
        if there.len() > MAX_FILE_BYTES {
            return Err(too_large(there.len()));
        }
        let file = File::open(place).map_err(|error| failed(path, &error))?;
        let opened = file.metadata().map_err(|error| failed(path, &error))?;
        if !is_same(&there, &opened) {
            return Err(ReadError::Link(path.clone()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(there.len()).unwrap_or(0));
        // It may grow while it is read.
        file.take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(path, &error))?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(too_large(bytes.len() as u64));
        }
        Ok(Some(bytes))
    }

    fn list(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        self.entries(folder, false)
    }

    fn folders(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        self.entries(folder, true)
    }

    fn shared(&self) -> Option<&(dyn Files + Sync)> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> RepoPath {
        RepoPath::new(text).expect("a path")
    }

    fn tree() -> (tempfile::TempDir, WorkTree) {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(dir.path().join("a/sub")).expect("created");
        fs::write(dir.path().join("a/two"), "2").expect("written");
        fs::write(dir.path().join("a/one"), "1").expect("written");
        let tree = WorkTree::new(dir.path());
        (dir, tree)
    }

    #[test]
    fn reads_and_lists_sorted() {
        let (_dir, tree) = tree();
        assert_eq!(tree.read(&at("a/one")).expect("read"), Some(b"1".to_vec()));
        assert_eq!(
            tree.list(&at("a")).expect("listed"),
            [at("a/one"), at("a/two")]
        );
        assert_eq!(tree.folders(&at("a")).expect("listed"), [at("a/sub")]);
        for missing in ["b", "a/one/x", "a/none"] {
            assert_eq!(
                tree.read(&at(missing)).expect("no error"),
                None,
                "{missing}"
            );
            assert!(tree.list(&at(missing)).expect("no error").is_empty());
        }
        assert!(matches!(tree.read(&at("a")), Err(ReadError::NotAFile(_))));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused_at_every_component() {
        let (dir, tree) = tree();
        let outside = tempfile::tempdir().expect("a directory");
        fs::write(outside.path().join("secret"), "s").expect("written");
        let link = |from: &str, to: &Path| {
            std::os::unix::fs::symlink(to, dir.path().join(from)).expect("linked");
        };
        link("out", outside.path());
        link("a/file", &outside.path().join("secret"));
        link("a/inside", Path::new("one"));
        link("a/dangling", Path::new("nowhere"));
        for bad in ["out/secret", "a/file", "a/inside", "a/dangling"] {
            assert!(
                matches!(tree.read(&at(bad)), Err(ReadError::Link(_))),
                "{bad}"
            );
        }
        let named = tree.read(&at("out/secret"));
        assert!(matches!(named, Err(ReadError::Link(link)) if link == at("out")));
        assert!(matches!(tree.list(&at("out")), Err(ReadError::Link(_))));
        assert!(tree.list(&at("a")).expect("listed").contains(&at("a/file")));
    }

    #[test]
    fn size_is_limited() {
        let (dir, tree) = tree();
        let file = File::create(dir.path().join("big")).expect("created");
        file.set_len(MAX_FILE_BYTES + 1).expect("sized");
        assert!(matches!(
            tree.read(&at("big")),
            Err(ReadError::TooLarge { .. })
        ));
    }
}
