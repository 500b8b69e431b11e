//! Programs that run before and after a deployment: those of the trusted commit, whatever the
//! checkout has. A pull request that changes one does not change what runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::app::App;
use crate::app::infra::preview::InfraSession;
use crate::app::remediate::safety::{self, ProgramCommit};
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::error::{CommandError, ErrorKind};
use crate::model::deployments::Deployment;
use crate::model::monitoring::DurationText;
use crate::model::paths::{Files, RepoPath};
use crate::process::{self, End, OnInterrupt, Program, Variables};
use crate::state::documents::paths;
use crate::text::{Untrusted, escape};

/// Time limit of a hook, where it has none of its own.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// `hooks` of devops.json, as far as it is about deployments.
#[derive(Debug, Default, Deserialize)]
struct HookSettings {
    #[serde(default)]
    pre_deploy: Vec<HookProgram>,
    #[serde(default)]
    post_deploy: Vec<HookProgram>,
}

/// One program.
#[derive(Debug, Deserialize)]
struct HookProgram {
    /// A file of the repository.
    run: String,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    timeout: Option<DurationText>,
}

#[derive(Debug, Default, Deserialize)]
struct DevopsHooks {
    #[serde(default)]
    hooks: HookSettings,
}

/// A program with its bytes.
struct TrustedHook {
    settings: HookProgram,
    bytes: Vec<u8>,
}

/// The programs of a deployment.
pub(crate) struct Hooks<'a> {
    app: &'a App,
    root: PathBuf,
    before: Vec<TrustedHook>,
    after: Vec<TrustedHook>,
}

impl<'a> Hooks<'a> {
    /// Reads them, with their bytes, from the default branch of the remote; without a remote, from the
    /// commit that is checked out.
    pub(crate) fn read(app: &'a App, workspace: &Workspace) -> Result<Self, CommandError> {
        let repository = &workspace.repository;
        let (trusted, is_unknown) = match safety::program_commit(repository)? {
            ProgramCommit::Known(commit) => (commit, false),
            ProgramCommit::Unknown => (repository.head()?.commit, true),
        };
        let files = repository.files_at(trusted.as_ref())?;
        let text = files.read(&paths::devops());
        let text = text.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        let all: DevopsHooks = match text {
            None => DevopsHooks::default(),
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                CommandError::usage(format!(
                    "`hooks` of {} on the trusted commit is not understood: {error}",
                    paths::devops()
                ))
                .hint("write `\"pre_deploy\": [{ \"run\": \"scripts/check.sh\" }]`")
            })?,
        };
        if is_unknown {
            refuse_unknown(app, &all.hooks)?;
        }
        let read = |list: Vec<HookProgram>| -> Result<Vec<TrustedHook>, CommandError> {
            list.into_iter()
                .map(|one| trusted_hook(&files, one))
                .collect()
        };
        Ok(Self {
            app,
            root: repository.work_dir().map(PathBuf::from).unwrap_or_default(),
            before: read(all.hooks.pre_deploy)?,
            after: read(all.hooks.post_deploy)?,
        })
    }

    /// Runs those before a deployment. The first that fails stops it.
    pub(crate) fn before(
        &self,
        session: &InfraSession,
        deployment: &Deployment,
    ) -> Result<(), CommandError> {
        for hook in &self.before {
            self.run(session, hook, deployment, "started")
                .map_err(|why| {
                    CommandError::say(ErrorKind::Refused, format!("{why}; nothing was changed"))
                })?;
        }
        Ok(())
    }

    /// Runs those after a deployment, however it ended. Returns why some failed.
    pub(crate) fn after(
        &self,
        session: &InfraSession,
        deployment: &Deployment,
        status: &str,
    ) -> Vec<Untrusted> {
        let failed = self
            .after
            .iter()
            .filter_map(|hook| self.run(session, hook, deployment, status).err());
        failed.map(Untrusted::new).collect()
    }

    fn run(
        &self,
        session: &InfraSession,
        hook: &TrustedHook,
        deployment: &Deployment,
        status: &str,
    ) -> Result<(), String> {
        let shown = escape::terminal(&hook.settings.run);
        let name = session.target.name();
        let folder = &session.folder;
        let path = folder
            .program(name, &hook.bytes)
            .map_err(|error| error.to_string())?;
        let inherited = self.app.environment.inherited.iter();
        let mut variables: BTreeMap<String, String> = inherited
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        for (name, value) in [
            ("FRACTARY_DEPLOYMENT", deployment.id.clone()),
            ("FRACTARY_ENVIRONMENT", name.to_string()),
            ("FRACTARY_STATUS", status.to_owned()),
        ] {
            variables.insert(name.to_owned(), value);
        }
        let arguments = hook.settings.args.iter();
        let arguments = arguments.map(|one| one.replace("{environment}", name.as_str()));
        let exec = std::iter::once(path.display().to_string()).chain(arguments);
        let limit = hook
            .settings
            .timeout
            .map_or(LIMIT, |limit| Duration::from_secs(limit.seconds));
        let mut program = Program::new(exec, &self.root, limit);
        program.variables = Variables::Only(variables);
        program.on_interrupt = OnInterrupt::PassOn;
        let runtime = wait::runtime().map_err(|error| error.to_string())?;
        let ui = &self.app.ui;
        let ran = runtime.block_on(process::stream(&program, |line| {
            ui.lines(&[format!("{shown}: {}", line.text.terminal())]);
        }));
        drop(folder.remove_program(name));
        match ran
            .map_err(|error| format!("the hook {shown} could not be started: {error}"))?
            .end
        {
            End::Code(0) => Ok(()),
            End::Code(code) => Err(format!("the hook {shown} failed with exit code {code}")),
            End::TimedOut => Err(format!("the hook {shown} took too long")),
            End::Interrupted => Err(format!("the hook {shown} was interrupted")),
            End::Signal(_) | End::TooMuch => Err(format!("the hook {shown} was ended")),
        }
    }
}

/// Stops where the checkout has hooks and nobody knows whether they are those of the default branch.
/// Where it has none, the default branch may have some.
fn refuse_unknown(app: &App, hooks: &HookSettings) -> Result<(), CommandError> {
    let why = "the default branch of `origin` is not known here";
    let learn = safety::LEARN_DEFAULT_BRANCH;
    if hooks.pre_deploy.is_empty() && hooks.post_deploy.is_empty() {
        app.ui.warn(&format!(
            "{why}, so its hooks are not known either, and none is run; {learn}"
        ));
        return Ok(());
    }
    let message = format!(
        "the hooks of {} do not count: {why}; nothing was changed",
        paths::devops()
    );
    Err(CommandError::say(ErrorKind::Refused, message).hint(learn))
}

/// Reads a program's bytes from the trusted commit.
fn trusted_hook(files: &dyn Files, settings: HookProgram) -> Result<TrustedHook, CommandError> {
    let shown = escape::terminal(&settings.run);
    let path = RepoPath::new(&settings.run)
        .map_err(|error| CommandError::usage(format!("the hook `{shown}`: {error}")))?;
    let bytes = files.read(&path);
    let bytes = bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let bytes = bytes.ok_or_else(|| {
        CommandError::usage(format!("the hook {shown} is not in the trusted commit"))
            .hint("commit it, and merge it to the default branch")
    })?;
    Ok(TrustedHook { settings, bytes })
}
