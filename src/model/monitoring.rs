//! `helm-cloud/config/monitoring.toml`: checks, service levels, safety and limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ids::{EnvironmentName, Region};

pub use crate::model::duration_text::DurationText;
pub use crate::model::investigate_section::InvestigateSection;
pub use crate::model::remediation_settings::{
    CustomAction, CustomParameter, CustomRisk, RemediationSection,
};

/// A service level as configured: a bare number is the target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SloTarget {
    /// The limit in the SLI's unit that may not be passed. `None` keeps the kind's default.
    pub target: Option<f64>,
    /// The limit past which the resource is UNHEALTHY.
    pub unhealthy_at: Option<f64>,
    /// What share of events is to be good, above 0 and below 100, for its error budget.
    /// `None` takes it from the target.
    pub objective: Option<f64>,
    /// The span that its error budget is for. `None` takes `window` of `[slos]`.
    pub window: Option<DurationText>,
    /// What time without data means to its error budget. `None` takes that of `[slos]`.
    pub when_no_data: Option<WhenNoData>,
}

impl SloTarget {
    /// Nothing configured.
    pub const NONE: Self = Self {
        target: None,
        unhealthy_at: None,
        objective: None,
        window: None,
        when_no_data: None,
    };
}

/// What time without data means to an error budget.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum WhenNoData {
    /// It is left out, and shows as coverage below 100 %.
    #[default]
    Unknown,
    /// It counts as time in which nothing failed.
    Good,
    /// It counts as time in which everything failed, at the pace of the time that was seen.
    Bad,
}

impl WhenNoData {
    /// Whether it is left out.
    pub fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

impl<'de> Deserialize<'de> for SloTarget {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = SloTarget;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, or a table with `target` and `unhealthy_at`")
            }
            fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<SloTarget, E> {
                Ok(SloTarget {
                    target: Some(v),
                    ..SloTarget::NONE
                })
            }
            fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<SloTarget, E> {
                // Targets are small; the conversion is exact below 2^53.
                self.visit_f64(v as f64)
            }
            fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<SloTarget, E> {
                self.visit_f64(v as f64)
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<SloTarget, A::Error> {
                let mut out = SloTarget::NONE;
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "target" => out.target = Some(map.next_value()?),
                        "unhealthy_at" => out.unhealthy_at = Some(map.next_value()?),
                        "objective" => out.objective = Some(map.next_value()?),
                        "window" => out.window = Some(map.next_value()?),
                        "when_no_data" => out.when_no_data = Some(map.next_value()?),
                        _ => {
                            map.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(out)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Serialize for SloTarget {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        if let Some(target) = self.target {
            map.serialize_entry("target", &target)?;
        }
        if let Some(limit) = self.unhealthy_at {
            map.serialize_entry("unhealthy_at", &limit)?;
        }
        if let Some(objective) = self.objective {
            map.serialize_entry("objective", &objective)?;
        }
        if let Some(window) = self.window {
            map.serialize_entry("window", &window)?;
        }
        if let Some(meaning) = self.when_no_data {
            map.serialize_entry("when_no_data", &meaning)?;
        }
        map.end()
    }
}

impl schemars::JsonSchema for SloTarget {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SloTarget".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A target in the unit of the indicator: a number, or a table.",
            "anyOf": [
                { "type": "number", "description": "The target." },
                {
                    "type": "object",
                    "properties": {
                        "target": { "type": "number", "description": "The limit that may not be passed." },
                        "unhealthy_at": { "type": "number", "description": "The limit past which the resource is UNHEALTHY." },
                        "objective": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100, "description": "For ratios: what share of events is to be good, above 0 and below 100, for the error budget (default: what the target says)." },
                        "window": { "type": "string", "pattern": BUDGET_WINDOW, "examples": ["30d"], "description": "For ratios: days that the error budget is for, 1d to 90d (default: `window` of [slos])." },
                        "when_no_data": { "enum": ["unknown", "good", "bad"], "description": "For ratios: what time without data means to the error budget (default: `when_no_data` of [slos])." }
                    }
                }
            ]
        })
    }
}

/// Spans that an error budget may be for: 1 to 90 whole days.
const BUDGET_WINDOW: &str = "^([1-9]|[1-8][0-9]|90)d$";

/// Service levels of one kind or resource: indicator name → target.
pub type SloTable = BTreeMap<String, SloTarget>;

