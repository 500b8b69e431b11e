//! `registry/deployments.json`: every deployment there was.

use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, DomainName, EnvironmentName};
use crate::model::registry::RegistryEntry;
use crate::model::remediation::ConsentRecord;
use crate::text::Untrusted;

/// The deployments of all environments, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "deployments.json")]
pub struct Deployments {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// When this file was made, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub created_at: Option<jiff::Timestamp>,
    /// The deployments.
    pub deployments: Vec<Deployment>,
}

/// One deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Deployment {
    /// Its id, unique in this file.
    pub id: String,
    /// Where it went.
    pub environment: EnvironmentName,
    /// The domain (default `infrastructure`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainName>,
    /// When, RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub deployed_at: jiff::Timestamp,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployed_by: Option<Untrusted>,
    /// The commit that was deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// `started` until its outcome is known, then `success`, `failed` or `interrupted`;
    /// other programs also write `partial` and `adopted`.
    pub status: String,
    /// What it left behind.
    #[serde(default)]
    pub resources: Vec<RegistryEntry>,
    /// SHA-256 of the plan that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_sha256: Option<String>,
    /// What was to be done and what came of it; by `infra deploy` and `infra teardown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<DeploymentRecord>,
}

/// What a deployment was to do, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeploymentRecord {
    /// Whether it deploys or tears down.
    pub operation: DeploymentOperation,
    /// The directory of the configuration, `.` for the root of the repository.
    pub directory: String,
    /// The id of that directory's tree in the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// The tool with its version, for instance `terraform 1.15.5`.
    pub tool: Untrusted,
    /// The lineage of the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Untrusted>,
    /// Serial number of the state that the plan was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_before: Option<u64>,
    /// Serial number of the state afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_after: Option<u64>,
    /// Who agreed to it, and how.
    pub consent: ConsentRecord,
    /// The id of the proposal whose merge was the consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// Whose credentials it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_arn: Option<Arn>,
    /// The clone that it runs in: only there is it known whether it still runs.
    pub clone: String,
    /// The run of GitHub Actions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Untrusted>,
    /// Until when nothing else may be deployed to the environment, unless it ends before,
    /// RFC 3339 UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub lease_until: jiff::Timestamp,
    /// When it ended, or was found to have ended, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub ended_at: Option<jiff::Timestamp>,
    /// The changes of the plan; the first 500.
    pub planned: Vec<PlannedStep>,
    /// What came of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<DeploymentOutcome>,
}

/// What a deployment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentOperation {
    /// It makes the environment as configured.
    Deploy,
    /// It destroys the environment.
    Teardown,
}

/// One change of a plan, as consent was given to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlannedStep {
    /// Its address.
    pub address: Untrusted,
    /// `create`, `update`, `replace`, `delete`, `forget` …
    pub action: String,
    /// Names of the attributes that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Untrusted>,
}

/// What came of the changes of a plan, by address. What is in none of the lists was not part of
/// it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct DeploymentOutcome {
    /// Made as planned.
    pub done: Vec<Untrusted>,
    /// Attempted, and an error came back.
    pub failed: Vec<Untrusted>,
    /// In the state, but not finished: the next plan destroys it and creates it again.
    pub tainted: Vec<Untrusted>,
    /// It began, and nothing says how it ended: it may be in AWS and in no state.
    pub unknown: Vec<Untrusted>,
    /// Not attempted.
    pub not_begun: Vec<Untrusted>,
    /// What the tool gave as errors, the first ten.
    pub errors: Vec<Untrusted>,
    /// Why it ended, where that was not by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Untrusted>,
}
