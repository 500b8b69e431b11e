//! What `fractary dashboard` shows where the command line leaves it open.

use crate::app::App;
use crate::app::formats::PageFormat;
use crate::app::workspace::views::settings::Settings;
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::text::escape;

/// What is asked for, else what helm.toml says, else the command's own.
pub(super) fn configured(
    settings: Settings<'_>,
    own: PageFormat,
) -> Result<PageFormat, CommandError> {
    let Some(name) = settings.helm.dashboard.default_output.as_deref() else {
        return Ok(own);
    };
    PageFormat::parse(name).ok_or_else(|| {
        CommandError::usage(format!(
            "`default_output` in helm.toml is `{}`, which is not a format",
            escape::terminal(name)
        ))
        .hint(format!("available formats: {}", PageFormat::names()))
    })
}

/// The environment that is shown; `None` for all of them.
pub(super) fn environment(
    app: &App,
    settings: Settings<'_>,
) -> Result<Option<EnvironmentName>, CommandError> {
    let name = match app.global.env.as_slice() {
        [] => settings.helm.dashboard.default_environment.clone(),
        [one] => Some(one.clone()),
        _ => {
            return Err(CommandError::usage(
                "`dashboard` shows one environment, or all of them without `--env`",
            ));
        }
    };
    settings.choose_or_all(name.as_slice())?;
    Ok(name)
}
