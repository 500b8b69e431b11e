//! `fractary permissions revoke` and `list`.

use clap::Args;

use super::grant::{answer, workspace};
use crate::app::answer::output;
use crate::app::formats::ReportFormat;
use crate::app::permissions::grant::GrantManner;
use crate::app::permissions::{audit_log, last_use, revoke};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::permissions::grant_history;
use crate::error::{CommandError, ExitCode};
use crate::model::iam_audit::GrantListReport;
use crate::render::{json, text};

/// Arguments of `permissions revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The id of the grant
    pub id: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Revoke it without asking; not in environments that require confirmation
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `permissions list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Also list grants that were revoked, failed or have expired
    #[arg(long)]
    pub all: bool,
    /// Ask IAM, as the identity that grants, what nobody has used for 90 days
    #[arg(long)]
    pub unused: bool,
}

impl RevokeArgs {
    pub(super) fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let workspace = workspace(app)?;
        let manner = GrantManner {
            yes: self.yes,
            at_will: false,
            reason: self.reason.as_deref().unwrap_or("not needed any more"),
            until: None,
            proposal: None,
        };
        answer(app, format, &revoke::run(app, workspace, &self.id, manner)?)
    }
}

impl ListArgs {
    pub(super) fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let workspace = open::load(app)?;
        let names = workspace.settings().choose_or_all(&app.global.env)?;
        let mut grants = audit_log::grants(app, &workspace)?;
        grants.retain(|one| names.contains(&one.record.environment));
        if !self.all {
            grants.retain(grant_history::is_in_force);
        }
        grants.reverse();
        if self.unused {
            last_use::look(app, &workspace, &mut grants)?;
        }
        let report = GrantListReport {
            version: "1.0.0".to_owned(),
            kind: "grant_list".to_owned(),
            grants,
        };
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Text | ReportFormat::Markdown => {
                text::grant_list(&report, &app.ui.style())
            }
        };
        output::write(app, &answer)?;
        Ok(ExitCode::Ok)
    }
}
