//! Error budgets: what was counted, what is added to it, and where it lies.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::observe::connect::Connection;
use crate::app::occasion::Occasion;
use crate::app::workspace::load::Loaded;
use crate::cloud::ObserveRequest;
use crate::core::budget::{self, BudgetInput, Budgets};
use crate::core::targets::HealthSettings;
use crate::git::Transaction;
use crate::model::ids::EnvironmentName;
use crate::model::monitoring::EnabledCheck;
use crate::model::resource::Resource;
use crate::model::slo_budgets::SloBudgets;
use crate::model::snapshot::{Identity, Snapshot};
use crate::model::window::Window;
use crate::state;
use crate::state::documents::paths;

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
    loaded: &Loaded,
    name: &EnvironmentName,
    past: &Past<'_>,
) -> Vec<Snapshot> {
    let settings = HealthSettings::resolve(&loaded.monitoring);
    let wanted = settings.slos.back_fill.unwrap_or(true)
        && past.occasion == Occasion::Run
        && settings.enabled(EnabledCheck::CloudwatchMetrics);
    if !wanted {
        return Vec::new();
    }
    let (resources, days) = budget::lacking_past(
        past.resources,
        &settings,
        &loaded.catalog,
        stored(loaded, name),
        past.window,
    );
    if resources.is_empty() {
        return Vec::new();
    }
    let Some(window) = budget::back_fill_span(past.window, past.read_from, days) else {
        return Vec::new();
    };
    let request = ObserveRequest {
        environment: name.clone(),
        resources,
        window,
        read_from: window.start,
        checks: vec![EnabledCheck::CloudwatchMetrics],
        identity: past.identity.clone(),
    };
    vec![connection.cloud.observe(&request).await]
}

/// From when on the metrics of a run with this window are read.
pub(crate) fn read_from(loaded: &Loaded, name: &EnvironmentName, window: Window) -> Timestamp {
    budget::read_from(window, stored(loaded, name))
}

fn stored<'a>(loaded: &'a Loaded, name: &EnvironmentName) -> Option<&'a SloBudgets> {
    loaded
        .state
        .budgets
        .get(name)
        .map(|document| &document.value)
}

/// Counts what was observed.
pub(crate) fn account(loaded: &Loaded, snapshot: &Snapshot, settings: &HealthSettings) -> Budgets {
    budget::account(&BudgetInput {
        snapshot,
        catalog: &loaded.catalog,
        settings,
        stored: stored(loaded, &snapshot.environment),
    })
}

/// What was counted, by environment, as it is in the repository.
pub(crate) fn values(loaded: &Loaded) -> BTreeMap<EnvironmentName, SloBudgets> {
    let documents = loaded.state.budgets.iter();
    documents
        .map(|(name, document)| (name.clone(), document.value.clone()))
        .collect()
}

/// Writes what is counted now. An environment without any error budget has no such file.
pub(crate) fn write(
    loaded: &Loaded,
    name: &EnvironmentName,
    budgets: &SloBudgets,
    transaction: &mut Transaction,
) {
    let document = loaded.state.budgets.get(name);
    if budgets.series.is_empty() && document.is_none() {
        return;
    }
    let bytes = document.map_or_else(
        || state::to_bytes(budgets),
        |doc| doc.updated_numbers(budgets),
    );
    transaction.write(paths::slo_budgets(name), bytes);
}
