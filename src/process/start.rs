//! Starting a program: where it is found, and what it is given.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::process::{Grouping, Program, StartError, Variables};
use crate::text::escape;

/// How often a program that is being written is tried again.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// Starts it with just what it is given, as the leader of its process group where it has one.
pub(crate) async fn start(program: &Program) -> Result<Child, StartError> {
    let exec = program.exec.split_first();
    let Some((name, arguments)) = exec.filter(|(name, _)| !name.is_empty()) else {
        return Err(StartError::Empty);
    };
    let path = located(name, &program.folder);
    let mut command = Command::new(&path);
    match &program.variables {
        Variables::Only(variables) => command.env_clear().envs(variables),
        Variables::InheritedWith(variables) => command.envs(variables),
    };
    let input = match &program.input {
        Some(_) => Stdio::piped(),
        None => Stdio::null(),
    };
    command
        .args(arguments)
        .current_dir(&program.folder)
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    if program.group != Grouping::Shared {
        command.process_group(0);
    }
    let mut tries = 0;
    loop {
        match command.spawn() {
            Ok(child) => return Ok(child),
            // Something (a checkout, an editor) has it open to write at this moment.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(explained(&self::name(program), &path, &error)),
        }
    }
}

/// The name of a program, for a message.
pub(crate) fn name(program: &Program) -> String {
    let name = program.exec.first().map(|name| name.to_string_lossy());
    escape::terminal(&escape::cut(&name.unwrap_or_default(), 120))
}

/// A relative path begins at the working directory; a bare name is looked up in `PATH`.
fn located(name: &OsStr, folder: &Path) -> PathBuf {
    let path = Path::new(name);
    if path.components().count() > 1 || name.as_encoded_bytes().starts_with(b".") {
        folder.join(path)
    } else {
        path.to_owned()
    }
}

fn explained(name: &str, path: &Path, error: &io::Error) -> StartError {
    let name = name.to_owned();
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
            StartError::Unusable(name, "it is not a program; a script begins with `#!`")
        }
        _ => StartError::Failed(name, escape::terminal(&error.to_string())),
    }
}
