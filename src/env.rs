//! What comes from the process: environment variables and the clock. Read once, here.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use jiff::Timestamp;

use crate::text::secret::Secret;

/// The environment variables that the program looks at (the AWS SDK and git read their own).
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// What decides how output looks: `NO_COLOR`, `CLICOLOR_FORCE`, `TERM`, `COLUMNS`, the
    /// locale, `GITHUB_ACTIONS`.
    pub looks: BTreeMap<&'static str, String>,
    /// `GITHUB_STEP_SUMMARY`.
    pub github_step_summary: Option<String>,
    /// `GITHUB_OUTPUT`.
    pub github_output: Option<String>,
    /// `GITHUB_TOKEN`.
    pub github_token: Option<Secret>,
    /// `GITHUB_API_URL`, the API of GitHub Enterprise.
    pub github_api_url: Option<String>,
    /// `GITHUB_REPOSITORY`, `owner/name`.
    pub github_repository: Option<String>,
    /// `GITHUB_SERVER_URL`, where people look at GitHub.
    pub github_server_url: Option<String>,
    /// `SOURCE_DATE_EPOCH`, seconds since 1970.
    pub source_date_epoch: Option<i64>,
    /// The branch that a workflow of GitHub Actions runs on, where it runs on one:
    /// `GITHUB_HEAD_REF`, else `GITHUB_REF_NAME` unless that is a tag or a trial merge.
    pub ci_branch: Option<String>,
    /// What a workflow of GitHub Actions runs on, `GITHUB_REF`: `refs/heads/…`, `refs/tags/…`
    /// or `refs/pull/…/merge`.
    pub ci_reference: Option<String>,
    /// `GITHUB_BASE_REF`: the branch that a pull request goes to.
    pub github_base_ref: Option<String>,
    /// `GITHUB_EVENT_NAME`: what started the workflow.
    pub github_event: Option<String>,
    /// `GITHUB_EVENT_PATH`: a file with what GitHub says of it.
    pub github_event_path: Option<String>,
    /// `GITHUB_RUN_ID`.
    pub github_run_id: Option<String>,
    /// `AWS_MAX_ATTEMPTS`: attempts of one call to AWS, the first included.
    pub aws_max_attempts: Option<String>,
    /// What every program that monitors a domain gets: see [`INHERITED`].
    pub inherited: BTreeMap<&'static str, String>,
    /// `FRACTARY_JITTER_SEED`: makes waiting times repeatable, for tests.
    pub jitter_seed: Option<u64>,
    /// `FRACTARY_FAULT`: a step at which a commit stops dead or panics, for tests.
    pub fault: Option<String>,
}

impl Environment {
    /// Reads the environment of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub fn read() -> Self {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// One of the variables that decide how output looks.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.looks.get(name).cloned()
    }

    /// Reads through a function, so that tests need no process environment.
    pub fn from_lookup(get: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name: &str| get(name).filter(|value| !value.is_empty());
        Self {
            looks: LOOKS
                .iter()
                .filter_map(|name| Some((*name, filled(name)?)))
                .collect(),
            github_step_summary: filled("GITHUB_STEP_SUMMARY"),
            github_output: filled("GITHUB_OUTPUT"),
            github_token: filled("GITHUB_TOKEN").map(Secret::new),
            github_api_url: filled("GITHUB_API_URL"),
            github_repository: filled("GITHUB_REPOSITORY"),
            github_server_url: filled("GITHUB_SERVER_URL"),
            source_date_epoch: filled("SOURCE_DATE_EPOCH").and_then(|value| value.parse().ok()),
            ci_branch: ci_branch(&filled),
            ci_reference: filled("GITHUB_REF"),
            github_base_ref: filled("GITHUB_BASE_REF"),
            github_event: filled("GITHUB_EVENT_NAME"),
            github_event_path: filled("GITHUB_EVENT_PATH"),
            github_run_id: filled("GITHUB_RUN_ID"),
            aws_max_attempts: filled("AWS_MAX_ATTEMPTS"),
            inherited: INHERITED
                .iter()
                .filter_map(|name| Some((*name, filled(name)?)))
                .collect(),
            jitter_seed: filled("FRACTARY_JITTER_SEED").and_then(|value| value.parse().ok()),
            fault: filled("FRACTARY_FAULT"),
        }
    }
}

/// What a variable of this process holds that a document names, for addresses and tokens of
/// channels.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one place that reads the environment"
)]
pub fn secret(name: &str) -> Option<Secret> {
    let value = std::env::var(name).ok()?;
    let value = value.trim();
    (!value.is_empty()).then(|| Secret::new(value))
}

/// Whether a variable of this process is there, but empty.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one place that reads the environment"
)]
pub fn is_set_to_nothing(name: &OsStr) -> bool {
    std::env::var_os(name).is_some_and(|value| value.is_empty())
}

fn ci_branch(filled: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let is_branch = filled("GITHUB_REF_TYPE").is_none_or(|kind| kind == "branch");
    let name = filled("GITHUB_REF_NAME").filter(|name| is_branch && !name.ends_with("/merge"));
    filled("GITHUB_HEAD_REF").or(name)
}

