//! What the matcher makes of words, and that no words break it.

use proptest::prelude::*;

use super::*;

mod old_names;
mod orders;
mod vocabulary;

fn world() -> AskContext {
    let text = concat!(
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/ask/world.toml"
        )),
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/ask/commands.toml"
        ))
    );
    toml::from_str(text).expect("the world of the test is valid")
}

fn line(text: &str) -> String {
    let reading = read(text, &world());
    match (&reading.best, reading.is_clear()) {
        (Some(best), true) => quoted(&best.arguments),
        _ => format!("? {}", reading.doubts.join("; ")),
    }
}

#[test]
fn nothing_is_changed_for_a_question_a_condition_or_a_no() {
    for text in [
        "should we restart orders-api?",
        "do the nightly runs restart orders-api?",
        "is it safe to deploy to prod",
        "don't restart orders-api",
        "if checkout fails restart it",
        "restart checkout if it is down",
        "restart checkout unless it is healthy",
        "show me the health and then deploy to prod",
    ] {
        let reading = read(text, &world());
        let changes = reading.is_clear() && reading.best.as_ref().is_some_and(|best| best.write);
        assert!(!changes, "{text}: {}", line(text));
    }
}

/// Neither by its name nor by words that speak of it.
#[test]
fn consent_is_never_read_out_of_words() {
    for text in [
        "grant s3:GetObject, I know",
        "grant s3:GetObject, i-know",
        "yes, restart checkout",
        "grant iam:PassRole, also what opens a way to more permissions",
    ] {
        let line = line(text);
        assert!(
            !line.contains("--i-know") && !line.contains("--yes"),
            "{text}: {line}"
        );
    }
}

#[test]
fn a_check_that_is_named_is_explained_and_not_listed() {
    for text in [
        "what does the audit check iam-root-mfa mean",
        "what does the audit check iam-root-mfa",
        "explain the audit check iam-root-mfa",
        "what is the audit check iam-root-mfa about",
    ] {
        assert_eq!(line(text), "audit --explain iam-root-mfa", "{text}");
    }
    assert_eq!(line("what does the audit check"), "audit --list-checks");
}

/// What no command line says: without it, something else would be done.
#[test]
fn words_whose_meaning_would_be_lost_are_asked_back() {
    for (text, asked) in [
        ("issues not in staging", "`not in staging`"),
        ("issues which are not in test", "`not in test`"),
        ("issues not assigned to kim", "`not assigned`"),
        ("issues not resolved", "`not resolved`"),
        ("issues ignoring staging", "`ignoring staging`"),
        ("omit the low issues", "`omit the low`"),
        ("health but skip users-db", "`skip users-db`"),
        ("audit everything not only security", "`not only security`"),
        ("status twice", "`twice`"),
        ("restart payments-api twice", "`twice`"),
        ("run the job four times", "`four times`"),
        ("health every ten minutes", "`every ten minutes`"),
        ("status each morning", "`each morning`"),
        ("health hourly", "`hourly`"),
        ("run on every push", "`every push`"),
        (
            "search logs of checkout but spend at most 50 cents",
            "`50 cents`",
        ),
        ("double the memory of checkout", "`double`"),
        ("initialise the repository and then run it", "`run it`"),
        ("health of checkout and explain it", "`explain it`"),
        ("take the third of four shares", "`four`"),
        ("roll back checkout by two versions", "`two`"),
        ("payments-api was restarted", "`was restarted`"),
        ("checkout keeps restarting", "`keeps restarting`"),
        ("nobody should restart users-db", "`nobody`"),
        ("undo the restart of checkout", "`restart`"),
    ] {
        let asked_back = line(text);
        assert!(
            asked_back.starts_with("? ") && asked_back.contains(asked),
            "{text}: {asked_back}"
        );
    }
    for (text, expected) in [
        ("is checkout not healthy?", "health --service checkout"),
        ("isn't checkout healthy", "health --service checkout"),
        (
            "infra-002 was not fixed, \"it happened again\"",
            "issues reopen infra-002 --reason \"it happened again\"",
        ),
        (
            "adopt x.tfstate and drop what it does not name any more",
            "adopt x.tfstate --prune",
        ),
        (
            "audit, but only what is not in base.json",
            "audit --baseline base.json",
        ),
        ("nightly run for prod", "run --env prod"),
        ("dashboard every 30s", "dashboard --watch 30s"),
        (
            "comment app-1c9d20 with \"restarted twice\"",
            "issues note app-1c9d20 \"restarted twice\"",
        ),
        (
            "do the scheduled run in prod and push it",
            "run --env prod --push",
        ),
        (
            "roll checkout back to version 12",
            "remediate --action rollback_lambda --service checkout --set version=12",
        ),
        ("what was remediated so far", "remediate --history"),
        ("the three worst problems", "issues --top 3"),
    ] {
        assert_eq!(line(text), expected, "{text}");
    }
}

