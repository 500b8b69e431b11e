//! What a clone keeps of infrastructure outside of its work tree, for its owner alone: the plan
//! that was shown, what an apply printed, and a lock so that two commands do not work at once.
//!
//! A plan is code, and holds secrets. In the git directory it is never committed, never in an
//! artifact of the work tree, and gone with the clone.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::core::infra::kept::KeptPlan;
use crate::error::{CommandError, ErrorKind};
use crate::git::Repository;
use crate::model::ids::EnvironmentName;
use crate::process::OutputFiles;

/// The folder of a clone.
pub(crate) struct InfraFolder {
    root: PathBuf,
    /// Held as long as this is.
    _lock: File,
}

/// A plan with what it was made from.
pub(crate) struct KeptBytes {
    /// What it was made from, as it was written down.
    pub(crate) kept: KeptPlan,
    /// The very bytes that are there now.
    pub(crate) bytes: Vec<u8>,
}

impl KeptBytes {
    /// Returns the SHA-256 of the bytes.
    pub(crate) fn sha256(&self) -> String {
        sha256(&self.bytes)
    }
}

/// Returns a SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl InfraFolder {
    /// Opens it, for one command at a time.
    ///
    /// # Errors
    /// Another command has it.
    pub(crate) fn open(repository: &Repository) -> Result<Self, CommandError> {
        let git_dir = repository.git_dir();
        let git_dir = fs::canonicalize(git_dir).map_err(failed(git_dir))?;
        let root = git_dir.join("fractary").join("infra");
        make_private(&root)?;
        let path = root.join("lock");
        let lock = File::create(&path).map_err(failed(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(CommandError::say(
                ErrorKind::Refused,
                "another `fractary infra` is at work in this clone; nothing was done",
            )
            .hint("wait until it has ended, or use another clone")),
            Err(TryLockError::Error(error)) => Err(failed(&path)(error)),
        }
    }

    /// Returns what tells this clone from others.
    pub(crate) fn clone_id(&self) -> Result<String, CommandError> {
        let path = self.root.join("clone");
        match fs::read_to_string(&path) {
            Ok(id) if !id.trim().is_empty() => return Ok(id.trim().to_owned()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&path)(error));
            }
            _ => {}
        }
        let id = crate::app::apply::remediate::record::random();
        fs::write(&path, &id).map_err(failed(&path))?;
        Ok(id)
    }

    fn of(&self, name: &EnvironmentName) -> Result<PathBuf, CommandError> {
        let folder = self.root.join(name.as_str());
        make_private(&folder)?;
        Ok(folder)
    }

    /// Returns where a new plan is written.
    pub(crate) fn new_plan(&self, name: &EnvironmentName) -> Result<PathBuf, CommandError> {
        let path = self.of(name)?.join("new-plan");
        remove(&path)?;
        Ok(path)
    }

    /// Keeps a plan in place of the one before.
    pub(crate) fn keep(&self, kept: &KeptPlan, bytes: &[u8]) -> Result<(), CommandError> {
        let folder = self.of(&kept.environment)?;
        // First the plan: one that nothing is written down of is not applied.
        remove(&folder.join("plan.json"))?;
        write_private(&folder.join("plan"), bytes)?;
        let text = serde_json::to_vec_pretty(kept).map_err(CommandError::bug)?;
        write_private(&folder.join("plan.json"), &text)
    }

    /// Reads the plan that is kept; `None` where there is none.
    pub(crate) fn kept(&self, name: &EnvironmentName) -> Result<Option<KeptBytes>, CommandError> {
        let folder = self.of(name)?;
        let (Some(text), Some(bytes)) = (
            read(&folder.join("plan.json"))?,
            read(&folder.join("plan"))?,
        ) else {
            return Ok(None);
        };
        let kept = serde_json::from_slice(&text).map_err(|error| {
            CommandError::say(
                ErrorKind::Refused,
                format!("what was written down of the plan cannot be read: {error}"),
            )
            .hint(format!("plan again: `fractary infra preview --env {name}`"))
        })?;
        Ok(Some(KeptBytes { kept, bytes }))
    }

    /// Returns which stages of `infra run` have passed, each with what it depended on.
    pub(crate) fn passed(
        &self,
        name: &EnvironmentName,
    ) -> Result<BTreeMap<String, String>, CommandError> {
        let text = read(&self.root.join(format!("{name}.passed.json")))?;
        // What cannot be read is done again.
        let known = text.and_then(|text| serde_json::from_slice(&text).ok());
        Ok(known.unwrap_or_default())
    }

    /// Keeps that.
    pub(crate) fn keep_passed(
        &self,
        name: &EnvironmentName,
        passed: &BTreeMap<String, String>,
    ) -> Result<(), CommandError> {
        let text = serde_json::to_vec_pretty(passed).map_err(CommandError::bug)?;
        write_private(&self.root.join(format!("{name}.passed.json")), &text)
    }

    /// Forgets the plan: it was applied, or it is no longer good.
    pub(crate) fn forget(&self, name: &EnvironmentName) -> Result<(), CommandError> {
        let folder = self.of(name)?;
        remove(&folder.join("plan.json"))?;
        remove(&folder.join("plan"))
    }

    /// Writes a private copy of a plan, and returns where.
    pub(crate) fn copy(
        &self,
        name: &EnvironmentName,
        bytes: &[u8],
    ) -> Result<PathBuf, CommandError> {
        let path = self.of(name)?.join("applying");
        write_private(&path, bytes)?;
        Ok(path)
    }

    /// Removes that copy.
    pub(crate) fn remove_copy(&self, name: &EnvironmentName) -> Result<(), CommandError> {
        remove(&self.of(name)?.join("applying"))
    }

    /// Writes a program that only its owner can run, and returns where.
    pub(crate) fn program(
        &self,
        name: &EnvironmentName,
        bytes: &[u8],
    ) -> Result<PathBuf, CommandError> {
        let path = self.of(name)?.join("hook");
        write_private(&path, bytes)?;
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            fs::set_permissions(&path, mode).map_err(failed(&path))?;
        }
        Ok(path)
    }

    /// Removes that program.
    pub(crate) fn remove_program(&self, name: &EnvironmentName) -> Result<(), CommandError> {
        remove(&self.of(name)?.join("hook"))
    }

    /// Returns the files of one apply, which its folder keeps until the next.
    pub(crate) fn outputs(
        &self,
        name: &EnvironmentName,
        id: &str,
    ) -> Result<OutputFiles, CommandError> {
        let folder = self.of(name)?;
        Ok(OutputFiles {
            output: folder.join(format!("{id}.jsonl")),
            errors: folder.join(format!("{id}.log")),
            process: folder.join(format!("{id}.pid")),
        })
    }

    /// Removes what an apply printed, and the private copy of its plan.
    pub(crate) fn clear(&self, name: &EnvironmentName, id: &str) -> Result<(), CommandError> {
        let files = self.outputs(name, id)?;
        remove(&files.process)?;
        remove(&self.of(name)?.join("applying"))?;
        remove(&files.output)?;
        remove(&files.errors)
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> CommandError + '_ {
    move |error| {
        CommandError::usage(format!("{}: {error}", path.display()))
            .hint("the git directory holds plans, and must be writable")
    }
}

fn make_private(folder: &Path) -> Result<(), CommandError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed(folder))
}

/// Removes a file, where there is one.
pub(crate) fn remove(path: &Path) -> Result<(), CommandError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    remove(path)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed(path))?;
    file.write_all(bytes).map_err(failed(path))
}

/// Reads a file; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, CommandError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path)(error)),
    }
}
