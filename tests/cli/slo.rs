//! `fractary slo`: the list and the details in the demo's repository, and imports.

use serde_json::Value;

use crate::demo::Played;
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const AT: &str = "2026-11-02T09:30:00Z";
const TOML: &str = ".fractary/plugins/helm-cloud/config/monitoring.toml";

const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "default": "test",
  "environments": {
    "test": { "name": "test", "requires_confirmation": false, "account_id": "123456789012", "region": "eu-central-1" }
  }
}
"#;

const REGISTRY: &str = r#"{
  "version": "1.0.0",
  "environment": "test",
  "last_deployed": "2026-01-05T10:00:00Z",
  "resources": [
    {
      "type": "aws_lambda_function",
      "aws_id": "orders-api",
      "arn": "arn:aws:lambda:eu-central-1:123456789012:function:orders-api",
      "console_url": "https://console.aws.amazon.com/",
      "created": "2026-01-05T10:00:00Z"
    }
  ]
}
"#;

const SLOS: &str = r#"apiVersion: openslo/v1
kind: SLO
metadata: { name: orders-errors }
spec:
  indicator:
    spec:
      ratioMetric:
        bad: { metricSource: { type: CloudWatch, spec: { namespace: AWS/Lambda, metricName: Errors, dimensions: { FunctionName: orders-api } } } }
        total: { metricSource: { type: CloudWatch, spec: { namespace: AWS/Lambda, metricName: Invocations, dimensions: { FunctionName: orders-api } } } }
  timeWindow: [ { duration: 28d, isRolling: true } ]
  objectives: [ { target: 0.995 } ]
"#;

const WRITTEN: &str = "# ours\n[helm-cloud]\nenvironments = [\"test\"]\n\n[slos.lambda]\nerror_rate_percent = 0.1 # all\n";

fn repository() -> Repo {
    Repo::new(&[
        (".fractary/shared/environments.json", ENVIRONMENTS),
        (
            ".fractary/plugins/faber-cloud/deployments/test/registry.json",
            REGISTRY,
        ),
        (TOML, WRITTEN),
        ("slos.yaml", SLOS),
    ])
}

fn slo(repo: &Repo, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo).at(AT).args(["slo"]).args(arguments)
}

#[test]
fn levels_are_listed_and_shown_in_every_format() {
    let played = Played::new();
    let say = |arguments: &[&str]| played.fractary(AT, arguments).run().exits(0);
    insta::assert_snapshot!("slo_list", say(&["slo"]).stdout);
    insta::assert_snapshot!(
        "slo_list_markdown",
        say(&["slo", "list", "--format", "markdown"]).stdout
    );
    insta::assert_snapshot!("slo_show", say(&["slo", "show", "orders-api"]).stdout);
    let list: Value = say(&["slo", "list", "--format", "json"]).json();
    assert_eq!(list["kind"], "slo-list");
    let rows = list["slos"].as_array().expect("a list");
    let budgets = rows
        .iter()
        .filter(|row| row["level"].get("budget").is_some());
    assert!(budgets.count() > 2, "{list:#}");
    let error = played
        .fractary(AT, &["slo", "show", "nobody"])
        .run()
        .exits(2);
    assert!(
        error
            .stderr
            .contains("no service level or resource `nobody`"),
        "{}",
        error.stderr
    );
    assert!(error.stderr.contains("orders-api"), "{}", error.stderr);
}

#[test]
fn what_was_never_observed_is_said() {
    let repo = repository();
    let said = slo(&repo, &[]).run().exits(0).stdout;
    assert!(said.contains("test was never observed."), "{said}");
    slo(&repo, &["show", "orders-api"]).run().exits(2);
}

#[test]
fn an_import_is_shown_and_lands_when_asked() {
    let repo = repository();
    let shown = slo(&repo, &["import", "slos.yaml"]).run().exits(0);
    insta::assert_snapshot!(
        "slo_import",
        format!("{}---\n{}", shown.stdout, shown.stderr)
    );
    assert_eq!(repo.read(TOML), WRITTEN, "looking never writes");

    slo(&repo, &["import", "slos.yaml", "--commit"])
        .run()
        .exits(0);
    let text = repo.read(TOML);
    assert!(text.starts_with(WRITTEN), "{text}");
    assert!(
        text.ends_with("error_rate_percent = { target = 0.5, window = \"28d\" }\n"),
        "{text}"
    );
    assert_eq!(repo.status(), "");
    assert_eq!(repo.log()[0], "fractary(slo): import 1 service levels");
    Fractary::in_repo(&repo).args(["check"]).run().exits(0);

    // Again there is nothing to do.
    let again = slo(&repo, &["import", "slos.yaml", "--commit"])
        .run()
        .exits(0);
    assert_eq!(again.stdout, "");
    assert_eq!(repo.log().len(), 2);
    // Of one environment, by ARN.
    let by_arn = slo(
        &repo,
        &["import", "slos.yaml", "--env", "test", "--format", "json"],
    )
    .run();
    let answer = by_arn.exits(0).json();
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:orders-api";
    assert_eq!(answer["slos"][0]["resource"], arn);
}

#[test]
fn files_that_are_none_are_refused_and_change_nothing() {
    let repo = repository();
    let deep = "[".repeat(100_000);
    let huge = "#".repeat((1 << 20) + 1);
    let bomb = "a: &a [x]\nb: [*a, *a]\n";
    for (text, why) in [
        (deep.as_str(), "line 1"),
        (huge.as_str(), "1048577 bytes"),
        (bomb, "line 2: aliases"),
        ("a: [", "line "),
    ] {
        let outcome = slo(&repo, &["import", "-", "--commit"])
            .input(text)
            .run()
            .exits(2);
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
    slo(&repo, &["import", "none.yaml"]).run().exits(2);
    let other = SLOS.replace("AWS/Lambda", "Custom/App");
    let left_out = slo(&repo, &["import", "-"]).input(&other).run().exits(1);
    assert!(left_out.stderr.contains("-:"), "{}", left_out.stderr);
    assert!(left_out.stderr.contains("left out"), "{}", left_out.stderr);
    assert_eq!(repo.read(TOML), WRITTEN);
    assert_eq!(repo.log().len(), 1);
}
