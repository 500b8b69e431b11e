//! The description of one resource kind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::kinds::clue::ClueSource;
use crate::catalog::kinds::command::SuggestedCommand;
use crate::catalog::kinds::example::{ArnExample, KindExample};
use crate::catalog::kinds::log_source::LogSource;
use crate::catalog::kinds::states::{StateRow, StateTable};
use crate::catalog::kinds::status_read::StatusRead;
use crate::model::fact::FactName;
use crate::model::ids::KindId;
use crate::model::report::Better;

/// A resource kind: how to recognise it, what to read, what to evaluate.
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
    /// What else people call one, in lower case: `fractary ask` understands these.
    #[serde(default)]
    pub words: Vec<String>,
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
    /// Parts that take work of their own, each with its metrics.
    #[serde(default)]
    pub parts: Vec<PartDefinition>,
    /// The status call, where there is a cheap one.
    #[serde(default)]
    pub status: Option<StatusCall>,
    /// The metric or fact whose absence or zero means that there was nothing to do. A ratio
    /// that counts events all the same (throttled calls, say) wins over it.
    #[serde(default)]
    pub idle_metric: Option<String>,
    /// Metrics.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// Service level indicators.
    #[serde(default)]
    pub slis: Vec<SliDefinition>,
    /// Where it logs. Without any, its logs are not in CloudWatch Logs.
    #[serde(default)]
    pub logs: Vec<LogSource>,
    /// What AWS keeps for a while of what went wrong. Investigations ask for it.
    #[serde(default)]
    pub clues: Vec<ClueSource>,
    /// Commands worth trying on a problem.
    #[serde(default)]
    pub commands: Vec<SuggestedCommand>,
    /// Resources of this kind and how they are evaluated. `fractary check` runs them.
    #[serde(default)]
    pub example: Vec<KindExample>,
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
    /// What to call a resource that has no name of its own, over the named groups of `arn`
    /// (`{id}/{at_stage}`). Not used where one of them caught nothing.
    #[serde(default)]
    pub label: Option<String>,
    /// What reports call one that goes by its `label`, once the status call told more: over the
    /// named groups of `arn` and texts among the facts (`{api_name}/{at_stage}`).
    #[serde(default)]
    pub shown: Option<String>,
    /// Resource type filter of the Resource Groups Tagging API (`lambda:function`).
    #[serde(default)]
    pub tagging: Option<String>,
    /// What the bill calls the service that resources of this kind belong to. Kinds may share one.
    #[serde(default)]
    pub billed: Option<String>,
    /// For attributes that an ARN does not carry: attribute → Terraform attribute to take it from.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// ARNs that are of this kind, and some that only look like it.
    #[serde(default)]
    pub example: Vec<ArnExample>,
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
    /// ARNs that a policy may narrow its actions to (default: they accept only `*`).
    #[serde(default)]
    pub resources: Vec<String>,
    /// The calls themselves, where they are data. Without any, code of this program sends them.
    #[serde(default)]
    pub reads: Vec<StatusRead>,
    /// What it gives, for indicators and states: name → unit; `text` for a text.
    #[serde(default)]
    pub facts: BTreeMap<FactName, String>,
    /// The fact that holds AWS's word for the state.
    #[serde(default)]
    pub word: Option<FactName>,
    /// Pages of AWS that the table of states is from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The states that AWS may tell of, and what each means. The first row that fits counts; a
    /// state that fits none is UNKNOWN.
    #[serde(default)]
    pub states: Vec<StateRow>,
}

