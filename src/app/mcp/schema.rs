//! The JSON Schema of what a tool takes.

use serde_json::{Map, Value, json};

use crate::app::mcp::offered::{ArgumentShape, OfferedTool, ToolArgument, ValueType};

/// Returns the schema of the arguments of a tool.
pub(crate) fn input_schema(tool: &OfferedTool) -> Map<String, Value> {
    let arguments = tool.arguments.iter();
    let properties: Map<String, Value> = arguments
        .map(|argument| (argument.name.clone(), property(argument)))
        .collect();
    let required = tool.arguments.iter().filter(|argument| argument.required);
    let required: Vec<&str> = required.map(|argument| argument.name.as_str()).collect();
    let mut schema = Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), Value::Object(properties)),
        ("additionalProperties".to_owned(), json!(false)),
    ]);
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn property(argument: &ToolArgument) -> Value {
    let mut property = match &argument.shape {
        ArgumentShape::Flag => Map::from_iter([("type".to_owned(), json!("boolean"))]),
        ArgumentShape::One(value) => value_schema(value),
        ArgumentShape::Many(value) => {
            let mut many = Map::new();
            many.insert("type".to_owned(), json!("array"));
            many.insert("items".to_owned(), Value::Object(value_schema(value)));
            if argument.required {
                many.insert("minItems".to_owned(), json!(1));
            }
            many
        }
    };
    property.insert("description".to_owned(), json!(argument.help));
    if let (Some(default), ArgumentShape::One(value)) = (&argument.default, &argument.shape) {
        property.insert("default".to_owned(), typed(default, value));
    }
    Value::Object(property)
}

fn value_schema(value: &ValueType) -> Map<String, Value> {
    let schema = match value {
        ValueType::Text => json!({ "type": "string" }),
        ValueType::OneOf(values) => json!({ "type": "string", "enum": values }),
        ValueType::Count => json!({ "type": "integer", "minimum": 0 }),
        ValueType::Number => json!({ "type": "number" }),
    };
    match schema {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn typed(default: &str, value: &ValueType) -> Value {
    let number = match value {
        ValueType::Count => default.parse::<u64>().ok().map(Value::from),
        ValueType::Number => default.parse::<f64>().ok().map(Value::from),
        ValueType::Text | ValueType::OneOf(_) => None,
    };
    number.unwrap_or_else(|| json!(default))
}
