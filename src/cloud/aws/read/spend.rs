//! What was spent a day, through Cost Explorer. Every page costs 0.01 USD.

use std::collections::BTreeMap;

use aws_sdk_costexplorer::types::{
    DateInterval, Dimension, DimensionValues, Expression, Granularity, Group, GroupDefinition,
    GroupDefinitionType, MatchOption, MetricValue, ResultByTime, TagValues,
};

use crate::cloud::aws::client::Aws;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::pages::all_pages;
use crate::cloud::question::{Answer, SpendQuestion};
use crate::model::cost::{CostDays, CostMetric, NOT_USAGE, SpendGroup, SpendGrouping, SpendTable};
use crate::model::fact::GapCause;
use crate::text::Untrusted;

const GET_COST_AND_USAGE: &str = "ce:GetCostAndUsage";
const USAGE_QUANTITY: &str = "UsageQuantity";

/// Asks Cost Explorer, page by page.
pub(crate) async fn read(aws: &Aws, ask: &SpendQuestion) -> Answer {
    match spend(aws, ask).await {
        Ok(table) => Answer::Spend(Box::new(table)),
        Err(failure) => Answer::Gap(failure.into_gap("the cost of these days".to_owned())),
    }
}

async fn spend(aws: &Aws, ask: &SpendQuestion) -> Result<SpendTable, Failure> {
    // The service has one endpoint in each partition, which any region of it finds.
    let region = aws.in_region(&aws.region, aws.deadline_from_now());
    let client = region.costexplorer();
    let period = DateInterval::builder()
        .start(ask.days.start.to_string())
        // Excluded, as ours is.
        .end(ask.days.end.to_string())
        .build()
        .map_err(|error| garbled(&error.to_string()))?;
    let pages = all_pages(GET_COST_AND_USAGE, async |token| {
        let send = client
            .get_cost_and_usage()
            .time_period(period.clone())
            .granularity(Granularity::Daily)
            .metrics(CostMetric::Unblended.name())
            .metrics(CostMetric::NetAmortized.name())
            .metrics(USAGE_QUANTITY)
            .set_group_by(Some(group_by(&ask.by)))
            .set_filter(filter(ask)?)
            .set_next_page_token(token)
            .send();
        let page = region.call(GET_COST_AND_USAGE, send).await?;
        Ok((
            page.results_by_time.unwrap_or_default(),
            page.next_page_token,
        ))
    });
    table(&pages.await?, ask.days)
}

fn garbled(what: &str) -> Failure {
    Failure::ours(GET_COST_AND_USAGE, GapCause::Garbled, what)
}

