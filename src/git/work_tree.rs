//! The working files: looking at one the way git does, replacing one, removing one. No
//! symbolic link is ever followed.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::filter::plumbing::driver::apply::Delay;
use gix::filter::plumbing::pipeline::convert::{ToGitOutcome, to_worktree};

use crate::git::error::{DirtyPath, DirtyReason, GitError, one_line};
use crate::git::filters;
use crate::git::lock;
use crate::git::tree::{Version, parents};
use crate::model::paths::RepoPath;

/// The name under which new content is prepared, beside its target. One is enough, as
/// files are written one after the other under the lock.
const TEMPORARY: &str = ".fractary-write.tmp";

/// What is in the work tree at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDisk {
    Nothing,
    /// A file; `id` is the content as git would store it.
    File(Version),
    InTheWay(DirtyReason),
}

impl OnDisk {
    /// Whether this is exactly the version, or exactly its absence.
    pub(crate) fn is(self, version: Option<Version>) -> bool {
        match (self, version) {
            (Self::Nothing, None) => true,
            (Self::File(found), Some(version)) => found == version,
            _ => false,
        }
    }
}

pub(crate) struct WorkTree<'repo> {
    root: PathBuf,
    git: &'repo gix::Repository,
    filters: gix::filter::Pipeline<'repo>,
    trust_mode: bool,
    /// Whether written files are also safe from power loss.
    pub(crate) sync: bool,
}

impl<'repo> WorkTree<'repo> {
    /// The work tree of a repository that has one.
    pub(crate) fn open(
        git: &'repo gix::Repository,
        index: &gix::index::State,
    ) -> Result<Self, GitError> {
        let root = git
            .workdir()
            .ok_or_else(|| GitError::NoWorkTree(git.git_dir().to_owned()))?;
        let cache = git
            .attributes_only(
                index,
                gix::worktree::stack::state::attributes::Source::WorktreeThenIdMapping,
            )
            .map_err(GitError::git("read .gitattributes"))?;
        let filters = gix::filter::Pipeline::new(git, cache.detach())
            .map_err(GitError::git("read the configuration of filters"))?;
        let file_mode = git.config_snapshot().boolean("core.fileMode");
        Ok(Self {
            root: root.to_owned(),
            git,
            filters,
            trust_mode: cfg!(unix) && file_mode.unwrap_or(true),
            sync: true,
        })
    }

    pub(crate) fn full_path(&self, path: &RepoPath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// What is above the path: `None` when all are folders, `Some(Nothing)` when one is
    /// missing.
    fn above(&self, path: &RepoPath) -> Result<Option<OnDisk>, GitError> {
        for parent in parents(path) {
            let folder = self.root.join(parent);
            match metadata(&folder)? {
                None => return Ok(Some(OnDisk::Nothing)),
                Some(m) if m.is_symlink() => return Ok(Some(OnDisk::InTheWay(DirtyReason::Link))),
                Some(m) if m.is_dir() => {}
                Some(_) => return Ok(Some(OnDisk::InTheWay(DirtyReason::NotAFolder))),
            }
        }
        Ok(None)
    }

    /// Looks at a path. `tracked` is the version that the index has: where the file system
    /// has no executable bit, its bit counts.
    pub(crate) fn look(
        &mut self,
        path: &RepoPath,
        index: &gix::index::State,
        tracked: Option<Version>,
    ) -> Result<OnDisk, GitError> {
        if let Some(found) = self.above(path)? {
            return Ok(found);
        }
        let full = self.full_path(path);
        let Some(found) = metadata(&full)? else {
            return Ok(OnDisk::Nothing);
        };
        if found.is_symlink() {
            return Ok(OnDisk::InTheWay(DirtyReason::Link));
        }
        if !found.is_file() {
            return Ok(OnDisk::InTheWay(DirtyReason::NotAFile));
        }
        let executable = if self.trust_mode {
            is_executable(&found)
        } else {
            tracked.is_some_and(|t| t.executable)
        };
        let id = self.hash(path, &full, index)?;
        Ok(OnDisk::File(Version { id, executable }))
    }

    /// The id that git would give the content of a working file.
    fn hash(
        &mut self,
        path: &RepoPath,
        full: &Path,
        index: &gix::index::State,
    ) -> Result<ObjectId, GitError> {
        let bytes = fs::read(full).map_err(GitError::io("read", full))?;
        let action = || format!("convert {path} for git");
        let mut converted = Vec::new();
        let content = match self
            .filters
            .convert_to_git(bytes.as_slice(), Path::new(path.as_str()), index)
            .map_err(|error| filters::failure(self.git, path, "convert", &one_line(&error)))?
        {
            ToGitOutcome::Unchanged(_) => bytes.as_slice(),
            ToGitOutcome::Buffer(buffer) => buffer,
            ToGitOutcome::Process(mut stream) => {
                let read = stream.read_to_end(&mut converted);
                read.map_err(|error| {
                    filters::failure(self.git, path, "filter", &error.to_string())
                })?;
                converted.as_slice()
            }
        };
        gix::objs::compute_hash(self.git.object_hash(), gix::objs::Kind::Blob, content)
            .map_err(GitError::git(action()))
    }

    /// Puts content from git into a working file: prepared beside it, then renamed.
    pub(crate) fn write(
        &mut self,
        path: &RepoPath,
        content: &[u8],
        executable: bool,
    ) -> Result<(), GitError> {
        self.make_folders(path)?;
        let target = self.full_path(path);
        let mode = mode_for(&target, executable)?;
        let bytes = self.for_work_tree(path, content)?;
        let temporary = target.with_file_name(TEMPORARY);
        let sync = self.sync;
        lock::remove(&temporary)?;
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create_new(true).open(&temporary)?;
            file.write_all(&bytes)?;
            set_mode(&file, mode, executable)?;
            if sync {
                file.sync_all()?;
            }
            fs::rename(&temporary, &target)
        };
        write().map_err(|source| {
            // The failure of the write is what matters; the next run clears the rest.
            drop(fs::remove_file(&temporary));
            GitError::io("write", &target)(source)
        })
    }

