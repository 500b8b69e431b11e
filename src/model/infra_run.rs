//! What a walk through all stages of infrastructure came to.

use serde::Serialize;

use crate::model::ids::EnvironmentName;
use crate::text::Untrusted;

/// What `infra run` came to.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct InfraRunReport {
    /// Version of this format.
    pub version: &'static str,
    /// `infra-run`.
    pub kind: &'static str,
    /// The environment.
    pub environment: EnvironmentName,
    /// The design.
    pub design: String,
    /// All stages, in their order.
    pub stages: Vec<RanStage>,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct RanStage {
    /// Which.
    pub stage: InfraStage,
    /// What came of it.
    pub outcome: StageOutcome,
    /// What there is to say, one line each.
    pub details: Vec<Untrusted>,
}

/// The stages from words to what is deployed and healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InfraStage {
    /// The design.
    Architect,
    /// The code.
    Engineer,
    /// Checks of the code.
    Validate,
    /// Tests of the plan and of what is deployed.
    Test,
    /// The plan that is applied.
    Preview,
    /// The deployment.
    Deploy,
    /// Whether it is as recorded, and healthy.
    Verify,
}

impl InfraStage {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::Architect,
        Self::Engineer,
        Self::Validate,
        Self::Test,
        Self::Preview,
        Self::Deploy,
        Self::Verify,
    ];

    /// Returns the stage of a command.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// Returns the name of its command.
    pub fn word(self) -> &'static str {
        match self {
            Self::Architect => "architect",
            Self::Engineer => "engineer",
            Self::Validate => "validate",
            Self::Test => "test",
            Self::Preview => "preview",
            Self::Deploy => "deploy",
            Self::Verify => "verify",
        }
    }
}

/// What came of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageOutcome {
    /// It did what it is for.
    Done,
    /// Nothing that it depends on has changed since it was done.
    Unchanged,
    /// Something of it is not known.
    Unknown,
    /// It failed, or found something.
    Failed,
    /// It was refused for safety: consent is missing, for instance.
    Refused,
    /// The walk did not come that far.
    NotReached,
}

impl StageOutcome {
    /// Returns it in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Unknown => "UNKNOWN",
            Self::Failed => "FAILED",
            Self::Refused => "REFUSED",
            Self::NotReached => "not reached",
        }
    }

    /// Whether the next stage may follow.
    pub fn goes_on(self) -> bool {
        matches!(self, Self::Done | Self::Unchanged)
    }
}