/// Two keys, which is as many as Cost Explorer takes.
fn group_by(by: &SpendGrouping) -> Vec<GroupDefinition> {
    let dimension = |key: Dimension| (GroupDefinitionType::Dimension, key.as_str().to_owned());
    let keys = match by {
        SpendGrouping::UsageType => [
            dimension(Dimension::Service),
            dimension(Dimension::UsageType),
        ],
        SpendGrouping::RecordType => [
            dimension(Dimension::Service),
            dimension(Dimension::RecordType),
        ],
        SpendGrouping::Tag(tag) => [
            (GroupDefinitionType::Tag, tag.clone()),
            dimension(Dimension::Service),
        ],
    };
    let each = keys.into_iter();
    each.map(|(of, key)| GroupDefinition::builder().r#type(of).key(key).build())
        .collect()
}

/// The account, the tags, and without what is not usage, unless that is asked for.
fn filter(ask: &SpendQuestion) -> Result<Option<Expression>, Failure> {
    let mut all = Vec::new();
    if let Some(account) = &ask.account {
        let of = DimensionValues::builder()
            .key(Dimension::LinkedAccount)
            .values(account.as_str())
            .build();
        all.push(Expression::builder().dimensions(of).build());
    }
    for (name, value) in &ask.tags {
        let of = TagValues::builder()
            .key(name)
            .values(value)
            .match_options(MatchOption::Equals)
            .build();
        all.push(Expression::builder().tags(of).build());
    }
    if ask.by != SpendGrouping::RecordType {
        let of = DimensionValues::builder()
            .key(Dimension::RecordType)
            .set_values(Some(NOT_USAGE.map(str::to_owned).to_vec()))
            .build();
        let not_usage = Expression::builder().dimensions(of).build();
        all.push(Expression::builder().not(not_usage).build());
    }
    // `And` takes two or more.
    Ok(match all.len() {
        0 | 1 => all.pop(),
        _ => Some(Expression::builder().set_and(Some(all)).build()),
    })
}

/// One row for each combination of keys, one column for each day.
fn table(results: &[ResultByTime], days: CostDays) -> Result<SpendTable, Failure> {
    let places: BTreeMap<String, usize> = days
        .iter()
        .enumerate()
        .map(|(place, day)| (day.to_string(), place))
        .collect();
    let mut estimated = vec![false; days.len()];
    let mut groups: BTreeMap<Vec<Untrusted>, SpendGroup> = BTreeMap::new();
    let mut currency: Option<String> = None;
    for result in results {
        let start = result.time_period().map_or("", DateInterval::start);
        let place = places.get(start).copied();
        let place = place.ok_or_else(|| garbled("an amount of a day that was not asked for"))?;
        estimated[place] |= result.estimated();
        for group in result.groups() {
            let unit = add(&mut groups, group, place, days.len())?;
            if let Some(unit) = unit {
                match &currency {
                    Some(known) if *known != unit => {
                        return Err(garbled("amounts in more than one currency"));
                    }
                    _ => currency = Some(unit),
                }
            }
        }
    }
    Ok(SpendTable {
        days,
        estimated,
        currency: Untrusted::from(currency.unwrap_or_else(|| "USD".to_owned())),
        groups: groups.into_values().collect(),
    })
}

/// Adds the amounts of a group on a day, and returns their currency.
fn add(
    groups: &mut BTreeMap<Vec<Untrusted>, SpendGroup>,
    group: &Group,
    place: usize,
    days: usize,
) -> Result<Option<String>, Failure> {
    let keys: Vec<Untrusted> = group
        .keys()
        .iter()
        .map(|key| Untrusted::from(key.as_str()))
        .collect();
    let empty = || SpendGroup {
        keys: keys.clone(),
        unblended: vec![0.0; days],
        net_amortized: vec![0.0; days],
        usage: vec![0.0; days],
        usage_unit: Untrusted::default(),
    };
    let row = groups.entry(keys.clone()).or_insert_with(empty);
    let metrics = group.metrics();
    let value = |name: &str| metrics.and_then(|all| all.get(name));
    let unblended = amount(value(CostMetric::Unblended.name()))?;
    row.unblended[place] += unblended.ok_or_else(|| garbled("a group without an amount"))?;
    row.net_amortized[place] += amount(value(CostMetric::NetAmortized.name()))?
        // Accounts without agreements have no net amounts.
        .or(unblended)
        .unwrap_or(0.0);
    row.usage[place] += amount(value(USAGE_QUANTITY))?.unwrap_or(0.0);
    let unit = |name: &str| {
        value(name)
            .and_then(MetricValue::unit)
            .filter(|unit| *unit != "N/A")
    };
    if let Some(unit) = unit(USAGE_QUANTITY) {
        row.usage_unit = Untrusted::from(unit);
    }
    Ok(unit(CostMetric::Unblended.name()).map(str::to_owned))
}

/// The number of a value; `None` where there is no value.
fn amount(value: Option<&MetricValue>) -> Result<Option<f64>, Failure> {
    let Some(text) = value.and_then(MetricValue::amount) else {
        return Ok(None);
    };
    let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
    number
        .map(Some)
        .ok_or_else(|| garbled("an amount that is not a number"))
}
