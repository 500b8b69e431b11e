//! HTTP and WebSocket APIs of API Gateway.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join;

use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::stages;
use crate::cloud::aws::kinds::stages::{EXISTS, id};
use crate::cloud::aws::kinds::{no_list, stated};
use crate::cloud::aws::pages::all_pages;
use crate::cloud::aws::seen::SeenStatus;
use crate::model::resource::Resource;

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
    let client = region.apigatewayv2();
    let apis = all_pages(APIS, async |token| {
        let list = client.get_apis().max_results(PAGE);
        let page = region.call(APIS, list.set_next_token(token).send()).await?;
        let items = page.items.ok_or_else(|| no_list(APIS, "items"))?;
        Ok((items, page.next_token))
    });
    let named = apis.await?.into_iter();
    Ok(named
        .filter_map(|api| Some((api.api_id?, api.name)))
        .collect())
}

async fn names(region: RegionClient<'_>, api: &str) -> Result<Vec<String>, Failure> {
    let client = region.apigatewayv2();
    let stages = all_pages(STAGES, async |token| {
        let list = client.get_stages().api_id(api).max_results(PAGE);
        let page = region
            .call(STAGES, list.set_next_token(token).send())
            .await?;
        let items = page.items.ok_or_else(|| no_list(STAGES, "items"))?;
        Ok((items, page.next_token))
    });
    let names = stages
        .await?
        .into_iter()
        .filter_map(|stage| stage.stage_name);
    Ok(names.collect())
}
