//! `--watch`, through a pseudo-terminal.

use serde_json::{Value, json};

use crate::demo::{END, Played};

/// Runs a program in a terminal, and acts as its user: every step waits for a text on the screen,
/// then types, resizes or sends a signal. Prints what was seen and what became of the terminal.
const USER: &str = r#"
import fcntl, json, os, pty, select, signal, struct, sys, termios, time
steps = json.loads(os.environ['STEPS'])
master, slave = pty.openpty()
def resize(rows, columns):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
resize(30, 100)
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for at in range(3):
        os.dup2(slave, at)
    os.execv(sys.argv[2], sys.argv[2:])
seen = []
for step in steps:
    part, deadline = '', time.monotonic() + 60
    while step['wait'] not in part:
        ready, _, _ = select.select([master], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            sys.exit('waited for %r and saw %r' % (step['wait'], part))
        part += os.read(master, 65536).decode('utf-8', 'replace')
    seen.append(part)
    if 'resize' in step:
        resize(*step['resize'])
    if 'signal' in step:
        os.kill(child, getattr(signal, step['signal']))
    if 'type' in step:
        os.write(master, step['type'].encode())
last = ''
while True:
    ready, _, _ = select.select([master], [], [], 0.05)
    if ready:
        last += os.read(master, 65536).decode('utf-8', 'replace')
        continue
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        break
json.dump({'seen': seen, 'last': last, 'code': os.waitstatus_to_exitcode(status),
           'restored': termios.tcgetattr(slave) == before}, sys.stdout)
"#;

fn watch(played: &Played, arguments: &[&str], steps: Value) -> Value {
    played
        .fractary(END, arguments)
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("STEPS", steps.to_string())
        .through("python3", USER)
        .run()
        .exits(0)
        .json()
}

fn is_left_as_it_was(session: &Value, code: i64) {
    assert_eq!(session["code"], code, "{session}");
    assert_eq!(session["restored"], true, "{session}");
    let last = session["last"].as_str().expect("a text");
    assert!(last.contains("\u{1b}[?25h"), "no cursor: {last:?}");
    assert!(last.ends_with("\u{1b}[?1049l"), "another screen: {last:?}");
}

#[test]
fn the_dashboard_is_drawn_and_its_issues_open_with_a_key() {
    let played = Played::new();
    let id = played.issue();
    let session = watch(
        &played,
        &["dashboard", "--stored", "--watch=60s"],
        json!([
            { "wait": "q quit", "type": "1" },
            { "wait": "b back", "type": "b" },
            { "wait": "1-9 issue", "type": "q" },
        ]),
    );
    is_left_as_it_was(&session, 0);
    let seen = |at: usize| session["seen"][at].as_str().expect("a text").to_owned();
    assert!(seen(0).starts_with("\u{1b}[?1049h"), "{:?}", seen(0));
    assert!(seen(0).contains("FRACTARY DASHBOARD"));
    assert!(seen(1).contains(&id), "{}", seen(1));
    assert!(seen(2).contains("FRACTARY DASHBOARD"));
}

#[test]
fn status_follows_the_size_of_the_terminal_and_ctrl_c_leaves() {
    let played = Played::new();
    let session = watch(
        &played,
        &["status", "--stored", "--watch=60s"],
        json!([
            { "wait": "q quit", "resize": [12, 60], "signal": "SIGWINCH" },
            { "wait": "1-9 issue", "type": "\u{3}" },
        ]),
    );
    is_left_as_it_was(&session, 0);
    // As many lines as the terminal has now.
    let second = session["seen"][1].as_str().expect("a text");
    let drawn = second.rsplit("\u{1b}[H").next().expect("a screen");
    assert_eq!(drawn.matches("\r\n").count(), 11, "{drawn:?}");
    assert!(session["seen"][0].to_string().contains("Open an issue"));
}

#[test]
fn a_request_to_end_leaves_the_terminal_as_it_was() {
    let played = Played::new();
    let steps = json!([{ "wait": "q quit", "signal": "SIGTERM" }]);
    let session = watch(&played, &["status", "--stored", "--watch"], steps);
    is_left_as_it_was(&session, 130);
}

#[test]
fn elsewhere_the_page_is_printed_once_and_a_line_says_so() {
    let played = Played::new();
    for command in ["status", "dashboard"] {
        let plain = played.fractary(END, &[command, "--stored"]).run();
        let watched = played
            .fractary(END, &[command, "--stored", "--watch", "60s"])
            .run();
        assert_eq!(watched.stdout, plain.stdout);
        assert_eq!(watched.code, plain.code);
        let said = watched.stderr.replace(&plain.stderr, "");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains("no terminal to draw on"), "{said}");
    }
    // What does not go together is refused anywhere.
    let refused = played.fractary(END, &["status", "--watch", "--format=json"]);
    let refused = refused.run().exits(2);
    assert!(refused.stderr.contains("`--format`"), "{}", refused.stderr);
}
