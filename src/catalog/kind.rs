//! The description of one resource kind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::KindId;
use crate::model::report::Better;

/// A resource kind: how to recognise it, what to ask, what to judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "kind.toml")]
pub struct Kind {
    /// Its id: the stem of its file.
    pub id: KindId,
    /// Its name for people, singular: `Lambda function`.
    pub title: String,
    /// Its name for people, plural: `Lambda functions`.
    pub plural: String,
    /// The table under `[slos]` that sets its targets (default: the id). Kinds may share one.
    #[serde(default)]
    pub slo_table: Option<String>,
    /// How to recognise it.
    pub names: Names,
    /// Link to the console; `{region}`, `{name}`, `{id}` and attributes are filled in.
    pub console_url: String,
    /// Dimensions of its metrics: name → template over `{name}`, `{id}`, attributes.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// Namespace of its metrics.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Region that its metrics are in, where it is not the resource's (`us-east-1` for CloudFront).
    #[serde(default)]
    pub metrics_region: Option<String>,
    /// The status call, where there is a cheap one.
    #[serde(default)]
    pub status: Option<StatusCall>,
    /// The metric whose absence or zero means that there was nothing to do.
    #[serde(default)]
    pub idle_metric: Option<String>,
    /// Metrics.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// Service level indicators.
    #[serde(default)]
    pub slis: Vec<SliDefinition>,
}

/// How to recognise a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Terraform types.
    pub terraform: Vec<String>,
    /// CloudFormation types.
    #[serde(default)]
    pub cloudformation: Vec<String>,
    /// Regular expression over the whole ARN; its named groups (`name`, `cluster`, `stage`)
    /// give the name and the attributes.
    pub arn: String,
    /// Resource type filter of the Resource Groups Tagging API (`lambda:function`).
    #[serde(default)]
    pub tagging: Option<String>,
    /// For attributes that an ARN does not carry: attribute → Terraform attribute to take it from.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// The status call of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusCall {
    /// Operations that it may send, as IAM names them, for instance `lambda:ListFunctions`.
    pub operations: Vec<String>,
    /// IAM actions where they are named otherwise than the operation
    /// (`s3:HeadBucket` needs `s3:ListBucket`): operation → action.
    #[serde(default)]
    pub iam_actions: BTreeMap<String, String>,
    /// Numbers that it gives, for indicators: name → unit.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// One metric of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its id in expressions.
    pub id: String,
    /// Its name in CloudWatch.
    pub metric: String,
    /// Statistic: `Sum`, `Average`, `Minimum`, `Maximum`, or a percentile such as `p95`.
    pub stat: String,
    /// Unit, for people: `count`, `percent`, `milliseconds`, `seconds`, `bytes`.
    pub unit: String,
    /// Period in seconds where it is not the configured one (86400 for S3 storage).
    #[serde(default)]
    pub period_seconds: Option<u32>,
    /// Dimensions besides those of the kind.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// What no data points mean.
    #[serde(default)]
    pub when_absent: WhenAbsent,
}

/// What no data points mean.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WhenAbsent {
    /// Nothing happened: the sum is zero.
    Zero,
    /// It is not collected here: indicators that need it are left out.
    #[default]
    Skip,
    /// It must exist: indicators that need it are unknown.
    Unknown,
}

/// One service level indicator of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SliDefinition {
    /// Its id, for instance `error_rate_percent`. The key in monitoring.toml.
    pub id: String,
    /// Its name for people, for instance `error rate`.
    pub title: String,
    /// Expression over metric ids and facts, each aggregated over the window
    /// (sum, maximum, minimum or mean, by statistic).
    pub value: String,
    /// Unit.
    pub unit: String,
    /// Which way is good.
    #[serde(default = "lower")]
    pub better: Better,
    /// Default target; without one it is reported only when a target is configured.
    #[serde(default)]
    pub target: Option<f64>,
    /// Default limit past which the resource is UNHEALTHY.
    #[serde(default)]
    pub unhealthy_at: Option<f64>,
    /// For ratios: expression for the number of events.
    #[serde(default)]
    pub total: Option<String>,
    /// For ratios: expression for the number of bad events.
    #[serde(default)]
    pub bad: Option<String>,
}

fn lower() -> Better {
    Better::Lower
}

/// A kind file that is not right.
#[derive(Debug, thiserror::Error)]
pub enum KindError {
    /// Not readable as TOML of this form.
    #[error("{file} is not a resource kind: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// What is wrong, with its place.
        message: String,
    },
}
