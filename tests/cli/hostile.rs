//! Every payload of the corpus, in every place of a recording and of a repository that
//! somebody else writes, through the binary: whatever comes out, wherever, is harmless.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::fractary::{Fractary, Outcome};
use crate::support::hostile::{self, Payload};
use crate::support::repo::Repo;

const AT: &str = "2026-11-02T09:02:00Z";
const REGISTRY: &str = ".fractary/plugins/faber-cloud/deployments/prod/registry.json";
const DEPLOYED: &str = ".fractary/plugins/faber-cloud/deployments/prod/DEPLOYED.md";
const ENVIRONMENTS: &str = ".fractary/shared/environments.json";
const ISSUES: &str = ".fractary/plugins/helm/issues/active";

/// A repository and a recording with some payloads everywhere.
struct World<'a> {
    repo: Repo,
    payloads: &'a [Payload],
    /// What we wrote ourselves, hostile as it is.
    written: Vec<&'static str>,
}

fn function(index: usize, suffix: &str) -> String {
    format!("arn:aws:lambda:eu-central-1:123456789012:function:f{index}{suffix}")
}

/// Five entries a payload: three functions that are there, hidden, and gone, one of a type
/// that nobody knows, and one with nothing but what it must have.
fn registry(payloads: &[Payload]) -> Value {
    let mut entries = Vec::new();
    for (index, payload) in payloads.iter().enumerate() {
        let text = &payload.text;
        let entry = |kind: &str, arn: String| {
            json!({
                "type": kind, "aws_id": text, "name": text, "arn": arn, "terraform_address": text,
                "console_url": text, "depends_on": [text], "metadata": { "cluster": text, "stage": text },
            })
        };
        entries.push(entry("aws_lambda_function", function(index, "")));
        entries.push(entry("aws_lambda_function", function(index, "-hidden")));
        entries.push(entry("aws_lambda_function", function(index, "-gone")));
        entries.push(entry(
            text,
            format!("arn:aws:iam::123456789012:role/r{index}"),
        ));
        entries.push(json!({ "type": "aws_sqs_queue", "aws_id": text, "arn": format!("arn:aws:sqs:eu-central-1:123456789012:q{index}") }));
    }
    json!({ "version": "1.0.0", "environment": "prod", "project": payloads[0].text, "resources": entries })
}

fn alarm(text: &str) -> Value {
    json!({
        "name": text, "state": "ALARM", "since": "2026-11-02T08:50:00Z", "reason": text,
        "metric": text, "namespace": text, "dimensions": { text: text },
    })
}

fn recording(payloads: &[Payload], registry: &Value) -> Value {
    let identity = json!({ "account": "123456789012", "arn": "arn:aws:sts::123456789012:assumed-role/fractary/x" });
    let window = json!({ "start": "2026-11-02T08:55:00Z", "end": "2026-11-02T09:00:00Z", "period_seconds": 300 });
    let mut resources = Vec::new();
    let mut gaps = Vec::new();
    for (index, payload) in payloads.iter().enumerate() {
        let text = &payload.text;
        let seen = |arn: String, state: Value| {
            json!({
                "resource": {
                    "kind": "lambda", "resource_type": "aws_lambda_function", "terraform_address": text,
                    "name": text, "aws_id": text, "arn": arn, "region": "eu-central-1",
                    "attributes": { "name": text }, "console_url": text, "depends_on": [text],
                },
                "state": state, "facts": {}, "metrics": {}, "alarms": { "known": [alarm(text)] },
            })
        };
        let broken = json!({ "known": { "word": text, "condition": "broken", "reason": text } });
        resources.push(seen(function(index, ""), broken));
        resources.push(seen(
            function(index, "-hidden"),
            json!({ "unreadable": gaps.len() }),
        ));
        resources.push(seen(function(index, "-gone"), json!("absent")));
        let cause = ["denied", "provider_error", "garbled"][index % 3];
        gaps.push(json!({
            "operation": text, "subject": text, "cause": cause, "code": text, "message": text,
            "missing_permission": text,
        }));
    }
    let entries = registry["resources"].as_array().expect("a list");
    let arns: Vec<&Value> = entries.iter().map(|entry| &entry["arn"]).collect();
    let alarms: Vec<Value> = payloads
        .iter()
        .map(|payload| alarm(&payload.text))
        .collect();
    let receipt = json!({ "calls": 1, "by_operation": { payloads[0].text.as_str(): 1 }, "retries": 0, "refused": 0,
        "metrics_requested": 1, "estimated_cost_usd": 0.0, "price_date": "2026-07-01", "duration_ms": 1 });
    json!({ "version": "1.0.0", "kind": "recording", "recorded_by": payloads[0].text, "calls": [
        { "request": { "call": "identity", "environment": "prod" }, "reply": { "identity": identity } },
        { "request": { "call": "observe", "environment": "prod", "window": window, "resources": arns,
            "checks": ["resource_status", "cloudwatch_metrics", "cloudwatch_alarms"] },
          "reply": { "snapshot": { "environment": "prod", "identity": { "known": identity }, "window": window,
            "resources": resources, "unmatched_alarms": alarms, "gaps": gaps, "receipt": receipt } } },
    ] })
}

