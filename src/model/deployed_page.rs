//! What a list of deployed resources shows. Built by `core`, drawn by `render`.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::ids::{Arn, EnvironmentName, Region};
use crate::text::Untrusted;

/// What `DEPLOYED.md` shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deployed {
    /// The environment.
    pub environment: EnvironmentName,
    /// The project.
    pub project: Option<String>,
    /// When it was last deployed or adopted.
    pub last_deployed: Option<Timestamp>,
    /// Groups by type, sorted by title.
    pub groups: Vec<DeployedGroup>,
    /// Resources in all.
    pub total: u32,
}

/// Resources of one type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeployedGroup {
    /// `Lambda functions`, or the Terraform type where the catalogue has no kind for it.
    pub title: String,
    /// Whether `fractary health` watches this type.
    pub monitored: bool,
    /// The resources, sorted by name.
    pub rows: Vec<DeployedRow>,
}

/// One deployed resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeployedRow {
    /// Name.
    pub name: Untrusted,
    /// ARN.
    pub arn: Arn,
    /// Region.
    pub region: Region,
    /// Address in Terraform.
    pub terraform_address: Option<Untrusted>,
    /// Link to the console.
    pub console_url: Option<Untrusted>,
    /// When it was created or adopted.
    pub created: Option<Timestamp>,
}
