//! Status calls that are data: the `[[status.reads]]` of a kind, sent by the lean client.
//!
//! A resource is gone where the service says so, or where a complete list without it has the form
//! of a list. Whatever else happens, its state is not known.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Map, Value};

use crate::catalog::Kind;
use crate::catalog::kinds::kind::StatusCall;
use crate::catalog::kinds::status_read::{FactSource, StatusRead};
use crate::catalog::reads::Reads;
use crate::catalog::reads::path::{Path, items, scalar};
use crate::catalog::template::{fill_found, fill_value};
use crate::cloud::aws::client::RegionClient;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::{NOT_QUERIED, no_list, start, state, stated};
use crate::cloud::aws::lean::{Lean, Members, all_pages, has_own_endpoint};
use crate::cloud::aws::seen::{Seen, SeenStatus};
use crate::model::fact::{FactName, GapCause, Value as FactValue};
use crate::model::resource::Resource;
use crate::model::snapshot::{Condition, ResourceState};

/// One resource while its reads are made.
struct Progress<'a> {
    resource: &'a Resource,
    /// Texts that were found, for the inputs of later reads.
    names: BTreeMap<String, String>,
    facts: BTreeMap<FactName, Seen<FactValue>>,
    /// What is settled before all reads are made.
    outcome: Option<SeenStatus>,
}

/// What a read says of one resource.
enum Said {
    Item(Value),
    Absent,
    /// Names in its input have no values, so it is not about this resource.
    NotMeant,
    NotItsTurn,
    Failed(Failure),
}

/// The status of each of these resources, in their order.
pub(super) async fn observe(
    region: RegionClient<'_>,
    kind: &Kind,
    resources: &[&Resource],
) -> Vec<SeenStatus> {
    let Some(status) = &kind.status else {
        return resources.iter().map(|_| unchecked()).collect();
    };
    let mut all: Vec<Progress<'_>> = resources
        .iter()
        .map(|resource| Progress {
            resource,
            names: BTreeMap::new(),
            facts: BTreeMap::new(),
            outcome: None,
        })
        .collect();
    for (number, read) in status.reads.iter().enumerate() {
        let open = (0..all.len()).filter(|place| all[*place].outcome.is_none());
        let open: Vec<usize> = open.collect();
        let said = ask(region, read, &open, &all).await;
        for (place, said) in open.into_iter().zip(said) {
            take(&mut all[place], read, number == 0, said);
        }
    }
    all.into_iter().map(|one| finish(status, one)).collect()
}

/// Enters what a read said. The first read says whether the resource exists.
fn take(one: &mut Progress<'_>, read: &StatusRead, is_first: bool, said: Said) {
    let hide = |one: &mut Progress<'_>, failure: Failure| {
        let names = read.facts.keys().cloned();
        one.facts
            .extend(names.map(|name| (name, Err(failure.clone()))));
    };
    match said {
        Said::Item(item) => {
            for (name, source) in &read.facts {
                let value = FactSource::parse(source).ok();
                let value = value.and_then(|source| source.read(&item));
                if let Some(FactValue::Text(text)) = &value {
                    one.names
                        .insert(name.as_str().to_owned(), text.raw().to_owned());
                }
                one.facts.insert(name.clone(), Ok(value));
            }
        }
        Said::Absent if is_first => one.outcome = Some(SeenStatus::absent()),
        Said::Failed(failure) if is_first && is_not_offered(&failure) => {
            one.outcome = Some(SeenStatus::known(not_offered(&failure)));
        }
        Said::Failed(failure) if is_first => one.outcome = Some(SeenStatus::failed(failure)),
        Said::NotItsTurn => {
            let status = state(NOT_QUERIED, Condition::Unchecked, None);
            one.outcome = Some(SeenStatus::known(status));
        }
        Said::NotMeant => {
            let names = read.facts.keys().cloned();
            one.facts.extend(names.map(|name| (name, Ok(None))));
        }
        Said::Absent => {
            let message = "what was found before refers to something that is not there";
            hide(
                one,
                Failure::ours(&read.operation, GapCause::Partial, message),
            );
        }
        Said::Failed(failure) => hide(one, failure),
    }
}

