//! Examining the set-up: of the repository, of its documents, and of access to AWS.

mod alerts;
pub(crate) mod examine;
mod mode;

use crate::app::App;
use crate::app::access::Access;
use crate::app::doctor::examine::{IdentityAnswer, SetupFinding};
use crate::app::observe::connect;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::app::workspace::load;
use crate::app::workspace::open;
use crate::app::workspace::views::registries::Registries;
use crate::app::workspace::views::tree::Tree;
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::state::documents::paths;

/// The workflow that `init` writes.
const WORKFLOW: &str = ".github/workflows/operations.yml";

/// Examines everything; `offline` asks AWS nothing.
pub(crate) fn examine(app: &App, offline: bool) -> Result<Vec<SetupFinding>, CommandError> {
    let mut findings = Vec::new();
    if let Some(workspace) = examine_state(app, &mut findings) {
        let settings = workspace.settings();
        findings.push(examine::environments(settings.environments().count()));
        let attributes = workspace.tree().read_text(&paths::attributes())?;
        let named = attributes.is_some_and(|text| text.contains("merge=fractary"));
        let driver = workspace.repository.merge_driver();
        findings.push(examine::merging(named, driver.as_deref()));
        if let Some(tried) = workspace.repository.try_signing(app.clock.now()) {
            findings.push(examine::signing(&tried));
        }
        findings.push(examine::workflow(has_workflow(workspace.tree())?));
        let workflow = RepoPath::new(WORKFLOW).map_err(CommandError::bug)?;
        if let Some(facts) = mode::facts(app, &workspace.repository, workspace.tree(), &workflow)? {
            findings.extend(mode::findings(&facts));
        }
        let text = workspace.tree().read_text(&workflow)?;
        findings.extend(alerts::findings(app, settings, text.as_deref()));
        let names = settings.choose_or_all(&app.global.env)?;
        let registries = workspace.registries();
        for name in &names {
            examine_environment(app, registries, name, offline, &mut findings)?;
        }
    }
    Ok(findings)
}

fn examine_state(app: &App, findings: &mut Vec<SetupFinding>) -> Option<Workspace> {
    let repository = match open::open(app) {
        Ok(repository) => repository,
        Err(error) => {
            findings.push(examine::no_repository(&error));
            return None;
        }
    };
    let place = repository
        .work_dir()
        .unwrap_or_else(|| repository.git_dir());
    let place = place.canonicalize().unwrap_or_else(|_| place.to_owned());
    findings.push(examine::repository(&place.display().to_string()));
    let loading = load::load_from(&app.ui, repository).and_then(|workspace| {
        let documents = workspace.state.documents + workspace.archive().read()?.documents;
        Ok((workspace, documents))
    });
    let warned = loading.and_then(|(workspace, documents)| {
        let warnings = open::warnings(app, &workspace)?;
        Ok((workspace, documents, warnings))
    });
    match warned {
        Ok((workspace, documents, warnings)) => {
            findings.push(examine::state(documents, warnings.len()));
            findings.extend(warnings.iter().filter_map(examine::without_effect));
            Some(workspace)
        }
        Err(error) => {
            findings.push(examine::broken_state(&error));
            None
        }
    }
}

/// Whether a workflow runs this on a schedule, as `init` writes one.
fn has_workflow(tree: Tree<'_>) -> Result<bool, CommandError> {
    let files = tree.files()?;
    let folder = RepoPath::new(".github/workflows").map_err(CommandError::bug)?;
    let workflows = files.list(&folder).unwrap_or_default();
    Ok(workflows
        .iter()
        .any(|path| path.file_name() == "operations.yml"))
}

fn examine_environment(
    app: &App,
    registries: Registries<'_>,
    name: &EnvironmentName,
    offline: bool,
    findings: &mut Vec<SetupFinding>,
) -> Result<(), CommandError> {
    let settings = registries.settings;
    let environment = match settings.environment(name) {
        Ok(environment) => environment,
        Err(error) => {
            findings.push(examine::undefined(name, &error));
            return Ok(());
        }
    };
    let registry = registries.get(name);
    let resources = registry.map_or(0, |doc| doc.value.resources.len());
    findings.push(examine::registry(name, resources));
    let answer = if offline {
        IdentityAnswer::NotAsked
    } else {
        let asked = wait::wait_for(app, "asking AWS who this is", async {
            let connection = connect::connect(
                app,
                settings,
                registries.catalog,
                &environment,
                Access::Identify,
            )
            .await?;
            Ok(connection.cloud.identity(&environment.name).await)
        });
        match asked {
            Err(error) if error.kind == crate::error::ErrorKind::Interrupted => return Err(error),
            Err(error) => IdentityAnswer::Impossible(error),
            Ok(Err(gap)) => IdentityAnswer::Nothing(gap),
            Ok(Ok(identity)) => IdentityAnswer::Identity(identity),
        }
    };
    let wanted = settings.account(&environment);
    let profile = settings.profile(&environment);
    findings.push(examine::identity(
        name,
        wanted.as_ref(),
        profile.as_deref(),
        &answer,
    ));
    Ok(())
}
