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
fn a_policy_is_for_the_partition_of_its_environments() {
    let environments = serde_json::json!({ "version": "1.0.0", "environments": {
        "gov": { "name": "gov", "region": "us-gov-west-1" },
        "china": { "name": "china", "regions": ["cn-north-1", "cn-northwest-1"] },
        "test": { "name": "test", "region": "eu-west-1" },
    }});
    let repo = Repo::new(&[
        (".fractary/plugins/helm/config/helm.toml", HELM),
        (
            ".fractary/shared/environments.json",
            &environments.to_string(),
        ),
    ]);
    let policy = |arguments: &[&str]| {
        let command = Fractary::in_repo(&repo).args(["iam-policy", "run"]);
        command.args(arguments).run()
    };
    for (environment, partition) in [("gov", "aws-us-gov"), ("china", "aws-cn"), ("test", "aws")] {
        let text = policy(&["--env", environment]).exits(0).stdout;
        let arns = text.matches("\"arn:").count();
        assert_eq!(
            text.matches(&format!("\"arn:{partition}:")).count(),
            arns,
            "{text}"
        );
        // The topic is one of the commercial partition.
        assert_eq!(text.contains("PublishAlerts"), partition == "aws", "{text}");
    }
    insta::assert_snapshot!(policy(&[]).exits(2).stderr);
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
