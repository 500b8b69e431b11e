//! What a deployment shows: lines in CI, a bar on a terminal, one document with `--format json`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::json;

use super::{MAIN, Scene};
use crate::support::terraform;

#[test]
fn lines_of_others_between_the_events_are_shown_and_change_nothing() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    let bin = scene.repo.home().join("bin");
    fs::create_dir_all(&bin).expect("it is ours");
    let real = terraform::folder()
        .expect("the scene has it")
        .join("terraform");
    let wrapper = format!(
        "#!/bin/sh\ncase \"$1\" in apply) echo 'Warning: this wrapper is old';; esac\nexec '{}' \"$@\"\n",
        real.display()
    );
    let path = bin.join("terraform");
    fs::write(&path, wrapper).expect("it is ours");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let run = scene
        .infra(&["deploy", "--yes"])
        .env("PATH", terraform::path(&bin))
        .run()
        .exits(0);
    assert!(
        run.stderr.contains("log: Warning: this wrapper is old\n"),
        "{}",
        run.stderr
    );
    assert_eq!(scene.newest()["status"], "success");
}

#[test]
fn in_ci_there_are_plain_lines_and_one_document() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    let preview = scene.infra(&["preview", "--format", "json"]).run().exits(0);
    assert_eq!(preview.json()["kind"], "preview");
    let test = scene.infra(&["test", "--format", "json"]).run();
    let test = test.json();
    assert_eq!(test["kind"], "test");
    assert_eq!(
        test["steps"][0],
        json!({
            "name": "plan", "outcome": "passed",
            "details": ["Plan: 3 to add, 0 to change, 0 to destroy."],
        })
    );
    let deployed = scene
        .infra(&["deploy", "--yes", "--format", "json"])
        .env("CI", "true")
        .run()
        .exits(0);
    assert_eq!(deployed.json()["status"], "success");
    for line in [
        "terraform_data.one: create begins\n",
        "terraform_data.three: create done\n",
    ] {
        assert!(deployed.stderr.contains(line), "{}", deployed.stderr);
    }
    assert!(!deployed.stderr.contains('\u{1b}'), "{}", deployed.stderr);
    let torn = scene
        .infra(&["teardown", "--yes", "--format", "json"])
        .run()
        .exits(0);
    assert_eq!(torn.json()["operation"], "teardown");
}

/// Runs a program in a terminal of 80 columns and types when it is asked. Prints the screen.
const USER: &str = r#"
import fcntl, json, os, pty, select, struct, sys, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 80, 0, 0))
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for at in range(3):
        os.dup2(slave, at)
    os.execv(sys.argv[2], sys.argv[2:])
os.close(slave)
seen, typed, opened = '', False, False
while True:
    ready, _, _ = select.select([master], [], [], 60)
    if not ready:
        sys.exit('nothing came for a minute after %r' % seen)
    try:
        part = os.read(master, 65536)
    except OSError:
        break
    if not part:
        break
    seen += part.decode('utf-8', 'replace')
    if not typed and 'Continue?' in seen:
        typed = True
        os.write(master, b'yes\n')
    if not opened and '0/1 terraform_data' in seen:
        opened = True
        with open(os.environ['GATE'], 'w') as gate:
            gate.write('go on')
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
json.dump({'seen': seen, 'code': code}, sys.stdout)
"#;

#[test]
fn on_a_terminal_there_is_a_bar_that_fits() {
    let slow = "resource \"terraform_data\" \"a_name_that_is_longer_than_what_fits_beside_a_bar\" {\n  provisioner \"local-exec\" { command = \"cat ../../gate\" }\n}\n";
    let Some(scene) = Scene::new(slow) else {
        return;
    };
    let gate = scene.repo.path().join("../gate");
    let made = Command::new("mkfifo").arg(&gate).status();
    assert!(made.expect("mkfifo").success());
    let session = scene
        .infra(&["deploy"])
        .env("GATE", &gate)
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .through("python3", USER)
        .run()
        .exits(0)
        .json();
    assert_eq!(session["code"], 0, "{session}");
    let seen = session["seen"].as_str().expect("a text");
    let mut lines = seen.split(['\r', '\n']);
    let bar = lines.find(|line| line.contains("0/1 terraform_data"));
    let bar = bar.unwrap_or_else(|| panic!("no bar: {seen}"));
    let bar = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]")
        .expect("a pattern")
        .replace_all(bar, "");
    assert!(bar.contains("terraform_data.a_name"), "{bar}");
    assert!(bar.chars().count() <= 80, "{bar}");
    assert!(!seen.contains("create begins"), "lines are for CI: {seen}");
    assert_eq!(scene.newest()["record"]["consent"]["how"], "typed");
}
