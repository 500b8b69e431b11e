//! Log lines that anyone can write: secrets that programs log by mistake, and text that is meant
//! to do harm. Through every command that reads logs, every format, recordings and commits none
//! gets out, and none lives.

use std::path::Path;

use serde_json::{Value, json};

use crate::auto_investigation::{INCIDENTS, switch_on};
use crate::incidents::{NOW, Shop};
use crate::support::fractary::Outcome;
use crate::support::hostile::{self, Payload};
use crate::support::proxy::Proxy;
use crate::world;

/// Every payload as a line of its own, as a field of a line in JSON, and in an exception.
fn lines(payloads: &[Payload]) -> Vec<(i64, String)> {
    let each = payloads.iter().enumerate().flat_map(|(number, payload)| {
        let text = &payload.text;
        let in_json = json!({ "level": "error", "msg": format!("pay failed: {text}"), "detail": text });
        let exception =
            format!("Traceback (most recent call last):\n  File \"app.py\", line 7, in pay\nValueError: {text}");
        let at = 1 + i64::try_from(number % 40).expect("a minute");
        [
            (at, format!("ERROR {text}")),
            (at, in_json.to_string()),
            (at, exception),
        ]
    });
    each.filter(|(_, text)| !text.trim().is_empty()).collect()
}

/// Checks what a command has said, as it shows in a terminal, a workflow's log or a page.
fn check(payloads: &[Payload], arguments: &[&str], outcome: &Outcome) {
    assert_ne!(outcome.code, 70, "{arguments:?}: {}", outcome.stderr);
    for (stream, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        let place = format!("{arguments:?}, {stream}");
        hostile::check_anywhere(payloads, &place, text);
        hostile::check_log(&place, text);
    }
    if arguments.contains(&"markdown") {
        let place = format!("{arguments:?}");
        hostile::check_markdown(&place, &outcome.stdout);
    }
}

fn check_recording(payloads: &[Payload], path: &Path) {
    let text = std::fs::read_to_string(path).expect("it was recorded");
    assert!(text.contains("\"logs\""), "no events were recorded");
    hostile::check_anywhere(payloads, "recording", &text);
}

const LOOKS: [&[&str]; 9] = [
    &["logs", "api-lambda", "--since", "50m"],
    &["logs", "api-lambda", "--since", "50m", "--format", "json"],
    &[
        "logs",
        "api-lambda",
        "--since",
        "50m",
        "--format",
        "markdown",
    ],
    &["logs", "api-lambda", "--since", "50m", "--patterns"],
    &[
        "logs",
        "api-lambda",
        "--since",
        "50m",
        "--patterns",
        "--format",
        "json",
    ],
    &[
        "logs",
        "api-lambda",
        "--since",
        "50m",
        "--patterns",
        "--format",
        "markdown",
    ],
    &["investigate", "api-lambda"],
    &["investigate", "api-lambda", "--format", "json"],
    &["investigate", "api-lambda", "--format", "markdown"],
];

#[test]
fn no_secret_of_a_log_line_leaks_and_no_payload_lives() {
    let payloads = hostile::corpus();
    let planted = lines(&payloads);
    let secrets: Vec<Payload> = payloads.iter().filter(|one| one.secret).cloned().collect();
    let secrets = lines(&secrets).len();
    let others = planted.len() - secrets;
    assert!(
        secrets >= 60 && others >= 60,
        "{secrets} lines with secrets, {others} others"
    );
    let errors = |minutes| if minutes >= 0 { 25.0 } else { 0.0 };
    let shop = Shop::new(errors, |_| 40.0, &planted);
    let proxy = Proxy::start(shop.emulator.address());
    let file = shop.repo.home().join("looks.json");
    let recording = file.to_str().expect("a path in UTF-8");
    for arguments in LOOKS {
        let all = [arguments, &["--record", recording, "--timeout", "120s"]].concat();
        let outcome = world::fractary(&shop.repo, &proxy.url(), NOW, &all).run();
        assert!(!outcome.stdout.is_empty(), "{}", outcome.stderr);
        check(&payloads, arguments, &outcome);
    }
    check_recording(&payloads, &file);
    // The run that investigates by itself: documents, commit, and what shows them.
    switch_on(&shop.repo, "");
    let file = shop.repo.home().join("run.json");
    let recording = file.to_str().expect("a path in UTF-8");
    let arguments = [
        "run",
        "--env",
        "test",
        "--record",
        recording,
        "--timeout",
        "120s",
    ];
    let outcome = world::fractary(&shop.repo, &proxy.url(), NOW, &arguments).run();
    check(&payloads, &arguments, &outcome);
    check_recording(&payloads, &file);
    let stored = shop.repo.files(INCIDENTS);
    assert_eq!(stored.len(), 2, "{stored:?}: {}", outcome.stderr);
    let text = shop.repo.read(&stored[0]);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let patterns = report["patterns"].as_array().map_or(0, Vec::len);
    assert!(patterns > 0, "no line is in the report");
    for path in shop.repo.files(".fractary") {
        let text = shop.repo.read(&path);
        hostile::check_anywhere(&payloads, &path, &text);
        if path.ends_with(".md") {
            hostile::check_markdown(&path, &text);
        }
    }
    let message = shop.repo.git(&["log", "-1", "--format=%B"]);
    hostile::check_anywhere(&payloads, "commit message", &message);
    hostile::check_log("commit message", &message);
    let issues = shop.repo.files(".fractary/plugins/helm/issues/active");
    let id = issues[0]
        .rsplit('/')
        .next()
        .expect("a file")
        .trim_end_matches(".json");
    for format in ["text", "json", "markdown"] {
        for command in [&["issues", "show", id][..], &["dashboard"], &["status"]] {
            let arguments = [command, &["--format", format]].concat();
            let outcome = world::fractary(&shop.repo, &proxy.url(), NOW, &arguments).run();
            check(&payloads, &arguments, &outcome);
        }
    }
}
