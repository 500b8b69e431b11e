//! The domains of a dashboard and their services.

use crate::model::dashboard::{Dashboard, DomainRow};
use crate::model::report::ResourceCounts;
use crate::render::text::Style;
use crate::render::text::dashboard::section;
use crate::render::text::health::{command_line, line, lines};
use crate::render::text::layout::{fit, hang, pad, pad_left, pad_name, width};
use crate::render::words;
use crate::text::phrases;
use crate::text::times;

/// Services of one domain that are listed; healthy ones beyond are counted.
const MOST_SERVICES: usize = 6;

/// A line for each domain, with its services below.
pub(super) fn domains(out: &mut String, dashboard: &Dashboard, style: &Style) {
    let (seen, all) = words::active_domains(dashboard);
    section(out, "DOMAINS", &format!("{seen}/{all} observed"), style);
    if dashboard.domains.is_empty() {
        line(out, "  No domain is registered yet.");
        command_line(out, "  ", "fractary init", style);
        return;
    }
    let columns = style.columns();
    let widest = |text: fn(&DomainRow) -> &str| {
        dashboard
            .domains
            .iter()
            .map(|row| width(text(row)))
            .max()
            .unwrap_or(0)
    };
    let name = widest(|row| row.domain.as_str()).clamp(6, columns / 4);
    let env = widest(|row| row.environment.as_str()).clamp(3, columns / 8);
    for row in &dashboard.domains {
        let status = pad(&format!("{} {}", row.status.icon(), row.status), 11);
        let when = row.observed_at.map_or("never".to_owned(), |at| {
            times::ago(at, dashboard.generated_at)
        });
        let issues = match row.issues {
            0 => "no issues".to_owned(),
            count => phrases::counted(u64::from(count), "issue"),
        };
        let facts = format!(
            "{}  {} ok  {}",
            bar(&row.resources),
            share(&row.resources),
            pad(&issues, 9)
        );
        let used = 2 + 11 + 2 + name + 2 + env + 2;
        let when_room = columns.saturating_sub(used + width(&facts) + 2);
        let when = match when.strip_suffix(" ago") {
            Some(short) if width(&when) > when_room => short,
            _ => when.as_str(),
        };
        let text = format!(
            "  {}  {}  {}  {}  {}",
            style.status(row.status, &status),
            style.bold(&pad_name(row.domain.as_str(), name)),
            pad_name(row.environment.as_str(), env),
            fit(&facts, columns.saturating_sub(used)),
            style.dim(&if when_room > 3 {
                pad_left(when, when_room)
            } else {
                String::new()
            })
        );
        line(out, &text);
        if let Some(note) = &row.note {
            lines(out, hang("               ", &note.terminal(), columns, 2));
        }
        services(out, row, style);
    }
}

/// `11/12`, both sides of a width that keeps columns aligned.
fn share(counts: &ResourceCounts) -> String {
    pad_left(&format!("{}/{}", counts.healthy, counts.total), 5)
}

/// Ten cells: healthy ones low, others by how bad they are. A bad resource always shows,
/// however many healthy ones there are.
fn bar(counts: &ResourceCounts) -> String {
    const CELLS: u32 = 10;
    if counts.total == 0 {
        return "·".repeat(CELLS as usize);
    }
    let cells = |count: u32| {
        let share = (u64::from(count) * u64::from(CELLS) / u64::from(counts.total)) as u32;
        if count > 0 { share.max(1) } else { 0 }
    };
    let (broken, degraded, unknown) = (
        cells(counts.unhealthy),
        cells(counts.degraded),
        cells(counts.unknown),
    );
    let healthy = CELLS.saturating_sub(broken + degraded + unknown);
    let mut bar = String::new();
    for (sign, count) in [
        ('█', broken),
        ('▄', degraded),
        ('?', unknown),
        ('▁', healthy),
    ] {
        bar.extend(std::iter::repeat_n(sign, count as usize));
    }
    bar.chars().take(CELLS as usize).collect()
}

/// `✗ checkout  answers in 4.1 s`, below their domain.
fn services(out: &mut String, row: &DomainRow, style: &Style) {
    let mut services: Vec<_> = row.services.iter().collect();
    services.sort_by_key(|service| std::cmp::Reverse(service.status));
    for service in services.iter().take(MOST_SERVICES) {
        let mut text = service.name.terminal();
        if let Some(detail) = &service.detail {
            text.push_str(&format!(" · {}", detail.terminal()));
        }
        let room = style.columns().saturating_sub(17);
        line(
            out,
            &format!(
                "               {} {}",
                style.status(service.status, service.status.icon()),
                fit(&text, room)
            ),
        );
    }
    let rest = services.len().saturating_sub(MOST_SERVICES);
    if rest > 0 {
        line(out, &style.dim(&format!("               and {rest} more")));
    }
}
