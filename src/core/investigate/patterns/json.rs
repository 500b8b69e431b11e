//! Lines that are JSON objects: the message inside is the line.

use serde_json::{Map, Value};

/// The names of a message, the best first.
const MESSAGES: [&str; 5] = ["message", "msg", "log", "event", "err"];
/// The longest line that is read as JSON.
const LONGEST: usize = 1 << 16;
/// How often a message is itself opened.
const DEPTH: usize = 2;

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LineForm {
    /// Not an object of JSON.
    Text,
    /// An object with a message.
    Message(String),
    /// Metrics in CloudWatch's embedded format.
    Metrics,
}

/// Returns the message of a line that is an object of JSON.
pub(super) fn read(line: &[u8]) -> LineForm {
    let line = line.trim_ascii();
    if !(line.starts_with(b"{") && line.ends_with(b"}")) || line.len() > LONGEST {
        return LineForm::Text;
    }
    let Ok(mut object) = serde_json::from_slice::<Map<String, Value>>(line) else {
        return LineForm::Text;
    };
    if object.contains_key("_aws") {
        return LineForm::Metrics;
    }
    for _ in 0..DEPTH {
        let Some(message) = message(&object) else {
            return LineForm::Text;
        };
        match serde_json::from_str::<Map<String, Value>>(&message) {
            Ok(inner) => object = inner,
            Err(_) => return LineForm::Message(message),
        }
    }
    message(&object).map_or(LineForm::Text, LineForm::Message)
}

fn message(object: &Map<String, Value>) -> Option<String> {
    let text = |value: &Value| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let found = MESSAGES
        .iter()
        .find_map(|name| object.get(*name).and_then(text));
    found.or_else(|| text(object.get("error")?.get("message")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_where_loggers_put_it() {
        let message = |text: &str| LineForm::Message(text.to_owned());
        for (line, want) in [
            (
                r#"{"level":"error","msg":"pay failed","order":"1"}"#,
                message("pay failed"),
            ),
            (r#" {"log":"{\"message\":\"inner\"}"} "#, message("inner")),
            (r#"{"error":{"message":"refused"}}"#, message("refused")),
            (r#"{"_aws":{"Timestamp":1},"Latency":3}"#, LineForm::Metrics),
            (r#"{"order":"1"}"#, LineForm::Text),
            (r#"{"msg":"cut off"#, LineForm::Text),
            ("pay failed", LineForm::Text),
            ("{}", LineForm::Text),
        ] {
            assert_eq!(read(line.as_bytes()), want, "{line}");
        }
    }
}
