//! What is normal for a metric, and how far from it a value is.

use super::{Measure, MetricValues};

/// The values from which a baseline is trusted.
pub(super) const HISTORY: usize = 20;

/// The usual value and how much it varies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Baseline {
    pub(super) usual: f64,
    pub(super) spread: f64,
}

/// The direction that is bad.
pub(super) fn worse(measure: Measure) -> f64 {
    match measure {
        Measure::Availability => -1.0,
        Measure::Latency | Measure::Requests => 1.0,
    }
}

/// What one unit is in seconds or requests.
pub(super) fn unit(measure: Measure) -> f64 {
    match measure {
        Measure::Availability => 0.01,
        Measure::Latency | Measure::Requests => 1.0,
    }
}

/// Variation that means nothing: a share of the usual value, and an absolute part.
fn floor(measure: Measure) -> (f64, f64) {
    match measure {
        Measure::Availability => (0.0, 0.2),
        Measure::Latency | Measure::Requests => (0.02, 0.0),
    }
}

/// Returns what is normal, from values of a time when nothing was wrong. Without any, success is
/// taken to be 100 %, and nothing else is assumed.
pub(super) fn learn(past: &[Option<f64>], measure: Measure) -> Option<Baseline> {
    let mut values: Vec<f64> = past.iter().flatten().copied().collect();
    values.sort_by(f64::total_cmp);
    let (share, least) = floor(measure);
    let (usual, spread) = if values.len() >= HISTORY {
        let (low, high) = (quantile(&values, 0.02), quantile(&values, 0.98));
        let clipped: Vec<f64> = values.iter().map(|value| value.clamp(low, high)).collect();
        let middle = (quantile(&values, 0.75) - quantile(&values, 0.25)) / 1.349;
        (quantile(&values, 0.5), middle.max(deviation(&clipped)))
    } else if !values.is_empty() {
        (quantile(&values, 0.5), deviation(&values))
    } else if measure == Measure::Availability {
        (100.0, 0.0)
    } else {
        return None;
    };
    Some(Baseline {
        usual,
        spread: spread.max(share * usual.abs()).max(least),
    })
}

/// The variation that a share of so few requests has by chance alone, in percent: the standard
/// deviation of a binomial share with at least one failure in a hundred expected.
pub(super) fn chance(usual: f64, requests: f64) -> f64 {
    let failing = ((100.0 - usual) / 100.0).clamp(0.01, 0.99);
    100.0 * (failing * (1.0 - failing) / requests.max(1.0)).sqrt()
}

/// The number of values of a series that are known.
pub(super) fn known(values: &MetricValues) -> usize {
    values.iter().flatten().count()
}

/// The quantile of sorted values, interpolated.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * (place - low as f64)
}

fn deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / values.len() as f64)
        .sqrt()
}
