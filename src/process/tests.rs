//! Real programs (`sh`), and every way in which they end. What outlives a program is seen at a
//! named pipe, which ends when nobody holds it any more.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::broadcast;

use super::output::Listener;
use super::*;

/// Long enough for everything that ends by an event.
const NEVER: Duration = Duration::from_secs(600);

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("there is room"))
    }

    fn pipe(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("the system has mkfifo").success());
        path
    }

    /// All that is written to a named pipe, until nobody has it open.
    fn watch(&self, name: &str) -> JoinHandle<String> {
        let path = self.pipe(name);
        std::thread::spawn(move || fs::read_to_string(path).expect("it is text"))
    }

    fn shell(&self, text: &str) -> Program {
        let variables = std::env::vars().filter(|(name, _)| name == "PATH");
        Program {
            variables: Variables::Only(variables.collect()),
            ..Program::new(["sh", "-c", text], self.0.path(), NEVER)
        }
    }
}

fn text(ran: &Ran) -> &str {
    std::str::from_utf8(&ran.output).expect("it is text")
}

fn last_words(ran: &Ran) -> Vec<&str> {
    ran.last_words.iter().map(Untrusted::raw).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("there is a runtime").block_on(future)
}

/// The lines of a program; `act` sees each as it comes, and may interrupt.
fn stream_with(
    program: &Program,
    mut act: impl FnMut(&str, &broadcast::Sender<Interrupt>) + Send,
) -> (Ran, Vec<String>) {
    let (sender, _) = broadcast::channel(4);
    let interrupts = Interrupts::from_sender(&sender);
    let mut lines = Vec::new();
    let mut hand_on = |line: Line| {
        act(line.text.raw(), &sender);
        lines.push(line.text.raw().to_owned());
    };
    let listener = Listener::Lines(&mut hand_on);
    let ran = block_on(supervise::supervise(program, listener, interrupts));
    (ran.expect("it starts"), lines)
}

#[test]
fn a_program_gets_its_input_folder_and_variables_and_no_others() {
    let folder = Folder::new();
    fs::write(folder.0.path().join("here"), "").expect("it is ours");
    let mut program =
        folder.shell("ls; cat | wc -c; echo $GIVEN ${HOME-none}; echo why >&2; exit 7");
    // More than a pipe holds.
    program.input = Some(vec![b'x'; 300_000]);
    if let Variables::Only(variables) = &mut program.variables {
        variables.insert("GIVEN".to_owned(), "given".to_owned());
    }
    let ran = run_blocking(&program).expect("it starts");
    let words: Vec<&str> = text(&ran).split_whitespace().collect();
    assert_eq!(words, ["here", "300000", "given", "none"]);
    assert_eq!(last_words(&ran), ["why"]);
    assert_eq!(ran.end, End::Code(7));
    // Input that nobody reads is no failure, and neither is a runtime around it.
    program.exec = vec!["true".into()];
    let ran = block_on(async { run_blocking(&program) }).expect("it starts");
    assert_eq!(ran.end, End::Code(0));
}

#[test]
fn at_its_limit_a_program_ends_with_all_that_it_has_started() {
    let folder = Folder::new();
    let left = folder.watch("left");
    let mut program = folder.shell(
        "trap '' TERM; exec 9>left; (sleep 600; echo late >&9) & echo 'waiting' >&2; sleep 600",
    );
    program.limit = Duration::from_millis(100);
    program.ending.grace = Duration::from_millis(10);
    let ran = run_blocking(&program).expect("it starts");
    assert_eq!(ran.end, End::TimedOut);
    assert_eq!(last_words(&ran), ["waiting"]);
    assert_eq!(left.join().expect("it ends"), "");
}

#[test]
fn a_program_that_is_asked_to_end_may_clean_up() {
    let folder = Folder::new();
    let mut program =
        folder.shell("trap 'echo unlocked; exit 0' INT; sleep 600 >/dev/null 2>&1 & echo up; wait");
    program.limit = Duration::from_millis(200);
    program.ending = Ending {
        signal: EndSignal::Interrupt,
        grace: NEVER,
    };
    let ran = run_blocking(&program).expect("it starts");
    assert_eq!(ran.end, End::TimedOut);
    assert_eq!(text(&ran), "up\nunlocked\n");
}

