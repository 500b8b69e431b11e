//! Stages of APIs: which there are, which should be there, and whose metrics are whose.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::Value;

use crate::catalog::reads::path::items;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::{attribute, said, stated, text};
use crate::cloud::aws::seen::{LearnedPart, Seen, SeenStatus};
use crate::model::resource::Resource;
use crate::model::snapshot::ResourceState;

/// The word for the state of an API of which AWS says nothing but that it is there.
pub(super) const EXISTS: &str = "exists";

/// Names of an API's stages.
pub(super) type Stages = Result<BTreeSet<String>, Failure>;

/// Id of the API: behind `/restapis/` or `/apis/` in the ARN, else the id of the registry.
pub(super) fn id(resource: &Resource) -> &str {
    let mut parts = resource.arn.resource().split('/');
    parts
        .by_ref()
        .find(|part| matches!(*part, "restapis" | "apis"))
        .and_then(|_| parts.next())
        .unwrap_or(resource.aws_id.raw())
}

/// The stage, where the resource is one and not a whole API.
pub(super) fn own_stage(resource: &Resource) -> Option<&str> {
    let (_, stage) = resource.arn.resource().split_once("/stages/")?;
    Some(stage)
}

/// The stages that the registry knows of.
fn registered(resource: &Resource) -> BTreeSet<&str> {
    if let Some(stage) = own_stage(resource) {
        return BTreeSet::from([stage]);
    }
    let listed = attribute(resource, "stages").into_iter();
    let one = attribute(resource, "stage");
    listed.flat_map(|list| list.split(',')).chain(one).collect()
}

/// The names in a list of stages, which is this member of the answer.
pub(super) fn names(answer: &Value, list: &str) -> Vec<String> {
    let stages = answer.get(list).map_or(&[][..], items).iter();
    let names = stages.filter_map(|stage| said(stage, "stageName"));
    names.map(str::to_owned).collect()
}

/// Asks for the stages of these APIs. `ask` gives the names of one's.
pub(super) async fn all<'a>(
    ids: impl Iterator<Item = &'a str>,
    ask: impl AsyncFn(&'a str) -> Result<Vec<String>, Failure>,
) -> BTreeMap<&'a str, Stages> {
    let ids: BTreeSet<&str> = ids.collect();
    let ask = &ask;
    let each = join_all(ids.into_iter().map(|id| async move {
        let stages = match ask(id).await {
            Ok(names) => Ok(names.into_iter().collect()),
            // The list of APIs says that it is gone.
            Err(failure) if failure.has_code(&["NotFoundException"]) => Ok(BTreeSet::new()),
            Err(failure) => Err(failure),
        };
        (id, stages)
    }));
    each.await.into_iter().collect()
}

/// The state of an API or a stage: an API that is there answers nothing without its stages.
pub(super) fn judge(
    resource: &Resource,
    api: Seen<ResourceState>,
    stages: Option<&Stages>,
) -> SeenStatus {
    let api = match api {
        Ok(Some(state)) => state,
        Ok(None) => return SeenStatus::absent(),
        Err(failure) => return SeenStatus::failed(failure),
    };
    let stages = match stages {
        Some(Ok(stages)) => stages,
        Some(Err(failure)) => return SeenStatus::failed(failure.clone()),
        None => return with_word(api),
    };
    let missing: Vec<String> = registered(resource)
        .into_iter()
        .filter(|stage| !stages.contains(*stage))
        .map(|stage| format!("`{stage}`"))
        .collect();
    let status = with_word(match missing.as_slice() {
        [] if stages.is_empty() => {
            let why = "it has no stage, so nothing can call it";
            stated("no stages", Some(why))
        }
        [] => api,
        [one] => stated(
            "stage is missing",
            Some(&format!("the API has no stage {one}")),
        ),
        several => {
            let why = format!("the API has no stages {}", several.join(", "));
            stated("stages are missing", Some(&why))
        }
    });
    match own_stage(resource) {
        Some(_) => status,
        None => status.made_of(stages.iter().map(|stage| LearnedPart {
            sort: "stage".to_owned(),
            name: format!("stage {stage}"),
            attributes: vec![("stage".to_owned(), stage.clone())],
            region: None,
        })),
    }
}

