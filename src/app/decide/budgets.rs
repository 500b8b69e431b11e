//! Error budgets: what was counted, what is added to it, and where it lies.

use std::collections::BTreeMap;

use crate::app::workspace::load::Loaded;
use crate::core::budget::{self, BudgetInput, Budgets};
use crate::core::targets::HealthSettings;
use crate::git::Transaction;
use crate::model::ids::EnvironmentName;
use crate::model::slo_budgets::SloBudgets;
use crate::model::snapshot::Snapshot;
use crate::state;
use crate::state::documents::paths;

/// Counts what was observed.
pub(crate) fn account(loaded: &Loaded, snapshot: &Snapshot, settings: &HealthSettings) -> Budgets {
    budget::account(&BudgetInput {
        snapshot,
        catalog: &loaded.catalog,
        settings,
        stored: loaded.stored_budgets(&snapshot.environment),
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
