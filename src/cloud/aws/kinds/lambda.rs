//! Lambda functions.
//!
//! `ListFunctions` gives 50 functions a page and says which exist, but AWS leaves their state
//! out of it; `GetFunctionConfiguration` gives the state but is one call a function. So a few
//! functions are asked for one by one besides; of many, being in the list counts as working,
//! unless the list itself says more.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::LastUpdateStatus;
use aws_sdk_lambda::types::State;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join_all;

use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::all_failed;
use crate::cloud::aws::kinds::state;
use crate::cloud::aws::kinds::unknown_word;
use crate::cloud::aws::pages::all_pages;
use crate::cloud::aws::seen::{Seen, SeenStatus};
use crate::model::resource::Resource;
use crate::model::snapshot::{Condition, ResourceState};

const LIST: &str = "lambda:ListFunctions";
const GET: &str = "lambda:GetFunctionConfiguration";

/// Most functions that the service puts on a page.
const PAGE: i32 = 50;

/// Functions up to which each is asked for by itself, too. A constant, so that the number of calls
/// grows with pages only.
const ONE_BY_ONE: usize = 10;

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
        Ok(found) => SeenStatus::new(condition(
            GET,
            found.state(),
            found.state_reason(),
            found.last_update_status(),
            found.last_update_status_reason(),
        )),
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
        let state = condition(
            LIST,
            function.state(),
            function.state_reason(),
            function.last_update_status(),
            function.last_update_status_reason(),
        );
        Some((function.function_name?, state))
    });
    Ok(named.collect())
}

fn condition(
    operation: &str,
    now: Option<&State>,
    reason: Option<&str>,
    update: Option<&LastUpdateStatus>,
    update_reason: Option<&str>,
) -> Seen<ResourceState> {
    let word = now.map_or("exists", State::as_str);
    let condition = match now {
        // Inactive: AWS took its resources back because it was not called; a call wakes it.
        // ActiveNonInvocable: normal for `$LATEST` on a capacity provider.
        None | Some(State::Active | State::ActiveNonInvocable | State::Inactive) => Condition::Good,
        Some(State::Pending | State::Deactivating) => Condition::Changing,
        Some(State::Deactivated | State::Deleting | State::Failed) => Condition::Broken,
        Some(_) => return Err(unknown_word(operation, word)),
    };
    Ok(Some(match update {
        Some(LastUpdateStatus::Failed) if condition != Condition::Broken => {
            state("update failed", Condition::Impaired, update_reason)
        }
        Some(LastUpdateStatus::InProgress) => {
            state(word, condition.max(Condition::Changing), update_reason)
        }
        _ => state(word, condition, reason),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::GapCause;

    #[test]
    fn words_become_conditions() {
        let cases = [
            (None, None, "exists", Condition::Good),
            (
                Some("Active"),
                Some("Successful"),
                "Active",
                Condition::Good,
            ),
            (Some("Inactive"), None, "Inactive", Condition::Good),
            (Some("Pending"), None, "Pending", Condition::Changing),
            (
                Some("Active"),
                Some("InProgress"),
                "Active",
                Condition::Changing,
            ),
            (
                Some("Active"),
                Some("Failed"),
                "update failed",
                Condition::Impaired,
            ),
            (Some("Failed"), Some("Failed"), "Failed", Condition::Broken),
        ];
        for (now, update, word, expected) in cases {
            let seen = condition(
                GET,
                now.map(State::from).as_ref(),
                Some("why"),
                update.map(LastUpdateStatus::from).as_ref(),
                Some("why of the update"),
            );
            let seen = seen.expect("an answer").expect("a state");
            assert_eq!(
                (seen.word.raw(), seen.condition),
                (word, expected),
                "{now:?} {update:?}"
            );
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_not_health() {
        let seen = condition(GET, Some(&State::from("Sleeping")), None, None, None);
        assert_eq!(seen.expect_err("a gap").cause, GapCause::Garbled);
    }
}
