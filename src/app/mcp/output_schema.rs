//! The JSON Schema of what a tool gives: that of its documents, as they are published, in an envelope.

use serde_json::{Map, Value, json};

use crate::app::answers;
use crate::app::mcp::offered::OfferedTool;
use crate::app::tool::ToolDocument;

/// Keys that are for readers of a schema. They are left out here, since a client gets the schemas of all
/// tools at once; `$comment` says where they are.
const PROSE: [&str; 5] = ["$schema", "$id", "title", "description", "default"];

/// Returns the schema of the structured content of a tool.
pub(crate) fn output_schema(tool: &OfferedTool) -> Map<String, Value> {
    let mut definitions = Map::new();
    let mut choices: Vec<Value> = Vec::new();
    for document in tool.tool.answers {
        for choice in shapes(*document, &mut definitions) {
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
    }
    let document = match choices.len() {
        1 => choices.remove(0),
        _ => json!({ "anyOf": choices }),
    };
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let schema = json!({
        "type": "object",
        "$comment": "`fractary schema NAME` prints the schemas with the meaning of each field",
        "properties": {
            "notice": { "type": "string", "description": "What is to be known about the document" },
            "document": document,
            "left_out": with_description(texts, "What was left out of the document, because it is too long"),
        },
        "required": ["notice", "document", "left_out"],
        "$defs": definitions,
    });
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

fn with_description(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

/// The schemas that a document may have, with what they refer to added to the definitions.
fn shapes(document: ToolDocument, definitions: &mut Map<String, Value>) -> Vec<Value> {
    let list = |items: Value| json!({ "type": "array", "items": items });
    match document {
        ToolDocument::One(name) => vec![define(name, definitions)],
        ToolDocument::List(name) => vec![list(define(name, definitions))],
        ToolDocument::OneOrList(name) => {
            let one = define(name, definitions);
            vec![one.clone(), list(one)]
        }
        ToolDocument::Mixed(one, other) => {
            let both = [one, other].map(|name| define(name, definitions));
            vec![list(json!({ "anyOf": both }))]
        }
    }
}

/// Adds the schema with this name to the definitions, and returns a reference to it.
fn define(name: &str, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(name) {
        // A test finds every name.
        let mut schema = answers::value(name).unwrap_or_default();
        let below = schema.as_object_mut().and_then(|root| root.remove("$defs"));
        if let Some(Value::Object(below)) = below {
            for (key, mut one) in below {
                tidy(&mut one, name);
                definitions.insert(format!("{name}.{key}"), one);
            }
        }
        tidy(&mut schema, name);
        definitions.insert(name.to_owned(), schema);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// Leaves prose out, and lets references lead to where definitions are now.
fn tidy(schema: &mut Value, name: &str) {
    match schema {
        Value::Object(map) => {
            for key in PROSE {
                // A property may have such a name; what it is called is no prose.
                if map
                    .get(key)
                    .is_some_and(|value| key == "default" || value.is_string())
                {
                    map.remove(key);
                }
            }
            if let Some(Value::String(reference)) = map.get_mut("$ref")
                && let Some(key) = reference.strip_prefix("#/$defs/")
            {
                *reference = format!("#/$defs/{name}.{key}");
            }
            for (key, below) in map.iter_mut() {
                match (key.as_str(), below) {
                    // Names of properties are no keywords.
                    ("properties" | "patternProperties", Value::Object(properties)) => {
                        properties.values_mut().for_each(|one| tidy(one, name));
                    }
                    (_, below) => tidy(below, name),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| tidy(one, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
