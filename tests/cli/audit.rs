//! `fractary audit`, over a configuration that was recorded.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fractary::cloud::question::{Answer, ConfigurationQuestion, IdentityQuestion, Question};
use fractary::cloud::record::{Call, Recording, Request};
use fractary::model::configuration::{Configuration, ConfiguredResource, Extent, TypeCoverage};
use fractary::model::fact::{Fact, FactName, Gap, GapCause, Value};
use fractary::model::ids::{AccountId, Arn, EnvironmentName, Region};
use fractary::model::snapshot::Identity;
use fractary::text::Untrusted;

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const AT: &str = "2026-11-30T00:00:00Z";
const SUPPRESSIONS: &str = ".fractary/plugins/helm-cloud/audits/suppressions.toml";

fn resource(of: &str, arn: &str, name: &str, facts: &[(&str, Fact)]) -> ConfiguredResource {
    let facts = facts
        .iter()
        .map(|(name, fact)| (FactName::parse(name).expect("a name"), fact.clone()));
    ConfiguredResource {
        resource_type: of.to_owned(),
        arn: Some(Arn::new(arn).expect("an ARN")),
        address: None,
        name: Untrusted::from(name),
        region: Region::new("eu-west-1").expect("a region"),
        account: AccountId::new("123456789012").ok(),
        facts: facts.collect::<BTreeMap<_, _>>(),
    }
}

/// An account with a public queue, a volume without encryption, one with, and topics that the
/// caller may not list.
pub(crate) fn configuration() -> Configuration {
    let mut all = Configuration::new(AT.parse().expect("a moment"));
    all.account = AccountId::new("123456789012").ok();
    let policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}}"#;
    let queue = [
        ("policy", Fact::Known(Value::text(policy))),
        ("sqs_managed_sse_enabled", Fact::from(true)),
        ("kms_master_key_id", Fact::Absent),
        ("redrive_policy", Fact::Known(Value::text("{}"))),
        ("redrive_allow_policy", Fact::Absent),
    ];
    all.resources.push(resource(
        "aws_sqs_queue",
        "arn:aws:sqs:eu-west-1:123456789012:orders",
        "orders",
        &queue,
    ));
    for (id, encrypted) in [("vol-0a", false), ("vol-0b", true)] {
        let arn = format!("arn:aws:ec2:eu-west-1:123456789012:volume/{id}");
        let facts = [("encrypted", Fact::from(encrypted))];
        all.resources
            .push(resource("aws_ebs_volume", &arn, id, &facts));
    }
    let denied = all.add_gap(Gap {
        operation: "sns:ListTopics".to_owned(),
        subject: "topics".to_owned(),
        cause: GapCause::Denied,
        code: Some(Untrusted::from("AuthorizationError")),
        message: Untrusted::from("not authorized to perform: SNS:ListTopics"),
        missing_permission: Some("sns:ListTopics".to_owned()),
    });
    for (of, extent) in [
        ("aws_sqs_queue", Extent::Complete),
        ("aws_ebs_volume", Extent::Complete),
        ("aws_sns_topic", Extent::Unread(denied)),
    ] {
        all.coverage.push(TypeCoverage {
            resource_type: of.to_owned(),
            region: Region::new("eu-west-1").expect("a region"),
            extent,
        });
    }
    all
}

