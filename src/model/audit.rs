//! Verdicts of checks, and what an audit reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::attestations::Attestation;
use crate::model::audit_history::KnownFinding;
use crate::model::cost_report::CostReport;
use crate::model::fact::Gap;
use crate::model::ids::{AccountId, Arn, EnvironmentName, Region};
use crate::model::receipt::Receipt;
use crate::model::status::Severity;
use crate::text::Untrusted;

pub use crate::model::audit_status::AuditStatus;

/// Verdict of a check on a resource.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// What could not be read may decide it either way.
    Unknown,
    /// The check says nothing about such a resource.
    NotApplicable,
}

impl CheckVerdict {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not applicable",
        }
    }
}

impl fmt::Display for CheckVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What an audit found, and how far it looked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "audit.json")]
pub struct AuditReport {
    /// Version of this format.
    pub version: String,
    /// Always `audit`.
    pub kind: String,
    /// What was audited: `security`, `compliance` or `all`.
    #[serde(rename = "type")]
    pub audit_type: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// When the configuration was read.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub generated_at: Timestamp,
    /// When the audit before it was, where one was kept, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub previous: Option<Timestamp>,
    /// The result in numbers.
    pub summary: AuditSummary,
    /// What fails, most urgent first.
    pub findings: Vec<AuditFinding>,
    /// Findings of the audit before that this one no longer has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<FixedFinding>,
    /// Findings of earlier audits that this one could neither find nor rule out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unverified: Vec<KnownFinding>,
    /// Where Security Hub or AWS Config says the opposite.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<Disagreement>,
    /// What could not be evaluated, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<UnknownVerdict>,
    /// Results by framework.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<FrameworkResult>,
    /// What is spent and what could be saved, with `--type all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Box<CostReport>>,
    /// How far it looked.
    pub coverage: AuditCoverage,
    /// Calls that did not answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Gap>,
    /// Whether something could not be read.
    pub partial: bool,
    /// What it cost.
    pub api: Receipt,
}

impl AuditReport {
    /// Returns the word for what was audited in front of "audit".
    pub fn type_word(&self) -> &str {
        match self.audit_type.as_str() {
            "all" => "full",
            other => other,
        }
    }

    /// Returns the calls that did not answer and that no unknown verdict names, each with why.
    pub fn silent_calls(&self) -> BTreeSet<Untrusted> {
        let named: BTreeSet<&Untrusted> = self.unknown.iter().flat_map(|it| &it.because).collect();
        let all = self
            .errors
            .iter()
            .map(|gap| Untrusted::from(gap.sentence()));
        all.filter(|text| !named.contains(text)).collect()
    }
}

/// The result of an audit in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditSummary {
    /// The verdict.
    pub overall_status: AuditStatus,
    /// Score from 0 to 100: 100 × Σ weight of what passes / Σ weight of what passes or fails, with
    /// weights of 10, 5, 2 and 1 by severity; at most 49 with an open CRITICAL finding. Missing
    /// where more than 20 % of the weight is unknown, and where nothing was evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Share of the weight that is unknown, 0 to 100.
    pub unknown_percent: f64,
    /// Open findings by severity.
    pub open: BTreeMap<Severity, usize>,
    /// Open findings that the audit before did not have. All, where there was none.
    pub new: usize,
    /// Findings of the audit before that are fixed.
    pub fixed: usize,
    /// Findings that are suppressed. Not among the open ones, and never passed.
    pub suppressed: usize,
    /// Verdicts of checks on resources.
    pub verdicts: BTreeMap<CheckVerdict, usize>,
}

impl AuditSummary {
    /// Returns the number of open findings, whatever their severity.
    pub fn all_open(&self) -> usize {
        self.open.values().sum()
    }

    /// Returns the number of verdicts that could not be reached.
    pub fn unknown(&self) -> usize {
        let unknown = self.verdicts.get(&CheckVerdict::Unknown);
        unknown.copied().unwrap_or(0)
    }
}

/// One thing that fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditFinding {
    /// The same on every run for the same check, resource and place in it.
    pub id: String,
    /// The check.
    pub check: String,
    /// Which of several places in the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Untrusted>,
    /// How urgent.
    pub severity: Severity,
    /// What it is about.
    pub resource: AuditedResource,
    /// What is wrong, in a few words.
    pub title: String,
    /// Sentences that prove it.
    pub evidence: Vec<Untrusted>,
    /// Why it matters.
    pub recommendation: String,
    /// How to fix it.
    pub remediation: Remedy,
    /// Controls that ask for it, as `framework/control`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compliance: Vec<String>,
    /// Whether it counts.
    pub status: FindingStatus,
    /// Why it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed_because: Option<Untrusted>,
    /// Who else says so, for instance `Security Hub S3.1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_seen_by: Vec<String>,
    /// Who says that it is not so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputed_by: Vec<String>,
    /// The first audit that had it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_seen: Timestamp,
    /// Whether the audit before did not have it.
    pub is_new: bool,
}

