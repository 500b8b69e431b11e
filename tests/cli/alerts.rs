//! Alerts against services that hold what they get against their documentation, and that
//! refuse, hang, hang up, slow down and redirect.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::alert_scene::{RULES, SIGNING_KEY, Scene};
use crate::demo::END;
use crate::support::github::Instead;

fn texts(payloads: &[Value], pointer: &str) -> BTreeSet<String> {
    let text = |one: &Value| one.pointer(pointer)?.as_str().map(str::to_owned);
    payloads.iter().filter_map(text).collect()
}

#[test]
fn every_channel_is_told_once_in_a_window_and_hears_the_end() {
    let scene = Scene::new(RULES);
    scene.run(12);
    let opened: BTreeSet<String> = scene.issues().into_keys().collect();
    assert!(opened.len() > 1, "{opened:?}");
    let told = scene.hook.taken();
    assert_eq!(texts(&told, "/issue/id"), opened);
    assert_eq!(told.len(), opened.len());
    assert_eq!(scene.team.taken().len(), opened.len());
    let mut pages = scene.pager.taken();
    assert_eq!(pages.len(), opened.len());
    assert!(pages.iter().all(|page| page["event_action"] == "trigger"));
    assert_eq!(scene.github.issues().len(), opened.len());
    assert!(
        scene
            .github
            .issues()
            .iter()
            .all(|one| one["labels"].to_string().contains("ops"))
    );
    // The same moment again: nothing is told twice.
    scene.run(13);
    assert_eq!(scene.hook.taken().len() + scene.team.taken().len(), 0);
    // More trouble five minutes later, and only that is told.
    scene.run(17);
    let more: BTreeSet<String> = scene.issues().into_keys().collect();
    let told = texts(&scene.hook.taken(), "/issue/id");
    assert_eq!(told, more.difference(&opened).cloned().collect());
    // After ten minutes it is told again what still lasts.
    scene.run(22);
    let again = scene.hook.taken();
    let old = texts(&again, "/issue/id");
    assert!(old.iter().any(|id| opened.contains(id)), "{old:?}");
    // The end: what the first run finds healthy is not told again.
    scene.run(27);
    pages.extend(scene.pager.taken());
    scene.run(32);
    let resolved: BTreeSet<String> = scene
        .issues()
        .into_iter()
        .filter(|(_, issue)| issue["status"] == "resolved")
        .map(|(id, _)| id)
        .collect();
    assert!(!resolved.is_empty());
    let ends: Vec<Value> = scene.pager.taken();
    let ends: Vec<&Value> = ends
        .iter()
        .filter(|one| one["event_action"] == "resolve")
        .collect();
    assert_eq!(ends.len(), resolved.len());
    assert!(ends.iter().all(|end| {
        pages
            .iter()
            .any(|page| page["dedup_key"] == end["dedup_key"])
    }));
    let closed = scene.github.issues();
    let closed = closed.iter().filter(|one| one["state"] == "closed");
    assert_eq!(closed.count(), resolved.len());
    assert_eq!(
        scene.github.issues().len(),
        more.len(),
        "one for each, over all runs"
    );
    scene.has_no_complaint();
    scene.played.fractary(END, &["check"]).run().exits(0);
    let log = scene.played.git(&["log", "-3", "--format=%s"]);
    assert!(!log.contains("rror"), "{log}");
}

#[test]
fn an_end_that_was_refused_is_told_by_a_run_that_finds_nothing_new() {
    let scene = Scene::new(RULES);
    for minute in [12, 17, 22, 27] {
        scene.run(minute);
    }
    scene.hook.taken();
    scene
        .hook
        .always(Some(Instead::Answer(500, &[], String::new())));
    scene.run(32);
    let refused = scene.hook.taken();
    let refused: Vec<&Value> = refused
        .iter()
        .filter(|one| one["kind"] == "resolve")
        .collect();
    let keys = |all: &[&Value]| -> BTreeSet<String> {
        let keys = all.iter().map(|one| one["key"].to_string());
        keys.collect()
    };
    assert!(!refused.is_empty());
    scene.hook.always(None);
    scene.run(33);
    let told = scene.hook.taken();
    let told: Vec<&Value> = told.iter().filter(|one| one["kind"] == "resolve").collect();
    assert_eq!(keys(&told), keys(&refused));
    scene.run(34);
    let again = scene.hook.taken();
    assert!(again.iter().all(|one| one["kind"] != "resolve"));
}

