//! Standard output is the answer; colour, width and GitHub's files.

use crate::demo::{END, Played};

#[test]
fn no_colour_in_a_pipe_nor_with_no_color_and_colour_when_asked() {
    let played = Played::new();
    let plain = played.fractary(END, &["dashboard"]).run().exits(0).stdout;
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let forced = played
        .fractary(END, &["dashboard", "--color", "always"])
        .run()
        .exits(0)
        .stdout;
    assert!(forced.contains("\u{1b}["), "{forced}");
    let forced = played
        .fractary(END, &["dashboard"])
        .env("CLICOLOR_FORCE", "1")
        .run()
        .exits(0)
        .stdout;
    assert!(forced.contains("\u{1b}["), "{forced}");
    let refused = played
        .fractary(END, &["dashboard"])
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .run()
        .exits(0)
        .stdout;
    assert!(!refused.contains('\u{1b}'), "{refused}");
}

#[test]
fn nothing_is_wider_than_80_columns() {
    let played = Played::new();
    let commands: [&[&str]; 4] = [
        &["dashboard"],
        &["issues"],
        &["health"],
        &["doctor", "--offline"],
    ];
    for arguments in commands {
        let text = played
            .fractary(END, arguments)
            .env("COLUMNS", "80")
            .run()
            .stdout;
        for line in text.lines() {
            let width = line.chars().count();
            // An ARN or a link is one word that no renderer may cut.
            let word = line
                .split_whitespace()
                .map(|word| word.chars().count())
                .max()
                .unwrap_or(0);
            assert!(
                width <= 80 || word > 60,
                "{arguments:?}: {width} columns: {line}"
            );
        }
    }
}

/// One word of it is wider than the room that it has, and pasting half of it would do something else.
#[test]
fn a_command_that_is_copied_is_not_cut_inside_of_a_word() {
    let played = Played::new();
    let audit = played.fractary(END, &["audit"]).env("COLUMNS", "80");
    let text = audit.run().exits(1).stdout;
    let end = "BlockPublicPolicy=true,RestrictPublicBuckets=true\n";
    assert!(text.contains(end), "{text}");
}

#[test]
fn github_gets_summary_outputs_and_annotations() {
    let played = Played::new();
    played.without_audit();
    played.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let file = |name: &str| played.recording().with_file_name(name);
    let outcome = played
        .fractary(END, &["run"])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_RUN_ID", "77")
        .env("GITHUB_STEP_SUMMARY", file("summary.md"))
        .env("GITHUB_OUTPUT", file("outputs"))
        .run()
        .exits(1);
    assert!(outcome.stderr.contains("::error"), "{}", outcome.stderr);
    let summary = std::fs::read_to_string(file("summary.md")).expect("a summary is written");
    assert!(summary.contains("UNHEALTHY"), "{summary}");
    let outputs = std::fs::read_to_string(file("outputs")).expect("outputs are written");
    for name in [
        "overall_health",
        "issues_opened",
        "issues_resolved",
        "report_path",
        "commit",
    ] {
        assert!(outputs.contains(name), "{name}: {outputs}");
    }
    let commit = played.git(&["rev-parse", "HEAD"]);
    assert!(outputs.contains(commit.trim()), "{outputs}");
}

#[test]
fn a_format_that_a_command_does_not_have_is_refused() {
    let played = Played::new();
    let outcome = played
        .fractary(END, &["check", "--format", "markdown"])
        .run()
        .exits(2);
    insta::assert_snapshot!(outcome.stderr);
}

#[test]
fn a_recording_that_knows_nothing_of_the_time_is_unknown() {
    let played = Played::new();
    let outcome = played
        .fractary("2026-11-02T12:00:00Z", &["health", "--format", "json"])
        .run()
        .exits(3);
    assert_eq!(outcome.json()["overall_health"], "UNKNOWN");
}
