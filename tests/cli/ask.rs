//! `ask` and the old names, through the binary.

use crate::demo::{END, Played};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

#[test]
fn a_read_runs_at_once_and_gives_what_the_command_gives() {
    let played = Played::new();
    let same = |words: &str, command: &[&str]| {
        let plain = played.fractary(END, command).run();
        let asked = played.fractary(END, &["ask", words]).run();
        assert_eq!(
            (asked.code, &asked.stdout),
            (plain.code, &plain.stdout),
            "{words}\n{}",
            asked.stderr
        );
        asked
    };
    same("show the dashboard", &["dashboard"]);
    same("is prod healthy?", &["health", "--env", "prod"]).exits(1);
    same(
        "/fractary-helm:issues --critical",
        &["issues", "--critical"],
    );
    let issues = same("whats brokn in prod", &["issues", "--env", "prod"]);
    insta::assert_snapshot!("a_read", issues.stderr);
    let plain = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .json();
    let asked = played
        .fractary(END, &["ask", "list issues", "--format", "json"])
        .run()
        .json();
    assert_eq!(plain, asked);
    let quiet = played
        .fractary(END, &["ask", "list issues", "--quiet"])
        .run()
        .exits(0);
    assert_eq!(quiet.stderr, "");
}

/// A role has the name of the function that it is for, and is never slow.
#[test]
fn of_two_things_with_one_name_the_watched_one_is_meant() {
    let played = Played::new();
    let slow = played
        .fractary(END, &["ask", "is orders-api slow?"])
        .run()
        .stderr;
    assert!(slow.contains("investigating arn:aws:lambda:"), "{slow}");
}

#[test]
fn a_change_needs_consent() {
    let played = Played::new();
    let id = played.issue();
    let before = played.git(&["rev-parse", "HEAD"]);
    let words = format!("assign {id} to sam");
    let refused = played.fractary(END, &["ask", &words]).run().exits(4);
    assert!(
        refused
            .stderr
            .contains(&format!("fractary issues assign {id} sam")),
        "{}",
        refused.stderr
    );
    let shown = played
        .fractary(END, &["ask", &words, "--dry-run"])
        .run()
        .exits(0);
    assert!(
        shown
            .stdout
            .contains(&format!("fractary issues assign {id} sam")),
        "{}",
        shown.stdout
    );
    let committing = ["ask", "/fractary-helm-cloud:health --env=prod --commit"];
    played.fractary(END, &committing).run().exits(4);
    played
        .fractary(END, &["ask", "is prod healthy", "--commit"])
        .run()
        .exits(4);
    let document = played
        .fractary(END, &["ask", &words, "--format", "json"])
        .run()
        .exits(4)
        .json();
    assert_eq!(document["best"]["changes"], true);
    assert_eq!(played.git(&["rev-parse", "HEAD"]), before);
    played
        .fractary(END, &["ask", &words, "--yes"])
        .run()
        .exits(0);
    assert_ne!(played.git(&["rev-parse", "HEAD"]), before);
    let shown = played
        .fractary(END, &["ask", &format!("who works on {id}?")])
        .run()
        .exits(0);
    assert!(shown.stdout.contains("sam"), "{}", shown.stdout);
}

#[test]
fn it_asks_back_and_says_what_it_lacks() {
    let played = Played::new();
    let unclear = played.fractary(END, &["ask", "restart"]).run().exits(2);
    insta::assert_snapshot!("unclear", unclear.stdout);
    let nothing = played
        .fractary(END, &["ask", "order a pizza"])
        .run()
        .exits(2);
    insta::assert_snapshot!("nothing", nothing.stdout);
    let document = played
        .fractary(END, &["ask", "restart", "--format", "json"])
        .run()
        .exits(2)
        .json();
    assert_eq!(
        (
            &document["clear"],
            document["doubts"].as_array().map(Vec::len)
        ),
        (&false.into(), Some(1))
    );
    // Until this version has it.
    let lacks = played
        .fractary(END, &["ask", "migrate the old configuration"])
        .run()
        .exits(2);
    insta::assert_snapshot!("lacks", lacks.stderr);
    let words = played
        .fractary(
            END,
            &[
                "ask",
                "resolve infra-001 in staging, because done",
                "--env",
                "prod",
            ],
        )
        .run();
    assert_ne!(words.code, 0);
}

