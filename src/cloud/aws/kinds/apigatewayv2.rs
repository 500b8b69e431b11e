//! HTTP and WebSocket APIs of API Gateway.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join;

use crate::catalog::reads::path::items;
use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::stages;
use crate::cloud::aws::kinds::stages::{EXISTS, id};
use crate::cloud::aws::kinds::{reads, said, stated};
use crate::cloud::aws::lean::Members;
use crate::cloud::aws::seen::SeenStatus;
use crate::model::resource::Resource;

const APIS: &str = "apigatewayv2:GetApis";
const STAGES: &str = "apigatewayv2:GetStages";

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
        region: RegionClient<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<SeenStatus>> {
        async move {
            let ids = resources.iter().map(|resource| id(resource));
            let stages = stages::all(ids, async |api| names(region, api).await);
            let (apis, stages) = join(list(region), stages).await;
            resources
                .iter()
                .map(|resource| {
                    let own = id(resource);
                    let (api, name) = match &apis {
                        Ok(apis) => {
                            let exists = apis.get(own).map(|_| stated(EXISTS, None));
                            (Ok(exists), apis.get(own).and_then(Option::as_deref))
                        }
                        Err(failure) => (Err(failure.clone()), None),
                    };
                    stages::judge(resource, api, stages.get(own)).with_text("api_name", name)
                })
                .collect()
        }
        .boxed_local()
    }
}

async fn list(region: RegionClient<'_>) -> Result<BTreeMap<String, Option<String>>, Failure> {
    let answer = reads::send(region, APIS, Members::new(), true).await?;
    let listed = answer.get("items").map_or(&[][..], items).iter();
    let named = listed.filter_map(|api| {
        let name = said(api, "name").map(str::to_owned);
        Some((said(api, "apiId")?.to_owned(), name))
    });
    Ok(named.collect())
}

async fn names(region: RegionClient<'_>, api: &str) -> Result<Vec<String>, Failure> {
    let input = Members::from_iter([("apiId".to_owned(), api.into())]);
    let answer = reads::send(region, STAGES, input, true).await?;
    Ok(stages::names(&answer, "items"))
}
