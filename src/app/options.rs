//! The options that every command has.

use std::fmt;
use std::path::PathBuf;

use clap::{Args, FromArgMatches, ValueEnum};

use crate::model::ids::EnvironmentName;
use crate::model::log_events::LogLevel;
use crate::model::monitoring::DurationText;
use crate::model::status::{Severity, Status};
use crate::ui::ColorChoice;

/// Output formats. A command says which of them it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// One JSON document.
    Json,
    /// GitHub-flavoured Markdown.
    Markdown,
    /// Plain sentences to be read aloud.
    Voice,
    /// One self-contained page.
    Html,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// The diagnostics of the Language Server Protocol, for editors.
    LspJson,
}

impl Format {
    /// Every format.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Text,
        Self::Json,
        Self::Markdown,
        Self::Voice,
        Self::Html,
        Self::Sarif,
        Self::LspJson,
    ];
}

/// As it is written on the command line.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Voice => "voice",
            Self::Html => "html",
            Self::Sarif => "sarif",
            Self::LspJson => "lsp-json",
        })
    }
}

/// From which status on the exit code is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// From DEGRADED on; of findings, those from MEDIUM on; `warn` of a review is the same.
    #[value(alias = "warn")]
    Degraded,
    /// From UNHEALTHY on; of findings, CRITICAL ones; `block` of a review is the same.
    #[value(alias = "block")]
    Unhealthy,
    /// CRITICAL findings; as `unhealthy` for a status.
    Critical,
    /// Findings from HIGH on; as `unhealthy` for a status.
    High,
    /// Findings from MEDIUM on; as `degraded` for a status.
    Medium,
    /// Every finding; as `degraded` for a status.
    Low,
    /// Every finding, and whatever could not be read.
    Unknown,
    /// Never.
    Never,
}

/// When alerts are sent. Looking, `--dry-run` and `--write` never send any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlertsWhen {
    /// By runs that commit, unless their facts are a recording.
    Auto,
    /// By every run that commits.
    Always,
    /// By none.
    Never,
}

impl FailOn {
    /// Whether a status is at or above the level.
    pub fn reached_by(self, status: Status) -> bool {
        match self {
            Self::Degraded | Self::Medium | Self::Low => status >= Status::Degraded,
            Self::Unhealthy | Self::Critical | Self::High => status >= Status::Unhealthy,
            Self::Unknown => status >= Status::Unknown,
            Self::Never => false,
        }
    }

    /// Whether a finding is at or above the level.
    pub fn reached_by_finding(self, severity: Severity) -> bool {
        match self {
            Self::Unhealthy | Self::Critical => severity >= Severity::Critical,
            Self::High => severity >= Severity::High,
            Self::Degraded | Self::Medium => severity >= Severity::Medium,
            Self::Low | Self::Unknown => true,
            Self::Never => false,
        }
    }
}

impl GlobalArgs {
    /// Reads them from arguments that name no command, without the program's name.
    pub(crate) fn read(arguments: &[&str]) -> Result<Self, clap::Error> {
        let definition = Self::augment_args(clap::Command::new("fractary").no_binary_name(true));
        Self::from_arg_matches(&definition.try_get_matches_from(arguments)?)
    }
}

/// Options every command has.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalArgs {
    /// The repository to work in
    #[arg(
        short = 'C',
        long,
        global = true,
        value_name = "DIR",
        env = "FRACTARY_REPO",
        hide_env = true,
        default_value = "."
    )]
    pub repo: PathBuf,

    /// Environment; may be given more than once [default: `default` in environments.json, else `test`]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "FRACTARY_ENV",
        hide_env = true,
        value_delimiter = ','
    )]
    pub env: Vec<EnvironmentName>,

    /// Output format
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        env = "FRACTARY_FORMAT",
        hide_env = true
    )]
    pub format: Option<Format>,

    /// Write the answer to FILE instead of standard output
    #[arg(short, long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Record what was found: report, issues and dashboard, in one commit
    #[arg(long, global = true, group = "landing")]
    pub commit: bool,

    /// Write the same files, without a commit
    #[arg(long, global = true, group = "landing", visible_alias = "no-commit")]
    pub write: bool,

    /// Change nothing; show what would change as a unified diff
    #[arg(long, global = true, group = "landing")]
    pub dry_run: bool,

    /// Push the commit; what others pushed meanwhile is merged, nothing is forced
    #[arg(long, global = true, conflicts_with_all = ["write", "dry_run"])]
    pub push: bool,

    /// Record every fact that this run reads to FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// Take all facts from a recording; nothing is sent
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "record")]
    pub replay: Option<PathBuf>,

    /// The time to use as now, RFC 3339 or seconds since 1970; `SOURCE_DATE_EPOCH` sets it too
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        value_parser = parse_now,
        env = "FRACTARY_AT",
        hide_env = true
    )]
    pub at: Option<jiff::Timestamp>,

    /// Lowest status, or severity of findings, that makes the exit code 1
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "LEVEL",
        env = "FRACTARY_FAIL_ON",
        hide_env = true,
        default_value = "unhealthy"
    )]
    pub fail_on: FailOn,

    /// Time limit for all AWS calls
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        env = "FRACTARY_TIMEOUT",
        hide_env = true,
        default_value = "60s"
    )]
    pub timeout: DurationText,

    /// Whether runs that commit send the alerts of helm.toml; `auto` is not on a replay
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        env = "FRACTARY_ALERTS",
        hide_env = true,
        default_value = "auto"
    )]
    pub alerts: AlertsWhen,

    /// Author of the commit, `Name <mail@example.org>`
    #[arg(long, global = true, value_name = "AUTHOR")]
    pub author: Option<String>,

    /// Print less
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Print more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// When to use colour
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub color: ColorChoice,
}

