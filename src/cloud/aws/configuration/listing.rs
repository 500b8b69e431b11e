//! Listing the resources of one type in one region.

use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::Value;

use super::AT_ONCE;
use super::asker::Ask;
use super::scope::Scope;
use crate::catalog::reads::resource_type::{ListStep, ResourceType};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::lean::Listing;
use crate::model::fact::GapCause;
use crate::model::ids::Region;

/// A resource, or something on the way to one.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// What the last answer says of it.
    pub(super) item: Value,
    /// What was found on the way to it.
    pub(super) scope: Scope,
    /// Which item of the step before it comes from.
    parent: usize,
}

impl Found {
    /// One that nobody has to look for.
    pub(super) fn known(scope: Scope) -> Self {
        Self {
            item: Value::Null,
            scope,
            parent: 0,
        }
    }
}

/// What was found.
pub(super) struct Listed {
    pub(super) found: Vec<Found>,
    /// Why there may be more.
    pub(super) failures: Vec<Failure>,
}

/// Lists the resources of a type; a type without steps has one.
pub(super) async fn list(
    asker: &impl Ask,
    of: &ResourceType,
    region: &Region,
    scope: &Scope,
) -> Listed {
    let start = Found::known(scope.clone());
    let mut listed = Listed {
        found: vec![start],
        failures: Vec::new(),
    };
    for step in &of.steps {
        let batches = batches(&listed.found, step.batch);
        let asking = batches
            .into_iter()
            .map(|batch| ask(asker, step, region, batch));
        let answers: Vec<Listed> = stream::iter(asking).buffered(AT_ONCE).collect().await;
        let mut next = Vec::new();
        for (parent, answer) in answers.into_iter().enumerate() {
            let found = answer.found.into_iter();
            next.extend(found.map(|found| Found { parent, ..found }));
            listed.failures.extend(answer.failures);
        }
        listed.found = next;
    }
    listed
}

/// Items of the same parent, as many at a time as one call takes.
fn batches(found: &[Found], size: usize) -> Vec<&[Found]> {
    let of_one = found.chunk_by(|a, b| a.parent == b.parent);
    of_one.flat_map(|same| same.chunks(size)).collect()
}

async fn ask(asker: &impl Ask, step: &ListStep, region: &Region, batch: &[Found]) -> Listed {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    let Some(first) = batch.first() else {
        return Listed { found, failures };
    };
    let items: Vec<(&Scope, &Value)> = batch.iter().map(|one| (&one.scope, &one.item)).collect();
    let listing = match first.scope.input(&step.input, &items) {
        Ok(input) => asker.ask(&step.operation, region, input).await,
        Err(member) => Rc::new(without(&step.operation, &member)),
    };
    // Where nothing was answered, `.` would be a resource of which nothing is known.
    let answer = (listing.pages > 0).then_some(&listing.answer);
    for item in answer
        .into_iter()
        .flat_map(|answer| first.scope.select(&step.items, answer))
    {
        let keeps = step
            .keep
            .as_ref()
            .is_none_or(|keep| first.scope.holds(keep, item, item));
        if keeps {
            let scope = match &step.binding {
                Some(name) => first.scope.with(name, item.clone()),
                None => first.scope.clone(),
            };
            let item = item.clone();
            found.push(Found {
                item,
                scope,
                parent: 0,
            });
        }
    }
    failures.extend(
        listing
            .failure
            .clone()
            .filter(|failure| !failure.has_code(&step.absent)),
    );
    Listed { found, failures }
}

/// A call that lacks a part of its input.
pub(super) fn without(operation: &str, member: &str) -> Listing {
    let message = format!("an earlier answer lacks what `{member}` is to be");
    Listing {
        answer: Value::Null,
        pages: 0,
        failure: Some(Failure::ours(operation, GapCause::NotAsked, message)),
    }
}
