//! Which log groups a resource writes to: what the `[[logs]]` of its kind ask, and their answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::kinds::log_source::{LogSource, LogStep};
use crate::catalog::reads::Reads;
use crate::catalog::reads::path::{Path, scalar};
use crate::catalog::template::{fill_found, fill_value};
use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::lean::{Lean, Members, all_pages};
use crate::cloud::question::{Answer, LogSources, LogSourcesQuestion};
use crate::model::fact::GapCause;
use crate::model::ids::Region;
use crate::model::log_events::LogsElsewhere;
use crate::model::resource::Resource;
use crate::text::Untrusted;

/// Asks what the kind of the resource says. A resource whose kind says nothing has no sources.
pub(crate) async fn read(aws: &Aws, ask: &LogSourcesQuestion) -> Answer {
    let resource = &ask.resource;
    let mut found = LogSources::default();
    let deadline = aws.deadline_from_now();
    for source in aws.kind(resource).map_or(&[][..], |kind| &kind.logs) {
        add(aws, resource, source, deadline, &mut found).await;
    }
    let mut seen = BTreeSet::new();
    found
        .groups
        .retain(|(group, _)| seen.insert(group.raw().to_owned()));
    Answer::LogSources(Box::new(found))
}

async fn add(
    aws: &Aws,
    resource: &Resource,
    source: &LogSource,
    deadline: Deadline,
    into: &mut LogSources,
) {
    let elsewhere = |what: String, failure: Option<Failure>| LogsElsewhere {
        resource: resource.name.clone(),
        what: Untrusted::new(what),
        gap: failure.map(|failure| failure.into_gap(format!("where the {} log", source.title))),
    };
    let mut names = BTreeMap::new();
    let answer = match steps(aws, resource, source, deadline, &mut names).await {
        Ok(answer) => answer,
        Err(failure) => {
            let what = format!("it could not be read where its {} log", source.title);
            into.elsewhere.push(elsewhere(what, Some(failure)));
            return;
        }
    };
    let title = Untrusted::from(source.title.as_str());
    let groups = groups_in(source, &answer, resource, &names);
    let none = groups.is_empty();
    for group in groups {
        match group {
            Ok(group) => into.groups.push((Untrusted::new(group), title.clone())),
            Err(target) => {
                let what = format!("{} go to {target}, which is no log group", source.title);
                into.elsewhere.push(elsewhere(what, None));
            }
        }
    }
    let others = other_drivers(source, &answer);
    for driver in &others {
        let what = format!("{} log through {driver}", source.title);
        into.elsewhere.push(elsewhere(what, None));
    }
    if !none || !others.is_empty() {
        return;
    }
    let otherwise = source.otherwise.as_deref();
    match otherwise.and_then(|name| fill_found(name, resource, &names)) {
        Some(group) => into.groups.push((Untrusted::new(group), title)),
        None => {
            let enable = source.enable.as_deref();
            let enable = enable.and_then(|text| fill_found(text, resource, &names));
            let enable = enable.map_or_else(String::new, |text| format!("; to switch on: {text}"));
            let what = format!("{} are switched off{enable}", source.title);
            into.elsewhere.push(elsewhere(what, None));
        }
    }
}

/// Asks the steps one after the other. Returns the answer of the last.
async fn steps(
    aws: &Aws,
    resource: &Resource,
    source: &LogSource,
    deadline: Deadline,
    names: &mut BTreeMap<String, String>,
) -> Result<Value, Failure> {
    let mut answer = Value::Null;
    for step in &source.steps {
        let input = input_of(step, resource, names);
        answer = ask_lean(aws, &step.operation, &resource.region, input, deadline).await?;
        for (name, path) in &step.finds {
            let path = Path::parse(path).ok();
            let value = path.as_ref().and_then(|path| path.first(&answer));
            let value = value.and_then(scalar).ok_or_else(|| {
                let message = format!("the answer has no {name}");
                Failure::ours(&step.operation, GapCause::Garbled, message)
            })?;
            names.insert(name.clone(), value);
        }
    }
    Ok(answer)
}

/// Sends one operation of the table, all pages of it.
///
/// # Errors
/// The failure of a page: what it would have added is not known.
pub(super) async fn ask_lean(
    aws: &Aws,
    name: &str,
    region: &Region,
    input: Members,
    deadline: Deadline,
) -> Result<Value, Failure> {
    let lean = Lean::new(&aws.sdk, aws.guard.clone());
    let (service, own, operation) = Reads::built_in().operation(name).ok_or_else(|| {
        let message = "the table has no such operation";
        Failure::ours(name, GapCause::NotAsked, message)
    })?;
    let client = aws.in_region(region, deadline);
    let listing = all_pages(name, operation, input, async |input| {
        let send = lean.send(service, own, operation, client.region, input);
        client.call_for(name, || service.action(own), send).await
    });
    let listing = listing.await;
    match listing.failure {
        Some(failure) => Err(failure),
        None => Ok(listing.answer),
    }
}

/// The input with its names filled in. A text with a name that is not known is left out, as the
/// cluster of a service of the default cluster.
fn input_of(step: &LogStep, resource: &Resource, names: &BTreeMap<String, String>) -> Members {
    let filled = step.input.iter().filter_map(|(member, value)| {
        let value = fill_value(value, resource, names)?;
        Some((member.clone(), value))
    });
    filled.collect()
}

/// The groups that an answer names; what is no group stands as an error.
fn groups_in(
    source: &LogSource,
    answer: &Value,
    resource: &Resource,
    names: &BTreeMap<String, String>,
) -> Vec<Result<String, String>> {
    let path = source
        .groups
        .as_deref()
        .and_then(|path| Path::parse(path).ok());
    let Some(path) = path else {
        return Vec::new();
    };
    let items = path.select(answer).into_iter().flat_map(|value| {
        let list = crate::catalog::reads::path::items(value).iter();
        list.filter_map(scalar).collect::<Vec<String>>()
    });
    let named = items
        .filter(|item| !item.is_empty())
        .filter_map(|item| match &source.group {
            None => Some(group_of(&item)),
            Some(template) => {
                let mut names = names.clone();
                names.insert("item".to_owned(), item);
                fill_found(template, resource, &names).map(Ok)
            }
        });
    named.collect()
}

/// The name of a group from its ARN, or from its name.
fn group_of(text: &str) -> Result<String, String> {
    if !text.starts_with("arn:") {
        return Ok(text.to_owned());
    }
    match text.split_once(":log-group:") {
        Some((_, name)) => Ok(name.strip_suffix(":*").unwrap_or(name).to_owned()),
        None => Err(text.to_owned()),
    }
}

/// Where else an answer says that logs go, each once.
fn other_drivers(source: &LogSource, answer: &Value) -> BTreeSet<String> {
    let path = source
        .drivers
        .as_deref()
        .and_then(|path| Path::parse(path).ok());
    let named = path
        .iter()
        .flat_map(|path| path.select(answer))
        .filter_map(scalar);
    named
        .filter(|driver| Some(driver.as_str()) != source.driver.as_deref())
        .collect()
}
