//! Every payload of the corpus, in every place that outside text can be in, through every
//! escape and every renderer: what comes out is harmless.

use fractary::model::dashboard::{Dashboard, IssueRow};
use fractary::model::deployed_page::{Deployed, DeployedGroup, DeployedRow};
use fractary::model::ids::{Arn, EnvironmentName, Region};
use fractary::model::issue::Issue;
use fractary::model::report::HealthReport;
use fractary::render::templates::{TemplateError, Templates};
use fractary::render::text::Style;
use fractary::render::{github, html, json, markdown, text, voice};
use fractary::text::{Untrusted, escape};
use serde::de::DeserializeOwned;
use serde_json::Value;

#[expect(dead_code, reason = "the support has more than this binary needs")]
#[path = "support/hostile.rs"]
mod hostile;

use hostile::{Payload, check_markdown, corpus};

/// Fields of the documents whose text anyone can write.
const OUTSIDE: [&str; 15] = [
    "report",
    "name",
    "state",
    "reason",
    "reasons",
    "message",
    "code",
    "text",
    "command",
    "note",
    "title",
    "assignee",
    "next_command",
    "detail",
    "symptoms",
];
const OUTSIDE_IN_ISSUES: [&str; 8] = [
    "root_cause",
    "suggested_actions",
    "by",
    "issue",
    "subject",
    "kind",
    "check",
    "metric",
];

/// A sample document with the payload in every such place.
fn poisoned<T: DeserializeOwned>(sample: &str, payload: &str) -> T {
    let mut document: Value = serde_json::from_str(sample).expect("a sample");
    if let Some(fields) = document.as_object_mut() {
        for (key, value) in fields {
            if key != "kind" {
                poison(key, value, payload);
            }
        }
    } else {
        poison("", &mut document, payload);
    }
    serde_json::from_value(document).expect("still a sample")
}

fn poison(key: &str, value: &mut Value, payload: &str) {
    match value {
        // An alarm's state is an enum; a resource's is the provider's word.
        Value::String(text)
            if (OUTSIDE.contains(&key) || OUTSIDE_IN_ISSUES.contains(&key)) && text != "ALARM" =>
        {
            *text = payload.to_owned();
        }
        Value::String(text) if key == "resource" || key == "console_url" => {
            *text = payload.to_owned();
        }
        // That of a gap is one word of ours, that of an incident a sentence.
        Value::String(text) if key == "cause" && text.contains(' ') => *text = payload.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| poison(key, item, payload)),
        Value::Object(fields) => {
            for (key, value) in fields {
                poison(key, value, payload);
            }
        }
        _ => {}
    }
}

fn deployed(payload: &str) -> Deployed {
    let text = Untrusted::from(payload);
    Deployed {
        environment: EnvironmentName::new("prod").expect("a name"),
        project: Some(payload.to_owned()),
        last_deployed: None,
        groups: vec![DeployedGroup {
            title: payload.to_owned(),
            monitored: false,
            rows: vec![DeployedRow {
                name: text.clone(),
                arn: Arn::new("arn:aws:lambda:eu-central-1:123456789012:function:a")
                    .expect("an ARN"),
                region: Region::new("eu-central-1").expect("a region"),
                terraform_address: Some(text.clone()),
                console_url: Some(text),
                created: None,
            }],
        }],
        total: 1,
    }
}

#[test]
fn every_escape_makes_every_payload_harmless() {
    for payload in corpus() {
        let forms = [
            ("json", escape::json(&payload.text)),
            ("terminal", escape::terminal(&payload.text)),
            ("markdown", escape::markdown(&payload.text)),
            ("markdown_code", escape::markdown_code(&payload.text)),
            ("html", escape::html(&payload.text)),
            ("workflow", escape::workflow_message(&payload.text)),
            ("workflow", escape::workflow_property(&payload.text)),
            ("commit", escape::commit_message_line(&payload.text)),
        ];
        for (format, out) in &forms {
            let more = payload.never_in.get(*format).map_or(&[][..], Vec::as_slice);
            for never in payload.never.iter().chain(more) {
                assert!(
                    !out.contains(never),
                    "{} in {format}: {never:?} in {out:?}",
                    payload.name
                );
            }
        }
        for format in payload.never_in.keys() {
            assert!(
                forms.iter().any(|(known, _)| known == format),
                "{}: no format {format}",
                payload.name
            );
        }
    }
}

