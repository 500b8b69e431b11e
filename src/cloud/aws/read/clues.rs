//! What AWS keeps of what went wrong with a resource: what the `[[clues]]` of its kind ask.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::log_sources::ask_lean;
use crate::catalog::kinds::clue::{ClueSource, ClueStep};
use crate::catalog::reads::path::{Path, items, scalar};
use crate::catalog::template::fill_value;
use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::lean::Members;
use crate::cloud::question::{Answer, CluesQuestion};
use crate::model::investigation::Clue;
use crate::model::resource::Resource;
use crate::text::Untrusted;

/// Items that one call takes, and that are told of.
const MOST: usize = 100;

/// Asks what the kind of the resource says. The first call that fails is the answer: without it
/// nothing is known of the rest.
pub(crate) async fn read(aws: &Aws, ask: &CluesQuestion) -> Answer {
    let resource = &ask.resource;
    let deadline = aws.deadline_from_now();
    let mut found = Vec::new();
    for source in aws.kind(resource).map_or(&[][..], |kind| &kind.clues) {
        match of_source(aws, resource, source, deadline).await {
            Ok(clues) => found.extend(clues),
            Err(failure) => {
                let subject = format!("{} of {}", source.title, resource.name.raw());
                return Answer::Gap(failure.into_gap(subject));
            }
        }
    }
    found.sort_by(|a, b| (a.at, a.text.raw()).cmp(&(b.at, b.text.raw())));
    Answer::Clues(found)
}

async fn of_source(
    aws: &Aws,
    resource: &Resource,
    source: &ClueSource,
    deadline: Deadline,
) -> Result<Vec<Clue>, Failure> {
    let mut answer = Value::Null;
    for step in &source.steps {
        let Some(input) = input_of(step, resource, &answer) else {
            return Ok(Vec::new());
        };
        answer = ask_lean(aws, &step.operation, &resource.region, input, deadline).await?;
    }
    let Ok(path) = Path::parse(&source.items) else {
        return Ok(Vec::new());
    };
    let listed = path.select(&answer).into_iter().take(MOST);
    Ok(listed.filter_map(|item| clue(source, item)).collect())
}

/// The input of a call; `None` where a list that it takes is empty.
fn input_of(step: &ClueStep, resource: &Resource, before: &Value) -> Option<Members> {
    let none = BTreeMap::new();
    let filled = step.input.iter().filter_map(|(member, value)| {
        let value = fill_value(value, resource, &none)?;
        Some((member.clone(), value))
    });
    let mut input: Members = filled.collect();
    for (member, path) in &step.lists {
        let path = Path::parse(path).ok()?;
        let all = path.select(before).into_iter();
        let all: Vec<Value> = all.flat_map(items).take(MOST).cloned().collect();
        if all.is_empty() {
            return None;
        }
        input.insert(member.clone(), Value::Array(all));
    }
    Some(input)
}

/// What an item says; `None` where that is nothing.
fn clue(source: &ClueSource, item: &Value) -> Option<Clue> {
    let mut said = BTreeSet::new();
    let mut texts: Vec<String> = Vec::new();
    for one in &source.says {
        let Ok(path) = Path::parse(&one.path) else {
            continue;
        };
        for value in path.select(item).into_iter().filter_map(scalar) {
            let text = format!("{}{value}", one.before);
            if !value.is_empty() && !one.not.contains(&value) && said.insert(text.clone()) {
                texts.push(text);
            }
        }
    }
    let at = Path::parse(&source.at).ok()?;
    let at = at.first(item).and_then(time);
    (!texts.is_empty()).then(|| Clue {
        at,
        text: Untrusted::new(texts.join("; ")),
    })
}

/// A time as AWS writes it: seconds since 1970, or RFC 3339.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => {
            let seconds = number.as_f64()?;
            Timestamp::from_millisecond((seconds * 1_000.0) as i64).ok()
        }
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use serde_json::json;

    /// An answer of `ecs:DescribeTasks`, as its reference has it.
    #[test]
    fn what_an_item_says_is_put_together_once() {
        let catalog = Catalog::built_in().expect("the catalogue is sound");
        let mut kinds = catalog.kinds();
        let ecs = kinds
            .find(|kind| kind.id.as_str() == "ecs")
            .expect("a kind");
        let source = &ecs.clues[0];
        let item = json!({
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "stoppedAt": 1_764_579_600.5,
            "containers": [
                { "name": "web", "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage" },
                { "name": "log", "exitCode": 0 },
            ],
        });
        let found = clue(source, &item).expect("it says something");
        assert_eq!(
            found.text.raw(),
            "Essential container in task exited; OutOfMemoryError: Container killed due to memory usage; exit code 137"
        );
        assert_eq!(
            found.at.map(Timestamp::as_millisecond),
            Some(1_764_579_600_500)
        );
        assert_eq!(
            clue(source, &json!({ "containers": [{ "exitCode": 0 }] })),
            None
        );
    }
}
