//! Resources whose metrics AWS counts together with those of others.

use crate::expr::Value;
use crate::model::fact::Fact;
use crate::text::Untrusted;

use super::case::{Case, Verdicts};

/// The fact that says with whom a resource shares its metrics.
const SHARES_METRICS: &str = "shares_metrics_with";

/// Says where AWS counts several resources together. What they do wrong can be any one's, so a
/// share that is within its target proves nothing as long as something failed.
pub(super) fn judge(case: &Case<'_>, verdicts: &mut Verdicts) {
    let fact = case.observed.facts.get(SHARES_METRICS);
    let Some(Value::Text(others)) = fact.and_then(Fact::known) else {
        return;
    };
    let words = Untrusted::new(format!(
        "its metrics cannot be told from those of {}: both have one name, and CloudWatch counts by \
         name; give one of them another",
        others.raw()
    ));
    let missed = verdicts.slis.iter().any(|sli| sli.slo_breach);
    let failed = verdicts
        .slis
        .iter()
        .any(|sli| sli.bad.is_some_and(|bad| bad > 0.0));
    for problem in verdicts.problems.iter_mut().filter(|p| p.slo_breach) {
        problem.symptoms.push(words.clone());
    }
    match failed && !missed {
        true => verdicts.unknown(words),
        false => verdicts.reasons.push(words),
    }
}
