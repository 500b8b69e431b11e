//! The options that every command accepts and that only some have a use for. `--replay` is none:
//! that nothing is sent holds for every command.

use clap::ArgMatches;
use clap::parser::ValueSource;

/// An option that not every command uses. Which repository is meant, what time it is and how the
/// answer looks is no such option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SharedOption {
    /// `--env`.
    Env,
    /// `--commit`.
    Commit,
    /// `--write`.
    Write,
    /// `--dry-run`.
    DryRun,
    /// `--author`.
    Author,
    /// `--record`.
    Record,
    /// `--timeout`.
    Timeout,
    /// `--fail-on`.
    FailOn,
    /// `--alerts`.
    Alerts,
}

impl SharedOption {
    /// Every one.
    pub(crate) const ALL: [Self; 9] = [
        Self::Env,
        Self::Commit,
        Self::Write,
        Self::DryRun,
        Self::Author,
        Self::Record,
        Self::Timeout,
        Self::FailOn,
        Self::Alerts,
    ];

    /// Returns its name in the definition of the command line.
    fn id(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::Commit => "commit",
            Self::Write => "write",
            Self::DryRun => "dry_run",
            Self::Author => "author",
            Self::Record => "record",
            Self::Timeout => "timeout",
            Self::FailOn => "fail_on",
            Self::Alerts => "alerts",
        }
    }

    /// Returns it as people write it.
    pub(crate) fn word(self) -> String {
        format!("--{}", self.id().replace('_', "-"))
    }

    /// Whether it is on the command line. A variable is set for all commands, and each takes of
    /// it what it needs.
    fn is_given(self, matches: &ArgMatches) -> bool {
        matches.value_source(self.id()) == Some(ValueSource::CommandLine)
    }
}

/// Returns those that are on the command line.
pub(crate) fn given(matches: &ArgMatches) -> Vec<SharedOption> {
    let all = SharedOption::ALL.into_iter();
    all.filter(|option| option.is_given(matches)).collect()
}