/// The state with the facts, where the word for it was read.
fn finish(status: &StatusCall, one: Progress<'_>) -> SeenStatus {
    if let Some(outcome) = one.outcome {
        return outcome;
    }
    let word = status.word.as_ref().map(|name| one.facts.get(name));
    let state = match word {
        None => Ok(Some(state("exists", Condition::Good, None))),
        Some(Some(Ok(Some(FactValue::Text(word))))) => Ok(Some(stated(word.raw(), None))),
        Some(Some(Err(failure))) => Err(failure.clone()),
        Some(_) => Err(no_word(status)),
    };
    let mut seen = SeenStatus::new(state);
    seen.facts = one.facts;
    seen
}

fn no_word(status: &StatusCall) -> Failure {
    let operation = status.operations.first().map_or("status", String::as_str);
    Failure::ours(operation, GapCause::Garbled, "the answer names no state")
}

fn unchecked() -> SeenStatus {
    SeenStatus::known(ResourceState::unchecked())
}

/// What emulators and gateways answer that speak for AWS in part.
const NO_SUCH_OPERATION: [&str; 2] = ["InvalidAction", "UnknownOperationException"];

/// Whether an endpoint that is not AWS's says that it has no such operation. AWS has them all.
pub(super) fn is_not_offered(failure: &Failure) -> bool {
    let has_no_such = failure.has_code(&NO_SUCH_OPERATION);
    failure.http.is_own_endpoint && (failure.http.status == Some(501) || has_no_such)
}

fn not_offered(failure: &Failure) -> ResourceState {
    let why = format!("this endpoint does not offer {}", failure.operation);
    state("not checked", Condition::NotOffered, Some(&why))
}

