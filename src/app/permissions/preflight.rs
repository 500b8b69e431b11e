//! What a plan needs and what its identity may do, before it is applied.

use std::path::{Path, PathBuf};

use crate::app::App;
use crate::app::access::{Access, IDENTITY_TYPES};
use crate::app::input;
use crate::app::observe::{connect, environments};
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::question::ConfigurationQuestion;
use crate::core::audit::held_policies;
use crate::core::permissions::{
    GrantScope, HeldPolicies, guard, iam_identity, name_prefix, plan_needs, preflight,
};
use crate::core::policy::PolicyDocument;
use crate::error::{CommandError, ErrorKind};
use crate::iac::{IacError, plan};
use crate::model::environments::Environment;
use crate::model::ids::EnvironmentName;
use crate::model::partition::Partition;
use crate::model::paths::MAX_FILE_BYTES;
use crate::model::preflight::PreflightReport;
use crate::model::project::Devops;
use crate::text::Untrusted;

/// Most bytes of a policy that are read; IAM takes far less.
const MOST_POLICY_BYTES: u64 = 1 << 20;

/// Whose permissions are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PreflightIdentity<'a> {
    /// The user or role that the credentials of the environment belong to.
    Own,
    /// Another user or role, by its ARN.
    Named(&'a str),
    /// A user or role whose policies were read already.
    Read {
        /// Its ARN.
        arn: &'a str,
        /// Its policies.
        held: &'a HeldPolicies,
    },
    /// Whoever holds the policies of these files.
    Files {
        /// Its policies.
        policies: &'a [PathBuf],
        /// Its permissions boundary.
        boundary: Option<&'a PathBuf>,
    },
}

/// The environment that the plan is for.
pub(crate) fn only_environment(
    app: &App,
    workspace: &Workspace,
) -> Result<EnvironmentName, CommandError> {
    match workspace.settings().choose(&app.global.env)?.as_slice() {
        [only] => Ok(only.clone()),
        _ => Err(CommandError::usage("a plan is for one environment")
            .hint("choose it with `--env NAME`")),
    }
}

/// Holds the plan of a file against what an identity may do in an environment.
pub(crate) fn examine_file(
    app: &App,
    workspace: &Workspace,
    environment: &EnvironmentName,
    file: &Path,
    identity: PreflightIdentity<'_>,
) -> Result<PreflightReport, CommandError> {
    let bytes = input::read(file, MAX_FILE_BYTES)?;
    let plan = (Some(file), bytes.as_slice());
    examine(app, workspace, environment, plan, identity)
}

/// The same for a plan as `terraform show -json` prints it, and the file that it is of.
pub(crate) fn examine(
    app: &App,
    workspace: &Workspace,
    environment: &EnvironmentName,
    (file, plan_json): (Option<&Path>, &[u8]),
    identity: PreflightIdentity<'_>,
) -> Result<PreflightReport, CommandError> {
    let unreadable = |error: IacError| match file {
        Some(file) => {
            let shown = Untrusted::new(file.to_string_lossy()).terminal();
            CommandError::usage(format!("{shown}: {error}"))
        }
        None => CommandError::new(ErrorKind::Usage, error),
    };
    let text = plan::decode(plan_json).map_err(unreadable)?;
    let read = plan::read(&text).map_err(unreadable)?;
    if read.errored {
        return Err(CommandError::usage(
            "the plan failed, and holds less than the configuration asks for",
        )
        .hint("fix what `terraform plan` reports, and make the plan again"));
    }
    let settings = workspace.settings();
    let environment = settings.complete(&settings.environment(environment)?);
    let scope = scope(workspace, &environment)?;
    let (held, of) = match identity {
        PreflightIdentity::Files { policies, boundary } => (from_files(policies, boundary)?, None),
        PreflightIdentity::Read { arn, held } => (held.clone(), Some(arn.to_owned())),
        PreflightIdentity::Own => live(app, workspace, &environment, None)?,
        PreflightIdentity::Named(arn) => {
            if iam_identity(arn).is_none() {
                let shown = Untrusted::from(arn).terminal();
                let what = format!("`{shown}` is not the ARN of a user or role");
                return Err(CommandError::usage(what));
            }
            live(app, workspace, &environment, Some(arn))?
        }
    };
    let report = preflight(plan_needs(&read, &scope), &held, &scope);
    let mut report = guard(report, &held);
    report.identity = of.map(Untrusted::new);
    Ok(report)
}