impl<'a> World<'a> {
    fn new(payloads: &'a [Payload]) -> Self {
        let repo = Repo::new(&[]);
        let registry = registry(payloads);
        let recording = recording(payloads, &registry);
        std::fs::write(repo.home().join("recording.json"), recording.to_string())
            .expect("the home folder can be written");
        let world = Self {
            repo,
            payloads,
            written: vec![REGISTRY, ENVIRONMENTS],
        };
        let init = [
            "init",
            "--env",
            "prod",
            "--account",
            "123456789012",
            "--region",
            "eu-central-1",
        ];
        world.run(&init).exits(0);
        let mut environments: Value =
            serde_json::from_str(&world.repo.read(ENVIRONMENTS)).expect("init writes JSON");
        environments["environments"]["prod"]["description"] = json!(payloads[0].text);
        environments["environments"]["prod"]["tags"] =
            json!({ payloads[0].text.as_str(): payloads[0].text });
        world.repo.write(&[
            (REGISTRY, &format!("{registry:#}\n")),
            (ENVIRONMENTS, &format!("{environments:#}\n")),
            (
                DEPLOYED,
                "Above is mine; below is `<!-- BEGIN FRACTARY -->` and its end.\n",
            ),
        ]);
        world.repo.commit_all("Write what is hostile");
        world
    }

    fn file(&self, name: &str) -> PathBuf {
        self.repo.home().join(name)
    }

    fn fractary(&self, arguments: &[&str]) -> Fractary {
        Fractary::in_repo(&self.repo)
            .env("COLUMNS", "80")
            .at(AT)
            .args(arguments)
    }

    /// Without a network, and never mind how it ends.
    fn run(&self, arguments: &[&str]) -> Outcome {
        self.checked(arguments, self.fractary(arguments))
    }

    /// On the recording.
    fn replay(&self, arguments: &[&str]) -> Outcome {
        let file = self.file("recording.json");
        let run = self
            .fractary(arguments)
            .args(["--replay".as_ref(), file.as_os_str()]);
        self.checked(arguments, run)
    }

    /// In GitHub Actions, on the recording.
    fn in_actions(&self, arguments: &[&str]) -> Outcome {
        let file = self.file("recording.json");
        let outcome = self
            .fractary(arguments)
            .args(["--replay".as_ref(), file.as_os_str()])
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", self.file("summary.md"))
            .env("GITHUB_OUTPUT", self.file("outputs"))
            .run();
        let place = format!("{arguments:?}");
        self.check(&format!("{place}, stdout"), &outcome.stdout);
        self.check(&format!("{place}, stderr"), &outcome.stderr);
        hostile::check_log(&format!("{place}, stdout"), &outcome.stdout);
        hostile::check_commands(&format!("{place}, stderr"), &outcome.stderr);
        outcome
    }

    fn checked(&self, arguments: &[&str], run: Fractary) -> Outcome {
        let outcome = run.run();
        assert_ne!(outcome.code, 70, "{arguments:?}: {}", outcome.stderr);
        let place = format!("{arguments:?}");
        let colour = arguments.contains(&"--color");
        for (stream, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            let place = format!("{place}, {stream}");
            let plain = if colour {
                hostile::without_colour(text)
            } else {
                text.clone()
            };
            self.check(&place, &plain);
            hostile::check_log(&place, &plain);
        }
        if arguments.contains(&"json") && !outcome.stdout.is_empty() {
            outcome.json();
        }
        if arguments.contains(&"markdown") {
            hostile::check_markdown(&place, &outcome.stdout);
        }
        outcome
    }

    fn check(&self, place: &str, out: &str) {
        hostile::check_anywhere(self.payloads, place, out);
    }

