//! What `fractary permissions` can do.

use clap::Subcommand;

use super::compare::{DiffArgs, ImportArgs, SyncArgs};
use super::explain::ExplainArgs;
use super::grant::GrantArgs;
use super::granted::{ListArgs, RevokeArgs};
use super::preflight::PreflightArgs;
use super::propose::ProposeArgs;

/// What to do about permissions.
#[derive(Debug, Subcommand)]
pub enum PermissionsAction {
    /// Explain a denial by AWS: what was denied to whom, by which policy, and what helps
    ///
    /// Takes whatever there is: a line, Terraform's output with its box, a log of a pipeline, JSON.
    /// Every denial is found, and each once. Nothing is sent anywhere.
    ///
    /// Exit code 0 if a denial was found, 1 if none was.
    Explain(ExplainArgs),
    /// List the permissions that a plan needs, and those that are missing, before an apply
    ///
    /// Reads the policies of the user or role that the credentials belong to, and holds what the
    /// types of the plan need against them. Nothing is changed. What is missing becomes one policy,
    /// narrowed to the names in the plan or to the naming pattern of devops.json.
    ///
    /// Exit code 0 if everything is allowed, 1 if something is missing, 3 if something is unknown.
    Preflight(PreflightArgs),
    /// Write one policy for everything that an error says was denied
    ///
    /// Takes the same text as `explain`. Each action is on what it was denied on, and never on `*`
    /// where it can be narrowed; what no grant helps with, and what the text leaves open, is named
    /// with the reason. Nothing is sent, and nothing is granted.
    ///
    /// Exit code 0 if everything that was denied is in a policy, 1 if something is not, or if
    /// nothing was denied.
    Propose(ProposeArgs),
    /// Grant the identity that deploys what it lacks, with consent, and keep a record
    ///
    /// Takes the same text as `explain`, or `--action`. Each action is on what is named after the
    /// pattern of devops.json, and never on `*` where it can be narrowed. It is written as the
    /// identity that grants (`discover_deploy`), into a managed policy of its own, and recorded in
    /// iam-audit.json before and after.
    ///
    /// Exit code 0 if everything is granted, 1 if something is not, 3 if AWS does not confirm it, 4
    /// if it is refused.
    Grant(GrantArgs),
    /// Revoke a grant, by its id in `list`
    Revoke(RevokeArgs),
    /// Show what was granted, to whom, by whom and why
    ///
    /// With `--unused` also what nobody has used for 90 days, by what IAM's access advisor says. What
    /// it does not say is not known, and never unused.
    List(ListArgs),
    /// Show where AWS differs from what was recorded
    ///
    /// Exit code 0 if nothing differs, 1 if something does.
    Diff(DiffArgs),
    /// Make the record and AWS agree
    Sync(SyncArgs),
    /// Read older records of grants into iam-audit.json
    Import(ImportArgs),
}
