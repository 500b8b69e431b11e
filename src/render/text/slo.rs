//! Service level objectives: a list, and single ones in full.

use crate::model::report::Better;
use crate::model::slo_report::{BudgetRow, SloList, SloRow};
use crate::render::text::Style;
use crate::render::text::health::{command_line, line, lines};
use crate::render::text::layout::{fit, hang, pad, pad_left, pad_name, width};
use crate::render::words;
use crate::text::escape;
use crate::text::numbers;
use crate::text::phrases;

/// A list: what it is now, its target, what is left of its budget, how fast that burns.
pub fn slos(list: &SloList, style: &Style) -> String {
    let mut out = String::new();
    never_observed(&mut out, list, style);
    if list.slos.is_empty() {
        line(&mut out, "No service levels.");
        return style.finish(out);
    }
    let columns = style.columns();
    let widest = |text: fn(&SloRow) -> String, least: usize, most: usize| {
        let all = list.slos.iter().map(|row| width(&text(row)));
        all.max().unwrap_or(0).clamp(least, most.max(least))
    };
    // One environment needs no column.
    let first = &list.slos[0].environment;
    let env = match list.slos.iter().all(|row| row.environment == *first) {
        true => 0,
        false => widest(|row| row.environment.to_string(), 3, 8),
    };
    let name = widest(|row| row.resource.name.terminal(), 8, columns / 5);
    let sli = widest(|row| escape::terminal(&row.level.title), 3, columns / 6);
    let now = widest(level, 12, columns / 4 - 2);
    let sizes = [env, name, sli, now];
    // A narrow terminal keeps what one types, and says the rest in a line of its own.
    if columns < 72 {
        for row in &list.slos {
            narrow(&mut out, row, style);
        }
        return style.finish(out);
    }
    let head = format!(
        "  {}{}  {}  {}  {}  {}  LASTS",
        column("ENV", env),
        pad("RESOURCE", name),
        pad("SLI", sli),
        pad("NOW / TARGET", now),
        pad_left("BUDGET", 8),
        pad_left("BURN", 6),
    );
    line(&mut out, &style.dim(&fit(&head, columns)));
    let mut before: Option<&SloRow> = None;
    for row in &list.slos {
        let shared = before.is_some_and(|before| shares_budget(before, row));
        list_row(&mut out, row, shared, sizes, style);
        before = Some(row);
    }
    line(&mut out, "");
    let count = phrases::counted(list.slos.len() as u64, "service level");
    let missed = list.slos.iter().filter(|row| row.level.slo_breach).count();
    let burning = list.slos.iter().filter(|row| alert(row).is_some()).count();
    let summary = format!("{count}, {missed} missed, {burning} burning too fast");
    line(&mut out, &style.dim(&summary));
    if list.slos.iter().any(is_guess) {
        line(
            &mut out,
            &style.dim("~ less than half of its window was observed"),
        );
    }
    style.finish(out)
}

fn alert(row: &SloRow) -> Option<crate::model::status::Severity> {
    row.level.budget.as_ref().and_then(|budget| budget.alert)
}

fn never_observed(out: &mut String, list: &SloList, style: &Style) {
    for name in &list.never_observed {
        line(out, &format!("{name} was never observed."));
        command_line(out, "", &format!("fractary run --env {name}"), style);
    }
}

/// The same for a name.
fn name_column(text: &str, columns: usize) -> String {
    match columns {
        0 => String::new(),
        columns => format!("{}  ", pad_name(text, columns)),
    }
}

/// A column with the blanks behind it; nothing where it has no width.
fn column(text: &str, columns: usize) -> String {
    match columns {
        0 => String::new(),
        columns => format!("{}  ", pad(text, columns)),
    }
}

fn mark(row: &SloRow) -> &'static str {
    if alert(row).is_some() {
        "▲"
    } else if row.level.slo_breach {
        "✗"
    } else {
        " "
    }
}

/// `0.04 % ≤ 0.1 %`.
fn level(row: &SloRow) -> String {
    let level = &row.level;
    let sign = match level.better {
        Better::Lower => "≤",
        Better::Higher => "≥",
    };
    let shown = |value: f64| match level.unit.as_str() {
        // `1` of running tasks would read as one task.
        "ratio" => numbers::short_quantity(value * 100.0, "percent"),
        unit => numbers::short_quantity(value, unit),
    };
    let value = level.value.map_or_else(|| "–".to_owned(), shown);
    format!("{value} {sign} {}", shown(level.target))
}

fn left(row: &SloRow) -> String {
    let budget = row.level.budget.as_ref();
    match budget.map(|budget| budget.remaining_percent) {
        Some(Some(left)) => {
            let guess = if is_guess(row) { "~" } else { "" };
            // How deep below is of no use, and of no width.
            let left = match left < -99.0 {
                true => "< -99 %".to_owned(),
                false => numbers::short_quantity(left, "percent"),
            };
            format!("{guess}{left}")
        }
        Some(None) => "unused".to_owned(),
        None => "–".to_owned(),
    }
}

/// Whether less than half of its window was seen.
fn is_guess(row: &SloRow) -> bool {
    let budget = row.level.budget.as_ref();
    budget.is_some_and(|budget| budget.coverage_percent < words::SEEN_ENOUGH)
}

fn burn(row: &SloRow) -> String {
    let rate = row
        .level
        .budget
        .as_ref()
        .and_then(|budget| budget.burn_rate);
    rate.map_or_else(
        || "–".to_owned(),
        |rate| format!("{}×", numbers::number(rate)),
    )
}