/// Asks about the resources at these places. The answers are in their order.
async fn ask(
    region: RegionClient<'_>,
    read: &StatusRead,
    places: &[usize],
    all: &[Progress<'_>],
) -> Vec<Said> {
    match read.is_each() {
        true => ask_each(region, read, places, all).await,
        false => ask_list(region, read, places, all).await,
    }
}

async fn ask_each(
    region: RegionClient<'_>,
    read: &StatusRead,
    places: &[usize],
    all: &[Progress<'_>],
) -> Vec<Said> {
    let most = read.most.unwrap_or(usize::MAX).min(places.len());
    let first = match most < places.len() {
        true => start(region.turn(), places.len()),
        false => 0,
    };
    let turns = (0..most).map(|number| (first + number) % places.len());
    let turns: BTreeSet<usize> = turns.collect();
    let turns = &turns;
    join_all(places.iter().enumerate().map(|(number, place)| async move {
        if !turns.contains(&number) {
            return Said::NotItsTurn;
        }
        let one = &all[*place];
        let Some(input) = fill_input(&read.input, one) else {
            return Said::NotMeant;
        };
        let answer = match send(region, &read.operation, input, false).await {
            Ok(answer) => answer,
            Err(failure) if failure.has_code(&read.absent) => return Said::Absent,
            Err(failure) => return Said::Failed(failure),
        };
        let found = Path::parse(&read.items).ok();
        let found = found.and_then(|path| path.first(&answer).cloned());
        match found.filter(Value::is_object) {
            Some(item) => Said::Item(item),
            None => Said::Failed(no_list(&read.operation, &read.items)),
        }
    }))
    .await
}

async fn ask_list(
    region: RegionClient<'_>,
    read: &StatusRead,
    places: &[usize],
    all: &[Progress<'_>],
) -> Vec<Said> {
    let wanted: Vec<Option<Vec<String>>> = places
        .iter()
        .map(|place| wanted(read, &all[*place]))
        .collect();
    if wanted.iter().all(Option::is_none) {
        return places.iter().map(|_| Said::NotMeant).collect();
    }
    let input = read.input.clone().into_iter().collect();
    let is_proof = read.confirm.is_none();
    let answer = match send(region, &read.operation, input, is_proof).await {
        Ok(answer) => answer,
        Err(failure) => {
            return places
                .iter()
                .map(|_| Said::Failed(failure.clone()))
                .collect();
        }
    };
    let found = Path::parse(&read.items).ok();
    let paths = read.is.keys().map(|path| Path::parse(path).ok());
    let paths: Vec<Option<Path>> = paths.collect();
    // What each says of itself, once: it is held against all resources.
    let found: Vec<(&Value, Vec<Option<String>>)> = found
        .iter()
        .flat_map(|path| path.select(&answer))
        .flat_map(items)
        .map(|item| (item, texts_at(&paths, item)))
        .collect();
    let found = &found;
    join_all(places.iter().zip(wanted).map(|(place, wanted)| async move {
        let Some(wanted) = wanted else {
            return Said::NotMeant;
        };
        match found.iter().find(|(_, said)| fits(said, &wanted)) {
            Some((item, _)) => Said::Item((*item).clone()),
            None => confirm(region, read, &all[*place]).await,
        }
    }))
    .await
}

/// What the item of the resource has at each path of `is`; `None` where a name is not known.
fn wanted(read: &StatusRead, one: &Progress<'_>) -> Option<Vec<String>> {
    let templates = read.is.values();
    let each = templates.map(|template| fill_found(template, one.resource, &one.names));
    each.collect()
}

/// What an item has at each path.
fn texts_at(paths: &[Option<Path>], item: &Value) -> Vec<Option<String>> {
    let paths = paths.iter();
    let each = paths.map(|path| path.as_ref()?.first(item).and_then(scalar));
    each.collect()
}

fn fits(said: &[Option<String>], wanted: &[String]) -> bool {
    said.iter().zip(wanted).all(|(said, wanted)| {
        let said = said.as_deref();
        match wanted.strip_prefix('*') {
            Some(end) => said.is_some_and(|said| said.ends_with(end)),
            None => said == Some(wanted.as_str()),
        }
    })
}

/// Whether a resource that is not in the list is gone.
async fn confirm(region: RegionClient<'_>, read: &StatusRead, one: &Progress<'_>) -> Said {
    let Some(confirm) = &read.confirm else {
        return Said::Absent;
    };
    let Some(input) = fill_input(&confirm.input, one) else {
        return Said::Failed(no_list(&read.operation, &read.items));
    };
    match send(region, &confirm.operation, input, false).await {
        // Created a moment ago: it is there, and that is all that is known.
        Ok(_) => Said::Item(Value::Object(Map::new())),
        Err(failure) if failure.has_code(&confirm.absent) => Said::Absent,
        Err(failure) => Said::Failed(failure),
    }
}

fn fill_input(input: &BTreeMap<String, Value>, one: &Progress<'_>) -> Option<Members> {
    let each = input
        .iter()
        .map(|(name, value)| Some((name.clone(), fill_value(value, one.resource, &one.names)?)));
    each.collect()
}

/// Sends an operation, all pages of it. `is_proof`: what is not in the answer does not exist, so
/// each page must have the list that it is about.
pub(crate) async fn send(
    region: RegionClient<'_>,
    name: &str,
    input: Members,
    is_proof: bool,
) -> Result<Value, Failure> {
    let aws = region.aws;
    let lean = Lean::new(&aws.sdk, aws.guard.clone());
    let (service, own, operation) = Reads::built_in().operation(name).ok_or_else(|| {
        let message = "the table has no such operation";
        Failure::ours(name, GapCause::NotAsked, message)
    })?;
    let mut all = operation.input.clone();
    all.extend(input);
    let listing = all_pages(name, operation, all, async |input| {
        let send = lean.send(service, own, operation, region.region, input);
        let page = region.call_for(name, || service.action(own), send).await?;
        match operation.results.iter().find(|list| lacks(&page, list)) {
            Some(list) if is_proof => Err(no_list(name, list)),
            _ => Ok(page),
        }
    });
    let listing = listing.await;
    match listing.failure {
        Some(mut failure) => {
            failure.http.is_own_endpoint = has_own_endpoint(&aws.sdk, service);
            Err(failure)
        }
        None => Ok(listing.answer),
    }
}

/// Whether an answer does not say what there is. CloudFront leaves out an empty list and says that
/// there are none.
fn lacks(page: &Value, list: &str) -> bool {
    let none = page.get("Quantity").and_then(scalar);
    page.get(list).is_none() && none.as_deref() != Some("0")
}
