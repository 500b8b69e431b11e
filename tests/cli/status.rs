//! `fractary status`: one line per domain and environment.

use crate::demo::{END, Played};
use crate::monitors::{DOWN, Monitored, WELL};

#[test]
fn one_line_a_domain_in_every_format() {
    let it = Monitored::new(&[
        ("shop", DOWN),
        ("mail", WELL),
        ("data", "#!/bin/sh\nexit 3\n"),
    ]);
    let at = |arguments: &[&str]| {
        let outcome = it.fractary(arguments).at("2026-11-21T10:00:00Z").run();
        outcome.exits(1).stdout
    };
    let text = at(&["status"]);
    let markdown = at(&["status", "--format", "markdown"]);
    insta::assert_snapshot!(format!("{text}\n{markdown}"));
    let json = it.run(&["status", "--format", "json"]).json();
    assert_eq!(json["kind"], "status");
    assert_eq!(json["overall_health"], "UNHEALTHY");
    assert_eq!(json["domains"].as_array().map(Vec::len), Some(4));
}

#[test]
fn its_exit_codes_are_those_of_the_table() {
    let it = Monitored::new(&[
        ("shop", DOWN),
        ("mail", WELL),
        ("data", "#!/bin/sh\nexit 3\n"),
    ]);
    for (arguments, code) in [
        (&["status", "--domain", "mail"][..], 0),
        (&["status", "--domain", "shop"], 1),
        (&["status", "--domain", "shop", "--fail-on", "never"], 0),
        (&["status", "--domain", "data"], 3),
        (&["status", "--domain", "mail", "--stored"], 3),
        (&["status", "--domain", "nosuch"], 2),
        (&["status", "--env", "nosuch"], 2),
        (&["status", "--stored", "--refresh"], 2),
        (&["status", "--format", "html"], 2),
    ] {
        it.run(arguments).exits(code);
    }
}

#[test]
fn the_built_in_monitor_shows_its_age_and_is_asked_on_request() {
    let played = Played::new();
    let stored = played.fractary("2026-11-02T09:40:00Z", &["status"]).run();
    assert!(stored.stdout.contains("8m ago"), "{}", stored.stdout);
    let fresh = played.fractary(END, &["status", "--refresh"]).run();
    assert!(fresh.stdout.contains(" now"), "{}", fresh.stdout);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
}
