//! An error of Terraform or AWS, what it means, and what has solved it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::denial::ExplainedDenial;
use crate::text::Untrusted;

/// What an error is about, and so who can do something.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCategory {
    /// A policy does not allow it, or there are no valid credentials.
    Permission,
    /// What was asked for is not valid.
    Config,
    /// A resource exists already, is missing, or is in use.
    Resource,
    /// Terraform's state, its lock, or what it says of resources.
    State,
    /// AWS could not be reached.
    Network,
    /// A limit of the account is reached.
    Quota,
    /// It passes by itself: throttling, eventual consistency, a failure inside AWS.
    Transient,
    /// Nothing in the text says what it is about.
    Unknown,
}

impl ErrorCategory {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::Config => "config",
            Self::Resource => "resource",
            Self::State => "state",
            Self::Network => "network",
            Self::Quota => "quota",
            Self::Transient => "transient",
            Self::Unknown => "unknown",
        }
    }
}

/// What a text says about one error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ErrorFacts {
    /// The code of AWS (`BucketAlreadyExists`).
    pub code: Option<Untrusted>,
    /// The service, as the message spells it (`S3`).
    pub service: Option<Untrusted>,
    /// The operation that was called (`CreateBucket`).
    pub operation: Option<Untrusted>,
    /// The HTTP status of AWS's answer.
    pub http_status: Option<u16>,
    /// The innermost message: what AWS or Terraform said, without what others put around it.
    pub message: Untrusted,
    /// Everything that the text says about this error.
    #[serde(skip)]
    pub whole: Untrusted,
    /// Terraform's address of the resource.
    pub address: Option<Untrusted>,
    /// Its type, from the address or the place.
    pub resource_type: Option<Untrusted>,
    /// What AWS calls the resource, where the message says so.
    pub resource_name: Option<Untrusted>,
    /// The module that the resource is in.
    pub terraform_module: Option<Untrusted>,
    /// File of the configuration.
    pub file: Option<Untrusted>,
    /// Line of that file.
    pub line: Option<u32>,
}

/// A lock of Terraform's state, as its message describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct StateLock {
    /// Its id, which `terraform force-unlock` takes.
    pub id: Untrusted,
    /// The state that is locked.
    pub path: Option<Untrusted>,
    /// What holds it (`OperationTypeApply`).
    pub operation: Option<Untrusted>,
    /// Who: user and machine.
    pub who: Option<Untrusted>,
    /// Since when, as Terraform writes it.
    pub created: Option<Untrusted>,
}

/// A step of a solution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SolutionStep {
    /// What to do, as a sentence without its full stop.
    pub what: String,
    /// The command that does or shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Untrusted>,
    /// Names in the command that the text does not give, and that have to be filled in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fill_in: Vec<String>,
    /// Whether the command changes something, so that it needs consent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes: bool,
}

/// What a solution changes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SolutionCategory {
    /// A permission is granted.
    PermissionGrant,
    /// The configuration is changed.
    ConfigFix,
    /// A resource is imported, removed or created again.
    ResourceRecreation,
    /// Terraform's state is changed.
    StateFix,
    /// Nothing but time, and another attempt.
    Wait,
    /// A limit is raised, or a subscription or account set up.
    AccountFix,
}

/// How often a solution was tried, and what came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SuccessRate {
    /// How often it was tried.
    pub attempts: u64,
    /// How often it worked.
    pub successes: u64,
    /// How often it did not.
    pub failures: u64,
    /// Successes of attempts in percent, 0 to 100; null before the first attempt.
    pub percentage: Option<f64>,
}

impl SuccessRate {
    /// Counts successes and failures.
    pub fn new(successes: u64, failures: u64) -> Self {
        let attempts = successes.saturating_add(failures);
        Self {
            attempts,
            successes,
            failures,
            percentage: percent(successes, attempts),
        }
    }

    /// Those of both.
    pub fn plus(self, other: Self) -> Self {
        Self::new(
            self.successes.saturating_add(other.successes),
            self.failures.saturating_add(other.failures),
        )
    }
}

/// A part in percent, to a tenth; `None` of nothing.
pub fn percent(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| (part as f64 * 1_000.0 / of as f64).round() / 10.0)
}

/// Where a solution is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SolutionSource {
    /// It was recorded for this very issue.
    ThisIssue,
    /// It was recorded for a similar one.
    SimilarIssue,
    /// It is built in.
    Catalog,
    /// Waiting and trying again, which every issue has.
    Null,
}

