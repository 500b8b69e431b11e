//! Settings that cannot work are named with their line, once; the others work.

use crate::alert_scene::Scene;
use crate::demo::{END, Played};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const MONITORING: &str = r#"
[helm-cloud]
environments = ["test", "tset"]

[monitoring]
enabled_checks = ["resource_status", "cost_anomalies"]
period = "7s"
open_after = 0

[slos.lamda]
error_rate_percent = 1

[slos.lambda]
eror_rate_percent = 1
availability_percent = 101
p95_latency_ms = { target = -5, window = "7d" }
error_rate_percent = { target = 2, unhealthy_at = 1 }

[slos.rds]
free_storage_percent = 0

[slos.resource."shop-apii"]
error_rate_percent = 2

[remediation]
auto_remediate = ["restart_lambda"]
never_auto = ["delete_resources"]

[escalation]
channels = ["slack"]

[cloudwatch]
log_retention_days = 5

[dependencies]
"shop-api" = ["shop-db"]
"#;

const REGISTRY: &str = r#"{
  "version": "1.0.0",
  "environment": "test",
  "resources": [
    {
      "type": "aws_lambda_function",
      "aws_id": "shop-api",
      "arn": "arn:aws:lambda:eu-west-1:123456789012:function:shop-api",
      "depends_on": ["shop-queue"]
    },
    {
      "type": "aws_db_instance",
      "aws_id": "shop",
      "arn": "arn:aws:rds:eu-west-1:123456789012:cluster:shop"
    },
    {
      "type": "aws_ecs_service",
      "aws_id": "front",
      "arn": "arn:aws:ecs:eu-west-1:123456789012:service/front"
    },
    {
      "type": "aws_sqs_queue",
      "aws_id": "far",
      "arn": "arn:aws:sqs:eu-west-1:210987654321:far"
    },
    {
      "type": "aws_lamda_function",
      "aws_id": "far",
      "arn": "arn:aws:iam::123456789012:role/far"
    }
  ]
}
"#;

const MONITORS: &str = r#"{
  "version": "1.0.0",
  "monitors": [
    { "domain": "web", "plugin": "ours", "status": "active", "commands": {} },
    {
      "domain": "data",
      "plugin": "ours",
      "status": "active",
      "commands": { "health": { "exec": ["monitors/../../outside"] } }
    },
    {
      "domain": "mail",
      "plugin": "ours",
      "status": "active",
      "commands": { "health": { "exec": ["./monitors/mail"] }, "cost": { "exec": ["./m"] } }
    },
    {
      "domain": "jobs",
      "plugin": "ours",
      "status": "active",
      "commands": { "health": "/ours:health" }
    },
    {
      "domain": "feed",
      "plugin": "ours",
      "status": "active",
      "commands": { "health": { "exec": ["no-such-program-anywhere"] } }
    }
  ],
  "planned_domains": [{ "domain": "web", "status": "planned" }]
}
"#;

const CREDENTIALS: &str = r#"{
  "version": "1.0.0",
  "aws": { "profiles": { "tset": "acme-test" } }
}
"#;

fn repository() -> Repo {
    let repo = Repo::new(&[("README.md", "# Ours\n")]);
    Fractary::in_repo(&repo)
        .args(["init", "--env", "test", "--account", "123456789012"])
        .run()
        .exits(0);
    repo
}

#[test]
fn what_cannot_work_is_named_with_its_line_and_its_fix() {
    let repo = repository();
    let check = |strict: &[&str]| Fractary::in_repo(&repo).args(["check"]).args(strict);
    check(&["--strict"]).run().exits(0);
    let registry = ".fractary/plugins/faber-cloud/deployments/test/registry.json";
    let monitoring = ".fractary/plugins/helm-cloud/config/monitoring.toml";
    repo.write(&[
        (monitoring, MONITORING),
        (registry, REGISTRY),
        (
            ".fractary/plugins/helm/registry/domain-monitors.json",
            MONITORS,
        ),
        (".fractary/shared/aws-credentials.json", CREDENTIALS),
    ]);
    let said = check(&[]).run().exits(0);
    insta::assert_snapshot!("settings_that_cannot_work", said.stdout);
    check(&["--strict"]).run().exits(2);
    // Elsewhere it is one line, and not the whole again and again.
    let listed = Fractary::in_repo(&repo).args(["issues"]).run().exits(0);
    let lines: Vec<&str> = listed.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("`fractary check`"), "{lines:?}");
    let doctor = Fractary::in_repo(&repo).args(["doctor", "--offline"]).run();
    for words in [
        "`cloudwatch` has no effect yet",
        "`cost_anomalies` has no effect yet",
    ] {
        assert!(doctor.stdout.contains(words), "{words}: {}", doctor.stdout);
    }
}

