//! Running the installed git, for what needs the user's credentials, hooks and remotes.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use crate::git::error::GitError;
use crate::process;
use crate::process::{End, EndSignal, Ending, Grouping, OnInterrupt, Program, Ran, Variables};
use crate::text::Untrusted;

/// Most output that is taken; a list that is longer than this is not read in part.
const MOST_OUTPUT: usize = 16 << 20;

/// Lines of standard error that a message shows.
const COMPLAINT: usize = 8;

/// How git is asked to end: it removes its lock files.
const ENDING: Ending = Ending {
    signal: EndSignal::Interrupt,
    grace: Duration::from_secs(5),
};

/// What a git program said.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    /// The last lines of its standard error.
    pub(crate) last_words: Vec<Untrusted>,
}

impl Said {
    /// Its last lines on standard error, for a message.
    pub(crate) fn complaint(&self) -> String {
        let lines: Vec<&str> = self.last_words.iter().map(Untrusted::raw).collect();
        let from = lines.len().saturating_sub(COMPLAINT);
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
    /// Whether it is long enough to be interrupted.
    pub(crate) can_be_interrupted: bool,
}

/// For what needs no network.
pub(crate) const QUICK: Manner = Manner {
    may_ask: false,
    limit: Duration::from_secs(60),
    can_be_interrupted: false,
};

/// What git is given beside its arguments.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// What it reads on standard input.
    pub(crate) input: Option<Vec<u8>>,
    /// Variables on top of those of this process.
    pub(crate) variables: BTreeMap<String, String>,
}

/// Runs git in a repository. Its messages are text from outside, in English.
///
/// # Errors
/// [`GitError::Program`] when it can't be started or takes longer than the limit, and
/// [`GitError::Interrupted`]. That it failed is no error here.
pub(crate) fn run<S: AsRef<OsStr>>(
    git: &gix::Repository,
    arguments: &[S],
    given: Given,
    manner: Manner,
) -> Result<Said, GitError> {
    let shown = || {
        let each = arguments.iter();
        each.map(|a| a.as_ref().to_string_lossy().into_owned())
            .collect::<Vec<_>>()
    };
    let failed = |message: String| GitError::Program {
        arguments: shown(),
        message,
    };
    let absolute = |path: &std::path::Path| {
        std::path::absolute(path).map_err(|error| failed(error.to_string()))
    };
    let git_dir = absolute(git.git_dir())?;
    let mut exec: Vec<OsString> = vec!["git".into(), "--git-dir".into(), (&git_dir).into()];
    let folder = match git.workdir() {
        Some(root) => {
            let root = absolute(root)?;
            exec.extend(["--work-tree".into(), (&root).into()]);
            root
        }
        None => git_dir,
    };
    exec.extend(arguments.iter().map(|a| a.as_ref().to_owned()));
    let ran = process::run_blocking(&program(exec, folder, given, manner));
    let ran = ran.map_err(|error| failed(error.to_string()))?;
    match ran.end {
        End::Code(_) | End::Signal(_) => Ok(said(ran)),
        End::TimedOut => Err(failed(format!(
            "it took longer than {} s",
            manner.limit.as_secs()
        ))),
        End::TooMuch => Err(failed(format!(
            "it printed more than {} MiB",
            MOST_OUTPUT >> 20
        ))),
        End::Interrupted => Err(GitError::Interrupted { arguments: shown() }),
    }
}

/// What git said, however it ended.
fn said(ran: Ran) -> Said {
    let code = match ran.end {
        End::Code(code) => Some(code),
        _ => None,
    };
    Said {
        success: code == Some(0),
        code,
        stdout: String::from_utf8_lossy(&ran.output).into_owned(),
        last_words: ran.last_words,
    }
}

/// Runs git as if it had been started in a folder, where it finds the repository by itself.
pub(crate) fn run_in(folder: &std::path::Path, arguments: &[&str]) -> Result<Said, GitError> {
    let mut exec: Vec<OsString> = vec!["git".into()];
    exec.extend(arguments.iter().map(OsString::from));
    let shown = arguments.iter().map(|one| (*one).to_owned()).collect();
    let program = program(exec, folder.to_owned(), Given::default(), QUICK);
    let ran = process::run_blocking(&program).map_err(|error| GitError::Program {
        arguments: shown,
        message: error.to_string(),
    })?;
    Ok(said(ran))
}

fn program(
    exec: Vec<OsString>,
    folder: std::path::PathBuf,
    given: Given,
    manner: Manner,
) -> Program {
    let mut variables = given.variables;
    // What is read of its messages is read in English.
    variables.insert("LC_ALL".to_owned(), "C".to_owned());
    if !manner.may_ask {
        variables.insert("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned());
    }
    Program {
        variables: Variables::InheritedWith(variables),
        input: given.input,
        most_output: MOST_OUTPUT,
        ending: ENDING,
        // What git starts (ssh, a credential helper, hooks) shall end with it when it takes too
        // long. A group of its own could not ask at the terminal.
        group: match manner.may_ask {
            true => Grouping::Shared,
            false => Grouping::OwnWithDaemons,
        },
        on_interrupt: match manner.can_be_interrupted {
            true => OnInterrupt::PassOn,
            false => OnInterrupt::LeaveToCaller,
        },
        ..Program::new(exec, folder, manner.limit)
    }
}
