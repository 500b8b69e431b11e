//! The command line of `fractary issues`.

use clap::{Args, Subcommand};

use crate::app::options::{Since, parse_count};
use crate::model::ids::DomainName;
use crate::model::issue::IssueStatus;

/// Arguments of `issues`.
#[derive(Debug, Args)]
pub struct IssuesArgs {
    /// What to do; without it, list
    #[command(subcommand)]
    pub action: Option<IssueAction>,
    /// Only CRITICAL
    #[arg(long)]
    pub critical: bool,
    /// Only HIGH
    #[arg(long)]
    pub high: bool,
    /// Only MEDIUM
    #[arg(long)]
    pub medium: bool,
    /// Only LOW
    #[arg(long)]
    pub low: bool,
    /// Only this domain
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<DomainName>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub top: Option<usize>,
    /// Only those assigned to this person; an empty name for unassigned ones
    #[arg(long, value_name = "WHO")]
    pub assignee: Option<String>,
    /// Only in this state; may be given more than once
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub status: Vec<IssueStatus>,
    /// Only those that began since this time or in this span (`24h`); with `--resolved`, that ended
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    pub since: Option<Since>,
    /// Resolved issues instead of open ones
    #[arg(long)]
    pub resolved: bool,
}

/// What to do with issues. An id may be cut short while it stays unique.
#[derive(Debug, Subcommand)]
pub enum IssueAction {
    /// Show everything about one issue
    Show {
        /// Its id, or the start of it
        id: String,
    },
    /// Resolve issues by hand; they are reopened if the problem persists
    Resolve {
        /// Their ids, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why they are resolved
        #[arg(long, required_unless_present = "cause")]
        reason: Option<String>,
        /// What caused them: the id of a signature, from which `investigate` learns, or words;
        /// resolved issues get it too
        #[arg(long, value_name = "SIGNATURE|TEXT")]
        cause: Option<String>,
    },
    /// Add a note
    Note {
        /// Its id, or the start of it
        id: String,
        /// The note
        text: String,
    },
    /// Assign an issue to someone
    Assign {
        /// Its id, or the start of it
        id: String,
        /// Who
        who: String,
    },
    /// Remove the assignee of issues
    Unassign {
        /// Their ids, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Link what belongs to an issue: a pull request, a runbook, a post-mortem
    Link {
        /// Its id, or the start of it
        id: String,
        /// The address
        url: String,
        /// What it is, in a few words
        #[arg(long)]
        title: Option<String>,
    },
    /// Mark issues as duplicates of another: it gets their notes, and while it is open they stay resolved
    Merge {
        /// Ids of the duplicates, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Id of the issue that stays, or the start of it
        #[arg(long, value_name = "ID")]
        into: String,
    },
    /// Add issues to the incident of another issue; all stay open
    Join {
        /// Their ids, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Id of an issue of the incident, or the start of it
        #[arg(long, value_name = "ID")]
        with: String,
    },
    /// Take issues out of their incident; each stands alone from then on
    Split {
        /// Their ids, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
    /// Reopen resolved issues
    Reopen {
        /// Their ids, or the starts of them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

fn status(text: &str) -> Result<IssueStatus, String> {
    serde_json::from_value(serde_json::Value::from(text)).map_err(|_| {
        "one of active, investigating, remediating, remediation_failed, escalated, resolved"
            .to_owned()
    })
}

impl IssuesArgs {
    /// Whether this changes an issue.
    pub(crate) fn acts(&self) -> bool {
        !matches!(&self.action, None | Some(IssueAction::Show { .. }))
    }
}
