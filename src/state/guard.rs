//! Refuses secrets in documents that hold names only.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;

/// Key ids of AWS, private keys, and runs of base64 as long as a session token.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b|-----BEGIN|[A-Za-z0-9/+=]{100,}")
        .expect("a valid pattern")
});

/// What a secret access key looks like: 40 characters of base64.
static FORTY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^A-Za-z0-9/+])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])")
        .expect("a valid pattern")
});

/// Parts of key names that say that the value is a secret.
const TELLING: [&str; 5] = ["secret", "token", "password", "accesskey", "privatekey"];

const HELP: &str = "remove it here, keep keys in `~/.aws/credentials` (`aws configure --profile NAME`) and \
     write the profile's name instead; if this was ever committed, deactivate the key in \
     the IAM console, for git remembers it";

/// A problem for everything that looks like a key. Its value is never shown.
pub(crate) fn secrets(tree: &Value) -> Vec<Problem> {
    let mut out = Vec::new();
    walk(tree, &mut Vec::new(), &mut out);
    out
}

fn walk(value: &Value, path: &mut Vec<PathStep>, out: &mut Vec<Problem>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                path.push(PathStep::Key(key.clone()));
                if looks_secret(key) {
                    out.push(found(path, "a key lies in the place of a name").on_key());
                } else if names_secret(key) && !inner.is_null() {
                    out.push(found(path, "this file may hold names only, never keys"));
                } else {
                    walk(inner, path, out);
                }
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                path.push(PathStep::Index(index));
                walk(inner, path, out);
                path.pop();
            }
        }
        Value::String(text) if looks_secret(text) => {
            out.push(found(path, "this looks like an AWS key or another secret"));
        }
        _ => {}
    }
}

fn found(path: &[PathStep], message: &str) -> Problem {
    let mut problem = Problem::error(path, "state/secret", message)
        .expecting("expected the name of a profile")
        .help(HELP);
    problem.secret = true;
    problem
}

fn names_secret(key: &str) -> bool {
    let plain: String = key
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    TELLING.iter().any(|word| plain.contains(word))
}

fn looks_secret(text: &str) -> bool {
    let mixed = |run: &str| {
        run.bytes().any(|b| b.is_ascii_lowercase())
            && run.bytes().any(|b| b.is_ascii_uppercase())
            && run.bytes().any(|b| !b.is_ascii_alphabetic())
    };
    SECRET.is_match(text)
        || FORTY
            .captures_iter(text)
            .filter_map(|found| found.get(1))
            .any(|run| mixed(run.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_found_and_names_are_not() {
        let long = "A1b".repeat(60);
        for (tree, expected) in [
            (json!({"profile": "AKIAIOSFODNN7EXAMPLE"}), 1),
            (json!({"a": [{"b": "x ASIAIOSFODNN7EXAMPLE y"}]}), 1),
            (json!({"k": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}), 1),
            (json!({"aws_secret_access_key": "short"}), 1),
            (json!({"SessionToken": "x", "accessKeyId": "y"}), 2),
            (json!({"AKIAIOSFODNN7EXAMPLE": "x"}), 1),
            (json!({"k": long}), 1),
            (json!({"k": "-----BEGIN RSA PRIVATE KEY-----"}), 1),
            (json!({"test": "acme-test-deploy", "prod": "acme-prod"}), 0),
            (
                json!({"role": "arn:aws:iam::123456789012:role/very-long-role-name-for-the-deployment"}),
                0,
            ),
            (
                json!({"commit": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}),
                0,
            ),
            (json!({"token": null}), 0),
        ] {
            assert_eq!(secrets(&tree).len(), expected, "{tree}");
        }
    }
}
