//! What a state of version 4 says of itself: its serial number, its lineage, and which of its
//! objects were not finished.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::iac::IacError;
use crate::iac::decode;
use crate::iac::tfstate::index_key;
use crate::text::Untrusted;

/// What a state says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateFacts {
    /// Goes up with every change.
    pub serial: Option<u64>,
    /// The history that it is of.
    pub lineage: Option<Untrusted>,
    /// Addresses of its managed objects.
    pub addresses: BTreeSet<Untrusted>,
    /// Those of them that were not finished, and will be replaced.
    pub tainted: BTreeSet<Untrusted>,
}

#[derive(Deserialize)]
struct RawState {
    #[serde(default)]
    serial: Option<u64>,
    #[serde(default)]
    lineage: Option<String>,
    #[serde(default)]
    resources: Option<Vec<RawResource>>,
}

#[derive(Deserialize)]
struct RawResource {
    #[serde(default)]
    module: Option<String>,
    #[serde(default)]
    mode: Option<String>,
    #[serde(rename = "type")]
    resource_type: String,
    name: String,
    #[serde(default)]
    instances: Option<Vec<RawInstance>>,
}

#[derive(Deserialize)]
struct RawInstance {
    #[serde(default)]
    index_key: Option<serde_json::Value>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

/// Reads what `state pull` prints; nothing at all is a state that was never written.
///
/// # Errors
/// It is no state in JSON.
pub fn state_facts(bytes: &[u8]) -> Result<StateFacts, IacError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(StateFacts::default());
    }
    let text = decode::text(bytes)?;
    let raw: RawState = serde_json::from_str(&text)
        .map_err(|error| IacError::from_json("the Terraform state", &error))?;
    let mut facts = StateFacts {
        serial: raw.serial,
        lineage: raw
            .lineage
            .filter(|one| !one.is_empty())
            .map(Untrusted::new),
        ..StateFacts::default()
    };
    let resources = raw.resources.unwrap_or_default().into_iter();
    for resource in resources.filter(|one| one.mode.as_deref() != Some("data")) {
        let module = resource
            .module
            .map_or_else(String::new, |one| format!("{one}."));
        let base = format!("{module}{}.{}", resource.resource_type, resource.name);
        let instances = resource.instances.unwrap_or_default().into_iter();
        for instance in instances.filter(|one| one.deposed.is_none()) {
            let key = instance.index_key.as_ref().and_then(index_key);
            let key = key.map_or_else(String::new, |key| key.suffix());
            let address = Untrusted::new(format!("{base}{key}"));
            if instance.status.as_deref() == Some("tainted") {
                facts.tainted.insert(address.clone());
            }
            facts.addresses.insert(address);
        }
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_says_what_was_not_finished() {
        let state = r#"{"version":4,"serial":7,"lineage":"l-1","resources":[
            {"mode":"managed","type":"aws_sqs_queue","name":"q","instances":[
                {"index_key":0},{"index_key":1,"status":"tainted"},{"index_key":1,"deposed":"ab"}]},
            {"module":"module.m","mode":"managed","type":"aws_sns_topic","name":"t","instances":[
                {"index_key":"a.b"}]},
            {"mode":"data","type":"aws_region","name":"r","instances":[{}]}]}"#;
        let facts = state_facts(state.as_bytes()).expect("a state");
        let list = |set: &BTreeSet<Untrusted>| -> Vec<String> {
            set.iter().map(|one| one.raw().to_owned()).collect()
        };
        assert_eq!(
            (facts.serial, list(&facts.tainted)),
            (Some(7), vec!["aws_sqs_queue.q[1]".to_owned()])
        );
        assert_eq!(
            list(&facts.addresses),
            [
                "aws_sqs_queue.q[0]",
                "aws_sqs_queue.q[1]",
                r#"module.m.aws_sns_topic.t["a.b"]"#
            ]
        );
        assert_eq!(
            state_facts(b"\n").expect("no state yet"),
            StateFacts::default()
        );
        assert!(state_facts(b"Error: no state").is_err());
    }
}
