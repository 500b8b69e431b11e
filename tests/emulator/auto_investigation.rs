//! `run` with `[investigate] auto`: what lands with the issues, and what never keeps them from
//! landing.

use serde_json::{Value, json};

use crate::incidents::{BEGAN, NOW, Shop, function_metrics, no_slots};
use crate::support::emulator;
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world;

const MONITORING: &str = ".fractary/plugins/helm-cloud/config/monitoring.toml";
pub(crate) const INCIDENTS: &str = ".fractary/plugins/helm-cloud/incidents";
const LATER: &str = "2026-03-01T15:07:00Z";

/// Switches it on, with these settings.
pub(crate) fn switch_on(repo: &Repo, settings: &str) {
    let before = repo.read(MONITORING);
    let text = format!("{before}\n[investigate]\nauto = true\n{settings}");
    repo.write(&[(MONITORING, &text)]);
    repo.commit_all("Investigate");
}

fn run(repo: &Repo, proxy: &Proxy, at: &str) -> Outcome {
    let arguments = ["run", "--env", "test", "--timeout", "120s"];
    world::fractary(repo, &proxy.url(), at, &arguments).run()
}

/// The open issues, by their check.
fn issues(repo: &Repo) -> Vec<Value> {
    let files = repo.files(".fractary/plugins/helm/issues/active");
    let read = |path: &String| serde_json::from_str(&repo.read(path)).expect("an issue");
    files.iter().map(read).collect()
}