/// A repository with an environment, and a recording of its account.
pub(crate) struct Scene {
    pub(crate) repo: Repo,
    recording: PathBuf,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let repo = Repo::new(&[]);
        let init = [
            "init",
            "--env",
            "prod",
            "--account",
            "123456789012",
            "--region",
            "eu-west-1",
        ];
        Fractary::in_repo(&repo).at(AT).args(init).run().exits(0);
        let scene = Self {
            recording: repo.path().join("recording.json"),
            repo,
        };
        scene.record(&configuration());
        scene
    }

    /// Replaces what AWS says of the account.
    pub(crate) fn record(&self, configuration: &Configuration) {
        let environment = EnvironmentName::new("prod").expect("a name");
        let identity = Identity {
            account: AccountId::new("123456789012").expect("an account"),
            arn: Arn::new("arn:aws:sts::123456789012:assumed-role/audit/ci").expect("an ARN"),
        };
        let who = Question::Identity(IdentityQuestion {
            environment: environment.clone(),
        });
        // As `audit` asks, and as `run` does within its budget of calls.
        let how = [None, Some(5_000)].map(|max_calls| Call {
            request: Request::new(&Question::Configuration(ConfigurationQuestion {
                environment: environment.clone(),
                regions: Vec::new(),
                types: Vec::new(),
                max_calls,
                identity: identity.clone(),
                at: AT.parse().expect("a moment"),
            })),
            reply: Answer::Configuration(Box::new(configuration.clone())),
        });
        let mut calls = vec![Call {
            request: Request::new(&who),
            reply: Answer::Identity(identity.clone()),
        }];
        calls.extend(how);
        let recording = Recording {
            calls,
            ..Recording::default()
        };
        std::fs::write(&self.recording, recording.to_bytes()).expect("it can be written");
    }

    /// An audit, over the recording.
    pub(crate) fn audit(&self, arguments: &[&str]) -> Fractary {
        self.command("audit", AT, arguments)
    }

    /// A command at a time, over the recording.
    pub(crate) fn command(&self, name: &str, at: &str, arguments: &[&str]) -> Fractary {
        let replay = self.recording.display().to_string();
        let all = [name, "--env", "prod", "--replay", &replay];
        let all = [&all[..], arguments].concat();
        Fractary::in_repo(&self.repo).at(at).args(&all)
    }
}

const CHECKS: &str = "sqs-public,sqs-unencrypted,ebs-volume-unencrypted,sns-public";

