//! Designs of infrastructure: the block at their top that people edit, and what the rest of the
//! document is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::ids::{EnvironmentName, FeatureName};
use crate::model::running_cost::MonthlyUsd;
use crate::text::Untrusted;

/// The block at the top of a design, as TOML between two lines `+++`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesignHead {
    /// Version of this format, `1`.
    pub version: u32,
    /// What is built, in a few words.
    pub feature: String,
    /// Its name in Terraform: of files, resources and variables.
    pub name: FeatureName,
    /// Its name in the names of resources in AWS.
    pub resource_name: FeatureName,
    /// The environments it is for.
    pub environments: Vec<EnvironmentName>,
    /// The blueprints it is made of.
    pub blueprints: Vec<String>,
    /// Values of parameters by blueprint, for every environment.
    #[serde(default)]
    pub parameters: BTreeMap<String, BTreeMap<String, Value>>,
    /// Values of parameters by environment and blueprint.
    #[serde(default)]
    pub overrides: BTreeMap<EnvironmentName, BTreeMap<String, BTreeMap<String, Value>>>,
    /// Written by `fractary infra`: what was generated last.
    #[serde(default)]
    pub generated: Generated,
}

/// What was generated last: the base of the next merge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// The document below the block, as the id of a git object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The names that the code had, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<FeatureName>,
    /// The files of the code, as ids of git objects by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
}

/// A design, as people read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DesignReport {
    /// Version of this format.
    pub version: &'static str,
    /// `design`.
    pub kind: &'static str,
    /// What is built.
    pub feature: Untrusted,
    /// Its name.
    pub name: FeatureName,
    /// Its environments.
    pub environments: Vec<EnvironmentName>,
    /// The blueprints, in the order of the code.
    pub blueprints: Vec<ChosenBlueprint>,
    /// Words that chose nothing.
    pub not_understood: Vec<Untrusted>,
    /// The resources, in the order of the code.
    pub resources: Vec<DesignedResource>,
    /// How data flows.
    pub flow: DataFlow,
    /// What programs may do.
    pub access: Vec<ProgramAccess>,
    /// Findings of checks that are accepted.
    pub accepted: Vec<AcceptedRisk>,
    /// What it costs by environment.
    pub costs: Vec<EnvironmentCost>,
    /// Service levels with their alarms.
    pub slos: Vec<DesignedSlo>,
    /// What could be built instead.
    pub alternatives: Vec<String>,
    /// What can go wrong.
    pub risks: Vec<String>,
    /// What a person has to decide.
    pub questions: Vec<String>,
}

/// A blueprint of a design, and why it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChosenBlueprint {
    /// Its id.
    pub id: String,
    /// What it is.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// The words that chose it.
    pub words: Vec<Untrusted>,
    /// The blueprints that need it.
    pub needed_by: Vec<String>,
}

/// A resource of a design.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesignedResource {
    /// Its address.
    pub address: String,
    /// Its blueprint.
    pub blueprint: String,
    /// Why it is there.
    pub because: String,
}

/// What calls what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DataFlow {
    /// Ids and labels.
    pub nodes: Vec<(String, String)>,
    /// From, to, and how.
    pub edges: Vec<(String, String, String)>,
}

/// What a program may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgramAccess {
    /// The blueprint that runs the program, or uses it.
    pub program: String,
    /// Actions.
    pub actions: Vec<String>,
    /// On what, as an expression of Terraform.
    pub resources: Vec<String>,
}

/// A finding of a check that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptedRisk {
    /// The check.
    pub check: String,
    /// The blueprint.
    pub blueprint: String,
    /// Why.
    pub because: String,
}

/// What a design costs a month in one environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnvironmentCost {
    /// The environment.
    pub environment: EnvironmentName,
    /// The region that the prices are of.
    pub region: Option<String>,
    /// The sum of what has a price.
    pub monthly: MonthlyUsd,
    /// By blueprint; those that cost nothing are left out.
    pub blueprints: Vec<(String, MonthlyUsd)>,
    /// What has no price, and why.
    pub not_priced: Vec<String>,
    /// What is assumed.
    pub assumes: Vec<String>,
    /// Dates of the oldest and the newest price.
    pub prices_from: Option<(String, String)>,
}

impl EnvironmentCost {
    /// Whether nothing that may cost something has a price, so that the sum says nothing.
    pub fn is_unknown(&self) -> bool {
        let is_empty = self.monthly == MonthlyUsd::default();
        is_empty && self.prices_from.is_none() && !self.not_priced.is_empty()
    }
}

