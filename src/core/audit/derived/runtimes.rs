//! Runtimes of functions, by a dated table and the clock of the run.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::catalog::lambda_runtimes::{LambdaRuntimes, RuntimeDates};
use crate::core::audit::facts::FactView;
use crate::core::known::Known;
use crate::text::escape;

/// How long before its end a runtime is due to be replaced.
const DUE_DAYS: i64 = 90;

/// How far a runtime is from its end, and a sentence about it: `current`, `due` (within 90
/// days), `deprecated`, `no_create`, `no_update`; `none` for container images.
pub(super) fn stage(view: FactView<'_>, now: Timestamp) -> Known<(&'static str, Vec<String>)> {
    if view.text("package_type")?.as_deref() == Some("Image") {
        return Ok(("none", Vec::new()));
    }
    let Some(runtime) = view.text("runtime")? else {
        return Ok(("none", Vec::new()));
    };
    let Some(dates) = LambdaRuntimes::built_in().runtimes.get(&runtime) else {
        return Ok(("current", Vec::new()));
    };
    let today = now.to_zoned(TimeZone::UTC).date();
    let Some((stage, day)) = reached(dates, today) else {
        return Ok(("current", Vec::new()));
    };
    let shown = escape::cut(&runtime, 40);
    let mut text = match stage {
        "due" => format!("`{shown}` gets no security updates from {day} on"),
        "deprecated" => format!("`{shown}` has had no security updates since {day}"),
        "no_create" => format!("functions with `{shown}` can no longer be created since {day}"),
        _ => format!("functions with `{shown}` can no longer be changed since {day}"),
    };
    if let Some(next) = &dates.successor {
        text.push_str(&format!("; its successor is `{next}`"));
    }
    Ok((stage, vec![text]))
}

fn reached(dates: &RuntimeDates, today: Date) -> Option<(&'static str, Date)> {
    let passed = |day: Option<Date>| day.filter(|day| *day <= today);
    if let Some(day) = passed(dates.no_update) {
        return Some(("no_update", day));
    }
    if let Some(day) = passed(dates.no_create) {
        return Some(("no_create", day));
    }
    if let Some(day) = passed(dates.deprecated) {
        return Some(("deprecated", day));
    }
    let soon = today.checked_add(DUE_DAYS.days()).ok()?;
    let day = dates.deprecated.filter(|day| *day <= soon)?;
    Some(("due", day))
}
