//! One action on several resources, and what an action leaves for the Terraform code.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{MONITORING, Scene, TERMINAL, UPDATE, shows};
use crate::support::emulator;
use crate::support::fault::{Fault, Rule};
use crate::world::{self, NOW, call};

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

fn functions(names: &[&str]) -> Scene {
    let emulator = emulator::ministack();
    let steps: Vec<Value> = names
        .iter()
        .map(|name| json!({ "do": "function", "name": name }))
        .collect();
    let made = emulator.seed(&steps);
    let resources: Vec<Value> = names
        .iter()
        .zip(&made)
        .map(|(name, made)| {
            json!({ "type": "aws_lambda_function", "aws_id": name, "arn": made["arn"],
                "terraform_address": format!("aws_lambda_function.{name}") })
        })
        .collect();
    Scene::new(emulator, &resources)
}

fn services<'a>(names: &[&'a str]) -> Vec<&'a str> {
    names.iter().flat_map(|name| ["--service", name]).collect()
}

fn memory(scene: &Scene, name: &str) -> Value {
    let asked = call(
        "lambda",
        "get_function_configuration",
        json!({ "FunctionName": name }),
    );
    scene.emulator.seed(&[asked])[0]["MemorySize"].clone()
}

#[test]
fn of_eight_in_a_protected_environment_none_is_begun_after_the_first_failed() {
    let scene = functions(&NAMES);
    scene.protect();
    scene
        .proxy
        .set_rules([Rule::on(UPDATE, Fault::Deny).nth(1)]);
    let arguments = [
        &["remediate", "raise_lambda_memory", "--set", "memory=256"][..],
        &services(&NAMES),
        &["--env", "test", "--format", "json"],
    ]
    .concat();
    let run = world::fractary(&scene.repo, &scene.proxy.url(), NOW, &arguments);
    let typed = run
        .env("ANSWERS", "yes,test")
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .through("python3", TERMINAL)
        .run()
        .exits(1);
    // It is asked once, for all of them.
    assert_eq!(typed.stdout.matches("Continue? (yes/no)").count(), 1);
    let at = typed.stdout.find("\n{").expect("the answer");
    let answer: Value = serde_json::from_str(&typed.stdout[at..]).expect("JSON");
    let outcomes: Vec<&str> = answer["resources"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["outcome"].as_str().expect("a word"))
        .collect();
    assert_eq!(outcomes[0], "failed");
    assert_eq!(outcomes[1..], ["not_started"; 7]);
    assert_eq!(scene.updates(), Some(1));
    assert_eq!(scene.outcomes(), ["started", "failed"]);
    assert_eq!(memory(&scene, "b"), 128);
    scene.is_sound();
}

#[test]
fn elsewhere_one_may_fail_and_the_rest_is_done_in_growing_steps() {
    let scene = functions(&NAMES[..4]);
    // A quarter of four is one, which would go one after the other.
    let text = scene.repo.read(MONITORING);
    let wide = text.replace(
        "[remediation]\n",
        "[remediation]\nmax_share_percent = 100.0\n",
    );
    assert_ne!(text, wide);
    scene.repo.write(&[(MONITORING, &wide)]);
    scene.repo.commit_all("All of a kind at once");
    let arguments = [
        &["raise_lambda_memory", "--set", "memory=256"][..],
        &services(&NAMES[..4]),
    ]
    .concat();
    let plans = scene
        .remediate(&[&arguments[..], &["--dry-run"]].concat())
        .exits(0);
    assert_eq!(plans.stdout.matches("You are about to").count(), 4);
    assert_eq!(scene.updates(), None);
    // The first of the second step fails; the one beside it and the one after it do not.
    scene
        .proxy
        .set_rules([Rule::on(UPDATE, Fault::Deny).nth(2)]);
    let done = scene
        .remediate(&[&arguments[..], &["--yes"]].concat())
        .exits(1);
    shows(&done, "4 resources in test");
    assert_eq!(
        done.stdout.matches(": unverified:").count(),
        3,
        "{}",
        done.stdout
    );
    assert_eq!(
        done.stdout.matches(": failed:").count(),
        1,
        "{}",
        done.stdout
    );
    assert_eq!(scene.updates(), Some(4));
    // One, then two at once, then the rest.
    let outcomes = scene.outcomes();
    assert_eq!(
        outcomes[..4],
        ["started", "unverified", "started", "started"]
    );
    assert_eq!(outcomes[6..], ["started", "unverified"]);
    let changed = NAMES[..4].iter().filter(|name| memory(&scene, name) == 256);
    assert_eq!(changed.count(), 3);
    // A dry run is one document, with those for which there is nothing to do.
    let plans = scene
        .remediate(&[&arguments[..], &["--dry-run", "--format", "json"]].concat())
        .exits(0);
    let plans: Value = serde_json::from_str(&plans.stdout).expect("one document");
    let verdicts = plans.as_array().expect("a list").iter();
    let mut verdicts: Vec<&str> = verdicts
        .map(|one| one["verdict"].as_str().expect("a word"))
        .collect();
    // Which one of the second step has failed is not known.
    verdicts.sort_unstable();
    assert_eq!(verdicts, ["nothing", "nothing", "nothing", "ready"]);
    scene.is_sound();
    for (more, why) in [
        (
            &["raise_lambda_memory", "--service", "a", "--service", "a"][..],
            "named twice",
        ),
        (
            &["restart", "--service", "a", "--service", "b", "--propose"],
            "is about one resource",
        ),
        (
            &["restart", "a", "--max-errors", "2"],
            "is for several resources",
        ),
        (
            &["restart", "now", "--service", "a", "--service", "b"],
            "an action and nothing else",
        ),
    ] {
        let sets = ["--set", "memory=512"];
        let given = match more[0] {
            "raise_lambda_memory" => [more, &sets].concat(),
            _ => more.to_vec(),
        };
        scene.is_refused(&given, 2, why);
    }
    assert_eq!(scene.updates(), Some(4));
}

