//! Status calls of all kinds and regions at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds;
use crate::cloud::aws::kinds::reads;
use crate::cloud::aws::measured;
use crate::cloud::aws::qualifiers;
use crate::cloud::aws::seen::SeenStatus;
use crate::cloud::question::ObserveQuestion;
use crate::model::fact::GapCause;
use crate::model::ids::Region;
use crate::model::monitoring::EnabledCheck;
use crate::model::resource::Resource;
use crate::model::snapshot::ResourceState;
use crate::model::window::Window;

/// The kind whose versions and aliases take traffic of their own.
const LAMBDA: &str = "lambda";

/// The status of each resource, in their order. Kinds without a status call are unchecked.
pub(crate) async fn observe(
    aws: &Aws,
    resources: &[Resource],
    ask: &ObserveQuestion,
    deadline: Deadline,
) -> Vec<SeenStatus> {
    let are_measured = ask.checks.contains(&EnabledCheck::CloudwatchMetrics);
    let mut statuses = unchecked(resources);
    let mut groups: BTreeMap<(&str, &Region), Vec<usize>> = BTreeMap::new();
    for (index, resource) in resources.iter().enumerate() {
        if let Some(kind) = aws.kind(resource).filter(|kind| kind.status.is_some()) {
            let region = aws.endpoint_region(&resource.region);
            groups
                .entry((kind.id.as_str(), region))
                .or_default()
                .push(index);
        }
    }
    let answers = join_all(groups.iter().map(|((kind, region), members)| async move {
        let asked: Vec<&Resource> = members.iter().map(|index| &resources[*index]).collect();
        let region = aws.in_region(region, deadline).in_turn(turn(ask.window));
        let with_reads = asked.first().and_then(|one| aws.kind(one));
        let with_reads =
            with_reads.filter(|kind| kind.status.iter().any(|call| !call.reads.is_empty()));
        let answer = match (with_reads, kinds::find(kind)) {
            (Some(kind), _) => reads::observe(region, kind, &asked).await,
            (None, Some(native)) => native.observe(region, asked.clone()).await,
            // A user's kind that names operations which nothing here sends.
            (None, None) => asked
                .iter()
                .map(|_| SeenStatus::failed(no_code(kind)))
                .collect(),
        };
        let answer = match are_measured && *kind == LAMBDA {
            true => qualifiers::add(region, &asked, answer, ask.window).await,
            false => answer,
        };
        let answer = match are_measured {
            true => measured::measure(aws, &asked, answer, ask, deadline).await,
            false => answer,
        };
        (members, answer)
    }))
    .await;
    for (members, answer) in answers {
        for (index, status) in members.iter().zip(answer) {
            statuses[*index] = status;
        }
    }
    statuses
}

/// The number of a window, counted in its periods.
fn turn(window: Window) -> u64 {
    let number = window.end.as_second() / i64::from(window.period_seconds.max(1));
    u64::try_from(number).unwrap_or_default()
}

/// The status of resources that are not queried.
pub(crate) fn unchecked(resources: &[Resource]) -> Vec<SeenStatus> {
    resources
        .iter()
        .map(|_| SeenStatus::known(ResourceState::unchecked()))
        .collect()
}

fn no_code(kind: &str) -> Failure {
    Failure::ours(
        &format!("{kind}:status"),
        GapCause::NotAsked,
        format!(
            "the kind `{kind}` has a `[status]` table without `reads`, and no status call is built in for it"
        ),
    )
}