/// A solution, and how well it did.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct RankedSolution {
    /// Its id, for `--tried`.
    pub solution_id: String,
    /// What it does.
    pub description: Untrusted,
    /// What it changes.
    pub category: SolutionCategory,
    /// Where it is known from.
    pub source: SolutionSource,
    /// What to do.
    pub steps: Vec<SolutionStep>,
    /// What it was ranked by; the best is first.
    pub score: f64,
    /// How it did.
    pub success_rate: SuccessRate,
    /// Environments in which it has worked.
    pub proven_in: Vec<String>,
    /// `true` where it has worked, but not in the environment that was asked about.
    pub proven_elsewhere_only: bool,
    /// `false` where it did no better than waiting and trying again; null without enough attempts.
    pub better_than_waiting: Option<bool>,
    /// How long it took on average, of successes only.
    pub avg_resolution_time_seconds: Option<u64>,
}

/// What the log knows of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SeenBefore {
    /// How often it was recorded.
    pub occurrence_count: u64,
    /// The first time.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_seen: Timestamp,
    /// The last time.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_seen: Timestamp,
}

/// An error, and what is known about it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DiagnosedError {
    /// Id of the issue: the same for the same fault, whatever names, accounts and versions.
    pub issue_id: String,
    /// What it is called, in a few words.
    pub title: Untrusted,
    /// What it is about.
    pub category: ErrorCategory,
    /// What the text says.
    pub error: ErrorFacts,
    /// What was done: `create`, `read`, `update`, `delete`, `wait`, `other`; empty where nothing
    /// says it.
    pub action: String,
    /// The message with placeholders for names, numbers and ids.
    pub normalized_message: String,
    /// Other addresses with the same fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_at: Vec<Untrusted>,
    /// Id of the issue that this one follows from; it needs no solution of its own.
    pub follows: Option<String>,
    /// The entry of the catalogue of known errors.
    pub known_error: Option<String>,
    /// What it means.
    pub means: Option<String>,
    /// What not to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
    /// Where AWS or Terraform describe it.
    pub docs: Option<String>,
    /// What AWS denied, as `permissions explain` says it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub denials: Vec<ExplainedDenial>,
    /// The lock, where the state is locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<StateLock>,
    /// What the log knows of it; null where it was never recorded.
    pub seen_before: Option<SeenBefore>,
    /// Solutions, the best first.
    pub solutions: Vec<RankedSolution>,
}

/// A known error that words describe.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SimilarError {
    /// Its id in the catalogue, or of the issue in the log.
    pub id: String,
    /// Whether it is in the catalogue or in the log.
    pub source: SolutionSource,
    /// What it is called.
    pub title: Untrusted,
    /// What it means.
    pub means: Option<String>,
    /// The share of the words that it has, 0 to 1.
    pub similarity: f64,
    /// What to do.
    pub steps: Vec<SolutionStep>,
}

/// The answer of `fractary debug`.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DebugReport {
    /// Of the layout of this document.
    pub version: String,
    /// `debug`.
    pub kind: String,
    /// The environment that was asked about.
    pub environment: Option<String>,
    /// In the order of the text, those that follow from others behind them.
    pub errors: Vec<DiagnosedError>,
    /// Known errors that fit the words, where the text holds no error.
    pub similar: Vec<SimilarError>,
}

/// What completing a fix takes.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Completion {
    /// The issue.
    pub issue_id: String,
    /// What it is called.
    pub title: Untrusted,
    /// The best solution.
    pub solution_id: String,
    /// What stands in the way of doing it without a person's judgement.
    pub held_by: Vec<String>,
    /// Its steps, in order.
    pub steps: Vec<CompletionStep>,
    /// The command that goes on afterwards.
    pub resume: Option<String>,
}

/// A step of completing a fix.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CompletionStep {
    /// What to do.
    pub what: Untrusted,
    /// The command.
    pub command: Option<Untrusted>,
    /// Whether it changes something, so that someone has to agree to it.
    pub needs_consent: bool,
    /// Names that have to be filled in first.
    pub fill_in: Vec<String>,
}

/// The answer of `fractary debug --complete`. Nothing was done.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct CompletionReport {
    /// Of the layout of this document.
    pub version: String,
    /// `debug-completion`.
    pub kind: String,
    /// The environment that was asked about.
    pub environment: Option<String>,
    /// One for each error.
    pub completions: Vec<Completion>,
}
