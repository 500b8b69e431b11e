//! Observing: everything that a command asks of the world outside the repository.

pub(crate) mod back_fill;
pub(crate) mod bundles;
pub(crate) mod connect;
pub(crate) mod environments;
pub(crate) mod monitors;
pub(crate) mod scope;
pub(crate) mod shard;

use crate::app::App;
use crate::app::occasion::Occasion;
use crate::app::wait;
use crate::app::workspace::load::Loaded;
use crate::error::CommandError;
use crate::model::domain_health::MonitorAnswer;
use crate::model::ids::EnvironmentName;
use crate::model::snapshot::Snapshot;

/// Observes environments and, where this is the scheduled job, asks the monitors of
/// their domains at the same time.
pub(crate) fn observe(
    app: &App,
    loaded: &Loaded,
    names: &[EnvironmentName],
    occasion: Occasion,
    only: Option<&str>,
) -> Result<(Vec<Snapshot>, Vec<MonitorAnswer>), CommandError> {
    if occasion != Occasion::Run || only.is_some() {
        return Ok((
            environments::all(app, loaded, names, occasion, only)?,
            Vec::new(),
        ));
    }
    let both = async {
        futures_util::future::try_join(
            environments::each(app, loaded, names, occasion, only),
            monitors::ask_all(app, loaded, names, None),
        )
        .await
    };
    wait::wait_for(app, &environments::observing(names), both)
}

/// Asks the monitors of these environments, where the cloud was observed elsewhere.
pub(crate) fn answers(
    app: &App,
    loaded: &Loaded,
    names: &[EnvironmentName],
) -> Result<Vec<MonitorAnswer>, CommandError> {
    if monitors::to_ask(loaded, names, None)?.is_empty() {
        return Ok(Vec::new());
    }
    let asked = monitors::ask_all(app, loaded, names, None);
    wait::wait_for(app, "asking the monitors", asked)
}
