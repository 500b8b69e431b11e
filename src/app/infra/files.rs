//! Files of designs and code in the checkout: reading them, and writing over edits that are not
//! committed where the new content is made of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use crate::app::App;
use crate::app::workspace::Workspace;
use crate::app::workspace::files;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landed, Landing, Proposal};
use crate::core::cost::prices::PriceBook;
use crate::core::infra::naming::Naming;
use crate::core::infra::shared_files::CodeEnvironment;
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::ids::{EnvironmentName, FeatureName};
use crate::model::paths::RepoPath;
use crate::model::project::Devops;
use crate::render::text;
use crate::state::documents::paths;

/// Where designs are.
pub(super) const DESIGNS: &str = ".fractary/plugins/faber-cloud/designs";

/// Files that change, and what they were made of.
#[derive(Default)]
pub(super) struct FileChanges {
    pub(super) transaction: Transaction,
    read: BTreeMap<RepoPath, Vec<u8>>,
    diff: String,
}

impl FileChanges {
    /// Writes a file, where it differs. `old` is its content as it was read.
    pub(super) fn write(&mut self, path: &RepoPath, old: Option<&str>, new: &str) {
        if old == Some(new) {
            return;
        }
        self.diff
            .push_str(&text::diff(old, Some(new), path.as_str()));
        if let Some(old) = old {
            self.read.insert(path.clone(), old.as_bytes().to_vec());
        }
        self.transaction.write(path.clone(), new);
    }

    /// Removes a file. `old` is its content as it was read.
    pub(super) fn delete(&mut self, path: &RepoPath, old: &str) {
        self.diff
            .push_str(&text::diff(Some(old), None, path.as_str()));
        self.read.insert(path.clone(), old.as_bytes().to_vec());
        self.transaction.delete(path.clone());
    }
}

/// What was decided: the changes, the message of a commit, and what is shown.
pub(super) struct Decided<T> {
    pub(super) changes: FileChanges,
    pub(super) message: String,
    pub(super) facts: T,
}

/// Decides on the files as they are, and lands. Without a commit, edits that are not committed
/// are no obstacle where they are part of the new content.
pub(super) fn decide_and_land<T>(
    app: &App,
    workspace: Workspace,
    landing: Landing,
    decide: impl Fn(&Workspace) -> Result<Decided<T>, CommandError>,
) -> Result<(Workspace, T, String, Landed), CommandError> {
    if landing == Landing::Commit && workspace.side().is_some() {
        return Err(CommandError::usage(
            "designs and code are read from the checkout, and commits of this repository go to another branch",
        )
        .hint("use `--write`, and bring the change to the default branch like any other"));
    }
    if landing == Landing::Files {
        let decided = decide(&workspace)?;
        let (transaction, read) = (&decided.changes.transaction, &decided.changes.read);
        let landed = match transaction.is_empty() {
            true => Landed::Nothing,
            false => {
                workspace.repository.write_over(transaction, read)?;
                Landed::Files(transaction.edits().len())
            }
        };
        return Ok((workspace, decided.facts, decided.changes.diff, landed));
    }
    let proposed = |workspace: &Workspace| {
        let decided = decide(workspace)?;
        Ok(Proposal {
            transaction: decided.changes.transaction,
            message: decided.message,
            facts: (decided.facts, decided.changes.diff),
        })
    };
    let (workspace, (facts, diff), landed) =
        landing::decide_and_land(app, workspace, landing, proposed)?;
    Ok((workspace, facts, diff, landed))
}

/// Reads a file of the checkout.
pub(super) fn read(workspace: &Workspace, path: &RepoPath) -> Result<Option<String>, CommandError> {
    files::read_as_stored(&workspace.repository, workspace.base(), path)
}

/// Lists the files in a folder of the checkout.
pub(super) fn list(
    workspace: &Workspace,
    folder: &RepoPath,
) -> Result<Vec<RepoPath>, CommandError> {
    let open = files::open_files(&workspace.repository, workspace.base())?;
    open.list(folder)
        .map_err(|error| CommandError::new(ErrorKind::Usage, error))
}

/// Returns the path of a file.
pub(super) fn path(text: &str) -> Result<RepoPath, CommandError> {
    RepoPath::new(text).map_err(|error| CommandError::usage(format!("{error}")))
}

/// Returns the path of a design.
pub(super) fn design_path(name: &FeatureName) -> Result<RepoPath, CommandError> {
    path(&format!("{DESIGNS}/{name}.md"))
}

