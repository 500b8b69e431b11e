//! The safety rules that count: those of the checkout and those of the default branch, so that a
//! branch cannot lower what everybody has agreed on.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::app::workspace::Workspace;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::actions::Action;
use crate::core::remediate::brakes::Brakes;
use crate::core::remediate::permit::{Freeze, SafetyLevel, SafetyRules};
use crate::error::{CommandError, ErrorKind};
use crate::git::Repository;
use crate::model::environments::{Environment, Environments};
use crate::model::ids::CommitId;
use crate::model::monitoring::Monitoring;
use crate::model::paths::{Files, RepoPath};
use crate::state::documents::paths;

/// Where the default branch of the remote is looked for.
const DEFAULT_BRANCHES: [&str; 3] = [
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
];

/// How long `auto_remediate` counts where nobody says.
const REVIEWED_FOR: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Commits that are looked through for when it was changed: a run a quarter of an hour, each with a
/// commit, for longer than that.
const COMMITS: usize = 20_000;

/// What the default branch says of safety; `None` where none is known.
#[derive(Debug, Default)]
pub(crate) struct TrustedSafety {
    monitoring: Option<Monitoring>,
    environments: Option<Environments>,
    is_unknown: bool,
}

/// Returns the newest commit of the remote's default branch that is known here.
pub(crate) fn default_commit(repository: &Repository) -> Option<CommitId> {
    let mut all = DEFAULT_BRANCHES.iter();
    all.find_map(|name| repository.resolve(name).ok())
}

/// How the default branch becomes known.
pub(crate) const LEARN_DEFAULT_BRANCH: &str =
    "run git fetch origin, then git remote set-head origin --auto";

/// The commit whose programs may be run.
pub(crate) enum ProgramCommit {
    /// That of the default branch; without a remote the one that is checked out, if there is one.
    Known(Option<CommitId>),
    /// There is a remote whose default branch is not known here.
    Unknown,
}

/// Returns the commit whose programs may be run. In a checkout of a pull request that is not what is
/// checked out: whoever wrote it would choose what runs.
pub(crate) fn program_commit(repository: &Repository) -> Result<ProgramCommit, CommandError> {
    match default_commit(repository) {
        Some(commit) => Ok(ProgramCommit::Known(Some(commit))),
        None if repository.remote_url().is_some() => Ok(ProgramCommit::Unknown),
        None => Ok(ProgramCommit::Known(repository.head()?.commit)),
    }
}

impl TrustedSafety {
    /// Reads it. Without a remote the checkout is all there is; with one whose default branch is not
    /// known, as in a checkout of a pull request, nobody knows what everybody has agreed on.
    ///
    /// # Errors
    /// Where a file of the default branch is there and cannot be understood: what it forbids is
    /// not known then.
    pub(crate) fn read(repository: &Repository) -> Result<Self, CommandError> {
        let Some(commit) = default_commit(repository) else {
            return Ok(Self {
                is_unknown: repository.remote_url().is_some(),
                ..Self::default()
            });
        };
        let files = repository.files_at(Some(&commit))?;
        let text = |path: &RepoPath| -> Result<Option<String>, CommandError> {
            let bytes = files.read(path);
            let bytes = bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
            Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        };
        let monitoring = text(&paths::monitoring_toml())?;
        let monitoring = monitoring
            .map(|text| toml::from_str(&text).map_err(|_| not_valid(&paths::monitoring_toml())));
        let environments = text(&paths::environments())?;
        let environments = environments
            .map(|text| serde_json::from_str(&text).map_err(|_| not_valid(&paths::environments())));
        Ok(Self {
            // Without the file everybody has agreed on nothing, and a branch that adds it does not
            // speak for them.
            monitoring: Some(monitoring.transpose()?.unwrap_or_default()),
            environments: environments.transpose()?,
            is_unknown: false,
        })
    }

    /// Whether there is a default branch that is not known here.
    pub(crate) fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// Returns what an action requires; consent, where the default branch is not known.
    pub(crate) fn level(&self, settings: Settings<'_>, action: &Action) -> SafetyLevel {
        let rules = SafetyRules {
            here: &settings.monitoring.remediation,
            trusted: self.monitoring.as_ref().map(|one| &one.remediation),
        };
        match self.is_unknown {
            true => rules.level(action).max(SafetyLevel::Confirm),
            false => rules.level(action),
        }
    }

    /// Returns the stricter of each brake.
    pub(crate) fn brakes(&self, settings: Settings<'_>) -> Brakes {
        let here = Brakes::resolve(&settings.monitoring.remediation);
        let trusted = self.monitoring.as_ref();
        trusted.map_or(here, |trusted| {
            here.stricter(Brakes::resolve(&trusted.remediation))
        })
    }

    /// Until when `auto_remediate` counts: the earlier of the days that checkout and default branch say;
    /// else half a year after it was last changed on the default branch. `None` where nothing runs by itself, or the history
    /// of git does not say when that was.
    pub(crate) fn review_by(
        &self,
        workspace: &Workspace,
    ) -> Result<Option<Timestamp>, CommandError> {
        let here = &workspace.settings().monitoring.remediation;
        if here.auto_remediate.is_empty() {
            return Ok(None);
        }
        let trusted = self.monitoring.as_ref();
        let trusted = trusted.and_then(|one| one.remediation.review_by);
        if let Some(day) = here.review_by.into_iter().chain(trusted).min() {
            let end = day.to_zoned(TimeZone::UTC).map_err(CommandError::bug)?;
            return Ok(Some(end.timestamp()));
        }
        let path = paths::monitoring_toml();
        let repository = &workspace.repository;
        // A commit of a branch renews nothing that everybody has agreed on.
        let start = match default_commit(repository) {
            Some(commit) => Some(commit),
            None => repository.head()?.commit,
        };
        let changed = repository.last_changes_from(start, std::slice::from_ref(&path), COMMITS)?;
        let Some(commit) = changed.get(&path) else {
            return Ok(None);
        };
        let commit = repository.log_from(commit, 1)?;
        let at = commit.first().and_then(|one| one.at);
        Ok(at.and_then(|at| at.checked_add(REVIEWED_FOR).ok()))
    }

    /// Whether every action needs consent in an environment, by either of them.
    pub(crate) fn protects(&self, environment: &Environment) -> bool {
        let trusted = self.environments.as_ref();
        let trusted = trusted.and_then(|all| all.environments.get(&environment.name));
        let protects = |one: &Environment| one.requires_confirmation || one.is_critical();
        protects(environment) || trusted.is_some_and(protects)
    }
}

fn not_valid(path: &RepoPath) -> CommandError {
    CommandError::usage(format!(
        "{path} of the default branch is not valid, so what it forbids is not known"
    ))
    .hint("`fractary check` on that branch says what is wrong")
}

/// Reads `FREEZE`: of the checkout or of the branch of the state, and of the default branch. That
/// which lasts longer counts.
pub(crate) fn freeze(workspace: &Workspace) -> Result<Option<Freeze>, CommandError> {
    let path = RepoPath::new(".fractary/plugins/helm/FREEZE").map_err(CommandError::bug)?;
    let here = workspace.tree().read_text(&path)?;
    let there = match default_commit(&workspace.repository) {
        Some(commit) => {
            let bytes = workspace.repository.files_at(Some(&commit))?.read(&path);
            bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?
        }
        None => None,
    };
    let there = there.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let all = [here, there].into_iter().flatten();
    let all = all.map(|text| Freeze::read(&text));
    Ok(all.max_by_key(|freeze| (freeze.until.is_none(), freeze.until)))
}
