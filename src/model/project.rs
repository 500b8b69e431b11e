//! `faber-cloud/config/devops.json`: the project, its tools and its names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::{AccountId, EnvironmentName, Region};

/// devops.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "devops.json")]
pub struct Devops {
    /// Version of this format, `1.0.0`.
    #[serde(default = "crate::model::environments::version_one")]
    pub version: String,
    /// The project.
    pub project: Project,
    /// Cloud and infrastructure-as-code tools.
    #[serde(default)]
    pub handlers: Handlers,
    /// How resources are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_naming: Option<ResourceNaming>,
    /// Rules for deployments by environment.
    #[serde(default)]
    pub environments: BTreeMap<EnvironmentName, DeployRules>,
}

impl Devops {
    /// What counts where there is no such file.
    pub fn default_for(project: &str) -> Self {
        Self {
            version: crate::model::environments::version_one(),
            project: Project {
                name: project.to_owned(),
                subsystem: None,
                organization: None,
            },
            handlers: Handlers::default(),
            resource_naming: None,
            environments: BTreeMap::new(),
        }
    }
}

/// The project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The part of it that this repository is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subsystem: Option<String>,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

/// Which tools are used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Handlers {
    /// The cloud.
    pub hosting: Hosting,
    /// The infrastructure-as-code tool.
    pub iac: IacHandler,
}

/// The cloud.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Hosting {
    /// `aws`.
    pub active: Option<String>,
    /// Settings for AWS.
    pub aws: Option<HostingAws>,
}

/// Settings for AWS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct HostingAws {
    /// The account.
    pub account_id: Option<AccountId>,
    /// The region.
    pub region: Option<Region>,
    /// Profile names: `discover_deploy`, `test_deploy`, `prod_deploy` …
    pub profiles: BTreeMap<String, String>,
}

/// The infrastructure-as-code tool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct IacHandler {
    /// `terraform` (default) or `opentofu`.
    pub active: Option<String>,
    /// Settings for Terraform.
    pub terraform: Option<Terraform>,
}

impl IacHandler {
    /// Returns the name of the tool.
    pub fn name(&self) -> &str {
        self.active.as_deref().unwrap_or("terraform")
    }
}

/// Settings for Terraform.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Terraform {
    /// Directory of the configuration, relative to the repository.
    pub directory: Option<String>,
    /// Pattern of the variable files, for instance `{environment}.tfvars`.
    pub var_file_pattern: Option<String>,
    /// The backend, as Terraform takes it.
    pub backend: BTreeMap<String, serde_json::Value>,
}

/// How resources are named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ResourceNaming {
    /// For instance `{project}-{subsystem}-{environment}-{resource}`.
    pub pattern: String,
    /// Separator, for instance `-`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
}

/// Rules for deployments to one environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct DeployRules {
    /// Whether a deployment goes ahead without asking.
    pub auto_approve: bool,
    /// Whether a deployment needs consent.
    pub require_confirmation: bool,
}
