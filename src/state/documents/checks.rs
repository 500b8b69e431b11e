//! What the checks of several types share.

use crate::model::ids::EnvironmentName;
use crate::model::log::Log;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::text::similar;

/// The step into a key.
pub(crate) fn key(text: &str) -> PathStep {
    PathStep::Key(text.to_owned())
}

/// Name of the folder that a file lies in.
pub(crate) fn folder(path: &RepoPath) -> &str {
    path.as_str().rsplit('/').nth(1).unwrap_or_default()
}

/// Adds to a problem with the name of an environment which one was meant, or which there are.
pub(crate) fn with_known_names<'a>(
    problem: Problem,
    wrong: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Problem {
    let listed: Vec<String> = known.clone().map(|name| format!("`{name}`")).collect();
    let listed = listed.join(", ");
    match similar::nearest(wrong, known) {
        Some(meant) => problem
            .expecting(format!("did you mean `{meant}`?"))
            .help(format!("environments.json defines {listed}")),
        None if listed.is_empty() => problem
            .expecting("not in environments.json")
            .help("environments.json defines no environment yet; add it there"),
        None => problem
            .expecting("not in environments.json")
            .help(format!("add it there, or use one it defines: {listed}")),
    }
}

/// Finds a document about one environment that lies in the folder of another.
pub(crate) fn in_folder_of(path: &RepoPath, environment: &EnvironmentName) -> Vec<Problem> {
    let folder = folder(path);
    if environment.as_str() == folder {
        return Vec::new();
    }
    let folder = explain::quote(folder);
    vec![
        Problem::error(
            &[key("environment")],
            "state/wrong-folder",
            format!("this file is about `{environment}` but lies in the folder {folder}"),
        )
        .expecting(format!("expected {folder}, as its folder is called"))
        .help("move the file, or correct `environment`"),
    ]
}

/// Finds entries that say nowhere when they were written.
pub(crate) fn entries_with_time(log: &Log) -> Vec<Problem> {
    let entries = log.entries.iter().enumerate();
    entries
        .filter(|(_, entry)| entry.time().is_none())
        .map(|(index, _)| {
            let path = [key("entries"), PathStep::Index(index)];
            Problem::error(&path, "state/missing-key", "this entry has no time")
                .expecting("expected the key `at` (or `granted_at`): when it was written")
                .help("revert the change that removed it; never edit a log")
        })
        .collect()
}