#[test]
fn a_dry_run_names_what_has_nothing_to_do() {
    let scene = functions(&NAMES[..2]);
    let action = ["raise_lambda_memory", "--set", "memory=256"];
    scene.apply(&[&action[..], &["a"]].concat());
    let arguments = [&action[..], &services(&NAMES[..2]), &["--dry-run"]].concat();
    let plans = scene.remediate(&arguments).exits(0);
    assert_eq!(plans.stdout.matches("You are about to").count(), 1);
    shows(
        &plans,
        "Nothing to do for a: the function has 256 MB already.",
    );
    let plans = scene.remediate(&[&arguments[..], &["--format", "json"]].concat());
    let plans = plans.exits(0).json();
    let verdicts: Vec<&Value> = plans
        .as_array()
        .into_iter()
        .flatten()
        .map(|plan| &plan["verdict"])
        .collect();
    assert_eq!(verdicts, ["nothing", "ready"], "{plans:#}");
}

#[test]
fn what_an_action_has_changed_is_a_patch_of_the_code() {
    let scene = functions(&NAMES[..1]);
    let code = "terraform {\n  backend \"local\" {}\n}\n\nresource \"aws_lambda_function\" \"a\" {\n  \
        function_name = \"a\"\n  memory_size   = 128 # enough\n}\n";
    scene.repo.write(&[("infra/main.tf", code)]);
    scene.repo.commit_all("Code");
    scene.apply(&["raise_lambda_memory", "a", "--set", "memory=512"]);
    let id = scene.last_id();
    let patch = scene.remediate(&["--patch", &id]).exits(0);
    shows(
        &patch,
        "-  memory_size   = 128 # enough\n+  memory_size   = 512 # enough\n",
    );
    assert_eq!(scene.repo.status(), "", "nothing is written");
    let mut git = Command::new("git")
        .args([
            "-C",
            &scene.repo.path().display().to_string(),
            "apply",
            "--index",
        ])
        .stdin(Stdio::piped())
        .spawn()
        .expect("git starts");
    std::io::Write::write_all(
        &mut git.stdin.take().expect("a pipe"),
        patch.stdout.as_bytes(),
    )
    .expect("it is read");
    assert!(git.wait().expect("it ends").success());
    assert!(
        scene
            .repo
            .read("infra/main.tf")
            .contains("memory_size   = 512 # enough")
    );
    scene.repo.commit_all("Take it over");
    let again = scene.remediate(&["--patch", &id]).exits(0);
    assert!(
        again.stderr.contains("nothing would change"),
        "{}",
        again.stderr
    );
    // What only people can change is left to them, with the place.
    let by_variable = code.replace("= 128 # enough", "= var.memory");
    scene.repo.write(&[("infra/main.tf", &by_variable)]);
    scene.repo.commit_all("A variable");
    let why = "infra/main.tf:7: memory_size is no plain value there: `var.memory`";
    scene.is_refused(&["--patch", &id], 2, why);
    scene.is_refused(&["--patch", &id], 2, "by hand: memory_size = 512");
    // What is undone has left nothing.
    scene.undo();
    scene.is_refused(&["--patch", &id], 2, "it is undone");
    scene.apply(&["restart", "a"]);
    let id = scene.last_id();
    scene.is_refused(&["--patch", &id], 2, "there is nothing to take over");
    scene.is_refused(&["--patch", "r-none"], 2, "no remediation `r-none`");
    let more = ["--undo", &id, "--set", "memory=256", "--yes"];
    scene.is_refused(&more, 2, "takes neither an action nor a parameter");
    scene.is_refused(
        &["--undo", "", "--yes"],
        2,
        "the id of the remediation is empty",
    );
    scene.is_sound();
}
