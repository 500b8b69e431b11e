//! Which issues a list is of, and what it says where none of them fits.

use crate::app::App;
use crate::app::workspace::views::{issues::IssueStore, records::Records, settings::Settings};
use crate::error::CommandError;
use crate::model::ids::{DomainName, EnvironmentName};

/// Says that the options left out what there is: `No issues.` would be read as all clear.
pub(super) fn nothing_matches(all: usize, resolved: bool) -> String {
    let are = if all == 1 { "is" } else { "are" };
    let state = if resolved { "resolved" } else { "open" };
    format!("No issue matches; {all} {are} {state} in all.\n")
}

/// Says that nobody has looked yet, where that is so.
pub(super) fn nothing_observed(
    records: Records<'_>,
    store: IssueStore<'_>,
) -> Result<Option<String>, CommandError> {
    let is_new = records.all_latest().is_empty() && records.all_domains().is_empty();
    let said = "No issues are known, and no run has observed anything yet: `fractary run` does.\n";
    Ok((is_new && store.resolved()?.is_empty()).then(|| said.to_owned()))
}

/// Refuses a domain that nothing watches and no issue was ever in: a slip of the pen would be read as
/// a domain without issues.
pub(super) fn expect_domain(
    domain: &DomainName,
    settings: Settings<'_>,
    store: IssueStore<'_>,
) -> Result<(), CommandError> {
    if settings.monitor(domain).is_some() || settings.domain()? == *domain {
        return Ok(());
    }
    let resolved = store.resolved()?.values().map(|document| &document.value);
    let mut issues = store.active().chain(resolved);
    match issues.any(|issue| &issue.domain == domain) {
        true => Ok(()),
        false => Err(settings.unknown_domain(domain)?),
    }
}

/// The environment that is listed; `None` for all of them.
pub(super) fn environment(
    app: &App,
    settings: Settings<'_>,
    store: IssueStore<'_>,
) -> Result<Option<EnvironmentName>, CommandError> {
    let name = match app.global.env.as_slice() {
        [] => return Ok(None),
        [one] => one,
        _ => {
            return Err(CommandError::usage(
                "`issues` lists one environment, or all of them without `--env`",
            ));
        }
    };
    let resolved = store.resolved()?.values().map(|document| &document.value);
    let mut issues = store.active().chain(resolved);
    // One that is gone may have left issues; any other is a slip of the pen.
    if !issues.any(|issue| &issue.environment == name) {
        settings.environment(name)?;
    }
    Ok(Some(name.clone()))
}
