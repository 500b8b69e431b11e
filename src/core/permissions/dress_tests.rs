//! Messages that other people's tools printed, taken down after the reader was written, in what
//! terminals, pipelines and people put around them. Names and accounts are changed.

use serde::Deserialize;

use super::denials;
use crate::model::denial::DenyType;
use crate::text::Untrusted;

/// One message and what it says.
#[derive(Deserialize)]
struct Labelled {
    message: String,
    action: Option<String>,
    resource: Option<String>,
    principal: Option<String>,
    deny_type: String,
}

fn messages() -> Vec<Labelled> {
    let all = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/denials/messages.jsonl"
    ));
    let all = all.lines().map(serde_json::from_str);
    all.collect::<Result<_, _>>().expect("lines of JSON")
}

/// A text wrapped at words, with a gutter in front of every line.
fn wrapped(text: &str, width: usize, gutter: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("{gutter}{line}")).collect();
    lines.join("\n")
}

/// A text cut at a number of characters, with a gutter in front of every line.
fn cut(text: &str, width: usize, gutter: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let lines = chars.chunks(width);
    let lines: Vec<String> = lines
        .map(|line| format!("{gutter}{}", line.iter().collect::<String>()))
        .collect();
    lines.join("\n")
}

/// A table of one cell, with edges on both sides.
fn table(text: &str) -> String {
    let rule = format!("+{}+", "-".repeat(80));
    let lines = wrapped(text, 78, "");
    let lines: Vec<String> = lines
        .lines()
        .map(|line| format!("| {line:<78} |"))
        .collect();
    format!("{rule}\n{}\n{rule}", lines.join("\n"))
}

const TIME: &str = "2026-03-01T10:00:00.1234567Z ";

/// What may be put around any message.
fn around(text: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::json!({ "errorMessage": text }).to_string();
    let deep = serde_json::json!({ "b": [serde_json::json!({ "m": json }).to_string()] });
    vec![
        ("plain", text.to_owned()),
        ("json", json),
        ("json in json in json", deep.to_string()),
        ("colours", format!("\u{1b}[31m{text}\u{1b}[0m")),
        ("windows", text.replace('\n', "\r\n")),
        (
            "html",
            text.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;"),
        ),
        (
            "a list",
            format!(
                "2 errors occurred:\n\t* {}\n\t* no\n",
                text.replace('\n', "\n\t")
            ),
        ),
    ]
}

/// What lays out the lines anew.
fn laid_out(text: &str) -> Vec<(&'static str, String)> {
    vec![
        ("cut at 60", cut(text, 60, "")),
        ("cut at 80", cut(text, 80, "")),
        ("cut at 120", cut(text, 120, "")),
        ("cut and indented", cut(text, 100, "    ")),
        ("a box", wrapped(text, 76, "│ ")),
        ("a box that was cut", cut(text, 78, "│ ")),
        ("a pipeline", wrapped(text, 90, TIME)),
        ("a pipeline that cuts", cut(text, 90, TIME)),
        (
            "a box in a pipeline",
            wrapped(text, 76, &format!("{TIME}│ ")),
        ),
        ("comments of a shell", wrapped(text, 70, "    # ")),
        ("comments of code", wrapped(text, 70, "// ")),
        ("the middle of a comment", wrapped(text, 76, " * ")),
        ("a quotation", wrapped(text, 70, "> ")),
        ("a server", wrapped(text, 80, "remote: ")),
        ("steps of a build", wrapped(text, 80, "#12 3.456 ")),
        ("a table", table(text)),
        (
            "lines that go on",
            wrapped(text, 80, "").replace('\n', " \\\n"),
        ),
        ("yaml", format!("error: >-\n{}", wrapped(text, 80, "  "))),
    ]
}

/// Values without what a line break may have taken or put in.
fn bare(value: Option<&str>) -> Option<String> {
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '"' | '\\');
    value.map(|value| value.chars().filter(kept).collect())
}

fn wrong(one: &Labelled, dress: &str, text: &str) -> Option<String> {
    let found = denials(text).into_iter().next();
    let raw = |value: Option<&Untrusted>| bare(value.map(Untrusted::raw));
    let of = found.as_ref();
    let got = (
        raw(of.and_then(|one| one.action.as_ref())).map(|text| text.to_lowercase()),
        raw(of.and_then(|one| one.resource.as_ref())),
        raw(of.and_then(|one| one.principal.as_ref())),
        serde_json::to_value(of.map_or(DenyType::Unspecified, |one| one.deny_type)).ok(),
    );
    let wanted = (
        bare(one.action.as_deref()).map(|text| text.to_lowercase()),
        bare(one.resource.as_deref()),
        bare(one.principal.as_deref()),
        Some(serde_json::Value::from(one.deny_type.as_str())),
    );
    (got != wanted).then(|| format!("{dress}: {text}\n  wanted {wanted:?}\n  got    {got:?}"))
}

#[test]
fn messages_of_others_are_read_in_whatever_is_around_them() {
    let mut all = Vec::new();
    for one in messages() {
        let mut dresses = around(&one.message);
        // What has lines of its own is not laid out anew.
        if !one.message.contains('\n') {
            dresses.extend(laid_out(&one.message));
        }
        let found = dresses
            .iter()
            .filter_map(|(dress, text)| wrong(&one, dress, text));
        all.extend(found);
    }
    assert!(all.is_empty(), "{}\n{}", all.len(), all.join("\n"));
}

