//! Observing: everything that a command asks of the world outside the repository.

pub(crate) mod audit;
pub(crate) mod back_fill;
pub(crate) mod bundles;
pub(crate) mod connect;
pub(crate) mod environments;
pub(crate) mod monitors;
pub(crate) mod scope;
pub(crate) mod shard;

use crate::app::App;
use crate::app::decide::Observation;
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::wait;
use crate::app::workspace::views::Scope;
use crate::error::CommandError;
use crate::model::domain_health::MonitorAnswer;
use crate::model::ids::{DomainName, EnvironmentName};

/// Observes environments and, where this is the scheduled job, asks the monitors of their
/// domains at the same time.
pub(crate) fn observe(
    app: &App,
    scope: &Scope<'_>,
    names: &[EnvironmentName],
    occasion: Occasion,
    only: Only<'_>,
) -> Result<Observation, CommandError> {
    if occasion == Occasion::Run && matches!(only, Only::Everything) {
        return observe_with_monitors(app, scope, names, occasion, None);
    }
    Ok(Observation {
        snapshots: environments::observe_all(app, scope, names, occasion, only)?,
        ..Observation::default()
    })
}

/// Observes environments and asks the monitors of their domains, or of one, at the same time;
/// in the scheduled job, reads also what is due for an audit.
pub(crate) fn observe_with_monitors(
    app: &App,
    scope: &Scope<'_>,
    names: &[EnvironmentName],
    occasion: Occasion,
    domain: Option<&DomainName>,
) -> Result<Observation, CommandError> {
    let due = match occasion {
        Occasion::Run => audit::next(app, scope, names),
        Occasion::Look | Occasion::Audit | Occasion::Kpi => None,
    };
    let all = async {
        futures_util::future::try_join3(
            environments::observe_each(app, scope, names, occasion, Only::Everything),
            monitors::ask_all(app, scope, names, domain),
            audit::read_due(app, scope, due.as_ref()),
        )
        .await
    };
    let (snapshots, answers, audits) = wait::wait_for(app, &environments::describe(names), all)?;
    Ok(Observation {
        snapshots,
        answers,
        audits,
        kpis: Vec::new(),
    })
}

/// Asks the monitors of these environments, where the cloud was observed elsewhere.
pub(crate) fn ask_monitors(
    app: &App,
    scope: &Scope<'_>,
    names: &[EnvironmentName],
) -> Result<Vec<MonitorAnswer>, CommandError> {
    if monitors::list_asks(scope, names, None)?.is_empty() {
        return Ok(Vec::new());
    }
    let asked = monitors::ask_all(app, scope, names, None);
    wait::wait_for(app, "asking the monitors", asked)
}
