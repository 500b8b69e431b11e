//! Blocks that versions of the provider before 4 had, in the shape that they have today.

use serde_json::{Value as Json, json};

/// Adds the new shape to the attributes of a resource that has the old one.
pub(super) fn translate(resource_type: &str, values: &mut Json) {
    if resource_type == "aws_s3_bucket" {
        versioning(values);
        lifecycle(values);
    }
}

/// `versioning { enabled = true }`.
fn versioning(values: &mut Json) {
    let Some(block) = values
        .get_mut("versioning")
        .and_then(|list| list.get_mut(0))
    else {
        return;
    };
    let Some(enabled) = block.get("enabled").and_then(Json::as_bool) else {
        return;
    };
    let word = |is_on: bool, on: &str, off: &str| if is_on { on } else { off }.to_owned();
    let mfa = block.get("mfa_delete").and_then(Json::as_bool) == Some(true);
    block["versioning_configuration"] = json!([{
        "status": word(enabled, "Enabled", "Suspended"),
        "mfa_delete": word(mfa, "Enabled", "Disabled"),
    }]);
}

/// `lifecycle_rule { enabled = true }`.
fn lifecycle(values: &mut Json) {
    let rules = values.get("lifecycle_rule").and_then(Json::as_array);
    let rules: Vec<Json> = rules
        .into_iter()
        .flatten()
        .filter_map(|rule| {
            let status = match rule.get("enabled")?.as_bool()? {
                true => "Enabled",
                false => "Disabled",
            };
            Some(json!({ "id": rule.get("id"), "status": status }))
        })
        .collect();
    if !rules.is_empty() && values.get("lifecycle_configuration").is_none() {
        values["lifecycle_configuration"] = json!([{ "rule": rules }]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_old_providers_get_the_shape_of_today() {
        let mut values = json!({
            "versioning": [{ "enabled": true, "mfa_delete": false }],
            "lifecycle_rule": [{ "id": "old", "enabled": true }, { "id": "none" }],
        });
        translate("aws_s3_bucket", &mut values);
        let versioning = &values["versioning"][0]["versioning_configuration"][0];
        assert_eq!(
            *versioning,
            json!({ "status": "Enabled", "mfa_delete": "Disabled" })
        );
        let rules = &values["lifecycle_configuration"][0]["rule"];
        assert_eq!(*rules, json!([{ "id": "old", "status": "Enabled" }]));

        let mut other = json!({ "versioning": [{ "enabled": true }], "lifecycle_rule": [] });
        let before = other.clone();
        translate("aws_sqs_queue", &mut other);
        assert_eq!(other, before);
        let mut new = json!({ "versioning": [], "lifecycle_rule": [] });
        let before = new.clone();
        translate("aws_s3_bucket", &mut new);
        assert_eq!(new, before);
    }
}
