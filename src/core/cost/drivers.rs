//! Who causes the costs: services with their usage types, tags, and what is on the bill beside usage.

use std::collections::BTreeMap;

use crate::core::cost::days::CostWindows;
use crate::core::cost::services;
use crate::model::cost::{CostDays, CostMetric, NOT_USAGE, SpendGroup, SpendTable};
use crate::model::cost_report::{CostAdjustment, CostDriver, TagShare, UsageShare};
use crate::text::Untrusted;

/// Usage types that are listed for a service.
const USAGE_TYPES_LISTED: usize = 3;
/// Services that are listed for an adjustment.
const SERVICES_LISTED: usize = 5;
/// Amounts below this are nothing to compare with.
const CENT: f64 = 0.01;

/// Returns the sum over some days.
pub(super) fn sum(
    table: &SpendTable,
    group: &SpendGroup,
    metric: CostMetric,
    days: CostDays,
) -> f64 {
    let amounts = group.amounts(metric);
    let each = table.days.iter().zip(amounts);
    let inside = each.filter(|(day, _)| *day >= days.start && *day < days.end);
    inside.map(|(_, amount)| amount).sum()
}

/// Returns the groups that are usage: services, without support and tax.
pub(super) fn usage(table: &SpendTable) -> impl Iterator<Item = &SpendGroup> {
    let is_usage = |group: &&SpendGroup| {
        let service = group.keys.first().map(Untrusted::raw);
        service.is_none_or(|service| services::adjustment(service).is_none())
    };
    table.groups.iter().filter(is_usage)
}

/// Decides what amounts are made of: where reservations or Savings Plans exist, what was charged
/// on a day says little about what was used on it.
pub(super) fn choose_metric(records: Option<&SpendTable>) -> CostMetric {
    let is_committed = |group: &SpendGroup| {
        let record = group.keys.get(1).map_or("", Untrusted::raw);
        let words = ["SavingsPlan", "DiscountedUsage", "RIFee", "reservation"];
        words.iter().any(|word| record.contains(word))
    };
    let committed = records.is_some_and(|table| table.groups.iter().any(is_committed));
    match committed {
        true => CostMetric::NetAmortized,
        false => CostMetric::Unblended,
    }
}

/// Returns what is on the bill beside usage, by type of record, largest amounts first.
pub(super) fn adjustments(
    usage: &SpendTable,
    records: Option<&SpendTable>,
    metric: CostMetric,
    days: CostDays,
) -> Vec<CostAdjustment> {
    let mut by_type: BTreeMap<&str, BTreeMap<&Untrusted, f64>> = BTreeMap::new();
    // Support comes as a service of its own, whatever its records are called.
    for (table, has_types) in [(Some(usage), false), (records, true)] {
        for (table, group) in table
            .into_iter()
            .flat_map(|table| table.groups.iter().map(move |group| (table, group)))
        {
            let Some(service) = group.keys.first() else {
                continue;
            };
            let record = group.keys.get(1).map_or("", Untrusted::raw);
            let by_service = services::adjustment(service.raw());
            let found = match has_types {
                false => by_service,
                true => NOT_USAGE.into_iter().find(|known| record == *known),
            };
            // What the table of usage says already is not said again.
            if has_types && found.is_some_and(|found| by_service == Some(found)) && {
                let mut same = usage.groups.iter();
                same.any(|other| other.keys.first() == Some(service))
            } {
                continue;
            }
            if let Some(found) = found {
                let services = by_type.entry(found).or_default();
                *services.entry(service).or_default() += sum(table, group, metric, days);
            }
        }
    }
    let mut all: Vec<CostAdjustment> = by_type.into_iter().filter_map(adjustment).collect();
    all.sort_by(|a, b| b.amount.abs().total_cmp(&a.amount.abs()));
    all
}

fn adjustment((record, services): (&str, BTreeMap<&Untrusted, f64>)) -> Option<CostAdjustment> {
    let amount: f64 = services.values().sum();
    let mut services: Vec<(&Untrusted, f64)> = services.into_iter().collect();
    services.retain(|(_, amount)| amount.abs() >= CENT);
    services.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    (!services.is_empty()).then(|| CostAdjustment {
        record_type: Untrusted::from(record),
        amount: round(amount),
        services: services
            .into_iter()
            .take(SERVICES_LISTED)
            .map(|(service, _)| service.clone())
            .collect(),
    })
}

