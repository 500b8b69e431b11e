//! What happened and what it cost: history, proposals, remediations, deployments, spending. Each
//! part is left out where there is nothing of it.

use crate::model::audit::AuditStatus;
use crate::model::dashboard::{Dashboard, HistoryCell, HistorySpan, RemediationRow};
use crate::model::kpi_report::KpiStatus;
use crate::model::status::Status;
use crate::render::kpi_words;
use crate::render::text::Style;
use crate::render::text::dashboard::section;
use crate::render::text::health::line;
use crate::render::text::layout::{fit, pad, width};
use crate::render::trend;
use crate::render::words;
use crate::text::numbers;
use crate::text::phrases;
use crate::text::times;

pub(super) fn history(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.history.is_empty() {
        return;
    }
    section(out, "HISTORY", "newest on the right", style);
    let columns = style.columns();
    let names = dashboard.history.keys().map(|env| width(env.as_str()));
    let name = names.max().unwrap_or(0).min(12);
    for (env, spans) in &dashboard.history {
        for (index, span) in spans.iter().enumerate() {
            let label = if index == 0 { env.as_str() } else { "" };
            let strip = strip(span, columns.saturating_sub(2 + name + 7), style);
            let text = format!(
                "  {}  {}  {strip}",
                pad(label, name),
                pad(span.span.word(), 3)
            );
            line(out, &text);
        }
    }
    let legend = "▁ healthy  ▄ degraded  █ unhealthy  ? unknown  · not observed";
    line(out, &format!("  {}", style.dim(&fit(legend, columns - 2))));
}

/// As many signs as fit: neighbours become one, which is as bad as the worse of them.
fn strip(span: &HistorySpan, room: usize, style: &Style) -> String {
    let merged = span.cells.len().div_ceil(room.max(1)).max(1);
    let worst = |cells: &[HistoryCell]| cells.iter().map(|cell| cell.worst).max().flatten();
    // From the newest on, so that the last sign is whole.
    let mut cells: Vec<Option<Status>> = span.cells.rchunks(merged).map(worst).collect();
    cells.reverse();
    let mut out = String::new();
    // Neighbours of one colour are painted as one.
    for run in cells.chunk_by(|a, b| a == b) {
        let text: String = run.iter().map(|worst| trend::sign(*worst)).collect();
        out.push_str(&match run[0] {
            Some(status) => style.status(status, &text),
            None => style.dim(&text),
        });
    }
    out
}

pub(super) fn proposals(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.proposals.is_empty() {
        return;
    }
    section(out, "OPEN PROPOSALS", "", style);
    for row in &dashboard.proposals {
        let text = format!("{} · {}", row.id.terminal(), row.environment);
        line(out, &format!("  {}", fit(&text, style.columns() - 2)));
    }
}

/// A line with what happened and, on the right, when.
fn happened(out: &mut String, sign: &str, text: &str, when: &str, style: &Style) {
    let room = style.columns().saturating_sub(2 + 2 + 2 + width(when));
    line(
        out,
        &format!("  {sign} {}  {}", pad(text, room), style.dim(when)),
    );
}

pub(super) fn remediations(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.remediations.is_empty() {
        return;
    }
    section(out, "LAST REMEDIATIONS", "", style);
    for row in &dashboard.remediations {
        let when = times::ago(row.at, dashboard.generated_at);
        let sign = match row.outcome.as_ref().map(|outcome| outcome.raw()) {
            Some("success") => style.status(Status::Healthy, "✓"),
            Some("failed" | "failure") => style.status(Status::Unhealthy, "✗"),
            _ => style.status(Status::Unknown, "?"),
        };
        happened(out, &sign, &remediation(row), &when, style);
    }
}

fn remediation(row: &RemediationRow) -> String {
    let mut parts = vec![
        row.action
            .as_ref()
            .map_or("unknown action".to_owned(), |a| {
                a.terminal().replace('_', " ")
            }),
    ];
    parts.extend(row.resource.as_ref().map(|name| name.terminal()));
    parts.push(row.environment.to_string());
    parts.push(
        row.outcome
            .as_ref()
            .map_or("outcome unknown".to_owned(), |o| {
                o.terminal().replace('_', " ")
            }),
    );
    parts.extend(
        row.issue
            .as_ref()
            .map(|id| format!("for {}", id.terminal())),
    );
    parts.join(" · ")
}

