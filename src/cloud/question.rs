//! What a cloud is asked, and what it answers.
//!
//! To add a read: a variant of [`Question`] (and of [`Answer`], where none fits), and a file in
//! `aws/read/` that answers it. Recordings, replay and bundles know questions by their JSON
//! alone and need no change. Two rules keep it so:
//!
//! - A question holds all that its answer depends on, and the same question has the same JSON.
//! - An answer is held in memory as a whole. What may be too long for that, a log or a long
//!   list, is asked for page by page, with the token of the page in the question.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::model::configuration::Configuration;
use crate::model::cost::{CostDays, SpendGrouping, SpendTable, UtilisationMetric};
use crate::model::domain_health::MonitorAnswer;
use crate::model::fact::{Fact, Gap, GapCause, GapId};
use crate::model::ids::{AccountId, Arn, DomainName, EnvironmentName, Region};
use crate::model::investigation::{ChangeSet, ChangeSource, Clue};
use crate::model::last_use::LastUse;
use crate::model::log_events::{LogEventPage, LogGroupPage, LogWay, LogsElsewhere};
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::remediation::ActionSituation;
use crate::model::resource::Resource;
use crate::model::snapshot::{Identity, Observed, Series, Snapshot};
use crate::model::window::Window;
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::redact::redact_value;

/// A question to a cloud. Its JSON is what a recording keeps of it; the word for its sort is in
/// the JSON of each.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Question {
    /// Who do the credentials belong to?
    Identity(IdentityQuestion),
    /// What is known of these resources over this window?
    Observe(ObserveQuestion),
    /// What exists with these tags?
    Discover(DiscoverQuestion),
    /// How are the resources of these types configured?
    Configuration(ConfigurationQuestion),
    /// What was spent?
    Spend(SpendQuestion),
    /// How much are resources used?
    Utilisation(UtilisationQuestion),
    /// What are the points of these metrics in this span?
    Metrics(MetricsQuestion),
    /// Which log groups does a resource write to?
    LogSources(LogSourcesQuestion),
    /// Which log groups are there?
    LogGroups(LogGroupsQuestion),
    /// What was written to a log group?
    Logs(LogsQuestion),
    /// What was changed?
    Changes(ChangesQuestion),
    /// What is kept of what went wrong with a resource?
    Clues(CluesQuestion),
    /// How is a resource that an action would change?
    Situation(SituationQuestion),
    /// When did a user or role last use what it may do?
    LastUse(LastUseQuestion),
}

/// Asks who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "identity")]
pub struct IdentityQuestion {
    /// The environment whose credentials are used.
    pub environment: EnvironmentName,
}

/// Asks for facts about resources.
#[derive(Debug, Clone, PartialEq)]
pub struct ObserveQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// Resources, in the order of the registry.
    pub resources: Vec<Resource>,
    /// The span that is judged.
    pub window: Window,
    /// From when on metrics that come in the window's own periods are read: its start, or
    /// before.
    pub read_from: Timestamp,
    /// Kinds of checks that are on.
    pub checks: Vec<EnabledCheck>,
    /// Who asks, which is always found out first.
    pub identity: Identity,
}

/// What tells one [`ObserveQuestion`] from another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "call", rename = "observe")]
pub struct ObserveKey {
    /// The environment.
    pub environment: EnvironmentName,
    /// The span that is judged.
    pub window: Window,
    /// Kinds of checks that are on.
    pub checks: Vec<EnabledCheck>,
    /// The resources by their ARNs.
    pub resources: Vec<Arn>,
}

/// Asks what exists with tags.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "discover")]
pub struct DiscoverQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// Regions to look in.
    pub regions: Vec<Region>,
    /// Tags that the resources carry, all of them.
    #[serde(serialize_with = "without_secrets")]
    pub tags: Vec<(String, String)>,
}

