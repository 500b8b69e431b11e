//! What a resource costs a month by its attributes: rates and prices, for plans.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::catalog::rates::{Rate, RateAmount, RateAttribute, RateExample, RatePart, RateVerdict};
use crate::catalog::registry::{DataError, Fault, Registry, Step, Whose};
use crate::core::cost::prices::{KnownPrice, PriceBook};
use crate::expr::{Expression, Type};
use crate::model::fact::{Fact, GapId, Value};
use crate::model::ids::Region;
use crate::model::running_cost::MonthlyUsd;
use crate::text::{numbers, template};

/// The attributes of a resource as a plan has them, and what of them is known only after the apply
/// (`true` in place of values).
#[derive(Debug, Clone, Copy)]
pub struct PricedAttributes<'a> {
    /// The values.
    pub values: &'a Json,
    /// What is not known yet.
    pub unknown: &'a Json,
}

/// What a resource costs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CostEstimate {
    /// The sum of what has an amount.
    pub monthly: MonthlyUsd,
    /// Each part that has one.
    pub parts: Vec<EstimatedPart>,
    /// Why other parts have none, a sentence each.
    pub missing: Vec<MissingAmount>,
    /// What is assumed.
    pub assumes: BTreeSet<String>,
    /// Dates of the prices.
    pub dates: BTreeSet<String>,
}

/// A part that has an amount.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimatedPart {
    /// What it is.
    pub name: String,
    /// What it costs a month.
    pub monthly: MonthlyUsd,
}

/// A part that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingAmount {
    /// The name of the part.
    pub part: String,
    /// Why, with the name of the part.
    pub because: String,
    /// Whether it is known after the apply, or when the region is known.
    pub is_unknown: bool,
}

impl CostEstimate {
    /// Leaves out what has no amount on the other side of a change: it would look as if it began
    /// to cost, or ceased to.
    pub fn leave_out(&mut self, missing: &[MissingAmount]) {
        self.parts
            .retain(|part| missing.iter().all(|one| one.part != part.name));
        let amounts = self.parts.iter().map(|part| part.monthly);
        self.monthly = amounts.fold(MonthlyUsd::default(), MonthlyUsd::plus);
    }
}

/// Estimates what a resource costs a month in a region; without a region nothing has a price.
pub fn estimate(
    rate: &Rate,
    attributes: PricedAttributes<'_>,
    region: Option<&Region>,
    prices: &PriceBook,
) -> CostEstimate {
    let facts: BTreeMap<&str, Fact> = rate
        .attributes
        .iter()
        .map(|(name, attribute)| (name.as_str(), fact(attribute, attributes)))
        .collect();
    let case = RatedCase {
        resource: Fact::Known(Value::map(facts.clone())),
        facts,
        region,
        prices,
    };
    let mut estimate = CostEstimate::default();
    for part in &rate.parts {
        match case.part(part, &mut estimate) {
            Ok(Some(monthly)) => {
                estimate.monthly = estimate.monthly.plus(monthly);
                estimate.parts.push(EstimatedPart {
                    name: part.name.clone(),
                    monthly,
                });
            }
            Ok(None) => {}
            Err(missing) => estimate.missing.push(MissingAmount {
                part: part.name.clone(),
                because: format!("{}: {}", part.name, missing.because),
                ..missing
            }),
        }
    }
    estimate
}

/// An attribute; known only after the apply where it, or what it is in, is.
fn fact(attribute: &RateAttribute, of: PricedAttributes<'_>) -> Fact {
    let (mut value, mut unknown) = (of.values, of.unknown);
    for step in &attribute.path {
        value = child(value, step);
        unknown = child(unknown, step);
        if *unknown == Json::Bool(true) {
            return Fact::Unreadable(GapId(0));
        }
    }
    let found = match (value, &attribute.of) {
        (Json::String(text), Type::Text) => Some(Value::text(text.as_str())),
        (Json::Number(number), Type::Number) => number.as_f64().map(Value::Number),
        (Json::String(text), Type::Number) => text.parse().ok().map(Value::Number),
        (Json::Bool(flag), Type::Flag) => Some(Value::Flag(*flag)),
        _ => None,
    };
    found
        .or_else(|| attribute.default.clone())
        .map_or(Fact::Absent, Fact::Known)
}

fn child<'j>(json: &'j Json, step: &str) -> &'j Json {
    let found = match step.parse::<usize>() {
        Ok(index) => json.get(index),
        Err(_) => json.get(step),
    };
    found.unwrap_or(&Json::Null)
}

/// A resource of which the attributes were read.
struct RatedCase<'a> {
    resource: Fact,
    facts: BTreeMap<&'a str, Fact>,
    region: Option<&'a Region>,
    prices: &'a PriceBook,
}