const OUT_OF_RANGE: &str = r#"
[monitoring]
period = "7m"

[remediation]
max_share_percent = 120
max_concurrent = 0

[cost]
alert_on_spike_percent = -1
daily_budget_usd = 0
monthly_budget_usd = -7
discount_percent = 101
price_overrides = { "ec2/linux/t3.medium" = -0.1 }

[audit]
every = "0h"
max_calls = 0

[compliance]
frameworks = ["aws-fsbp", "cis-aws-7"]
"#;

const HELM: &str = r#"
[dashboard]
default_output = "pdf"

[priority]
age_cap_hours = -4

[retention]
reports = "0d"

[review]
cost_notice_usd = -5
cost_notice_percent = -10
"#;

const SUPPRESSIONS: &str = r#"
[[suppress]]
check = "sqs-publik"
resource = "*"
reason = "ours"
owner = "web"
until = 2026-12-31

[[suppress]]
check = "sqs-public"
resource = ""
reason = " "
owner = "web"
until = 2026-01-31

[[suppress]]
check = "sqs-public"
resource = "tag:team"
reason = "ours"
owner = "web"
until = 2026-12-31
"#;

#[test]
fn values_of_the_right_type_that_cannot_work_are_named() {
    let repo = repository();
    repo.write(&[
        (
            ".fractary/plugins/helm-cloud/config/monitoring.toml",
            OUT_OF_RANGE,
        ),
        (".fractary/plugins/helm/config/helm.toml", HELM),
        (
            ".fractary/plugins/helm-cloud/audits/suppressions.toml",
            SUPPRESSIONS,
        ),
    ]);
    let check = Fractary::in_repo(&repo).at("2026-11-30T10:00:00Z");
    let said = check.args(["check", "--strict"]).run().exits(2);
    insta::assert_snapshot!("values_that_cannot_work", said.stdout);
}

#[test]
fn attestations_that_answer_for_nothing_are_named() {
    let repo = repository();
    let entry = |framework: &str, control: &str| {
        format!(
            "[[attest]]\nframework = \"{framework}\"\ncontrol = \"{control}\"\nstatement = \"so\"\nby = \"Ada\"\ndate = 2026-11-02\nuntil = 2027-11-01\n"
        )
    };
    let all = [
        entry("cis-aws-7.0", "2.6"),
        entry("cis-aws-7.0", "99.9"),
        entry("cis-aws-7.0", "2.4"),
        entry("cis-aws-9.9", "2.6"),
    ];
    let path = ".fractary/plugins/helm-cloud/audits/attestations.toml";
    repo.write(&[(path, &all.concat())]);
    let said = Fractary::in_repo(&repo).args(["check"]).run().exits(0);
    for part in [
        "cis-aws-7.0 has no control `99.9`",
        "checks decide control `2.4` of cis-aws-7.0",
        "there is no framework `cis-aws-9.9`",
        "3 warnings in 1 file",
    ] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
}

