//! The comment of a review on a pull request, against a local GitHub.

use serde_json::{Value, json};

use crate::support::fractary::{Fractary, Outcome};
use crate::support::github::{GitHub, Instead, TOKEN};
use crate::support::repo::Repo;

const TERRAFORM: &str = "terraform {\n  backend \"s3\" {}\n}\n";

/// A pull request: its repository, its plan, and what GitHub says of it.
struct Scene {
    repo: Repo,
    github: GitHub,
}

fn planned(changes: &[Value]) -> Value {
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "complete": true,
        "planned_values": {}, "resource_changes": changes })
}

fn change(address: &str, actions: &[&str]) -> Value {
    let (kind, name) = address.split_once('.').expect("an address");
    json!({ "address": address, "mode": "managed", "type": kind, "name": name,
        "change": { "actions": actions, "before": { "name": "x" }, "after": { "name": "y" } } })
}

impl Scene {
    fn new() -> Self {
        let repo = Repo::new(&[("infra/main.tf", TERRAFORM)]);
        repo.git(&["checkout", "--quiet", "-b", "topic"]);
        repo.write(&[("infra/more.tf", "\n")]);
        repo.commit_all("Change");
        Self {
            repo,
            github: GitHub::start(),
        }
    }

    fn plan(&self, plan: &Value) {
        let tree = self.repo.git(&["rev-parse", "HEAD:infra"]);
        let meta = json!({ "tree": tree.trim() });
        std::fs::write(self.repo.home().join("plan.json"), plan.to_string()).expect("a file");
        std::fs::write(self.repo.home().join("meta.json"), meta.to_string()).expect("a file");
    }

    fn review(&self, from: &str, event: &str) -> Fractary {
        let home = self.repo.home();
        let payload = match event {
            "workflow_run" => {
                json!({ "workflow_run": { "pull_requests": [], "head_repository": { "full_name": from } } })
            }
            _ => {
                json!({ "pull_request": { "number": 7, "head": { "repo": { "full_name": from } } } })
            }
        };
        let event_path = home.join("event.json");
        std::fs::write(&event_path, payload.to_string()).expect("a file");
        let plan = format!(
            "infra={},{}",
            home.join("plan.json").display(),
            home.join("meta.json").display()
        );
        Fractary::in_repo(&self.repo)
            .args(["review", "--base", "main", "--post", "--plan", &plan])
            .env("GITHUB_API_URL", self.github.url())
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_EVENT_PATH", event_path)
    }

    fn post(&self) -> Outcome {
        let outcome = self.review("o/r", "pull_request").run();
        assert_eq!(self.github.faults(), Vec::<String>::new());
        outcome
    }

    /// Bodies of the comments that are shown.
    fn shown(&self) -> Vec<String> {
        let comments = self.github.comments().into_iter();
        let shown = comments.filter(|one| one["isMinimized"] == false);
        shown
            .map(|one| one["body"].as_str().expect("a text").to_owned())
            .collect()
    }
}

#[test]
fn one_comment_follows_the_pull_request() {
    let scene = Scene::new();
    // Others write, and one of them writes our mark.
    for n in 0..5 {
        scene.github.add_comment("someone", &format!("comment {n}"));
    }
    scene.github.add_comment("someone", "<!-- fractary-review {\"name\":\"default\",\"head\":\"\",\"body\":\"\",\"verdict\":\"PASS\",\"rank\":0} -->");
    // Nothing about infrastructure: no comment.
    scene.plan(&planned(&[]));
    scene.post().exits(0);
    assert_eq!(scene.shown().len(), 6);
    // Created.
    scene.plan(&planned(&[change("aws_sns_topic.t", &["update"])]));
    scene.post().exits(0);
    let shown = scene.shown();
    assert_eq!(shown.len(), 7);
    assert!(shown[6].starts_with("## ✓ PASS"), "{}", shown[6]);
    // Unchanged: asked, and nothing sent.
    scene.github.asked();
    scene.post().exits(0);
    let asked = scene.github.asked();
    assert!(
        asked.iter().all(|line| line == "POST /graphql"),
        "{asked:?}"
    );
    // Updated in place.
    scene.plan(&planned(&[change("aws_sns_topic.other", &["update"])]));
    scene.post().exits(0);
    assert_eq!(scene.shown().len(), 7);
    assert!(scene.shown()[6].contains("aws_sns_topic.other"));
    // Worse: posted anew, the earlier one hidden.
    scene.plan(&planned(&[change("aws_sqs_queue.q", &["delete"])]));
    scene.post().exits(1);
    let shown = scene.shown();
    assert_eq!((shown.len(), scene.github.comments().len()), (7, 8));
    assert!(shown[6].starts_with("## ✗ BLOCK"), "{}", shown[6]);
    assert!(shown[6].contains("Earlier verdicts"), "{}", shown[6]);
    let lines: Vec<&str> = shown[6].lines().take(2).collect();
    assert!(lines[1].contains("its data is lost"), "{lines:?}");
    // Not about infrastructure any more: it is said where it was said before.
    scene.plan(&planned(&[]));
    scene.post().exits(0);
    assert_eq!(scene.shown().len(), 7);
    assert!(scene.shown()[6].starts_with("## ✓ PASS"));
}

