//! The past of error budgets that are new: what was counted before anybody looked.

use jiff::Timestamp;

use crate::app::observe::connect::Connection;
use crate::app::occasion::Occasion;
use crate::app::workspace::views::Scope;
use crate::cloud::question::ObserveQuestion;
use crate::core::budget;
use crate::model::ids::EnvironmentName;
use crate::model::monitoring::EnabledCheck;
use crate::model::resource::Resource;
use crate::model::snapshot::{Identity, Snapshot};
use crate::model::window::Window;

/// What the past is asked for with.
pub(crate) struct Past<'a> {
    /// The resources that are observed.
    pub(crate) resources: &'a [Resource],
    /// The span that is observed.
    pub(crate) window: Window,
    /// From when on its metrics are read anyway.
    pub(crate) read_from: Timestamp,
    /// Who asks.
    pub(crate) identity: &'a Identity,
    /// Only `run` reads the past, since only it keeps what it read.
    pub(crate) occasion: Occasion,
}

/// Reads the past of error budgets that are new, once: their days in hours.
pub(crate) async fn back_fill(
    connection: &Connection,
    scope: &Scope<'_>,
    name: &EnvironmentName,
    past: &Past<'_>,
) -> Vec<Snapshot> {
    let settings = scope.settings.health();
    let wanted = settings.slos.back_fill.unwrap_or(true)
        && past.occasion == Occasion::Run
        && settings.enabled(EnabledCheck::CloudwatchMetrics);
    if !wanted {
        return Vec::new();
    }
    let stored = scope.records.budgets(name);
    let (resources, days) = budget::lacking_past(
        past.resources,
        &settings,
        scope.registries.catalog,
        stored.map(|document| &document.value),
        past.window,
    );
    if resources.is_empty() {
        return Vec::new();
    }
    let Some(window) = budget::back_fill_span(past.window, past.read_from, days) else {
        return Vec::new();
    };
    let request = ObserveQuestion {
        environment: name.clone(),
        resources,
        window,
        read_from: window.start,
        checks: vec![EnabledCheck::CloudwatchMetrics],
        identity: past.identity.clone(),
    };
    vec![connection.cloud.observe(&request).await]
}
