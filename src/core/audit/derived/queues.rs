//! Queues: their policies, and whether others leave their failed messages in one.

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::FactView;
use crate::core::known::{Known, Obstacle, Obstacles, any};

use super::{DerivedFact, DerivedFacts, policies};

const QUEUE: &str = "aws_sqs_queue";

pub(super) fn queue<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let mut facts = policies::queue_or_topic(view);
    let is_dead_letter = is_dead_letter(estate, view);
    facts.insert("is_dead_letter", DerivedFact::from(is_dead_letter));
    facts
}

/// Whether another queue of its region names it as its dead-letter queue. A plan has only the
/// queues that it changes, and seldom their ARNs: there, nothing but the queue itself says so.
fn is_dead_letter<'a>(estate: &Estate<'a>, view: FactView<'a>) -> Known<bool> {
    let own = view.resource;
    let Some(arn) = own.arn.as_ref().filter(|_| !view.is_planned()) else {
        return Ok(false);
    };
    let quoted = format!("\"{}\"", arn.as_str());
    let (seen, _) = estate.of_type(QUEUE);
    let others = seen
        .iter()
        .filter(|one| one.region == own.region && one.arn != own.arn);
    let each = others.map(|one| {
        let policy = estate.view(one).text("redrive_policy")?;
        Ok(policy.is_some_and(|policy| policy.contains(&quoted)))
    });
    let lists = estate.configuration.coverage.iter();
    let lists = lists.filter(|one| one.resource_type == QUEUE && one.region == own.region);
    let unlisted = lists.filter_map(|one| one.extent.gap());
    let hidden = unlisted.map(|gap| Err(Obstacles::from([Obstacle::Gap(gap)])));
    any(each.chain(hidden))
}
