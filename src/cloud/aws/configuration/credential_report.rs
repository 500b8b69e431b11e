//! IAM's credential report: one table with a row for every user and one for the root user.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::cloud::aws::errors::Failure;
use crate::model::fact::GapCause;

/// Whether there is none, or one that is too old.
pub(super) fn is_to_be_made(failure: &Failure) -> bool {
    failure.has_code(&[
        "ReportNotPresent",
        "ReportExpired",
        "CredentialReportNotPresentException",
        "CredentialReportExpiredException",
    ])
}

/// Whether AWS is still making it.
pub(super) fn is_being_made(failure: &Failure) -> bool {
    failure.has_code(&["ReportInProgress", "CredentialReportNotReadyException"])
}

/// Returns the rows of the answer that holds the report.
pub(super) fn rows(operation: &str, answer: &Value) -> Result<Value, Failure> {
    let garbled = |what: &str| Failure::ours(operation, GapCause::Garbled, what);
    let content = answer.get("Content").and_then(Value::as_str);
    let content = content.ok_or_else(|| garbled("the answer holds no report"))?;
    let bytes = STANDARD
        .decode(content.trim())
        .map_err(|_| garbled("the report is not base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| garbled("the report is not UTF-8"))?;
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    if !["user", "arn", "password_enabled", "access_key_1_active"]
        .iter()
        .all(|it| names.contains(it))
    {
        return Err(garbled("the report lacks a column"));
    }
    let rows = lines.filter(|line| !line.is_empty()).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        match cells.len() == names.len() {
            true => Ok(row(&names, &cells)),
            false => Err(garbled("a row of the report has other columns")),
        }
    });
    let rows: Vec<Value> = rows.collect::<Result<_, _>>()?;
    Ok(json!({ "rows": rows }))
}

/// A row, with its keys as a list and without what the report does not know.
fn row(names: &[&str], cells: &[&str]) -> Value {
    let mut row: Map<String, Value> = Map::new();
    for (name, cell) in names.iter().zip(cells) {
        if !["", "N/A", "no_information", "not_supported"].contains(cell) {
            row.insert((*name).to_owned(), Value::from(*cell));
        }
    }
    let get = |name: &str| row.get(name).cloned().unwrap_or(Value::Null);
    let is_true = |name: &str| get(name).as_str() == Some("true");
    let key = |number: u8| {
        let column = |name: &str| format!("access_key_{number}_{name}");
        let active = is_true(&column("active"));
        // A number without a date is no key.
        let exists = active || !get(&column("last_rotated")).is_null();
        exists.then(|| {
            json!({
                "status": if active { "Active" } else { "Inactive" },
                "last_rotated": get(&column("last_rotated")),
                "last_used_date": get(&column("last_used_date")),
            })
        })
    };
    let keys: Vec<Value> = [1, 2].into_iter().filter_map(key).collect();
    let used = [
        "password_last_used",
        "access_key_1_last_used_date",
        "access_key_2_last_used_date",
    ];
    // Dates of one form: the latest is the last one in the order of texts.
    let used = used
        .iter()
        .filter_map(|name| get(name).as_str().map(str::to_owned))
        .max();
    let profile = is_true("password_enabled").then(|| json!({ "user": get("user") }));
    row.insert("access_keys".to_owned(), Value::from(keys));
    row.insert(
        "last_used".to_owned(),
        used.map_or(Value::Null, Value::from),
    );
    row.insert("login_profile".to_owned(), profile.unwrap_or_default());
    Value::Object(row)
}