/// Asks how resources are configured: the facts that checks are evaluated over. A recorded
/// answer also answers for some of its types.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "configuration")]
pub struct ConfigurationQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// Regions to look in; empty for all that the account has enabled.
    pub regions: Vec<Region>,
    /// Types by Terraform name, `account` and `region` among them; empty for all that can be
    /// read (`catalog::reads::Reads::types`). Others are ignored, and are in no coverage.
    pub types: Vec<String>,
    /// Most requests that may be sent; what was not asked because of it is a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_calls: Option<u64>,
    /// Who asks, which is always found out first: facts belong to this account.
    #[serde(skip)]
    pub identity: Identity,
    /// When it is asked, from which ages are counted.
    #[serde(skip)]
    pub at: Timestamp,
}

/// Asks Cost Explorer what was spent a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "spend")]
pub struct SpendQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The days.
    pub days: CostDays,
    /// What amounts are grouped by.
    pub by: SpendGrouping,
    /// The account; all that the credentials see where there is none.
    pub account: Option<AccountId>,
    /// Cost allocation tags that are counted, all of them.
    #[serde(serialize_with = "without_secrets")]
    pub tags: Vec<(String, String)>,
}

/// Asks CloudWatch for metrics over days. Answers come in the order of the metrics.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "utilisation")]
pub struct UtilisationQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The metrics.
    pub metrics: Vec<UtilisationMetric>,
}

/// Asks CloudWatch for metrics over a span. Answers come in the order of the metrics.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "metrics")]
pub struct MetricsQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The start of the span.
    pub start: Timestamp,
    /// Its end, which is not part of it.
    pub end: Timestamp,
    /// The metrics.
    pub metrics: Vec<MetricOfSpan>,
}

/// A metric that is read over a span.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricOfSpan {
    /// The region.
    pub region: Region,
    /// Its namespace, such as `AWS/Lambda`.
    pub namespace: String,
    /// Its name.
    pub metric: String,
    /// Its dimensions.
    pub dimensions: Vec<(String, String)>,
    /// `Sum`, `Average`, `Minimum`, `Maximum` or a percentile.
    pub statistic: String,
    /// The length of a period.
    pub period_seconds: u32,
}

/// Asks which log groups a resource writes to, as the `[[logs]]` of its kind say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "log_sources")]
pub struct LogSourcesQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The ARN of the resource.
    pub arn: Arn,
    /// The resource.
    #[serde(skip)]
    pub resource: Resource,
}

/// Asks for a page of the log groups whose names begin so.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "log_groups")]
pub struct LogGroupsQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The region.
    pub region: Region,
    /// What their names begin with; empty for all.
    pub prefix: String,
    /// The token of the page, from the answer before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// Asks for a page of the events of a log group.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "logs")]
pub struct LogsQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The region.
    pub region: Region,
    /// The log group.
    pub group: String,
    /// How it is asked.
    pub way: LogWay,
    /// The start of the span, in milliseconds since 1970.
    pub start: i64,
    /// Its end, which is not part of it.
    pub end: i64,
    /// The token of the page, from the answer before. Logs Insights has no pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// Asks what was changed in a span, by one source.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "changes")]
pub struct ChangesQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The region.
    pub region: Region,
    /// `alarm` for the history of alarms, `cloudtrail` for writes that it recorded. The other
    /// sources are files of the repository.
    pub source: ChangeSource,
    /// The start of the span.
    pub start: Timestamp,
    /// Its end, which is not part of it.
    pub end: Timestamp,
    /// The resources by their ARNs.
    pub arns: Vec<Arn>,
    /// The resources: changes of others are left out.
    #[serde(skip)]
    pub resources: Vec<Resource>,
}

/// Asks what is kept of what went wrong with a resource, as the `[[clues]]` of its kind say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "clues")]
pub struct CluesQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The ARN of the resource.
    pub arn: Arn,
    /// When it is asked: AWS forgets after about an hour.
    pub at: Timestamp,
    /// The resource.
    #[serde(skip)]
    pub resource: Resource,
}

/// Asks how a resource is, as far as an action of the catalogue has to know it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "situation")]
pub struct SituationQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The action.
    pub action: String,
    /// The ARN of the resource.
    pub arn: Arn,
    /// The resource.
    #[serde(skip)]
    pub resource: Resource,
}

