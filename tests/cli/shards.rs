//! A run on several machines: the joined commit is the one machine's, byte for byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fractary::cloud::question::{Answer, IdentityQuestion, ObserveKey};
use fractary::cloud::record::{Recording, Request};
use fractary::model::fact::{Fact, Gap, GapCause, GapId};
use fractary::model::ids::{AccountId, Arn, EnvironmentName};
use fractary::model::monitoring::EnabledCheck;
use fractary::model::receipt::Receipt;
use fractary::model::registry::Registry;
use fractary::model::snapshot::{Condition, Identity, Observed, ResourceState, Series, Snapshot};
use fractary::model::window::Window;
use fractary::text::Untrusted;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::demo::git;
use crate::recorded::{World, demo};
use crate::support::fractary::Fractary;

impl World {
    fn bundles(&self) -> PathBuf {
        self.folder.path().join("bundles")
    }

    fn shard(&self, shard: &str) -> Fractary {
        let bundles = format!("{}/", self.bundles().display());
        self.fractary(&[
            "run", "--env", "prod", "--shard", shard, "--output", &bundles,
        ])
        .args(["--replay".as_ref(), self.recording.as_os_str()])
    }

    fn merge(&self) -> Fractary {
        // Without a clock of its own: the time comes from the bundles.
        self.fractary(&["merge-shards"])
            .args([self.bundles()])
            .without("FRACTARY_AT")
    }

    fn bundle(&self, name: &str) -> Value {
        let text = std::fs::read_to_string(self.bundles().join(name)).expect("it is written");
        serde_json::from_str(&text).expect("a bundle is JSON")
    }

    fn rewrite(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut value = self.bundle(name);
        change(&mut value);
        let text = serde_json::to_string(&value).expect("JSON");
        std::fs::write(self.bundles().join(name), text).expect("it can be written");
    }
}

/// Runs it on one machine and on three, from the same commit; both must commit the same.
fn same_on_one_and_on_three(world: &World, code: i32) {
    // A recording answers whoever runs with it, and the machine that merges asks AWS.
    let settings = ".fractary/plugins/helm-cloud/config/monitoring.toml";
    let path = world.folder.path().join("repo").join(settings);
    let text = std::fs::read_to_string(&path).expect("init has written it");
    assert!(text.contains("\nauto = true\n"), "{text}");
    let text = text.replace("\nauto = true\n", "\nauto = false\n");
    std::fs::write(&path, text).expect("it can be written");
    world.git(&[
        "commit",
        "--quiet",
        "--all",
        "--message",
        "Investigate by hand",
    ]);
    let before = world.git(&["rev-parse", "HEAD"]);
    let replay = world.recording.display().to_string();
    let one = world
        .fractary(&["run", "--env", "prod", "--replay", &replay])
        .run()
        .exits(code);
    let alone = world.git(&["rev-parse", "HEAD"]);
    assert_ne!(alone, before, "the run is worth a commit");
    world.git(&["reset", "--quiet", "--hard", before.trim()]);
    for shard in ["3/3", "1/3", "2/3"] {
        world.shard(shard).run().exits(0);
        assert_eq!(world.git(&["rev-parse", "HEAD"]), before);
        assert_eq!(world.git(&["status", "--porcelain"]), "");
    }
    let three = world.merge().run().exits(code);
    assert_eq!(
        world.git(&["diff", alone.trim(), "HEAD"]),
        "",
        "the same files"
    );
    assert_eq!(world.git(&["rev-parse", "HEAD"]), alone, "the same commit");
    assert_eq!(one.stdout, three.stdout, "the same answer");
    world.git(&["fsck", "--full", "--strict", "--no-dangling"]);
}

#[test]
fn three_machines_commit_what_one_does_on_the_demos_world() {
    for at in [
        "2026-11-02T09:12:00Z",
        "2026-11-02T09:22:00Z",
        "2026-11-02T09:32:00Z",
    ] {
        same_on_one_and_on_three(&demo(at), 1);
    }
}

const MANY_AT: &str = "2026-11-02T09:02:00Z";

/// A window of the recording of many: its start and end past eight o'clock, and whether every
/// tenth function has errors in it.
const MANY_WINDOWS: [(&str, &str, bool); 3] = [
    ("2026-11-02T08:55:00Z", "2026-11-02T09:00:00Z", true),
    ("2026-11-02T09:00:00Z", "2026-11-02T09:05:00Z", false),
    ("2026-11-02T09:05:00Z", "2026-11-02T09:10:00Z", false),
];

fn identity() -> Identity {
    Identity {
        account: AccountId::new("123456789012").expect("an account"),
        arn: Arn::new("arn:aws:sts::123456789012:assumed-role/fractary/ci").expect("an ARN"),
    }
}

