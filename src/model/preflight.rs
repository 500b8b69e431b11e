//! The answer of `fractary permissions preflight`: what a plan needs, and what its identity may do.

use serde::Serialize;
use serde_json::Value;

use crate::text::Untrusted;

/// What is done to a resource of a plan.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PlanPhase {
    /// It is made.
    Create,
    /// It is read.
    Read,
    /// It is changed in place.
    Update,
    /// It is destroyed.
    Delete,
    /// It is tagged.
    Tag,
    /// A role is handed to a service.
    PassRole,
}

impl PlanPhase {
    /// Returns the word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Tag => "tag",
            Self::PassRole => "pass a role",
        }
    }
}

/// An action that applying a plan needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct NeededAction {
    /// The IAM action (`s3:CreateBucket`).
    pub action: String,
    /// ARN of what it is done to, with `*` for what is not known before; `*` where the action
    /// takes no resource.
    pub resource: Untrusted,
    /// The service that a role is passed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_to: Option<String>,
    /// What a grant names: the resource, or everything that is named after the same pattern.
    pub scope: Untrusted,
    /// What it is needed for.
    pub phases: Vec<PlanPhase>,
    /// Addresses of the resources that need it.
    pub addresses: Vec<Untrusted>,
}

/// An action, and what was found about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CheckedAction {
    /// The action.
    #[serde(flatten)]
    pub needed: NeededAction,
    /// What allows it, what denies it, or what stands in the way of knowing.
    pub because: Untrusted,
    /// Whether a grant to the identity makes it work. `false` where something denies it.
    pub grant_helps: bool,
}

/// Something that cannot be known before the apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct UnknownNeed {
    /// The action, where one is in question.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub needed: Option<NeededAction>,
    /// The type of resource whose actions are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<Untrusted>,
    /// Why it is not known.
    pub because: Untrusted,
}

/// One grant for everything that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct GrantProposal {
    /// The IAM policy.
    pub policy: Value,
    /// Its size as IAM counts it: characters without blanks.
    pub characters: usize,
    /// Ways to more permissions that it would open, as sentences. Such a grant must not be made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<String>,
    /// What whoever grants it should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PreflightReport {
    /// Of the layout of this document.
    pub version: String,
    /// `preflight`.
    pub kind: String,
    /// Whose permissions were looked at; `None` where they come from files.
    pub identity: Option<Untrusted>,
    /// Day of the reference of IAM actions.
    pub reference_date: String,
    /// Everything that is needed.
    pub needed: Vec<NeededAction>,
    /// What the identity may do.
    pub allowed: Vec<CheckedAction>,
    /// What it may not do.
    pub missing: Vec<CheckedAction>,
    /// What cannot be known.
    pub unknown: Vec<UnknownNeed>,
    /// What would have to be granted; `None` where nothing is missing that a grant helps with.
    pub grant: Option<GrantProposal>,
}
