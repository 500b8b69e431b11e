//! The past of error budgets that are new: what was counted before anybody looked.

use crate::app::observe::connect::Connection;
use crate::app::occasion::Occasion;
use crate::app::workspace::views::Scope;
use crate::cloud::question::ObserveQuestion;
use crate::core::budget;
use crate::model::monitoring::EnabledCheck;
use crate::model::snapshot::Snapshot;

/// Reads the past of error budgets that are new, once: their days in hours. Only `run` does,
/// since only it keeps what it read.
pub(super) async fn read(
    connection: &Connection,
    scope: &Scope<'_>,
    question: &ObserveQuestion,
    occasion: Occasion,
) -> Vec<Snapshot> {
    let settings = scope.settings.health();
    let wanted = settings.slos.back_fill.unwrap_or(true)
        && occasion == Occasion::Run
        && settings.enabled(EnabledCheck::CloudwatchMetrics);
    if !wanted {
        return Vec::new();
    }
    let stored = scope.records.budgets(&question.environment);
    let (resources, days) = budget::lacking_past(
        &question.resources,
        &settings,
        scope.registries.catalog,
        stored.map(|document| &document.value),
        question.window,
    );
    if resources.is_empty() {
        return Vec::new();
    }
    let Some(window) = budget::back_fill_span(question.window, question.read_from, days) else {
        return Vec::new();
    };
    let past = ObserveQuestion {
        resources,
        window,
        read_from: window.start,
        checks: vec![EnabledCheck::CloudwatchMetrics],
        ..question.clone()
    };
    vec![connection.cloud.observe(&past).await]
}
