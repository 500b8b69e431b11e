//! A kind of one's own: the one of `docs/adding-a-kind.md`, typed off by a newcomer.

use serde_json::json;

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const KIND: &str = ".fractary/plugins/helm-cloud/kinds/sns.toml";
const DEPLOYED: &str = ".fractary/plugins/faber-cloud/deployments/prod/DEPLOYED.md";

fn fractary(repo: &Repo, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo)
        .at("2026-11-21T10:00:00Z")
        .args(arguments)
}

/// The kind in the documents.
fn sns() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/adding-a-kind.md");
    let text = std::fs::read_to_string(path).expect("it is there");
    let (_, rest) = text.split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0.to_owned()
}

/// A repository whose registry has a topic, and no kind for it.
fn with_a_topic() -> Repo {
    let arn = "arn:aws:sns:eu-west-1:123456789012:events";
    let state = json!({
        "version": 4, "terraform_version": "1.9.8", "serial": 1,
        "lineage": "6f0f4a52-9e1c-4d1b-8a55-0c7d3c1f2e90", "outputs": {},
        "resources": [{
            "mode": "managed", "type": "aws_sns_topic", "name": "events",
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{ "schema_version": 0,
                "attributes": { "arn": arn, "id": arn, "name": "events" } }],
        }],
    });
    let repo = Repo::new(&[("terraform.tfstate", &state.to_string())]);
    let account = "123456789012";
    let init = [
        "init",
        "--env",
        "prod",
        "--account",
        account,
        "--region",
        "eu-west-1",
    ];
    fractary(&repo, &init).run().exits(0);
    adopt(&repo, &[]);
    assert!(repo.read(DEPLOYED).contains("aws_sns_topic"));
    repo
}

fn adopt(repo: &Repo, more: &[&str]) {
    let arguments = ["adopt", "terraform.tfstate", "--env", "prod"];
    fractary(repo, &[&arguments, more].concat()).run().exits(0);
}

#[test]
fn the_fix_that_check_offers_for_a_page_before_a_new_kind_works() {
    let repo = with_a_topic();
    repo.write(&[(KIND, &sns())]);
    let outcome = fractary(&repo, &["check"]).run().exits(2);
    insta::assert_snapshot!(outcome.stdout);

    let offered = offered_adopt(&outcome.stdout);
    assert_eq!(offered, ["adopt", "--env", "prod"]);
    repo.commit_all("Add a kind");
    fractary_of(&repo, &offered).run().exits(0);
    assert!(repo.read(DEPLOYED).contains("SNS topics"));
    assert_eq!(repo.status(), "");
    fractary(&repo, &["check", "--strict"]).run().exits(0);
    // Again, and nothing is left to write.
    let commits = repo.log().len();
    fractary_of(&repo, &offered).run().exits(0);
    assert_eq!(repo.log().len(), commits);
}

#[test]
fn the_fix_that_check_offers_for_a_registry_that_was_edited_works() {
    let repo = with_a_topic();
    let registry = ".fractary/plugins/faber-cloud/deployments/prod/registry.json";
    let edited = repo
        .read(registry)
        .replace("aws_sns_topic.events", "aws_sns_topic.occurrences");
    repo.write(&[(registry, &edited)]);
    let outcome = fractary(&repo, &["check"]).run().exits(2);
    let offered = offered_adopt(&outcome.stdout);
    assert_eq!(offered, ["adopt", "--env", "prod", "--write"]);
    fractary_of(&repo, &offered).run().exits(0);
    assert!(repo.read(registry).contains("aws_sns_topic.occurrences"));
    fractary(&repo, &["check", "--strict"]).run().exits(0);
}

#[test]
fn without_a_source_nothing_is_adopted_and_nothing_pruned() {
    let repo = with_a_topic();
    let prune = ["adopt", "--env", "prod", "--prune"];
    let refused = fractary(&repo, &prune).run().exits(2);
    assert!(
        refused.stderr.contains("needs a source"),
        "{}",
        refused.stderr
    );
    let empty = Repo::new(&[("README.md", "# Mine\n")]);
    fractary(&empty, &["init", "--env", "prod"]).run().exits(0);
    let refused = fractary(&empty, &["adopt", "--env", "prod"]).run().exits(2);
    assert!(
        refused.stderr.contains("nothing says what to adopt"),
        "{}",
        refused.stderr
    );
}

/// The command line in backticks that begins with `fractary adopt`, as `check` prints it.
fn offered_adopt(stdout: &str) -> Vec<String> {
    let words: Vec<&str> = stdout.split_whitespace().collect();
    let text = words.join(" ");
    let (_, rest) = text.split_once("`fractary adopt").expect("it is offered");
    let (more, _) = rest.split_once('`').expect("its end");
    let all = std::iter::once("adopt").chain(more.split_whitespace());
    all.map(str::to_owned).collect()
}

fn fractary_of(repo: &Repo, arguments: &[String]) -> Fractary {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    fractary(repo, &arguments)
}

#[test]
fn adopting_again_commits_the_page_and_nothing_else() {
    let repo = with_a_topic();
    repo.write(&[(KIND, &sns())]);
    repo.commit_all("Add a kind");
    let commits = repo.log().len();
    adopt(&repo, &[]);
    assert_eq!(repo.log().len(), commits + 1);
    assert_eq!(repo.status(), "");
    fractary(&repo, &["check", "--strict"]).run().exits(0);
    adopt(&repo, &[]);
    assert_eq!(repo.log().len(), commits + 1);
}

#[test]
fn check_names_what_is_wrong_with_a_kind_and_which_example_does_not_hold() {
    let repo = with_a_topic();
    let good = sns();
    let cases = [
        ("100 * failed / published", "100 * faild / published"),
        ("status = \"DEGRADED\"", "status = \"HEALTHY\""),
    ];
    let mut out = String::new();
    for (right, wrong) in cases {
        assert!(good.contains(right), "{right}");
        repo.write(&[(KIND, &good.replacen(right, wrong, 1))]);
        adopt_page(&repo);
        let outcome = fractary(&repo, &["check"]).run().exits(2);
        out.push_str(&outcome.stdout);
        out.push('\n');
    }
    insta::assert_snapshot!(out);
}

/// Brings the page up to date where the kind can be used.
fn adopt_page(repo: &Repo) {
    let arguments = ["adopt", "terraform.tfstate", "--env", "prod", "--write"];
    fractary(repo, &arguments).run();
}