/// Returns the project.
pub(super) fn devops(workspace: &Workspace) -> Result<&Devops, CommandError> {
    let document = workspace.state.devops.as_ref();
    document.map(|document| &document.value).ok_or_else(|| {
        let path = paths::devops();
        CommandError::usage("there is no devops.json, which names the project and the pattern of names")
            .hint(format!("`fractary infra architect --feature WORDS --write` writes {path}; the least that it needs is {{\"version\":\"1.0.0\",\"project\":{{\"name\":\"{}\"}}}}", project_name(workspace)))
            .hint("`fractary schema devops` prints what else it may have")
    })
}

/// Returns the project; named after the folder of the repository where devops.json is not written
/// yet.
fn project(workspace: &Workspace) -> Cow<'_, Devops> {
    match workspace.state.devops.as_ref() {
        Some(document) => Cow::Borrowed(&document.value),
        None => Cow::Owned(Devops::default_for(&project_name(workspace))),
    }
}

/// The name of the folder of the repository, as names in AWS may be.
fn project_name(workspace: &Workspace) -> String {
    let root = workspace.repository.work_dir();
    let root = root.and_then(|root| root.canonicalize().ok());
    let name = root.as_deref().and_then(Path::file_name);
    let name = name.map(|name| name.to_string_lossy().to_lowercase());
    let kept: String = name
        .unwrap_or_default()
        .chars()
        .map(|one| {
            if one.is_ascii_alphanumeric() {
                one
            } else {
                '-'
            }
        })
        .collect();
    let parts: Vec<&str> = kept.split('-').filter(|part| !part.is_empty()).collect();
    match parts.join("-") {
        name if name.is_empty() => "project".to_owned(),
        name => name.chars().take(30).collect(),
    }
}

/// Writes the devops.json that designs and code need, where there is none.
pub(super) fn write_new_project(
    workspace: &Workspace,
    changes: &mut FileChanges,
) -> Result<(), CommandError> {
    let path = paths::devops();
    if workspace.state.devops.is_some() || read(workspace, &path)?.is_some() {
        return Ok(());
    }
    let project = serde_json::json!({
        "version": "1.0.0",
        "project": { "name": project_name(workspace) },
    });
    let mut text = serde_json::to_string_pretty(&project).map_err(CommandError::bug)?;
    text.push('\n');
    changes.write(&path, None, &text);
    Ok(())
}

/// The directory of the code where none is configured.
pub(super) const DIRECTORY: &str = "infra";

/// Returns the directory of the code.
pub(super) fn code_directory(devops: &Devops) -> Result<RepoPath, CommandError> {
    let terraform = devops.handlers.iac.terraform.as_ref();
    let configured = terraform.and_then(|one| one.directory.as_deref());
    let directory = configured.unwrap_or(DIRECTORY).trim_start_matches("./");
    match directory.trim_end_matches('/') {
        "" | "." => Err(
            CommandError::usage("the code cannot be in the root of the repository").hint(
                "set `handlers.iac.terraform.directory` in devops.json, for instance to `infra`",
            ),
        ),
        directory => path(directory),
    }
}

/// Returns how resources are named.
pub(super) fn naming(workspace: &Workspace) -> Result<Naming, CommandError> {
    Naming::new(&project(workspace)).map_err(|error| {
        CommandError::usage(format!("`resource_naming.pattern` of devops.json: {error}"))
    })
}

/// Returns what AWS charges: the built-in prices, and those that were updated.
pub(super) fn prices(workspace: &Workspace) -> Result<PriceBook, CommandError> {
    let path = paths::prices();
    let updated = read(workspace, &path)?
        .map(|text| serde_json::from_str(&text))
        .transpose();
    let updated = updated.map_err(|error| CommandError::usage(format!("{path}: {error}")))?;
    Ok(PriceBook::new(
        updated.as_ref(),
        &workspace.settings().monitoring.cost,
    ))
}

/// Returns what is known of environments, all of them where none are named.
pub(super) fn environments(
    workspace: &Workspace,
    names: &[EnvironmentName],
) -> Result<Vec<CodeEnvironment>, CommandError> {
    let settings = workspace.settings();
    let devops = &project(workspace);
    let known = settings.environments();
    let of = |name: &EnvironmentName| {
        let environment = settings.environment(name)?;
        Ok(CodeEnvironment::new(&environment, devops))
    };
    match names {
        [] => Ok(known.map(|one| CodeEnvironment::new(one, devops)).collect()),
        names => names.iter().map(of).collect(),
    }
}