#[test]
fn a_large_review_keeps_the_limits_of_a_comment() {
    let scene = Scene::new();
    let name = "東京".repeat(45);
    let changes: Vec<Value> = (0..150)
        .map(|n| {
            let mut one = change(&format!("aws_sns_topic.t{n}"), &["update"]);
            // Long in bytes, and much more than a comment holds.
            let values = (0..15).map(|k| (format!("k{k}"), json!(format!("{name}{n}"))));
            one["change"]["after"] = Value::Object(values.collect());
            one
        })
        .chain([change("aws_sqs_queue.q", &["delete"])])
        .collect();
    scene.plan(&planned(&changes));
    let summary = scene.repo.home().join("summary.md");
    scene
        .review("o/r", "pull_request")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .run()
        .exits(1);
    let body = scene.shown().remove(0);
    assert!(body.chars().count() <= 65_000 && body.len() <= 200_000);
    assert!(body.starts_with("## ✗ BLOCK"));
    assert!(body.contains("left out here"));
    assert_eq!(
        body.matches("<details").count(),
        body.matches("</details>").count()
    );
    let fences = body
        .lines()
        .filter(|line| line.trim_start().starts_with("```"))
        .count();
    assert_eq!(fences % 2, 0);
    let summary = std::fs::read_to_string(summary).expect("a summary");
    assert!(summary.len() > body.len());
}

#[test]
fn where_no_comment_can_be_written_the_verdict_stays() {
    let scene = Scene::new();
    scene.plan(&planned(&[change("aws_sqs_queue.q", &["delete"])]));
    let fork = scene.review("someone/r", "pull_request").run().exits(1);
    assert!(fork.stderr.contains("from a fork"), "{}", fork.stderr);
    let queue = scene.review("o/r", "merge_group").run().exits(1);
    assert!(queue.stderr.contains("merge queue"), "{}", queue.stderr);
    assert_eq!(scene.github.asked(), Vec::<String>::new());
    for (status, headers, said) in [
        (403, &[][..], "pull-requests: write"),
        (422, &[][..], "will not"),
        (
            403,
            &[
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "4102444800"),
            ][..],
            "wait",
        ),
    ] {
        let message = json!({ "message": "Resource not accessible by integration" }).to_string();
        scene
            .github
            .instead("POST", Instead::Answer(status, headers, message));
        let outcome = scene.review("o/r", "pull_request").run().exits(1);
        assert!(
            outcome.stderr.contains(said),
            "{status}: {}",
            outcome.stderr
        );
        assert!(!outcome.stderr.contains(TOKEN));
    }
    assert_eq!(scene.shown().len(), 0);
}

#[test]
fn a_failure_that_passes_is_waited_out_and_one_that_stays_is_said() {
    let scene = Scene::new();
    scene.plan(&planned(&[change("aws_sqs_queue.q", &["delete"])]));
    let broken = || Instead::Answer(502, &[], "{}".to_owned());
    scene.github.instead("POST", broken());
    scene.post().exits(1);
    assert_eq!(scene.shown().len(), 1);
    scene.plan(&planned(&[change("aws_sqs_queue.other", &["delete"])]));
    for _ in 0..3 {
        scene.github.instead("POST", broken());
    }
    let outcome = scene.review("o/r", "pull_request").run().exits(1);
    assert!(
        outcome.stderr.contains("no comment was posted") && outcome.stderr.contains("502"),
        "{}",
        outcome.stderr
    );
    // Nothing of it arrived; what was there stays.
    assert!(scene.shown()[0].contains("aws_sqs_queue.q"));
}

#[test]
fn two_runs_at_once_end_with_one_comment() {
    let scene = Scene::new();
    scene.plan(&planned(&[change("aws_sns_topic.t", &["update"])]));
    scene.post().exits(0);
    let first = scene.github.comments();
    // The other run has listed the comments before this one was posted.
    let none = json!({ "data": { "viewer": { "login": "github-actions[bot]" },
        "repository": { "pullRequest": { "comments": { "nodes": [],
            "pageInfo": { "hasNextPage": false, "endCursor": null } } } } } });
    let before = Instead::Answer(200, &[], none.to_string());
    scene.github.instead("POST", before);
    scene.plan(&planned(&[change("aws_sns_topic.other", &["update"])]));
    scene.post().exits(0);
    let comments = scene.github.comments();
    assert_eq!(comments.len(), 1, "{comments:?}");
    assert_eq!(comments[0]["id"], first[0]["id"]);
    assert!(scene.shown()[0].contains("aws_sns_topic.other"));
}

#[test]
fn a_trusted_workflow_comments_on_the_commit_that_it_reviewed_alone() {
    let scene = Scene::new();
    scene.plan(&planned(&[change("aws_sqs_queue.q", &["delete"])]));
    let head = scene.repo.git(&["rev-parse", "HEAD"]);
    let review = |arguments: &[&str]| {
        scene
            .review("someone/r", "workflow_run")
            .args(arguments)
            .run()
            .exits(1)
    };
    // Without the number nobody knows which pull request it is.
    let outcome = review(&[]);
    assert!(
        outcome.stderr.contains("no comment is posted"),
        "{}",
        outcome.stderr
    );
    scene
        .github
        .set_head("0123456789012345678901234567890123456789");
    let outcome = review(&["--pull-request", "7"]);
    assert!(
        outcome.stderr.contains("has another commit by now"),
        "{}",
        outcome.stderr
    );
    assert_eq!(scene.shown().len(), 0);
    scene.github.set_head(head.trim());
    review(&["--pull-request", "7"]);
    assert_eq!(scene.shown().len(), 1);
    assert_eq!(scene.github.faults(), Vec::<String>::new());
}