#[test]
fn an_issue_may_be_named_by_its_resource() {
    let mut world = world();
    for (id, service) in [
        ("infra-001", "checkout"),
        ("infra-002", "orders-api"),
        ("infra-7f3a2c", "orders-api"),
        ("infra-b81e04", "acme-uploads"),
    ] {
        world.open.push(OpenIssue {
            id: id.to_owned(),
            service: service.to_owned(),
        });
    }
    for (text, expected) in [
        (
            "resolve the checkout issue because it was a test",
            "issues resolve infra-001 --reason \"it was a test\"",
        ),
        ("resolve the checkout issue", "? why? say `because …`"),
        (
            "assign the checkout problem to sam",
            "issues assign infra-001 sam",
        ),
        ("escalate the checkout issue", "escalate infra-001"),
        (
            "close the orders-api issue because it is fixed",
            "? which issue: infra-002, infra-7f3a2c?",
        ),
        ("is checkout healthy", "health --service checkout"),
        (
            "restart checkout",
            "remediate --action restart_lambda --service checkout",
        ),
        (
            "resolve the email-queue issue",
            "? `resolve` asks for a change, and `issues` only looks",
        ),
    ] {
        let reading = read(text, &world);
        let line = match (&reading.best, reading.is_clear()) {
            (Some(best), true) => quoted(&best.arguments),
            _ => format!("? {}", reading.doubts.join("; ")),
        };
        assert_eq!(line, expected, "{text}");
    }
}

#[test]
fn the_same_words_are_read_the_same_way() {
    for text in ["is prod healthy", "restart orders", "top 3 issues", ""] {
        assert_eq!(read(text, &world()), read(text, &world()));
    }
}

#[test]
fn spans_of_time_count_back_from_now() {
    for (text, since) in [
        ("last 2 hours", "2h"),
        ("past hour", "1h"),
        ("last week", "7d"),
        ("30 minutes ago", "30m"),
        ("since yesterday", "34h"),
        ("since monday", "178h"),
        ("since 09:10", "20m"),
        ("since 07:30", "2h"),
        ("today", "10h"),
    ] {
        let expected = format!("logs --service checkout --since {since}");
        assert_eq!(
            line(&format!("logs of checkout {text}")),
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_command_line_can_be_copied() {
    let quote = |text: &str| quoted(&[text.to_owned()]);
    assert_eq!(quote("orders-api"), "orders-api");
    assert_eq!(quote("two words"), "\"two words\"");
    assert_eq!(quote("$(reboot) `x` it's"), r"'$(reboot) `x` it'\''s'");
    assert_eq!(quote(""), "\"\"");
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,200}") {
        let reading = read(&text, &world());
        prop_assert!(reading.others.len() <= 2);
    }

    #[test]
    fn any_jumble_of_known_words_is_read(words in proptest::collection::vec(prop_oneof![
        Just("restart"), Just("orders"), Just("don't"), Just("because"), Just("infra-001"), Just("\""), Just("last"),
        Just("2"), Just("hours"), Just("note:"), Just("prod"), Just("to"), Just("and"), Just("if"), Just("top"),
        Just("--env"), Just("since"), Just("issues"), Just("resolve"), Just("\u{202e}"), Just("logs"), Just("for"),
    ], 0..12)) {
        let reading = read(&words.join(" "), &world());
        prop_assert!(reading.best.is_some() || !reading.doubts.is_empty());
    }
}
