//! Status calls of all kinds and regions at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds;
use crate::cloud::aws::measured;
use crate::cloud::aws::seen::SeenStatus;
use crate::cloud::question::ObserveQuestion;
use crate::model::fact::GapCause;
use crate::model::ids::Region;
use crate::model::monitoring::EnabledCheck;
use crate::model::resource::Resource;
use crate::model::snapshot::ResourceState;
use crate::model::window::Window;

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
        let answer = match kinds::find(kind) {
            Some(native) => {
                let region = aws.in_region(region, deadline).in_turn(turn(ask.window));
                let answer = native.observe(region, asked.clone()).await;
                match are_measured {
                    true => measured::measure(aws, &asked, answer, ask, deadline).await,
                    false => answer,
                }
            }
            // A user's kind that names operations which no code here sends.
            None => asked
                .iter()
                .map(|_| SeenStatus::failed(no_code(kind)))
                .collect(),
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
        format!("the kind `{kind}` has a `[status]` table, but no status call is built in for it"),
    )
}
