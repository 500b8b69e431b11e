//! What a design costs a month, by the rates and prices of the product.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::rates;
use crate::core::cost::estimate::{PricedAttributes, estimate};
use crate::core::cost::prices::PriceBook;
use crate::core::infra::compose::{resources, variables};
use crate::core::infra::design::{Design, DesignFault};
use crate::core::infra::naming::Naming;
use crate::core::infra::shared_files::CodeEnvironment;
use crate::hcl::{Block, Item, Scope, plan};
use crate::model::design::EnvironmentCost;
use crate::model::running_cost::MonthlyUsd;

/// Estimates what a design costs in one environment.
///
/// # Errors
/// What of the design is not valid.
pub fn estimated(
    design: &Design<'_>,
    naming: &Naming,
    environment: &CodeEnvironment,
    prices: &PriceBook,
) -> Result<EnvironmentCost, DesignFault> {
    let mut tally = CostTally {
        scope: scope(design, environment),
        environment,
        prices,
        not_priced: Vec::new(),
        assumes: BTreeSet::new(),
        dates: BTreeSet::new(),
    };
    let (mut monthly, mut blueprints) = (MonthlyUsd::default(), Vec::new());
    for blueprint in &design.blueprints {
        let items = resources(design, blueprint, naming)?;
        let sum = tally.add(&items.into_iter().flatten().collect::<Vec<_>>());
        monthly = monthly.plus(sum);
        if sum != MonthlyUsd::default() {
            blueprints.push((blueprint.id.clone(), sum.rounded()));
        }
    }
    Ok(EnvironmentCost {
        environment: environment.name.clone(),
        region: environment.region.as_ref().map(ToString::to_string),
        monthly: monthly.rounded(),
        blueprints,
        not_priced: tally.not_priced,
        assumes: tally.assumes.into_iter().collect(),
        prices_from: tally
            .dates
            .first()
            .cloned()
            .zip(tally.dates.last().cloned()),
    })
}

/// What is counted on the way to a sum.
struct CostTally<'a> {
    scope: Scope,
    environment: &'a CodeEnvironment,
    prices: &'a PriceBook,
    not_priced: Vec<String>,
    assumes: BTreeSet<String>,
    dates: BTreeSet<String>,
}

impl CostTally<'_> {
    /// Adds the resources of a blueprint, and returns what they cost.
    fn add(&mut self, items: &[Item]) -> MonthlyUsd {
        let blocks: Vec<&Block> = items.iter().filter_map(Item::as_block).collect();
        let planned = plan::plan(&blocks, &self.scope, &|_| BTreeSet::new());
        let mut sum = MonthlyUsd::default();
        for change in planned["resource_changes"].as_array().into_iter().flatten() {
            let kind = change["type"].as_str().unwrap_or_default();
            let address = change["address"].as_str().unwrap_or_default();
            let Some(rate) = rates::built_in().get(kind) else {
                if !rates::is_free(kind) {
                    let text = format!("{address}: what {kind} costs is not known");
                    self.not_priced.push(text);
                }
                continue;
            };
            let attributes = PricedAttributes {
                values: &change["change"]["after"],
                unknown: &change["change"]["after_unknown"],
            };
            let one = estimate(
                rate,
                attributes,
                self.environment.region.as_ref(),
                self.prices,
            );
            sum = sum.plus(one.monthly);
            let assumed = one
                .assumes
                .into_iter()
                .map(|text| format!("{kind}: {text}"));
            self.assumes.extend(assumed);
            self.dates.extend(one.dates);
            let missing = one.missing.into_iter().map(|missing| missing.because);
            let missing: Vec<String> = missing.collect();
            if !missing.is_empty() {
                let text = format!("{address}: {}", missing.join("; "));
                self.not_priced.push(text);
            }
        }
        sum
    }
}

/// The values of variables in an environment.
fn scope(design: &Design<'_>, environment: &CodeEnvironment) -> Scope {
    let mut values = BTreeMap::from([(
        "environment".to_owned(),
        Value::from(environment.name.as_str()),
    )]);
    for variable in variables(design) {
        let own = variable
            .values
            .into_iter()
            .find(|(name, _)| *name == environment.name);
        if let Some((_, value)) = own {
            values.insert(variable.name, value.to_json());
        }
    }
    Scope {
        variables: values,
        locals: BTreeMap::new(),
    }
}
