//! `helm/config/helm.toml`: dashboard, priority, retention and how state lands in git.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::EnvironmentName;
use crate::model::monitoring::DurationText;
use crate::text::Untrusted;

/// helm.toml as written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(title = "helm.toml")]
pub struct Helm {
    /// Version of this format, `1.0.0`.
    pub version: Option<String>,
    /// The dashboard.
    pub dashboard: DashboardSection,
    /// The priority of issues.
    pub priority: PrioritySection,
    /// What stays in the tree, and for how long.
    pub retention: RetentionSection,
    /// How state lands in git.
    pub git: GitSection,
    /// Alert and escalation rules.
    pub rules: Vec<Rule>,
    /// Channels by name.
    pub channels: BTreeMap<String, Channel>,
    /// What reviews of pull requests ask for. Those of the base branch count.
    pub review: ReviewSettings,
}

/// `[review]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct ReviewSettings {
    /// From which verdict on the exit code is 1, where `--fail-on` does not say: `warn`, `block`
    /// or `never` (default `block`).
    pub fail_on: Option<ReviewFailOn>,
    /// Growth of the monthly cost in US dollars from which a review warns (default: never).
    pub cost_notice_usd: Option<f64>,
    /// Growth of the monthly cost, 0–100 and beyond, from which a review warns (default: never).
    pub cost_notice_percent: Option<f64>,
    /// When nothing may change.
    pub freeze: Vec<FreezeWindow>,
}

/// From which verdict on the exit code is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReviewFailOn {
    /// From WARN on.
    Warn,
    /// For BLOCK.
    Block,
    /// Never.
    Never,
}

/// A time in which nothing may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FreezeWindow {
    /// Its first moment, RFC 3339.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub from: Timestamp,
    /// The first moment after it, RFC 3339.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub until: Timestamp,
    /// Environments that it holds for (default: all).
    #[serde(default)]
    pub environments: Vec<EnvironmentName>,
    /// Why.
    pub reason: Untrusted,
}

impl FreezeWindow {
    /// Returns whether nothing may change in an environment at a moment.
    pub fn holds(&self, environment: &EnvironmentName, now: Timestamp) -> bool {
        let is_meant = self.environments.is_empty() || self.environments.contains(environment);
        is_meant && self.from <= now && now < self.until
    }
}

/// `[dashboard]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct DashboardSection {
    /// Environment shown where none is named (default: all).
    pub default_environment: Option<EnvironmentName>,
    /// Format where none is named: `text`, `json`, `markdown`, `voice` or `html` (default
    /// `text`).
    pub default_output: Option<String>,
    /// Issues shown (default 5).
    pub top_issues: Option<u32>,
}

/// `[priority]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct PrioritySection {
    /// Hours after which age stops adding to the priority (default: no bound; `init` writes 4).
    pub age_cap_hours: Option<f64>,
}

/// `[retention]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct RetentionSection {
    /// How long full health reports stay in the tree (default `7d`); git keeps them all.
    pub reports: Option<DurationText>,
    /// Days that resolved issues stay in the tree (default: `[issues] retention_days` of
    /// monitoring.toml, else 90).
    pub resolved_days: Option<u32>,
}

/// `[git]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct GitSection {
    /// How commits land (default `direct`).
    pub mode: Option<GitMode>,
    /// The branch of the modes `branch` and `pull-request`.
    pub branch: Option<String>,
    /// A run that changed nothing commits once in this time (default `1h`).
    pub heartbeat: Option<DurationText>,
    /// Author of commits, `Name <mail@example.org>` (default: from git's configuration).
    pub author: Option<String>,
}

/// How commits land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GitMode {
    /// On the branch that is checked out.
    Direct,
    /// On another branch, without checking it out.
    Branch,
    /// On another branch, with one open pull request.
    PullRequest,
}

/// One alert or escalation rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// A condition over the issue, for instance `severity == "CRITICAL" && slo_breach`.
    pub when: String,
    /// What happens while it holds.
    pub action: RuleAction,
    /// Names of channels.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Labels for work items.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Pause between two alerts on one issue (default `4h`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<DurationText>,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleAction {
    /// Notifies its channels.
    Alert,
    /// Creates a work item, and notifies its channels if it has any.
    Escalate,
}

/// Where alerts go. Addresses and tokens come from environment variables, never from files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Channel {
    /// The service.
    #[serde(rename = "type")]
    pub channel_type: ChannelType,
    /// Name of the environment variable that holds the address (`slack`, `webhook`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_env: Option<String>,
    /// Name of the environment variable that holds the token: of `github` (default
    /// `GITHUB_TOKEN`), the routing key of `pagerduty`, the key that signs for `webhook`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// `owner/name`, for `github` (default: `GITHUB_REPOSITORY`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The topic, for `sns`: `arn:aws:sns:eu-central-1:123456789012:alerts`. Credentials are
    /// those of the issue's environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_arn: Option<String>,
    /// The topic's region, for `sns` (default: that of `topic_arn`, which it has to be).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Base address of the API: for GitHub Enterprise (default: `GITHUB_API_URL`), and of
    /// PagerDuty's other regions (`https://events.eu.pagerduty.com`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// More alerts than this about one environment in one run are one message that names them
    /// all (default: 3). Not for `webhook`, which gets each by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest_above: Option<u32>,
    /// Whether alerts of one incident are one message (default: true). Not for `webhook`, which gets
    /// each by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_incident: Option<bool>,
    /// Not allowed: name the variable that holds the address in `url_env`.
    #[serde(default, skip_serializing)]
    pub url: Option<String>,
    /// Not allowed: name the variable that holds the token in `token_env`.
    #[serde(default, skip_serializing)]
    pub token: Option<String>,
}

/// A service that receives alerts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ChannelType {
    /// GitHub issues.
    Github,
    /// An incoming webhook of Slack.
    Slack,
    /// PagerDuty's Events API v2.
    Pagerduty,
    /// Any address that accepts a JSON document.
    Webhook,
    /// A topic of Amazon SNS.
    Sns,
}

impl ChannelType {
    /// The word, as in helm.toml.
    pub fn word(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Slack => "slack",
            Self::Pagerduty => "pagerduty",
            Self::Webhook => "webhook",
            Self::Sns => "sns",
        }
    }
}
