//! Running the installed git, for what needs the user's credentials, hooks and remotes.

use std::ffi::OsStr;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::git::error::GitError;
use crate::git::repository::Repository;

/// Longest output that is kept, in bytes; the rest is read and dropped.
const MOST_OUTPUT: usize = 1 << 20;

/// How long to wait for the rest of the output of a git that has ended. A helper that it
/// left behind (the credential cache) may hold the pipe for ever.
const GRACE: Duration = Duration::from_secs(1);

/// What a git program said.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Its last lines on standard error, for a message.
    pub(crate) fn complaint(&self) -> String {
        let lines: Vec<&str> = self
            .stderr
            .lines()
            .filter(|l| !l.trim().is_empty())
            .collect();
        let from = lines.len().saturating_sub(8);
        match (lines.is_empty(), self.code) {
            (false, _) => lines[from..].join("\n"),
            (true, Some(code)) => format!("git ended with exit code {code}"),
            (true, None) => "git was ended by a signal".to_owned(),
        }
    }
}

/// How git is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Whether it may ask at the terminal, for a password or a new host key.
    pub(crate) may_ask: bool,
    /// After this it is ended.
    pub(crate) limit: Duration,
}

impl Repository {
    /// Runs git in this repository. Its messages are text from outside.
    ///
    /// # Errors
    /// [`GitError::Program`] when it can't be started or takes longer than the limit.
    /// That it failed is no error here.
    pub(crate) fn program<S: AsRef<OsStr>>(
        &self,
        arguments: &[S],
        manner: Manner,
    ) -> Result<Said, GitError> {
        let failed = |message: String| GitError::Program {
            arguments: arguments
                .iter()
                .map(|a| a.as_ref().to_string_lossy().into_owned())
                .collect(),
            message,
        };
        let absolute = |path: &std::path::Path| {
            std::path::absolute(path).map_err(|error| failed(error.to_string()))
        };
        let git_dir = absolute(self.git_dir())?;
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&git_dir);
        match self.work_dir() {
            Some(root) => {
                let root = absolute(root)?;
                command.arg("--work-tree").arg(&root).current_dir(root);
            }
            None => {
                command.current_dir(&git_dir);
            }
        }
        if !manner.may_ask {
            command.env("GIT_TERMINAL_PROMPT", "0");
        }
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // What git starts (ssh, a credential helper, hooks) shall end with it when it takes too
        // long. A group of its own could not ask at the terminal.
        let group = !manner.may_ask;
        if group {
            lead_a_group(&mut command);
        }
        let child = command.spawn().map_err(|error| failed(error.to_string()))?;
        wait(child, manner.limit, group).map_err(failed)
    }
}

#[cfg(unix)]
fn lead_a_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn lead_a_group(_: &mut Command) {}

/// Ends a child, and its whole process group if it leads one.
fn end(child: &mut Child, group: bool) {
    #[cfg(unix)]
    if group && let Some(id) = rustix::process::Pid::from_raw(child.id().cast_signed()) {
        // Not there any more is as good. The child has not been waited for, so that no other
        // process can have its id.
        let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = group;
    drop(child.kill());
    drop(child.wait());
}

fn wait(mut child: Child, limit: Duration, group: bool) -> Result<Said, String> {
    let (done, ended) = channel();
    let stdout = collect(child.stdout.take(), done.clone());
    let stderr = collect(child.stderr.take(), done);
    let start = Instant::now();
    let mut pause = Duration::from_millis(5);
    let mut open = 2;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if start.elapsed() > limit {
            end(&mut child, group);
            return Err(format!("it took longer than {} s", limit.as_secs()));
        }
        // It usually ends right after it has closed its output.
        if ended.recv_timeout(pause).is_ok() {
            open -= 1;
        }
        if open > 0 {
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    };
    drain(&ended, open);
    Ok(Said {
        success: status.success(),
        code: status.code(),
        stdout: text(&stdout),
        stderr: text(&stderr),
    })
}

fn drain(ended: &Receiver<()>, open: usize) {
    for _ in 0..open {
        if ended.recv_timeout(GRACE).is_err() {
            return;
        }
    }
}

fn text(bytes: &Mutex<Vec<u8>>) -> String {
    let bytes = bytes
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn collect<R: Read + Send + 'static>(pipe: Option<R>, done: Sender<()>) -> Arc<Mutex<Vec<u8>>> {
    let out = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&out);
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        let mut pipe = pipe;
        while let Some(Ok(read @ 1..)) = pipe.as_mut().map(|pipe| pipe.read(&mut buffer)) {
            let mut kept = kept
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let room = MOST_OUTPUT.saturating_sub(kept.len()).min(read);
            kept.extend_from_slice(&buffer[..room]);
        }
        // Nobody may be listening any more.
        let _ = done.send(());
    });
    out
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(text: &str) -> Child {
        let mut command = Command::new("sh");
        lead_a_group(&mut command);
        command
            .args(["-c", text])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tests need a shell")
    }

    /// The pipe closes only when the last process that holds it has ended.
    #[test]
    fn what_a_hanging_program_started_ends_with_it() {
        let (mut reader, writer) = std::io::pipe().expect("there are pipes");
        let mut command = Command::new("sh");
        lead_a_group(&mut command);
        let child = command
            .args(["-c", "sleep 600 & sleep 600 & wait"])
            .stdin(writer)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tests need a shell");
        drop(command);
        let error = wait(child, Duration::from_millis(100), true);
        assert!(error.expect_err("it hangs").contains("longer than"));
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).expect("it ends");
    }

    #[test]
    fn what_hangs_is_ended_and_what_is_left_behind_is_not_waited_for() {
        let start = Instant::now();
        let error = wait(shell("exec sleep 60"), Duration::from_millis(100), true);
        assert!(error.expect_err("it hangs").contains("longer than"));
        let said = wait(
            shell("sleep 60 & echo out; echo err >&2; exit 3"),
            QUARTER,
            true,
        );
        let said = said.expect("it ends");
        assert_eq!((said.code, said.stdout.as_str()), (Some(3), "out\n"));
        assert_eq!(said.complaint(), "err");
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    const QUARTER: Duration = Duration::from_secs(15);
}
