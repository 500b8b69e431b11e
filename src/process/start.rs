//! Starting a program: where it is found, and what it is given.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::{Run, StartError};
use crate::text::escape;

/// How often a program that is being written is tried again.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// Starts it as the leader of a process group of its own, with just the given variables.
pub(crate) async fn start(run: &Run) -> Result<Child, StartError> {
    let Some((program, arguments)) = run.exec.split_first().filter(|(p, _)| !p.is_empty()) else {
        return Err(StartError::Empty);
    };
    let path = located(program, &run.root);
    let mut command = Command::new(&path);
    command
        .args(arguments)
        .current_dir(&run.root)
        .env_clear()
        .envs(&run.env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut tries = 0;
    loop {
        match command.spawn() {
            Ok(child) => return Ok(child),
            // Something (a checkout, an editor) has it open to write at this moment.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(explained(program, &path, &error)),
        }
    }
}

/// A relative path begins at the repository's root; a bare name is looked up in `PATH`.
fn located(program: &str, root: &Path) -> PathBuf {
    let path = Path::new(program);
    if path.components().count() > 1 || program.starts_with('.') {
        root.join(path)
    } else {
        path.to_owned()
    }
}

fn explained(program: &str, path: &Path, error: &io::Error) -> StartError {
    let name = escape::terminal(&escape::cut(program, 120));
    let there = path.is_file();
    match error.kind() {
        io::ErrorKind::NotFound if there => StartError::Unusable(
            name,
            "the program that its first line names is not installed",
        ),
        io::ErrorKind::NotFound => StartError::NotFound(name),
        io::ErrorKind::PermissionDenied if path.is_dir() => {
            StartError::Unusable(name, "it is a folder")
        }
        io::ErrorKind::PermissionDenied => StartError::NotExecutable(name),
        // ENOEXEC: std has no name for it.
        _ if error.raw_os_error() == Some(8) => {
            StartError::Unusable(name, "it is no program; a script begins with `#!`")
        }
        _ => StartError::Failed(name, escape::terminal(&error.to_string())),
    }
}
