//! Sending a write of an action, by the tables of `catalog/writes`.

use serde_json::{Map, Value};

use crate::catalog::actions::Keep;
use crate::catalog::reads::Reads;
use crate::catalog::writes::Writes;
use crate::cloud::aws::client::{Aws, RegionClient};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::lean::{Lean, Members};
use crate::cloud::change::{Changed, OperationCall};
use crate::model::fact::GapCause;

/// Sends a write, once what it replaces is complete.
pub(crate) async fn apply(aws: &Aws, call: &OperationCall) -> Result<Changed, Failure> {
    let region = aws.in_region(&call.region, aws.deadline_from_now());
    let lean = Lean::new(&aws.sdk, aws.guard.clone());
    let mut input = call.input.clone();
    if let Some(keep) = &call.keep {
        complete(&lean, region, call, keep, &mut input).await?;
    }
    let answer = send(aws, region, &call.operation, input).await?;
    let members = answer.as_object().cloned().unwrap_or_default().into_iter();
    // Configurations come back whole, with the variables in them.
    let plain = members.filter(|(_, value)| !value.is_object() && !value.is_array());
    Ok(Changed::Operated {
        answer: plain.collect(),
    })
}

/// Sends a write of the table.
pub(super) async fn send(
    aws: &Aws,
    region: RegionClient<'_>,
    name: &str,
    input: Members,
) -> Result<Value, Failure> {
    let lean = Lean::new(&aws.sdk, aws.guard.clone());
    let (service, own, operation) = Writes::built_in()
        .operation(name)
        .ok_or_else(|| unknown_operation(name))?;
    let send = lean.send(service, own, operation, region.region, input);
    region.call_for(name, || service.action(own), send).await
}

fn unknown_operation(name: &str) -> Failure {
    Failure::ours(name, GapCause::NotAsked, "the table has no such operation")
}

/// Reads the map that the write replaces, and puts it into the input with one entry more, or less.
/// What is in it goes from AWS to AWS and nowhere else.
async fn complete(
    lean: &Lean,
    region: RegionClient<'_>,
    call: &OperationCall,
    keep: &Keep,
    input: &mut Map<String, Value>,
) -> Result<(), Failure> {
    let name = keep.operation.as_str();
    let (service, own, operation) = Reads::built_in()
        .operation(name)
        .ok_or_else(|| unknown_operation(name))?;
    let asked = call.input.clone();
    let send = lean.send(service, own, operation, region.region, asked);
    let mut answer = region.call_for(name, || service.action(own), send).await?;
    let (map, revision) = kept(&mut answer, keep, &call.entry_value)
        .map_err(|why| Failure::ours(&call.operation, GapCause::NotAsked, why))?;
    let member = Map::from_iter([(keep.map.clone(), Value::Object(map))]);
    input.insert(keep.member.clone(), Value::Object(member));
    // AWS refuses the write where something was changed since it was read.
    input.insert(keep.revision.clone(), revision);
    Ok(())
}

/// The map as it will be, and the revision that it was read at.
fn kept(
    answer: &mut Value,
    keep: &Keep,
    value: &str,
) -> Result<(Map<String, Value>, Value), String> {
    let revision = answer.get(&keep.revision).cloned();
    let revision = revision.filter(|it| it.as_str().is_some_and(|text| !text.is_empty()));
    let revision =
        revision.ok_or("AWS names no revision, so it cannot be kept from overwriting")?;
    let member = answer.get_mut(&keep.member).map(Value::take);
    let mut member = match member {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(member)) => member,
        Some(_) => return Err(format!("{} could not be understood", keep.member)),
    };
    if member
        .get(&keep.error)
        .is_some_and(|error| !error.is_null())
    {
        return Err(format!(
            "{} could not be read, so it cannot be kept",
            keep.map
        ));
    }
    let mut map = match member.remove(&keep.map) {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(format!("{} could not be understood", keep.map)),
    };
    match keep.remove {
        true => drop(map.shift_remove(&keep.entry)),
        false => drop(map.insert(keep.entry.clone(), Value::from(value))),
    }
    let length = |(name, value): (&String, &Value)| name.len() + value.as_str().map_or(0, str::len);
    let bytes: usize = map.iter().map(length).sum();
    if bytes > keep.most_bytes {
        let (most, name) = (keep.most_bytes, &keep.entry);
        return Err(format!(
            "there is no room for {name}: {bytes} bytes, and {most} are the most"
        ));
    }
    Ok((map, revision))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn keep(remove: bool) -> Keep {
        Keep {
            operation: "lambda:GetFunctionConfiguration".to_owned(),
            member: "Environment".to_owned(),
            map: "Variables".to_owned(),
            error: "Error".to_owned(),
            revision: "RevisionId".to_owned(),
            entry: "MARK".to_owned(),
            remove,
            most_bytes: 60,
        }
    }

    #[test]
    fn what_is_there_is_kept_and_what_cannot_be_read_is_not_replaced() {
        let variables: Map<String, Value> = (0..12)
            .map(|n| (format!("V{n}"), Value::from("x")))
            .collect();
        let with = json!({ "RevisionId": "r", "Environment": { "Variables": variables } });
        let (map, revision) = kept(&mut with.clone(), &keep(false), "t").expect("it can be kept");
        assert_eq!(map.len(), 13);
        assert_eq!(map["MARK"], "t");
        assert!(variables.iter().all(|(name, value)| map[name] == *value));
        assert_eq!(revision, "r");
        let (back, _) = kept(
            &mut json!({ "RevisionId": "r2", "Environment": { "Variables": map } }),
            &keep(true),
            "",
        )
        .expect("it can be kept");
        assert_eq!(back, variables);
        let none = json!({ "RevisionId": "r" });
        assert_eq!(
            kept(&mut none.clone(), &keep(false), "t")
                .expect("none")
                .0
                .len(),
            1
        );
        let denied = json!({ "RevisionId": "r", "Environment": { "Error": { "ErrorCode": "AccessDenied" } } });
        assert!(kept(&mut denied.clone(), &keep(false), "t").is_err());
        assert!(kept(&mut json!({ "Environment": {} }), &keep(false), "t").is_err());
        assert!(kept(&mut with.clone(), &keep(false), &"t".repeat(60)).is_err());
    }
}
