//! Lambda functions.
//!
//! `ListFunctions` gives 50 functions a page and says which exist, but AWS leaves their state
//! out of it; `GetFunctionConfiguration` gives the state but is one call a function. So a bounded
//! number of functions is asked for one by one: those that were changed last, and the others in
//! turns. Of one that was not asked, nothing is said but that it is there.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::future::join_all;
use serde_json::Value;

use crate::catalog::reads::path::items;
use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::NativeStatus;
use crate::cloud::aws::kinds::distributions;
use crate::cloud::aws::kinds::lambda_state::{self, Words};
use crate::cloud::aws::kinds::reads;
use crate::cloud::aws::kinds::state;
use crate::cloud::aws::kinds::{NOT_QUERIED, start};
use crate::cloud::aws::kinds::{all_failed, no_list, said};
use crate::cloud::aws::lean::Members;
use crate::cloud::aws::seen::{Seen, SeenStatus};
use crate::model::resource::Resource;
use crate::model::snapshot::Condition;

const LIST: &str = "lambda:ListFunctions";
const GET: &str = "lambda:GetFunctionConfiguration";
const CONCURRENCY: &str = "lambda:GetFunctionConcurrency";

/// Functions of a region that are asked for in every run, because they were changed last.
const LATEST: usize = 50;

/// Others that are asked for in a run, in turns.
const IN_TURNS: usize = 50;

pub(crate) struct Functions;

impl NativeStatus for Functions {
    fn kind(&self) -> &'static str {
        "lambda"
    }

    fn operations(&self) -> &'static [&'static str] {
        &[distributions::LIST, CONCURRENCY, GET, LIST]
    }

    fn observe<'a>(
        &'a self,
        region: RegionClient<'a>,
        resources: Vec<&'a Resource>,
    ) -> LocalBoxFuture<'a, Vec<SeenStatus>> {
        async move {
            let functions = match list(region).await {
                Ok(functions) => functions,
                Err(failure) => return all_failed(&resources, &failure),
            };
            let listed = |resource: &Resource| functions.get(name(resource).0);
            let changed = resources
                .iter()
                .map(|one| listed(one).map(|one| one.changed.as_str()));
            let changed: Vec<Option<&str>> = changed.collect();
            let asked = choose(&changed, region.turn());
            let (functions, asked) = (&functions, &asked);
            join_all(
                resources
                    .iter()
                    .enumerate()
                    .map(|(place, resource)| async move {
                        match (functions.get(name(resource).0), asked.contains(&place)) {
                            (None, _) => SeenStatus::absent(),
                            (Some(_), true) => get(region, resource).await,
                            // Other services than AWS put the state into the list.
                            (
                                Some(Listed {
                                    state: Some(state), ..
                                }),
                                false,
                            ) => state.clone(),
                            (Some(_), false) => {
                                SeenStatus::known(state(NOT_QUERIED, Condition::Unchecked, None))
                            }
                        }
                    }),
            )
            .await
        }
        .boxed_local()
    }
}

/// The functions to ask for by themselves, of those that exist, by their places: the ones that were
/// changed last, since it is a change that fails, and of the rest as many as have their turn.
/// `changed` says when each was changed, in RFC 3339 and one time zone; `None`: it is gone.
fn choose(changed: &[Option<&str>], turn: u64) -> BTreeSet<usize> {
    let there = changed.iter().enumerate();
    let mut there: Vec<(&str, usize)> = there
        .filter_map(|(at, when)| Some(((*when)?, at)))
        .collect();
    there.sort_by(|a, b| b.0.cmp(a.0).then(a.1.cmp(&b.1)));
    let latest: BTreeSet<usize> = there.iter().take(LATEST).map(|(_, at)| *at).collect();
    // In the order of the registry, which a change of one does not stir.
    let mut rest: Vec<usize> = there.iter().skip(LATEST).map(|(_, at)| *at).collect();
    rest.sort_unstable();
    let first = start(turn, rest.len());
    let turns = (0..IN_TURNS.min(rest.len())).map(|number| rest[(first + number) % rest.len()]);
    latest.into_iter().chain(turns).collect()
}

/// A function of the list.
struct Listed {
    /// When it was changed last.
    changed: String,
    /// Its state, where the list has it.
    state: Option<SeenStatus>,
}