fn lasts(row: &SloRow) -> String {
    let budget = row.level.budget.as_ref();
    match budget.and_then(|budget| budget.exhausted_in_seconds) {
        Some(0) => "gone".to_owned(),
        Some(seconds) => words::lasting(seconds),
        None => String::new(),
    }
}

/// Whether two indicators of a resource count the same events against the same objective: an
/// error rate and an availability are one budget, and not two that happen to be equal.
fn shares_budget(a: &SloRow, b: &SloRow) -> bool {
    let (Some(one), Some(other)) = (&a.budget, &b.budget) else {
        return false;
    };
    one.is_same_as(other)
}

fn list_row(
    out: &mut String,
    row: &SloRow,
    shared: bool,
    [env, name, sli, now]: [usize; 4],
    style: &Style,
) {
    let (left, burn, lasting) = match shared {
        true => ("as above".to_owned(), String::new(), String::new()),
        false => (left(row), burn(row), lasts(row)),
    };
    let text = format!(
        "{} {}{}  {}  {}  {}  {}  {lasting}",
        mark(row),
        name_column(row.environment.as_str(), env),
        pad_name(&row.resource.name.terminal(), name),
        // Titles of one project differ at their ends, as names do.
        pad_name(&escape::terminal(&row.level.title), sli),
        pad(&level(row), now),
        pad_left(&left, 8),
        pad_left(&burn, 6),
    );
    let text = fit(&text, style.columns());
    match alert(row) {
        Some(severity) => line(out, &style.severity(severity, &text)),
        None => line(out, &text),
    }
}

fn narrow(out: &mut String, row: &SloRow, style: &Style) {
    let head = format!(
        "{} {} {}",
        mark(row),
        row.resource.name.terminal(),
        escape::terminal(&row.level.title)
    );
    line(out, &style.bold(&fit(&head, style.columns())));
    let text = format!("{}; budget {}, burn {}", level(row), left(row), burn(row));
    lines(out, hang("    ", &text, style.columns(), 3));
}

/// Single service levels in full.
pub fn slo(list: &SloList, style: &Style) -> String {
    let mut out = String::new();
    never_observed(&mut out, list, style);
    for (number, row) in list.slos.iter().enumerate() {
        if number > 0 {
            line(&mut out, "");
        }
        full(&mut out, row, style);
    }
    style.finish(out)
}

fn full(out: &mut String, row: &SloRow, style: &Style) {
    let columns = style.columns();
    let head = format!(
        "{} · {} ({})",
        row.resource.name.terminal(),
        escape::terminal(&row.level.title),
        row.environment
    );
    line(out, &style.bold(&fit(&head, columns)));
    let mut field = |name: &str, text: String| {
        lines(
            out,
            hang(&format!("  {}  ", pad(name, 9)), &text, columns, 4),
        );
    };
    field("indicator", escape::terminal(&row.level.sli));
    let seen = match (row.level.bad, row.level.total) {
        (Some(bad), Some(total)) => format!(
            ": {} of {} in the last window",
            numbers::number(bad),
            numbers::number(total)
        ),
        _ => String::new(),
    };
    field("now", format!("{}{seen}", level(row)));
    let Some(budget) = &row.budget else {
        field(
            "budget",
            "none: it is not a ratio of events, or nothing may fail".to_owned(),
        );
        return;
    };
    for (name, text) in budget_fields(budget) {
        field(name, text);
    }
}

/// What there is to say about an error budget.
fn budget_fields(budget: &BudgetRow) -> Vec<(&'static str, String)> {
    let objective = numbers::short_quantity(budget.objective_percent, "percent");
    let objective = format!("{objective} good in {} d", budget.window_days);
    let left = match (budget.remaining_percent, budget.consumed_percent) {
        (Some(left), Some(used)) => format!(
            "{} left, {} used",
            numbers::short_quantity(left, "percent"),
            numbers::short_quantity(used, "percent")
        ),
        _ => "unused: there were no events".to_owned(),
    };
    let rate = budget.burn_rate.map_or_else(
        || "no events in the last hour".to_owned(),
        |rate| format!("{}× in the last hour", numbers::number(rate)),
    );
    let gone = match budget.exhausted_in_seconds {
        Some(0) => "; the budget is exhausted".to_owned(),
        Some(seconds) => format!("; exhausted in {} at that rate", words::lasting(seconds)),
        None => String::new(),
    };
    let mut fields = vec![
        ("objective", objective),
        ("budget", left),
        ("burn", format!("{rate}{gone}")),
    ];
    if let Some(severity) = budget.alert {
        fields.push(("alert", format!("{severity}: it burns too fast")));
    }
    let coverage = numbers::short_quantity(budget.coverage_percent, "percent");
    fields.push(("observed", format!("{coverage} of the time")));
    let days = days(budget);
    if !days.is_empty() {
        fields.push(("by day", days));
    }
    fields
}

/// What was left at the end of each day, oldest first: a bar a day.
fn days(budget: &BudgetRow) -> String {
    const BARS: [char; 3] = ['▁', '▄', '█'];
    let bar = |left: &Option<f64>| match left {
        None => '·',
        Some(left) if *left <= 0.0 => '✗',
        Some(left) if *left < 34.0 => BARS[0],
        Some(left) if *left < 67.0 => BARS[1],
        Some(_) => BARS[2],
    };
    budget.remaining_by_day.iter().map(bar).collect()
}
