//! Errors in JSON: diagnostics of `terraform -json`, and answers of AWS.

use serde_json::Value;

use super::clean::TextLine;
use super::diagnostic::Diagnostic;

/// The errors of a text that is JSON, or has lines of JSON in it.
pub(super) fn diagnostics(text: &str, lines: &[TextLine]) -> Vec<Diagnostic> {
    let whole = text.trim_start_matches('\u{feff}').trim();
    if whole.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<Value>(whole)
    {
        return of_value(&value);
    }
    let mut found = Vec::new();
    let mut errored = Vec::new();
    for line in lines {
        let TextLine::Text(text) = line else { continue };
        let text = text.trim();
        if !text.starts_with('{') {
            continue;
        }
        let Ok(value) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        if value.get("type").and_then(Value::as_str) == Some("apply_errored") {
            let address = value.pointer("/hook/resource/addr").and_then(Value::as_str);
            errored.extend(address.map(str::to_owned));
        }
        found.extend(of_value(&value));
    }
    with_addresses(&mut found, errored);
    found
}

/// A failed destroy has no address in its diagnostic, only in the event of its failure.
fn with_addresses(found: &mut [Diagnostic], mut errored: Vec<String>) {
    errored.retain(|address| {
        let mut named = found.iter().filter_map(|one| one.address.as_ref());
        !named.any(|named| named == address)
    });
    let mut without = found.iter_mut().filter(|one| one.address.is_none());
    if let (Some(one), None, [address]) = (without.next(), without.next(), &errored[..]) {
        one.address = Some(address.clone());
    }
}

fn of_value(value: &Value) -> Vec<Diagnostic> {
    if let Some(one) = value.get("diagnostic") {
        return diagnostic(one).into_iter().collect();
    }
    if let Some(Value::Array(all)) = value.get("diagnostics") {
        return all.iter().filter_map(diagnostic).collect();
    }
    if let Value::Array(all) = value {
        return all.iter().flat_map(of_value).collect();
    }
    of_answer(value).into_iter().collect()
}

fn diagnostic(value: &Value) -> Option<Diagnostic> {
    if value.get("severity").and_then(Value::as_str) != Some("error") {
        return None;
    }
    let text = |path: &str| {
        value
            .pointer(path)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let line = value.pointer("/range/start/line").and_then(Value::as_u64);
    let context = text("/snippet/context").unwrap_or_default();
    let mut quoted = context.split('"');
    let block = quoted.next().unwrap_or_default().trim();
    let block_type = matches!(block, "resource" | "data")
        .then(|| quoted.next())
        .flatten();
    let address = text("/address").filter(|address| !address.is_empty());
    Some(Diagnostic {
        summary: text("/summary").unwrap_or_default(),
        detail: text("/detail").unwrap_or_default(),
        address,
        block_type: block_type.map(str::to_owned),
        file: text("/range/filename"),
        line: line.and_then(|line| u32::try_from(line).ok()),
    })
}

/// An answer of AWS, in the forms of its protocols and of CloudTrail.
fn of_answer(value: &Value) -> Option<Diagnostic> {
    let text = |path: &str| value.pointer(path).and_then(Value::as_str);
    let code = text("/__type")
        .or_else(|| text("/Error/Code"))
        .or_else(|| text("/errorCode"));
    let code = code
        .or_else(|| text("/errorType"))
        .or_else(|| text("/Code"))?;
    // `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = code.split(':').next().unwrap_or(code);
    let message = text("/message")
        .or_else(|| text("/Message"))
        .or_else(|| text("/Error/Message"));
    let message = message
        .or_else(|| text("/errorMessage"))
        .unwrap_or_default();
    Some(Diagnostic {
        summary: match text("/eventName") {
            Some(operation) => {
                format!(
                    "An error occurred ({code}) when calling the {operation} operation: {message}"
                )
            }
            None => format!("api error {code}: {message}"),
        },
        ..Diagnostic::default()
    })
}
