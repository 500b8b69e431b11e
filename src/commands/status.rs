//! `fractary status`: one line per domain and environment.

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::current;
use crate::app::current::LookArgs;
use crate::app::decide::dashboard::Show;
use crate::app::decide::dashboard::build_dashboard;
use crate::app::formats::ReportFormat;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::watch::{self, WatchedPage};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::model::dashboard::IssueRow;
use crate::model::domain_health::StatusReport;
use crate::model::ids::DomainName;
use crate::model::status::Status;
use crate::render::{json, markdown, text};

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Only this domain
    #[arg(long, value_name = "NAME")]
    pub domain: Option<DomainName>,
    /// What to query.
    #[command(flatten)]
    pub ask: LookArgs,
}

/// The entry of `status` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<StatusArgs>("status", "Show one line per domain and environment")
        .sends(&[Access::Observe.only("with `--refresh`")])
        .uses(&[SharedOption::Env, SharedOption::FailOn])
        .tools(&[AssistantTool::reading(&[], &[ToolDocument::One("status")]).without(&["watch"])]);

impl Command for StatusArgs {
    type Formats = ReportFormat;

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        if watch::redraws(app, &self.ask)? {
            return watch::watch(app, &self.ask, |app| {
                let (report, issues) = self.report(app)?;
                Ok(WatchedPage {
                    text: text::status_report(&report, &app.ui.style()),
                    issues,
                    is_numbered: false,
                })
            });
        }
        let (report, _) = self.report(app)?;
        let text = match format {
            ReportFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            ReportFormat::Markdown => markdown::status_report(&report),
            ReportFormat::Text => text::status_report(&report, &app.ui.style()),
        };
        output::write(app, &text)?;
        Ok(exit_code(app, &report))
    }
}

impl StatusArgs {
    /// The report, and the most urgent issues.
    fn report(&self, app: &App) -> Result<(StatusReport, Vec<IssueRow>), CommandError> {
        let workspace = open::load(app)?;
        let environments = workspace.settings().choose_or_all(&app.global.env)?;
        let now = app.clock.now();
        let only = self.domain.as_ref();
        let outlook = current::look(app, &workspace, &self.ask, &environments, only)?;
        let sources = workspace.dashboard_sources();
        let dashboard = build_dashboard(sources, &outlook, &Show::default(), now)?;
        let mut undelivered = dashboard.undelivered;
        undelivered.retain(|one| environments.contains(&one.environment));
        let mut issues = dashboard.top_issues;
        issues.retain(|row| environments.contains(&row.environment));
        issues.retain(|row| only.is_none_or(|domain| *domain == row.domain));
        let mut kpis = dashboard.kpis;
        kpis.retain(|row| self.domain.is_none() && environments.contains(&row.environment));
        let mut rows = dashboard.domains;
        rows.retain(|row| environments.contains(&row.environment));
        let mut known: Vec<String> = rows.iter().map(|row| row.domain.to_string()).collect();
        rows.retain(|row| only.is_none_or(|domain| *domain == row.domain));
        if let Some(domain) = only.filter(|_| rows.is_empty()) {
            known.dedup();
            return Err(CommandError::usage(format!("unknown domain `{domain}`"))
                .hint(format!("available domains: {}", known.join(", "))));
        }
        let worst = rows.iter().map(|row| row.status).max();
        let report = StatusReport {
            version: "1.0.0",
            kind: "status",
            generated_at: now,
            overall_health: worst.unwrap_or(Status::Unknown),
            domains: rows,
            kpis,
            undelivered,
        };
        Ok((report, issues))
    }
}

/// 1 at or above the level; else 3 where something is not known; else 0.
fn exit_code(app: &App, report: &StatusReport) -> ExitCode {
    if app.global.fail_on.reached_by(report.overall_health) {
        return ExitCode::Found;
    }
    let unknown = |row: &crate::model::dashboard::DomainRow| {
        row.status == Status::Unknown || row.resources.unknown > 0
    };
    if report.domains.is_empty() || report.domains.iter().any(unknown) {
        ExitCode::Unknown
    } else {
        ExitCode::Ok
    }
}
