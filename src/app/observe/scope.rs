//! What is observed: which environments, which of their resources, and which span of time.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::app::workspace::views::Scope;
use crate::app::workspace::views::settings::Settings;
use crate::core::window::WindowSettings;
use crate::core::{budget, window};
use crate::error::CommandError;
use crate::model::environments::Environment;
use crate::model::ids::EnvironmentName;
use crate::model::resource::Resource;
use crate::model::window::Window;
use crate::text::escape;
use crate::text::similar::nearest;

/// Resources that are named where one was not found.
const NAMES_LISTED: usize = 12;

/// Returns the environments that are run: all that are monitored, or the chosen ones of those
/// given.
pub(crate) fn environments_to_run(
    settings: Settings<'_>,
    given: &[EnvironmentName],
    all: bool,
) -> Result<Vec<EnvironmentName>, CommandError> {
    let names = if all {
        settings.monitored()
    } else {
        settings.choose(given)?
    };
    if names.is_empty() {
        return Err(CommandError::usage("no environment is monitored")
            .hint(
                "list them as `environments` of [helm-cloud] in .fractary/plugins/helm-cloud/config/monitoring.toml",
            ));
    }
    Ok(names)
}

impl Scope<'_> {
    /// Returns the registered resources, narrowed to those whose name, id or ARN is `only`.
    pub(crate) fn resources(
        &self,
        environment: &Environment,
        only: Option<&str>,
    ) -> Result<Vec<Resource>, CommandError> {
        let all = self.registries.resources(environment);
        match only {
            Some(wanted) if self.registries.get(&environment.name).is_some() => {
                named(&all, wanted, &environment.name)
            }
            _ => Ok(all),
        }
    }

    /// Returns the span that a run at this time judges.
    pub(crate) fn window(
        &self,
        name: &EnvironmentName,
        now: Timestamp,
    ) -> Result<Window, CommandError> {
        Ok(window::choose(
            now,
            &WindowSettings::resolve(self.settings.monitoring),
            self.records.last_window_end(name, now)?,
        ))
    }

    /// Returns from when on the metrics of a run with this window are read.
    pub(crate) fn read_from(&self, name: &EnvironmentName, window: Window) -> Timestamp {
        let budgets = self.records.budgets(name);
        budget::read_from(window, budgets.map(|document| &document.value))
    }
}

/// The resources of a registry that have this name, id or ARN; an error where none has.
pub(crate) fn named(
    all: &[Resource],
    wanted: &str,
    environment: &EnvironmentName,
) -> Result<Vec<Resource>, CommandError> {
    let is_wanted = |resource: &&Resource| {
        resource.name.raw() == wanted
            || resource.aws_id.raw() == wanted
            || resource.arn.as_str() == wanted
    };
    let found: Vec<Resource> = all.iter().filter(is_wanted).cloned().collect();
    if found.is_empty() {
        return Err(CommandError::usage(format!(
            "no resource `{}` in the registry of `{environment}`",
            escape::terminal(wanted)
        ))
        .hint(available(all, wanted)));
    }
    Ok(found)
}

/// The resources that can be named, each name once, and the nearest to what was written.
fn available(all: &[Resource], wanted: &str) -> String {
    if all.is_empty() {
        return "none is registered; `fractary adopt` registers what is deployed".to_owned();
    }
    let mut known = BTreeSet::new();
    let names = all.iter().map(|resource| resource.name.terminal());
    let mut names: Vec<String> = names.filter(|name| known.insert(name.clone())).collect();
    let near = nearest(wanted, names.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let more = names.len().saturating_sub(NAMES_LISTED);
    names.truncate(NAMES_LISTED);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    format!("{near}available resources: {}", names.join(", "))
}