/// A service level of a design.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DesignedSlo {
    /// The blueprint.
    pub blueprint: String,
    /// What is measured.
    pub indicator: String,
    /// Its limit.
    pub target: f64,
    /// What is promised, in a sentence.
    pub text: String,
    /// The address of its alarm.
    pub alarm: String,
}

/// Lines of a file that a merge cannot decide on: people and the generator changed them both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeConflict {
    /// The first of them in the file, from 1.
    pub line: usize,
    /// What was generated last.
    pub base: String,
    /// What is in the file.
    pub ours: String,
    /// What would be generated.
    pub theirs: String,
}

/// What `infra engineer` did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineerReport {
    /// Version of this format.
    pub version: &'static str,
    /// `engineer`.
    pub kind: &'static str,
    /// The design.
    pub design: String,
    /// The files of the code.
    pub files: Vec<EngineeredFile>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// What changes, as a unified diff.
    pub diff: String,
}

/// A file of the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineeredFile {
    /// Its path.
    pub path: String,
    /// What becomes of it.
    pub outcome: FileOutcome,
    /// What cannot be merged.
    pub conflicts: Vec<MergeConflict>,
}

/// What becomes of a generated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileOutcome {
    /// It is new.
    Created,
    /// Nobody has edited it, and it is generated anew.
    Updated,
    /// Edits and what is new come together.
    Merged,
    /// It is generated anew, and edits are lost, as a person asked for.
    Overwritten,
    /// There is nothing to change.
    Unchanged,
    /// Edits and what is new are about the same lines.
    Conflict,
    /// It was not generated, so it is not touched.
    Foreign,
    /// It is edited, and what was generated last is not known here, as in a shallow clone.
    NoBase,
    /// It is no longer part of the code.
    Removed,
    /// A person deleted it.
    StaysDeleted,
}

impl FileOutcome {
    /// Whether something is left for a person to decide.
    pub fn needs_decision(self) -> bool {
        matches!(self, Self::Conflict | Self::Foreign | Self::NoBase)
    }

    /// Returns it in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Merged => "merged with your edits",
            Self::Overwritten => "overwritten",
            Self::Unchanged => "unchanged",
            Self::Conflict => "left alone: your edits are where it would change",
            Self::Foreign => "left alone: it was not generated",
            Self::NoBase => {
                "left alone: it is edited, and what was generated last is not in this clone"
            }
            Self::Removed => "removed",
            Self::StaysDeleted => "stays deleted",
        }
    }
}

/// What checking code without deploying it found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CodeReport {
    /// Version of this format.
    pub version: &'static str,
    /// `validate`.
    pub kind: &'static str,
    /// The directory of the code.
    pub directory: String,
    /// What was checked, in this order.
    pub steps: Vec<CodeStep>,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CodeStep {
    /// What, in a few words.
    pub name: String,
    /// What came of it.
    pub outcome: CodeOutcome,
    /// Why, one line each.
    pub details: Vec<Untrusted>,
}

impl CodeStep {
    /// Returns a step. What is said may quote files.
    pub fn new(name: impl Into<String>, outcome: CodeOutcome, details: Vec<String>) -> Self {
        Self {
            name: name.into(),
            outcome,
            details: details.into_iter().map(Untrusted::new).collect(),
        }
    }
}

/// What came of a check of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeOutcome {
    /// Nothing is wrong.
    Passed,
    /// Something is wrong.
    Failed,
    /// It could not be run, or not in full.
    NotRun,
}

impl CodeReport {
    /// Whether something is wrong.
    pub fn has_failed(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.outcome == CodeOutcome::Failed)
    }

    /// Whether something could not be run.
    pub fn is_partial(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.outcome == CodeOutcome::NotRun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_without_any_price_is_unknown() {
        let cost = |likely: f64, not_priced: &[&str]| EnvironmentCost {
            environment: EnvironmentName::new("test").expect("a name"),
            region: Some("eu-central-1".to_owned()),
            monthly: MonthlyUsd {
                likely,
                ..MonthlyUsd::default()
            },
            blueprints: Vec::new(),
            not_priced: not_priced.iter().map(|one| (*one).to_owned()).collect(),
            assumes: Vec::new(),
            prices_from: None,
        };
        assert!(cost(0.0, &["no price for s3/standard"]).is_unknown());
        assert!(!cost(3.0, &["no price for s3/standard"]).is_unknown());
        assert!(!cost(0.0, &[]).is_unknown(), "nothing of it costs anything");
    }
}