#[test]
fn a_mark_in_front_of_one_line_belongs_to_the_text() {
    let text = "User: arn:aws:iam::123456789012:user/a is not authorized to perform: ecr:GetAuthorizationToken on resource:\n* because no identity-based policy allows the ecr:GetAuthorizationToken action";
    let found = denials(text).remove(0);
    assert_eq!(found.resource.as_ref().map(Untrusted::raw), Some("*"));
    let several = "User: deploy one is not authorized to perform: sqs:CreateQueue\nUser: deploy two is not authorized to perform: sqs:CreateQueue";
    let who: Vec<String> = denials(several)
        .iter()
        .filter_map(|one| Some(one.principal.as_ref()?.raw().to_owned()))
        .collect();
    assert_eq!(who, ["deploy one", "deploy two"]);
}

const THIS: &str = "arn:aws-cn:s3:::shop-logs/a";

fn denied(rest: &str) -> (Option<String>, Vec<String>) {
    let rest = rest.replace("THIS", THIS);
    let who = "arn:aws-cn:iam::123456789012:user/a";
    let text = format!("User: {who} is not authorized to perform: {rest}");
    let found = denials(&text).remove(0);
    let actions = found.action.iter().chain(&found.other_actions);
    (
        found.resource.as_ref().map(|one| one.raw().to_owned()),
        actions.map(|one| one.raw().to_owned()).collect(),
    )
}

#[test]
fn a_resource_is_read_in_marks_and_behind_other_words() {
    for rest in [
        " on resource: [THIS]",
        " on resources: [THIS, arn:aws-cn:s3:::shop-logs/b]",
        " on resource: [\"THIS\"]",
        " on resource: <THIS>",
        " on resource: (THIS).",
        " on resource: **THIS**",
        " on resource: “THIS”",
        " on resource: ‘THIS’, which is needed",
        " on resource THIS!",
        " on resource: THIS: Access Denied",
        " on resource: THIS:",
        " on resource=THIS",
        " on resource -> THIS",
        " on bucket: THIS",
        " on object \"THIS\"",
        " for resource: THIS",
        " against the resource THIS",
        ", on resource: THIS",
        " operation on resource: THIS",
    ] {
        let (resource, actions) = denied(&format!("s3:GetObject{rest}"));
        assert_eq!(resource.as_deref(), Some(THIS), "{rest}");
        assert_eq!(actions, ["s3:GetObject"], "{rest}");
    }
}

#[test]
fn what_is_no_resource_is_taken_for_none() {
    for rest in [
        "\n\n  on main.tf line 12, in resource \"x\" \"y\":",
        " once more",
        " only",
        " on behalf of you",
        " on us-east-1",
        " for user: someone",
        " to go on",
        " on this resource [RequestId=1]",
    ] {
        let (resource, actions) = denied(&format!("s3:GetObject{rest}"));
        assert_eq!(resource, None, "{rest}");
        assert_eq!(actions, ["s3:GetObject"], "{rest}");
    }
}

#[test]
fn all_actions_of_a_list_are_read() {
    for rest in [
        "[s3:GetObject, s3:PutObject] on resource: THIS",
        "s3:GetObject, s3:PutObject on resource: THIS",
        "s3:GetObject and s3:PutObject on resource: THIS",
        "\"s3:GetObject\", \"s3:PutObject\" on resource: THIS",
        "**s3:GetObject**, **s3:PutObject** on resource: THIS",
    ] {
        let (resource, actions) = denied(rest);
        assert_eq!(resource.as_deref(), Some(THIS), "{rest}");
        assert_eq!(actions, ["s3:GetObject", "s3:PutObject"], "{rest}");
    }
    for rest in [
        "“s3:GetObject” on resource: THIS",
        "the following actions: s3:GetObject on resource: THIS",
        "this operation: s3:GetObject on resource: THIS",
        "=s3:GetObject on resource: THIS",
    ] {
        assert_eq!(denied(rest).1, ["s3:GetObject"], "{rest}");
    }
    // What only looks like a further action.
    for rest in [
        "s3:GetObject, status code: 403",
        "s3:GetObject, arn:aws:s3:::x",
    ] {
        assert_eq!(denied(rest).1, ["s3:GetObject"], "{rest}");
    }
}

#[test]
fn who_was_denied_is_read_in_marks_and_before_other_words() {
    let who = "arn:aws-us-gov:sts::123456789012:assumed-role/shop/run";
    for said in [
        "User: [WHO] is not authorized to perform",
        "User: **WHO** is not authorized to perform",
        "User: “WHO”, is not authorized to perform",
        "user=WHO isn’t authorized to perform",
        "User: WHO is not allowed to perform",
        "User: WHO lacks permission to perform",
        "User: WHO is not authorized to invoke",
    ] {
        let said = said.replace("WHO", who);
        let found = denials(&format!("{said}: s3:GetObject on resource: {THIS}")).remove(0);
        let principal = found.principal.as_ref().map(Untrusted::raw);
        assert_eq!(principal, Some(who), "{said}");
        let resource = found.resource.as_ref().map(Untrusted::raw);
        assert_eq!(resource, Some(THIS), "{said}");
    }
    // A masked name keeps its own marks.
    let masked = "User: arn:aws:iam::<account>:user/<name> is not authorized to perform: s3:Get*";
    let found = denials(masked).remove(0);
    let principal = found.principal.as_ref().map(Untrusted::raw);
    assert_eq!(principal, Some("arn:aws:iam::<account>:user/<name>"));
}