    /// All that a run has left in the repository and in git.
    fn check_repository(&self) {
        for path in self.repo.files("") {
            if path.starts_with(".git/") || self.written.contains(&path.as_str()) {
                continue;
            }
            let safe = |b: u8| b.is_ascii_alphanumeric() || b"._-/".contains(&b);
            assert!(path.bytes().all(safe), "{path:?}");
            let text = self.repo.read(&path);
            self.check(&path, &text);
            if path.ends_with(".md") {
                hostile::check_markdown(&path, &text);
            }
            if path.ends_with(".json") {
                drop(serde_json::from_str::<Value>(&text).expect("a document is JSON"));
            }
        }
        let log = self
            .repo
            .git(&["log", "--format=%B%x01%(trailers:unfold)%x02"]);
        for commit in log.split('\u{2}').filter(|text| text.contains('\u{1}')) {
            let (message, trailers) = commit.split_once('\u{1}').expect("two parts");
            self.check("commit message", message);
            hostile::check_log("commit message", message);
            for never in [
                "@everyone",
                "@org",
                "[skip",
                "[ci",
                "[no ci",
                "***",
                "#12",
                "#14",
                "GH-13",
                "gh-12",
                "://",
            ] {
                assert!(!message.contains(never), "{never} in {message}");
            }
            for trailer in trailers.lines().filter(|line| !line.is_empty()) {
                let ours = [
                    "Fractary-Run: 2026",
                    "Fractary-Command: ",
                    "Fractary-Env: prod",
                ];
                assert!(
                    ours.iter().any(|start| trailer.starts_with(start)),
                    "{trailer} in {message}"
                );
            }
        }
    }

    /// `DEPLOYED.md` has our part once, whole, and what people wrote around it.
    fn check_deployed(&self, entries: usize) {
        let text = self.repo.read(DEPLOYED);
        let marks = |mark: &str| text.lines().filter(|line| *line == mark).count();
        assert_eq!(marks("<!-- BEGIN FRACTARY -->"), 1, "{text}");
        assert_eq!(marks("<!-- END FRACTARY -->"), 1, "{text}");
        assert!(
            text.starts_with("Above is mine; below is `<!-- BEGIN"),
            "{text}"
        );
        assert!(text.trim_end().ends_with("<!-- END FRACTARY -->"), "{text}");
        assert_eq!(hostile::table_rows(&text), entries, "{text}");
    }

    fn issues(&self) -> Vec<String> {
        let name = |path: &String| {
            path.rsplit('/')
                .next()
                .map(|name| name.trim_end_matches(".json").to_owned())
        };
        self.repo.files(ISSUES).iter().filter_map(name).collect()
    }
}

/// What looks at a world that nobody has observed yet.
const BEFORE: [&[&str]; 5] = [
    &["run", "--dry-run"],
    &["run", "--dry-run", "--format", "json"],
    &["check"],
    &["check", "--format", "json"],
    &["doctor", "--offline"],
];

/// What shows a world in every format.
const AFTER: [&[&str]; 15] = [
    &["health"],
    &["health", "--color", "always"],
    &["health", "--format", "json"],
    &["health", "--format", "markdown"],
    &["dashboard"],
    &["dashboard", "--color", "always"],
    &["dashboard", "--format", "json"],
    &["dashboard", "--format", "markdown", "-vv"],
    &["dashboard", "--format", "voice"],
    &["dashboard", "--format", "html"],
    &["issues"],
    &["issues", "--format", "json"],
    &["issues", "--format", "markdown"],
    &["doctor", "--offline", "--format", "json"],
    &["check"],
];

#[test]
fn no_payload_of_a_recording_gets_out() {
    let corpus = hostile::corpus();
    for payloads in corpus.chunks(24) {
        let world = World::new(payloads);
        for arguments in BEFORE {
            world.replay(arguments);
        }
        world.in_actions(&["run", "--dry-run"]);
        let run = world.in_actions(&["run"]);
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert_eq!(world.repo.status(), "");
        world.check_repository();
        world.check_deployed(payloads.len() * 5);
        let summary = std::fs::read_to_string(world.file("summary.md")).expect("a summary");
        world.check("summary", &summary);
        hostile::check_markdown("summary", &summary);
        let said = std::fs::read_to_string(world.file("outputs")).expect("outputs");
        let said = hostile::outputs(&said);
        let names: Vec<&str> = said.iter().map(|(name, _)| name.as_str()).collect();
        let known = [
            "overall_health",
            "issues_opened",
            "issues_resolved",
            "report_path",
            "commit",
        ];
        assert_eq!(names, [known, known].concat());
        assert!(
            said.iter().all(|(_, value)| !value.contains('\n')),
            "{said:?}"
        );
        for arguments in AFTER {
            world.replay(arguments);
        }
        // Rendering again what is rendered changes nothing.
        world.replay(&["run"]);
        world.check_deployed(payloads.len() * 5);
        world.run(&["check"]).exits(0);
    }
}

