//! REST APIs of API Gateway.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::catalog::reads::path::items;
use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::stages;
use crate::cloud::aws::kinds::stages::{EXISTS, Stages, id, own_stage};
use crate::cloud::aws::kinds::{reads, said, stated};
use crate::cloud::aws::lean::Members;
use crate::cloud::aws::seen::SeenStatus;
use crate::model::resource::Resource;
use crate::model::snapshot::ResourceState;

const APIS: &str = "apigateway:GetRestApis";
const STAGES: &str = "apigateway:GetStages";

/// Most APIs whose stages are read only because they share the name of another.
const MOST_NAMESAKES: usize = 20;

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
            let apis = list(region).await;
            let registered: BTreeSet<&str> =
                resources.iter().map(|resource| id(resource)).collect();
            let ask = registered.iter().copied();
            let ask = ask.chain(namesakes(apis.as_ref().ok(), &registered));
            let stages = stages::all(ask, async |api| names(region, api).await).await;
            let each = resources.iter();
            each.map(|resource| status(resource, &apis, &stages))
                .collect()
        }
        .boxed_local()
    }
}

fn status(
    resource: &Resource,
    apis: &Result<BTreeMap<String, Listed>, Failure>,
    stages: &BTreeMap<&str, Stages>,
) -> SeenStatus {
    let own = id(resource);
    let api = apis
        .as_ref()
        .map(|apis| apis.get(own))
        .map_err(Clone::clone);
    let name = api
        .as_ref()
        .ok()
        .and_then(|api| api.as_ref()?.name.as_ref());
    let seen = api.clone().map(|api| Some(api?.seen.clone()));
    // Metrics go by the name, which the id does not tell and people change.
    let mut status = stages::judge(resource, seen, stages.get(own))
        .learn("api_name", name)
        .with_text("api_name", name.map(String::as_str));
    let others = match (apis, name) {
        (Ok(apis), Some(name)) => same_name(apis, name, own),
        _ => Vec::new(),
    };
    if others.is_empty() {
        return status;
    }
    // The totals of a name are those of all its APIs.
    status.totals_are_shared = own_stage(resource).is_none();
    let mine = match own_stage(resource) {
        Some(stage) => BTreeSet::from([stage.to_owned()]),
        None => stages
            .get(own)
            .and_then(|s| s.clone().ok())
            .unwrap_or_default(),
    };
    let shares = |other: &&str| match stages.get(other) {
        Some(Ok(theirs)) => !mine.is_disjoint(theirs),
        // Not known, so not told apart.
        _ => true,
    };
    let with: Vec<&str> = others.into_iter().filter(shares).collect();
    let with = (!with.is_empty()).then(|| with.join(", "));
    status.with_text("shares_metrics_with", with.as_deref())
}

/// Ids of the other APIs of this name.
fn same_name<'a>(apis: &'a BTreeMap<String, Listed>, name: &str, own: &str) -> Vec<&'a str> {
    let named = apis
        .iter()
        .filter(|(id, api)| *id != own && api.name.as_deref() == Some(name));
    named.map(|(id, _)| id.as_str()).collect()
}

/// APIs that nobody registered and that share the name of one that is.
fn namesakes<'a>(
    apis: Option<&'a BTreeMap<String, Listed>>,
    registered: &BTreeSet<&str>,
) -> Vec<&'a str> {
    let Some(apis) = apis else { return Vec::new() };
    let names: BTreeSet<&str> = registered
        .iter()
        .filter_map(|id| apis.get(*id)?.name.as_deref())
        .collect();
    let of_name = |api: &Listed| api.name.as_deref().is_some_and(|name| names.contains(name));
    let others = apis
        .iter()
        .filter(|(id, api)| !registered.contains(id.as_str()) && of_name(api));
    others
        .map(|(id, _)| id.as_str())
        .take(MOST_NAMESAKES)
        .collect()
}

/// One API of the list.
struct Listed {
    name: Option<String>,
    seen: ResourceState,
}

async fn list(region: RegionClient<'_>) -> Result<BTreeMap<String, Listed>, Failure> {
    let answer = reads::send(region, APIS, Members::new(), true).await?;
    let named = answer.get("item").map_or(&[][..], items).iter();
    let named = named.filter_map(|api| {
        let now = said(api, "apiStatus").unwrap_or(EXISTS);
        let listed = Listed {
            seen: stated(now, said(api, "apiStatusMessage")),
            name: said(api, "name").map(str::to_owned),
        };
        Some((said(api, "id")?.to_owned(), listed))
    });
    Ok(named.collect())
}

async fn names(region: RegionClient<'_>, api: &str) -> Result<Vec<String>, Failure> {
    let input = Members::from_iter([("restapi_id".to_owned(), api.into())]);
    let answer = reads::send(region, STAGES, input, true).await?;
    Ok(stages::names(&answer, "item"))
}