/// A thousand functions; every tenth has errors at first, and three calls did not answer.
pub(crate) fn many() -> World {
    let folder = TempDir::new().expect("the system has a temporary folder");
    let repository = folder.path().join("repo");
    std::fs::create_dir(&repository).expect("it is new");
    git(&repository, &["init", "--quiet", "--initial-branch=main"]);
    let world = World {
        recording: folder.path().join("recording.json"),
        folder,
        at: MANY_AT,
    };
    let account = ["--account", "123456789012", "--region", "eu-central-1"];
    world
        .fractary(&["init", "--env", "prod"])
        .args(account)
        .run()
        .exits(0);
    let entries: Vec<Value> = (0..1_000)
        .map(|number| {
            let arn = format!("arn:aws:lambda:eu-central-1:123456789012:function:many-{number:04}");
            json!({ "type": "aws_lambda_function", "aws_id": format!("many-{number:04}"), "arn": arn })
        })
        .collect();
    let registry = json!({ "version": "1.0.0", "environment": "prod", "resources": entries });
    let path = repository.join(".fractary/plugins/faber-cloud/deployments/prod/registry.json");
    std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("it is new");
    std::fs::write(&path, format!("{registry:#}\n")).expect("it can be written");
    git(&repository, &["add", "--all"]);
    git(&repository, &["commit", "--quiet", "--message", "Register"]);
    std::fs::write(&world.recording, many_recorded(&registry)).expect("it can be written");
    world
}

fn many_recorded(registry: &Value) -> Vec<u8> {
    let registry: Registry = serde_json::from_value(registry.clone()).expect("a registry");
    let environments = json!({
        "name": "prod", "description": "", "requires_confirmation": false,
        "account_id": "123456789012", "region": "eu-central-1",
    });
    let environment = serde_json::from_value(environments).expect("an environment");
    let catalog = fractary::catalog::Catalog::built_in().expect("the catalogue is sound");
    let resources = fractary::core::registry::resources(&registry, &environment, &catalog);
    let gap = |operation: &str, subject: &str, cause: GapCause| Gap {
        operation: operation.to_owned(),
        subject: subject.to_owned(),
        cause,
        code: None,
        message: Untrusted::from("Rate exceeded"),
        missing_permission: None,
    };
    let environment = EnvironmentName::new("prod").expect("a name");
    let mut recording = Recording::default();
    recording.put(
        Request::new(&IdentityQuestion {
            environment: environment.clone(),
        }),
        Answer::Identity(identity()),
    );
    for (start, end, fails) in MANY_WINDOWS {
        let window = Window {
            start: start.parse().expect("a time"),
            end: end.parse().expect("a time"),
            period_seconds: 300,
        };
        let observed = resources
            .iter()
            .enumerate()
            .map(|(number, resource)| observed(number, resource.clone(), window, fails))
            .collect();
        recording.put(
            Request::new(&ObserveKey {
                environment: environment.clone(),
                window,
                checks: vec![
                    EnabledCheck::ResourceStatus,
                    EnabledCheck::CloudwatchMetrics,
                    EnabledCheck::CloudwatchAlarms,
                ],
                resources: resources.iter().map(|one| one.arn.clone()).collect(),
            }),
            Answer::Snapshot(Box::new(Snapshot {
                environment: environment.clone(),
                identity: Fact::Known(identity()),
                window,
                read_from: None,
                resources: observed,
                unmatched_alarms: Vec::new(),
                // In no order, and in words of their own.
                gaps: vec![
                    gap("lambda:ListFunctions", "a few states", GapCause::Throttled),
                    gap(
                        "cloudwatch:GetMetricData",
                        "many metrics",
                        GapCause::TimedOut,
                    ),
                    gap("cloudwatch:DescribeAlarms", "one alarm", GapCause::Partial),
                ],
                receipt: Receipt {
                    calls: 37,
                    estimated_cost_usd: 0.0123,
                    price_date: "2026-08-01".to_owned(),
                    duration_ms: 4_321,
                    ..Receipt::default()
                },
                back_fill: Vec::new(),
            })),
        );
    }
    recording.to_bytes()
}

