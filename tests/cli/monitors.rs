//! Programs that monitor domains: real processes, real servers, real git.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;

/// Nobody listens there: AWS gives no answer.
const NOWHERE: &str = "http://127.0.0.1:9";
const MONITORS: &str = ".fractary/plugins/helm/registry/domain-monitors.json";
pub(crate) const WELL: &str = r#"#!/bin/sh
echo '{"version": "1.0.0", "status": "HEALTHY", "services": [{"name": "web", "status": "HEALTHY"}]}'
"#;
pub(crate) const DOWN: &str = r#"#!/bin/sh
cat <<END
{"version": "1.0.0", "domain": "$FRACTARY_DOMAIN", "environment": "$FRACTARY_ENVIRONMENT",
 "status": "HEALTHY", "services": [{"name": "web", "status": "UNHEALTHY", "detail": "answers 500"}],
 "issues": [{"check": "http_status", "status": "UNHEALTHY", "title": "answers 500", "slo_breach": true,
   "resource": {"name": "web", "kind": "url", "id": "https://shop.example/"}}]}
END
"#;

/// A repository with `prod` and programs as monitors of domains of their names.
pub(crate) struct Monitored {
    pub(crate) repo: Repo,
}

impl Monitored {
    pub(crate) fn new(programs: &[(&str, &str)]) -> Self {
        let repo = Repo::new(&[("README.md", "# Mine\n")]);
        let it = Self { repo };
        it.run(&["init", "--env", "prod"]).exits(0);
        for (name, text) in programs {
            it.program(&format!("m/{name}"), text);
            let health = json!({ "exec": [format!("./m/{name}")], "timeout": "60s" });
            it.register(name, health);
        }
        if !programs.is_empty() {
            it.repo.commit_all("Monitors");
        }
        it
    }

    pub(crate) fn program(&self, path: &str, text: &str) {
        self.repo.write(&[(path, text)]);
        let path = self.repo.path().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }

    fn register(&self, domain: &str, health: Value) {
        let mut file: Value = serde_json::from_str(&self.repo.read(MONITORS)).expect("JSON");
        file["monitors"]
            .as_array_mut()
            .expect("a list")
            .push(json!({
                "domain": domain, "plugin": format!("acme-{domain}"), "status": "active",
                "commands": { "health": health },
            }));
        self.repo.write(&[(MONITORS, &file.to_string())]);
    }

    pub(crate) fn fractary(&self, arguments: &[&str]) -> Fractary {
        Fractary::in_repo(&self.repo)
            .endpoint(NOWHERE)
            .env("FRACTARY_TIMEOUT", "2s")
            .args(arguments)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.fractary(arguments).run()
    }

    /// The rows of `status`, by domain.
    fn rows(&self, outcome: &Outcome) -> Vec<(String, String, String)> {
        let rows = outcome.json()["domains"].clone();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let rows = rows.as_array().expect("rows").iter();
        let rows = rows.filter(|row| row["domain"] != "infrastructure");
        rows.map(|row| (text(row, "domain"), text(row, "status"), text(row, "note")))
            .collect()
    }

    /// Something that ends when nobody of those who inherited it is left. Programs open it
    /// with `exec 9>…`; what outlives them all says so.
    fn watch(&self, name: &str) -> (PathBuf, JoinHandle<String>) {
        let path = self.repo.home().join(name);
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("the system has mkfifo").success());
        let read = path.clone();
        let left = std::thread::spawn(move || {
            let mut text = String::new();
            let mut pipe = fs::File::open(read).expect("it is there");
            pipe.read_to_string(&mut text).expect("text");
            text
        });
        (path, left)
    }
}

/// The lines of a program that hangs, ignores what it is asked, and has a child that does.
fn hanging(pipe: &std::path::Path) -> String {
    format!(
        "#!/bin/sh\ntrap '' TERM\nexec 9>{}\n(sleep 90; echo late >&9) &\necho 'waiting for the database' >&2\nsleep 90\necho late >&9\n",
        pipe.display()
    )
}

