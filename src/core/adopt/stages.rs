//! Stages of an API are recorded with the API: it is the API that has health, and the
//! stage says where to look.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::core::adopt::Draft;
use crate::core::adopt::SkipReason;
use crate::core::adopt::Skipped;
use crate::core::adopt::arn;
use crate::model::ids::Arn;
use crate::model::registry::Registry;
use crate::text::escape;

/// The type of a stage, by its ARN.
pub(super) fn type_of(arn: &Arn) -> Option<&'static str> {
    let (api, _) = arn::stage_of(arn)?;
    Some(if api.resource().starts_with("/restapis/") {
        "aws_api_gateway_stage"
    } else {
        "aws_apigatewayv2_stage"
    })
}

/// Moves stages into the entries of their APIs. A stage whose API is not there stays.
pub(super) fn absorb(
    candidates: &mut Vec<Draft<'_>>,
    existing: Option<&Registry>,
    skipped: &mut Vec<Skipped>,
) {
    let apis: BTreeSet<Arn> = candidates.iter().map(|c| c.entry.arn.clone()).collect();
    let mut stages: BTreeMap<Arn, Vec<Draft<'_>>> = BTreeMap::new();
    let mut rest = Vec::new();
    for candidate in candidates.drain(..) {
        match arn::stage_of(&candidate.entry.arn) {
            Some((api, _)) if apis.contains(&api) => {
                stages.entry(api).or_default().push(candidate);
            }
            _ => rest.push(candidate),
        }
    }
    for candidate in &mut rest {
        let Some(stages) = stages.remove(&candidate.entry.arn) else {
            continue;
        };
        let names: BTreeSet<String> = stages
            .iter()
            .filter_map(|stage| arn::stage_of(&stage.entry.arn))
            .map(|(_, name)| escape::json(name))
            .collect();
        set_stage(candidate, &names, existing);
        for stage in stages {
            for item in &stage.items {
                skipped.push(Skipped::new(item, SkipReason::Stage));
            }
            candidate.items.extend(stage.items);
        }
    }
    *candidates = rest;
}

/// One stage is `stage`. Of several, the one that the registry already names stays, then
/// `$default`, then the first; all are listed in `stages`.
fn set_stage(candidate: &mut Draft<'_>, names: &BTreeSet<String>, existing: Option<&Registry>) {
    let recorded = existing
        .and_then(|r| r.resources.iter().find(|e| e.arn == candidate.entry.arn))
        .and_then(|entry| entry.metadata.get("stage")?.as_str())
        .filter(|stage| names.contains(*stage));
    let default = names.get("$default").map(String::as_str);
    let first = names.first().map(String::as_str);
    let Some(stage) = recorded.or(default).or(first) else {
        return;
    };
    let metadata = &mut candidate.entry.metadata;
    metadata.insert("stage".to_owned(), Value::from(stage));
    if names.len() > 1 {
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        metadata.insert("stages".to_owned(), Value::from(all));
    }
}