/// A time, or how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// This time.
    At(jiff::Timestamp),
    /// So many seconds ago.
    Ago(u64),
}

impl Since {
    /// Parses it from an option.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let ago = text.parse::<DurationText>();
        ago.map(|text| Self::Ago(text.seconds)).map_err(|_| {
            "write a time (2026-11-21T10:00:00Z) or how long ago (`12h`, `7d`)".to_owned()
        })
    }

    /// Returns the time that it stands for.
    pub(crate) fn time(self, now: jiff::Timestamp) -> jiff::Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(seconds) => {
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                let start = now.as_second().saturating_sub(seconds);
                jiff::Timestamp::from_second(start).unwrap_or(jiff::Timestamp::MIN)
            }
        }
    }
}

/// Reads the level of an event.
pub(crate) fn parse_level(text: &str) -> Result<LogLevel, String> {
    LogLevel::parse(text).ok_or_else(|| {
        let words: Vec<String> = LogLevel::ALL
            .iter()
            .map(|level| level.word().to_ascii_lowercase())
            .collect();
        format!("available levels: {}", words.join(", "))
    })
}

/// Reads how many of something are shown; none would look as if there were none.
pub(crate) fn parse_count(text: &str) -> Result<usize, String> {
    let count = text.parse::<usize>().ok().filter(|count| *count > 0);
    count.ok_or_else(|| "write a whole number, 1 or more".to_owned())
}

/// Reads a number that has a value.
pub(crate) fn parse_finite(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| "write a number such as `-2.5`".to_owned())
}

/// Reads an amount of US dollars; `nan` and `inf` would be no bound at all.
pub(crate) fn parse_dollars(text: &str) -> Result<f64, String> {
    let amount = text.parse::<f64>().ok();
    let amount = amount.filter(|amount| amount.is_finite() && *amount >= 0.0);
    amount.ok_or_else(|| "write an amount of US dollars such as `0.5`".to_owned())
}

/// Reads an offset from UTC such as `+02:00` or `-0530`, in seconds east.
pub(crate) fn parse_offset(text: &str) -> Result<i32, String> {
    let invalid = || "write an offset from UTC such as `+02:00`".to_owned();
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") => return Ok(0),
        _ => return Err(invalid()),
    };
    let digits: String = rest.chars().filter(|letter| *letter != ':').collect();
    let digits = match digits.len() {
        1 | 2 => format!("{digits:0>2}00"),
        4 => digits,
        _ => return Err(invalid()),
    };
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i32>().ok();
    match (number(0..2), number(2..4)) {
        (Some(hours @ 0..=14), Some(minutes @ 0..=59)) => Ok(sign * (hours * 60 + minutes) * 60),
        _ => Err(invalid()),
    }
}

/// Reads a time in RFC 3339, or seconds since 1970.
fn parse_now(text: &str) -> Result<jiff::Timestamp, String> {
    let time = match text.parse::<i64>() {
        Ok(seconds) => jiff::Timestamp::from_second(seconds),
        Err(_) => text.parse(),
    };
    time.map_err(|_| {
        "write a time such as `2026-11-21T10:00:00Z`, or seconds since 1970".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::{parse_count, parse_now, parse_offset};

    #[test]
    fn what_cannot_be_read_is_answered_with_how_to_write_it() {
        for text in ["tomorrow", "", "2026-11-21", "99999999999999"] {
            let refused = parse_now(text).expect_err("no time");
            assert!(refused.starts_with("write a time"), "{text}: {refused}");
        }
        assert_eq!(parse_now("86400"), parse_now("1970-01-02T00:00:00Z"));
        for text in ["0", "-1", "three", "99999999999999999999"] {
            assert!(parse_count(text).is_err(), "{text}");
        }
        assert_eq!(parse_count("3"), Ok(3));
    }

    #[test]
    fn offsets_are_read_as_people_write_them() {
        for (text, want) in [
            ("+02:00", Some(7_200)),
            ("-0530", Some(-19_800)),
            ("+2", Some(7_200)),
            ("Z", Some(0)),
            ("+15:00", None),
            ("2", None),
            ("+é0", None),
            ("", None),
        ] {
            assert_eq!(parse_offset(text).ok(), want, "{text}");
        }
    }
}