#[test]
fn five_at_once_each_with_its_own_end_and_nothing_left_running() {
    let it = Monitored::new(&[
        ("nonsense", "#!/bin/sh\necho hello, I am fine\n"),
        (
            "three",
            "#!/bin/sh\necho 'no such table: loads' >&2\nexit 3\n",
        ),
        ("flood", "#!/bin/sh\nhead -c 52428800 /dev/zero\n"),
        ("good", WELL),
    ]);
    let (pipe, left) = it.watch("left");
    it.program("m/hang", &hanging(&pipe));
    it.register("hang", json!({ "exec": ["./m/hang"], "timeout": "1s" }));
    let outcome = it.run(&["dashboard", "--format", "json"]).exits(0);
    assert_eq!(left.join().expect("it was read"), "");
    let rows: Vec<String> = it
        .rows(&outcome)
        .iter()
        .map(|(domain, status, note)| format!("{domain} {status} {note}").trim_end().to_owned())
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    nonsense UNKNOWN its answer is not valid: line 1: this is not JSON (expected a key or text in double quotes, or a number)
    three UNKNOWN exited with 3: no such table: loads
    flood UNKNOWN printed more than 1 MiB, and was ended
    good HEALTHY
    hang UNKNOWN gave no answer within its limit of 1 s: waiting for the database
    ");
    for format in ["text", "markdown"] {
        let shown = it
            .run(&["dashboard", "--stored", "--format", format])
            .exits(0);
        assert!(shown.stdout.contains("never observed"), "{}", shown.stdout);
    }
}

#[test]
fn what_an_early_end_leaves_behind_delays_nobody_and_is_ended() {
    let it = Monitored::new(&[]);
    let (pipe, left) = it.watch("left");
    let text = format!(
        "#!/bin/sh\nexec 9>{}\n(sleep 90; echo late >&9) &\n{}",
        pipe.display(),
        WELL.trim_start_matches("#!/bin/sh\n")
    );
    it.program("m/forks", &text);
    it.register("forks", json!({ "exec": ["./m/forks"], "timeout": "80s" }));
    let outcome = it
        .run(&["status", "--domain", "forks", "--format", "json"])
        .exits(0);
    assert_eq!(it.rows(&outcome)[0].1, "HEALTHY");
    assert_eq!(left.join().expect("it was read"), "");
}

#[test]
fn an_interrupt_ends_all_of_them() {
    for signal in ["-INT", "-TERM"] {
        let it = Monitored::new(&[]);
        let (pipe, left) = it.watch("left");
        let (started, began) = it.watch("started");
        let text = hanging(&pipe).replace(
            "echo 'waiting",
            &format!("echo up >{}\necho 'waiting", started.display()),
        );
        it.program("m/hang", &text);
        it.register("hang", json!({ "exec": ["./m/hang"], "timeout": "80s" }));
        let child = it.fractary(&["status"]).spawn();
        assert_eq!(began.join().expect("it was read"), "up\n");
        let id = child.id().to_string();
        Command::new("kill")
            .args([signal, &id])
            .status()
            .expect("kill");
        Outcome::of(child).exits(130);
        assert_eq!(left.join().expect("it was read"), "");
    }
}

