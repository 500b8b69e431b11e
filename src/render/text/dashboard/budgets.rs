//! The error budgets of a dashboard.

use crate::model::dashboard::Dashboard;
use crate::model::slo_report::BudgetRow;
use crate::model::status::Status;
use crate::render::text::Style;
use crate::render::text::dashboard::section;
use crate::render::text::health::line;
use crate::render::text::layout::{fit, fit_name, pad, pad_left, width};
use crate::render::words;
use crate::text::escape;
use crate::text::numbers;

pub(super) fn budgets(out: &mut String, dashboard: &Dashboard, style: &Style) {
    if dashboard.budgets.is_empty() {
        return;
    }
    section(out, "ERROR BUDGETS", "what is left of them", style);
    for row in &dashboard.budgets {
        budget(out, row, style);
    }
    if let Some(rest) = words::other_budgets(dashboard) {
        out.push_str(&style.dim(&format!("  {rest}: fractary slo list\n")));
    }
}

/// `▇▇▇▇▇▇▇···  71.4 %  orders-api error rate · prod    6.3× · lasts 1d 8h · HIGH`
fn budget(out: &mut String, row: &BudgetRow, style: &Style) {
    let left = row.remaining_percent.filter(|left| left.is_finite());
    let figure = left.map_or("no events".to_owned(), |left| {
        numbers::short_quantity(left, "percent")
    });
    let status = match (left, row.alert) {
        (None, _) => Status::Unknown,
        (Some(left), _) if left <= 0.0 => Status::Unhealthy,
        (Some(_), Some(_)) => Status::Degraded,
        (Some(_), None) => Status::Healthy,
    };
    let bar = left.map_or("?".repeat(10), |left| words::cells(left, '█', '·'));
    let lead = format!("  {bar}  {}  ", pad_left(&figure, 9));
    let mut facts = Vec::new();
    if left.is_some() {
        if row.burn_rate.is_some() {
            facts.push(format!("burns {}", words::burn_rate(row)));
        }
        facts.push(match words::lasts(row) {
            text if row.exhausted_in_seconds.is_some() && text != "used up" => {
                format!("lasts {text}")
            }
            text => text,
        });
    }
    if let Some(alert) = row.alert {
        facts.push(format!("{alert} burn"));
    }
    let right = facts.join(" · ");
    let about = format!(
        "{} {} · {}",
        row.resource.name.terminal(),
        escape::terminal(&row.title),
        row.environment
    );
    let room = style.columns().saturating_sub(width(&lead));
    let right_room = width(&right) + 2;
    if width(&about) + right_room <= room {
        let about = pad(&about, room - right_room);
        let text = format!(
            "{}{about}  {}",
            style.status(status, &lead),
            style.dim(&right)
        );
        line(out, &text);
    } else {
        let others = width(&about) - width(&row.resource.name.terminal());
        let name = fit_name(
            &row.resource.name.terminal(),
            room.saturating_sub(others).max(8),
        );
        let about = about.replacen(&row.resource.name.terminal(), &name, 1);
        let text = format!("{}{}", style.status(status, &lead), fit(&about, room));
        line(out, &text);
        if !right.is_empty() {
            let indent = " ".repeat(width(&lead));
            line(out, &format!("{indent}{}", style.dim(&fit(&right, room))));
        }
    }
}