#[test]
fn a_flood_is_ended_at_its_bound() {
    let folder = Folder::new();
    let mut program = folder.shell("cat /dev/zero");
    program.most_output = 100_000;
    let ran = run_blocking(&program).expect("it starts");
    assert_eq!(ran.end, End::TooMuch);
    assert!(ran.output.len() <= 100_000);
    // Of its errors the last lines are kept, and no half of a line.
    let program = folder.shell("i=0; while [ $i -lt 900 ]; do echo line $i >&2; i=$((i+1)); done");
    let ran = run_blocking(&program).expect("it starts");
    let words = last_words(&ran);
    assert_eq!(words.last(), Some(&"line 899"));
    assert!(
        words[0].starts_with("line ") && words.len() < 900,
        "{words:?}"
    );
}

#[test]
fn lines_come_while_the_program_runs() {
    let folder = Folder::new();
    let answer = folder.pipe("answer");
    let program = folder.shell("echo one; read word <answer; echo two $word; printf three >&2");
    let (ran, lines) = stream_with(&program, |line, _| {
        // It goes on only when its first line has come.
        if line == "one" {
            let mut pipe = fs::File::create(&answer).expect("it is there");
            pipe.write_all(b"heard\n").expect("it is read");
        }
    });
    assert_eq!(lines, ["one", "two heard", "three"]);
    assert_eq!((ran.end, ran.output.len()), (End::Code(0), 0));
    assert_eq!(last_words(&ran), ["three"]);
}

#[test]
fn an_interrupt_is_passed_on_once_and_the_program_waited_for() {
    let folder = Folder::new();
    let mut program = folder.shell(
        "trap 'echo asked; echo saved; exit 1' INT; sleep 600 >/dev/null 2>&1 & echo up; wait",
    );
    program.on_interrupt = OnInterrupt::PassOn;
    program.ending = Ending {
        signal: EndSignal::Interrupt,
        grace: NEVER,
    };
    for interrupt in [Interrupt::CtrlC, Interrupt::Terminate] {
        let (ran, lines) = stream_with(&program, |line, interrupts| {
            if line == "up" {
                interrupts.send(interrupt).expect("it is heard");
            }
        });
        assert_eq!(lines, ["up", "asked", "saved"]);
        assert_eq!(ran.end, End::Interrupted);
    }
}

#[test]
fn what_it_has_started_may_clean_up_after_it() {
    let folder = Folder::new();
    let mut program = folder.shell(
        "(trap 'read word <go-on; echo cleaned; exit 0' INT; echo up; while :; do sleep 600 >/dev/null 2>&1 & wait; done); true",
    );
    // Without the parent's own trap the signal ends it at once.
    let go_on = folder.pipe("go-on");
    program.ending = Ending {
        signal: EndSignal::Interrupt,
        grace: NEVER,
    };
    let (ran, lines) = stream_with(&program, |line, interrupts| {
        if line == "up" {
            interrupts.send(Interrupt::CtrlC).expect("it is heard");
            let go_on = go_on.clone();
            std::thread::spawn(move || fs::write(go_on, "go\n").expect("it is read"));
        }
    });
    assert_eq!(lines, ["up", "cleaned"]);
    assert_eq!(ran.end, End::Interrupted);
}

#[test]
fn a_second_interrupt_kills() {
    let folder = Folder::new();
    let left = folder.watch("left");
    let mut program = folder
        .shell("exec 9>left; trap 'echo asked' INT; echo up; while :; do sleep 600 & wait; done");
    program.ending = Ending {
        signal: EndSignal::Interrupt,
        grace: NEVER,
    };
    let (ran, lines) = stream_with(&program, |line, interrupts| {
        if line == "up" || line == "asked" {
            interrupts.send(Interrupt::CtrlC).expect("it is heard");
        }
    });
    assert_eq!(lines, ["up", "asked"]);
    assert_eq!(ran.end, End::Interrupted);
    assert_eq!(left.join().expect("it ends"), "");
}

