//! The audit at the end of the demo: the same as `fractary audit --commit`, on the recording.

use std::path::Path;

use crate::app::App;
use crate::app::audit::{AuditRequest, BaselineFiles, read_and_land};
use crate::app::demo::{END, app_at, landed_words, name};
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::pass::Pass;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::error::CommandError;
use crate::render::text::{self, Style};

/// The room of a report below the story.
const INDENT: &str = "       ";

/// Audits how everything is configured, and shows the first screen of the report.
pub(super) fn show(app: &App, folder: &Path) -> Result<String, CommandError> {
    let there = app_at(app, folder, END)?;
    let workspace = open::load(&there)?;
    let request = AuditRequest {
        audit_type: "security",
        checks: &[],
        frameworks: &[],
        regions: &[],
        max_calls: None,
        allow_protected: false,
        baseline: BaselineFiles {
            read: None,
            write: None,
        },
    };
    let names = [name()?];
    let pass = Pass {
        names: &names,
        only: Only::Everything,
        occasion: Occasion::Audit,
        landing: Landing::Commit,
    };
    let (_, decision, landed, sent) = read_and_land(&there, workspace, &pass, request)?;
    sent?;
    let mut out = format!(
        "{}  an audit of how everything is configured\n{INDENT}fractary audit --env prod --commit\n",
        &END[11..16]
    );
    for one in &decision.audits {
        let whole = app.ui.style();
        let style = Style {
            width: whole.width.saturating_sub(INDENT.len()),
            ..whole
        };
        for line in text::audit_overview(&one.report, &style).lines() {
            out.push_str(format!("{INDENT}{line}").trim_end());
            out.push('\n');
        }
    }
    out.push_str(&format!("{INDENT}{}\n\n", landed_words(&landed)));
    Ok(out)
}