/// A variable of this process that a setting names (`${NAME}` in the `env` of a monitor).
#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one place that reads the environment"
)]
pub fn named_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The file of this program, to run it again.
///
/// # Errors
/// Where the system cannot say it.
pub fn own_program() -> std::io::Result<std::path::PathBuf> {
    std::env::current_exe()
}

/// What a program that changes infrastructure gets of this process beside [`INHERITED`]: how it
/// reaches AWS, and the inputs that are named for it. What would change its arguments
/// (`TF_CLI_ARGS`) or write its secrets to a log (`TF_LOG`) is not passed on.
pub fn infrastructure_variables() -> BTreeMap<String, String> {
    const PREFIXES: [&str; 3] = ["AWS_", "TF_TOKEN_", "TF_VAR_"];
    const NAMES: [&str; 7] = [
        "SSH_AUTH_SOCK",
        "TF_CLI_CONFIG_FILE",
        "TF_DATA_DIR",
        "TF_ENCRYPTION",
        "TF_PLUGIN_CACHE_DIR",
        "TF_REATTACH_PROVIDERS",
        "TF_WORKSPACE",
    ];
    let is_passed = |name: &str| {
        NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let all = std::env::vars_os();
    let texts =
        all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    texts.filter(|(name, _)| is_passed(name)).collect()
}

/// Does nothing for a while. The one place that waits for time to pass.
#[expect(
    clippy::disallowed_methods,
    reason = "those who lost a race must not meet again, and there is no event to wait for"
)]
pub fn wait(duration: std::time::Duration) {
    std::thread::sleep(duration);
}

const LOOKS: [&str; 8] = [
    "CLICOLOR_FORCE",
    "COLUMNS",
    "GITHUB_ACTIONS",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "NO_COLOR",
    "TERM",
];

/// Variables that programs which monitor domains get of ours: what a program needs to run at
/// all, to speak to people, and to reach the network the way this machine does. No
/// credentials: those have to be named.
pub const INHERITED: [&str; 19] = [
    "ALL_PROXY",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "NO_PROXY",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMROOT",
    "TEMP",
    "TMPDIR",
    "TZ",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The clock. Fixed by `--at` or `SOURCE_DATE_EPOCH`, else the system's, in whole seconds.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    fixed: Option<Timestamp>,
}

impl Clock {
    /// `--at` wins over `SOURCE_DATE_EPOCH`.
    pub fn new(at: Option<Timestamp>, environment: &Environment) -> Self {
        let epoch = environment
            .source_date_epoch
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        Self {
            fixed: at.or(epoch),
        }
    }

    /// A clock that stands still.
    pub fn fixed(at: Timestamp) -> Self {
        Self { fixed: Some(at) }
    }

    /// Now, in whole seconds.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system for the time"
    )]
    pub fn now(&self) -> Timestamp {
        let now = self.fixed.unwrap_or_else(Timestamp::now);
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// Whether it stands still.
    pub fn is_fixed(&self) -> bool {
        self.fixed.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_wins_over_source_date_epoch() {
        let environment =
            Environment::from_lookup(|name| (name == "SOURCE_DATE_EPOCH").then(|| "86400".into()));
        let at: Timestamp = "2026-11-21T10:15:00.7Z".parse().expect("a time");
        assert_eq!(
            Clock::new(Some(at), &environment).now().to_string(),
            "2026-11-21T10:15:00Z"
        );
        assert_eq!(
            Clock::new(None, &environment).now().to_string(),
            "1970-01-02T00:00:00Z"
        );
    }

    #[test]
    fn workflows_run_on_branches_tags_and_pull_requests() {
        let branch = |pairs: &[(&str, &str)]| {
            let find = |name: &str| pairs.iter().find(|pair| pair.0 == name);
            Environment::from_lookup(|name| find(name).map(|pair| pair.1.to_owned())).ci_branch
        };
        let main = ("GITHUB_REF_NAME", "main");
        assert_eq!(
            branch(&[main, ("GITHUB_REF_TYPE", "branch")]).as_deref(),
            Some("main")
        );
        assert_eq!(
            branch(&[("GITHUB_REF_NAME", "v1"), ("GITHUB_REF_TYPE", "tag")]),
            None
        );
        assert_eq!(branch(&[("GITHUB_REF_NAME", "5/merge")]), None);
        let head = ("GITHUB_HEAD_REF", "topic");
        assert_eq!(
            branch(&[("GITHUB_REF_NAME", "5/merge"), head]).as_deref(),
            Some("topic")
        );
        assert_eq!(branch(&[]), None);
    }

    #[test]
    fn empty_variables_are_unset() {
        let environment = Environment::from_lookup(|name| match name {
            "NO_COLOR" | "GITHUB_OUTPUT" => Some(String::new()),
            "CLICOLOR_FORCE" => Some("0".into()),
            _ => None,
        });
        assert_eq!(environment.variable("NO_COLOR"), None);
        assert_eq!(environment.variable("CLICOLOR_FORCE").as_deref(), Some("0"));
        assert_eq!(environment.github_output, None);
    }
}
