//! What `fractary drift` and `fractary infra teardown` say.

use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, EnvironmentName};
use crate::model::review::AttributeDifference;
use crate::text::Untrusted;

/// Which deployed resources are not as Terraform left them, and how many were looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DriftReport {
    /// Version of this format.
    pub version: String,
    /// `drift`.
    pub kind: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// How many resources were read and compared.
    pub compared: usize,
    /// How many there are in the state.
    pub of: usize,
    /// What someone changed.
    pub drifted: Vec<DriftedResource>,
    /// What was changed by a remediation, which says so.
    pub expected: Vec<DriftedResource>,
    /// What could not be read.
    pub unknown: Vec<UnreadResource>,
}

/// A resource that is not as Terraform left it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DriftedResource {
    /// Its address.
    pub address: Untrusted,
    /// Its Terraform type.
    #[serde(rename = "type")]
    pub resource_type: Untrusted,
    /// Its ARN, where the state has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Arn>,
    /// Whether it is gone.
    pub gone: bool,
    /// Attributes that differ: `before` is what Terraform left, `after` what is there.
    pub differences: Vec<AttributeDifference>,
    /// The remediation that changed it and said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// A resource that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UnreadResource {
    /// Its address.
    pub address: Untrusted,
    /// Why.
    pub reason: Untrusted,
}
