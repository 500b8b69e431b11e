//! How a resource is, as the `[[read]]` of an action ask it.

use serde_json::{Map, Value};

use crate::catalog::actions::{Actions, resource_fields};
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::configuration;
use crate::cloud::aws::errors::Failure;
use crate::cloud::question::{Answer, SituationQuestion};
use crate::model::fact::GapCause;

/// Asks what the action needs.
pub(crate) async fn read(aws: &Aws, ask: &SituationQuestion) -> Answer {
    let Some(action) = Actions::built_in().get(&ask.action) else {
        let message = "there is no such action";
        let failure = Failure::ours("fractary:ask", GapCause::NotAsked, message);
        return Answer::Gap(failure.into_gap(format!("what `{}` needs", ask.action)));
    };
    let fields = resource_fields(&ask.resource).into_iter();
    let fields: Map<String, Value> = fields
        .map(|(name, text)| (name.to_owned(), Value::from(text)))
        .collect();
    let region = aws.endpoint_region(&ask.resource.region);
    let read = configuration::read_known(aws, &action.reads, fields.into(), region);
    Answer::Situation(Box::new(read.await))
}