#[test]
fn every_way_to_fail_has_a_reason_that_a_person_understands() {
    let about = |rest: &str| format!("#!/bin/sh\necho '{{\"version\": \"1.0.0\", {rest}}}'\n");
    let it = Monitored::new(&[
        ("empty", "#!/bin/sh\necho\n"),
        (
            "binary",
            "#!/bin/sh\nprintf '{\"version\": \"\\377\\376\"}'\n",
        ),
        ("signal", "#!/bin/sh\nkill -9 $$\n"),
        ("interpreter", "#!/no/such/interpreter\n"),
        ("word", &about(r#""status": "FINE""#)),
        ("lacks", &about(r#""services": []"#)),
        (
            "newer",
            "#!/bin/sh\necho '{\"version\": \"2.0.0\", \"status\": \"HEALTHY\"}'\n",
        ),
        (
            "cut",
            "#!/bin/sh\nprintf '{\"version\": \"1.0.0\", \"status\": '\n",
        ),
        ("other", &about(r#""status": "HEALTHY", "domain": "wrong""#)),
        (
            "elsewhere",
            &about(r#""status": "HEALTHY", "environment": "test""#),
        ),
        (
            "evil",
            "#!/bin/sh\nprintf 'password=hunter2 \\033[31m::error::x\\n' >&2\nexit 1\n",
        ),
    ]);
    it.register("absent", json!({ "exec": ["./m/absent"] }));
    it.register("folder", json!({ "exec": ["./m"] }));
    it.register("plain", json!({ "exec": ["./README.md"] }));
    it.register(
        "unset",
        json!({ "exec": ["./m/empty"], "env": { "A": "${NO_SUCH_TOKEN}" } }),
    );
    it.register("nothing", json!({ "exec": [""] }));
    let outcome = it.run(&["status", "--format", "json"]).exits(3);
    let rows: Vec<String> = it
        .rows(&outcome)
        .iter()
        .map(|(domain, status, note)| format!("{domain} {status}: {note}"))
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn a_program_gets_what_it_needs_and_no_credentials() {
    let it = Monitored::new(&[]);
    it.program(
        "m/env",
        "#!/bin/sh\nenv | grep -v -E '^(PWD|SHLVL|_|OLDPWD|SSL_.*)=' | cut -d= -f1 | sort | tr '\\n' ' ' >&2\necho \"token $TOKEN in $WHERE\" >&2\nexit 1\n",
    );
    it.register(
        "env",
        json!({ "exec": ["./m/env"], "env": { "TOKEN": "${MY_TOKEN}", "WHERE": "{domain}/{environment}" } }),
    );
    let outcome = it
        .fractary(&["monitor", "validate", "env", "--format", "json"])
        .env("MY_TOKEN", "tok-1234567890")
        .env("GITHUB_TOKEN", "ghs_abcdefghijklmnopqrstuvwxyz0123456789")
        .env("AWS_SESSION_TOKEN", "session")
        .run()
        .exits(2);
    assert!(!outcome.stdout.contains("tok-123"), "{}", outcome.stdout);
    let steps = outcome.json()["steps"].clone();
    let steps: Vec<_> = steps.as_array().expect("steps").iter().collect();
    let texts: Vec<_> = steps.iter().filter_map(|s| s["text"].as_str()).collect();
    let said: Vec<_> = texts
        .iter()
        .filter(|t| t.contains("standard error"))
        .collect();
    assert_eq!(
        said,
        [
            &"on standard error: FRACTARY_DOMAIN FRACTARY_ENVIRONMENT FRACTARY_TIMEOUT_SECONDS HOME LC_ALL PATH TOKEN TZ WHERE token [REDACTED:variable] in env/prod"
        ]
    );
}

#[test]
fn a_second_domain_lives_in_the_same_registry() {
    let it = Monitored::new(&[("web", DOWN)]);
    let at = |minute: u32, program: Option<&str>, code: i32| {
        if let Some(text) = program {
            it.program("m/web", text);
            it.repo.commit_all("Another world");
        }
        let time = format!("2026-11-21T10:{minute:02}:00Z");
        it.run(&["run", "--at", &time]).exits(code)
    };
    let first = at(0, None, 1);
    assert!(
        first
            .stdout
            .contains("says HEALTHY, but that `web` is UNHEALTHY"),
        "{}",
        first.stdout
    );
    let issue = it.run(&["issues", "--format", "json"]).json()[0].clone();
    assert_eq!(
        (&issue["domain"], &issue["severity"]),
        (&json!("web"), &json!("CRITICAL"))
    );
    let id = issue["id"].as_str().expect("an id").to_owned();
    assert!(id.starts_with("web-"), "{id}");
    let stored = it
        .repo
        .read(".fractary/plugins/helm/domains/web/prod/latest.json");
    let without_time = |line: &&str| !line.contains("duration_ms");
    let stored: Vec<&str> = stored.lines().filter(without_time).collect();
    insta::assert_snapshot!("stored_domain", stored.join("\n"));
    let message = it.repo.git(&["log", "-1", "--format=%B"]);
    let without_run = |line: &&str| !line.starts_with("Fractary-Run");
    let message: Vec<&str> = message.lines().filter(without_run).collect();
    insta::assert_snapshot!("commit_message", message.join("\n"));
    it.run(&["check", "--strict"]).exits(0);
    let shown = it.run(&["issues", "show", &id]).exits(0);
    assert!(
        shown
            .stdout
            .contains("fractary monitor validate web --env prod"),
        "{}",
        shown.stdout
    );
    for format in ["text", "json", "markdown"] {
        let dashboard = it.run(&[
            "dashboard",
            "--format",
            format,
            "--at",
            "2026-11-21T10:01:00Z",
        ]);
        assert!(
            dashboard.stdout.contains(&id),
            "{format}: {}",
            dashboard.stdout
        );
    }
    // A quiet run, an unknown one, and two that are well.
    let head = it.repo.git(&["rev-parse", "HEAD"]);
    at(5, None, 1);
    assert_eq!(it.repo.git(&["rev-parse", "HEAD"]), head);
    at(10, Some("#!/bin/sh\nexit 7\n"), 3);
    at(15, Some(WELL), 3);
    let open = it.run(&["issues", "--format", "json"]).json();
    assert_eq!(open[0]["id"], json!(id));
    at(20, None, 3);
    assert_eq!(it.run(&["issues", "--format", "json"]).json(), json!([]));
    let resolved = it
        .repo
        .read(&format!(".fractary/plugins/helm/issues/resolved/{id}.json"));
    assert!(resolved.contains("healthy for 2 runs"), "{resolved}");
}

#[test]
fn a_replay_runs_nothing_and_gives_the_same() {
    let counting = DOWN.replace("#!/bin/sh\n", "#!/bin/sh\necho once >> \"$HOME/count\"\n");
    let it = Monitored::new(&[("web", &counting)]);
    let base = it.repo.git(&["rev-parse", "HEAD"]);
    let world = it.repo.home().join("world.json");
    let world = world.to_str().expect("UTF-8");
    let at = ["--at", "2026-11-21T10:00:00Z"];
    let report = || {
        it.repo
            .read(".fractary/plugins/helm/domains/web/prod/latest.json")
    };
    it.fractary(&["run", "--record", world])
        .args(at)
        .run()
        .exits(1);
    let issues = || {
        it.repo
            .git(&["rev-parse", "HEAD:.fractary/plugins/helm/issues"])
    };
    let first = (report(), issues());
    it.repo.git(&["reset", "--quiet", "--hard", base.trim()]);
    it.fractary(&["run", "--replay", world])
        .args(at)
        .run()
        .exits(1);
    assert_eq!((report(), issues()), first);
    it.fractary(&["status", "--replay", world])
        .args(at)
        .run()
        .exits(1);
    it.fractary(&["monitor", "validate", "web", "--replay", world])
        .run()
        .exits(2);
    let later = it
        .fractary(&["status", "--replay", world, "--at", "2026-11-21T12:00:00Z"])
        .run()
        .exits(3);
    assert!(
        later.stdout.contains("the recording holds no answer"),
        "{}",
        later.stdout
    );
    let count = fs::read_to_string(it.repo.home().join("count")).expect("it ran");
    assert_eq!(count, "once\n");
}

/// What people read, without times.
fn timeless(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.split_once(" after ") {
            Some((before, _)) => out.push_str(&format!("{before} after …\n")),
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

#[test]
fn validate_says_line_by_line_what_is_right_and_wrong() {
    let twice = r#"#!/bin/sh
cat <<'END'
{
  "version": "1.0.0",
  "status": "HEALTHY",
  "servces": [],
  "issues": [
    { "check": "lag", "title": "late", "resource": { "name": "queue" }, "severity": "LOW" },
    { "check": "lag", "title": "later", "resource": { "name": "queue" }, "severity": "HIGH" }
  ]
}
END
"#;
    let wrong =
        "#!/bin/sh\necho 'starting' >&2\necho '{\"version\": \"1.0.0\", \"status\": \"FINE\"}'\n";
    let it = Monitored::new(&[("down", DOWN), ("twice", twice), ("wrong", wrong)]);
    let mut all = String::new();
    for (domain, code) in [("down", 0), ("twice", 0), ("wrong", 2)] {
        let outcome = it.run(&["monitor", "validate", domain]).exits(code);
        all.push_str(&timeless(&outcome.stdout));
        all.push('\n');
    }
    all.push_str(&it.run(&["monitor", "list"]).exits(0).stdout);
    insta::assert_snapshot!(all);
    it.run(&["monitor", "validate", "nosuch"]).exits(2);
    it.run(&["monitor", "validate", "infrastructure"]).exits(2);
}

#[test]
fn a_fork_executes_nothing_by_checking() {
    let it = Monitored::new(&[("web", "#!/bin/sh\ntouch \"$HOME/ran\"\n")]);
    for arguments in [
        &["check"][..],
        &["doctor"],
        &["issues"],
        &["monitor", "list"],
        &["status", "--stored"],
        &["dashboard", "--stored"],
        &["health"],
    ] {
        it.run(arguments);
        assert!(!it.repo.home().join("ran").exists(), "{arguments:?}");
    }
}
