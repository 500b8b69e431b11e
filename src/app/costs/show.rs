//! Showing and keeping audits of costs.

use jiff::Timestamp;

use crate::app::command::Effect;
use crate::app::costs::{CostAudit, audit};
use crate::app::formats::{Formats, ReportFormat};
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::landing::{self, Proposal};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::cost::status;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::cost_report::CostAuditDocument;
use crate::model::ids::EnvironmentName;
use crate::model::status::Status;
use crate::render::{json, markdown, text};

/// Audits the chosen environments, shows them, and keeps what is to be kept.
pub(crate) fn run(app: &App, effect: Effect, format: Format) -> Outcome {
    let format = ReportFormat::find(format).ok_or_else(|| {
        CommandError::usage("an audit of costs has no such format")
            .hint("available formats: text, json, markdown")
    })?;
    let landing = landing::choose(app, effect);
    let workspace = open::load_to_look(app, landing)?;
    let names = workspace.settings().choose(&app.global.env)?;
    let mut audits: Vec<(EnvironmentName, CostAudit)> = Vec::new();
    for name in &names {
        audits.push((name.clone(), audit(app, &workspace, name)?));
    }
    let (_, (), landed) = landing::decide_and_land(app, workspace, landing, |_| {
        let mut transaction = Transaction::new();
        for (name, audit) in &audits {
            audit.write(&mut transaction, name);
        }
        Ok(Proposal {
            transaction,
            message: message(&audits),
            facts: (),
        })
    })?;
    publish::landed(app, format, &landed, || show(app, format, &audits))?;
    landing::report(app, &landed);
    let worst = audits.iter().map(|(_, audit)| status(&audit.report)).max();
    let worst = worst.unwrap_or(Status::Healthy);
    let is_unknown = audits
        .iter()
        .any(|(_, audit)| audit.report.spending.is_none());
    Ok(publish::exit_code(app.global.fail_on, worst, is_unknown))
}

fn show(
    app: &App,
    format: ReportFormat,
    audits: &[(EnvironmentName, CostAudit)],
) -> Result<String, CommandError> {
    let now = app.clock.now();
    match format {
        ReportFormat::Text => {
            let style = app.ui.style();
            let each = audits
                .iter()
                .map(|(name, audit)| text::cost(&audit.report, Some(&audit.receipt), name, &style));
            Ok(each.collect::<Vec<_>>().join("\n"))
        }
        ReportFormat::Markdown => {
            let each = audits
                .iter()
                .map(|(name, audit)| markdown::cost(&audit.report, name));
            Ok(each.collect::<Vec<_>>().join("\n"))
        }
        ReportFormat::Json => {
            let documents: Vec<CostAuditDocument<'_>> = audits
                .iter()
                .map(|(name, audit)| document(name, audit, now))
                .collect();
            let shown = match documents.as_slice() {
                [only] => json::pretty(only),
                all => json::pretty(&all),
            };
            shown.map_err(CommandError::bug)
        }
    }
}

fn document<'a>(
    environment: &'a EnvironmentName,
    audit: &'a CostAudit,
    now: Timestamp,
) -> CostAuditDocument<'a> {
    CostAuditDocument {
        version: "1.0.0",
        kind: "audit",
        audit_type: "cost",
        environment,
        generated_at: now,
        status: status(&audit.report),
        partial: !audit.report.gaps.is_empty() || !audit.report.undecided.is_empty(),
        cost: &audit.report,
        api: &audit.receipt,
    }
}

fn message(audits: &[(EnvironmentName, CostAudit)]) -> String {
    let names: Vec<String> = audits.iter().map(|(name, _)| name.to_string()).collect();
    format!(
        "fractary(audit): costs of {}\n\nFractary-Command: audit\n",
        names.join(", ")
    )
}
