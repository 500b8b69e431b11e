//! `iam-policy` answers for every command, and says what is sent only under some option.

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const HELM: &str = r#"
[channels.topic]
type = "sns"
topic_arn = "arn:aws:sns:us-east-1:123456789012:alerts"
"#;

/// The statements and the notes for each of these commands.
fn answers<'a>(repo: &Repo, commands: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for command in commands {
        let run = Fractary::in_repo(repo)
            .args(["iam-policy", command])
            .run()
            .exits(0);
        let policy = run.json();
        let statements = policy["Statement"].as_array().expect("a list");
        let names: Vec<&str> = statements
            .iter()
            .filter_map(|statement| statement["Sid"].as_str())
            .collect();
        out.push_str(&format!("{command}: {}\n", names.join(" ")));
        for note in run.stderr.lines() {
            out.push_str(&format!("    {note}\n"));
        }
    }
    out
}

#[test]
fn every_command_has_an_answer() {
    let definition = fractary::cli::definition();
    let commands = definition.get_subcommands().map(clap::Command::get_name);
    insta::assert_snapshot!(answers(&Repo::new(&[]), commands));
}

#[test]
fn publishing_is_in_the_policy_of_what_sends_alerts() {
    let repo = Repo::new(&[(".fractary/plugins/helm/config/helm.toml", HELM)]);
    let commands = ["run", "merge-shards", "health", "issues"];
    insta::assert_snapshot!(answers(&repo, commands));
}

#[test]
fn an_unknown_command_is_refused_with_those_that_there_are() {
    let repo = Repo::new(&[]);
    let run = Fractary::in_repo(&repo)
        .args(["iam-policy", "helath"])
        .run()
        .exits(2);
    insta::assert_snapshot!(run.stderr);
}
