//! REST APIs of API Gateway.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use aws_sdk_apigateway::types::ApiStatus;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join;
use futures_util::future::join_all;

use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::attribute;
use crate::cloud::aws::kinds::state;
use crate::cloud::aws::kinds::unknown_word;
use crate::cloud::aws::pages::all_pages;
use crate::cloud::aws::seen::{Seen, SeenStatus};
use crate::model::resource::Resource;
use crate::model::snapshot::{Condition, ResourceState};

const APIS: &str = "apigateway:GetRestApis";
const STAGES: &str = "apigateway:GetStages";

/// Most APIs on a page.
const PAGE: i32 = 500;

pub(crate) struct RestApis;

impl NativeStatus for RestApis {
    fn kind(&self) -> &'static str {
        "apigateway"
    }

    fn operations(&self) -> &'static [&'static str] {
        &[APIS, STAGES]
    }

    fn observe<'a>(
        &'a self,
        region: RegionClient<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<SeenStatus>> {
        async move {
            let stages = all_stages(&resources, async |api| stages(region, api).await);
            let (apis, stages) = join(list(region), stages).await;
            resources
                .iter()
                .map(|resource| {
                    let api = apis
                        .as_ref()
                        .map(|apis| apis.get(id(resource)))
                        .map_err(Clone::clone);
                    let name = api
                        .as_ref()
                        .ok()
                        .and_then(|api| api.as_ref()?.name.as_ref());
                    let seen = api.clone().map(|api| Some(api?.seen.clone()));
                    // Metrics go by the name, which the id does not tell and people change.
                    judge(seen, stage(resource), stages.get(id(resource))).learn("api_name", name)
                })
                .collect()
        }
        .boxed_local()
    }
}

/// Id of the API: behind `/restapis/` or `/apis/` in the ARN, else the id of the registry.
pub(super) fn id(resource: &Resource) -> &str {
    let mut parts = resource.arn.resource().split('/');
    parts
        .by_ref()
        .find(|part| matches!(*part, "restapis" | "apis"))
        .and_then(|_| parts.next())
        .unwrap_or(resource.aws_id.raw())
}

/// The stage that is meant, where it is a certain one.
pub(super) fn stage(resource: &Resource) -> Option<&str> {
    resource
        .arn
        .resource()
        .split_once("/stages/")
        .map(|(_, stage)| stage)
        .or_else(|| attribute(resource, "stage"))
}

/// Names of an API's stages.
pub(super) type Stages = Result<BTreeSet<String>, Failure>;

/// An API that is there, without the stage that is meant, answers no requests.
pub(super) fn judge(
    api: Result<Option<Seen<ResourceState>>, Failure>,
    stage: Option<&str>,
    stages: Option<&Stages>,
) -> SeenStatus {
    let api = match api {
        Ok(Some(Ok(Some(state)))) => state,
        Ok(None | Some(Ok(None))) => return SeenStatus::absent(),
        Ok(Some(Err(failure))) | Err(failure) => return SeenStatus::failed(failure),
    };
    match (stage, stages) {
        (Some(_), Some(Err(failure))) => SeenStatus::failed(failure.clone()),
        (Some(stage), Some(Ok(stages))) if !stages.contains(stage) => SeenStatus::known(state(
            "stage is missing",
            Condition::Broken,
            Some(&format!("the API has no stage `{stage}`")),
        )),
        _ => SeenStatus::known(api),
    }
}

/// One API of the list.
struct Listed {
    name: Option<String>,
    seen: Seen<ResourceState>,
}

async fn list(region: RegionClient<'_>) -> Result<BTreeMap<String, Listed>, Failure> {
    let client = region.apigateway();
    let apis = all_pages(APIS, async |position| {
        let list = client.get_rest_apis().limit(PAGE);
        let page = region
            .call(APIS, list.set_position(position).send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    let named = apis.await?.into_iter().filter_map(|api| {
        let seen = condition(api.api_status(), api.api_status_message());
        let listed = Listed {
            name: api.name,
            seen,
        };
        Some((api.id?, listed))
    });
    Ok(named.collect())
}

/// Stages of the APIs of which a certain stage is meant, each API once. `ask` gives their names.
pub(super) async fn all_stages<'a>(
    resources: &[&'a Resource],
    ask: impl AsyncFn(&'a str) -> Result<Vec<String>, Failure>,
) -> BTreeMap<&'a str, Stages> {
    let ids: BTreeSet<&str> = resources
        .iter()
        .filter(|resource| stage(resource).is_some())
        .map(|resource| id(resource))
        .collect();
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

async fn stages(region: RegionClient<'_>, api: &str) -> Result<Vec<String>, Failure> {
    let send = region.apigateway().get_stages().rest_api_id(api).send();
    let stages = region.call(STAGES, send).await?.item.unwrap_or_default();
    let names = stages.into_iter().filter_map(|stage| stage.stage_name);
    Ok(names.collect())
}

fn condition(now: Option<&ApiStatus>, reason: Option<&str>) -> Seen<ResourceState> {
    let condition = match now {
        None | Some(ApiStatus::Available) => Condition::Good,
        Some(ApiStatus::Pending | ApiStatus::Updating) => Condition::Changing,
        Some(ApiStatus::Failed) => Condition::Broken,
        Some(other) => return Err(unknown_word(APIS, other.as_str())),
    };
    Ok(Some(state(
        now.map_or("exists", ApiStatus::as_str),
        condition,
        reason,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::GapCause;

    #[test]
    fn an_api_needs_its_stage() {
        let api = || Ok(Some(condition(None, None)));
        let stages: Stages = Ok(BTreeSet::from(["prod".to_owned()]));
        let denied: Stages = Err(Failure::ours(STAGES, GapCause::Denied, "no"));
        let word = |status: SeenStatus| match status.state {
            Ok(Some(state)) => state.word.raw().to_owned(),
            Ok(None) => "absent".to_owned(),
            Err(failure) => failure.cause.words().to_owned(),
        };
        let cases = [
            (None, None, "exists"),
            (Some("prod"), Some(&stages), "exists"),
            (Some("dev"), Some(&stages), "stage is missing"),
            (Some("prod"), Some(&denied), "access denied"),
        ];
        for (stage, stages, expected) in cases {
            assert_eq!(word(judge(api(), stage, stages)), expected, "{stage:?}");
        }
        assert_eq!(word(judge(Ok(None), Some("prod"), Some(&stages))), "absent");
    }
}
