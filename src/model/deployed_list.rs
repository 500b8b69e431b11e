//! What `infra show-resources` and `infra verify` say.

use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, EnvironmentName, Region};
use crate::text::Untrusted;

/// What is registered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeployedList {
    /// Version of this format.
    pub version: String,
    /// `resources`.
    pub kind: String,
    /// Environments without a registry: what is deployed there is not known.
    pub not_registered: Vec<EnvironmentName>,
    /// How many there are without a filter.
    pub of: usize,
    /// Those that are meant.
    pub resources: Vec<DeployedResource>,
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeployedResource {
    /// Where it is.
    pub environment: EnvironmentName,
    /// Its Terraform type.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Its name.
    pub name: Untrusted,
    /// Its ARN.
    pub arn: Arn,
    /// Its region.
    pub region: Region,
    /// Its address in Terraform.
    pub terraform_address: Option<Untrusted>,
    /// Where the console shows it.
    pub console_url: Option<Untrusted>,
    /// Whether it was not finished: the next plan replaces it.
    pub tainted: bool,
}