    fn for_work_tree(&mut self, path: &RepoPath, content: &[u8]) -> Result<Vec<u8>, GitError> {
        let options = to_worktree::Options {
            can_delay: Delay::Forbid,
            ..Default::default()
        };
        let mut converted = self
            .filters
            .convert_to_worktree(content, path.as_str().into(), options)
            .map_err(|error| filters::failure(self.git, path, "convert", &one_line(&error)))?;
        let mut bytes = Vec::with_capacity(content.len());
        let read = converted.read_to_end(&mut bytes);
        read.map_err(|error| filters::failure(self.git, path, "filter", &error.to_string()))?;
        Ok(bytes)
    }

    fn make_folders(&self, path: &RepoPath) -> Result<(), GitError> {
        for parent in parents(path) {
            let folder = self.root.join(parent);
            let reason = match metadata(&folder)? {
                Some(m) if m.is_symlink() => DirtyReason::Link,
                Some(m) if m.is_dir() => continue,
                Some(_) => DirtyReason::NotAFolder,
                None => {
                    fs::create_dir(&folder).map_err(GitError::io("make the folder", &folder))?;
                    continue;
                }
            };
            return Err(GitError::Dirty {
                paths: vec![DirtyPath {
                    path: path.clone(),
                    reason,
                }],
            });
        }
        Ok(())
    }

    /// Removes a working file and the folders that are empty then.
    pub(crate) fn remove(&self, path: &RepoPath) -> Result<(), GitError> {
        if self.above(path)?.is_some() {
            return Ok(());
        }
        lock::remove(&self.full_path(path))?;
        let folders: Vec<&str> = parents(path).collect();
        for folder in folders.into_iter().rev() {
            // It is not empty, or a process is in it: git leaves it, too.
            if fs::remove_dir(self.root.join(folder)).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Removes what a killed run may have left beside a path.
    pub(crate) fn clear_temporary(&self, path: &RepoPath) -> Result<(), GitError> {
        match self.above(path)? {
            None => lock::remove(&self.full_path(path).with_file_name(TEMPORARY)),
            Some(_) => Ok(()),
        }
    }
}

fn metadata(path: &Path) -> Result<Option<Metadata>, GitError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(GitError::io("look at", path)(error)),
    }
}

/// The permissions of the file to be replaced, so that a private file stays private.
fn mode_for(target: &Path, executable: bool) -> Result<Option<fs::Permissions>, GitError> {
    let old = metadata(target)?.filter(Metadata::is_file);
    Ok(old
        .filter(|m| is_executable(m) == executable)
        .map(|m| m.permissions()))
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn set_mode(
    file: &fs::File,
    like: Option<fs::Permissions>,
    executable: bool,
) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if let Some(like) = like {
        return file.set_permissions(like);
    }
    if !executable {
        return Ok(());
    }
    let mode = file.metadata()?.permissions().mode();
    // Whoever may read it may execute it.
    file.set_permissions(fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
fn set_mode(_: &fs::File, _: Option<fs::Permissions>, _: bool) -> std::io::Result<()> {
    Ok(())
}
