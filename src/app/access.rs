//! What commands ask of AWS. A connection is opened for one purpose, and may send the
//! operations of that purpose alone.

use crate::catalog::Catalog;
use crate::catalog::actions::Actions;
use crate::catalog::opportunities::OpportunityRule;
use crate::catalog::registry::Registry;
use crate::cloud::aws::guard::Operations;
use crate::cloud::policy;

/// A purpose for which requests are sent to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// Asks who these credentials belong to.
    Identify,
    /// Finds resources by their tags.
    Discover,
    /// Reads the status, metrics and alarms of resources.
    Observe,
    /// Reads the bill, how resources are configured, and how much they are used.
    Cost,
    /// Reads logs.
    Logs,
    /// Reads metrics, and nothing else.
    Measure,
    /// Reads metrics of the past, and what was changed.
    LookBack,
    /// Reads everything that may explain a symptom: status, metrics, logs and changes.
    Investigate,
    /// Publishes alerts to the topics of helm.toml.
    Publish,
    /// Reads how everything is configured.
    Audit,
    /// The same, where monitoring.toml asks `run` for audits.
    ScheduledAudit,
    /// Reads how a resource is that an action would change.
    Plan,
    /// Changes resources by the actions of the catalogue.
    Change,
    /// Reads the policies of users and roles.
    Preflight,
    /// Writes the managed policies that hold grants.
    Grant,
    /// Asks IAM when permissions were used.
    LastUse,
}

impl Access {
    /// Returns what a command does with it, in the words of a note.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Identify => "asks AWS whose credentials it has",
            Self::Discover => "finds resources by their tags and asks whether they exist",
            Self::Observe => "reads the status, metrics and alarms of resources",
            Self::Cost => "reads the bill, and how resources are configured and used",
            Self::Logs => "reads logs",
            Self::Measure => "reads metrics",
            Self::LookBack => "reads metrics of the past and what was changed",
            Self::Investigate => "reads status, metrics, logs and changes of resources",
            Self::Publish => "publishes alerts",
            Self::Audit | Self::ScheduledAudit => "reads how resources are configured",
            Self::Plan => "reads how a resource is that an action would change",
            Self::Change => "changes resources",
            Self::Preflight => "reads the policies of users and roles",
            Self::Grant => "writes the policies that hold what was granted",
            Self::LastUse => "asks IAM when permissions were used",
        }
    }

    /// Returns the operations that may be sent for this purpose; all others are refused before
    /// they leave the process.
    pub(crate) fn operations(self, catalog: &Catalog) -> Operations {
        match self {
            Self::Identify => policy::identifying(),
            Self::Discover => policy::discovering(catalog),
            Self::Observe => policy::observing(catalog),
            Self::Cost => policy::costing(&cost_types()),
            Self::Logs => policy::reading_logs(catalog),
            Self::Measure => policy::measuring(),
            Self::LookBack => policy::looking_back(),
            Self::Investigate => policy::investigating(catalog),
            Self::Publish => policy::publishing(),
            Self::Audit | Self::ScheduledAudit => policy::auditing(&[]),
            Self::Plan => policy::planning(catalog, Actions::built_in().iter()),
            Self::Change => policy::changing(Actions::built_in().iter()),
            Self::Preflight => policy::auditing(&IDENTITY_TYPES.map(str::to_owned)),
            Self::Grant => policy::granting(),
            Self::LastUse => policy::seeing_use(),
        }
    }

    /// Returns whether a role of its own does it: one that changes resources, or that grants.
    pub(crate) const fn is_for_another_role(self) -> bool {
        matches!(self, Self::Change | Self::Grant)
    }

    /// Sent whenever the command runs.
    pub(crate) const fn always(self) -> Sends {
        Sends {
            access: self,
            only: None,
        }
    }

    /// Sent under a condition: ``"with `--refresh`"``.
    pub(crate) const fn only(self, when: &'static str) -> Sends {
        Sends {
            access: self,
            only: Some(when),
        }
    }
}

/// Users and roles, and what says what they may do.
pub(crate) const IDENTITY_TYPES: [&str; 4] = [
    "aws_iam_group",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_user",
];

/// The types whose configuration says what could be saved. None where a built-in rule is faulty,
/// which tests rule out: nothing is read then that nothing needs.
fn cost_types() -> Vec<String> {
    let rules = Registry::load(&[]);
    let types = rules.map(|rules| OpportunityRule::types(&rules));
    types.map_or_else(
        |_| vec!["account".to_owned()],
        |all| all.into_iter().collect(),
    )
}

/// Something that a command asks of AWS, and when it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sends {
    /// The purpose.
    pub(crate) access: Access,
    /// Ends the sentence "only …"; `None` where it is always sent.
    pub(crate) only: Option<&'static str>,
}

/// The audits that a run makes.
pub(crate) const AUDITS: Sends =
    Access::ScheduledAudit.only("where `[audit] every` of monitoring.toml asks for it");

/// The incidents that a run investigates.
pub(crate) const INVESTIGATIONS: Sends =
    Access::Investigate.only("where `[investigate] auto` of monitoring.toml asks for it");

/// The key figures that a run collects.
pub(crate) const KPIS: Sends =
    Access::Measure.only("where `every` of kpis.toml asks for it, and a source is CloudWatch");

/// The alerts that a run sends.
pub(crate) const ALERTS: Sends =
    Access::Publish.only("when it commits, to the channels of type sns in helm.toml");

/// What a run reads before it applies a proposal, and of what was interrupted.
pub(crate) const ROUND_PLANS: Sends =
    Access::Plan.only("where remediations were proposed, or are waiting to be closed");

/// What a run changes.
pub(crate) const ROUND_CHANGES: Sends =
    Access::Change.only("where a proposal was merged, or `auto_remediate` allows it, as the role that changes the environment");
