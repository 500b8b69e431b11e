//! How costs stand, in the words of health.

use crate::model::cost_report::{CostReport, LimitState};
use crate::model::status::Status;

/// Returns how the costs of an environment stand: UNHEALTHY above a budget, DEGRADED where one is
/// going to be passed or something costs far more than usual, UNKNOWN where the bill is.
pub fn status(report: &CostReport) -> Status {
    let Some(spending) = &report.spending else {
        return Status::Unknown;
    };
    let limits = || spending.budgets.iter().map(|limit| limit.state);
    let has_spike = spending.spikes.iter().any(|spike| spike.usual.is_some());
    if limits().any(|state| state == LimitState::Above) {
        Status::Unhealthy
    } else if has_spike || limits().any(|state| state == LimitState::ExpectedAbove) {
        Status::Degraded
    } else {
        Status::Healthy
    }
}
