//! Resources whose metrics go by a name that the registry does not have, or not any more.
//!
//! A REST API is registered by its id and measured by its name. Where the name is missing, the
//! status call is asked first and tells it; where the registry's name is not the one that AWS
//! has, the metrics that were asked for are somebody else's or nobody's, and are not believed.

use std::collections::BTreeSet;

use crate::cloud::aws::alarms::DESCRIBE_ALARMS;
use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::status;
use crate::cloud::aws::metrics::GET_METRIC_DATA;
use crate::cloud::aws::seen::{SeenAlarms, SeenResource, SeenStatus};
use crate::cloud::question::ObserveQuestion;
use crate::model::fact::GapCause;
use crate::model::resource::Resource;
use crate::text::Untrusted;

/// The resources of an observation, with what had to be learned about them first.
pub(crate) struct Naming {
    /// As asked, with learned attributes filled in.
    pub(crate) resources: Vec<Resource>,
    /// Places of those that lack a name.
    nameless: BTreeSet<usize>,
    /// Their statuses, once asked.
    early: Vec<(usize, SeenStatus)>,
}

impl Naming {
    /// Finds those that lack a name.
    pub(crate) fn new(aws: &Aws, resources: &[Resource]) -> Self {
        let lacks = |resource: &Resource| {
            let kind = aws.kind(resource).filter(|kind| kind.status.is_some());
            kind.is_some_and(|kind| kind.dimensions_for(resource).is_err())
        };
        Self {
            nameless: (0..resources.len())
                .filter(|at| lacks(&resources[*at]))
                .collect(),
            resources: resources.to_vec(),
            early: Vec::new(),
        }
    }

    /// Asks for the status of those, and takes their names from it.
    pub(crate) async fn ask(&mut self, aws: &Aws, ask: &ObserveQuestion, deadline: Deadline) {
        let nameless: Vec<Resource> = self
            .nameless
            .iter()
            .map(|at| self.resources[*at].clone())
            .collect();
        if nameless.is_empty() {
            return;
        }
        let statuses = status::observe(aws, &nameless, ask, deadline).await;
        for (at, status) in self.nameless.iter().zip(statuses) {
            let attributes = &mut self.resources[*at].attributes;
            for (name, value) in &status.learned {
                attributes.insert(name.clone(), Untrusted::from(value.as_str()));
            }
            self.early.push((*at, status));
        }
    }

    /// The statuses of all, of which those that were asked first are not asked again.
    pub(crate) async fn statuses(
        &self,
        aws: &Aws,
        ask: &ObserveQuestion,
        deadline: Deadline,
    ) -> Vec<SeenStatus> {
        let early: BTreeSet<usize> = self.early.iter().map(|(at, _)| *at).collect();
        let late: Vec<usize> = (0..self.resources.len())
            .filter(|at| !early.contains(at))
            .collect();
        let asked: Vec<Resource> = late.iter().map(|at| self.resources[*at].clone()).collect();
        let answers = status::observe(aws, &asked, ask, deadline).await;
        let mut all: Vec<(usize, SeenStatus)> = late
            .into_iter()
            .zip(answers)
            .chain(self.early.iter().cloned())
            .collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, status)| status).collect()
    }
}

/// What was seen of a resource, less what was asked under a wrong name.
pub(crate) fn checked(mut seen: SeenResource, resource: &Resource) -> SeenResource {
    if matches!(seen.status.state, Ok(None)) {
        // It is gone, so there is nothing to measure; that its name is unknown hides nothing.
        let pointless = |failure: &Failure| failure.cause == GapCause::NotAsked;
        for metric in seen.metrics.values_mut() {
            if metric.as_ref().is_err_and(pointless) {
                *metric = Ok(None);
            }
        }
        if seen.alarms.failure.as_ref().is_some_and(pointless) {
            seen.alarms.failure = None;
        }
        seen.status.measured.clear();
        return seen;
    }
    let renamed = seen.status.learned.iter().find_map(|(attribute, now)| {
        let registered = resource.attributes.get(attribute)?;
        (registered.raw() != now)
            .then(|| (attribute.clone(), registered.raw().to_owned(), now.clone()))
    });
    if let Some((attribute, registered, now)) = renamed {
        let why = format!(
            "the registry says `{attribute}` is `{registered}`, but AWS has `{now}`; adopt it again"
        );
        let failure = |operation| Failure::ours(operation, GapCause::NotAsked, why.clone());
        let of_parts = seen
            .status
            .measured
            .iter_mut()
            .flat_map(|part| part.metrics.values_mut());
        for metric in seen.metrics.values_mut().chain(of_parts) {
            *metric = Err(failure(GET_METRIC_DATA));
        }
        seen.alarms = SeenAlarms {
            alarms: Vec::new(),
            failure: Some(failure(DESCRIBE_ALARMS)),
        };
    }
    seen
}
