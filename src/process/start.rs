//! Starting a program: where it is found, and what it is given.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
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
    if let Some(files) = &program.files {
        let make = |path: &Path| {
            let failed = |error: io::Error| {
                StartError::Failed(self::name(program), format!("{}: {error}", path.display()))
            };
            private(path).map(Stdio::from).map_err(failed)
        };
        command.stdout(make(&files.output)?);
        command.stderr(make(&files.errors)?);
    }
    #[cfg(unix)]
    if program.group != Grouping::Shared {
        command.process_group(0);
    }
    let mut tries = 0;
    loop {
        match command.spawn() {
            Ok(child) => {
                note_process(program, &child);
                return Ok(child);
            }
            // Something (a checkout, an editor) has it open to write at this moment.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(explained(&self::name(program), &path, &error)),
        }
    }
}

/// Writes down which process it is. Where that fails it runs all the same: what it does can't be
/// called back any more.
fn note_process(program: &Program, child: &Child) {
    use std::io::Write;
    if let (Some(files), Some(id)) = (&program.files, child.id()) {
        let written = private(&files.process).and_then(|mut file| write!(file, "{id}"));
        drop(written);
    }
}

/// Makes a file anew that its owner alone can read.
fn private(path: &Path) -> io::Result<std::fs::File> {
    // One that is there might be open to others, or be a link.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
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
        io::ErrorKind::NotFound if there && begins_with_crlf(path) => StartError::Unusable(
            name,
            "its first line ends with CR LF, as on Windows; save it with LF alone",
        ),
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

/// Whether the first line ends with CR LF: the system looks for a program with the CR in its name.
fn begins_with_crlf(path: &Path) -> bool {
    let mut start = [0; 256];
    let read = File::open(path).and_then(|mut file| file.read(&mut start));
    let mut lines = start[..read.unwrap_or(0)].split(|byte| *byte == b'\n');
    lines.next().is_some_and(|first| first.ends_with(b"\r"))
}
