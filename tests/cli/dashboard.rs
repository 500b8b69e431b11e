//! `fractary dashboard` in every format, with its options.

use crate::demo::{END, Played};

#[test]
fn every_format_tells_of_the_same_trouble() {
    let played = Played::new();
    let shown = |arguments: &[&str]| {
        let all = [&["dashboard"], arguments].concat();
        played.fractary(END, &all).run().exits(0).stdout
    };
    for format in ["text", "json", "markdown", "html"] {
        let text = shown(&["--format", format]);
        for word in ["orders-web", "2 of 3 tasks running", "infra-"] {
            assert!(text.contains(word), "{format}: {word} in {text}");
        }
    }
    insta::assert_snapshot!(shown(&["--format", "voice"]));
    let wide = played
        .fractary(END, &["dashboard"])
        .env("COLUMNS", "120")
        .run();
    insta::assert_snapshot!(wide.exits(0).stdout);
    insta::assert_snapshot!(shown(&["--format", "markdown"]));
}

#[test]
fn a_page_is_written_where_it_is_asked_for_and_links_to_its_files() {
    let played = Played::new();
    let before = played.git(&["rev-parse", "HEAD"]);
    let at = played.repository().join("site/index.html");
    let write = || {
        let arguments = ["dashboard", "--format", "html", "-o", "site/index.html"];
        let run = played.fractary(END, &arguments).run().exits(0);
        assert_eq!(run.stdout, "");
        std::fs::read_to_string(&at).expect("a page")
    };
    let page = write();
    assert!(page.starts_with("<!doctype html>"), "{page}");
    assert!(!page.contains("href=\"https://"), "no remote is known");
    assert_eq!(write(), page, "the same input gives the same bytes");

    played.git(&["remote", "add", "origin", "git@github.com:acme/orders.git"]);
    let page = write();
    let file = played.git(&["ls-files", ".fractary/plugins/helm/issues/active"]);
    let file = file.lines().next().expect("an open issue").to_owned();
    let commit = played.git(&["log", "-1", "--format=%H", "--", &file]);
    for address in [
        format!(
            "https://github.com/acme/orders/blob/{}/{file}",
            before.trim()
        ),
        format!("https://github.com/acme/orders/commit/{}", commit.trim()),
    ] {
        assert!(
            page.contains(&format!("href=\"{address}\"")),
            "{address} in {page}"
        );
    }
    let json = played
        .fractary(END, &["dashboard", "--format", "json"])
        .run()
        .json();
    assert_eq!(
        json["links"]["repository"],
        "https://github.com/acme/orders"
    );
    // Looking writes nothing but what was asked for.
    assert_eq!(played.git(&["rev-parse", "HEAD"]), before);
    assert_eq!(played.git(&["status", "--porcelain"]).trim(), "?? site/");
}

#[test]
fn domain_environment_and_number_narrow_it() {
    let played = Played::new();
    let run = |arguments: &[&str]| {
        let all = [&["dashboard", "--format", "json"], arguments].concat();
        played.fractary(END, &all).run()
    };
    let one = run(&["--domain", "infrastructure", "--env", "prod", "--top", "1"]).json();
    assert_eq!(one["top_issues"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["issues_total"], 2);
    let refused = run(&["--domain", "kitchen"]).exits(2);
    assert!(refused.stderr.contains("`kitchen`"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("infrastructure"),
        "{}",
        refused.stderr
    );
    let refused = run(&["--env", "prod,test"]).exits(2);
    assert!(
        refused.stderr.contains("one environment"),
        "{}",
        refused.stderr
    );
}

#[test]
fn helm_toml_says_the_format_and_the_option_wins() {
    let played = Played::new();
    let path = played
        .repository()
        .join(".fractary/plugins/helm/config/helm.toml");
    let set = |format: &str| {
        let text = format!("version = \"1.0.0\"\n\n[dashboard]\ndefault_output = \"{format}\"\n");
        std::fs::write(&path, text).expect("it can be written");
    };
    for (format, start) in [
        ("html", "<!doctype html>"),
        ("voice", "Operations are"),
        ("markdown", "# "),
        ("json", "{"),
        ("text", "╔"),
    ] {
        set(format);
        let text = played.fractary(END, &["dashboard"]).run().exits(0).stdout;
        assert!(text.starts_with(start), "{format}: {text}");
    }
    set("papyrus");
    let refused = played.fractary(END, &["dashboard"]).run().exits(2);
    assert!(refused.stderr.contains("papyrus"), "{}", refused.stderr);
    let option = played.fractary(END, &["dashboard", "--format", "voice"]);
    option.run().exits(0);
}

#[test]
fn other_commands_refuse_the_formats_of_the_dashboard() {
    let played = Played::new();
    for (command, format) in [("health", "html"), ("issues", "voice"), ("run", "html")] {
        let refused = played
            .fractary(END, &[command, "--format", format])
            .run()
            .exits(2);
        let said = format!("has no format `{format}`");
        assert!(refused.stderr.contains(&said), "{}", refused.stderr);
    }
}

#[test]
fn a_log_that_cannot_be_read_is_said_and_hides_nothing() {
    let played = Played::new();
    let folder = played
        .repository()
        .join(".fractary/plugins/helm-cloud/remediations/prod");
    std::fs::create_dir_all(folder.join("proposals")).expect("a folder");
    std::fs::write(folder.join("remediation-log.json"), "{ not a log").expect("a file");
    std::fs::write(folder.join("proposals/p-1.json"), "{}").expect("a file");
    let run = |arguments: &[&str]| {
        let text = played.fractary(END, arguments).run().exits(0).stdout;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let text = run(&["investigate", "orders-db"]);
    assert!(
        text.contains("changes by remediation could not be read"),
        "{text}"
    );
    for format in ["text", "html", "markdown"] {
        let text = run(&["dashboard", "--format", format]);
        assert!(
            text.contains("remediation-log.json could not"),
            "{format}: {text}"
        );
        assert!(
            text.contains("p-1") && text.contains("orders-web"),
            "{format}: {text}"
        );
    }
}
