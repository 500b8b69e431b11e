//! Containers of task definitions, which Terraform and AWS hold as one JSON text.

use serde_json::Value as Json;

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::FactView;
use crate::core::known::{Known, Obstacles, unclear};
use crate::model::fact::{Fact, Value};

use super::{DerivedFact, DerivedFacts, Place, secrets};

pub(super) fn task_definition<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let (containers, places) = match definitions(view) {
        Ok(all) => {
            let facts = all.iter().map(|one| Fact::Known(facts(one)));
            let places: Vec<Place> = all.iter().flat_map(|one| variables(estate, one)).collect();
            let containers = DerivedFact::Value(Some(Value::list(facts)));
            (containers, DerivedFact::Places(places, Obstacles::new()))
        }
        Err(obstacles) => {
            let unknown = DerivedFact::Unknown(obstacles);
            (unknown.clone(), unknown)
        }
    };
    DerivedFacts::from([("containers", containers), ("secrets", places)])
}

fn definitions(view: FactView<'_>) -> Known<Vec<Json>> {
    let Some(text) = view.text("container_definitions")? else {
        return Ok(Vec::new());
    };
    let parsed: Json =
        serde_json::from_str(&text).map_err(|_| unclear("`container_definitions` is not JSON"))?;
    match parsed {
        Json::Array(all) => Ok(all),
        _ => Err(unclear("`container_definitions` is not a list")),
    }
}

fn facts(container: &Json) -> Value {
    let flag = |key: &str| Fact::from(container.get(key) == Some(&Json::Bool(true)));
    let text = |key: &str| match container.get(key).and_then(Json::as_str) {
        Some(text) => Fact::from(text),
        None => Fact::Absent,
    };
    let logs = container
        .get("logConfiguration")
        .is_some_and(Json::is_object);
    Value::map([
        ("name", text("name")),
        ("image", text("image")),
        ("user", text("user")),
        ("privileged", flag("privileged")),
        ("read_only_root", flag("readonlyRootFilesystem")),
        ("logs", Fact::from(logs)),
    ])
}

fn variables(estate: &Estate<'_>, container: &Json) -> Vec<Place> {
    let name = container
        .get("name")
        .and_then(Json::as_str)
        .unwrap_or("container");
    let list = container.get("environment").and_then(Json::as_array);
    let pairs = list.into_iter().flatten().filter_map(|pair| {
        let key = pair.get("name").and_then(Json::as_str)?;
        Some((key, pair.get("value").and_then(Json::as_str)?))
    });
    let is_resource = |value: &str| secrets::is_resource(estate, value);
    let found = pairs.filter_map(|(key, value)| secrets::place(key, value, &is_resource));
    let place = |mut one: Place| {
        one.key = format!("{name}/{}", one.key);
        one.text = format!("container `{name}`: {}", one.text);
        one
    };
    found.map(place).collect()
}
