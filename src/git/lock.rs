//! The two locks: ours among runs of this program, and git's around the index.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::git::error::GitError;

/// Held while this process changes the repository. The operating system releases it when
/// the process dies, so it can't go stale; the file itself stays.
#[derive(Debug)]
pub(crate) struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock, waiting for at most `wait`.
    pub(crate) fn take(path: &Path, wait: Duration) -> Result<Self, GitError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(GitError::io("open the lock", path))?;
        let file = match file.try_lock() {
            Ok(()) => file,
            Err(TryLockError::WouldBlock) => {
                wait_for(file, wait, path)?.ok_or_else(|| held_by(path))?
            }
            Err(TryLockError::Error(source)) => return Err(GitError::io("lock", path)(source)),
        };
        sign(&file).map_err(GitError::io("write the lock", path))?;
        Ok(Self { _file: file })
    }
}

/// Waits on another thread, because the system's blocking call knows no deadline. When the
/// time is up that thread is left behind; it lets go of the lock as soon as it gets it.
fn wait_for(file: File, wait: Duration, path: &Path) -> Result<Option<File>, GitError> {
    if wait.is_zero() {
        return Ok(None);
    }
    let (send, receive) = mpsc::channel();
    let waiter = move || {
        let locked = file.lock();
        // Nothing listens any more when the deadline has passed: dropping the file unlocks.
        drop(send.send(locked.map(|()| file)));
    };
    thread::Builder::new()
        .name("lock".to_owned())
        .spawn(waiter)
        .map_err(GitError::io("wait for", path))?;
    match receive.recv_timeout(wait) {
        Ok(Ok(file)) => Ok(Some(file)),
        Ok(Err(source)) => Err(GitError::io("lock", path)(source)),
        Err(_) => Ok(None),
    }
}

/// Leaves process id and time for those who wait. The file's own modification time serves
/// as clock.
fn sign(mut file: &File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    let modified = file.metadata()?.modified()?;
    if let Ok(since) = jiff::Timestamp::try_from(modified) {
        writeln!(file, "{since:.0}")?;
    }
    Ok(())
}

fn held_by(path: &Path) -> GitError {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut lines = text.lines();
    GitError::Locked {
        pid: lines.next().and_then(|l| l.parse().ok()),
        since: lines.next().and_then(|l| l.parse().ok()),
    }
}

/// Git's lock of the index (`index.lock`).
///
/// It is made as a second name of a file of ours. So after a crash it is known for sure
/// whether a left-over `index.lock` is ours and may be removed: both names are one file.
#[derive(Debug)]
pub(crate) struct IndexLock {
    index: PathBuf,
    abandoned: bool,
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn lock_of(index: &Path) -> PathBuf {
    with_suffix(index, ".lock")
}

fn marker_of(index: &Path) -> PathBuf {
    with_suffix(index, ".fractary")
}

impl IndexLock {
    /// Takes the lock, waiting for at most `wait`. The caller holds the [`RunLock`] and has
    /// called [`IndexLock::clear_stale`].
    pub(crate) fn take(index: &Path, wait: Duration) -> Result<Self, GitError> {
        let (lock, marker) = (lock_of(index), marker_of(index));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&marker);
        drop(file.map_err(GitError::io("make", &marker))?);
        let taken = Self {
            index: index.to_owned(),
            abandoned: false,
        };
        let start = Instant::now();
        let mut pause = Duration::from_millis(2);
        loop {
            match claim(&marker, &lock) {
                Ok(()) => return Ok(taken),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    taken.forget_lock();
                    return Err(GitError::io("make", &lock)(error));
                }
            }
            if start.elapsed() >= wait {
                taken.forget_lock();
                return Err(GitError::IndexLocked(lock));
            }
            nap(pause.min(wait));
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// The file by which a lock is known to be ours.
    pub(crate) fn marker(index: &Path) -> PathBuf {
        marker_of(index)
    }

    /// Removes what a killed run left behind. Another program's lock is left alone.
    pub(crate) fn clear_stale(index: &Path) -> Result<(), GitError> {
        let (lock, marker) = (lock_of(index), marker_of(index));
        if same_file(&marker, &lock) {
            remove(&lock)?;
        }
        remove(&marker)
    }

