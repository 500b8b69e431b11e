//! What is deployed where: the directory, the tool and its inputs, by devops.json.

use std::path::PathBuf;

use crate::app::App;
use crate::app::infra::files;
use crate::app::remediate::safety::TrustedSafety;
use crate::app::workspace::Workspace;
use crate::error::{CommandError, ErrorKind};
use crate::iac::{self, Iac};
use crate::model::environments::Environment;
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::model::project::{DeployRules, Devops, Handlers};
use crate::state::documents::paths;
use crate::text::{escape, template};

/// What is deployed where.
pub(crate) struct InfraTarget {
    /// The environment, with the account and region of all.
    pub(crate) environment: Environment,
    /// The tool.
    pub(crate) tool: Box<dyn Iac>,
    /// The directory of the configuration in the repository, `.` for its root.
    pub(crate) directory: String,
    /// The same as a path of this machine.
    pub(crate) folder: PathBuf,
    /// The file with the values of variables, relative to the directory.
    pub(crate) var_file: Option<String>,
    /// What the backend is told, as `key=value`.
    pub(crate) backend: Vec<String>,
    /// The profile that deploys, where one is configured.
    pub(crate) profile: Option<String>,
    /// Whether every change needs somebody at a terminal.
    pub(crate) is_protected: bool,
    /// What devops.json says of consent.
    pub(crate) rules: DeployRules,
}

impl InfraTarget {
    /// Reads it from the configuration.
    pub(crate) fn read(
        app: &App,
        workspace: &Workspace,
        directory: Option<&str>,
    ) -> Result<Self, CommandError> {
        let settings = workspace.settings();
        let name = only_one(settings.choose(&app.global.env)?)?;
        let environment = settings.environment(&name)?;
        let default = Devops::default_for("fractary");
        let devops = workspace
            .state
            .devops
            .as_ref()
            .map_or(&default, |doc| &doc.value);
        let handlers = &devops.handlers;
        expect_aws(handlers)?;
        let tool = iac::tool(handlers.iac.name())
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        let terraform = handlers.iac.terraform.clone().unwrap_or_default();
        let named = directory
            .or(terraform.directory.as_deref())
            .unwrap_or(files::DIRECTORY);
        let (directory, folder) = locate(workspace, named)?;
        let fill = |text: &str| fill(text, devops, &name);
        let var_file = match terraform.var_file_pattern.as_deref() {
            Some(pattern) => Some(fill(pattern)?),
            // Where `engineer` writes it.
            None => Some(format!("{name}.tfvars")).filter(|file| folder.join(file).is_file()),
        };
        if let Some(file) = &var_file
            && !folder.join(file).is_file()
        {
            return Err(CommandError::usage(format!(
                "there is no file {directory}/{file}, which `var_file_pattern` of devops.json names"
            ))
            .hint("write it, or remove `var_file_pattern`"));
        }
        let safety = TrustedSafety::read(&workspace.repository)?;
        let rules = devops.environments.get(&name).cloned().unwrap_or_default();
        let own = handlers.hosting.aws.as_ref();
        let own = own.and_then(|aws| aws.profiles.get(&format!("{name}_deploy")).cloned());
        Ok(Self {
            backend: backend(&terraform.backend, &fill)?,
            profile: own.or_else(|| settings.profile(&environment)),
            is_protected: safety.protects(&environment) || rules.require_confirmation,
            environment: settings.complete(&environment),
            tool,
            directory,
            folder,
            var_file,
            rules,
        })
    }

    /// Returns the name of the environment.
    pub(crate) fn name(&self) -> &EnvironmentName {
        &self.environment.name
    }
}

fn expect_aws(handlers: &Handlers) -> Result<(), CommandError> {
    match handlers.hosting.active.as_deref() {
        None | Some("aws") => Ok(()),
        Some(other) => Err(CommandError::usage(format!(
            "devops.json asks for the cloud `{}`, and this version knows `aws`",
            escape::terminal(other)
        ))),
    }
}

fn only_one(names: Vec<EnvironmentName>) -> Result<EnvironmentName, CommandError> {
    match <[EnvironmentName; 1]>::try_from(names) {
        Ok([one]) => Ok(one),
        Err(_) => Err(CommandError::usage("this is for one environment at a time")
            .hint("give one `--env NAME`")),
    }
}

fn locate(workspace: &Workspace, named: &str) -> Result<(String, PathBuf), CommandError> {
    let root = workspace.repository.work_dir().ok_or_else(|| {
        CommandError::usage("a bare repository has no files to plan from")
            .hint("use a checkout with a work tree")
    })?;
    let trimmed = named.trim_start_matches("./").trim_end_matches('/');
    let directory = match trimmed {
        "" | "." => ".".to_owned(),
        path => RepoPath::new(path)
            .map_err(|error| CommandError::usage(error.to_string()))?
            .to_string(),
    };
    let folder = root.join(&directory);
    match folder.is_dir() {
        true => Ok((directory, folder)),
        false => Err(CommandError::usage(format!(
            "there is no directory {directory} with a configuration of Terraform"
        ))
        .hint(format!(
            "name it with `--dir`, or as `handlers.iac.terraform.directory` of {}",
            paths::devops()
        ))),
    }
}

/// Fills `{environment}`, `{project}` and `{subsystem}` in.
fn fill(text: &str, devops: &Devops, name: &EnvironmentName) -> Result<String, CommandError> {
    let filled = template::fill(text, |key| match key {
        "environment" => Some(name.to_string()),
        "project" => Some(devops.project.name.clone()),
        "subsystem" => devops.project.subsystem.clone(),
        _ => None,
    });
    filled.ok_or_else(|| {
        CommandError::usage(format!(
            "devops.json: `{text}` has a placeholder that is not known here"
        ))
        .hint("available: {environment}, {project}, {subsystem}")
    })
}

fn backend(
    all: &std::collections::BTreeMap<String, serde_json::Value>,
    fill: &dyn Fn(&str) -> Result<String, CommandError>,
) -> Result<Vec<String>, CommandError> {
    // The type stands in the configuration itself.
    let own = all.iter().filter(|(key, _)| *key != "type");
    own.map(|(key, value)| {
        let value = match value {
            serde_json::Value::String(text) => fill(text)?,
            other => other.to_string(),
        };
        Ok(format!("{key}={value}"))
    })
    .collect()
}
