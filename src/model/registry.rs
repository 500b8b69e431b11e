//! `deployments/<env>/registry.json`: what is deployed in one environment.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, EnvironmentName, Region};
use crate::text::Untrusted;

/// Every deployed resource of one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "registry.json")]
pub struct Registry {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// The environment, as named in environments.json.
    pub environment: EnvironmentName,
    /// The project that deployed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// When it was last deployed or adopted, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_deployed: Option<jiff::Timestamp>,
    /// The resources.
    pub resources: Vec<RegistryEntry>,
}

/// One deployed resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RegistryEntry {
    /// Terraform type, for instance `aws_lambda_function`.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Address in Terraform, for instance `module.api.aws_lambda_function.this`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform_address: Option<Untrusted>,
    /// The id that AWS uses: the function name, the bucket name, the database identifier.
    pub aws_id: Untrusted,
    /// A name for people; `aws_id` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// Amazon Resource Name.
    pub arn: Arn,
    /// Link to the AWS console; made from the kind's template where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_url: Option<Untrusted>,
    /// What names it, as `fractary adopt` found it: `state:`, the lineage of a Terraform state
    /// and its path in the repository, `file:` and a path, `tags:` and tags, `name:` and what `--source` says. Pruning
    /// removes an entry when none of these names it any more.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub sources: BTreeSet<String>,
    /// When it was created or adopted, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub created: Option<jiff::Timestamp>,
    /// Region, where it is not the one in the ARN or of the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// ARNs, Terraform addresses or names of the resources that it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// What else is needed to find it: `cluster` for `aws_ecs_service`, `stage` for an API.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub metadata: BTreeMap<String, serde_json::Value>,
}
