//! How the account of the demo is configured, as an audit of moto reads it. The demo replays what was kept of
//! it (`tests/data/demo/account.json`, written by `UPDATE_DEMO=1`; `tests/cli/demo_world.rs` puts it into the
//! recording). Here the same account is read once more, and must come to the same findings.
//!
//! What moto has not: API Gateway, which a proxy answers as AWS does; and some calls, which the proxy
//! refuses as AWS refuses a role without the permission, so that they are unknown in the demo.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Fractary;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::support::venv;

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/demo/account.json");
/// When the demo audits.
const AT: &str = "2026-11-02T09:32:00Z";
/// What moto does not answer, or not as AWS does.
const REFUSED: [&str; 6] = [
    "access-analyzer:*",
    "ec2:GetImageBlockPublicAccessState",
    "ec2:GetInstanceMetadataDefaults",
    "ec2:GetSnapshotBlockPublicAccessState",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
];

fn seed(emulator: &Emulator) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/demo_account.py");
    let python = venv::program(emulator.venv(), "python");
    let output = Command::new(python)
        .arg(script)
        .arg(emulator.url())
        .output()
        .expect("Python starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
}

/// The rules by which the proxy stands in for what moto has not.
fn rules() -> Vec<Rule> {
    let api = json!({
        "apiId": "a1b2c3d4e5", "name": "orders-http", "protocolType": "HTTP",
        "apiEndpoint": "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
        "disableExecuteApiEndpoint": false, "tags": { "app": "orders", "environment": "prod" },
    });
    let stage = json!({
        "stageName": "live", "autoDeploy": true,
        "defaultRouteSettings": { "detailedMetricsEnabled": true },
    });
    let route = |key: &str| json!({ "routeKey": key, "authorizationType": "NONE", "apiKeyRequired": false });
    let routes = [route("GET /orders/{id}"), route("POST /orders")];
    let mut rules = vec![
        Rule::on(
            "apigatewayv2:GetApis",
            Fault::Answer(json!({ "items": [api] })),
        ),
        Rule::on(
            "apigatewayv2:GetStages",
            Fault::Answer(json!({ "items": [stage] })),
        ),
        Rule::on(
            "apigatewayv2:GetRoutes",
            Fault::Answer(json!({ "items": routes })),
        ),
        Rule::on(
            "apigatewayv2:GetDomainNames",
            Fault::Answer(json!({ "items": [] })),
        ),
        Rule::on("apigateway:*", Fault::Answer(json!({ "item": [] }))),
        Rule::on(
            "securityhub:POST /standards/get",
            Fault::Answer(json!({ "StandardsSubscriptions": [] })),
        ),
        Rule::on(
            "lambda:ListFunctionUrlConfigs",
            Fault::Answer(json!({ "FunctionUrlConfigs": [] })),
        ),
    ];
    rules.extend(REFUSED.map(|operation| Rule::on(operation, Fault::Deny)));
    rules
}

/// A finding that is the same on every day: its check, and the name of what it is about where that is no id
/// that moto made up.
type Seen = BTreeSet<(String, String)>;