    /// Puts `content` in the place of the index and lets go.
    pub(crate) fn replace(mut self, content: &[u8]) -> Result<(), GitError> {
        let lock = lock_of(&self.index);
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).truncate(true).open(&lock)?;
            file.write_all(content)?;
            file.sync_all()?;
            keep_mode(&self.index, &file)?;
            fs::rename(&lock, &self.index)
        };
        write().map_err(GitError::io("write", &self.index))?;
        self.abandoned = true;
        remove(&marker_of(&self.index))
    }

    /// Leaves the lock as a killed process would.
    pub(crate) fn abandon(mut self) {
        self.abandoned = true;
    }

    /// Drops the marker only: the lock was never ours.
    fn forget_lock(mut self) {
        self.abandoned = true;
        // A marker that stays is cleared by the next run.
        drop(fs::remove_file(marker_of(&self.index)));
    }
}

impl Drop for IndexLock {
    fn drop(&mut self) {
        if !self.abandoned {
            // What can't be removed now is cleared by the next run.
            drop(fs::remove_file(lock_of(&self.index)));
            drop(fs::remove_file(marker_of(&self.index)));
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "another program's lock file gives no event that could be waited for"
)]
fn nap(pause: Duration) {
    thread::sleep(pause);
}

/// Makes the lock, provided that it is free.
fn claim(marker: &Path, lock: &Path) -> std::io::Result<()> {
    match fs::hard_link(marker, lock) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            // A file system without hard links: the lock works, but can't be taken over.
            let made = OpenOptions::new().write(true).create_new(true).open(lock);
            made.map(|_| ())
        }
        linked => linked,
    }
}

/// Gives the new index the permissions of the old one, as in a shared repository.
fn keep_mode(index: &Path, file: &File) -> std::io::Result<()> {
    match fs::metadata(index) {
        Ok(old) => file.set_permissions(old.permissions()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::symlink_metadata(a), fs::symlink_metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

/// Without a file identity the owner of the lock is unknown, so it stays.
#[cfg(not(unix))]
fn same_file(_: &Path, _: &Path) -> bool {
    false
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> Result<(), GitError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(GitError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes a lock file of git's that a killed run of ours left: one that has `content`, or
/// nothing yet, and stays for `wait`. Git holds such a lock for milliseconds.
pub(crate) fn clear_ref_lock(path: &Path, content: &str, wait: Duration) -> Result<(), GitError> {
    let start = Instant::now();
    loop {
        match fs::read_to_string(path) {
            Ok(text) if text.trim().is_empty() || text.trim() == content => {}
            _ => return Ok(()),
        }
        if start.elapsed() >= wait {
            return remove(path);
        }
        nap(Duration::from_millis(20).min(wait));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = RunLock::take(&path, Duration::ZERO).unwrap();
        let error = RunLock::take(&path, Duration::from_millis(5)).unwrap_err();
        let GitError::Locked { pid, since } = error else {
            panic!("{error}");
        };
        assert_eq!(pid, Some(std::process::id()));
        assert!(since.is_some());
        drop(held);
        RunLock::take(&path, Duration::from_secs(10)).unwrap();
    }

    #[test]
    fn the_index_lock_of_others_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let index = dir.path().join("index");
        fs::write(lock_of(&index), "").unwrap();
        IndexLock::clear_stale(&index).unwrap();
        let error = IndexLock::take(&index, Duration::from_millis(5)).unwrap_err();
        assert!(matches!(error, GitError::IndexLocked(_)), "{error}");
        assert!(lock_of(&index).exists());
        assert!(!marker_of(&index).exists());
    }

    #[cfg(unix)]
    #[test]
    fn our_own_left_over_index_lock_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let index = dir.path().join("index");
        IndexLock::take(&index, Duration::ZERO).unwrap().abandon();
        assert!(lock_of(&index).exists());
        IndexLock::clear_stale(&index).unwrap();
        let lock = IndexLock::take(&index, Duration::ZERO).unwrap();
        lock.replace(b"new").unwrap();
        assert_eq!(fs::read(&index).unwrap(), b"new");
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }
}
