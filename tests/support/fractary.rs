//! The built binary, in an environment that holds only what a test says.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::repo::Repo;

/// A run that is being described.
pub(crate) struct Fractary {
    command: Command,
    input: Option<Vec<u8>>,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The exit code, or -1 when a signal ended it.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Fractary {
    /// A run in a repository, with dummy keys and nobody's configuration.
    pub(crate) fn in_repo(repo: &Repo) -> Self {
        Self::in_folder(&repo.path(), &repo.home())
    }

    /// A run anywhere.
    pub(crate) fn in_folder(folder: &Path, home: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fractary"));
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", option_env!("PATH").unwrap_or("/usr/bin:/bin"))
            .env("HOME", home)
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Tester")
            .env("GIT_AUTHOR_EMAIL", "tester@example.com")
            .env("GIT_COMMITTER_NAME", "Tester")
            .env("GIT_COMMITTER_EMAIL", "tester@example.com")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            command,
            input: None,
        }
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it through a shell, in which `"$@"` is the run.
    pub(crate) fn through(self, shell: &str, script: &str) -> Self {
        let mut command = Command::new(shell);
        command.args(["-c", script, shell]);
        command.arg(self.command.get_program());
        command.args(self.command.get_args());
        command.env_clear();
        for (name, value) in self.command.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self {
            command,
            input: self.input,
        }
    }

    /// Hands it to another program, as the last of that one's arguments.
    pub(crate) fn handed_to<S: AsRef<OsStr>>(self, other: impl IntoIterator<Item = S>) -> Self {
        let words: Vec<String> = other
            .into_iter()
            .map(|word| format!("'{}'", word.as_ref().to_string_lossy()))
            .collect();
        self.through("sh", &format!("exec {} \"$@\"", words.join(" ")))
    }

    /// Sends every AWS call there.
    pub(crate) fn endpoint(self, url: &str) -> Self {
        self.env("AWS_ENDPOINT_URL", url)
    }

    /// Fixes the clock, RFC 3339.
    pub(crate) fn at(self, time: &str) -> Self {
        self.args(["--at", time])
    }

    /// Gives it standard input; without this it has none.
    pub(crate) fn input(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.input = Some(bytes.as_ref().to_vec());
        self
    }

    /// Starts it without input and leaves it running.
    pub(crate) fn spawn(mut self) -> Child {
        self.command.stdin(Stdio::null());
        self.command.spawn().expect("cargo has built the binary")
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Outcome {
        self.command.stdin(match self.input {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        });
        let mut child = self.command.spawn().expect("cargo has built the binary");
        if let (Some(bytes), Some(mut pipe)) = (self.input, child.stdin.take()) {
            // A run that ends before it has read everything is judged by its outcome.
            drop(pipe.write_all(&bytes));
        }
        Outcome::of(child)
    }
}

impl Outcome {
    /// Waits for a run that was started.
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("a child can be waited for");
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// Asserts the exit code; shows everything when it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout, self.stderr,
        );
        self
    }

    /// Standard output as one JSON document and nothing else.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON ({error}):\n{}", self.stdout))
    }
}
