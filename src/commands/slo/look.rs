//! What `fractary slo list` and `fractary slo show` print.

use crate::app::answer::output;
use crate::app::formats::ReportFormat;
use crate::app::workspace::open;
use crate::app::workspace::views::records::Records;
use crate::app::{App, Outcome};
use crate::core::budget;
use crate::error::{CommandError, ExitCode};
use crate::model::ids::EnvironmentName;
use crate::model::slo_report::{SloList, SloRow};
use crate::render::{json, markdown, text};

pub(super) fn run(app: &App, name: Option<&str>, format: ReportFormat) -> Outcome {
    let workspace = open::load(app)?;
    // Without `--env` all that is monitored: what burns is worth seeing wherever it does.
    let names = workspace.settings().choose_or_all(&app.global.env)?;
    let mut list = list(app, workspace.records(), &names);
    if let Some(name) = name {
        narrow(&mut list, name)?;
    }
    let style = app.ui.style();
    let answer = match (format, name) {
        (ReportFormat::Json, _) => json::pretty(&list).map_err(CommandError::bug)?,
        (ReportFormat::Markdown, _) => markdown::slos(&list),
        (ReportFormat::Text, None) => text::slos(&list, &style),
        (ReportFormat::Text, Some(_)) => text::slo(&list, &style),
    };
    output::write(app, &answer)?;
    Ok(ExitCode::Ok)
}

fn list(app: &App, records: Records<'_>, names: &[EnvironmentName]) -> SloList {
    let reports = names.iter().filter_map(|name| records.latest(name));
    let unseen = names.iter().filter(|name| records.latest(name).is_none());
    SloList {
        version: "1.0.0".to_owned(),
        kind: "slo-list".to_owned(),
        generated_at: app.clock.now(),
        never_observed: unseen.cloned().collect(),
        slos: budget::slos(reports, &records.all_budgets()),
    }
}

/// Names that are listed where one was not found.
const NAMES_LISTED: usize = 12;

/// Keeps what goes by this name.
fn narrow(list: &mut SloList, name: &str) -> Result<(), CommandError> {
    let named = |row: &SloRow| {
        row.level.sli == name
            || row.resource.name.raw() == name
            || row.resource.arn.as_str() == name
    };
    if list.slos.iter().any(named) {
        list.slos.retain(named);
        return Ok(());
    }
    let mut known: Vec<String> = list
        .slos
        .iter()
        .flat_map(|row| [row.resource.name.terminal(), row.level.sli.clone()])
        .collect();
    known.sort();
    known.dedup();
    let hint = match known.len() {
        0 => "nothing was observed yet; `fractary run` observes".to_owned(),
        all => {
            known.truncate(NAMES_LISTED);
            let more = all - known.len();
            if more > 0 {
                known.push(format!("and {more} more"));
            }
            format!("available names: {}", known.join(", "))
        }
    };
    let name = crate::text::escape::terminal(name);
    Err(CommandError::usage(format!("no service level or resource `{name}`")).hint(hint))
}
