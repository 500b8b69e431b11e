//! `fractary merge-file`: the merge driver of git for the files of `.fractary`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::app::answer::named_files::NamedFiles;
use crate::app::command::{Command, Effect, Entry};
use crate::app::options::Format;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::paths::RepoPath;
use crate::process;
use crate::process::{End, Program, Variables};
use crate::render::markdown;
use crate::state;
use crate::state::Versions;

/// Limit for git's merge of one file.
const MERGE_LIMIT: Duration = Duration::from_secs(60);

/// Arguments of `merge-file`.
#[derive(Debug, Args)]
pub struct MergeFileArgs {
    /// The common version (`%O` of a merge driver)
    pub base: PathBuf,
    /// Our version; the result is written here (`%A`)
    pub ours: PathBuf,
    /// Their version (`%B`)
    pub theirs: PathBuf,
    /// Where the file lies in the repository, which says how it is merged (`%P`); without it, the path of OURS
    pub path: Option<String>,
}

/// The entry of `merge-file` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<MergeFileArgs>(
    "merge-file",
    "Merge two versions of a document entry by entry, as git's merge driver",
);

impl Command for MergeFileArgs {
    type Formats = Format;

    fn effect(&self) -> Effect {
        Effect::Writes
    }

    fn named_files(&self) -> NamedFiles<'_> {
        NamedFiles::default().reading([&self.base, &self.ours, &self.theirs])
    }

    fn run(&self, app: &App, _: Format) -> Outcome {
        let name = match &self.path {
            Some(path) => path.clone(),
            None => self.ours.to_string_lossy().replace('\\', "/"),
        };
        let name = name.trim_start_matches("./").trim_start_matches('/');
        let path =
            RepoPath::new(name).map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        if state::is_generated(&path) {
            return generated(self, app, &path);
        }
        let versions = Versions {
            base: read(&self.base)?,
            ours: read(&self.ours)?,
            theirs: read(&self.theirs)?,
        };
        match state::merge_files(&[(path, versions)]) {
            Ok(merged) => {
                let bytes = merged.into_iter().next().and_then(|(_, bytes)| bytes);
                write(&self.ours, &bytes.unwrap_or_default())?;
                Ok(ExitCode::Ok)
            }
            Err(error) => {
                app.ui.warn(&error.to_string());
                as_text(self)
            }
        }
    }
}

/// The generated part is ours until the next run renders it; what people wrote around it is
/// merged as text.
fn generated(args: &MergeFileArgs, app: &App, path: &RepoPath) -> Outcome {
    let ours = text(&args.ours)?;
    app.ui.note(&format!(
        "{path} is generated: the next `fractary run` renders it again"
    ));
    let Some(block) = block(&ours) else {
        return Ok(ExitCode::Ok);
    };
    for other in [&args.base, &args.theirs] {
        let theirs = text(other)?;
        if self::block(&theirs).is_some() {
            write(other, markdown::splice(Some(&theirs), &block).as_bytes())?;
        }
    }
    as_text(args)
}

/// The generated part of a file that has other parts, marks included, as
/// [`markdown::splice`] finds it.
fn block(text: &str) -> Option<String> {
    let (begin, end) = text
        .match_indices(markdown::END)
        .find_map(|(end, _)| text[..end].rfind(markdown::BEGIN).map(|begin| (begin, end)))?;
    Some(format!("{}{}\n", &text[begin..end], markdown::END))
}

/// As git merges without this driver: with conflict markers where both changed the same.
fn as_text(args: &MergeFileArgs) -> Outcome {
    let labels = ["-L", "ours", "-L", "base", "-L", "theirs"].map(OsStr::new);
    let exec = [OsStr::new("git"), OsStr::new("merge-file")].into_iter();
    let exec = exec.chain(labels);
    let exec = exec.chain([&args.ours, &args.base, &args.theirs].map(|path| path.as_os_str()));
    let program = Program {
        variables: Variables::InheritedWith(BTreeMap::new()),
        ..Program::new(exec, ".", MERGE_LIMIT)
    };
    let ran = process::run_blocking(&program);
    let ran = ran.map_err(|error| CommandError::new(ErrorKind::Git, error))?;
    Ok(match ran.end {
        End::Code(0) => ExitCode::Ok,
        _ => ExitCode::Found,
    })
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, CommandError> {
    let bytes = fs::read(path).map_err(|error| {
        CommandError::usage(format!("could not read {}: {error}", path.display()))
    })?;
    // git gives an empty file where a side has none.
    Ok((!bytes.is_empty()).then_some(bytes))
}

fn text(path: &Path) -> Result<String, CommandError> {
    let bytes = read(path)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    fs::write(path, bytes).map_err(|error| {
        CommandError::usage(format!("could not write {}: {error}", path.display()))
    })
}
