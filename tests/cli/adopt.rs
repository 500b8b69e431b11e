//! Adopting from files as they come: several states of one environment, states of nothing,
//! and what tools print around the JSON.

use serde_json::{Value, json};

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const REGISTRY: &str = ".fractary/plugins/faber-cloud/deployments/prod/registry.json";

fn repo() -> Repo {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    let arguments = ["--account", "111122223333", "--region", "eu-west-1"];
    Fractary::in_repo(&repo)
        .args(["init", "--env", "prod"])
        .args(arguments)
        .run()
        .exits(0);
    repo
}

fn adopt(repo: &Repo, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo)
        .at("2026-11-21T10:00:00Z")
        .env("COLUMNS", "80")
        .args(["adopt", "--env", "prod"])
        .args(arguments)
}

fn arn(name: &str, account: &str) -> String {
    format!("arn:aws:lambda:eu-west-1:{account}:function:{name}")
}

fn state_of(account: &str, lineage: &str, names: &[&str]) -> String {
    let resources: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({ "mode": "managed", "type": "aws_lambda_function", "name": name,
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                "instances": [{ "attributes": { "id": name, "function_name": name,
                    "arn": arn(name, account) } }] })
        })
        .collect();
    json!({ "version": 4, "serial": 7, "lineage": lineage, "outputs": {}, "resources": resources })
        .to_string()
}

fn state(lineage: &str, names: &[&str]) -> String {
    state_of("111122223333", lineage, names)
}

fn shown(names: &[&str]) -> String {
    let resources: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({ "address": format!("aws_lambda_function.{name}"), "mode": "managed",
                "type": "aws_lambda_function", "name": name,
                "values": { "id": name, "function_name": name, "arn": arn(name, "111122223333") } })
        })
        .collect();
    json!({ "format_version": "1.0", "values": { "root_module": { "resources": resources } } })
        .to_string()
}

