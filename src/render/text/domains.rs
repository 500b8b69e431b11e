//! Domains that programs monitor, for a terminal: the lines of `status`, and what one monitor
//! said.

use crate::model::dashboard::DomainRow;
use crate::model::domain_health::{DomainReport, StatusReport};
use crate::model::status::Status;
use crate::render::kpi_words;
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::{fit, hang, pad, pad_name, width};
use crate::render::words;
use crate::text::escape;
use crate::text::numbers;
use crate::text::times;

/// One line per domain and environment, and the overall status on top.
pub fn status_report(report: &StatusReport, style: &Style) -> String {
    let mut out = String::new();
    let overall = report.overall_health;
    line(
        &mut out,
        &style.status(overall, &format!("{} {overall}", overall.icon())),
    );
    let widest = |text: &dyn Fn(&DomainRow) -> usize, most: usize| {
        let all = report.domains.iter().map(text);
        all.max().unwrap_or(0).min(most)
    };
    let columns = style.columns();
    let domain = widest(&|row| width(row.domain.as_str()), columns / 4);
    let environment = widest(&|row| width(row.environment.as_str()), columns / 8);
    for row in &report.domains {
        let status = pad(&format!("{} {}", row.status.icon(), row.status), 11);
        let head = format!(
            "{}  {}  {}  ",
            style.status(row.status, &status),
            style.bold(&pad_name(row.domain.as_str(), domain)),
            pad_name(row.environment.as_str(), environment),
        );
        let room = columns.saturating_sub(11 + 2 + domain + 2 + environment + 2);
        line(
            &mut out,
            &format!("{head}{}", fit(&facts(report, row), room)),
        );
        // On a line of its own, for it is what a person has to read.
        if let Some(note) = &row.note {
            let indent = " ".repeat(13);
            lines(&mut out, hang(&indent, &note.terminal(), columns, 3));
        }
    }
    for row in &report.kpis {
        let ago = times::ago(row.collected_at, report.generated_at);
        let text = format!("{}, {ago}", kpi_words::on_dashboard(row));
        let first = format!("key figures of {}: ", row.environment);
        lines(&mut out, hang(&first, &text, columns, 3));
        if let Some(cycle) = &row.last_cycle {
            let first = format!("optimisation of {}: ", row.environment);
            let text = kpi_words::cycle_on_dashboard(cycle);
            lines(&mut out, hang(&first, &text, columns, 3));
        }
    }
    for one in &report.undelivered {
        let text = escape::terminal(&one.sentence());
        lines(&mut out, hang("⚠ ", &text, columns, 4));
    }
    style.finish(out)
}

/// `2/3 ok · 1 issue · 5 min ago · acme-app`: what may be cut comes last.
fn facts(report: &StatusReport, row: &DomainRow) -> String {
    // The program stands in what `monitor list` shows.
    let plugin = |source: &crate::text::Untrusted| {
        let shown = source.terminal();
        let plugin = shown.split(" (").next().map(str::to_owned);
        plugin.unwrap_or(shown)
    };
    let mut parts = Vec::new();
    if row.resources.total > 0 {
        let counts = &row.resources;
        parts.push(format!("{}/{} ok", counts.healthy, counts.total));
    }
    parts.push(match row.issues {
        0 => "no issues".to_owned(),
        _ => words::incidents_and_issues(row),
    });
    parts.push(match row.observed_at {
        None => "never observed".to_owned(),
        Some(at) if at == report.generated_at => "now".to_owned(),
        Some(at) => times::ago(at, report.generated_at),
    });
    parts.extend(row.source.iter().map(plugin));
    parts.join(" · ")
}

/// What a monitor said: its status, and what is not well.
pub fn domain(report: &DomainReport, style: &Style) -> String {
    let mut out = String::new();
    let columns = style.columns();
    let status = format!("{} {}", report.status.icon(), report.status);
    let name = format!("{} in {}", report.domain, report.environment);
    let source = format!(
        "{} · {}",
        report.source.terminal(),
        numbers::duration_ms(report.duration_ms)
    );
    let room = columns.saturating_sub(width(&name) + width(&status) + 4);
    let (name, source) = (style.bold(&name), style.dim(&fit(&source, room)));
    let status = style.status(report.status, &status);
    line(&mut out, &format!("{status}  {name}  {source}"));
    if let Some(reason) = &report.reason {
        lines(&mut out, hang("  ", &reason.terminal(), columns, 3));
    }
    for service in report
        .services
        .iter()
        .filter(|s| s.status != Status::Healthy)
    {
        let detail = service
            .detail
            .as_ref()
            .map(|d| format!(": {}", d.terminal()));
        let text = format!(
            "{} is {}{}",
            service.name.terminal(),
            service.status,
            detail.unwrap_or_default()
        );
        let icon = format!("  {} ", service.status.icon());
        lines(&mut out, hang(&icon, &text, columns, 2));
    }
    for issue in &report.issues {
        let text = format!(
            "{}: {}",
            issue.resource.name.terminal(),
            issue.title.terminal()
        );
        lines(&mut out, hang("  - ", &text, columns, 2));
    }
    style.finish(out)
}