#[test]
fn what_shares_the_group_is_not_signalled_twice() {
    let folder = Folder::new();
    let go_on = folder.pipe("go-on");
    let mut program =
        folder.shell("trap 'echo asked' INT TERM; echo up; read word <go-on; echo $word");
    program.group = Grouping::Shared;
    program.ending = Ending {
        signal: EndSignal::Interrupt,
        grace: NEVER,
    };
    // The terminal has sent Ctrl-C to it as well; here nobody has.
    let (ran, lines) = stream_with(&program, |line, interrupts| {
        if line == "up" {
            interrupts.send(Interrupt::CtrlC).expect("it is heard");
            let mut pipe = fs::File::create(&go_on).expect("it is there");
            pipe.write_all(b"done\n").expect("it is read");
        }
    });
    assert_eq!(lines, ["up", "done"]);
    assert_eq!(ran.end, End::Interrupted);
}

#[test]
fn who_stops_waiting_ends_it() {
    let folder = Folder::new();
    let (left, up) = (folder.watch("left"), folder.watch("up"));
    let program = folder.shell("exec 9>left; echo up >up; sleep 600; echo late >&9");
    block_on(async {
        let is_up = async {
            while !up.is_finished() {
                tokio::task::yield_now().await
            }
        };
        tokio::select! {
            _ = run(&program) => panic!("it waits"),
            () = is_up => {}
        }
    });
    assert_eq!(left.join().expect("it ends"), "");
}

#[test]
fn daemons_stay_where_they_may_and_are_not_waited_for() {
    let folder = Folder::new();
    let (go_on, alive) = (folder.pipe("go-on"), folder.watch("alive"));
    let mut program = folder.shell("(read word <go-on; echo $word >alive) & echo out; exit 3");
    program.group = Grouping::OwnWithDaemons;
    let began = Instant::now();
    let ran = run_blocking(&program).expect("it starts");
    assert_eq!((ran.end, text(&ran)), (End::Code(3), "out\n"));
    assert!(began.elapsed() < NEVER);
    let mut pipe = fs::File::create(go_on).expect("it is there");
    pipe.write_all(b"alive\n").expect("it is read");
    assert_eq!(alive.join().expect("it ends"), "alive\n");
    // Elsewhere it ends with the program.
    let left = folder.watch("left");
    let program = folder.shell("exec 9>left; (sleep 600; echo late >&9) & exit 0");
    let ran = run_blocking(&program).expect("it starts");
    assert_eq!(ran.end, End::Code(0));
    assert_eq!(left.join().expect("it ends"), "");
}

#[test]
fn what_cannot_start_says_why() {
    let folder = Folder::new();
    fs::write(folder.0.path().join("plain"), "no program").expect("it is ours");
    fs::write(folder.0.path().join("script"), "#!/no/such/interpreter\n").expect("it is ours");
    fs::write(folder.0.path().join("crlf"), "#!/bin/sh\r\necho\r\n").expect("it is ours");
    let executable = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    for script in ["script", "crlf"] {
        let path = folder.0.path().join(script);
        fs::set_permissions(path, executable.clone()).expect("it is ours");
    }
    let why = |exec: &[&str]| {
        let program = Program::new(exec, folder.0.path(), NEVER);
        run_blocking(&program).expect_err("it cannot").to_string()
    };
    assert_eq!(why(&[]), "`exec` names no program");
    assert_eq!(why(&["./missing"]), "there is no program ./missing");
    assert_eq!(
        why(&["./plain"]),
        "./plain is not executable: `chmod +x` it, and commit that (`git add --chmod=+x`)"
    );
    assert_eq!(
        why(&["./script"]),
        "./script cannot be run here: the program that its first line names is not installed"
    );
    assert_eq!(
        why(&["./crlf"]),
        "./crlf cannot be run here: its first line ends with CR LF, as on Windows; save it with LF alone"
    );
    assert_eq!(why(&["."]), ". cannot be run here: it is a folder");
}
