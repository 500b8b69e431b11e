//! `[git] mode = "pull-request"`: the pull request from the branch that the state is on.

use std::time::Duration;

use crate::app::App;
use crate::app::wait;
use crate::app::workspace::origin::StateBranch;
use crate::error::{CommandError, ErrorKind};
use crate::forge;
use crate::forge::{Address, Delivered, Draft, GitHub, Limits, MOST_BODY, RepositoryName};
use crate::git::Repository;
use crate::model::ids::CommitId;
use crate::model::paths::Files;
use crate::render::markdown;
use crate::state::documents::paths;

/// Brings the pull request from a branch that was pushed up to date, or opens it.
pub(crate) fn deliver(
    app: &App,
    repository: &Repository,
    branch: &StateBranch,
    tip: &CommitId,
) -> Result<(), CommandError> {
    let github = github(app, repository)?;
    let draft = draft(repository, branch, tip)?;
    let progress = app.ui.progress("updating the pull request", None);
    let asked = forge::deliver(&github, branch.name(), &draft);
    let delivered = wait::runtime()?.block_on(asked);
    drop(progress);
    let (pull, what) = delivered?;
    let verb = match what {
        Delivered::Opened => "opened",
        Delivered::Updated => "updated",
        Delivered::Unchanged => "up to date:",
    };
    app.ui.note(&format!(
        "pull request {verb} #{} {}",
        pull.number,
        pull.url.terminal()
    ));
    Ok(())
}

/// GitHub as this process may ask it.
pub(crate) fn github(app: &App, repository: &Repository) -> Result<GitHub, CommandError> {
    let environment = &app.environment;
    let address = Address::new(environment.github_api_url.as_deref())?;
    let name = match &environment.github_repository {
        Some(name) => RepositoryName::new(name)?,
        None => repository
            .remote_url()
            .and_then(|url| RepositoryName::of_remote(&url))
            // The token is for the host that the remote is on, and for no other.
            .filter(|_| environment.github_api_url.is_none())
            .ok_or_else(|| {
                CommandError::usage("the repository on GitHub is not known")
                    .hint("set GITHUB_REPOSITORY to `owner/name`, and GITHUB_API_URL for GitHub Enterprise")
            })?,
    };
    let token = environment.github_token.clone().ok_or_else(|| {
        CommandError::usage("`[git] mode = \"pull-request\"` needs a token, and GITHUB_TOKEN is not set")
            .hint("in a workflow: `GITHUB_TOKEN: ${{ github.token }}`, with `permissions: pull-requests: write`; on your own machine, export it with what `gh auth token` prints")
    })?;
    let limits = Limits::default();
    let attempt = Duration::from_secs(app.global.timeout.seconds).min(limits.attempt);
    Ok(GitHub::new(
        address,
        name,
        token,
        Limits { attempt, ..limits },
    ))
}

fn draft(
    repository: &Repository,
    branch: &StateBranch,
    tip: &CommitId,
) -> Result<Draft, CommandError> {
    let dashboard = repository
        .files_at(Some(tip))?
        .read(&paths::dashboard_md())
        .map_err(|error| CommandError::new(ErrorKind::Usage, error))?
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Draft {
        title: markdown::pull_request_title(&repository.subject(tip)?),
        body: markdown::pull_request_body(branch.name(), dashboard.as_deref(), MOST_BODY),
    })
}