/// monitoring.toml as written. Absent keys take the defaults named in each description.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
#[schemars(title = "monitoring.toml")]
pub struct Monitoring {
    /// Version of this format, `1.0.0`.
    pub version: Option<String>,
    /// What this file is about.
    #[serde(rename = "helm-cloud")]
    pub helm_cloud: HelmCloudSection,
    /// What is checked, and over which span.
    pub monitoring: MonitoringSection,
    /// Service levels.
    pub slos: Slos,
    /// What may be repaired, and how carefully.
    pub remediation: RemediationSection,
    /// Which issues are handed over to people by themselves, as a rule of helm.toml with
    /// `action = "escalate"` would do.
    pub escalation: EscalationSection,
    /// Life of issues.
    pub issues: IssuesSection,
    /// Settings for CloudWatch.
    pub cloudwatch: CloudwatchSection,
    /// Limits for spending.
    pub cost: CostSection,
    /// Audits that `run` makes by itself.
    pub audit: AuditSection,
    /// Incidents that `run` investigates by itself.
    pub investigate: InvestigateSection,
    /// Frameworks that audits report, and the rules of your own.
    pub compliance: ComplianceSection,
    /// Who needs whom, where it is not in the registry: name → names.
    pub dependencies: BTreeMap<String, Vec<String>>,
}

/// `[helm-cloud]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct HelmCloudSection {
    /// The domain of these resources (default `infrastructure`).
    pub domain: Option<crate::model::ids::DomainName>,
    /// Environments that are monitored (default: all).
    pub environments: Option<Vec<EnvironmentName>>,
}

/// Which kinds of checks run.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EnabledCheck {
    /// Status from the list and describe calls.
    ResourceStatus,
    /// Metrics against service levels.
    CloudwatchMetrics,
    /// Alarms.
    CloudwatchAlarms,
    /// Spending against its own past. Has no effect yet: `fractary audit --type cost` finds spikes.
    CostAnomalies,
}

/// `[monitoring]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct MonitoringSection {
    /// How often the schedule runs (default `5m`): an observation that is older than three of
    /// these and the heartbeat of helm.toml shows as UNKNOWN.
    pub health_check_interval: Option<DurationText>,
    /// Checks that run (default: status, metrics and alarms).
    pub enabled_checks: Option<Vec<EnabledCheck>>,
    /// Shortest span that is evaluated (default: one period).
    pub window: Option<DurationText>,
    /// Length of a metric period: `1m`, `5m`, `15m` or `1h` (default `5m`).
    pub period: Option<DurationText>,
    /// How long CloudWatch is given to fill a period (default `60s`).
    pub settle: Option<DurationText>,
    /// Requests in the window below which a ratio cannot degrade (default 20).
    pub min_samples: Option<u64>,
    /// Consecutive bad runs before an issue is opened (default 1).
    pub open_after: Option<u32>,
    /// Consecutive healthy runs before an issue is resolved (default 2).
    pub resolve_after: Option<u32>,
}

/// `[slos]`: a table per kind (`[slos.lambda]`), and `[slos.resource."name"]`.
#[derive(Debug, Clone, Default, PartialEq, schemars::JsonSchema)]
pub struct Slos {
    /// Days that error budgets are for, `1d` to `90d` (default `30d`).
    #[schemars(extend("pattern" = BUDGET_WINDOW))]
    pub window: Option<DurationText>,
    /// What time without data means to error budgets: `unknown`, `good` or `bad` (default
    /// `unknown`).
    pub when_no_data: Option<WhenNoData>,
    /// Whether `run` reads the past of an error budget that is new, once (default true).
    pub back_fill: Option<bool>,
    /// Overrides for single resources by name or ARN.
    #[schemars(default)]
    pub resource: BTreeMap<String, SloTable>,
    /// Targets by kind.
    #[schemars(flatten)]
    pub kinds: BTreeMap<String, SloTable>,
}

impl Serialize for Slos {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        if let Some(window) = self.window {
            map.serialize_entry("window", &window)?;
        }
        if let Some(meaning) = self.when_no_data {
            map.serialize_entry("when_no_data", &meaning)?;
        }
        if let Some(back_fill) = self.back_fill {
            map.serialize_entry("back_fill", &back_fill)?;
        }
        for (kind, table) in &self.kinds {
            map.serialize_entry(kind, table)?;
        }
        if !self.resource.is_empty() {
            map.serialize_entry("resource", &self.resource)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Slos {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Slos;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of service levels by kind")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Slos, A::Error> {
                let mut out = Slos::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "resource" => out.resource = map.next_value()?,
                        "window" => out.window = Some(map.next_value()?),
                        "when_no_data" => out.when_no_data = Some(map.next_value()?),
                        "back_fill" => out.back_fill = Some(map.next_value()?),
                        _ => {
                            out.kinds.insert(key, map.next_value()?);
                        }
                    }
                }
                Ok(out)
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// `[escalation]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct EscalationSection {
    /// Channels of helm.toml that are notified when an issue escalates by itself; one of type
    /// `github` keeps the work item instead.
    pub channels: Vec<String>,
    /// Severities that escalate by themselves: a work item is made for such an issue.
    pub auto_escalate_on: Vec<crate::model::status::Severity>,
}

