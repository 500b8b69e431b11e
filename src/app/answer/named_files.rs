//! The files that a command line names: none is written over one that is read.

use std::path::{Path, PathBuf};

use crate::app::answer::output;
use crate::app::options::GlobalArgs;
use crate::error::CommandError;
use crate::text::Untrusted;

/// The files that a command reads, and those that it writes.
#[derive(Debug, Default)]
pub(crate) struct NamedFiles<'a> {
    reads: Vec<&'a Path>,
    writes: Vec<(&'static str, &'a Path)>,
}

impl<'a> NamedFiles<'a> {
    /// With files that are read, or folders.
    pub(crate) fn reading(mut self, paths: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        self.reads.extend(paths.into_iter().map(PathBuf::as_path));
        self
    }

    /// With the file that an option names for writing.
    pub(crate) fn writing(mut self, option: &'static str, path: Option<&'a PathBuf>) -> Self {
        self.writes
            .extend(path.map(|path| (option, path.as_path())));
        self
    }

    /// With the files of the options that every command has. A folder for `--output` is given
    /// where the command puts files of its own names into it.
    pub(crate) fn with_options(self, options: &'a GlobalArgs, fills_folder: bool) -> Self {
        let output = options.output.as_ref().filter(|_| !fills_folder);
        self.reading(&options.replay)
            .writing("--output", output)
            .writing("--record", options.record.as_ref())
    }

    /// Refuses what would be written over a file that is read, over another that is written, or
    /// over the state of a repository; and what cannot be written, before anything is asked.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        for (index, (option, path)) in self.writes.iter().enumerate() {
            let shown = Untrusted::new(path.to_string_lossy()).terminal();
            if self.reads.iter().any(|read| holds(read, path)) {
                let error = CommandError::usage(format!(
                    "`{option}` would overwrite {shown}, which is read"
                ));
                return Err(error.hint(format!("name another file with `{option}`")));
            }
            if is_state(path) {
                let error = CommandError::usage(format!(
                    "`{option}` would overwrite {shown}, which belongs to the state of a repository"
                ));
                return Err(error.hint(format!(
                    "name a file outside of `.fractary` with `{option}`"
                )));
            }
            let same = |other: &&(&str, &Path)| is_same(other.1, path);
            if let Some((other, _)) = self.writes[..index].iter().find(same) {
                let error =
                    CommandError::usage(format!("`{other}` and `{option}` both write {shown}"));
                return Err(error.hint(format!("name another file with `{option}`")));
            }
        }
        for (option, path) in &self.writes {
            // The recording is checked where it is opened.
            if *option != "--record" {
                output::check(path, option)?;
            }
        }
        Ok(())
    }
}

/// Whether a file lies at `place` or, where that is a folder, in it. A place is the same under
/// all of its names: links are followed.
fn holds(place: &Path, file: &Path) -> bool {
    match (resolved(place), resolved(file)) {
        (Some(place), Some(file)) if place.is_dir() => file.is_file() && file.starts_with(place),
        _ => is_same(place, file),
    }
}

/// Whether both are one regular file, or will be.
fn is_same(one: &Path, other: &Path) -> bool {
    let (Some(one), Some(other)) = (resolved(one), resolved(other)) else {
        return false;
    };
    // Terminals and pipes may be read and written.
    let is_special = |path: &Path| path.exists() && !path.is_file();
    if is_special(&one) || is_special(&other) {
        return false;
    }
    one == other || is_linked(&one, &other)
}

/// Whether both are hard links to one file.
#[cfg(unix)]
fn is_linked(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.dev(), found.ino()))
    };
    identity(one).is_some_and(|one| identity(other) == Some(one))
}

#[cfg(not(unix))]
fn is_linked(_: &Path, _: &Path) -> bool {
    false
}

/// Whether it is a file that exists already below a folder `.fractary`.
fn is_state(path: &Path) -> bool {
    let found = resolved(path).filter(|path| path.is_file());
    found.is_some_and(|path| path.iter().any(|part| part == ".fractary"))
}

/// The path without links; of a file that does not exist yet, that of its folder with its name.
/// `None` for standard input and where not even the folder exists.
fn resolved(path: &Path) -> Option<PathBuf> {
    if path == Path::new("-") {
        return None;
    }
    if let Ok(found) = path.canonicalize() {
        return Some(found);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_same_under_every_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("sub")).expect("created");
        for name in ["a.log", "sub/b.log"] {
            std::fs::write(path(name), "x").expect("written");
        }
        let mut cases = vec![
            ("a.log", "a.log", true),
            ("a.log", "sub/../a.log", true),
            ("a.log", "sub/b.log", false),
            ("sub", "sub/b.log", true),
            ("sub", "sub/new.log", false),
            ("new.log", "sub/../new.log", true),
            ("new.log", "other.log", false),
            ("none/new.log", "none/new.log", false),
        ];
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(path("a.log"), path("soft.log")).expect("linked");
            std::fs::hard_link(path("a.log"), path("hard.log")).expect("linked");
            cases.extend([("a.log", "soft.log", true), ("a.log", "hard.log", true)]);
        }
        for (place, file, same) in cases.drain(..) {
            assert_eq!(holds(&path(place), &path(file)), same, "{place} {file}");
        }
        // What is no file may be both.
        assert!(!holds(Path::new("/dev/null"), Path::new("/dev/null")));
        assert!(!holds(Path::new("-"), Path::new("-")));
    }
}
