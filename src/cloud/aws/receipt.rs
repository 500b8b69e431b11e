//! What the calls cost: counters, and a dated price list.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;

use crate::cloud::aws::clock::Clocks;
use crate::model::receipt::Receipt;

/// Counters of one process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Meter {
    by_operation: BTreeMap<String, u64>,
    retries: u64,
    pub(crate) refused: u64,
    pub(crate) metrics_requested: u64,
    /// Bytes that queries of Logs Insights scanned.
    pub(crate) scanned_bytes: u64,
    pub(crate) spent: Duration,
    /// Operations to which the provider answered that there were too many requests.
    pub(crate) throttled: BTreeSet<String>,
    /// The clocks, as of the first answer.
    pub(crate) clocks: Option<Clocks>,
}

impl Meter {
    /// Counts one request that leaves the process.
    pub(crate) fn sent(&mut self, operation: &str, is_retry: bool) {
        *self.by_operation.entry(operation.to_owned()).or_default() += 1;
        self.retries += u64::from(is_retry);
    }

    /// The receipt at these prices.
    pub(crate) fn receipt(&self, prices: &Prices) -> Receipt {
        Receipt {
            calls: self.by_operation.values().sum(),
            by_operation: self.by_operation.clone(),
            retries: self.retries,
            refused: self.refused,
            metrics_requested: self.metrics_requested,
            estimated_cost_usd: prices.estimate(self),
            price_date: prices.date.clone(),
            duration_ms: u64::try_from(self.spent.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// A dated price list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Its date, `YYYY-MM-DD`.
    pub date: String,
    metric: MetricPrice,
    insights: ScanPrice,
    requests: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricPrice {
    usd_per_1000: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScanPrice {
    usd_per_gb: f64,
}

impl Prices {
    /// The list that is built in.
    pub fn built_in() -> Self {
        toml::from_str(include_str!("prices.toml"))
            .expect("the embedded price list is read by a test")
    }

    /// What Logs Insights charges for scanning so many bytes, in US dollars.
    pub fn insights_usd(&self, bytes: u64) -> f64 {
        self.insights.usd_per_gb * bytes as f64 / 1e9
    }

    /// US dollars, rounded to a millionth of one.
    fn estimate(&self, meter: &Meter) -> f64 {
        let requests: f64 = meter
            .by_operation
            .iter()
            .filter_map(|(operation, calls)| Some(self.requests.get(operation)? * *calls as f64))
            .sum();
        let metrics = self.metric.usd_per_1000 * meter.metrics_requested as f64;
        let scanned = self.insights_usd(meter.scanned_bytes);
        (((requests + metrics) / 1_000.0 + scanned) * 1e6).round() / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_list_is_readable_and_dated() {
        let prices = Prices::built_in();
        assert!(prices.date.parse::<jiff::civil::Date>().is_ok());
    }

    #[test]
    fn what_is_billed_is_estimated() {
        let mut meter = Meter {
            metrics_requested: 7_000,
            scanned_bytes: 2_000_000_000,
            ..Meter::default()
        };
        for _ in 0..14 {
            meter.sent("cloudwatch:GetMetricData", false);
        }
        for _ in 0..10 {
            meter.sent("cloudwatch:DescribeAlarms", false);
        }
        meter.sent("lambda:ListFunctions", false);
        meter.sent("lambda:ListFunctions", true);
        let receipt = meter.receipt(&Prices::built_in());
        assert_eq!(receipt.calls, 26);
        assert_eq!(receipt.retries, 1);
        assert_eq!(receipt.estimated_cost_usd, 0.0801);
        assert_eq!(receipt.by_operation["lambda:ListFunctions"], 2);
    }
}