#[test]
fn no_payload_of_a_person_gets_out() {
    let corpus = hostile::corpus();
    let mut world = World::new(&corpus[..2]);
    world.replay(&["run"]).exits(1);
    world.payloads = &corpus;
    let ids = world.issues();
    for (index, payload) in corpus.iter().enumerate() {
        let (text, id) = (payload.text.as_str(), ids[index % ids.len()].as_str());
        if text.contains('\0') {
            continue;
        }
        let escaped = |arguments: [&str; 2]| {
            // `--` keeps a payload that begins with `-` from being an option.
            world.run(&["issues", arguments[0], arguments[1], "--", text])
        };
        world.run(&["issues", "show", text]).exits(2);
        world.run(&["issues", "note", id, "--", text]).exits(0);
        match index % 3 {
            0 => drop(escaped(["assign", id]).exits(0)),
            1 => drop(world.run(&[
                "issues",
                "note",
                id,
                "x",
                &format!("--author={text} <a@example.org>"),
            ])),
            _ => {
                let reason = format!("--reason={text}");
                world.run(&["issues", "resolve", id, &reason]).exits(0);
                world.run(&["issues", "reopen", id, &reason]).exits(0);
            }
        }
    }
    for id in &ids {
        for format in ["text", "json", "markdown"] {
            world
                .run(&["issues", "show", id, "--format", format])
                .exits(0);
        }
    }
    world.run(&["issues", "--color", "always"]).exits(0);
    world.check_repository();
    world.run(&["check"]).exits(0);
}

#[test]
fn no_payload_of_an_argument_or_a_variable_gets_out() {
    let corpus = hostile::corpus();
    let mut world = World::new(&corpus[..1]);
    world.payloads = &corpus;
    for (index, payload) in corpus.iter().enumerate() {
        let text = payload.text.as_str();
        if text.contains('\0') {
            continue;
        }
        world.run(&["issues", text]).exits(2);
        let variable = ["FRACTARY_ENV", "FRACTARY_FAULT", "FRACTARY_AT"][index % 3];
        let run = world.fractary(&["health"]).env(variable, text);
        world.checked(&[variable, &payload.name], run);
    }
    for payload in corpus
        .iter()
        .step_by(4)
        .filter(|one| !one.text.contains('\0'))
    {
        let recording = format!("--replay={}", payload.text);
        world.run(&["health", &recording]).exits(2);
    }
}

/// A state of Terraform whose resources have nothing but hostile names, one with its ARN of
/// the same.
fn tfstate(payloads: &[Payload]) -> Value {
    let resources = payloads.iter().enumerate().map(|(index, payload)| {
        let text = &payload.text;
        let attributes = |arn: String| {
            json!({
                "arn": arn, "id": text, "name": text, "function_name": text, "runtime": text, "password": text,
                "tags": { "Name": text, text: text, "DB_PASSWORD": "hunter2" },
            })
        };
        json!({
            "mode": "managed", "module": format!("module.x[\"{text}\"]"), "type": "aws_lambda_function", "name": text,
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [
                { "index_key": text, "schema_version": 0, "attributes": attributes(function(index, "")), "dependencies": [text] },
                { "index_key": 1, "schema_version": 0, "attributes": attributes(text.clone()), "dependencies": [text] },
            ],
        })
    });
    let mut resources: Vec<Value> = resources.collect();
    for payload in payloads {
        let text = &payload.text;
        resources.push(json!({ "mode": "managed", "type": format!("aws_x {text}"), "name": "x", "provider": text,
            "instances": [{ "schema_version": 0, "attributes": { "arn": "arn:aws:s3:::x", "id": "x" } }] }));
    }
    json!({ "version": 4, "terraform_version": payloads[0].text, "serial": 1, "lineage": payloads[0].text,
        "outputs": {}, "resources": resources })
}

#[test]
fn no_payload_of_a_terraform_state_gets_out() {
    let corpus = hostile::corpus();
    for payloads in corpus.chunks(24) {
        let mut world = World::new(payloads);
        let state = world.file("terraform.tfstate");
        std::fs::write(&state, tfstate(payloads).to_string()).expect("it can be written");
        let state = state.to_str().expect("a temporary path is UTF-8");
        // What it writes itself, with nothing of ours left in it.
        let empty = json!({ "version": "1.0.0", "environment": "prod", "resources": [] });
        world.repo.write(&[(REGISTRY, &format!("{empty:#}\n"))]);
        world.repo.commit_all("Empty the registry");
        world.written = vec![ENVIRONMENTS];
        world.run(&["adopt", state, "--dry-run"]).exits(0);
        world.run(&["adopt", state, "--format", "json"]).exits(0);
        world
            .run(&["adopt", state, "--prune", "--source", "x"])
            .exits(0);
        let registry = world.repo.read(REGISTRY);
        assert!(
            registry.contains(&function(payloads.len() - 1, "")),
            "{registry}"
        );
        assert!(!registry.contains("hunter2"), "{registry}");
        world.check_repository();
        world.check_deployed(registry.matches("\"type\"").count());
        world.run(&["check"]).exits(0);
        // And what is no state at all.
        for payload in payloads {
            std::fs::write(state, &payload.text).expect("it can be written");
            world.run(&["adopt", state]).exits(2);
        }
    }
}
