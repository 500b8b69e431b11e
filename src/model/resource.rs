//! One deployed thing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, KindId, Region};
use crate::text::Untrusted;

/// A resource that the registry says exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Kind in the catalogue, `None` where the catalogue has none for its type.
    pub kind: Option<KindId>,
    /// Terraform type (`aws_lambda_function`).
    pub resource_type: String,
    /// Address in Terraform (`module.api.aws_lambda_function.this`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform_address: Option<Untrusted>,
    /// The name that people use.
    pub name: Untrusted,
    /// The id that the provider uses.
    pub aws_id: Untrusted,
    /// Its ARN: the identity of the resource in every report and issue.
    pub arn: Arn,
    /// Where it runs.
    pub region: Region,
    /// What else is needed to find it: `cluster` of an ECS service, `stage` of an API.
    #[serde(default)]
    pub attributes: BTreeMap<String, Untrusted>,
    /// Link to the provider's console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_url: Option<Untrusted>,
    /// ARNs, addresses or names of what it needs.
    #[serde(default)]
    pub depends_on: Vec<String>,
}
