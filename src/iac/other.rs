//! What a file is that is no state: named, so that the right one is passed next.

use serde::de::IgnoredAny;

/// What a text is that is one JSON value and no object.
pub(super) fn json_value(text: &str) -> Option<&'static str> {
    let start = text.trim_start().trim_start_matches('\u{feff}');
    let is_value = || serde_json::from_str::<IgnoredAny>(start).is_ok();
    let found = match start.chars().next()? {
        '[' => "a JSON list; pass what is in it as files of their own",
        'n' => "the JSON value `null`, as a command prints it that found nothing",
        '"' => "a JSON text",
        't' | 'f' | '-' | '0'..='9' => "a JSON value that is no object",
        _ => return None,
    };
    is_value().then_some(found)
}

/// What a text looks like that has no JSON in it.
pub(super) fn guess(text: &str) -> &'static str {
    let lines = || {
        text.lines()
            .map(str::trim_end)
            .filter(|line| !line.trim().is_empty())
    };
    let first = lines().next().unwrap_or_default().trim_start();
    let lower = first.to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return "a page of HTML, as a login form is";
    }
    if first.starts_with('<') {
        return "XML, as an error of a storage service is";
    }
    if first == "No state." || first.starts_with("The state file is empty") {
        return "what `terraform show` prints where the state is empty";
    }
    if lines().any(|line| {
        line.trim_start_matches(['│', '╷', ' '])
            .starts_with("Error:")
    }) {
        return "the error message of a command";
    }
    // `terraform show` prints blocks like those of a configuration, each below its address.
    if lines().any(|line| line.starts_with("# ") && line.ends_with(':')) && has_block(text) {
        return "the output of `terraform show` without `-json`";
    }
    if has_block(text) {
        return "a Terraform configuration (HCL), not the state that it leads to";
    }
    if lines().all(is_address) {
        return "a list of addresses, as `terraform state list` prints them";
    }
    if first == "---" || lines().any(is_yaml_key) {
        return "YAML";
    }
    "not JSON"
}

/// How to get rid of lines that stand before JSON, by the first of them.
pub(super) fn fix_of_noise(line: &str) -> Option<&'static str> {
    let line = line.trim_start();
    if line.starts_with("[command]") || line.starts_with("::") {
        return Some("set `terraform_wrapper: false` for hashicorp/setup-terraform");
    }
    if line.starts_with('[') && line.contains(']') {
        return Some("give terragrunt `--tf-forward-stdout`");
    }
    None
}

/// Whether a line opens a block: `resource "aws_x" "y" {`.
fn has_block(text: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "resource",
        "data",
        "module",
        "provider",
        "terraform",
        "variable",
        "output",
        "locals",
        "import",
        "moved",
    ];
    text.lines().any(|line| {
        let word = line.split([' ', '{']).next().unwrap_or_default();
        let line = line.trim_end();
        BLOCKS.contains(&word) && (line.ends_with('{') || line.ends_with('}'))
    })
}

fn is_address(line: &str) -> bool {
    let dots = line.contains('.') && !line.contains([' ', ':']);
    dots && (line.starts_with("aws_") || line.starts_with("module.") || line.starts_with("data."))
}

/// Whether a line is `key:` or `key: value`.
fn is_yaml_key(line: &str) -> bool {
    let Some((key, rest)) = line.split_once(':') else {
        return false;
    };
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !key.is_empty() && key.chars().all(word) && (rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_state_is_named() {
        let cases = [
            "resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n",
            "terraform {}\n",
            "# aws_sqs_queue.jobs:\nresource \"aws_sqs_queue\" \"jobs\" {\n    name = \"jobs\"\n}\n",
            "No state.\n",
            "The state file is empty. No resources are represented.\n",
            "╷\n│ Error: No configuration files\n╵\n",
            "<!DOCTYPE html>\n<html></html>",
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
            "all:\n  hosts:\n    web1:\n",
            "---\n- a\n",
            "aws_sqs_queue.jobs\nmodule.a[\"x\"].aws_sqs_queue.jobs[0]\n",
            "hello",
        ];
        let said: Vec<&str> = cases.iter().map(|text| guess(text)).collect();
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn values_of_json_are_no_objects() {
        for text in [
            "null",
            "[]",
            "[{\"a\":1}]\n",
            "\u{feff}\"x\"",
            "-1.5",
            "true",
        ] {
            assert!(json_value(text).is_some(), "{text}");
        }
        for text in [
            "",
            "{}",
            "[command]/bin/terraform",
            "nothing",
            "1 2",
            "[live] {}",
        ] {
            assert_eq!(json_value(text), None, "{text}");
        }
    }
}