#[test]
fn old_names_still_work_and_say_the_new_one() {
    let played = Played::new();
    let same = |old: &[&str], new: &[&str]| {
        let plain = played.fractary(END, new).run();
        let asked = played.fractary(END, old).run();
        assert_eq!(
            (asked.code, &asked.stdout),
            (plain.code, &plain.stdout),
            "{old:?}\n{}",
            asked.stderr
        );
        let line = asked.stderr.lines().next().unwrap_or_default().to_owned();
        assert!(
            line.contains("is an old name") && line.contains(new[0]),
            "{line}"
        );
    };
    same(
        &["ops-manage", "check-health", "--env=prod"],
        &["health", "--env", "prod"],
    );
    same(
        &["ops-manage", "check-health", "--env", "prod"],
        &["health", "--env", "prod"],
    );
    same(&["/fractary-helm:dashboard"], &["dashboard"]);
    same(
        &["/fractary-helm:dashboard", "--refresh"],
        &["dashboard", "--refresh"],
    );
    same(
        &["/fractary-helm:issues", "--critical"],
        &["issues", "--critical"],
    );
    same(
        &["/fractary-helm-cloud:health", "--env=prod"],
        &["health", "--env", "prod"],
    );
    let folder = played.repository();
    let elsewhere = Fractary::in_folder(&std::env::temp_dir(), &folder)
        .args([
            "-C".as_ref(),
            folder.as_os_str(),
            "/fractary-helm:issues".as_ref(),
        ])
        .run()
        .exits(0);
    assert!(elsewhere.stdout.contains("infra-"), "{}", elsewhere.stdout);
    let lacks = played
        .fractary(END, &["infra-manage", "test", "--env=prod"])
        .run()
        .exits(2);
    insta::assert_snapshot!("old_name_that_is_not_there", lacks.stderr);
    let unknown = played
        .fractary(END, &["/fractary-helm:dance"])
        .run()
        .exits(2);
    insta::assert_snapshot!("unknown_old_name", unknown.stderr);
}

#[test]
fn hostile_words_are_harmless() {
    let repo = Repo::new(&[("README.md", "x")]);
    let long = "a ".repeat(50_000);
    let deep = "\"".repeat(900);
    for words in [
        "\u{1b}[2J\u{202e}show dashboard\u{7}",
        "$(touch pwned); touch pwned && `touch pwned` | sh > pwned",
        "::add-mask::x ##[error]y",
        "/fractary-helm:\u{1b}[31mx",
        "--",
        "'; DROP TABLE issues; --",
        "resolve infra-001 because $(touch pwned)",
        &long,
        &deep,
    ] {
        for run in [
            Fractary::in_repo(&repo).args(["ask", "--", words]).run(),
            Fractary::in_repo(&repo)
                .args(["--color=never", words])
                .run(),
        ] {
            assert!(
                matches!(run.code, 0 | 2 | 4),
                "{}\n{}",
                run.code,
                run.stderr
            );
            let out = format!("{}{}", run.stdout, run.stderr);
            assert!(
                !out.contains('\u{1b}') && !out.contains('\u{202e}') && !out.contains('\u{7}'),
                "{out:?}"
            );
            assert!(
                !out.lines().any(|line| line.trim_start().starts_with("::")),
                "{out}"
            );
            assert!(out.len() < 250_000, "{}", out.len());
        }
    }
    assert!(!repo.has("pwned"));
}

#[test]
fn what_is_asked_back_fits_the_terminal() {
    let world = Played::new();
    for words in [
        "silence the alerts of everything for the whole night please",
        "delete the issue",
        "compare prod and staging, and tell me which is worse than before",
    ] {
        let said = world.fractary(END, &["ask", words]).run().stdout;
        let wide: Vec<&str> = said
            .lines()
            .filter(|line| line.chars().count() > 80)
            .collect();
        assert!(wide.is_empty(), "{wide:#?}");
        assert!(said.contains("Nothing was run:"), "{said}");
    }
}