#[test]
fn every_renderer_makes_every_payload_harmless() {
    let templates = Templates::built_in();
    let style = Style::PLAIN;
    for payload in corpus() {
        let health: HealthReport = poisoned(
            include_str!("../src/render/samples/health-unhealthy.json"),
            &payload.text,
        );
        let partial: HealthReport = poisoned(
            include_str!("../src/render/samples/health-partial.json"),
            &payload.text,
        );
        let dashboard: Dashboard = poisoned(
            include_str!("../src/render/samples/dashboard-busy.json"),
            &payload.text,
        );
        let rows: Vec<IssueRow> = poisoned(
            include_str!("../src/render/samples/issues.json"),
            &payload.text,
        );
        let issue: Issue = poisoned(
            include_str!("../src/render/samples/issue.json"),
            &payload.text,
        );

        for out in [
            text::health(&health, &style),
            text::health(&partial, &style),
            text::dashboard(&dashboard, &style),
            text::issues(&rows, &style),
            text::issue(&issue, &style),
            text::diff(None, Some(&payload.text), "a.json"),
        ] {
            check(&payload, &out);
            check_terminal(&payload, &out);
        }
        let document = |out: Result<String, serde_json::Error>| out.expect("a document");
        for out in [
            document(json::pretty(&health)),
            document(json::pretty(&dashboard)),
            document(json::pretty(&issue)),
        ] {
            check(&payload, &out);
        }
        let rendered = |out: Result<String, TemplateError>| match out {
            Ok(text) => text,
            Err(error) => panic!("{}: {error}", payload.name),
        };
        for out in [
            rendered(markdown::health(&health, &templates)),
            rendered(markdown::health(&partial, &templates)),
            rendered(markdown::dashboard(&dashboard, &templates)),
            rendered(markdown::deployed(&deployed(&payload.text), &templates)),
            rendered(markdown::issue(&issue, &templates)),
        ] {
            check(&payload, &out);
            check_markdown(&payload.name, &out);
            // The payload did get there, or this test would prove nothing.
            if payload.name == "mention" {
                assert!(out.contains("everyone"), "{out}");
            }
        }
        let page = rendered(html::dashboard(&dashboard, &templates));
        check(&payload, &page);
        assert!(!page.contains("<script") && !page.contains("##["), "{page}");
        let said = voice::dashboard(&dashboard);
        check(&payload, &said);
        assert!(
            !said.contains(|c: char| c.is_ascii_digit() || "<>@#:/".contains(c)),
            "{said}"
        );
        for report in [&health, &partial] {
            let out = github::annotations(&github::health_annotations(report, None));
            check(&payload, &out);
            check_workflow(&payload, &out);
        }
    }
}

/// No secret and no hidden character, whatever the format.
fn check(payload: &Payload, out: &str) {
    for never in payload.never.iter().filter(|never| *never != "\r") {
        // A renderer wraps lines, so what was at a blank may now be at a line's end.
        assert!(
            !out.contains(never),
            "{}: {never:?} in\n{out}",
            payload.name
        );
    }
}

fn check_terminal(payload: &Payload, out: &str) {
    for line in out.lines() {
        let start = line.trim_start();
        assert!(!start.starts_with("::"), "{}: {line}", payload.name);
        assert!(!line.contains("##["), "{}: {line}", payload.name);
        assert!(
            !line.chars().any(|c| c.is_control() && c != '\t'),
            "{}: {line:?}",
            payload.name
        );
    }
}

/// Every line is one of our commands, and there are no more of them than annotations fit.
fn check_workflow(payload: &Payload, out: &str) {
    for line in out.lines() {
        let ours = ["::error ", "::warning ", "::notice "]
            .iter()
            .any(|start| line.starts_with(start));
        assert!(ours, "{}: {line}", payload.name);
        assert_eq!(
            line.matches("title=").count(),
            1,
            "{}: {line}",
            payload.name
        );
    }
    assert!(out.lines().count() <= 30);
}