/// Names of the registered functions.
fn registered(repo: &Repo) -> Vec<String> {
    let registry: Value = serde_json::from_str(&repo.read(REGISTRY)).expect("JSON");
    let entries = registry["resources"].as_array().expect("a list").iter();
    entries
        .map(|entry| entry["aws_id"].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn states_of_one_environment_do_not_prune_each_other() {
    let repo = repo();
    repo.write(&[
        ("network.tfstate", &state("11111111-aaaa", &["edge"])),
        (
            "shop.tfstate",
            &state("22222222-bbbb", &["api", "mail", "jobs", "old"]),
        ),
    ]);
    adopt(&repo, &["network.tfstate"]).run().exits(0);
    let second = adopt(&repo, &["shop.tfstate"]).run().exits(0);
    insta::assert_snapshot!(second.stdout);
    let commits = repo.log().len();
    adopt(&repo, &["network.tfstate", "--prune"]).run().exits(0);
    adopt(&repo, &["network.tfstate", "shop.tfstate"])
        .run()
        .exits(0);
    assert_eq!(repo.log().len(), commits);

    // A state that was moved is the same by its lineage.
    std::fs::remove_file(repo.path().join("shop.tfstate")).expect("it is there");
    repo.write(&[(
        "elsewhere.tfstate",
        &state("22222222-bbbb", &["api", "mail", "jobs"]),
    )]);
    let told = adopt(&repo, &["elsewhere.tfstate"]).run().exits(0);
    insta::assert_snapshot!(told.stdout);
    adopt(&repo, &["elsewhere.tfstate", "--prune"])
        .run()
        .exits(0);
    assert_eq!(registered(&repo), ["api", "edge", "jobs", "mail"]);
}

#[test]
fn a_copied_state_is_another_one() {
    let repo = repo();
    repo.write(&[
        ("a.tfstate", &state("44444444-dddd", &["api", "mail"])),
        ("b.tfstate", &state("44444444-dddd", &["jobs"])),
    ]);
    adopt(&repo, &["a.tfstate"]).run().exits(0);
    adopt(&repo, &["b.tfstate", "--prune"]).run().exits(0);
    let again = adopt(&repo, &["b.tfstate"]).run().exits(0).stdout;
    assert!(again.contains("2 entries of other sources kept"), "{again}");
    assert!(!again.contains("not found"), "{again}");
    assert_eq!(registered(&repo), ["api", "jobs", "mail"]);
}

#[test]
fn a_state_of_nothing_empties_no_registry() {
    let repo = repo();
    repo.write(&[
        (
            "shop.tfstate",
            &state("22222222-bbbb", &["api", "mail", "jobs"]),
        ),
        ("fresh.tfstate", &state("33333333-cccc", &[])),
        ("shown.json", "{\"format_version\":\"1.0\"}\n"),
    ]);
    adopt(&repo, &["shop.tfstate"]).run().exits(0);
    let commits = repo.log().len();
    repo.write(&[("shop.tfstate", &state("22222222-bbbb", &[]))]);
    let mut said = Vec::new();
    for arguments in [
        &["fresh.tfstate"][..],
        &["shown.json"],
        &["shop.tfstate", "--prune"],
        &["shop.tfstate", "shown.json", "--prune"],
    ] {
        said.push(adopt(&repo, arguments).run().exits(2).stderr);
    }
    insta::assert_snapshot!(said.join("\n"));
    // Nothing is known to have come from here, so nothing goes.
    for other in ["fresh.tfstate", "shown.json"] {
        adopt(&repo, &[other, "--prune", "--prune-many"])
            .run()
            .exits(0);
    }
    assert_eq!(registered(&repo), ["api", "jobs", "mail"]);
    assert_eq!(repo.log().len(), commits);
    // What to look at is of the tool that wrote the file.
    for (file, text, shows) in [
        (
            "pulumi.json",
            "{\"version\":3,\"deployment\":{\"manifest\":{},\"resources\":null}}\n",
            "`pulumi stack` shows",
        ),
        (
            "stack.json",
            "{\"StackResources\":[]}\n",
            "`aws cloudformation list-stacks` shows",
        ),
    ] {
        repo.write(&[(file, text)]);
        let said = adopt(&repo, &[file]).run().exits(2).stderr;
        assert!(said.contains("the stack names no resources"), "{said}");
        assert!(said.contains(shows), "{said}");
        assert!(!said.contains("terraform"), "{said}");
    }
    adopt(&repo, &["shop.tfstate", "--prune", "--prune-many"])
        .run()
        .exits(0);
    assert_eq!(registered(&repo), Vec::<String>::new());
}

#[test]
fn what_has_no_name_of_its_own_is_named_to_prune() {
    let repo = repo();
    let pipe = |text: String, more: &[&str]| adopt(&repo, &["-"]).args(more).input(text);
    pipe(shown(&["api", "mail"]), &[]).run().exits(0);
    let refused = pipe(shown(&["api"]), &["--prune"]).run().exits(2);
    insta::assert_snapshot!(refused.stderr);
    pipe(shown(&["api"]), &["--prune", "--source", "shop"])
        .run()
        .exits(0);
    assert_eq!(
        registered(&repo),
        ["api", "mail"],
        "nothing says what brought `mail`"
    );
    pipe(shown(&["api", "mail"]), &["--source", "shop"])
        .run()
        .exits(0);
    pipe(shown(&["api"]), &["--source", "shop", "--prune"])
        .run()
        .exits(0);
    assert_eq!(registered(&repo), ["api"]);
}

#[test]
fn entries_of_before_go_where_that_is_asked_for() {
    let repo = repo();
    let entry = |name: &str| json!({ "type": "aws_lambda_function", "aws_id": name, "arn": arn(name, "111122223333") });
    let old = json!({ "version": "1.0.0", "environment": "prod",
        "resources": [entry("api"), entry("by-hand"), entry("c"), entry("d"), entry("e")] });
    repo.write(&[
        (REGISTRY, &format!("{old:#}\n")),
        (
            "shop.tfstate",
            &state("22222222-bbbb", &["api", "c", "d", "e"]),
        ),
    ]);
    repo.commit_all("A registry of before");
    let told = adopt(&repo, &["shop.tfstate", "--prune"]).run().exits(0);
    insta::assert_snapshot!(told.stdout);
    assert_eq!(registered(&repo).len(), 5);
    let pruned = adopt(&repo, &["shop.tfstate", "--prune", "--prune-unclaimed"]);
    pruned.run().exits(0);
    assert_eq!(registered(&repo), ["api", "c", "d", "e"]);
}

#[test]
fn json_is_found_in_what_tools_print() {
    let document = shown(&["api", "mail"]);
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(document.replace('\n', "\r\n").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (input, warning) in [
        (
            format!("[command]/opt/terraform-bin show -json\n{document}\n\n").into_bytes(),
            "terraform_wrapper: false",
        ),
        (
            format!("Warning: old\n\n  on main.tf\n{document}\n").into_bytes(),
            "2 lines that are not JSON",
        ),
        (
            format!("{}\n{}\n", shown(&["api"]), shown(&["mail"])).into_bytes(),
            "",
        ),
        (
            format!(
                "[live/a] {}\n[live/b] {}\n",
                shown(&["api"]),
                shown(&["mail"])
            )
            .into_bytes(),
            "--tf-forward-stdout",
        ),
        (format!("\u{feff}{document}\r\n").into_bytes(), ""),
        (utf16, ""),
    ] {
        let repo = repo();
        let run = adopt(&repo, &["-"]).input(input).run().exits(0);
        assert_eq!(registered(&repo), ["api", "mail"], "{}", run.stderr);
        assert!(run.stderr.contains(warning), "{}", run.stderr);
        assert_eq!(
            run.stderr.contains("not JSON"),
            !warning.is_empty(),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn half_of_what_was_printed_is_refused_whole() {
    let repo = repo();
    let mut said = Vec::new();
    for input in [
        format!("{}\n{{\"outputs\":{{}}}}\n", shown(&["api"])),
        format!("{}\n{}", shown(&["api"]), &shown(&["mail"])[..60]),
        "Error: No stored state was found\n".to_owned(),
        "[live/a] {\n[live/a]   \"format_version\": \"1.0\"\n".to_owned(),
    ] {
        let refused = adopt(&repo, &["-"]).input(input).run().exits(2);
        said.push(refused.stderr);
    }
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(registered(&repo), Vec::<String>::new());
}

#[test]
fn another_account_is_named_with_where_to_change_it() {
    let repo = repo();
    repo.write(&[
        (
            "other.tfstate",
            &state_of("444455556666", "1-a", &["api", "mail"]),
        ),
        ("shop.tfstate", &state("2-b", &["jobs"])),
    ]);
    let bucket = state_of("444455556666", "1-a", &["api"]).replace(
        "\"resources\":[",
        "\"resources\":[{\"mode\":\"managed\",\"type\":\"aws_s3_bucket\",\"name\":\"up\",\"provider\":\"\",\
         \"instances\":[{\"attributes\":{\"id\":\"up\",\"bucket\":\"up\",\"arn\":\"arn:aws:s3:::up\"}}]},",
    );
    repo.write(&[("bucket.tfstate", &bucket)]);
    adopt(&repo, &["bucket.tfstate"]).run().exits(2);
    let refused = adopt(&repo, &["other.tfstate"]).run().exits(2);
    insta::assert_snapshot!(refused.stderr);
    assert_eq!(registered(&repo), Vec::<String>::new());
    let partly = adopt(&repo, &["other.tfstate", "shop.tfstate"])
        .run()
        .exits(0);
    insta::assert_snapshot!(partly.stdout);
    let place = "`account_id` in .fractary/shared/environments.json";
    assert!(partly.stderr.contains(place), "{}", partly.stderr);
}

#[test]
fn stacks_of_other_tools_are_registered() {
    let account = |text: &str| text.replace("123456789012", "111122223333");
    let pulumi = account(include_str!("../data/iac/shop-pulumi.json"));
    let stack = account(include_str!("../data/iac/shop-stack.json"));
    for (file, text, expected) in [
        (
            "pulumi.json",
            pulumi,
            [
                "arn:aws:lambda:eu-west-1:111122223333:function:worker-3c4d",
                "arn:aws:rds:eu-west-1:111122223333:db:shop",
                "arn:aws:sqs:eu-west-1:111122223333:jobs-1a2b",
            ],
        ),
        // CloudFormation names no ARN of functions and queues.
        (
            "stack.json",
            stack,
            [
                "arn:aws:lambda:eu-west-1:111122223333:function:shop-Worker-3C4D",
                "arn:aws:sns:eu-west-1:111122223333:shop-Alerts",
                "arn:aws:sqs:eu-west-1:111122223333:shop-Jobs-1A2B",
            ],
        ),
    ] {
        let repo = repo();
        repo.write(&[(file, &text)]);
        let run = adopt(&repo, &[file]).run().exits(0);
        let text = repo.read(REGISTRY);
        assert!(!text.contains("planted"), "{text}");
        let registry: Value = serde_json::from_str(&text).expect("JSON");
        let entries = registry["resources"].as_array().expect("a list").iter();
        let mut arns: Vec<&str> = entries
            .map(|entry| entry["arn"].as_str().expect("an ARN"))
            .collect();
        arns.sort_unstable();
        assert_eq!(arns, expected, "{}", run.stdout);
    }
}
