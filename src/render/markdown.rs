//! Markdown for GitHub: reports, `DASHBOARD.md`, `DEPLOYED.md`, issues. The same input gives
//! the same bytes; times are in UTC.

mod audit;
mod board;
mod completion;
mod cost;
mod cycle;
mod debug;
mod denials;
mod denied_grants;
mod deployed;
mod design;
mod domains;
mod incident;
mod issue_log;
mod kpi;
mod log_lines;
mod logs;
mod optimize;
mod performance;
mod preflight;
mod pull_request;
mod review;
mod slo;
mod views;

use std::collections::BTreeMap;

use crate::model::alert::Digest;
use crate::model::dashboard::{Dashboard, IssueRow};
use crate::model::issue::Issue;
use crate::model::report::HealthReport;
use crate::render::templates::{TemplateError, Templates};
use crate::text::Untrusted;

pub use audit::audit;
pub use completion::completion;
pub use cost::cost;
pub use cycle::optimization_cycle;
pub use debug::debug;
pub use denials::denials;
pub use denied_grants::denied_grants;
pub use deployed::{BEGIN, END, deployed, splice};
pub use design::design;
pub use domains::{domain, status_report};
pub use incident::incident;
pub use issue_log::issue_log;
pub use kpi::kpis;
pub use log_lines::log_lines;
pub use logs::log_report;
pub use optimize::{optimization_analysis, optimization_roadmap};
pub use performance::{performance, performance_set};
pub use preflight::preflight;
pub use pull_request::{pull_request_body, pull_request_title};
pub use review::{Room, review};
pub use slo::slos;

/// A health report, for a file and for the summary of a workflow's step.
pub fn health(report: &HealthReport, templates: &Templates) -> Result<String, TemplateError> {
    templates
        .render("health-report.md.j2", &views::health(report))
        .map(|text| tidy(&text))
}

/// `DASHBOARD.md`.
pub fn dashboard(dashboard: &Dashboard, templates: &Templates) -> Result<String, TemplateError> {
    templates
        .render("dashboard.md.j2", &board::dashboard(dashboard))
        .map(|text| tidy(&text))
}

/// One issue, for a file and for a tracker.
pub fn issue(issue: &Issue, templates: &Templates) -> Result<String, TemplateError> {
    templates
        .render("issue.md.j2", &views::issue(issue))
        .map(|text| tidy(&text))
}

/// A work item about an issue, for a tracker or a file: why it was handed over, and where to
/// look (titles and addresses, not escaped).
pub fn work_item(
    issue: &Issue,
    why: Option<&Untrusted>,
    priority: Option<&str>,
    links: &[(String, String)],
    templates: &Templates,
) -> Result<String, TemplateError> {
    templates
        .render(
            "work-item.md.j2",
            &views::work_item(issue, why, priority, links),
        )
        .map(|text| tidy(&text))
}

/// Several issues that a tracker is told of together.
pub fn digest(digest: &Digest, templates: &Templates) -> Result<String, TemplateError> {
    templates
        .render("alert-digest.md.j2", &views::digest(digest))
        .map(|text| tidy(&text))
}

/// A list of issues, in the order given.
pub fn issues(rows: &[IssueRow], templates: &Templates) -> Result<String, TemplateError> {
    templates
        .render("issues.md.j2", &BTreeMap::from([("rows", rows)]))
        .map(|text| tidy(&text))
}

/// No blanks at line ends, one empty line at most, one line end at the end. Templates can
/// then be written to be read.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            if !blank {
                out.push('\n');
            }
            blank = true;
        } else {
            out.push_str(line);
            out.push('\n');
            blank = false;
        }
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}