/// The state with its word as a fact, for the kind's table of states.
fn with_word(state: ResourceState) -> SeenStatus {
    let word = state.word.raw().to_owned();
    SeenStatus::known(state).with("status", text(Some(&word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::GapCause;

    fn api(arn: &str, attributes: &[(&str, &str)]) -> Resource {
        let attributes: BTreeMap<&str, &str> = attributes.iter().copied().collect();
        serde_json::from_value(serde_json::json!({
            "kind": "apigateway", "resource_type": "x", "name": "orders", "aws_id": "a1",
            "arn": format!("arn:aws:apigateway:eu-west-1::{arn}"), "region": "eu-west-1",
            "attributes": attributes,
        }))
        .expect("a resource")
    }

    /// State word, reason, and the parts.
    fn seen(resource: &Resource, stages: &[&str]) -> (String, String, Vec<String>) {
        let exists = Ok(Some(stated(EXISTS, None)));
        let stages: Stages = Ok(stages.iter().map(|stage| (*stage).to_owned()).collect());
        let status = judge(resource, exists, Some(&stages));
        let parts = status.parts.into_iter().map(|part| part.name).collect();
        let state = status.state.expect("an answer").expect("it exists");
        let reason = state
            .reason
            .map_or_else(String::new, |r| r.raw().to_owned());
        (state.word.raw().to_owned(), reason, parts)
    }

    /// What the registry says, the stages there are, the word, the reason.
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a str, &'a str);

    #[test]
    fn every_stage_is_a_part_and_one_that_should_be_there_is_missed() {
        let cases: [Case<'_>; 7] = [
            (&[], &["beta", "live"], "exists", ""),
            (&[("stage", "live")], &["beta", "live"], "exists", ""),
            (
                &[("stage", "live")],
                &["beta"],
                "stage is missing",
                "the API has no stage `live`",
            ),
            (
                &[("stage", "beta"), ("stages", "beta,live")],
                &["beta"],
                "stage is missing",
                "the API has no stage `live`",
            ),
            (
                &[("stages", "beta,live")],
                &[],
                "stages are missing",
                "the API has no stages `beta`, `live`",
            ),
            (&[("stage", "$default")], &["$default"], "exists", ""),
            (
                &[],
                &[],
                "no stages",
                "it has no stage, so nothing can call it",
            ),
        ];
        for (attributes, stages, word, reason) in cases {
            let seen = seen(&api("/restapis/a1", attributes), stages);
            let parts: Vec<String> = stages
                .iter()
                .map(|stage| format!("stage {stage}"))
                .collect();
            assert_eq!(
                seen,
                (word.to_owned(), reason.to_owned(), parts),
                "{attributes:?}"
            );
        }
    }

    #[test]
    fn a_stage_that_is_registered_by_itself_is_one_thing() {
        let stage = api("/restapis/a1/stages/live", &[("stage", "live")]);
        assert_eq!(seen(&stage, &["beta", "live"]).0, "exists");
        assert!(seen(&stage, &["beta", "live"]).2.is_empty());
        assert_eq!(seen(&stage, &["beta"]).0, "stage is missing");
    }

    #[test]
    fn stages_that_could_not_be_read_leave_the_api_unknown() {
        let exists = || Ok(Some(stated(EXISTS, None)));
        let denied: Stages = Err(Failure::ours("x:GetStages", GapCause::Denied, "no"));
        let resource = api("/apis/a1", &[]);
        assert!(judge(&resource, exists(), Some(&denied)).state.is_err());
        assert_eq!(judge(&resource, Ok(None), Some(&denied)).state, Ok(None));
    }
}