pub(super) fn kpis(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.kpis.is_empty() {
        return;
    }
    section(out, "KEY FIGURES", "", style);
    for row in &dashboard.kpis {
        let when = times::ago(row.collected_at, dashboard.generated_at);
        let sign = match row.status {
            KpiStatus::Healthy => style.status(Status::Healthy, "✓"),
            KpiStatus::Degraded => style.status(Status::Degraded, "⚠"),
            KpiStatus::Critical => style.status(Status::Unhealthy, "✗"),
            KpiStatus::Unknown => style.status(Status::Unknown, "?"),
        };
        let text = format!("{} · {}", row.environment, kpi_words::on_dashboard(row));
        happened(out, &sign, &text, &when, style);
        if let Some(cycle) = &row.last_cycle {
            let when = times::ago(cycle.began_at, dashboard.generated_at);
            let text = format!(
                "{} · {}",
                row.environment,
                kpi_words::cycle_on_dashboard(cycle)
            );
            happened(out, "·", &text, &when, style);
        }
    }
}

pub(super) fn audits(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.audits.is_empty() {
        return;
    }
    section(out, "LAST AUDITS", "", style);
    for row in &dashboard.audits {
        let when = row.generated_at;
        let when = when.map_or("never".to_owned(), |at| {
            times::ago(at, dashboard.generated_at)
        });
        let sign = match row.overall_status {
            Some(AuditStatus::Pass) => style.status(Status::Healthy, "✓"),
            Some(AuditStatus::Warning) => style.status(Status::Degraded, "⚠"),
            Some(AuditStatus::Error | AuditStatus::Critical) => {
                style.status(Status::Unhealthy, "✗")
            }
            Some(AuditStatus::Unknown) | None => style.status(Status::Unknown, "?"),
        };
        let text = format!("{} · {}", row.environment, words::audit(row));
        happened(out, &sign, &text, &when, style);
    }
}

pub(super) fn deployments(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.deployments.is_empty() {
        return;
    }
    section(out, "LAST DEPLOYMENTS", "", style);
    for row in &dashboard.deployments {
        let when = times::ago(row.at, dashboard.generated_at);
        let sign = match row.status.raw() {
            "success" | "adopted" => style.status(Status::Healthy, "✓"),
            "failed" => style.status(Status::Unhealthy, "✗"),
            "partial" => style.status(Status::Degraded, "⚠"),
            _ => style.status(Status::Unknown, "?"),
        };
        let mut parts = vec![row.environment.to_string(), row.status.terminal()];
        if row.resources > 0 {
            parts.push(phrases::counted(row.resources.into(), "resource"));
        }
        if let Some(commit) = &row.commit {
            parts.push(commit.terminal().chars().take(10).collect());
        }
        parts.extend(row.by.as_ref().map(|by| format!("by {}", by.terminal())));
        happened(out, &sign, &parts.join(" · "), &when, style);
    }
}

pub(super) fn spend(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.spend.is_empty() {
        return;
    }
    section(
        out,
        "COST OF LOOKING",
        "estimated, AWS calls of committed runs",
        style,
    );
    let names = dashboard.spend.keys().map(|env| width(env.as_str()));
    let name = names.max().unwrap_or(0).min(12);
    for (env, spend) in &dashboard.spend {
        let text = format!(
            "{} in 24h · {} in 7d · {} in 30d · {}",
            numbers::usd(spend.last_24h_usd),
            numbers::usd(spend.last_7d_usd),
            numbers::usd(spend.last_30d_usd),
            phrases::counted(spend.runs_30d, "run"),
        );
        let room = style.columns().saturating_sub(4 + name);
        let text = format!("  {}  {}", pad(env.as_str(), name), fit(&text, room));
        line(out, &text);
    }
}