/// A sort of parts that a resource may have and that take work of their own. The status call
/// says which there are; each is evaluated like the whole, and the worst counts: a part that
/// fails must not hide behind the work of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartDefinition {
    /// Its id, for instance `stage`.
    pub id: String,
    /// Attributes that the status call gives each of them, for templates.
    pub attributes: Vec<String>,
    /// Dimensions of the metrics of a part: those of the kind, and these.
    pub dimensions: BTreeMap<String, String>,
    /// Indicators that are evaluated for each part (default: all).
    #[serde(default)]
    pub slis: Vec<String>,
    /// Most parts of one resource whose metrics are read. With more, the indicators are unknown.
    pub most: usize,
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
    /// The further dimension of a metric that each part of the resource has by itself: the
    /// `TargetGroup` of a load balancer, the index of a table. Its parts are summed up;
    /// expressions may also ask for `<id>_parts`, how many there are, and `<id>_some`, how many of
    /// them are above zero.
    #[serde(default)]
    pub part: Option<String>,
    /// What no data points mean.
    #[serde(default)]
    pub when_absent: WhenAbsent,
    /// Where AWS has this metric at all, as an expression over facts (default: everywhere).
    /// Elsewhere the lack of data points is no gap.
    #[serde(default)]
    pub exists_when: Option<String>,
    /// The value at which something ends: 100 of a share, 0 of what is left. `fractary performance`
    /// says when it is reached.
    #[serde(default)]
    pub limit: Option<f64>,
    /// The metric by which its periods are weighed when they are averaged: the one that counts
    /// what it is an average of. Default for percentiles: the kind's `idle_metric`.
    #[serde(default)]
    pub weighted_by: Option<String>,
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
    /// Expression for the number of events that the value is made from; with few of them it
    /// cannot degrade.
    #[serde(default)]
    pub total: Option<String>,
    /// For ratios: expression for the number of bad events among them.
    #[serde(default)]
    pub bad: Option<String>,
    /// Indicators that show the same failure: while one of them misses its target, this one is
    /// reported but makes no problem of its own.
    #[serde(default)]
    pub explained_by: Vec<String>,
    /// How its value is shown, over `{metric}` and `{fact}` names, for instance
    /// `{running} of {desired}` (default: value and unit).
    #[serde(default)]
    pub shows: Option<String>,
    /// How people would say that it is missed, over `{metric}` and `{fact}` names, for instance
    /// `{running} of {desired} tasks running` (default: title, value and target).
    #[serde(default)]
    pub says: Option<String>,
}

fn lower() -> Better {
    Better::Lower
}

impl Kind {
    /// The table under `[slos]` that sets its targets.
    pub fn slo_table(&self) -> &str {
        self.slo_table.as_deref().unwrap_or(self.id.as_str())
    }

    /// Whether it goes by this Terraform type.
    pub fn has_terraform_type(&self, resource_type: &str) -> bool {
        self.names
            .terraform
            .iter()
            .any(|name| name == resource_type)
    }

    /// Whether it goes by this type, Terraform's or CloudFormation's.
    pub fn has_type(&self, resource_type: &str) -> bool {
        let mut cloudformation = self.names.cloudformation.iter();
        self.has_terraform_type(resource_type) || cloudformation.any(|name| name == resource_type)
    }

    /// Its metric with this id.
    pub fn metric(&self, id: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.id == id)
    }

    /// Its sort of parts with this id.
    pub fn part(&self, id: &str) -> Option<&PartDefinition> {
        self.parts.iter().find(|part| part.id == id)
    }

    /// Its indicator with this id.
    pub fn sli(&self, id: &str) -> Option<&SliDefinition> {
        self.slis.iter().find(|sli| sli.id == id)
    }

    /// Its table of states, where it has one.
    pub fn states(&self) -> Option<StateTable<'_>> {
        let status = self.status.as_ref()?;
        (!status.states.is_empty()).then_some(StateTable {
            word: status.word.as_ref(),
            rows: &status.states,
        })
    }

    /// Whether its status call gives a fact with this name.
    pub fn has_fact(&self, name: &str) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| status.facts.contains_key(name))
    }
}

impl Metric {
    /// The key of one of its parts among the metrics of a resource.
    pub fn part_key(&self, part: &str) -> String {
        format!("{}@{part}", self.id)
    }

    /// The part that a key is of, where it is of one of its parts.
    pub fn part_of<'a>(&self, key: &'a str) -> Option<&'a str> {
        self.part.as_ref()?;
        key.strip_prefix(&self.id)?.strip_prefix('@')
    }

    /// What expressions may ask about it by this name.
    pub fn count(&self, name: &str) -> Option<Count> {
        let of_parts = || {
            self.part.as_ref()?;
            match name.strip_prefix(&self.id)? {
                "_parts" => Some(Count::Parts),
                "_some" => Some(Count::Some),
                _ => None,
            }
        };
        if name == self.id {
            return Some(Count::Value);
        }
        of_parts()
    }
}

/// What expressions may ask about a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Its value, that of all parts together.
    Value,
    /// How many parts have data.
    Parts,
    /// How many of them are above zero.
    Some,
}

impl PartDefinition {
    /// Whether this indicator is evaluated for each part.
    pub fn has_sli(&self, id: &str) -> bool {
        self.slis.is_empty() || self.slis.iter().any(|sli| sli == id)
    }
}

impl StatusCall {
    /// Whether any of its actions is one of this service.
    pub fn asks(&self, service: &str) -> bool {
        let mut actions = self
            .operations
            .iter()
            .map(|operation| self.iam_action(operation));
        actions.any(|action| action.split(':').next() == Some(service))
    }

    /// The IAM action that allows an operation.
    pub fn iam_action<'a>(&'a self, operation: &'a str) -> &'a str {
        self.iam_actions
            .get(operation)
            .map_or(operation, String::as_str)
    }
}
