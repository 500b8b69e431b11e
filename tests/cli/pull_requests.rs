//! `[git] mode = "pull-request"`: real bare remotes, and a GitHub over real sockets.

use std::path::PathBuf;

use serde_json::json;

use crate::demo::git;
use crate::git_modes::{FIRST, LATEST, SECOND, STATE, run, tip, world};
use crate::recorded::World;
use crate::support::fractary::{Fractary, Outcome};
use crate::support::github::{GitHub, Instead, TOKEN};

/// A world whose state goes through pull requests, its bare remote, and its GitHub.
struct Hosted {
    world: World,
    github: GitHub,
}

impl Hosted {
    fn new() -> Self {
        let world = world("pull-request");
        git(
            world.folder.path(),
            &["init", "--quiet", "--bare", "remote.git"],
        );
        let hosted = Self {
            world,
            github: GitHub::start(),
        };
        let remote = hosted.remote().display().to_string();
        hosted.world.git(&["remote", "set-url", "origin", &remote]);
        hosted
            .world
            .git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        hosted
    }

    fn remote(&self) -> PathBuf {
        self.world.folder.path().join("remote.git")
    }

    fn with_token(&self, run: Fractary) -> Fractary {
        run.env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_API_URL", self.github.url())
            .env("GITHUB_REPOSITORY", "o/r")
    }

    fn run(&self, at: &str) -> Outcome {
        let outcome = self
            .with_token(run(&self.world, at))
            .args(["--timeout", "1s"])
            .run();
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!said.contains(TOKEN), "{said}");
        assert!(!said.contains(&TOKEN[4..]), "{said}");
        outcome
    }

    /// No branch for state anywhere, and a GitHub without pull requests.
    fn begin_anew(&mut self) {
        let reference = format!("refs/heads/{STATE}");
        self.world.git(&["update-ref", "-d", &reference]);
        git(&self.remote(), &["update-ref", "-d", &reference]);
        self.github = GitHub::start();
    }

    fn pushed(&self) -> Option<String> {
        let refs = git(
            &self.remote(),
            &["for-each-ref", "--format=%(objectname) %(refname)"],
        );
        refs.lines().find_map(|line| {
            line.strip_suffix(" refs/heads/fractary/state")
                .map(str::to_owned)
        })
    }
}

#[test]
fn one_pull_request_is_opened_and_then_kept_up_to_date() {
    let hosted = Hosted::new();
    let outcome = hosted.run(FIRST).exits(0);
    assert!(
        outcome.stderr.contains("pull request opened #1"),
        "{}",
        outcome.stderr
    );
    assert_eq!(hosted.pushed(), Some(tip(&hosted.world)));
    let asked = hosted.github.asked();
    let list = "GET /repos/o/r/pulls?state=open&head=o%3Afractary%2Fstate&sort=created&direction=asc&per_page=100";
    assert_eq!(asked, [list, "GET /repos/o/r", "POST /repos/o/r/pulls"]);
    let pulls = hosted.github.pulls();
    assert_eq!(
        pulls[0]["title"],
        "fractary(health): prod HEALTHY — first observation"
    );
    assert_eq!(pulls[0]["base"]["ref"], "main");
    let body = pulls[0]["body"].as_str().expect("a text");
    let dashboard = hosted.world.git(&[
        "show",
        &format!("{STATE}:.fractary/plugins/helm/DASHBOARD.md"),
    ]);
    assert!(body.ends_with(&dashboard), "{body}");

    let outcome = hosted.run(SECOND).exits(1);
    assert!(
        outcome.stderr.contains("pull request updated #1"),
        "{}",
        outcome.stderr
    );
    assert_eq!(hosted.github.asked(), [list, "PATCH /repos/o/r/pulls/1"]);
    let pulls = hosted.github.pulls();
    assert_eq!(pulls.len(), 1);
    assert!(
        pulls[0]["title"]
            .as_str()
            .is_some_and(|title| title.contains("UNHEALTHY"))
    );
    assert_eq!(hosted.pushed(), Some(tip(&hosted.world)));
    assert_eq!(hosted.github.faults(), [""; 0]);
}