fn events(issue: &Value, name: &str) -> Vec<String> {
    let timeline = issue["timeline"].as_array().expect("a timeline");
    let of_name = timeline.iter().filter(|event| event["event"] == name);
    of_name
        .map(|event| event["detail"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The shop of which the database runs out of connections.
fn shop() -> Shop {
    let errors = |minutes| if minutes >= 0 { 25.0 } else { 0.0 };
    let connections = |minutes| if minutes >= 5 { 110.0 } else { 40.0 };
    Shop::new(errors, connections, &no_slots())
}

#[test]
fn a_new_incident_is_investigated_in_the_commit_that_records_it() {
    let shop = shop();
    switch_on(&shop.repo, "");
    let before = shop.repo.log().len();
    let proxy = Proxy::start(shop.emulator.address());
    let arguments = ["run", "--env", "test", "--dry-run"];
    let rehearsal = world::fractary(&shop.repo, &proxy.url(), NOW, &arguments).run();
    assert!(
        rehearsal.stderr.contains("would investigate in test: "),
        "{}",
        rehearsal.stderr
    );
    assert!(!rehearsal.stderr.contains("investigated in test: "));
    assert_eq!(shop.repo.log().len(), before);
    let outcome = run(&shop.repo, &proxy, NOW).exits(1);
    assert!(
        outcome.stderr.contains("investigated in test: "),
        "{}",
        outcome.stderr
    );
    assert_eq!(shop.repo.log().len(), before + 1, "{:?}", shop.repo.log());
    let files = shop.repo.files(INCIDENTS);
    let name = format!("{INCIDENTS}/test/20260301T150200Z-api-lambda-incident");
    assert_eq!(files, [format!("{name}.json"), format!("{name}.md")]);
    let report: Value = serde_json::from_str(&shop.repo.read(&files[0])).expect("JSON");
    assert_eq!(report["kind"], "incident");
    assert_eq!(report["symptom"]["at"], BEGAN);
    assert_eq!(report["root_cause"]["cause_id"], "db-connections-exhausted");
    let page = shop.repo.read(&files[1]);
    assert!(page.starts_with("# Incident: "), "{page}");
    // Every issue of the incident has its cause, and what helps.
    let issues = issues(&shop.repo);
    assert!(issues.len() >= 2, "{issues:#?}");
    for issue in &issues {
        assert_eq!(issue["incident"]["id"], report["id"], "{issue:#}");
        let cause = issue["root_cause"].as_str().expect("a cause");
        assert!(cause.contains("database-rds"), "{cause}");
        assert_eq!(issue["investigation"]["confidence"], "confirmed-cause");
        assert_eq!(issue["investigation"]["report"], files[1].as_str());
        let action = issue["suggested_actions"][1].as_str().expect("an action");
        let id = issue["id"].as_str().expect("an id");
        assert_eq!(
            action,
            format!(
                "fractary remediate increase_rds_connections database-rds --issue {id} --env test"
            )
        );
        assert_eq!(events(issue, "investigated").len(), 1);
    }
    let check = world::fractary(&shop.repo, &proxy.url(), NOW, &["check"]);
    check.run().exits(0);
    // The next run finds the same, and looks no further; what helps stays.
    proxy.forget();
    run(&shop.repo, &proxy, LATER);
    assert_eq!(proxy.counts().get("logs:FilterLogEvents"), None);
    assert_eq!(shop.repo.files(INCIDENTS), files);
    for issue in &self::issues(&shop.repo) {
        let actions = issue["suggested_actions"].to_string();
        assert!(actions.contains("increase_rds_connections"), "{actions}");
    }
    shop.repo.fsck();
}

#[test]
fn where_nobody_asks_for_it_nothing_is_investigated() {
    let shop = shop();
    let proxy = Proxy::start(shop.emulator.address());
    run(&shop.repo, &proxy, NOW).exits(1);
    assert_eq!(proxy.counts().get("logs:FilterLogEvents"), None);
    assert_eq!(shop.repo.files(INCIDENTS), [""; 0]);
    let issues = issues(&shop.repo);
    assert!(issues.iter().all(|one| one["root_cause"].is_null()));
}

#[test]
fn logs_that_are_denied_make_the_cause_unconfirmed() {
    let shop = shop();
    switch_on(&shop.repo, "");
    let proxy = Proxy::start(shop.emulator.address());
    proxy.set_rules([Rule::on("logs:FilterLogEvents", Fault::Deny)]);
    run(&shop.repo, &proxy, NOW).exits(1);
    for issue in &issues(&shop.repo) {
        let cause = issue["root_cause"].as_str().expect("a cause");
        assert!(cause.starts_with("not confirmed: "), "{cause}");
        assert_eq!(issue["investigation"]["confidence"], "possible-contributor");
    }
}

#[test]
fn what_takes_too_long_or_fails_keeps_no_issue_from_being_recorded() {
    for (settings, fault, why) in [
        ("timeout = \"1s\"\n", Fault::Hang, "longer than `timeout`"),
        ("", Fault::Deny, "whose credentials"),
    ] {
        let shop = shop();
        switch_on(&shop.repo, settings);
        let proxy = Proxy::start(shop.emulator.address());
        // The run asks who it is once, and the investigation once more.
        let rule = match fault {
            Fault::Hang => Rule::on("logs:FilterLogEvents", fault),
            _ => Rule::on("sts:GetCallerIdentity", fault).nth(2),
        };
        proxy.set_rules([rule]);
        let outcome = run(&shop.repo, &proxy, NOW).exits(1);
        assert!(
            outcome.stderr.contains("was not investigated") && outcome.stderr.contains(why),
            "{}",
            outcome.stderr
        );
        let issues = issues(&shop.repo);
        assert!(issues.len() >= 2, "{issues:#?}");
        for issue in &issues {
            assert!(issue["root_cause"].is_null(), "{issue:#}");
            let said = events(issue, "not_investigated");
            assert!(said.len() == 1 && said[0].contains(why), "{said:?}");
        }
        assert_eq!(shop.repo.files(INCIDENTS), [""; 0]);
        assert_eq!(shop.repo.status(), "");
    }
}

#[test]
fn a_budget_that_is_used_up_is_said() {
    let emulator = emulator::ministack();
    let names = ["one", "two"];
    let errors = |minutes| if minutes >= 0 { 80.0 } else { 0.0 };
    let mut steps: Vec<Value> = names
        .iter()
        .map(|name| json!({ "do": "function", "name": name }))
        .collect();
    steps.extend(names.iter().flat_map(|name| function_metrics(name, errors)));
    emulator.seed(&steps);
    let entry = |name: &&str| {
        json!({
            "type": "aws_lambda_function", "aws_id": name, "created": "2026-01-05T10:00:00Z",
            "arn": format!("arn:aws:lambda:us-east-1:000000000000:function:{name}"),
        })
    };
    let registry = json!({
        "version": "1.0.0", "environment": "test",
        "resources": names.iter().map(entry).collect::<Value>(),
    });
    let repo = world::with_registry(&registry);
    switch_on(&repo, "max_calls = 2\n");
    let proxy = Proxy::start(emulator.address());
    let outcome = run(&repo, &proxy, NOW).exits(1);
    assert!(
        outcome
            .stderr
            .contains("the 2 calls that `max_calls` of [investigate] allows in one run were made"),
        "{}",
        outcome.stderr
    );
    let issues = issues(&repo);
    let count = |name: &str| {
        issues
            .iter()
            .filter(|one| !events(one, name).is_empty())
            .count()
    };
    assert_eq!(
        (count("investigated"), count("not_investigated")),
        (1, 1),
        "{issues:#?}"
    );
    // One report, and what of it could not be read for want of calls.
    let files = repo.files(INCIDENTS);
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(proxy.counts().get("logs:FilterLogEvents"), None);
    assert!(repo.read(&files[1]).contains("max"), "{files:?}");
}