/// Name and, where the ARN has one, version or alias: `function:name:live`.
fn name(resource: &Resource) -> (&str, Option<&str>) {
    let mut parts = resource.arn.resource().split(':').skip(1);
    let name = parts.next().unwrap_or_else(|| resource.aws_id.raw());
    (name, parts.next())
}

async fn get(region: RegionClient<'_>, resource: &Resource) -> SeenStatus {
    let (name, qualifier) = name(resource);
    let mut input = Members::from_iter([("FunctionName".to_owned(), name.into())]);
    input.extend(qualifier.map(|qualifier| ("Qualifier".to_owned(), qualifier.into())));
    match reads::send(region, GET, input, false).await {
        Ok(found) if said(&found, "FunctionName").is_none() => {
            SeenStatus::failed(no_list(GET, "FunctionName"))
        }
        Ok(found) => {
            let status = lambda_state::status(Words::of(&found));
            lambda_state::with_concurrency(status, reserved(region, name).await)
        }
        Err(failure) if failure.has_code(&["ResourceNotFoundException"]) => SeenStatus::absent(),
        Err(failure) => SeenStatus::failed(failure),
    }
}

/// How many of the account's executions are kept for a function; absent where none are. None at
/// all means that nobody can call it.
async fn reserved(region: RegionClient<'_>, name: &str) -> Seen<f64> {
    let input = Members::from_iter([("FunctionName".to_owned(), name.into())]);
    match reads::send(region, CONCURRENCY, input, false).await {
        Ok(answer) => Ok(answer
            .get("ReservedConcurrentExecutions")
            .and_then(Value::as_f64)),
        Err(failure) if reads::is_not_offered(&failure) => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn list(region: RegionClient<'_>) -> Result<BTreeMap<String, Listed>, Failure> {
    let answer = reads::send(region, LIST, Members::new(), true).await?;
    let functions = answer.get("Functions").map_or(&[][..], items).iter();
    let named = functions.filter_map(|function| {
        let words = Words::of(function);
        let listed = Listed {
            state: words.now.map(|_| lambda_state::status(words)),
            changed: said(function, "LastModified")
                .unwrap_or_default()
                .to_owned(),
        };
        Some((said(function, "FunctionName")?.to_owned(), listed))
    });
    Ok(named.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When so many functions were changed: the first in the registry first.
    fn times(count: usize) -> Vec<String> {
        (0..count)
            .map(|at| format!("2026-03-01T10:{:02}:{:02}.000+0000", at / 60, at % 60))
            .collect()
    }

    fn chosen(times: &[String], turn: u64) -> BTreeSet<usize> {
        let times: Vec<Option<&str>> = times.iter().map(|time| Some(time.as_str())).collect();
        choose(&times, turn)
    }

    #[test]
    fn of_few_all_are_asked_and_of_many_a_bounded_number() {
        for count in [0, 1, 11, LATEST, LATEST + 1, LATEST + IN_TURNS] {
            assert_eq!(chosen(&times(count), 7).len(), count, "{count}");
        }
        assert_eq!(chosen(&times(1_000), 7).len(), LATEST + IN_TURNS);
    }

    #[test]
    fn what_was_changed_last_is_asked_in_every_turn() {
        let mut times = times(1_000);
        times[400] = "2026-03-02T00:00:00.000+0000".to_owned();
        for turn in 0..40 {
            assert!(chosen(&times, turn).contains(&400), "{turn}");
        }
    }

    #[test]
    fn everyone_has_a_turn_whatever_the_schedule() {
        for count in [101, 130, 151, 300, 1_000] {
            let times = times(count);
            for step in [1, 3, 5, 12, 15, 60] {
                let runs = 8 * count.div_ceil(IN_TURNS) as u64;
                let turns = (0..runs).map(|run| 5_904_000 + run * step);
                let seen: BTreeSet<usize> = turns.flat_map(|turn| chosen(&times, turn)).collect();
                assert_eq!(seen.len(), count, "{count}, every {step} windows");
            }
        }
    }

    #[test]
    fn what_is_gone_is_not_asked_for() {
        assert_eq!(choose(&[None, Some("a"), None], 3), BTreeSet::from([1]));
    }
}
