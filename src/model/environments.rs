//! `shared/environments.json` and `shared/aws-credentials.json`: where things run, and under
//! which name to ask.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::{AccountId, EnvironmentName, Region};

/// The environments of this repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "environments.json")]
pub struct Environments {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The environment that commands use where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<EnvironmentName>,
    /// The environments by name.
    pub environments: BTreeMap<EnvironmentName, Environment>,
}

/// One environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Environment {
    /// Its name, the same as its key.
    pub name: EnvironmentName,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether every action that changes it needs consent.
    #[serde(default)]
    pub requires_confirmation: bool,
    /// Whether problems here are CRITICAL (default: true for `prod` and `production`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<bool>,
    /// The AWS account. A run whose identity is in another account stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The main region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// All regions, where it is more than one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Region>,
    /// A role to assume before asking AWS anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<crate::model::ids::Arn>,
    /// The role that changes its resources, apart from the one that reads (default: the same
    /// credentials as reading). With it, nothing is changed as anybody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation_role_arn: Option<crate::model::ids::Arn>,
    /// Tags that its resources carry. An audit of costs counts what has them all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Environment {
    /// Whether problems in this environment are CRITICAL.
    pub fn is_critical(&self) -> bool {
        self.critical
            .unwrap_or_else(|| matches!(self.name.as_str(), "prod" | "production"))
    }
}

/// Names of profiles and roles; never keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "aws-credentials.json")]
pub struct AwsCredentials {
    /// Version of this format, `1.0.0`.
    #[serde(default = "crate::model::environments::version_one")]
    pub version: String,
    /// Settings for AWS.
    pub aws: AwsNames,
}

/// Account, region and profile names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AwsNames {
    /// The account, where all environments share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The region, where an environment names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Profile name (from `~/.aws/config`) by environment; `discover_deploy` for IAM work.
    #[serde(default)]
    pub profiles: BTreeMap<String, String>,
}

pub(crate) fn version_one() -> String {
    "1.0.0".to_owned()
}
