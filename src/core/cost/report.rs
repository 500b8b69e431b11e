//! The report: what was spent, and what could be saved.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::catalog::opportunities::OpportunityRule;
use crate::catalog::registry::Registry;
use crate::core::cost::bill::Bill;
use crate::core::cost::days::CostWindows;
use crate::core::cost::evaluate::{RuleOutcome, evaluate};
use crate::core::cost::prices::PriceBook;
use crate::core::cost::world::{CostWorld, Utilisation};
use crate::core::cost::{drivers, forecast, limits, realised, requests, savings, spikes};
use crate::model::configuration::Configuration;
use crate::model::cost::{SpendTable, UtilisationMetric};
use crate::model::cost_report::{CostReport, Spending};
use crate::model::cost_savings::SavingsDocument;
use crate::model::fact::{Gap, GapCause};
use crate::model::monitoring::CostSection;
use crate::model::opportunity::SavingsTotal;
use crate::text::Untrusted;

/// What Cost Explorer answered, or why it did not.
#[derive(Debug, Clone, PartialEq)]
pub struct SpendAnswers {
    /// By service and usage type.
    pub usage: Result<SpendTable, Gap>,
    /// By service and type of record.
    pub records: Result<SpendTable, Gap>,
    /// By tag, where one is configured.
    pub by_tag: Option<Result<SpendTable, Gap>>,
}

/// All that a report is made of.
pub struct CostInput<'a> {
    /// The moment.
    pub now: Timestamp,
    /// Whether the environment is critical.
    pub is_critical: bool,
    /// What is counted, in words.
    pub scope: Untrusted,
    /// `[cost]` of monitoring.toml.
    pub settings: &'a CostSection,
    /// The bill.
    pub spend: &'a SpendAnswers,
    /// Name of the one registered resource that a service, as the bill calls it, is for; `None` where there is none or more than one.
    pub resource_of: &'a dyn Fn(&str) -> Option<Untrusted>,
    /// How resources are configured.
    pub configuration: &'a Configuration,
    /// Their metrics.
    pub utilisation: &'a Utilisation,
    /// The rules.
    pub rules: &'a Registry<OpportunityRule>,
    /// Prices.
    pub prices: &'a PriceBook,
    /// What earlier audits expected.
    pub expected: Option<&'a SavingsDocument>,
}

impl CostInput<'_> {
    fn world<'w>(&'w self, utilisation: &'w Utilisation, bill: Option<Bill<'w>>) -> CostWorld<'w> {
        CostWorld {
            now: self.now,
            windows: CostWindows::at(self.now),
            is_critical: self.is_critical,
            rules: self.rules,
            configuration: self.configuration,
            utilisation,
            bill,
            prices: self.prices,
        }
    }

    /// Returns the metrics that are needed for the report; none are read for it to be known.
    pub fn needed_metrics(&self) -> BTreeSet<UtilisationMetric> {
        requests::requests(&self.world(&Utilisation::new(), None))
    }
}

/// Makes the report, and what is to be kept of what it expects.
pub fn report(input: &CostInput<'_>) -> (CostReport, SavingsDocument) {
    let windows = CostWindows::at(input.now);
    let (spending, gaps) = spending(input, &windows);
    let usage = input.spend.usage.as_ref().ok();
    let bill = usage.zip(spending.as_ref()).map(|(table, spending)| Bill {
        table,
        metric: spending.metric,
        days: windows.current,
    });
    let world = input.world(input.utilisation, bill);
    let (mut candidates, mut undecided) = (Vec::new(), Vec::new());
    for rule in world.rules.iter() {
        for resource in input.configuration.of_type(&rule.applies_to) {
            match evaluate(&world, rule, resource) {
                RuleOutcome::NotApplicable | RuleOutcome::Nothing => {}
                RuleOutcome::Undecided(one) => undecided.push(one),
                RuleOutcome::Saves(one) => candidates.push(*one),
            }
        }
    }
    let total = spending.as_ref().map(|spending| spending.total);
    let (opportunities, savings): (_, SavingsTotal) = savings::settle(candidates, total);
    let mut report = CostReport {
        current: windows.current,
        previous: windows.previous,
        scope: input.scope.clone(),
        spending,
        opportunities,
        savings,
        undecided,
        realised: Vec::new(),
        gaps,
    };
    let (document, found) = realised::compare(input.expected, &report, usage);
    report.realised = found;
    (report, document)
}