/// Returns the services, those that cost most first. `resource_of` names the one
/// resource that the service, by its name on the bill, is for.
pub(super) fn drivers(
    table: &SpendTable,
    records: Option<&SpendTable>,
    metric: CostMetric,
    windows: &CostWindows,
    resource_of: &dyn Fn(&str) -> Option<Untrusted>,
) -> Vec<CostDriver> {
    let mut by_service: BTreeMap<&Untrusted, Vec<&SpendGroup>> = BTreeMap::new();
    for group in usage(table) {
        if let Some(service) = group.keys.first() {
            by_service.entry(service).or_default().push(group);
        }
    }
    let total: f64 = usage(table)
        .map(|group| sum(table, group, metric, windows.current))
        .sum();
    let mut drivers: Vec<CostDriver> = by_service
        .into_iter()
        .map(|(service, groups)| {
            let in_days = |days| -> f64 {
                groups
                    .iter()
                    .map(|group| sum(table, group, metric, days))
                    .sum()
            };
            let (amount, previous) = (in_days(windows.current), in_days(windows.previous));
            let change = (amount - previous) / previous * 100.0;
            CostDriver {
                service: Untrusted::from(services::label(service.raw())),
                billed_as: service.clone(),
                resource: resource_of(service.raw()),
                amount: round(amount),
                share_percent: share(amount, total),
                previous_amount: round(previous),
                change_percent: (previous >= CENT).then(|| round(change)),
                credits: round(credits(records, service, metric, windows.current)),
                usage_types: usage_types(table, &groups, metric, windows.current),
            }
        })
        .filter(|driver| driver.amount.abs() >= CENT / 2.0 || driver.previous_amount >= CENT)
        .collect();
    drivers.sort_by(|a, b| {
        b.amount
            .total_cmp(&a.amount)
            .then_with(|| a.billed_as.cmp(&b.billed_as))
    });
    drivers
}

fn credits(
    records: Option<&SpendTable>,
    service: &Untrusted,
    metric: CostMetric,
    days: CostDays,
) -> f64 {
    let Some(table) = records else {
        return 0.0;
    };
    let is_credit = |group: &&SpendGroup| {
        group.keys.first() == Some(service)
            && group.keys.get(1).is_some_and(|key| key.raw() == "Credit")
    };
    let groups = table.groups.iter().filter(is_credit);
    groups.map(|group| sum(table, group, metric, days)).sum()
}

fn usage_types(
    table: &SpendTable,
    groups: &[&SpendGroup],
    metric: CostMetric,
    days: CostDays,
) -> Vec<UsageShare> {
    let used = |group: &SpendGroup| -> f64 {
        let each = table.days.iter().zip(&group.usage);
        let inside = each.filter(|(day, _)| *day >= days.start && *day < days.end);
        inside.map(|(_, used)| used).sum()
    };
    let mut all: Vec<UsageShare> = groups
        .iter()
        .map(|group| UsageShare {
            usage_type: group.keys.get(1).cloned().unwrap_or_default(),
            amount: round(sum(table, group, metric, days)),
            usage: round(used(group)),
            unit: group.usage_unit.clone(),
        })
        .filter(|share| share.amount.abs() >= CENT)
        .collect();
    all.sort_by(|a, b| b.amount.total_cmp(&a.amount));
    all.truncate(USAGE_TYPES_LISTED);
    all
}

/// Returns the values of a tag, those that cost most first. Cost Explorer writes `team$orders`.
pub(super) fn by_tag(table: &SpendTable, metric: CostMetric, days: CostDays) -> Vec<TagShare> {
    let mut by_value: BTreeMap<&str, f64> = BTreeMap::new();
    for group in usage_of_tag(table) {
        let key = group.keys.first().map_or("", Untrusted::raw);
        let value = key.split_once('$').map_or(key, |(_, value)| value);
        *by_value.entry(value).or_default() += sum(table, group, metric, days);
    }
    let total: f64 = by_value.values().sum();
    let mut shares: Vec<TagShare> = by_value
        .into_iter()
        .filter(|(_, amount)| amount.abs() >= CENT)
        .map(|(value, amount)| TagShare {
            value: Untrusted::from(value),
            amount: round(amount),
            share_percent: share(amount, total),
        })
        .collect();
    shares.sort_by(|a, b| b.amount.total_cmp(&a.amount));
    shares
}

fn usage_of_tag(table: &SpendTable) -> impl Iterator<Item = &SpendGroup> {
    let is_usage = |group: &&SpendGroup| {
        let service = group.keys.get(1).map(Untrusted::raw);
        service.is_none_or(|service| services::adjustment(service).is_none())
    };
    table.groups.iter().filter(is_usage)
}

fn share(amount: f64, total: f64) -> f64 {
    match total > 0.0 {
        true => round(amount / total * 100.0),
        false => 0.0,
    }
}

/// To a hundredth of a cent, which takes the noise of binary fractions out of documents.
pub(super) fn round(amount: f64) -> f64 {
    let rounded = (amount * 1e4).round() / 1e4;
    // No minus in front of nothing.
    rounded + 0.0
}