/// Asks when a user or role last used what it may do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "last_use")]
pub struct LastUseQuestion {
    /// The environment.
    pub environment: EnvironmentName,
    /// The user or role.
    pub arn: Arn,
}

/// A question to the program that monitors a domain. No cloud is asked it, but a recording
/// keeps it with the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "call", rename = "monitor")]
pub struct MonitorQuestion {
    /// The domain.
    pub domain: DomainName,
    /// The environment.
    pub environment: EnvironmentName,
    /// Where the span of the metrics of the same run ends.
    pub until: Timestamp,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Who we are.
    Identity(Identity),
    /// Facts, with gaps of their own.
    Snapshot(Box<Snapshot>),
    /// What exists.
    Discovered(Vec<Discovered>),
    /// How resources are configured, with gaps of its own.
    Configuration(Box<Configuration>),
    /// What was spent.
    Spend(Box<SpendTable>),
    /// The points of each metric.
    Utilisation(Vec<UtilisationReading>),
    /// Where a resource logs.
    LogSources(Box<LogSources>),
    /// A page of log groups.
    LogGroups(LogGroupPage),
    /// A page of events.
    Logs(LogEventPage),
    /// What was changed.
    Changes(ChangeSet),
    /// What is kept of what went wrong, the earliest first.
    Clues(Vec<Clue>),
    /// How a resource is, with gaps of its own.
    Situation(Box<ActionSituation>),
    /// When a user or role used what it may do.
    LastUse(Box<LastUse>),
    /// What the program of a domain says, or why it says nothing.
    Monitor(Box<MonitorAnswer>),
    /// Why there is no answer.
    Gap(Gap),
}

/// Where a resource logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LogSources {
    /// Names of log groups, each with what it is the log of.
    pub groups: Vec<(Untrusted, Untrusted)>,
    /// Logs that are not in CloudWatch, or whose group could not be found out.
    pub elsewhere: Vec<LogsElsewhere>,
}

/// The points of a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UtilisationReading {
    /// Its points, at least one.
    Points(Series),
    /// It has none.
    NoPoints,
    /// They could not be read.
    Unreadable(Gap),
}

/// Something that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Discovered {
    /// Its ARN.
    pub arn: Arn,
    /// Its tags.
    pub tags: Vec<(Untrusted, Untrusted)>,
}

impl ObserveQuestion {
    /// Returns what tells this question from others.
    pub fn key(&self) -> ObserveKey {
        ObserveKey {
            environment: self.environment.clone(),
            window: self.window,
            checks: self.checks.clone(),
            resources: self.resources.iter().map(|r| r.arn.clone()).collect(),
        }
    }

    /// Returns the snapshot in which nothing was seen, for this reason.
    pub fn unseen(&self, gap: Gap) -> Snapshot {
        let unseen = |resource| Observed::unreadable(resource, GapId(0));
        Snapshot {
            environment: self.environment.clone(),
            identity: Fact::Known(self.identity.clone()),
            window: self.window,
            read_from: None,
            resources: self.resources.iter().map(unseen).collect(),
            unmatched_alarms: Vec::new(),
            gaps: vec![gap],
            receipt: Receipt::default(),
            back_fill: Vec::new(),
        }
    }
}

impl Serialize for ObserveQuestion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.key().serialize(serializer)
    }
}

impl Answer {
    /// Returns why there is no answer of the sort that was asked for.
    pub(crate) fn into_gap(self, subject: &str) -> Gap {
        match self {
            Self::Gap(gap) => gap,
            _ => Gap {
                operation: "fractary:ask".to_owned(),
                subject: subject.to_owned(),
                cause: GapCause::Garbled,
                code: None,
                message: Untrusted::from("the answer belongs to another question"),
                missing_permission: None,
            },
        }
    }
}

/// A tag may hold a secret, which only its name gives away.
fn without_secrets<S: Serializer>(
    tags: &[(String, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let clean = tags
        .iter()
        .map(|(name, value)| (escape::json(name), redact_value(name, value)));
    serializer.collect_seq(clean)
}