/// What was spent; `None` where Cost Explorer did not say, or said nothing.
fn spending(input: &CostInput<'_>, windows: &CostWindows) -> (Option<Spending>, Vec<Gap>) {
    let SpendAnswers {
        usage,
        records,
        by_tag,
    } = input.spend;
    let failed = [usage.as_ref().err(), records.as_ref().err()]
        .into_iter()
        .flatten();
    let failed = failed.chain(by_tag.iter().filter_map(|table| table.as_ref().err()));
    let mut gaps: Vec<Gap> = failed.cloned().collect();
    // One refusal is one gap, however many questions it answers.
    gaps.dedup();
    match usage {
        Ok(table) if table.groups.is_empty() => {
            gaps.push(nothing_billed());
            (None, gaps)
        }
        Ok(table) => (Some(of_table(input, windows, table)), gaps),
        Err(_) => (None, gaps),
    }
}

fn of_table(input: &CostInput<'_>, windows: &CostWindows, table: &SpendTable) -> Spending {
    let records = input.spend.records.as_ref().ok();
    let chosen = input.settings.metric;
    let metric = chosen.unwrap_or_else(|| drivers::choose_metric(records));
    let sum_of = |days| -> f64 {
        let groups = drivers::usage(table);
        groups
            .map(|group| drivers::sum(table, group, metric, days))
            .sum()
    };
    let daily = daily(table, metric);
    let since = |first: Date| daily.iter().copied().filter(move |(day, _)| *day >= first);
    let in_window: Vec<(Date, f64)> = since(windows.current.start).collect();
    let forecast = forecast::forecast(&daily, windows.current.end);
    let so_far: f64 = since(windows.current.end.first_of_month())
        .map(|(_, it)| it)
        .sum();
    let previous = sum_of(windows.previous);
    let open = table.days.iter().zip(&table.estimated);
    let open = open.filter(|(day, open)| **open && *day >= windows.current.start);
    let percent = input
        .settings
        .alert_on_spike_percent
        .unwrap_or(spikes::DEFAULT_PERCENT);
    Spending {
        metric,
        currency: table.currency.clone(),
        total: drivers::round(sum_of(windows.current)),
        previous_total: (previous >= 0.01).then(|| drivers::round(previous)),
        open_days: open.count(),
        missing_days: table.days.len() - daily.len(),
        adjustments: drivers::adjustments(table, records, metric, windows.current),
        drivers: drivers::drivers(table, records, metric, windows, input.resource_of),
        by_tag: match &input.spend.by_tag {
            Some(Ok(table)) => drivers::by_tag(table, metric, windows.current),
            _ => Vec::new(),
        },
        spikes: spikes::spikes(table, metric, windows.current, percent),
        budgets: limits::limits(input.settings, &in_window, forecast.as_ref(), so_far),
        forecast,
    }
}

/// What each day cost, without the days at the end that have no amounts yet.
fn daily(table: &SpendTable, metric: crate::model::cost::CostMetric) -> Vec<(Date, f64)> {
    let mut daily: Vec<(Date, f64)> = table.days.iter().map(|day| (day, 0.0)).collect();
    for group in drivers::usage(table) {
        for ((_, sum), amount) in daily.iter_mut().zip(group.amounts(metric)) {
            *sum += amount;
        }
    }
    while daily.last().is_some_and(|(_, amount)| amount.abs() < 1e-9) {
        daily.pop();
    }
    daily
}

/// Cost Explorer answered with nothing: it was switched on today, the filter fits nothing, or the
/// account has never used anything. None of it is a cost of zero.
fn nothing_billed() -> Gap {
    Gap {
        operation: "ce:GetCostAndUsage".to_owned(),
        subject: "the cost of these days".to_owned(),
        cause: GapCause::Partial,
        code: None,
        message: Untrusted::from(
            "Cost Explorer has no amounts for these days and this account or these tags; it is \
             ready a day after it was enabled, and cost allocation tags a day after they were \
             activated",
        ),
        missing_permission: None,
    }
}
