//! Setting a repository up: `.fractary` and the workflows. Asks nothing, overwrites nothing; an
//! environments.json gains the environments that it lacks.

mod answer;
mod domain;
pub(crate) mod editor;
mod existing;

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::answer::faults;
use crate::app::workspace::files;
use crate::error::{CommandError, ErrorKind};
use crate::git::{Repository, Transaction};
use crate::model::ids::{AccountId, CommitId, DomainName, EnvironmentName, Region};
use crate::model::paths::{Files, RepoPath};
use crate::render::scaffold::{self, Scaffold, Target};
use crate::state;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// What `init` does to a repository.
#[derive(Debug, Default)]
pub(crate) struct Scaffolding {
    /// The files that change.
    pub(crate) transaction: Transaction,
    /// Files that are new.
    pub(crate) created: Vec<String>,
    /// Environments that an environments.json gains.
    pub(crate) added: Vec<String>,
    /// Domains that a domain-monitors.json gains.
    pub(crate) domains: Vec<String>,
    /// What environments gain that were there without it: `prod: account_id`.
    pub(crate) filled: Vec<String>,
    /// Schemas for editors that another version wrote.
    pub(crate) renewed: Vec<String>,
    /// Settings of editors that are there and name none of the schemas.
    pub(crate) unmapped: Vec<String>,
    /// Files that are there already.
    pub(crate) kept: Vec<String>,
    /// New environments that monitoring.toml, which lists them, does not name.
    pub(crate) unmonitored: Vec<String>,
}

/// Names the merge driver in the clone's own configuration, which no commit carries.
pub(crate) fn configure_merging(app: &App, repository: &Repository) {
    match repository.configure_merge_driver() {
        Ok(true) => app.ui.note(
            "this clone now merges the files of .fractary with `fractary merge-file` (merge.fractary.driver in its git configuration)",
        ),
        Ok(false) => {}
        Err(error) => app.ui.warn(&format!(
            "the merge driver is not set ({}); `fractary doctor` prints the line to set it",
            Untrusted::from(error.to_string()).terminal()
        )),
    }
}

/// What a repository is to get.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wishes<'a> {
    /// The account of the environments.
    pub(crate) account: Option<&'a AccountId>,
    /// Their region.
    pub(crate) region: Option<&'a Region>,
    /// Whether the dashboard is published on GitHub Pages.
    pub(crate) pages: bool,
    /// Whether pull requests from forks have a comment.
    pub(crate) fork_comments: bool,
    /// Whether it gets key figures, each off until it has a source.
    pub(crate) helios: bool,
    /// Whether it gets the schemas and the settings for editors.
    pub(crate) editor: bool,
    /// A domain that gets a monitor.
    pub(crate) domain: Option<&'a DomainName>,
    /// What that monitor asks.
    pub(crate) urls: &'a [String],
}

/// Plans what a repository gets.
pub(crate) fn plan(
    app: &App,
    wishes: &Wishes<'_>,
    repository: &Repository,
    base: Option<&CommitId>,
) -> Result<Scaffolding, CommandError> {
    let files = files::open_files(repository, base)?;
    let (state, _) =
        state::load(files.as_ref()).map_err(|invalid| faults::broken(&app.ui, invalid))?;
    let there = state.environments.as_ref();
    let environments = match (app.global.env.as_slice(), there) {
        ([], Some(document)) => document.value.environments.keys().cloned().collect(),
        ([], None) => vec![EnvironmentName::new("test").map_err(CommandError::bug)?],
        (names, _) => distinct(names),
    };
    let scaffold = Scaffold {
        environments,
        account: wishes.account.cloned(),
        region: wishes.region.cloned(),
        pages: wishes.pages,
        fork_comments: wishes.fork_comments,
        helios: wishes.helios,
    };
    let mut plan = plan_new(files.as_ref(), &scaffold)?;
    if let Some(document) = there {
        let shared = state.credentials.as_ref().map(|doc| &doc.value.aws);
        existing::update(document, shared, &scaffold, &mut plan)?;
    }
    domain::add(wishes, files.as_ref(), &scaffold.environments, &mut plan)?;
    if wishes.editor {
        editor::add(files.as_ref(), &mut plan)?;
    }
    if let Some(listed) = &state.monitoring.value.helm_cloud.environments {
        let missing = |name: &&EnvironmentName| !listed.contains(name);
        let names = scaffold.environments.iter().filter(missing);
        plan.unmonitored = names.map(ToString::to_string).collect();
    }
    Ok(plan)
}

/// Each name once, in their order: a key that a document has twice cannot be read.
fn distinct(names: &[EnvironmentName]) -> Vec<EnvironmentName> {
    let mut seen = BTreeSet::new();
    let names = names.iter().filter(|name| seen.insert(*name));
    names.cloned().collect()
}

/// The files that are not there yet.
pub(crate) fn plan_new(
    files: &dyn Files,
    scaffold: &Scaffold,
) -> Result<Scaffolding, CommandError> {
    let mut plan = Scaffolding::default();
    for (target, text) in scaffold::files(scaffold).map_err(CommandError::bug)? {
        let path = path(&target)?;
        let there = files
            .read(&path)
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        if there.is_some() {
            plan.kept.push(path.to_string());
        } else {
            plan.created.push(path.to_string());
            match target {
                Target::Install => plan.transaction.write_executable(path, text),
                _ => plan.transaction.write(path, text),
            };
        }
    }
    Ok(plan)
}

fn path(target: &Target) -> Result<RepoPath, CommandError> {
    Ok(match target {
        Target::Environments => paths::environments(),
        Target::Credentials => paths::aws_credentials(),
        Target::Helm => paths::helm_toml(),
        Target::Monitors => paths::domain_monitors(),
        Target::Monitoring => paths::monitoring_toml(),
        Target::Kpis => paths::kpis(),
        Target::Registry(name) => paths::registry(name),
        Target::Attributes => paths::attributes(),
        Target::Workflow => workflow("operations.yml")?,
        Target::PullRequests => workflow("fractary-check.yml")?,
        Target::ForkComments => workflow("fractary-forks.yml")?,
        Target::Pages => workflow("fractary-pages.yml")?,
        Target::Action => action("action.yml")?,
        Target::Install => action("install")?,
    })
}

fn action(name: &str) -> Result<RepoPath, CommandError> {
    RepoPath::new(format!(".github/actions/fractary/{name}")).map_err(CommandError::bug)
}

fn workflow(name: &str) -> Result<RepoPath, CommandError> {
    RepoPath::new(format!(".github/workflows/{name}")).map_err(CommandError::bug)
}