fn observed(
    number: usize,
    resource: fractary::model::resource::Resource,
    window: Window,
    fails: bool,
) -> Observed {
    let series = |value: f64| {
        Fact::Known(Series {
            statistic: "Sum".to_owned(),
            period_seconds: 300,
            at: vec![window.start],
            values: vec![value],
        })
    };
    let unseen = number % 50 == 7;
    let errors = if fails && number.is_multiple_of(10) {
        40.0
    } else {
        0.0
    };
    Observed {
        resource,
        state: if number % 100 == 3 {
            Fact::Unreadable(GapId(0))
        } else {
            Fact::Known(ResourceState {
                word: Untrusted::from("Active"),
                condition: Condition::Good,
                reason: None,
            })
        },
        facts: BTreeMap::new(),
        metrics: ["invocations", "errors", "throttles", "duration_p95_ms"]
            .into_iter()
            .map(|name| {
                let value = match name {
                    _ if unseen => Fact::Unreadable(GapId(1)),
                    "invocations" => series(1_000.0),
                    "errors" => series(errors),
                    "throttles" => series(0.0),
                    _ => series(80.0),
                };
                (name.to_owned(), value)
            })
            .collect(),
        alarms: if number == 500 {
            Fact::Unreadable(GapId(2))
        } else {
            Fact::Known(Vec::new())
        },
        parts: Vec::new(),
        some_alarms: Vec::new(),
    }
}

#[test]
fn three_machines_commit_what_one_does_on_a_thousand_resources() {
    let world = many();
    same_on_one_and_on_three(&world, 3);
    let plan = world.fractary(&["shards", "--max", "8"]).run().exits(0);
    assert_eq!(
        plan.stdout,
        "{\"include\":[{\"shard\":\"1/2\",\"environment\":\"prod\",\"at\":\"2026-11-02T09:02:00Z\"},\
         {\"shard\":\"2/2\",\"environment\":\"prod\",\"at\":\"2026-11-02T09:02:00Z\"}]}\n"
    );
}

#[test]
fn what_a_missing_shard_was_to_see_is_unknown() {
    let world = demo("2026-11-02T09:02:00Z");
    for shard in ["1/3", "3/3"] {
        world.shard(shard).run().exits(0);
    }
    let outcome = world.merge().args(["--format", "json"]).run().exits(3);
    let report = outcome.json();
    insta::assert_snapshot!(
        serde_json::to_string_pretty(&json!({
            "overall_health": report["overall_health"],
            "resources": report["resources"],
            "errors": report["errors"],
        }))
        .expect("JSON")
    );
}

#[test]
fn a_bundle_is_a_recording_of_its_part() {
    let world = demo("2026-11-02T09:02:00Z");
    world.shard("2/3").run().exits(0);
    let path = world.bundles().join("prod-2-of-3.json");
    let bundle = world.bundle("prod-2-of-3.json");
    assert_eq!(bundle["part"]["shard"], "2/3");
    assert_eq!(bundle["part"]["at"], "2026-11-02T09:02:00Z");
    assert_eq!(
        bundle["part"]["base"].as_str().map(str::to_owned),
        Some(world.git(&["rev-parse", "HEAD"]).trim().to_owned())
    );
    let seen = bundle["calls"][1]["request"]["resources"]
        .as_array()
        .map_or(0, Vec::len);
    assert_eq!(seen, 5);
    let report = world
        .fractary(&["health", "--env", "prod", "--format", "json", "--replay"])
        .args([path])
        .run()
        .exits(3)
        .json();
    // One of the five, a cluster, is of no kind that is judged.
    assert_eq!(report["resources"]["healthy"], 4);
    assert_eq!(report["resources"]["unknown"], 6);
}

/// Joins after a change of the bundles of two shards, and returns what is said.
fn refused(world: &World, change: impl FnOnce(&World, &Path)) -> String {
    drop(std::fs::remove_dir_all(world.bundles()));
    for shard in ["1/2", "2/2"] {
        world.shard(shard).run().exits(0);
    }
    change(world, &world.bundles());
    let before = world.git(&["rev-parse", "HEAD"]);
    let outcome = world.merge().run();
    assert_ne!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(
        world.git(&["rev-parse", "HEAD"]),
        before,
        "nothing is committed"
    );
    assert_eq!(world.git(&["status", "--porcelain"]), "");
    let folder = world.folder.path().display().to_string();
    format!(
        "{}\n{}",
        outcome.code,
        outcome.stderr.replace(&folder, "/tmp/x")
    )
}

const FIRST: &str = "prod-1-of-2.json";
const SECOND: &str = "prod-2-of-2.json";