/// How to fix a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Remedy {
    /// What to write in Terraform.
    pub terraform: String,
    /// Commands of the AWS CLI, one a line; lines behind a `#` are for the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Untrusted>,
    /// What may stop working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<String>,
    /// Addresses of pages that say more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

/// Whether a finding counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FindingStatus {
    /// It counts.
    Open,
    /// Someone said why it does not.
    Suppressed,
}

/// The resource that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditedResource {
    /// Terraform type; `account` and `region` for their settings.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Service, for people.
    pub service: String,
    /// The name that people use.
    pub name: Untrusted,
    /// ARN, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Arn>,
    /// Address in Terraform, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Untrusted>,
    /// Region.
    pub region: Region,
}

impl AuditedResource {
    /// Returns the text that identifies it on every run: its ARN, else its address, else its
    /// type, region and name. The same as of the configured resource.
    pub fn identity(&self) -> Untrusted {
        if let Some(arn) = &self.arn {
            return Untrusted::from(arn.as_str());
        }
        if let Some(address) = &self.address {
            return address.clone();
        }
        let name = self.name.raw();
        Untrusted::from(format!("{}/{}/{name}", self.resource_type, self.region))
    }
}

/// A finding that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FixedFinding {
    /// Its id.
    pub id: String,
    /// The check.
    pub check: String,
    /// Name of the resource.
    pub resource: Untrusted,
}

/// A verdict that someone else does not share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Disagreement {
    /// The check.
    pub check: String,
    /// Name of the resource.
    pub resource: Untrusted,
    /// The verdict here, which counts.
    pub verdict: CheckVerdict,
    /// Who says otherwise, for instance `Security Hub S3.1`.
    pub by: String,
    /// Their verdict.
    pub theirs: CheckVerdict,
}

/// Checks that came to no verdict for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UnknownVerdict {
    /// The check.
    pub check: String,
    /// How urgent a failure would be.
    pub severity: Severity,
    /// Resources, by name; of a type that could not be listed, the type.
    pub resources: Vec<Untrusted>,
    /// What stands in the way: permissions that are missing, calls that failed, facts that
    /// nobody read.
    pub because: Vec<Untrusted>,
}

/// How a framework's controls come out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FrameworkResult {
    /// Id with the version (`cis-aws-7.0`).
    pub framework: String,
    /// Percentage of controls that pass among those that pass or fail, 0 to 100. Missing where
    /// none does either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_percent: Option<f64>,
    /// Controls by result.
    pub counts: BTreeMap<ControlResult, usize>,
    /// Every control.
    pub controls: Vec<ControlRow>,
}

/// One control of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ControlRow {
    /// Its id (`2.4`).
    pub id: String,
    /// How it comes out.
    pub result: ControlResult,
    /// The checks that decide it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
    /// What a person said of it, where one did and it still counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
}

/// How a control comes out.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ControlResult {
    /// Every resource that it speaks of is as it should be.
    Passed,
    /// One is not.
    Failed,
    /// Nothing fails, and something could not be evaluated.
    Unknown,
    /// There is nothing that it speaks of.
    NotApplicable,
    /// A person has to look, and one said what is so.
    Attested,
    /// A person has to look, and nobody has.
    Manual,
}

impl ControlResult {
    /// The words in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not applicable",
            Self::Attested => "attested",
            Self::Manual => "manual",
        }
    }
}

/// How far an audit looked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditCoverage {
    /// Accounts.
    pub accounts: Vec<AccountId>,
    /// Regions that were looked in.
    pub regions: Vec<Region>,
    /// Regions that the account has not enabled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_enabled: Vec<Region>,
    /// Services of which types were read.
    pub services: Vec<String>,
    /// Resources that were evaluated.
    pub resources: usize,
    /// Checks that were evaluated.
    pub checks: usize,
    /// Calls that each check needed, by its id. One call may serve many checks, so these do
    /// not add up to the calls of the receipt.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calls_by_check: BTreeMap<String, u64>,
    /// Lists that answered in full, types and regions counted.
    pub answered: usize,
    /// Lists that did not.
    pub refused: usize,
    /// Types that checks apply to and that nobody looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_looked_at: Vec<String>,
}

/// `suppressions.toml`: findings that are known and accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "suppressions.toml")]
pub struct Suppressions {
    /// Version of this format, `1.0.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// One entry each.
    #[serde(default, rename = "suppress")]
    pub entries: Vec<Suppression>,
}

/// A finding, or several, that someone accepts for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Suppression {
    /// Id of the check.
    pub check: String,
    /// Which resources: an ARN, or an address in Terraform with its instance key
    /// (`aws_security_group.web["a"]`), with `*` for any text; or `tag:name=value`.
    pub resource: Untrusted,
    /// Why.
    pub reason: Untrusted,
    /// Who answers for it.
    pub owner: Untrusted,
    /// The last day on which it counts, `YYYY-MM-DD`, in UTC.
    #[schemars(with = "String", extend("format" = "date"))]
    pub until: Date,
}
