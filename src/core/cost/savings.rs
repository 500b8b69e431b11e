//! Opportunities together: what counts once, what is worth how much.

use std::collections::BTreeMap;

use crate::core::cost::drivers::round;
use crate::core::cost::evaluate::SavingCandidate;
use crate::model::opportunity::{
    Opportunity, OpportunityAction, OpportunityPriority, SavingsTotal,
};

/// Share of the total and US dollars a month from which a priority counts.
const PRIORITIES: [(f64, f64, OpportunityPriority); 2] = [
    (10.0, 100.0, OpportunityPriority::High),
    (3.0, 25.0, OpportunityPriority::Medium),
];

/// Compares the opportunities of each resource, so that no dollar is saved twice. The first
/// feasible one counts in full: what deletes or stops something before what changes it. What combines
/// with it saves on what it leaves; all others are alternatives.
pub(super) fn settle(
    candidates: Vec<SavingCandidate>,
    total: Option<f64>,
) -> (Vec<Opportunity>, SavingsTotal) {
    let mut by_resource: BTreeMap<String, Vec<SavingCandidate>> = BTreeMap::new();
    for candidate in candidates {
        let of = by_resource.entry(candidate.resource.clone()).or_default();
        of.push(candidate);
    }
    let mut all: Vec<Opportunity> = by_resource.into_values().flat_map(of_resource).collect();
    for one in &mut all {
        one.priority = priority(one.savings_usd, total);
    }
    all.sort_by(|a, b| {
        let amount = |one: &Opportunity| (one.counted_usd, one.savings_usd.unwrap_or(0.0));
        let (a_amount, b_amount) = (amount(a), amount(b));
        b.priority
            .cmp(&a.priority)
            .then(b_amount.0.total_cmp(&a_amount.0))
            .then(b_amount.1.total_cmp(&a_amount.1))
            .then_with(|| a.id.cmp(&b.id))
    });
    let distinct: f64 = all.iter().map(|one| one.counted_usd).sum();
    let savings = SavingsTotal {
        listed_usd: round(all.iter().filter_map(|one| one.savings_usd).sum()),
        distinct_usd: round(distinct),
        share_percent: total
            .filter(|total| *total > 0.0)
            .map(|total| round(distinct / total * 100.0)),
        without_amount: all.iter().filter(|one| one.savings_usd.is_none()).count(),
    };
    (all, savings)
}

fn of_resource(mut candidates: Vec<SavingCandidate>) -> Vec<Opportunity> {
    candidates.sort_by(|a, b| {
        let saving = |one: &SavingCandidate| one.opportunity.savings_usd.unwrap_or(0.0);
        rank(a.opportunity.action)
            .cmp(&rank(b.opportunity.action))
            .then(saving(b).total_cmp(&saving(a)))
            .then_with(|| a.opportunity.id.cmp(&b.opportunity.id))
    });
    let mut first: Option<(String, OpportunityAction)> = None;
    // Share of the part that is left, once what came before is done.
    let mut left = 1.0;
    let mut out = Vec::new();
    for SavingCandidate {
        mut opportunity,
        amounts,
        combines,
        ..
    } in candidates
    {
        let not_counted = match (&opportunity.blocked_by, amounts, &first) {
            (Some(_), ..) => Some("something must be done first".to_owned()),
            (None, None, _) => Some("no price is known".to_owned()),
            (None, Some((part, after)), None) => {
                opportunity.counted_usd = round(part - after);
                left = after / part;
                first = Some((opportunity.title.clone(), opportunity.action));
                None
            }
            (None, Some((part, after)), Some((title, action))) => {
                let ends = matches!(action, OpportunityAction::Delete | OpportunityAction::Stop);
                if ends || !combines {
                    Some(format!("an alternative to: {title}"))
                } else {
                    opportunity.counted_usd = round((part - after) * left);
                    left *= after / part;
                    Some(format!("saves on what is left after: {title}"))
                }
            }
        };
        opportunity.not_counted_because = not_counted;
        out.push(opportunity);
    }
    out
}

/// Order in which opportunities of one resource are taken. Source: AWS Cost Optimization Hub,
/// which counts one recommendation for each resource.
fn rank(action: OpportunityAction) -> u8 {
    match action {
        OpportunityAction::Delete | OpportunityAction::Stop => 0,
        OpportunityAction::Rightsize | OpportunityAction::ScaleIn => 1,
        OpportunityAction::Upgrade | OpportunityAction::Configure => 2,
        OpportunityAction::MigrateToGraviton => 3,
        OpportunityAction::Schedule => 4,
    }
}

fn priority(saving: Option<f64>, total: Option<f64>) -> OpportunityPriority {
    let Some(saving) = saving else {
        return OpportunityPriority::Low;
    };
    let share = total
        .filter(|total| *total > 0.0)
        .map_or(0.0, |total| saving / total * 100.0);
    let reached = PRIORITIES
        .iter()
        .find(|(percent, usd, _)| share >= *percent || saving >= *usd);
    reached.map_or(OpportunityPriority::Low, |(_, _, priority)| *priority)
}
