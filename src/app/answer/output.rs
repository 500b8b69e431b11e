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
    make_folder(path, "--output")?;
    std::fs::write(path, text).map_err(|error| cannot_write(path, "--output", &error))
}

/// Refuses a file that cannot be written, before anything is asked or changed. `option` is the
/// one that names it.
pub(crate) fn check(path: &Path, option: &str) -> Result<(), CommandError> {
    let refuse = |error: std::io::Error| cannot_write(path, option, &error);
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
            make_folder(path, option)?;
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

fn make_folder(path: &Path, option: &str) -> Result<(), CommandError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(path, option, &error))
        }
        _ => Ok(()),
    }
}

fn cannot_write(path: &Path, option: &str, error: &std::io::Error) -> CommandError {
    let error = CommandError::usage(format!("could not write {}: {error}", path.display()));
    error.hint(format!(
        "free some space there and make it writable, or name another file with `{option}`"
    ))
}