/// Where the plan is applied, and how things are named there.
pub(crate) fn scope(
    workspace: &Workspace,
    environment: &Environment,
) -> Result<GrantScope, CommandError> {
    let missing = |what: &str| {
        CommandError::usage(format!(
            "the {what} of environment `{}` is not known",
            environment.name
        ))
        .hint(format!(
            "add `{what}` to it in .fractary/shared/environments.json"
        ))
    };
    let account = environment
        .account_id
        .as_ref()
        .ok_or_else(|| missing("account_id"))?;
    let region = environment
        .region
        .as_ref()
        .ok_or_else(|| missing("region"))?;
    let devops = workspace
        .state
        .devops
        .as_ref()
        .map(|document| &document.value);
    let prefix = devops.and_then(|devops| prefix(devops, &environment.name));
    Ok(GrantScope {
        partition: Partition::of_region(region).name.to_owned(),
        account: account.to_string(),
        region: region.to_string(),
        prefix,
    })
}

/// What the names of an environment begin with, by the naming pattern.
pub(crate) fn prefix(devops: &Devops, environment: &EnvironmentName) -> Option<String> {
    let naming = devops.resource_naming.as_ref()?;
    let project = &devops.project;
    name_prefix(
        &naming.pattern,
        &project.name,
        project.subsystem.as_deref(),
        environment.as_str(),
    )
}

/// The policies of files.
fn from_files(files: &[PathBuf], boundary: Option<&PathBuf>) -> Result<HeldPolicies, CommandError> {
    let read = |file: &PathBuf| -> Result<(String, PolicyDocument), CommandError> {
        let shown = Untrusted::new(file.to_string_lossy()).terminal();
        let text = input::read_text(file, MOST_POLICY_BYTES)?;
        let policy = PolicyDocument::parse(&text)
            .map_err(|why| CommandError::usage(format!("{shown} is no IAM policy: {why}")))?;
        let name = file
            .file_name()
            .map(|name| Untrusted::new(name.to_string_lossy()).terminal());
        Ok((name.unwrap_or(shown), policy))
    };
    let policies = files.iter().map(read).collect::<Result<_, _>>()?;
    let boundary = boundary.map(read).transpose()?.map(|(_, policy)| policy);
    Ok(HeldPolicies {
        policies,
        boundary,
        hidden: Vec::new(),
    })
}

/// The policies of a user or role as AWS has them, and its ARN.
fn live(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    named: Option<&str>,
) -> Result<(HeldPolicies, Option<String>), CommandError> {
    wait::wait_for(
        app,
        "reading policies",
        ask(app, workspace, environment, named),
    )
}

async fn ask(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    named: Option<&str>,
) -> Result<(HeldPolicies, Option<String>), CommandError> {
    let settings = workspace.settings();
    let connection = connect::connect(
        app,
        settings,
        &workspace.catalog,
        environment,
        Access::Preflight,
    )
    .await?;
    let hidden = |why: String| HeldPolicies {
        hidden: vec![why],
        ..HeldPolicies::default()
    };
    let found = match connection.cloud.identity(&environment.name).await {
        Err(gap) => (hidden(gap.sentence()), named.map(str::to_owned)),
        Ok(identity) => {
            environments::check_account(settings, environment, &identity)?;
            let arn = named.unwrap_or(identity.arn.as_str()).to_owned();
            let question = ConfigurationQuestion {
                environment: environment.name.clone(),
                regions: environment.region.clone().into_iter().collect(),
                types: IDENTITY_TYPES.map(str::to_owned).to_vec(),
                max_calls: None,
                identity,
                at: app.clock.now(),
            };
            let held = match connection.cloud.configuration(&question).await {
                Ok(configuration) => held_policies(&configuration, &arn).unwrap_or_else(hidden),
                Err(gap) => hidden(gap.sentence()),
            };
            (held, Some(arn))
        }
    };
    connection.finish(app)?;
    Ok(found)
}