/// `[issues]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct IssuesSection {
    /// Days that resolved issues stay in the tree (default 90). `[retention] resolved_days` of
    /// helm.toml counts where both are set.
    pub retention_days: Option<u32>,
}

/// `[cloudwatch]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct CloudwatchSection {
    /// Days that log groups should keep their events.
    pub log_retention_days: Option<u32>,
    /// Namespace of the team's own metrics.
    pub metric_namespace: Option<String>,
}

/// `[cost]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct CostSection {
    /// Growth that counts as a spike, 0–100 and beyond.
    pub alert_on_spike_percent: Option<f64>,
    /// Budget a day in US dollars.
    pub daily_budget_usd: Option<f64>,
    /// Budget a month in US dollars.
    pub monthly_budget_usd: Option<f64>,
    /// What amounts are made of: `unblended`, or `net_amortized`, which spreads reservations and
    /// Savings Plans over their term (default: the latter where there are any).
    pub metric: Option<crate::model::cost::CostMetric>,
    /// A cost allocation tag by whose values spending is also shown.
    pub group_by_tag: Option<String>,
    /// Discount that AWS gives on list prices, 0–100.
    pub discount_percent: Option<f64>,
    /// Prices that you have agreed with AWS, in US dollars by key (`ec2/linux/t3.medium`), or by
    /// region and key (`eu-central-1/ec2/linux/t3.medium`).
    pub price_overrides: BTreeMap<String, f64>,
}

/// `[audit]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct AuditSection {
    /// How often `run` audits each environment, for instance `24h`; one environment a run, the
    /// one whose last audit is oldest first. Without it `run` audits nothing.
    pub every: Option<DurationText>,
    /// The severity from which findings become issues: `critical`, `high`, `medium` or `low`.
    /// Without it none does.
    pub issues: Option<IssueLevel>,
    /// What `run` audits: `security` or `compliance` (default `security`).
    #[serde(rename = "type")]
    pub audit_type: Option<ScheduledAudit>,
    /// Most calls that one audit of `run` may make (default 5000); what is not read by then is
    /// unknown.
    pub max_calls: Option<u64>,
}

/// A severity from which findings become issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IssueLevel {
    /// CRITICAL alone.
    Critical,
    /// HIGH and above.
    High,
    /// MEDIUM and above.
    Medium,
    /// All.
    Low,
}

impl IssueLevel {
    /// Returns the least severity that is meant.
    pub fn severity(self) -> crate::model::status::Severity {
        use crate::model::status::Severity;
        match self {
            Self::Critical => Severity::Critical,
            Self::High => Severity::High,
            Self::Medium => Severity::Medium,
            Self::Low => Severity::Low,
        }
    }
}

/// An audit that `run` makes.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ScheduledAudit {
    /// Who can reach, read and change what.
    #[default]
    Security,
    /// The same, and how far controls of frameworks are met.
    Compliance,
}

/// `[compliance]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct ComplianceSection {
    /// Frameworks that audits of compliance report, for instance `cis-aws-7.0` (default:
    /// `aws-fsbp` and `cis-aws-7.0`).
    pub frameworks: Vec<String>,
    /// Tags that every resource has, with a value (check `tags-required`). Without it none is
    /// asked for.
    pub required_tags: Vec<String>,
    /// Regions in which resources may be (check `region-not-allowed`). Without it any.
    pub allowed_regions: Vec<Region>,
    /// How resources are named, for instance `{environment}-*` (check `name-not-allowed`): `*`
    /// stands for any text, and one of them must fit. Without it any name is good.
    pub names: Vec<String>,
}

/// A rule of `[compliance]` that checks ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HouseRule {
    /// `required_tags`.
    RequiredTags,
    /// `allowed_regions`.
    AllowedRegions,
    /// `names`.
    Names,
}

impl HouseRule {
    /// Returns its key in `[compliance]`.
    pub fn key(self) -> &'static str {
        match self {
            Self::RequiredTags => "required_tags",
            Self::AllowedRegions => "allowed_regions",
            Self::Names => "names",
        }
    }
}

impl ComplianceSection {
    /// Whether a rule is made at all.
    pub fn has(&self, rule: HouseRule) -> bool {
        match rule {
            HouseRule::RequiredTags => !self.required_tags.is_empty(),
            HouseRule::AllowedRegions => !self.allowed_regions.is_empty(),
            HouseRule::Names => !self.names.is_empty(),
        }
    }
}
