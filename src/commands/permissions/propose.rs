//! `fractary permissions propose`.

use std::path::PathBuf;

use clap::Args;

use crate::app::answer::output;
use crate::app::formats::ReportFormat;
use crate::app::permissions;
use crate::app::{App, Outcome};
use crate::core::permissions::ProposalScope;
use crate::error::{CommandError, ExitCode};
use crate::model::ids::{AccountId, Region};
use crate::model::monitoring::DurationText;
use crate::render::{json, markdown, text};

/// Arguments of `permissions propose`.
#[derive(Debug, Args)]
pub struct ProposeArgs {
    /// The error; without it, standard input
    #[arg(conflicts_with = "file")]
    pub error: Option<String>,
    /// Read the error from FILE; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The account, where the text masks it
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// The region of actions that can only be allowed on all resources
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// Grant everything that starts with PREFIX, in place of single names that do
    #[arg(long, value_name = "PREFIX", value_parser = prefix)]
    pub prefix: Option<String>,
    /// Let the grant expire after this time: `4h`, `2d`
    #[arg(long = "for", value_name = "DURATION")]
    pub lasts: Option<DurationText>,
}

/// A prefix that says something, and holds no pattern of its own.
fn prefix(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let says_something = text.chars().filter(char::is_ascii_alphanumeric).count() >= 3;
    match text.chars().all(is_plain) && says_something {
        true => Ok(text.to_owned()),
        false => Err("write at least three letters or digits, and no `*`".to_owned()),
    }
}

impl ProposeArgs {
    pub(super) fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let until = self.lasts.map(|lasts| permissions::end(app, lasts));
        let scope = ProposalScope {
            account: self.account.as_ref().map(ToString::to_string),
            region: self.region.as_ref().map(ToString::to_string),
            prefix: self.prefix.clone(),
            until: until.transpose()?,
            pattern: None,
        };
        let said = permissions::said(self.error.as_deref(), self.file.as_deref())?;
        let report = permissions::propose(&said, &scope);
        let answer = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::denied_grants(&report),
            ReportFormat::Text => text::denied_grants(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(
            match report.refused.is_empty() && !report.grants.is_empty() {
                true => ExitCode::Ok,
                false => ExitCode::Found,
            },
        )
    }
}
