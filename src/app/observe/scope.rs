//! What is observed: which environments, which of their resources, and which span of time.

use jiff::Timestamp;

use crate::app::App;
use crate::app::workspace::environment;
use crate::app::workspace::load::Loaded;
use crate::core::window::WindowSettings;
use crate::core::{registry, window};
use crate::error::CommandError;
use crate::model::environments::Environment;
use crate::model::ids::EnvironmentName;
use crate::model::resource::Resource;
use crate::model::window::Window;

/// The environments that are run: all that are monitored, or the chosen ones.
pub(crate) fn names(
    app: &App,
    loaded: &Loaded,
    all: bool,
) -> Result<Vec<EnvironmentName>, CommandError> {
    let names = if all {
        loaded.monitored()
    } else {
        loaded.chosen(app)?
    };
    if names.is_empty() {
        return Err(CommandError::usage("no environment is monitored")
            .hint(
                "list them as `environments` of [helm-cloud] in .fractary/plugins/helm-cloud/config/monitoring.toml",
            ));
    }
    Ok(names)
}

/// Resources that are named where one was not found.
const NAMES_LISTED: usize = 12;

/// The registered resources, narrowed to those whose name, id or ARN is `only`.
pub(crate) fn resources(
    loaded: &Loaded,
    environment: &Environment,
    only: Option<&str>,
) -> Result<Vec<Resource>, CommandError> {
    let Some(document) = loaded.state.registries.get(&environment.name) else {
        return Ok(Vec::new());
    };
    let environment = environment::completed(loaded, environment);
    let all = registry::resources(&document.value, &environment, &loaded.catalog);
    let Some(wanted) = only else { return Ok(all) };
    let mut names: Vec<String> = all
        .iter()
        .take(NAMES_LISTED)
        .map(|resource| resource.name.terminal())
        .collect();
    if let Some(more) = all.len().checked_sub(NAMES_LISTED).filter(|more| *more > 0) {
        names.push(format!("and {more} more"));
    }
    let found: Vec<Resource> = all
        .into_iter()
        .filter(|resource| {
            resource.name.raw() == wanted
                || resource.aws_id.raw() == wanted
                || resource.arn.as_str() == wanted
        })
        .collect();
    if found.is_empty() {
        return Err(CommandError::usage(format!(
            "no resource `{}` in the registry of `{}`",
            crate::text::escape::terminal(wanted),
            environment.name
        ))
        .hint(format!("resources there are: {}", names.join(", "))));
    }
    Ok(found)
}

/// The span that a run at this time judges.
pub(crate) fn window(
    loaded: &Loaded,
    name: &EnvironmentName,
    now: Timestamp,
) -> Result<Window, CommandError> {
    Ok(window::choose(
        now,
        &WindowSettings::resolve(&loaded.monitoring),
        loaded.last_window_end(name, now)?,
    ))
}