fn seen(report: &Value) -> Seen {
    let made_up = made_up();
    let findings = report["findings"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .map(|one| {
            let name = text(&one["resource"]["name"]);
            (
                text(&one["check"]),
                made_up.replace_all(&name, "ID").into_owned(),
            )
        })
        .collect()
}

fn unknown(report: &Value) -> BTreeSet<String> {
    let all = report["unknown"].as_array().expect("a list");
    all.iter()
        .map(|one| one["check"].as_str().expect("a check").to_owned())
        .collect()
}

/// An audit of the account: the report, and what was recorded of its configuration.
fn audit(endpoint: &str, more: &[&str]) -> (Value, Value) {
    let repo = Repo::new(&[]);
    let run = |arguments: &[&str]| {
        Fractary::in_repo(&repo)
            .endpoint(endpoint)
            .env("AWS_MAX_ATTEMPTS", "1")
            .at(AT)
            .args(arguments)
            .run()
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
    run(&init).exits(0);
    let arguments = [
        "audit",
        "--env",
        "prod",
        "--format",
        "json",
        "--fail-on",
        "never",
        "--timeout",
        "300s",
    ];
    let report = run(&[&arguments[..], more].concat()).exits(0).json();
    let path = repo.path().join("recorded.json");
    let recorded = std::fs::read_to_string(path).unwrap_or_else(|_| "{}".to_owned());
    let mut recorded: Value = serde_json::from_str(&recorded).expect("a recording");
    let calls = recorded["calls"].as_array_mut();
    let replies = calls
        .into_iter()
        .flatten()
        .map(|call| call["reply"]["configuration"].take());
    let configuration = replies.into_iter().find(|it| it.is_object());
    (report, configuration.unwrap_or_default())
}

#[test]
fn the_account_of_the_demo_is_audited_as_the_demo_shows() {
    let emulator = emulator::moto();
    seed(&emulator);
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules(rules());
    let only_here = ["--region", "eu-central-1", "--record", "recorded.json"];
    let (read, configuration) = audit(&proxy.url(), &only_here);
    let own = configuration.to_string();
    if std::env::vars().any(|(name, _)| name == "UPDATE_DEMO") {
        let text = format!("{:#}\n", steady(configuration));
        std::fs::write(KEPT, text).expect("it can be written");
    }
    // The demo's own recording, which holds what was kept.
    let replayed = concat!(env!("CARGO_MANIFEST_DIR"), "/src/app/demo/recording.json");
    let (shown, _) = audit("http://127.0.0.1:9", &["--replay", replayed]);
    assert_eq!(seen(&read), seen(&shown), "{own}");
    assert_eq!(unknown(&read), unknown(&shown));
    assert!(seen(&shown).len() > 20, "{shown:#}");
}

/// Ids that moto makes up.
fn made_up() -> Regex {
    Regex::new(
        r"(?x) \b (acl|fl|pl|rtb|sg|subnet|vpc) - ([0-9a-f]{17}) \b
        | \b (AROA|AIDA) ([A-Z0-9]{16,17}) \b
        | \b () ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}) \b",
    )
    .expect("a pattern")
}

/// moto keeps the network ACL and the route table of a VPC that is deleted.
fn drop_leftovers(configuration: &mut Value) {
    let resources = configuration["resources"].as_array_mut().expect("a list");
    let vpcs: Vec<Value> = resources
        .iter()
        .filter(|one| one["resource_type"] == "aws_vpc")
        .map(|one| one["facts"]["id"].clone())
        .collect();
    let is_left = |one: &Value| {
        let of = &one["facts"]["vpc_id"];
        ["aws_network_acl", "aws_route_table"]
            .iter()
            .any(|it| one["resource_type"] == **it)
            && !vpcs.contains(of)
    };
    resources.retain(|one| !is_left(one));
}

/// The same with ids and times that say nothing of the day on which it was read.
fn steady(mut configuration: Value) -> Value {
    drop_leftovers(&mut configuration);
    let text = configuration.to_string();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let text = made_up().replace_all(&text, |found: &regex::Captures<'_>| {
        let next = known.len() + 1;
        let id = match found[0].split_once('-') {
            Some((kind, _)) if found[0].matches('-').count() == 1 => {
                format!("{kind}-0ac3e0de{next:09x}")
            }
            Some(_) => format!("0ac3e0de-0000-4000-8000-{next:012x}"),
            None => format!("{}0ACE0DE{next:09}", &found[0][..4]),
        };
        known.entry(found[0].to_owned()).or_insert(id).clone()
    });
    let snapshot = Regex::new(r"rds:orders-db-\d{4}(-\d\d){4}").expect("a pattern");
    let text = snapshot.replace_all(&text, "rds:orders-db-2026-11-02-03-10");
    // A certificate ends in a year, everything else began a month ago.
    let end = Regex::new(r#""not_after":\{"known":"[^"]+"\}"#).expect("a pattern");
    let text = end.replace_all(&text, r#""not_after":{"known":"FAR"}"#);
    let time = Regex::new(r#""\d{4}-\d\d-\d\dT[0-9:.]+Z""#).expect("a pattern");
    let text = time.replace_all(&text, |found: &regex::Captures<'_>| {
        match found[0].trim_matches('"') == AT {
            true => found[0].to_owned(),
            false => "\"2026-10-05T08:00:00Z\"".to_owned(),
        }
    });
    let text = text.replace("\"FAR\"", "\"2027-10-05T08:00:00Z\"");
    serde_json::from_str(&text).expect("only texts were replaced")
}
