//! What `infra preview` says of a plan, and what a deployment came to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::deployments::{DeploymentOperation, DeploymentOutcome};
use crate::model::ids::EnvironmentName;
use crate::model::review::Review;
use crate::model::teardown::TeardownOutlook;
use crate::text::Untrusted;

/// A plan, and what it would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Preview {
    /// Version of this format.
    pub version: String,
    /// `preview`.
    pub kind: String,
    /// Whether it deploys or tears down.
    pub operation: DeploymentOperation,
    /// The environment.
    pub environment: EnvironmentName,
    /// Whether applying it changes anything.
    pub changes: bool,
    /// Which plan it is.
    pub plan: PlanIdentity,
    /// What a teardown would destroy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teardown: Option<TeardownOutlook>,
    /// What it does, and what speaks against it.
    pub review: Review,
}

/// Which plan it is, and what it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlanIdentity {
    /// SHA-256 of the plan's file.
    pub sha256: String,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub made_at: Timestamp,
    /// The directory of the configuration.
    pub directory: String,
    /// The commit that was checked out.
    pub commit: Option<String>,
    /// The id of the directory's tree in it.
    pub tree: Option<String>,
    /// The tool with its version.
    pub tool: Untrusted,
    /// Serial number of the state; `null` where there is none yet.
    pub serial: Option<u64>,
    /// Lineage of the state.
    pub lineage: Option<Untrusted>,
}

/// What a deployment came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeployReport {
    /// Version of this format.
    pub version: String,
    /// `deployment`.
    pub kind: String,
    /// Whether it deploys or tears down.
    pub operation: DeploymentOperation,
    /// The environment.
    pub environment: EnvironmentName,
    /// The id of the deployment; `null` where nothing was to be changed.
    pub id: Option<String>,
    /// `success`, `failed`, `interrupted`, `unchanged` where there was nothing to do, `planned` of a
    /// dry run.
    pub status: String,
    /// What came of every change.
    pub outcome: DeploymentOutcome,
    /// How many resources the registry has afterwards.
    pub registered: usize,
    /// The plan.
    pub preview: Preview,
}
