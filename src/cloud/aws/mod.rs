//! AWS through its official SDK: one guard, one receipt, one connection pool.
//!
//! To add a resource kind with a status call, see [`kinds`].

mod alarms;
mod assemble;
mod client;
mod discover;
mod errors;
pub mod guard;
pub(crate) mod kinds;
mod metrics;
pub(crate) mod naming;
mod pages;
mod receipt;
mod seen;
mod topics;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join3;

pub use client::Aws;
pub use client::AwsSettings;
pub use client::ConnectError;
pub use receipt::Prices;
pub use topics::Publication;

use crate::cloud::Cloud;
use crate::cloud::DiscoverRequest;
use crate::cloud::Discovered;
use crate::cloud::ObserveRequest;
use crate::cloud::actions::IDENTITY;
use crate::cloud::aws::alarms::Alarms;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::naming::Naming;
use crate::cloud::aws::seen::{SeenAlarms, SeenResource};
use crate::model::fact::{Fact, Gap, GapCause};
use crate::model::ids::{AccountId, Arn};
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::snapshot::{Identity, Snapshot};

impl Cloud for Aws {
    fn identity(&self) -> LocalBoxFuture<'_, Result<Identity, Gap>> {
        async move {
            let started = Instant::now();
            let answer = self.caller().await;
            self.guard.meter().spent += started.elapsed();
            answer.map_err(|failure| failure.into_gap("identity of the caller".to_owned()))
        }
        .boxed_local()
    }

    fn observe<'a>(&'a self, ask: &'a ObserveRequest) -> LocalBoxFuture<'a, Snapshot> {
        async move {
            let started = Instant::now();
            let (sights, unmatched_alarms) = self.look(ask).await;
            self.guard.meter().spent += started.elapsed();
            let (resources, gaps) = assemble::assemble(&self.catalog, &ask.resources, sights);
            Snapshot {
                environment: ask.environment.clone(),
                identity: Fact::Known(ask.identity.clone()),
                window: ask.window,
                read_from: (ask.read_from < ask.window.start).then_some(ask.read_from),
                resources,
                unmatched_alarms,
                gaps,
                receipt: self.receipt(),
                back_fill: Vec::new(),
            }
        }
        .boxed_local()
    }

    fn discover<'a>(
        &'a self,
        ask: &'a DiscoverRequest,
    ) -> LocalBoxFuture<'a, Result<Vec<Discovered>, Gap>> {
        async move {
            let started = Instant::now();
            let answer = discover::discover(self, ask, self.deadline_from_now()).await;
            self.guard.meter().spent += started.elapsed();
            answer
        }
        .boxed_local()
    }

    fn receipt(&self) -> Receipt {
        self.guard.meter().receipt(&self.prices)
    }
}

impl Aws {
    /// Asks for everything at once. A check that is off is not asked for.
    async fn look(
        &self,
        ask: &ObserveRequest,
    ) -> (Vec<SeenResource>, Vec<crate::model::snapshot::Alarm>) {
        let deadline = self.deadline_from_now();
        let is_on = |check| ask.checks.contains(&check);
        let mut named = Naming::new(self, &ask.resources);
        if is_on(EnabledCheck::ResourceStatus) {
            named.ask(self, deadline).await;
        }
        let resources = &named.resources;
        let (statuses, metrics, alarms) = join3(
            async {
                match is_on(EnabledCheck::ResourceStatus) {
                    true => named.statuses(self, deadline).await,
                    false => kinds::status::unchecked(resources),
                }
            },
            async {
                match is_on(EnabledCheck::CloudwatchMetrics) {
                    true => metrics::observe(self, resources, ask, deadline).await,
                    false => vec![BTreeMap::new(); resources.len()],
                }
            },
            async {
                match is_on(EnabledCheck::CloudwatchAlarms) {
                    true => alarms::observe(self, resources, deadline).await,
                    false => Alarms {
                        by_resource: resources.iter().map(|_| SeenAlarms::default()).collect(),
                        unmatched: Vec::new(),
                    },
                }
            },
        )
        .await;
        let sights = statuses
            .into_iter()
            .zip(metrics)
            .zip(alarms.by_resource)
            .map(|((status, metrics), alarms)| SeenResource {
                status,
                metrics,
                alarms,
            })
            .zip(resources)
            .map(|(sight, resource)| naming::checked(sight, resource))
            .collect();
        (sights, alarms.unmatched)
    }

    async fn caller(&self) -> Result<Identity, Failure> {
        let region = self.in_region(&self.region, self.deadline_from_now());
        let send = region.sts().get_caller_identity().send();
        let answer = region.call(IDENTITY, send).await?;
        let garbled = |what: String| Failure::ours(IDENTITY, GapCause::Garbled, what);
        Ok(Identity {
            account: AccountId::new(answer.account().unwrap_or_default())
                .map_err(|invalid| garbled(invalid.to_string()))?,
            arn: Arn::new(answer.arn().unwrap_or_default())
                .map_err(|invalid| garbled(invalid.to_string()))?,
        })
    }
}