#[test]
fn a_fresh_shallow_checkout_continues_what_the_remote_has() {
    let hosted = Hosted::new();
    hosted.run(FIRST).exits(0);
    let first = tip(&hosted.world);
    let checkout = hosted.world.folder.path().join("checkout");
    let url = format!("file://{}", hosted.remote().display());
    git(
        hosted.world.folder.path(),
        &[
            "clone",
            "--quiet",
            "--depth=1",
            "--single-branch",
            "--branch=main",
            &url,
            "checkout",
        ],
    );
    git(&checkout, &["checkout", "--quiet", "--detach"]);
    let fresh = Fractary::in_folder(&checkout, hosted.world.folder.path())
        .args(["run", "--env", "prod", "--at", SECOND])
        .args(["--replay".as_ref(), hosted.world.recording.as_os_str()]);
    hosted.with_token(fresh).run().exits(1);
    let parent = git(&hosted.remote(), &["rev-parse", &format!("{STATE}^")]);
    assert_eq!(parent.trim(), first);
    assert_eq!(hosted.github.pulls().len(), 1);
    // The first clone is behind now, and catches up.
    hosted.run("2026-11-02T09:17:00Z").exits(1);
    let latest = git(
        &hosted.remote(),
        &["rev-list", "--count", &format!("main..{STATE}")],
    );
    assert_eq!(latest.trim(), "3");
    git(
        &hosted.remote(),
        &["fsck", "--full", "--strict", "--no-dangling"],
    );
    assert!(git(&hosted.remote(), &["show", &format!("{STATE}:{LATEST}")]).contains("09:17"));
}

#[test]
fn a_pull_request_of_a_fork_is_not_ours() {
    let hosted = Hosted::new();
    hosted.github.add("someone/r", STATE);
    hosted.github.add("o/r", "another-branch");
    hosted.run(FIRST).exits(0);
    let pulls = hosted.github.pulls();
    assert_eq!(pulls.len(), 3);
    assert_eq!(
        (&pulls[0]["title"], &pulls[1]["title"]),
        (&json!("theirs"), &json!("theirs"))
    );
}

#[test]
fn failures_that_pass_are_survived() {
    let passing: [(&str, Instead); 8] = [
        ("GET", Instead::Answer(502, &[], "<html>".to_owned())),
        (
            "GET",
            Instead::Answer(429, &[("Retry-After", "1")], "{}".to_owned()),
        ),
        (
            "GET",
            Instead::Answer(
                403,
                &[("Retry-After", "1"), ("X-RateLimit-Remaining", "0")],
                "{}".to_owned(),
            ),
        ),
        (
            "POST",
            Instead::Answer(429, &[("Retry-After", "1")], "{}".to_owned()),
        ),
        ("GET", Instead::Hang),
        (
            "GET",
            Instead::Answer(307, &[("Location", LIST)], String::new()),
        ),
        // It does what it is asked, and says nothing.
        ("POST", Instead::DoAndHangUp),
        (
            "POST",
            Instead::Answer(
                422,
                &[],
                json!({ "message": "Validation Failed" }).to_string(),
            ),
        ),
    ];
    let mut hosted = Hosted::new();
    for (number, (method, what)) in passing.into_iter().enumerate() {
        hosted.begin_anew();
        hosted.github.instead(method, what.clone());
        if number == 7 {
            // Another run has opened it between our look and our try.
            hosted.github.add("o/r", STATE);
            hosted
                .github
                .instead("GET", Instead::Answer(200, &[], "[]".to_owned()));
        }
        hosted.run(FIRST).exits(0);
        assert_eq!(hosted.github.pulls().len(), 1, "{what:?}");
        assert_ne!(hosted.github.pulls()[0]["title"], "theirs", "{what:?}");
        assert_eq!(hosted.github.faults(), [""; 0], "{what:?}");
    }
}

const LIST: &str =
    "/repos/o/r/pulls?state=open&head=o%3Afractary%2Fstate&sort=created&direction=asc&per_page=100";

