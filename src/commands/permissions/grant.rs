//! `fractary permissions grant`.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::ReportFormat;
use crate::app::permissions::preflight::only_environment;
use crate::app::permissions::request::{self, GrantRequest};
use crate::app::permissions::{self, grant};
use crate::app::workspace::landing::{self, Landing};
use crate::app::workspace::{Workspace, open};
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::model::iam_audit::GrantReport;
use crate::model::monitoring::DurationText;
use crate::render::{json, text};

/// Arguments of `permissions grant`.
#[derive(Debug, Args)]
pub struct GrantArgs {
    /// The error that says what was denied; without it and `--action`, standard input
    #[arg(conflicts_with_all = ["file", "action"])]
    pub error: Option<String>,
    /// Read the error from FILE; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "action")]
    pub file: Option<PathBuf>,
    /// Grant this action; may be given more than once
    #[arg(long, value_name = "ACTION")]
    pub action: Vec<String>,
    /// Grant it on this resource instead of those that match the naming pattern
    #[arg(long, value_name = "ARN", requires = "action")]
    pub resource: Option<String>,
    /// Grant it to this user or role [default: the one whose profile deploys]
    #[arg(long, value_name = "ARN")]
    pub identity: Option<String>,
    /// Let the grant expire after this time: `4h`, `2d`
    #[arg(long = "for", value_name = "DURATION")]
    pub lasts: Option<DurationText>,
    /// Why it is granted, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Grant it without asking; not in environments that require confirmation
    #[arg(long)]
    pub yes: bool,
    /// Grant the identity that reads what is missing where a resource is UNKNOWN
    #[arg(long, value_name = "unknown:NAME", value_parser = unknown_name, conflicts_with_all = ["error", "file", "action", "identity"])]
    pub from: Option<String>,
    /// Write a proposal instead, which is granted once someone else has merged it
    #[arg(long, conflicts_with = "yes")]
    pub propose: bool,
    /// Grant the proposal of this id, which someone else has merged
    #[arg(long, value_name = "ID", value_parser = proposal_id, conflicts_with_all = ["error", "file", "action", "from", "yes", "propose", "identity", "lasts", "reason", "i_know"])]
    pub proposal: Option<String>,
    /// Also grant what changes permissions of others, or allows privilege escalation
    #[arg(long)]
    pub i_know: bool,
}

/// An id names a file, so it is a name and no path.
fn proposal_id(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match !text.is_empty() && text.chars().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err("an id has letters, digits and hyphens, and nothing else".to_owned()),
    }
}

/// The workspace of a command that changes something.
pub(super) fn workspace(app: &App) -> Result<Workspace, CommandError> {
    if app.global.write {
        return Err(CommandError::usage(
            "what was changed in AWS is always committed, so `--write` is not possible",
        )
        .hint("`--dry-run` shows what would change and changes nothing"));
    }
    let landing = match app.global.dry_run {
        true => Landing::Nothing,
        false => Landing::Commit,
    };
    open::load_to_land(app, landing)
}

impl GrantArgs {
    pub(super) fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let workspace = workspace(app)?;
        let name = only_environment(app, &workspace)?;
        let request = self.request(app)?;
        if self.propose {
            let Some((id, landed)) = request::propose(app, workspace, &name, request)? else {
                let what =
                    format!("Everything is granted already in {name}: nothing was proposed.\n");
                output::write(app, &what)?;
                return Ok(ExitCode::Ok);
            };
            landing::report(app, &landed);
            let what = format!(
                "Proposed a grant in {name} as {id}. Once someone else has merged it into the default branch:\n  fractary permissions grant --env {name} --proposal {id}\n"
            );
            output::write(app, &what)?;
            return Ok(ExitCode::Ok);
        }
        let report = match &self.proposal {
            Some(id) => request::grant_merged(app, workspace, &name, id)?,
            None => request::grant(app, workspace, &name, request)?,
        };
        answer(app, format, &report)
    }

    fn request(&self, app: &App) -> Result<GrantRequest<'_>, CommandError> {
        let until = self.lasts.map(|lasts| permissions::end(app, lasts));
        Ok(GrantRequest {
            error: self.error.as_deref(),
            file: self.file.as_deref(),
            actions: &self.action,
            resource: self.resource.as_deref(),
            unknown: self.from.as_deref(),
            identity: self.identity.as_deref(),
            reason: self.reason.as_deref(),
            yes: self.yes,
            at_will: self.i_know,
            until: until.transpose()?,
        })
    }
}

/// Parses `unknown:NAME`.
fn unknown_name(text: &str) -> Result<String, String> {
    match text.strip_prefix("unknown:") {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err("write it as `unknown:NAME`, with the name or the ARN of a resource".to_owned()),
    }
}

pub(super) fn answer(app: &App, format: ReportFormat, report: &GrantReport) -> Outcome {
    let answer = match format {
        ReportFormat::Json => json::pretty(report).map_err(CommandError::bug)?,
        ReportFormat::Text | ReportFormat::Markdown => text::grant(report, &app.ui.style()),
    };
    output::write(app, &answer)?;
    Ok(grant::exit_code(report))
}
