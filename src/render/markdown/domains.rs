//! Domains that programs monitor, as Markdown.

use crate::model::dashboard::DomainRow;
use crate::model::domain_health::{DomainReport, StatusReport};
use crate::model::status::Status;
use crate::render::kpi_words;
use crate::render::words;
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::times;

/// One row per domain and environment.
pub fn status_report(report: &StatusReport) -> String {
    let overall = report.overall_health;
    let mut out = format!(
        "**{} {overall}** · {}\n\n| Status | Domain | Environment | State | Issues | Seen | Source |\n|---|---|---|---|--:|---|---|\n",
        overall.icon(),
        times::time(report.generated_at),
    );
    for row in &report.domains {
        let state = row.note.as_ref().map_or_else(
            || match row.resources.total {
                0 => "–".to_owned(),
                total => format!("{}/{total} ok", row.resources.healthy),
            },
            Untrusted::markdown,
        );
        out.push_str(&format!(
            "| {} {} | {} | {} | {} | {} | {} | {} |\n",
            row.status.icon(),
            row.status,
            row.domain,
            row.environment,
            cell(&state),
            match row.incidents < row.issues {
                true => words::incidents_and_issues(row),
                false => row.issues.to_string(),
            },
            seen(report, row),
            row.source
                .as_ref()
                .map_or_else(|| "–".to_owned(), Untrusted::markdown_code),
        ));
    }
    for row in &report.kpis {
        let ago = times::ago(row.collected_at, report.generated_at);
        let words = escape::markdown(&kpi_words::on_dashboard(row));
        out.push_str(&format!(
            "\nKey figures of {}: {words}, {ago}\n",
            row.environment
        ));
    }
    for one in &report.undelivered {
        let text = Untrusted::new(one.sentence());
        out.push_str(&format!("\n⚠ {}\n", text.markdown()));
    }
    out
}

fn seen(report: &StatusReport, row: &DomainRow) -> String {
    match row.observed_at {
        None => "never".to_owned(),
        Some(at) if at == report.generated_at => "now".to_owned(),
        Some(at) => times::ago(at, report.generated_at),
    }
}

/// A bar ends a cell, escaped text or not.
fn cell(text: &str) -> String {
    text.replace('\n', " ")
}

/// What a monitor said.
pub fn domain(report: &DomainReport) -> String {
    let mut out = format!(
        "## {} {} in {}: {}\n\n",
        report.status.icon(),
        report.domain,
        report.environment,
        report.status
    );
    if let Some(reason) = &report.reason {
        out.push_str(&format!("{}\n\n", reason.markdown()));
    }
    for service in report
        .services
        .iter()
        .filter(|s| s.status != Status::Healthy)
    {
        let detail = service
            .detail
            .as_ref()
            .map(|d| format!(": {}", d.markdown()));
        out.push_str(&format!(
            "- {} {} is {}{}\n",
            service.status.icon(),
            service.name.markdown(),
            service.status,
            detail.unwrap_or_default()
        ));
    }
    for issue in &report.issues {
        out.push_str(&format!(
            "- {}: {}\n",
            issue.resource.name.markdown(),
            issue.title.markdown()
        ));
    }
    out
}