#[test]
fn failures_that_stay_are_said_and_what_landed_is_kept() {
    let echo = json!({ "message": format!("Bad credentials {TOKEN} @all \u{1b}[31m") }).to_string();
    let no = json!({ "message": "Resource not accessible by integration" }).to_string();
    let cases: [(&str, usize, Instead); 12] = [
        ("GET", 1, Instead::Answer(401, &[], echo)),
        ("POST", 1, Instead::Answer(403, &[], no)),
        ("GET", 1, Instead::Answer(403, &[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1793610000")], "{}".to_owned())),
        ("GET", 1, Instead::Answer(429, &[("Retry-After", "3600")], json!({ "message": "secondary rate limit" }).to_string())),
        ("GET", 1, Instead::Answer(404, &[], json!({ "message": "Not Found" }).to_string())),
        ("POST", 1, Instead::Answer(422, &[], json!({ "message": "Validation Failed", "errors": [{ "message": "No commits between main and fractary/state" }] }).to_string())),
        ("GET", 3, Instead::Answer(500, &[], "oops".to_owned())),
        ("GET", 3, Instead::Hang),
        ("GET", 3, Instead::Garbage),
        ("GET", 1, Instead::Answer(200, &[], "<html>hello".to_owned())),
        ("GET", 1, Instead::Answer(302, &[("Location", "https://evil.example.com/repos/o/r/pulls")], String::new())),
        ("GET", 1, Instead::Answer(301, &[("Location", "//evil.example.com/")], String::new())),
    ];
    let mut said = Vec::new();
    let mut hosted = Hosted::new();
    let branch = hosted.world.git(&["rev-parse", "HEAD"]);
    for (method, times, what) in cases {
        hosted.begin_anew();
        for _ in 0..times {
            hosted.github.instead(method, what.clone());
        }
        let outcome = hosted.run(FIRST).exits(5);
        assert_eq!(hosted.pushed(), Some(tip(&hosted.world)), "{what:?}");
        assert_eq!(hosted.github.pulls().len(), 0, "{what:?}");
        assert_eq!(hosted.world.git(&["rev-parse", "HEAD"]), branch);
        said.push(
            outcome
                .stderr
                .replace(&hosted.github.url(), "http://github"),
        );
    }
    insta::with_settings!({ filters => vec![(r"\b[0-9a-f]{10}\b", "[commit]")] }, {
        insta::assert_snapshot!(said.join("\n"));
    });
}

#[test]
fn settings_that_cannot_work_are_said_and_what_landed_is_pushed() {
    let mut hosted = Hosted::new();
    let cases: [&[(&str, &str)]; 5] = [
        &[("GITHUB_TOKEN", "")],
        &[("GITHUB_API_URL", "http://github.example.com/api/v3")],
        &[("GITHUB_API_URL", "https://user:hunter2@github.example.com")],
        &[("GITHUB_REPOSITORY", "o/../../x")],
        &[("GITHUB_REPOSITORY", "")],
    ];
    let mut said = Vec::new();
    for case in cases {
        hosted.begin_anew();
        let mut run = hosted.with_token(run(&hosted.world, FIRST));
        for (name, value) in case {
            run = run.env(name, value);
        }
        let outcome = run.run().exits(2);
        assert!(!outcome.stderr.contains("hunter2"), "{}", outcome.stderr);
        // A runner is thrown away: what was seen must not be lost over a missing token.
        assert_eq!(hosted.pushed(), Some(tip(&hosted.world)), "{case:?}");
        said.push(outcome.stderr);
    }
    assert_eq!(hosted.github.asked(), [""; 0]);
    insta::with_settings!({ filters => vec![(r"\b[0-9a-f]{10}\b", "[commit]")] }, {
        insta::assert_snapshot!(said.join("\n"));
    });
}

#[test]
fn a_remote_that_refuses_the_push_is_an_error_and_no_request_is_made() {
    let hosted = Hosted::new();
    let hook = hosted.remote().join("hooks/update");
    std::fs::write(&hook, "#!/bin/sh\necho 'protected by policy' >&2\nexit 1\n").expect("a hook");
    git(&hosted.remote(), &["config", "core.hooksPath", "hooks"]);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, mode).expect("a hook can be run");
    let outcome = hosted.run(FIRST).exits(5);
    assert!(
        outcome.stderr.contains("protected by policy"),
        "{}",
        outcome.stderr
    );
    assert_eq!(hosted.github.asked(), [""; 0]);
    assert_eq!(hosted.pushed(), None);
}

#[test]
fn where_the_branch_is_checked_out_its_pull_request_is_made_all_the_same() {
    let hosted = Hosted::new();
    hosted.world.git(&["checkout", "--quiet", "-b", STATE]);
    let outcome = hosted.run(FIRST).exits(0);
    assert!(
        outcome.stderr.contains("pull request opened #1"),
        "{}",
        outcome.stderr
    );
    assert_eq!(hosted.pushed(), Some(tip(&hosted.world)));
    assert_eq!(hosted.world.git(&["status", "--porcelain"]), "");
}
