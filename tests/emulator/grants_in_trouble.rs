//! Grants where something goes wrong: killed on the way, two at once, no network, no permission,
//! files that are being edited, and what others have written.

use serde_json::{Value, json};

use super::grants::{DEPLOYER, GRANTER, Scene, policy, put_policy};
use crate::support::emulator;
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::{Fractary, Outcome};
use crate::support::proxy::Proxy;
use crate::world::call;

const AUDIT: &str = ".fractary/plugins/faber-cloud/deployments/iam-audit.json";
const ENVIRONMENTS: &str = ".fractary/shared/environments.json";
const AT: &str = "2099-03-01T12:00:00Z";
const LATER: &str = "2099-03-01T12:20:00Z";

fn grant(action: &str) -> [&str; 5] {
    ["permissions", "grant", "--action", action, "--yes"]
}

fn through(scene: &Scene, url: &str, at: &str, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(&scene.repo)
        .endpoint(url)
        .env("AWS_MAX_ATTEMPTS", "1")
        .at(at)
        .args(arguments)
}

fn statuses(scene: &Scene) -> Vec<String> {
    let all = scene.audit().into_iter();
    all.map(|one| one["status"].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn a_grant_that_was_killed_is_closed_by_what_aws_shows() {
    for (is_sent, outcome) in [(false, "revoked"), (true, "granted")] {
        let scene = Scene::new();
        let proxy = Proxy::start(scene.emulator.address());
        // Before AWS has the policy, or when it has it and nobody has looked yet.
        let (stuck, times) = match is_sent {
            false => ("iam:CreatePolicy", 1),
            true => ("iam:GetAccountAuthorizationDetails", 2),
        };
        proxy.set_rules([Rule::on(stuck, Fault::Hang).nth(times)]);
        let mut child = through(&scene, &proxy.url(), AT, &grant("sqs:CreateQueue")).spawn();
        while proxy.counts().get(stuck).copied().unwrap_or_default() < times {
            let ended = child.try_wait().expect("a child can be asked");
            assert_eq!(ended, None, "it ended before it was killed");
            std::thread::yield_now();
        }
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        proxy.set_rules([]);
        assert_eq!(statuses(&scene), ["started"], "{is_sent}");
        let list = scene.run(&["permissions", "list"]).exits(0);
        assert!(list.stdout.contains("started"), "{}", list.stdout);
        // Whoever comes next does not write over what may still be on its way.
        let early = scene.run(&grant("sqs:TagQueue")).exits(4);
        assert!(
            early.stderr.contains("is being changed already"),
            "{}",
            early.stderr
        );
        let diff = scene.run(&["permissions", "diff"]).exits(1);
        assert!(
            diff.stdout.contains("how it ended was never recorded"),
            "{}",
            diff.stdout
        );
        scene
            .run(&["permissions", "sync", "--to", "record"])
            .exits(0);
        assert_eq!(statuses(&scene), ["started", outcome], "{is_sent}");
        // Whoever asked for it did not take it back.
        let last = scene.audit().pop().expect("an entry");
        assert_eq!(last["granted_by"] == "Tester", is_sent, "{last}");
        scene.run(&["permissions", "diff"]).exits(0);
        scene.run(&grant("sqs:TagQueue")).exits(0);
        assert_eq!(scene.make_queue("acme-orders-test-jobs").is_ok(), is_sent);
        scene.run(&["check"]).exits(0);
    }
}

#[test]
fn of_two_grants_at_once_none_is_lost() {
    let scene = Scene::new();
    let proxy = Proxy::start(scene.emulator.address());
    // Both have read what is granted before either writes.
    let both = Rule::on("iam:GetAccountAuthorizationDetails", Fault::Gather(2)).first(2);
    proxy.set_rules([both]);
    let start = |action: &str| through(&scene, &proxy.url(), AT, &grant(action)).spawn();
    let children = [start("sqs:CreateQueue"), start("sns:CreateTopic")];
    let ended = children.map(Outcome::of);
    let codes: Vec<i32> = ended.iter().map(|one| one.code).collect();
    let refused: Vec<&Outcome> = ended.iter().filter(|one| one.code != 0).collect();
    assert_eq!(refused.len(), 1, "{codes:?} {ended:?}");
    assert_eq!(refused[0].code, 4);
    assert!(
        refused[0].stderr.contains("nothing was changed in AWS"),
        "{}",
        refused[0].stderr
    );
    assert_eq!(statuses(&scene), ["started", "granted"]);
    // Again, one after the other, both are there.
    scene.run(&grant("sqs:CreateQueue")).exits(0);
    scene.run(&grant("sns:CreateTopic")).exits(0);
    scene.run(&["permissions", "diff"]).exits(0);
    scene.run(&["check"]).exits(0);
}

#[test]
fn who_cannot_ask_or_may_not_grants_nothing_and_says_why() {
    let scene = Scene::new();
    let nobody = format!("http://{}", emulator::free_address());
    let cut_off = through(&scene, &nobody, AT, &grant("sqs:CreateQueue"))
        .run()
        .exits(3);
    assert!(
        cut_off.stderr.contains("who would grant is not known"),
        "{}",
        cut_off.stderr
    );
    // It may read, and not write.
    let reads = policy(&[
        json!({ "Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*" }),
    ]);
    scene.emulator.seed(&[put_policy(GRANTER, "iam", &reads)]);
    let denied = scene.run(&grant("sqs:CreateQueue")).exits(1);
    assert!(
        denied.stdout.contains("iam:CreatePolicy"),
        "{}",
        denied.stdout
    );
    assert_eq!(statuses(&scene), ["started", "failed"]);
    scene.run(&["permissions", "diff"]).exits(0);
    // It may not even read.
    let none = policy(&[json!({ "Effect": "Allow", "Action": "iam:GetUser", "Resource": "*" })]);
    scene.emulator.seed(&[put_policy(GRANTER, "iam", &none)]);
    for arguments in [&grant("sqs:CreateQueue")[..], &["permissions", "diff"]] {
        let blind = through(&scene, &scene.emulator.url(), LATER, arguments)
            .run()
            .exits(3);
        let named = "iam:GetAccountAuthorizationDetails";
        assert!(blind.stderr.contains(named), "{}", blind.stderr);
    }
    assert_eq!(statuses(&scene), ["started", "failed"]);
    scene.run(&["check"]).exits(0);
}

#[test]
fn a_record_that_is_being_edited_stops_a_grant_before_anything_is_sent() {
    let scene = Scene::new();
    scene.run(&grant("sqs:CreateQueue")).exits(0);
    let text = scene.repo.read(AUDIT);
    scene.repo.write(&[(AUDIT, &format!("{text}\n"))]);
    let edited = scene.run(&grant("sqs:TagQueue")).exits(5);
    assert!(
        edited.stderr.contains("iam-audit.json"),
        "{}",
        edited.stderr
    );
    scene.repo.write(&[(AUDIT, &text)]);
    scene.run(&["permissions", "diff"]).exits(0);
    // Other work that is not committed is no hindrance, and stays as it is.
    scene.repo.write(&[("notes.txt", "mine\n")]);
    scene.run(&grant("sqs:TagQueue")).exits(0);
    let status = scene.repo.git(&["status", "--porcelain"]);
    assert_eq!(status.trim(), "?? notes.txt");
    // A record that somebody has broken is told, and nothing is granted on top of it.
    scene.repo.write(&[(AUDIT, "{ \"version\": ")]);
    scene.repo.commit_all("Break the record");
    for arguments in [&grant("sns:CreateTopic")[..], &["permissions", "list"]] {
        let broken = scene.run(arguments).exits(2);
        assert!(
            broken.stderr.contains("iam-audit.json"),
            "{}",
            broken.stderr
        );
    }
}

#[test]
fn a_record_keeps_no_id_that_opens_a_request_however_its_line_was_cut() {
    let scene = Scene::new();
    let error = format!(
        "│ User: arn:aws:iam::000000000000:user/{DEPLOYER} is not authorized to perform: sqs:CreateQueue on resource: \
         arn:aws:sqs:eu-central-1:000000000000:acme-orders-test-jobs because no identity-based policy allows the \
         sqs:CreateQueue action. Go to https://eu-central-1.console.aws.amazon.com/iam/home#/authorization-details/k3j5h2x9 for \
         complete details, or call the GetRequestAuthorizationDetails API with the following authoriz\n\
         │ ation id: k3j5h2x9 Encoded authorization failure\n│ message: ZZtop-1_x9QwErTy"
    );
    scene
        .run(&["permissions", "grant", &error, "--yes"])
        .exits(0);
    let text = scene.repo.read(AUDIT);
    assert!(
        text.contains("is not authorized to perform: sqs:CreateQueue"),
        "{text}"
    );
    assert!(
        !text.contains("k3j5h2x9") && !text.contains("ZZtop"),
        "{text}"
    );
}

#[test]
fn what_was_taken_back_is_remembered_when_it_is_missed() {
    let scene = Scene::new();
    let made = [&grant("sqs:CreateQueue")[..], &["--format", "json"]].concat();
    let made = scene.run(&made).exits(0).json();
    let id = made["id"].as_str().expect("an id");
    let revoke = [
        "permissions",
        "revoke",
        id,
        "--yes",
        "--reason",
        "queues are gone",
    ];
    scene.run(&revoke).exits(0);
    let last = scene.audit().pop().expect("an entry");
    assert_eq!(
        (&last["status"], &last["because"]),
        (&json!("revoked"), &json!("queues are gone"))
    );
    let again = scene.run(&grant("sqs:CreateQueue")).exits(0);
    let said =
        format!("sqs:CreateQueue was taken back on 2099-03-01 by Tester: queues are gone ({id})");
    let shown = again
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(shown.contains(&said), "{}", again.stdout);
}

#[test]
fn what_iam_does_not_say_is_not_called_unused() {
    let scene = Scene::new();
    scene.run(&grant("sqs:CreateQueue")).exits(0);
    let list = ["permissions", "list", "--unused", "--format", "json"];
    let seen = |url: &str| -> String {
        let list = through(&scene, url, "2099-12-01T12:00:00Z", &list).run();
        let last_use = list.exits(0).json()["grants"][0]["last_use"].clone();
        assert_eq!(
            (&last_use["used"], &last_use["unused"]),
            (&json!([]), &json!([]))
        );
        let unknown = &last_use["unknown"][0];
        assert_eq!(unknown["action"], "sqs:CreateQueue");
        unknown["because"].as_str().expect("a reason").to_owned()
    };
    // MiniStack's access advisor knows no service, and its report is of today. What AWS's says is in
    // `cloud/aws/tests/last_use.rs`.
    seen(&scene.emulator.url());
    let proxy = Proxy::start(scene.emulator.address());
    let make = "iam:GenerateServiceLastAccessedDetails";
    proxy.set_rules([Rule::on(make, Fault::Deny)]);
    let because = seen(&proxy.url());
    assert!(because.contains(make), "{because}");
    an_environment_that_cannot_be_asked_hides_no_other(&scene);
    // Without the question nothing is asked of AWS at all.
    let nobody = format!("http://{}", emulator::free_address());
    through(&scene, &nobody, AT, &["permissions", "list"])
        .run()
        .exits(0);
}

fn an_environment_that_cannot_be_asked_hides_no_other(scene: &Scene) {
    let old = json!({ "profiles": {
        "acme-orders-prod-deploy": { "permissions": ["sqs:TagQueue"] } } });
    let file = scene.repo.home().join("old.json");
    std::fs::write(&file, old.to_string()).expect("a file");
    let path = file.to_str().expect("a path");
    scene.run(&["permissions", "import", path]).exits(0);
    let text = scene.repo.read(ENVIRONMENTS);
    let mut environments: Value = serde_json::from_str(&text).expect("JSON");
    let prod = environments["environments"]["prod"].as_object_mut();
    prod.expect("an environment").remove("account_id");
    scene
        .repo
        .write(&[(ENVIRONMENTS, &environments.to_string())]);
    let list = ["permissions", "list", "--unused", "--format", "json"];
    let url = scene.emulator.url();
    let listed = through(scene, &url, "2099-12-01T12:00:00Z", &list).run();
    let listed = listed.exits(0);
    let report = listed.json();
    let because = |name: &str| {
        let mut grants = report["grants"].as_array().expect("grants").iter();
        let grant = grants.find(|one| one["environment"] == name);
        let because = &grant.expect("a grant of it")["last_use"]["unknown"][0]["because"];
        because.as_str().expect("a reason").to_owned()
    };
    let missing = "the account of environment `prod` is not known";
    assert_eq!(because("prod"), missing);
    assert!(!because("test").contains("account"), "{report}");
    assert!(listed.stderr.contains(missing), "{}", listed.stderr);
    let only = [&["--env", "prod"][..], &list].concat();
    let refused = through(scene, &url, AT, &only).run().exits(2);
    assert!(refused.stderr.contains(missing), "{}", refused.stderr);
    scene.repo.write(&[(ENVIRONMENTS, &text)]);
}

#[test]
fn who_neither_deploys_nor_reads_gets_nothing() {
    let scene = Scene::new();
    let reader = format!("arn:aws:iam::000000000000:user/{DEPLOYER}-reader");
    let user = json!({ "UserName": format!("{DEPLOYER}-reader") });
    scene.emulator.seed(&[call("iam", "create_user", user)]);
    // Neither the one that deploys nor the one that reads: a file can name it, and gets nothing.
    let named = [&grant("sqs:CreateQueue")[..], &["--identity", &reader]].concat();
    let refused = scene.run(&named).exits(4);
    assert!(
        refused.stderr.contains("is not the identity that deploys"),
        "{}",
        refused.stderr
    );
    assert!(!scene.repo.path().join(AUDIT).exists());
}
