//! Which objective an indicator has, and over how many days.

use crate::catalog::kinds::kind::{Kind, SliDefinition};
use crate::core::targets::{HealthSettings, limits, slo_tables};
use crate::model::monitoring::{DurationText, WhenNoData};
use crate::model::report::Better;
use crate::model::resource::Resource;
use crate::model::slo_budgets::DAY;

const DEFAULT_DAYS: u32 = 30;

/// Parts that an objective is counted in: a billion of them are all events.
pub(super) const PARTS: u64 = 1_000_000_000;

/// What is promised of one indicator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// What share of events is to be good, 0–100.
    pub percent: f64,
    /// Of a billion events, how many may be bad; at least 1.
    pub allowed: u64,
    /// Days that this is promised for.
    pub window_days: u32,
    /// What time without data means.
    pub when_no_data: WhenNoData,
}

impl Objective {
    /// `None` where nothing may fail, or everything: that is no budget.
    pub(super) fn new(percent: f64, window_days: u32, when_no_data: WhenNoData) -> Option<Self> {
        let inside = percent > 0.0 && percent < 100.0;
        let allowed = ((100.0 - percent) / 100.0 * PARTS as f64).round() as u64;
        (inside && allowed > 0).then_some(Self {
            percent,
            allowed,
            window_days,
            when_no_data,
        })
    }
}

/// The objective of an indicator on a resource: what is configured, from the resource to the
/// kind, else what its target means: an error rate of at most 0.1 % is 99.9 % good events.
/// `None` where it has no budget.
pub(super) fn objective(
    settings: &HealthSettings,
    kind: &Kind,
    resource: &Resource,
    sli: &SliDefinition,
) -> Option<Objective> {
    let target = limits(settings, kind, resource, sli)?.target;
    let mut percent = None;
    let mut window = None;
    let mut when_no_data = None;
    let tables = slo_tables(&settings.slos, kind, resource);
    for configured in tables.into_iter().flatten().filter_map(|t| t.get(&sli.id)) {
        percent = percent.or(configured.objective);
        window = window.or(configured.window);
        when_no_data = when_no_data.or(configured.when_no_data);
    }
    let scale = match sli.unit.as_str() {
        "percent" => 1.0,
        "ratio" => 100.0,
        _ => return None,
    };
    let from_target = match sli.better {
        Better::Lower => 100.0 - target * scale,
        Better::Higher => target * scale,
    };
    let percent = percent.unwrap_or(from_target);
    // Without the noise of binary fractions: 100 - 0.1 is 99.9.
    let percent = (percent * 1e7).round() / 1e7;
    Objective::new(
        percent,
        days(window.or(settings.slos.window)),
        when_no_data
            .or(settings.slos.when_no_data)
            .unwrap_or_default(),
    )
}

fn days(window: Option<DurationText>) -> u32 {
    window.map_or(DEFAULT_DAYS, |window| {
        let days = window.seconds / DAY.unsigned_abs();
        u32::try_from(days)
            .unwrap_or(super::LONGEST_DAYS)
            .clamp(1, super::LONGEST_DAYS)
    })
}
