//! What a change costs: before and afterwards, by the same prices.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::rates::{self, Rate};
use crate::core::cost::estimate::{CostEstimate, PricedAttributes, estimate};
use crate::core::review::Circumstances;
use crate::core::review::configured::Configured;
use crate::core::review::rules::{self, Findings, Said};
use crate::model::ids::{Arn, Region};
use crate::model::plan::{PlanAction, PlannedChange, TerraformPlan};
use crate::model::review::ReviewVerdict;
use crate::model::running_cost::{CostChange, NotPriced, PlannedCost};
use crate::model::status::Severity;
use crate::text::{Untrusted, escape, numbers};

/// Most resources that are listed.
const MOST_LISTED: usize = 50;

/// A resource whose cost is estimated.
struct Priced<'p> {
    change: &'p PlannedChange<'p>,
    before: CostEstimate,
    after: CostEstimate,
}

/// Estimates what the resources of a plan cost, and warns of what grows more than the base branch
/// allows without a word.
pub(super) fn examine(
    plan: &TerraformPlan<'_>,
    configured: &Configured<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) -> PlannedCost {
    let mut cost = PlannedCost {
        region: region_of(plan, configured, around),
        ..PlannedCost::default()
    };
    let (mut assumes, mut dates) = (BTreeSet::new(), BTreeSet::new());
    let mut rows = Vec::new();
    for change in plan.changes.iter().filter(|change| change.is_current()) {
        let kind = change.resource_type.raw();
        let Some(rate) = rates::built_in().get(kind) else {
            cost.not_priced.extend(without_rate(change));
            continue;
        };
        let own = own_region(change, configured);
        let region = own.as_ref().or(cost.region.as_ref());
        let Some(priced) = price(change, rate, region, around) else {
            continue;
        };
        cost.before = cost.before.plus(priced.before.monthly);
        cost.after = cost.after.plus(priced.after.monthly);
        for side in [&priced.before, &priced.after] {
            assumes.extend(side.assumes.iter().cloned());
            dates.extend(side.dates.iter().cloned());
        }
        cost.not_priced.extend(missing(&priced));
        rows.extend(row(&priced));
    }
    rows.sort_by(|a: &CostChange, b| size(b).total_cmp(&size(a)));
    cost.more_changes = rows.len().saturating_sub(MOST_LISTED);
    rows.truncate(MOST_LISTED);
    cost.changes = rows;
    cost.more_not_priced = cost.not_priced.len().saturating_sub(MOST_LISTED);
    cost.not_priced.truncate(MOST_LISTED);
    cost.assumes = assumes.into_iter().map(Untrusted::new).collect();
    cost.prices_from = dates.first().cloned().zip(dates.last().cloned());
    cost.difference = cost.after.minus(cost.before).rounded();
    (cost.before, cost.after) = (cost.before.rounded(), cost.after.rounded());
    notice(&cost, around, findings);
    cost
}

/// A change that costs more than the base branch lets pass without a word.
fn notice(cost: &PlannedCost, around: Circumstances<'_>, findings: &mut Findings) {
    let more = cost.difference.likely;
    let settings = around.settings;
    let percent = match cost.before.likely {
        before if before > 0.0 => more / before * 100.0,
        _ => f64::INFINITY,
    };
    let by_amount = settings.cost_notice_usd.is_some_and(|limit| more >= limit);
    let by_share = settings
        .cost_notice_percent
        .is_some_and(|limit| percent >= limit);
    if more <= 0.0 || !(by_amount || by_share) {
        return;
    }
    let usd = |usd: f64| numbers::money(usd, "USD");
    let evidence = cost.changes.iter().take(5).map(|one| {
        let (before, after) = (usd(one.before.likely), usd(one.after.likely));
        format!("{}: {before} → {after}", one.address.raw())
    });
    findings.add(
        &rules::COST,
        Said {
            severity: Severity::Medium,
            effect: ReviewVerdict::Warn,
            subject: Untrusted::from("cost"),
            title: format!("it costs {} a month more", usd(more)),
            evidence: evidence.collect(),
        },
    );
}

