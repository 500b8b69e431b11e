//! Where the answer of a command goes: standard output, or the file of `--output`.

use std::fs::OpenOptions;
use std::path::Path;

use crate::app::App;
use crate::error::CommandError;

/// Prints the answer, or writes it into the file of `--output`.
pub(crate) fn write(app: &App, text: &str) -> Result<(), CommandError> {
    write_to(app, app.global.output.as_deref(), text)
}

/// The same, where the file is not the one that `--output` names.
pub(crate) fn write_to(app: &App, path: Option<&Path>, text: &str) -> Result<(), CommandError> {
    let Some(path) = path else {
        return app.ui.answer(text).map_err(|error| {
            CommandError::usage(format!("could not write to standard output: {error}"))
        });
    };
    make_folder(path)?;
    std::fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

/// Refuses a file for the answer that cannot be written, before anything is asked or changed.
pub(crate) fn check(path: &Path) -> Result<(), CommandError> {
    let refuse = |error: std::io::Error| cannot_write(path, &error);
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(refuse(std::io::ErrorKind::IsADirectory.into())),
        // Opening a pipe would wait for its reader.
        Ok(found) if !found.is_file() => Ok(()),
        Ok(_) => OpenOptions::new()
            .append(true)
            .open(path)
            .map(drop)
            .map_err(refuse),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            make_folder(path)?;
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            tempfile::tempfile_in(folder.unwrap_or(Path::new(".")))
                .map(drop)
                .map_err(refuse)
        }
        Err(error) => Err(refuse(error)),
    }
}

fn make_folder(path: &Path) -> Result<(), CommandError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(path, &error))
        }
        _ => Ok(()),
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::usage(format!("could not write {}: {error}", path.display()))
        .hint("free some space there and make it writable, or name another file with `--output`")
}
