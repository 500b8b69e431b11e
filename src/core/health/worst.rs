//! Parts of a resource that take work of their own. Each is judged like the whole, and the worst
//! counts: what fails in one must not hide behind the work of another.

use std::cmp::Ordering;

use crate::catalog::kinds::kind::PartDefinition;
use crate::model::report::Better;
use crate::model::snapshot::Observed;
use crate::model::status::Verdict;
use crate::text::Untrusted;

use super::case::Case;
use super::readings::Readings;
use super::slis::Judged;

/// A part, as if it were a resource of its own.
pub(super) struct PartCase<'a> {
    pub(super) name: &'a Untrusted,
    pub(super) definition: &'a PartDefinition,
    pub(super) observed: Observed,
}

/// The parts of the resource that the kind knows.
pub(super) fn parts<'a>(case: &Case<'a>) -> Vec<PartCase<'a>> {
    let observed = case.observed;
    let known = observed.parts.iter().filter_map(|part| {
        Some(PartCase {
            name: &part.name,
            definition: case.kind.part(&part.sort)?,
            // Field by field: a copy of the whole would have every part in it.
            observed: Observed {
                resource: observed.resource.clone(),
                state: observed.state.clone(),
                facts: observed.facts.clone(),
                metrics: part.metrics.clone(),
                parts: Vec::new(),
                alarms: observed.alarms.clone(),
                some_alarms: observed.some_alarms.clone(),
            },
        })
    });
    known.collect()
}

/// What an indicator says of the whole or of a part.
pub(super) struct Contender<'a> {
    pub(super) part: Option<&'a Untrusted>,
    pub(super) judged: Judged,
    pub(super) readings: Readings<'a>,
}

/// Takes the worst out of what an indicator says of the whole, which comes first, and of each
/// part. Of equals the whole counts; but where it misses its target together with one of several
/// parts, the part does, since that says where to look.
pub(super) fn take_worst<'a>(contenders: &mut Vec<Contender<'a>>) -> Contender<'a> {
    let several = contenders.iter().filter(|one| one.part.is_some()).count() > 1;
    let key = |one: &Contender<'_>| {
        let rank = rank(&one.judged);
        (rank, several && rank >= MISSED && one.part.is_some())
    };
    let mut worst = 0;
    for index in 1..contenders.len() {
        let (new, old) = (&contenders[index], &contenders[worst]);
        let order = key(new).cmp(&key(old));
        let both_parts = new.part.is_some() && old.part.is_some();
        let order = order.then_with(|| match both_parts {
            true => badness(&new.judged).total_cmp(&badness(&old.judged)),
            false => Ordering::Equal,
        });
        if order == Ordering::Greater {
            worst = index;
        }
    }
    contenders.remove(worst)
}

/// From where on a target is missed.
const MISSED: u8 = 7;

fn rank(judged: &Judged) -> u8 {
    match judged {
        Judged::NotCollected(_) => 0,
        Judged::Unknown(..) => 6,
        Judged::Known(result) => match result.verdict {
            Verdict::Idle => 1,
            // Few events that failed are no proof, but no sign of health either.
            Verdict::TooFewSamples if result.misses_target() => 5,
            Verdict::TooFewSamples => 2,
            Verdict::Ok => 3,
            Verdict::AtRisk => 4,
            Verdict::Unknown => 6,
            Verdict::Breach => MISSED,
            Verdict::Critical => MISSED + 1,
        },
    }
}

fn badness(judged: &Judged) -> f64 {
    match judged {
        Judged::Known(result) => match (result.value, result.better) {
            (Some(value), Better::Lower) => value,
            (Some(value), Better::Higher) => -value,
            (None, _) => f64::NEG_INFINITY,
        },
        _ => f64::NEG_INFINITY,
    }
}
