//! Lambda functions.
//!
//! `ListFunctions` gives 50 functions a page and says which exist, but AWS leaves their state
//! out of it; `GetFunctionConfiguration` gives the state but is one call a function. So a few
//! functions are asked for one by one besides; of many, being in the list counts as working,
//! unless the list itself says more.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join_all;

use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::all_failed;
use crate::cloud::aws::kinds::lambda_state::{Words, condition};
use crate::cloud::aws::pages::all_pages;
use crate::cloud::aws::seen::{Seen, SeenStatus};
use crate::model::resource::Resource;
use crate::model::snapshot::ResourceState;

const LIST: &str = "lambda:ListFunctions";
const GET: &str = "lambda:GetFunctionConfiguration";

/// Most functions that the service puts on a page.
const PAGE: i32 = 50;

/// Functions up to which each is asked for by itself, too. A constant, so that the number of calls
/// grows with pages only.
const ONE_BY_ONE: usize = 10;

/// The words of an answer; two types of the SDK have the same.
macro_rules! words {
    ($answer:expr) => {
        Words {
            now: $answer.state(),
            code: $answer.state_reason_code(),
            reason: $answer.state_reason(),
            update: $answer.last_update_status(),
            update_code: $answer.last_update_status_reason_code(),
            update_reason: $answer.last_update_status_reason(),
        }
    };
}

pub(crate) struct Functions;

impl NativeStatus for Functions {
    fn kind(&self) -> &'static str {
        "lambda"
    }

    fn operations(&self) -> &'static [&'static str] {
        &[GET, LIST]
    }

    fn observe<'a>(
        &'a self,
        region: RegionClient<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<SeenStatus>> {
        async move {
            let few = if resources.len() <= ONE_BY_ONE {
                resources.as_slice()
            } else {
                &[]
            };
            let each = join_all(few.iter().map(|resource| get(region, resource)));
            let (listed, each) = futures_util::future::join(list(region), each).await;
            let functions = match listed {
                Ok(functions) => functions,
                Err(failure) => return all_failed(&resources, &failure),
            };
            let mut each = each.into_iter();
            resources
                .iter()
                .map(|resource| {
                    let alone = each.next();
                    match functions.get(name(resource).0) {
                        None => SeenStatus::absent(),
                        Some(state) => alone.unwrap_or_else(|| SeenStatus::new(state.clone())),
                    }
                })
                .collect()
        }
        .boxed_local()
    }
}

/// Name and, where the ARN has one, version or alias: `function:name:live`.
fn name(resource: &Resource) -> (&str, Option<&str>) {
    let mut parts = resource.arn.resource().split(':').skip(1);
    let name = parts.next().unwrap_or_else(|| resource.aws_id.raw());
    (name, parts.next())
}

async fn get(region: RegionClient<'_>, resource: &Resource) -> SeenStatus {
    let (name, qualifier) = name(resource);
    let send = region
        .lambda()
        .get_function_configuration()
        .function_name(name)
        .set_qualifier(qualifier.map(str::to_owned))
        .send();
    match region.call(GET, send).await {
        Ok(found) => SeenStatus::new(condition(GET, words!(found))),
        Err(failure) if failure.has_code(&["ResourceNotFoundException"]) => SeenStatus::absent(),
        Err(failure) => SeenStatus::failed(failure),
    }
}

async fn list(region: RegionClient<'_>) -> Result<BTreeMap<String, Seen<ResourceState>>, Failure> {
    let client = region.lambda();
    let functions = all_pages(LIST, async |marker| {
        let list = client.list_functions().max_items(PAGE);
        let page = region.call(LIST, list.set_marker(marker).send()).await?;
        Ok((page.functions.unwrap_or_default(), page.next_marker))
    });
    let named = functions.await?.into_iter().filter_map(|function| {
        let state = condition(LIST, words!(function));
        Some((function.function_name?, state))
    });
    Ok(named.collect())
}