fn price<'p>(
    change: &'p PlannedChange<'p>,
    rate: &Rate,
    region: Option<&Region>,
    around: Circumstances<'_>,
) -> Option<Priced<'p>> {
    let (before, after) = (change.before(), change.after());
    let unknown = change.after_unknown();
    let of = |values: &Value, unknown: &Value| match values.is_object() {
        true => estimate(
            rate,
            PricedAttributes { values, unknown },
            region,
            around.prices,
        ),
        false => CostEstimate::default(),
    };
    let mut priced = Priced {
        change,
        before: of(&before, &Value::Null),
        after: match change.action {
            PlanAction::Destroy => CostEstimate::default(),
            // It lives and costs on.
            PlanAction::Forget => of(&before, &Value::Null),
            _ => of(&after, &unknown),
        },
    };
    priced.before.leave_out(&priced.after.missing);
    priced.after.leave_out(&priced.before.missing);
    (before.is_object() || after.is_object()).then_some(priced)
}

fn row(priced: &Priced<'_>) -> Option<CostChange> {
    let (before, after) = (
        priced.before.monthly.rounded(),
        priced.after.monthly.rounded(),
    );
    let shown = match priced.after.parts.is_empty() {
        true => &priced.before,
        false => &priced.after,
    };
    let parts = shown.parts.iter().map(|part| {
        let usd = numbers::money(part.monthly.likely, "USD");
        Untrusted::new(format!("{}: {usd}", part.name))
    });
    (before != after).then(|| CostChange {
        address: priced.change.address.clone(),
        before,
        after,
        parts: parts.collect(),
    })
}

fn size(one: &CostChange) -> f64 {
    (one.after.likely - one.before.likely).abs()
}

/// What is neither known to be free nor to cost something.
fn without_rate(change: &PlannedChange<'_>) -> Option<NotPriced> {
    let kind = change.resource_type.raw();
    let is_of_aws = kind.starts_with("aws_") && !rates::is_free(kind);
    (is_of_aws && change.action != PlanAction::Destroy).then(|| NotPriced {
        address: change.address.clone(),
        because: Untrusted::new(format!("what {} costs is not known", escape::cut(kind, 80))),
    })
}

/// What of a resource has no amount, on either side.
fn missing(priced: &Priced<'_>) -> Option<NotPriced> {
    let sides = [&priced.after, &priced.before].into_iter();
    let mut missing: Vec<&str> = Vec::new();
    for one in sides.flat_map(|side| &side.missing) {
        if !missing.contains(&one.because.as_str()) {
            missing.push(&one.because);
        }
    }
    (!missing.is_empty()).then(|| NotPriced {
        address: priced.change.address.clone(),
        because: Untrusted::new(missing.join("; ")),
    })
}

/// The region of the plan: the environment's, else that of its provider, else the one that most of
/// what exists is in.
fn region_of(
    plan: &TerraformPlan<'_>,
    configured: &Configured<'_>,
    around: Circumstances<'_>,
) -> Option<Region> {
    let named = around.environment.and_then(|one| one.region.clone());
    named
        .or_else(|| configured.provider_region("aws"))
        .or_else(|| {
            let mut seen: BTreeMap<Region, usize> = BTreeMap::new();
            for change in &plan.changes {
                if let Some(region) = region_in(&change.before()) {
                    *seen.entry(region).or_default() += 1;
                }
            }
            seen.into_iter()
                .max_by_key(|(_, count)| *count)
                .map(|(region, _)| region)
        })
}

/// The region of one resource, where it differs: by its ARN, or by its own provider.
fn own_region(change: &PlannedChange<'_>, configured: &Configured<'_>) -> Option<Region> {
    region_in(&change.before()).or_else(|| {
        let key = configured.provider_of(change)?;
        (key != "aws")
            .then(|| configured.provider_region(key))
            .flatten()
    })
}

fn region_in(values: &Value) -> Option<Region> {
    let arn = Arn::new(values.get("arn")?.as_str()?).ok()?;
    Region::new(arn.region()).ok()
}
