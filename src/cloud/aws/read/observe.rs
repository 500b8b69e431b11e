//! What is known of resources: their status, metrics and alarms, all at once.

use std::collections::BTreeMap;

use futures_util::future::join3;

use crate::cloud::aws::alarms;
use crate::cloud::aws::alarms::Alarms;
use crate::cloud::aws::assemble::assemble;
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::kinds::status;
use crate::cloud::aws::measured;
use crate::cloud::aws::metrics;
use crate::cloud::aws::naming;
use crate::cloud::aws::naming::Naming;
use crate::cloud::aws::seen::{SeenAlarms, SeenResource};
use crate::cloud::question::ObserveQuestion;
use crate::model::fact::Fact;
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::snapshot::{Alarm, Snapshot};

/// Looks at the resources. What it cost is not known before it is over, and left to the caller.
pub(crate) async fn read(aws: &Aws, ask: &ObserveQuestion) -> Snapshot {
    let (seen, unmatched_alarms) = look(aws, ask).await;
    let (resources, gaps) = assemble(&aws.catalog, &ask.resources, seen);
    Snapshot {
        environment: ask.environment.clone(),
        identity: Fact::Known(ask.identity.clone()),
        window: ask.window,
        read_from: (ask.read_from < ask.window.start).then_some(ask.read_from),
        resources,
        unmatched_alarms,
        gaps,
        receipt: Receipt::default(),
        back_fill: Vec::new(),
    }
}

/// Asks for everything at once. A check that is off is not asked for.
async fn look(aws: &Aws, ask: &ObserveQuestion) -> (Vec<SeenResource>, Vec<Alarm>) {
    let deadline = aws.deadline_from_now();
    let is_on = |check| ask.checks.contains(&check);
    let mut named = Naming::new(aws, &ask.resources);
    if is_on(EnabledCheck::ResourceStatus) {
        named.ask(aws, ask, deadline).await;
    }
    let resources = &named.resources;
    let (statuses, metrics, alarms) = join3(
        async {
            match is_on(EnabledCheck::ResourceStatus) {
                true => named.statuses(aws, ask, deadline).await,
                false => status::unchecked(resources),
            }
        },
        async {
            match is_on(EnabledCheck::CloudwatchMetrics) {
                true => metrics::observe(aws, resources, ask, deadline).await,
                false => vec![BTreeMap::new(); resources.len()],
            }
        },
        async {
            match is_on(EnabledCheck::CloudwatchAlarms) {
                true => alarms::observe(aws, resources, deadline).await,
                false => Alarms {
                    by_resource: resources.iter().map(|_| SeenAlarms::default()).collect(),
                    unmatched: Vec::new(),
                },
            }
        },
    )
    .await;
    let seen = statuses
        .into_iter()
        .zip(metrics)
        .zip(alarms.by_resource)
        .map(|((status, metrics), alarms)| SeenResource {
            metrics: match status.totals_are_shared && status.state.is_ok() {
                true => measured::total(metrics, &status.measured),
                false => metrics,
            },
            status,
            alarms,
        })
        .zip(resources)
        .map(|(seen, resource)| naming::checked(seen, resource))
        .collect();
    (seen, alarms.unmatched)
}