#[test]
fn a_generated_file_that_was_edited_or_deleted_is_named() {
    let played = Played::new();
    let check = || played.fractary(END, &["check", "--strict"]).run();
    check().exits(0);
    let folder = played.repository().join(".fractary/plugins");
    let dashboard = folder.join("helm/DASHBOARD.md");
    let deployed = folder.join("faber-cloud/deployments/prod/DEPLOYED.md");
    for path in [&dashboard, &deployed] {
        let text = std::fs::read_to_string(path).expect("it is committed");
        std::fs::write(path, text.replacen("prod", "production", 1)).expect("written");
        let edited = check().exits(2);
        assert!(
            edited.stdout.contains("state/generated"),
            "{}",
            edited.stdout
        );
        std::fs::remove_file(path).expect("removed");
        let missing = check().exits(2);
        assert!(missing.stdout.contains("is missing"), "{}", missing.stdout);
        std::fs::write(path, text).expect("written");
        check().exits(0);
    }
}

#[test]
fn a_secret_of_a_monitor_is_refused_and_never_shown() {
    let secret = "q7Zr-4kPw-88Xm-very-private";
    let repo = repository();
    let monitors = |command: &str| {
        format!(
            r#"{{ "version": "1.0.0", "monitors": [{{ "domain": "web", "plugin": "ours", "status": "active",
  "commands": {{ "health": {command} }} }}] }}"#
        )
    };
    let path = ".fractary/plugins/helm/registry/domain-monitors.json";
    for command in [
        format!(r#"{{ "exec": ["git"], "env": {{ "API_TOKEN": "{secret}" }} }}"#),
        format!(r#"{{ "exec": ["git", "--password={secret}"] }}"#),
    ] {
        repo.write(&[(path, &monitors(&command))]);
        for arguments in [&["check"][..], &["run", "--env", "test"]] {
            let said = Fractary::in_repo(&repo).args(arguments).run().exits(2);
            let text = format!("{}{}", said.stdout, said.stderr);
            assert!(text.contains("must not be committed"), "{text}");
            assert!(!text.contains(secret), "{text}");
        }
    }
    let named = r#"{ "exec": ["git"], "env": { "API_TOKEN": "${API_TOKEN}" } }"#;
    repo.write(&[(path, &monitors(named))]);
    Fractary::in_repo(&repo)
        .args(["check", "--strict"])
        .run()
        .exits(0);
}

#[test]
fn severities_of_escalation_hand_issues_over_and_tell_its_channels() {
    let scene = Scene::new(
        "\n[channels.team]\ntype = \"slack\"\nurl_env = \"TEAM_URL\"\ndigest_above = 100\nby_incident = false\n",
    );
    let path = ".fractary/plugins/helm-cloud/config/monitoring.toml";
    let place = scene.played.repository().join(path);
    let mut text = std::fs::read_to_string(&place).expect("init wrote it");
    text.push_str(
        "\n[escalation]\nauto_escalate_on = [\"CRITICAL\", \"HIGH\"]\nchannels = [\"team\"]\n",
    );
    std::fs::write(&place, text).expect("it can be written");
    scene
        .played
        .git(&["commit", "--quiet", "--all", "--message", "Escalate"]);
    scene.run(12);
    let issues = scene.issues();
    let urgent = |issue: &&serde_json::Value| {
        matches!(issue["severity"].as_str(), Some("CRITICAL" | "HIGH"))
    };
    let (handed, others): (Vec<_>, Vec<_>) = issues.values().partition(urgent);
    assert!(!handed.is_empty(), "{issues:?}");
    assert!(
        handed
            .iter()
            .all(|issue| issue["escalation"]["status"] == "open"),
        "{handed:?}"
    );
    assert!(
        others.iter().all(|issue| issue["escalation"].is_null()),
        "{others:?}"
    );
    assert_eq!(scene.team.taken().len(), handed.len());
}

#[test]
fn entries_that_cloudwatch_counts_as_one_are_named() {
    let repo = repository();
    let api = |id: &str, name: &str, region: &str| {
        format!(
            r#"{{ "type": "aws_api_gateway_rest_api", "aws_id": "{id}", "name": "{name}", "arn": "arn:aws:apigateway:{region}::/restapis/{id}" }}"#
        )
    };
    let entries = [
        api("aaa111", "shop", "eu-west-1"),
        api("bbb222", "shop", "eu-west-1"),
        api("ccc333", "shop", "us-west-2"),
        api("ddd444", "till", "eu-west-1"),
    ];
    let registry = format!(
        "{{\n  \"version\": \"1.0.0\",\n  \"environment\": \"test\",\n  \"resources\": [\n    {}\n  ]\n}}\n",
        entries.join(",\n    ")
    );
    let path = ".fractary/plugins/faber-cloud/deployments/test/registry.json";
    repo.write(&[(path, registry.as_str())]);
    let said = Fractary::in_repo(&repo).args(["check"]).run().stdout;
    // It is wrapped.
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(said.matches("state/shared-metrics").count(), 1, "{said}");
    let line = format!("{path}:6:");
    assert!(said.contains(&line), "the second of them: {said}");
    for words in [
        "/restapis/aaa111",
        "ApiName shop",
        "need names of their own",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

const PLAYBOOKS: &str = r#"version = "1.0.0"

[[kpi]]
name = "api_response_time"
category = "backend"
unit = "milliseconds"
better = "lower"
target = 200
priority = 1
source.health = { resource = "shop-api", sli = "p95_latency_ms" }

[[playbook]]
name = "memory"
kpis = ["api_response_time"]
action = "raise_lambda_memry"
resource = "shop-api"

[[playbook]]
name = "more"
kpis = ["api_response_time"]
action = "raise_lambda_memory"
resource = "shop-apii"
parameters = { memori = "512" }

[[playbook]]
name = "too-much"
kpis = ["api_response_time"]
action = "raise_lambda_memory"
resource = "shop-api"
parameters = { memory = "1" }

[[playbook]]
name = "other-kind"
kpis = ["api_response_time"]
action = "reboot_rds"
resource = "shop-api"

[[playbook]]
name = "program"
kpis = ["api_response_time"]
action = "warm_upp"
resource = "shop-api"
"#;

const PROGRAMS: &str = r#"
[remediation]
auto_remediate = ["restart_lamda"]
never_auto = ["delete_resources"]

[remediation.custom.warm_up]
title = "Fill the cache"
exec = ["scripts/warm.sh", "{path}"]
kinds = ["lamda"]
undo = "cool_dwn"
parameters.paths = { about = "paths", min = 1, max = 50 }

[remediation.custom.cool_down]
title = "Empty the cache"
exec = ["scripts/cool.sh", "{path}"]
kinds = ["lambda"]
parameters.paths = { about = "paths", min = 1, max = 50 }
"#;

#[test]
fn actions_that_nothing_knows_are_named_with_their_line() {
    let repo = repository();
    let registry = r#"{ "version": "1.0.0", "environment": "test", "resources": [{
        "type": "aws_lambda_function", "aws_id": "shop-api",
        "arn": "arn:aws:lambda:eu-west-1:123456789012:function:shop-api" }] }"#;
    repo.write(&[
        (".fractary/plugins/helios/config/kpis.toml", PLAYBOOKS),
        (
            ".fractary/plugins/helm-cloud/config/monitoring.toml",
            PROGRAMS,
        ),
        (
            ".fractary/plugins/faber-cloud/deployments/test/registry.json",
            registry,
        ),
        ("scripts/cool.sh", "#!/bin/sh\n"),
    ]);
    let check = |strict: &[&str]| Fractary::in_repo(&repo).args(["check"]).args(strict).run();
    let said = check(&[]).exits(0);
    insta::assert_snapshot!("unknown_actions", said.stdout);
    check(&["--strict"]).exits(2);
}

#[test]
fn nothing_is_automatic_where_the_default_branch_is_not_known() {
    let repo = repository();
    repo.write(&[(
        ".fractary/plugins/helm-cloud/config/monitoring.toml",
        "[remediation]\nauto_remediate = [\"restart_lambda\"]\n",
    )]);
    let listed = || {
        let listed = Fractary::in_repo(&repo).args(["remediate", "--list"]).run();
        listed.exits(0).stdout
    };
    // Without a remote the checkout is all there is.
    assert!(listed().contains("safety auto"), "{}", listed());
    repo.git(&["remote", "add", "origin", "https://example.org/shop.git"]);
    assert!(!listed().contains("safety auto"), "{}", listed());
}
