//! Status calls. Most are data (`[[status.reads]]` in the kind's file); those that are code have a
//! file each, a line in [`NATIVE`], and `[status]` in the kind's data file.

mod apigateway;
mod apigatewayv2;
pub(crate) mod distributions;
mod ecs;
mod ecs_facts;
mod lambda;
mod lambda_state;
mod rds;
mod rds_limits;
pub(crate) mod reads;
mod s3;
mod stages;
pub(crate) mod status;

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::seen::{Seen, SeenStatus};
use crate::model::fact::{GapCause, Value as FactValue};
use crate::model::resource::Resource;
use crate::model::snapshot::{Condition, ResourceState};
use crate::text::Untrusted;

/// How the state of one kind of resource is read.
pub(crate) trait NativeStatus: Sync {
    /// The kind's id in the catalogue.
    fn kind(&self) -> &'static str;

    /// Everything that it may send. The kind's data file lists the same.
    fn operations(&self) -> &'static [&'static str];

    /// The status of each of these resources, all of one region, in their order.
    fn observe<'a>(
        &'a self,
        region: RegionClient<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<SeenStatus>>;
}

/// All of them, sorted by kind.
pub(crate) static NATIVE: [&dyn NativeStatus; 6] = [
    &apigateway::RestApis,
    &apigatewayv2::HttpApis,
    &ecs::Services,
    &lambda::Functions,
    &rds::Instances,
    &s3::Buckets,
];

/// What the state of a resource that was not asked for is called.
const NOT_QUERIED: &str = "not queried in this run";

/// Where a turn starts among `count`. Multiples of the golden ratio spread evenly whatever the
/// step, so that a schedule that runs at every third window still comes to everyone.
fn start(turn: u64, count: usize) -> usize {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let place = u128::from(turn.wrapping_mul(GOLDEN)) * count as u128;
    usize::try_from(place >> 64).unwrap_or_default()
}

/// The one for a kind.
pub(crate) fn find(kind: &str) -> Option<&'static dyn NativeStatus> {
    NATIVE.into_iter().find(|native| native.kind() == kind)
}

/// The status of each, where the one call that tells of all of them failed.
fn all_failed(resources: &[&Resource], failure: &Failure) -> Vec<SeenStatus> {
    let each = resources.iter();
    each.map(|_| SeenStatus::failed(failure.clone())).collect()
}

fn state(word: &str, condition: Condition, reason: Option<&str>) -> ResourceState {
    ResourceState {
        word: Untrusted::from(word),
        condition,
        reason: reason
            .filter(|reason| !reason.is_empty())
            .map(Untrusted::from),
    }
}

/// A state whose meaning is in the kind's table of states.
fn stated(word: &str, reason: Option<&str>) -> ResourceState {
    state(word, Condition::Stated, reason)
}

/// A fact that is a text; absent where AWS leaves it out.
fn text(value: Option<&str>) -> Seen<FactValue> {
    Ok(value.filter(|value| !value.is_empty()).map(FactValue::text))
}

/// The text that a part of an answer has under a name; `None` where it has none, or an empty one.
fn said<'a>(part: &'a Value, name: &str) -> Option<&'a str> {
    let text = part.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

/// An answer without what it must have proves nothing: least of all that something is gone.
fn no_list(operation: &str, what: &str) -> Failure {
    let message = format!("the answer has no `{what}`");
    Failure::ours(operation, GapCause::Garbled, message)
}

/// The attribute of a resource, where it has one.
fn attribute<'a>(resource: &'a Resource, name: &str) -> Option<&'a str> {
    resource
        .attributes
        .get(name)
        .map(Untrusted::raw)
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::cloud::actions::Actions;
    use crate::cloud::policy;
    use crate::model::ids::KindId;
    use crate::model::partition::Partition;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_with_a_status_call_has_it_as_data_or_as_code() {
        let native: Vec<&str> = NATIVE.iter().map(|native| native.kind()).collect();
        assert!(native.is_sorted());
        let catalog = Catalog::built_in().expect("the catalogue");
        let said: Vec<&str> = catalog
            .kinds()
            .filter(|kind| kind.status.as_ref().is_some_and(|it| it.reads.is_empty()))
            .map(|kind| kind.id.as_str())
            .collect();
        assert_eq!(native, said);
    }

    #[test]
    fn whatever_is_sent_is_listed_and_has_an_action() {
        let catalog = Catalog::built_in().expect("the catalogue");
        let allowed = policy::observing(&catalog);
        let policy = policy::policy(&allowed, &catalog, Partition::COMMERCIAL);
        let granted: BTreeSet<&str> = policy["Statement"]
            .as_array()
            .expect("statements")
            .iter()
            .flat_map(|statement| statement["Action"].as_array().expect("actions"))
            .filter_map(|action| action.as_str())
            .collect();
        for native in NATIVE {
            let id = KindId::new(native.kind()).expect("a kind's id");
            let kind = catalog.kind(&id).expect("in the catalogue");
            let status = kind.status.as_ref().expect("a status call");
            let sent: BTreeSet<&str> = native.operations().iter().copied().collect();
            let listed: BTreeSet<&str> = status.operations.iter().map(String::as_str).collect();
            assert_eq!(sent, listed, "operations of {id}");
            for operation in sent {
                assert!(allowed.allows(operation), "{operation}");
                let action = Actions::new(&catalog).action_of(operation);
                assert!(granted.contains(action.as_str()), "{action}");
            }
        }
    }
}