#[test]
fn the_first_screen_says_what_matters() {
    let run = Scene::new().audit(&["--check", CHECKS]).run().exits(1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn commands_for_one_resource_name_how_many_others_need_them() {
    let scene = Scene::new();
    let mut all = configuration();
    for volume in &mut all.resources[1..] {
        let encrypted = FactName::parse("encrypted").expect("a name");
        volume.facts.insert(encrypted, Fact::from(false));
    }
    scene.record(&all);
    let only = ["--check", "ebs-volume-unencrypted", "--fail-on", "never"];
    let run = scene.audit(&only).run().exits(0);
    let said = "# The same for 1 other: --format json has the commands of each.";
    assert!(run.stdout.contains(said), "{}", run.stdout);
}

#[test]
fn reports_for_programs_and_pages() {
    let scene = Scene::new();
    for format in ["json", "markdown"] {
        let run = scene.audit(&["--check", CHECKS, "--format", format]);
        insta::assert_snapshot!(format, run.run().exits(1).stdout);
    }
}

#[test]
fn code_scanning_gets_every_rule_and_the_results() {
    let scene = Scene::new();
    let run = scene.audit(&["--check", CHECKS, "--format", "sarif"]);
    let document = run.run().exits(1).json();
    let of_run = &document["runs"][0];
    assert_eq!(of_run["automationDetails"]["id"], "fractary-audit/prod/");
    let rules = of_run["tool"]["driver"]["rules"]
        .as_array()
        .map_or(0, Vec::len);
    assert!(rules >= 174, "{rules}");
    let results = of_run["results"].as_array().expect("a list");
    let found: Vec<_> = results.iter().map(|one| one["ruleId"].as_str()).collect();
    assert_eq!(found, [Some("sqs-public"), Some("ebs-volume-unencrypted")]);
    let invocation = &of_run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    let gap = &invocation["toolExecutionNotifications"][0]["message"]["text"];
    assert_eq!(gap, "prod: permission `sns:ListTopics` is missing");
}

#[test]
fn the_level_decides_the_exit_code() {
    let scene = Scene::new();
    for (check, level, code) in [
        ("sqs-public", "critical", 1),
        ("sqs-public", "never", 0),
        ("ebs-volume-unencrypted", "critical", 0),
        ("ebs-volume-unencrypted", "high", 0),
        ("ebs-volume-unencrypted", "medium", 1),
        ("sqs-unencrypted", "low", 0),
        ("sqs-unencrypted,sns-public", "low", 0),
        ("sqs-unencrypted,sns-public", "unknown", 3),
    ] {
        scene
            .audit(&["--check", check, "--fail-on", level])
            .run()
            .exits(code);
    }
}

#[test]
fn a_suppression_needs_an_end_and_does_not_hide_the_public() {
    let scene = Scene::new();
    let entry = |check: &str, until: &str| {
        format!(
            "[[suppress]]\ncheck = \"{check}\"\nresource = \"*\"\nreason = \"known\"\nowner = \"web\"\n{until}"
        )
    };
    scene
        .repo
        .write(&[(SUPPRESSIONS, &entry("ebs-volume-unencrypted", ""))]);
    let run = scene.audit(&["--check", CHECKS]).run().exits(2);
    insta::assert_snapshot!(run.stderr);

    let until = "until = \"2026-12-31\"\n";
    scene
        .repo
        .write(&[(SUPPRESSIONS, &entry("ebs-volume-unencrypted", until))]);
    let only = ["--check", "ebs-volume-unencrypted", "--fail-on", "low"];
    scene.audit(&only).run().exits(0);
    scene
        .repo
        .write(&[(SUPPRESSIONS, &entry("sqs-public", until))]);
    scene.audit(&["--check", "sqs-public"]).run().exits(1);
    scene
        .audit(&["--check", "sqs-public", "--allow"])
        .run()
        .exits(0);
}

#[test]
fn a_baseline_lets_only_the_new_count() {
    let scene = Scene::new();
    let file = scene
        .repo
        .path()
        .join("baseline.json")
        .display()
        .to_string();
    scene
        .audit(&["--check", "sqs-public", "--write-baseline", &file])
        .run()
        .exits(1);
    scene
        .audit(&["--check", "sqs-public", "--baseline", &file])
        .run()
        .exits(0);
    let more = ["--check", CHECKS, "--baseline", &file, "--fail-on", "low"];
    scene.audit(&more).run().exits(1);
}

#[test]
fn a_baseline_stays_where_nothing_could_be_read() {
    let scene = Scene::new();
    let file = scene.repo.path().join("baseline.json");
    std::fs::write(&file, "[\"0123456789ab\"]\n").expect("it can be written");
    let recording = Recording::default();
    std::fs::write(&scene.recording, recording.to_bytes()).expect("it can be written");
    let named = file.display().to_string();
    let run = scene
        .audit(&["--check", CHECKS, "--write-baseline", &named])
        .run()
        .exits(3);
    let said = "was not written: nothing could be read of prod";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let kept = std::fs::read_to_string(&file).expect("it is there");
    assert_eq!(kept, "[\"0123456789ab\"]\n");
}

#[test]
fn a_baseline_keeps_what_was_not_looked_at() {
    let scene = Scene::new();
    let file = scene.repo.path().join("baseline.json");
    std::fs::write(&file, "[\"0123456789ab\"]\n").expect("it can be written");
    let named = file.display().to_string();
    for check in ["sqs-public", "ebs-volume-unencrypted"] {
        let only = ["--check", check, "--write-baseline", &named];
        let run = scene.audit(&only).run();
        let said = "that this audit did not find";
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    let text = std::fs::read_to_string(&file).expect("it is there");
    let ids: Vec<String> = serde_json::from_str(&text).expect("a list");
    assert_eq!(ids.len(), 3, "{text}");
    assert!(ids.iter().any(|id| id == "0123456789ab"), "{text}");
}

#[test]
fn checks_are_listed_and_explained() {
    let scene = Scene::new();
    let listed = scene.audit(&["--list-checks"]).run().exits(0);
    assert!(listed.stdout.contains("s3-bucket-public "));
    let explained = scene
        .audit(&["--explain", "ec2-security-group-open-ports"])
        .run()
        .exits(0);
    insta::assert_snapshot!(explained.stdout);
    let unknown = scene
        .audit(&["--explain", "s3-bucket-pubic"])
        .run()
        .exits(2);
    assert!(
        unknown.stderr.contains("s3-bucket-public"),
        "{}",
        unknown.stderr
    );
    // What would not count is refused.
    for (kind, option) in [
        (&["--list-checks"][..], &["--check", "s3-bucket-public"][..]),
        (&["--explain", "s3-bucket-public"], &["--max-calls", "3"]),
        (&["--type", "cost"], &["--region", "eu-west-1"]),
        (&["--type", "cost"], &["--allow"]),
    ] {
        let run = scene.audit(&[kind, option].concat()).run().exits(2);
        let said = format!(
            "error: `{}` does not go with `{}`",
            option[0],
            kind.join(" ")
        );
        let said = said.replace(" s3-bucket-public`", "`");
        assert!(run.stderr.starts_with(&said), "{}", run.stderr);
    }
}

#[test]
fn a_check_of_ones_own_is_evaluated() {
    let scene = Scene::new();
    let page = include_str!("../../docs/audit.md");
    let (_, rest) = page.rsplit_once("```toml\n").expect("an example");
    let (check, _) = rest.split_once("```").expect("its end");
    let path = ".fractary/plugins/helm-cloud/checks/ebs-volume-owner.toml";
    scene.repo.write(&[(path, check)]);
    let only = ["--check", "ebs-volume-owner", "--fail-on", "unknown"];
    // Nobody read the tags of these volumes.
    let run = scene.audit(&only).run().exits(3);
    assert!(
        run.stdout.contains("`aws_ebs_volume.tags` was not read"),
        "{}",
        run.stdout
    );

    scene.repo.write(&[(
        path,
        &check.replace("resource.tags.owner", "resource.tag.owner"),
    )]);
    let run = scene.audit(&only).run().exits(2);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn an_account_that_does_not_answer_is_unknown() {
    let scene = Scene::new();
    let recording = Recording::default();
    std::fs::write(&scene.recording, recording.to_bytes()).expect("it can be written");
    let run = scene.audit(&["--check", CHECKS]).run().exits(3);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn code_scanning_shows_the_line_that_makes_a_resource() {
    let scene = Scene::new();
    let registry = r#"{
  "version": "1.0.0",
  "environment": "prod",
  "last_deployed": "2026-01-05T10:00:00Z",
  "resources": [
    {
      "type": "aws_sqs_queue",
      "terraform_address": "aws_sqs_queue.orders",
      "aws_id": "orders",
      "arn": "arn:aws:sqs:eu-west-1:123456789012:orders",
      "created": "2026-01-05T10:00:00Z"
    },
    {
      "type": "aws_ebs_volume",
      "terraform_address": "aws_ebs_volume.data",
      "aws_id": "vol-0a",
      "arn": "arn:aws:ec2:eu-west-1:123456789012:volume/vol-0a",
      "created": "2026-01-05T10:00:00Z"
    }
  ]
}
"#;
    let terraform =
        "provider \"aws\" {}\n\nresource \"aws_sqs_queue\" \"orders\" {\n  name = \"orders\"\n}\n";
    let path = ".fractary/plugins/faber-cloud/deployments/prod/registry.json";
    scene
        .repo
        .write(&[(path, registry), ("infra/main.tf", terraform)]);
    scene.repo.commit_all("deploy");
    let run = scene.audit(&["--check", CHECKS, "--format", "sarif"]);
    let document = run.run().exits(1).json();
    let results = document["runs"][0]["results"].as_array().expect("a list");
    let places: Vec<String> = results
        .iter()
        .map(|one| {
            let place = &one["locations"][0]["physicalLocation"];
            let file = place["artifactLocation"]["uri"].as_str().expect("a file");
            format!("{file}:{}", place["region"]["startLine"])
        })
        .collect();
    assert_eq!(places, ["infra/main.tf:3".to_owned(), format!("{path}:17")]);
}

#[test]
fn check_names_the_example_that_does_not_hold() {
    let scene = Scene::new();
    let page = include_str!("../../docs/audit.md");
    let (_, rest) = page.rsplit_once("```toml\n").expect("an example");
    let (check, _) = rest.split_once("```").expect("its end");
    let path = ".fractary/plugins/helm-cloud/checks/ebs-volume-owner.toml";
    let run = |text: &str| {
        scene.repo.write(&[(path, text)]);
        Fractary::in_repo(&scene.repo).args(["check"]).run()
    };
    run(check).exits(0);
    let wrong = check.replace("verdict = \"fail\"", "verdict = \"pass\"");
    insta::assert_snapshot!("own_check_example", run(&wrong).exits(2).stdout);
    let wrong = check.replace(
        "fails_when = '!has(resource.tags.owner)'",
        "fails_when = '!resource.tag'",
    );
    insta::assert_snapshot!("own_check_faulty", run(&wrong).exits(2).stdout);
}

/// An account that says who it is and nothing else.
fn blind() -> Configuration {
    let mut all = configuration();
    all.resources.clear();
    let denied = all.add_gap(Gap {
        operation: "sqs:ListQueues".to_owned(),
        subject: "queues".to_owned(),
        cause: GapCause::Denied,
        code: Some(Untrusted::from("AccessDenied")),
        message: Untrusted::from("not authorized to perform: sqs:ListQueues"),
        missing_permission: Some("sqs:ListQueues".to_owned()),
    });
    for entry in &mut all.coverage {
        entry.extent = Extent::Unread(denied);
    }
    // What is there whatever AWS answers.
    all.coverage.push(TypeCoverage {
        resource_type: "account".to_owned(),
        region: Region::new("global").expect("a region"),
        extent: Extent::Complete,
    });
    let arn = "arn:aws:iam::123456789012:root";
    all.resources
        .push(resource("account", arn, "123456789012", &[]));
    all
}

#[test]
fn an_account_that_denies_everything_is_unknown() {
    let scene = Scene::new();
    scene.record(&blind());
    for arguments in [&[][..], &["--fail-on", "never"], &["--format", "json"]] {
        let run = scene.audit(arguments).run().exits(3);
        assert!(
            run.stderr.contains("`sns:ListTopics` is missing"),
            "{}",
            run.stderr
        );
    }
    let run = scene.audit(&["--check", "sqs-public"]).run().exits(3);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn nobody_is_named() {
    let scene = Scene::new();
    let who = Question::Identity(IdentityQuestion {
        environment: EnvironmentName::new("prod").expect("a name"),
    });
    let recording = Recording {
        calls: vec![Call {
            request: Request::new(&who),
            reply: Answer::Gap(Gap {
                operation: "sts:GetCallerIdentity".to_owned(),
                subject: "the credentials".to_owned(),
                cause: GapCause::Credentials,
                code: Some(Untrusted::from("ExpiredToken")),
                message: Untrusted::from("the token is expired"),
                missing_permission: None,
            }),
        }],
        ..Recording::default()
    };
    std::fs::write(&scene.recording, recording.to_bytes()).expect("it can be written");
    let run = scene.audit(&["--check", CHECKS]).run().exits(3);
    assert!(
        run.stdout.contains("sts:GetCallerIdentity"),
        "{}",
        run.stdout
    );
    insta::assert_snapshot!(run.stderr);
}
