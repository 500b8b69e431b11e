//! HTTP and WebSocket APIs of API Gateway.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join;
use futures_util::future::join_all;

use super::NativeStatus;
use super::apigateway::Stages;
use super::apigateway::id;
use super::apigateway::judge;
use super::apigateway::stage;
use super::state;
use crate::cloud::aws::client::Place;
use crate::cloud::aws::errors::{Failure, next_page};
use crate::cloud::aws::sight::Status;
use crate::model::resource::Resource;
use crate::model::snapshot::Condition;

const APIS: &str = "apigatewayv2:GetApis";
const STAGES: &str = "apigatewayv2:GetStages";

/// Things on a page; the service takes the number as text.
const PAGE: &str = "100";

pub(crate) struct HttpApis;

impl NativeStatus for HttpApis {
    fn kind(&self) -> &'static str {
        "apigatewayv2"
    }

    fn operations(&self) -> &'static [&'static str] {
        &[APIS, STAGES]
    }

    fn observe<'a>(
        &'a self,
        place: Place<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<Status>> {
        async move {
            let (apis, stages) = join(list(place), all_stages(place, &resources)).await;
            resources
                .iter()
                .map(|resource| {
                    let api = match &apis {
                        Ok(apis) => Ok(apis
                            .contains(id(resource))
                            .then(|| Ok(Some(state("exists", Condition::Good, None))))),
                        Err(failure) => Err(failure.clone()),
                    };
                    judge(api, stage(resource), stages.get(id(resource)))
                })
                .collect()
        }
        .boxed_local()
    }
}

async fn list(place: Place<'_>) -> Result<BTreeSet<String>, Failure> {
    let client = place.apigatewayv2();
    let mut apis = BTreeSet::new();
    let mut token: Option<String> = None;
    loop {
        let send = client
            .get_apis()
            .max_results(PAGE)
            .set_next_token(token.clone())
            .send();
        let page = place.call(APIS, send).await?;
        apis.extend(
            page.items()
                .iter()
                .filter_map(|api| Some(api.api_id()?.to_owned())),
        );
        token = next_page(APIS, token.as_ref(), page.next_token)?;
        if token.is_none() {
            return Ok(apis);
        }
    }
}

/// Stages of the APIs of which a certain stage is meant, each API once.
async fn all_stages<'a>(place: Place<'a>, resources: &[&'a Resource]) -> BTreeMap<&'a str, Stages> {
    let ids: BTreeSet<&str> = resources
        .iter()
        .filter(|resource| stage(resource).is_some())
        .map(|resource| id(resource))
        .collect();
    join_all(
        ids.into_iter()
            .map(|id| async move { (id, stages(place, id).await) }),
    )
    .await
    .into_iter()
    .collect()
}

async fn stages(place: Place<'_>, api: &str) -> Stages {
    let client = place.apigatewayv2();
    let mut stages = BTreeSet::new();
    let mut token: Option<String> = None;
    loop {
        let send = client
            .get_stages()
            .api_id(api)
            .max_results(PAGE)
            .set_next_token(token.clone())
            .send();
        let page = match place.call(STAGES, send).await {
            Ok(page) => page,
            // The list of APIs says that it is gone.
            Err(failure) if failure.has_code(&["NotFoundException"]) => return Ok(stages),
            Err(failure) => return Err(failure),
        };
        stages.extend(
            page.items()
                .iter()
                .filter_map(|stage| Some(stage.stage_name()?.to_owned())),
        );
        token = next_page(STAGES, token.as_ref(), page.next_token)?;
        if token.is_none() {
            return Ok(stages);
        }
    }
}