#[test]
fn bundles_that_are_no_parts_of_one_run_are_refused() {
    let world = demo("2026-11-02T09:02:00Z");
    let copy = |folder: &Path, from: &str, to: &str| {
        std::fs::copy(folder.join(from), folder.join(to)).expect("it can be copied");
    };
    let said = [
        refused(&world, |_, folder| copy(folder, FIRST, "again.json")),
        refused(&world, |world, _| {
            world.rewrite(FIRST, |one| one["part"]["shard"] = json!("1/3"))
        }),
        refused(&world, |world, _| {
            world.rewrite(FIRST, |one| one["part"]["shard"] = json!("7/3"))
        }),
        refused(&world, |world, _| {
            world.rewrite(SECOND, |one| one["part"]["base"] = json!("a".repeat(40)))
        }),
        refused(&world, |world, _| {
            world.rewrite(SECOND, |one| {
                one["part"]["at"] = json!("2026-11-02T09:03:00Z")
            })
        }),
        refused(&world, |world, _| {
            world.rewrite(SECOND, |one| {
                for place in ["request", "reply"] {
                    let window = match place {
                        "request" => &mut one["calls"][1]["request"]["window"],
                        _ => &mut one["calls"][1]["reply"]["snapshot"]["window"],
                    };
                    window["end"] = json!("2026-11-02T10:00:00Z");
                }
            });
        }),
        refused(&world, |world, _| {
            world.rewrite(FIRST, |one| {
                one["part"]["environments"] = json!(["prod", "other"])
            })
        }),
        refused(&world, |world, _| {
            world.rewrite(FIRST, |one| {
                one["part"]["environments"] = json!(["other"]);
                one["calls"][1]["request"]["environment"] = json!("other");
                one["calls"][1]["reply"]["snapshot"]["environment"] = json!("other");
            });
        }),
        refused(&world, |world, _| {
            let first = world.bundle(FIRST)["part"].clone();
            let second = world.bundle(SECOND)["part"].clone();
            world.rewrite(FIRST, |one| one["part"] = second);
            world.rewrite(SECOND, |one| one["part"] = first);
        }),
        refused(&world, |world, _| {
            world.rewrite(SECOND, |one| {
                one["calls"][1]["reply"]["snapshot"]["identity"]["known"]["account"] =
                    json!("999999999999");
            });
        }),
        refused(&world, |world, _| {
            world.rewrite(SECOND, |one| {
                one["calls"][1]["reply"]["snapshot"]["read_from"] = json!("1970-01-01T00:00:00Z");
            });
        }),
        refused(&world, |world, folder| {
            std::fs::copy(&world.recording, folder.join("whole.json")).expect("it can be copied");
        }),
        refused(&world, |_, folder| {
            std::fs::write(folder.join("x.json"), "{").expect("it can be written")
        }),
        refused(&world, |_, folder| {
            std::fs::remove_dir_all(folder).expect("it is there");
            std::fs::create_dir(folder).expect("it is gone");
        }),
        refused(&world, |_, folder| {
            std::fs::remove_dir_all(folder).expect("it is there")
        }),
    ];
    insta::with_settings!({ filters => vec![(r"\b[0-9a-f]{10}\b", "[commit]")] }, {
        insta::assert_snapshot!(said.join("\n"));
    });
}

#[test]
fn what_was_seen_counts_on_later_commits_but_not_after_a_later_run() {
    let world = demo("2026-11-02T09:12:00Z");
    let shards = |world: &World| {
        for shard in ["1/2", "2/2"] {
            world.shard(shard).run().exits(0);
        }
    };
    shards(&world);
    let seen_at = world.git(&["rev-parse", "HEAD"]);
    std::fs::write(world.repository().join("more.txt"), "more").expect("it can be written");
    world.git(&["add", "more.txt"]);
    world.git(&["commit", "--quiet", "--message", "More"]);
    world.merge().run().exits(1);
    // Twice is once too often, and so is after a run that saw more.
    let outcome = world.merge().run().exits(2);
    assert!(outcome.stderr.contains("already"), "{}", outcome.stderr);
    world.git(&["reset", "--quiet", "--hard", seen_at.trim()]);
    world
        .fractary(&["run", "--env", "prod", "--at", "2026-11-02T09:22:00Z"])
        .args(["--replay".as_ref(), world.recording.as_os_str()])
        .run()
        .exits(1);
    let before = world.git(&["rev-parse", "HEAD"]);
    let outcome = world.merge().run().exits(2);
    assert!(outcome.stderr.contains("already"), "{}", outcome.stderr);
    assert_eq!(world.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn a_shard_writes_nothing_to_git_whatever_it_is_told() {
    let world = demo("2026-11-02T09:02:00Z");
    for option in ["--commit", "--write", "--dry-run"] {
        let outcome = world.shard("1/2").args([option]).run().exits(2);
        assert!(outcome.stderr.contains("--shard"), "{}", outcome.stderr);
    }
    for wrong in ["0/2", "3/2", "x"] {
        world.shard(wrong).run().exits(2);
    }
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}