impl RatedCase<'_> {
    /// What a part costs; `None` where the resource does not have it.
    fn part(
        &self,
        part: &RatePart,
        estimate: &mut CostEstimate,
    ) -> Result<Option<MonthlyUsd>, MissingAmount> {
        if let Some(when) = &part.when
            && self.evaluate(when)? != Value::Flag(true)
        {
            return Ok(None);
        }
        let price = self.price(part)?;
        let range = match &part.amount {
            RateAmount::Fixed(amount) => {
                let amount = self.number(amount)?;
                [amount, amount, amount]
            }
            RateAmount::Assumed { range, words } => {
                let [low, likely, high] = &**range;
                let range = [self.number(low)?, self.number(likely)?, self.number(high)?];
                estimate.assumes.insert(words.clone());
                range
            }
            RateAmount::ByUse => {
                return Err(missing(format!(
                    "depends on usage: {} USD/{}",
                    numbers::number(price.usd),
                    price.per
                )));
            }
        };
        estimate.dates.extend(price.date);
        let [low, likely, high] = range.map(|amount| amount * price.usd);
        Ok(Some(MonthlyUsd { low, likely, high }))
    }

    fn price(&self, part: &RatePart) -> Result<KnownPrice, MissingAmount> {
        let mut gap = None;
        let key = template::fill(&part.price, |name| match self.facts.get(name) {
            Some(Fact::Known(Value::Text(text))) => Some(text.raw().to_owned()),
            Some(Fact::Unreadable(_)) => {
                gap = Some(unknown(name));
                None
            }
            _ => {
                gap = Some(missing(format!("it has no `{name}`")));
                None
            }
        });
        let key =
            key.ok_or_else(|| gap.unwrap_or_else(|| missing("it has no price".to_owned())))?;
        let Some(region) = self.region else {
            return Err(MissingAmount {
                is_unknown: true,
                ..missing("its region is not known".to_owned())
            });
        };
        let price = self.prices.price(region, &key);
        price.map_err(|error| missing(crate::text::escape::cut(&error.to_string(), 120)))
    }

    fn evaluate(&self, expression: &Expression) -> Result<Value, MissingAmount> {
        let lookup = |name: &str| (name == "resource").then(|| self.resource.clone());
        expression.evaluate(lookup).map_err(|why| {
            if why.gaps().next().is_none() {
                let causes: Vec<String> = why.causes().map(ToString::to_string).collect();
                return missing(causes.join(", "));
            }
            let is_open = |(name, fact): (&&str, &Fact)| {
                matches!(fact, Fact::Unreadable(_)).then(|| (*name).to_owned())
            };
            let names: Vec<String> = self.facts.iter().filter_map(is_open).collect();
            unknown(&names.join("`, `"))
        })
    }

    fn number(&self, expression: &Expression) -> Result<f64, MissingAmount> {
        let value = self.evaluate(expression)?;
        let number = value.as_number().filter(|number| number.is_finite());
        number.ok_or_else(|| missing("it comes to no number".to_owned()))
    }
}

fn missing(because: String) -> MissingAmount {
    MissingAmount {
        part: String::new(),
        because,
        is_unknown: false,
    }
}

fn unknown(name: &str) -> MissingAmount {
    MissingAmount {
        is_unknown: true,
        ..missing(format!("`{name}` is known only after the apply"))
    }
}

/// Evaluates the examples of rates, and says which do not come to what their files say.
pub fn run_rate_examples(rates: &Registry<Rate>, of: Whose) -> Vec<DataError> {
    let prices = PriceBook::built_in();
    rates.run_examples(of, |rate, example| compare(rate, example, &prices))
}

fn compare(rate: &Rate, example: &RateExample, prices: &PriceBook) -> Result<(), Fault> {
    let values = serde_json::to_value(&example.resource).unwrap_or_default();
    let open = example.unreadable.iter().map(|name| {
        let attribute = rate.attributes.get(name);
        let step = attribute.and_then(|one| one.path.first()).unwrap_or(name);
        (step.clone(), Json::Bool(true))
    });
    let unknown = Json::Object(open.collect());
    let name = example.region.as_deref().unwrap_or("us-east-1");
    let region = Region::new(name).ok();
    let attributes = PricedAttributes {
        values: &values,
        unknown: &unknown,
    };
    let found = estimate(rate, attributes, region.as_ref(), prices);
    let verdict = match found.missing.as_slice() {
        [] => RateVerdict::Priced,
        all if all.iter().any(|one| one.is_unknown) => RateVerdict::Unknown,
        _ => RateVerdict::NotPriced,
    };
    if verdict != example.verdict {
        let message = format!("`{}` is {verdict:?} ({:?})", example.name, found.missing);
        return Err(Fault::new([Step::from("verdict")], message));
    }
    let is_off = |wanted: f64| (wanted - found.monthly.likely).abs() > 0.005 + 1e-9;
    if example.likely_usd.is_some_and(is_off) {
        let message = format!(
            "`{}` costs {} USD a month",
            example.name, found.monthly.likely
        );
        return Err(Fault::new([Step::from("likely_usd")], message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::rates::built_in;

    #[test]
    fn rates_come_to_what_their_examples_say() {
        let faults = run_rate_examples(built_in(), Whose::Everyones);
        let lacking = built_in().missing_examples();
        let shown: Vec<String> = faults
            .iter()
            .chain(&lacking)
            .map(ToString::to_string)
            .collect();
        assert_eq!(shown, Vec::<String>::new());
    }
}