#[test]
fn the_webhook_is_signed() {
    let scene = Scene::new(RULES);
    scene.run(12);
    let message = scene.hook.messages().remove(0);
    let signature = message
        .header("fractary-signature")
        .expect("a signature")
        .to_owned();
    let openssl = std::process::Command::new("python3")
        .args(["-c", "import hmac,sys;print('sha256='+hmac.new(sys.argv[1].encode(),sys.stdin.buffer.read(),'sha256').hexdigest())", SIGNING_KEY])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn();
    let mut child = openssl.expect("the tests need Python");
    let mut pipe = child.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut pipe, &message.body).expect("it reads");
    drop(pipe);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), signature);
}

#[test]
fn only_runs_that_commit_what_is_real_send() {
    let scene = Scene::new(RULES);
    let at = "2026-11-02T09:12:00Z";
    let quiet: [&[&str]; 5] = [
        &["run"],
        &["run", "--dry-run", "--alerts", "always"],
        &["run", "--write", "--alerts", "always"],
        &["health", "--alerts", "always"],
        &["run", "--alerts", "never"],
    ];
    let head = scene.played.git(&["rev-parse", "HEAD"]);
    for arguments in quiet {
        let outcome = scene.fractary(at, arguments).run();
        assert!(outcome.code <= 1, "{arguments:?}: {}", outcome.stderr);
        let total = scene.team.taken().len() + scene.pager.taken().len() + scene.hook.taken().len();
        assert_eq!((total, scene.github.asked().len()), (0, 0), "{arguments:?}");
        let says = outcome.stderr.contains("would notify");
        let should = arguments.contains(&"--dry-run") || arguments == ["run"];
        assert_eq!(says, should, "{arguments:?}: {}", outcome.stderr);
        scene
            .played
            .git(&["reset", "--quiet", "--hard", head.trim()]);
        scene.played.git(&["clean", "--quiet", "-fd"]);
    }
    let said = scene.fractary(at, &["run", "--dry-run"]).run().stderr;
    let said: Vec<&str> = said.lines().filter(|line| line.contains("would")).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_channel_that_fails_is_said_and_tried_again_and_fails_nothing() {
    let cases = [
        (
            "refused",
            Instead::Answer(404, &[], "no_service".to_owned()),
        ),
        (
            "broken",
            Instead::Answer(500, &[], "rollup_error".to_owned()),
        ),
        (
            "slow",
            Instead::Answer(429, &[("Retry-After", "3600")], String::new()),
        ),
        (
            "elsewhere",
            Instead::Answer(
                302,
                &[("Location", "https://evil.example.com/x")],
                String::new(),
            ),
        ),
        ("hangs", Instead::Hang),
        ("hangs up", Instead::DoAndHangUp),
        ("garbage", Instead::Garbage),
    ];
    let rules = RULES.replace(
        "\"team\", \"pager\", \"hook\", \"tracker\"",
        "\"team\", \"hook\"",
    );
    let scene = Scene::new(&rules);
    let base = scene.played.git(&["rev-parse", "HEAD"]);
    let mut said = String::new();
    for (name, what) in cases {
        scene
            .played
            .git(&["reset", "--quiet", "--hard", base.trim()]);
        scene.team.always(Some(what));
        let outcome = scene.run(12);
        let line = outcome
            .stderr
            .lines()
            .find(|line| line.contains("team"))
            .unwrap_or("nothing");
        said.push_str(&format!("{name}: {line}\n"));
        // The others are not kept from it.
        let told = texts(&scene.hook.taken(), "/issue/id");
        let id = told.first().expect("an issue").clone();
        scene.team.taken();
        let failed = scene.delivery(&id, "team");
        assert_eq!(
            (&failed["delivered"], &failed["attempts"]),
            (&false.into(), &1.into()),
            "{name}"
        );
        assert_eq!(scene.delivery(&id, "hook")["delivered"], true);
        // The next run makes up for it, with the same key.
        scene.team.always(None);
        scene.run(13);
        let taken = scene.team.taken();
        let block = format!("fractary-{}", failed["key"].as_str().expect("a key"));
        assert!(
            texts(&taken, "/blocks/0/block_id").contains(&block),
            "{name}"
        );
        assert_eq!(taken.len(), told.len());
        assert!(scene.hook.taken().is_empty(), "{name}: told already");
        let taken = scene.delivery(&id, "team");
        assert_eq!(
            (&taken["delivered"], &taken["attempts"]),
            (&true.into(), &2.into()),
            "{name}"
        );
        assert_eq!(taken["error"], Value::Null);
    }
    insta::with_settings!({ filters => vec![(r"infra-[0-9a-f]{6}", "[id]"), (r"127\.0\.0\.1:\d+", "[address]"), (r"os error \d+", "os error N")] }, {
        insta::assert_snapshot!(said);
    });
}

#[test]
fn what_is_not_set_is_named() {
    let scene = Scene::new(RULES);
    let at = "2026-11-02T09:12:00Z";
    let said = scene
        .fractary(at, &["run", "--alerts", "always"])
        .without("TEAM_URL")
        .env("HOOK_URL", "http://hooks.example.com/s3cret")
        .without("GITHUB_REPOSITORY")
        .run()
        .stderr;
    for expected in [
        "TEAM_URL is not set",
        "the address in HOOK_URL cannot be used: http is only for this machine",
        "GITHUB_REPOSITORY",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("s3cret"), "{said}");
    assert!(!scene.pager.taken().is_empty());
}

#[test]
fn killed_while_it_sends_it_is_told_once_more_with_the_same_key() {
    let rules = RULES.replace("\"team\", \"pager\", \"hook\", \"tracker\"", "\"hook\"");
    let scene = Scene::new(&rules);
    scene.hook.always(Some(Instead::Hang));
    let at = "2026-11-02T09:12:00Z";
    let mut child = scene.fractary(at, &["run", "--alerts", "always"]).spawn();
    scene.hook.wait();
    child.kill().expect("it runs");
    child.wait().expect("it was killed");
    let opened = scene.issues();
    let shown = scene.fractary("2026-11-02T09:12:30Z", &["issues", "show"]);
    let shown = shown.args(opened.keys().next()).run().exits(0).stdout;
    assert!(
        shown.contains("not known whether hook received it"),
        "{shown}"
    );
    let before = texts(&scene.hook.taken(), "/key");
    assert!(!before.is_empty());
    scene.hook.always(None);
    // Later, as a schedule would have it.
    scene.run(13);
    let after = scene.hook.taken();
    let keys = texts(&after, "/key");
    assert_eq!(keys.len(), after.len(), "none twice in one run");
    assert!(before.is_subset(&keys), "{before:?} {keys:?}");
    scene.run(14);
    assert!(scene.hook.taken().is_empty());
    scene.has_no_complaint();
}

#[test]
fn stopped_at_any_step_of_the_commit_it_is_told_once_more_at_most() {
    let scene = Scene::new(RULES);
    let base = scene.played.git(&["rev-parse", "HEAD"]);
    for step in [
        "lock-taken",
        "tree-written",
        "journal-written",
        "ref-moved",
        "index-written",
    ] {
        scene
            .played
            .git(&["reset", "--quiet", "--hard", base.trim()]);
        let outcome = scene.sending(12).env("FRACTARY_FAULT", step).run();
        assert_eq!(outcome.code, 5, "{step}: {}", outcome.stderr);
        scene.run(13);
        let told = scene.hook.taken();
        let keys = texts(&told, "/key");
        assert!(
            told.len() <= 2 * keys.len(),
            "{step}: {} of {}",
            told.len(),
            keys.len()
        );
        scene.run(14);
        assert!(scene.hook.taken().is_empty(), "{step}");
    }
    let open = scene.issues().len();
    assert_eq!(
        scene.github.issues().len(),
        open,
        "found again by their marks"
    );
}

#[test]
fn a_lost_push_race_sends_nothing_again() {
    let scene = Scene::new(RULES);
    let folder = scene.played.recording().with_file_name("remote.git");
    let remote = folder.to_str().expect("UTF-8").to_owned();
    let git = |arguments: &[&str]| scene.played.git(arguments);
    git(&["init", "--quiet", "--bare", &remote]);
    let branch = git(&["rev-parse", "--abbrev-ref", "HEAD"]);
    let branch = branch.trim();
    git(&["remote", "add", "origin", &remote]);
    git(&["push", "--quiet", "--set-upstream", "origin", branch]);
    // Somebody else pushes first.
    let base = git(&["rev-parse", "HEAD"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "Theirs"]);
    git(&["push", "--quiet", "origin", branch]);
    git(&["reset", "--quiet", "--hard", base.trim()]);
    git(&[
        "update-ref",
        &format!("refs/remotes/origin/{branch}"),
        base.trim(),
    ]);
    let outcome = scene.sending(12).args(["--push"]).run();
    assert!(outcome.code <= 1, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("on top of what others pushed"),
        "{}",
        outcome.stderr
    );
    let told = scene.hook.taken();
    assert_eq!(texts(&told, "/key").len(), told.len());
    let recorded = scene.issues();
    assert!(recorded.values().all(|issue| issue["alerts"]["count"] == 4));
    let pushed = git(&["rev-parse", "HEAD"]);
    assert_eq!(
        git(&["ls-remote", "origin", branch]).split('\t').next(),
        Some(pushed.trim())
    );
}
