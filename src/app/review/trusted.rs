//! What the base branch says: a change cannot lower the bar that it is held against.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::app::audit::SUPPRESSIONS;
use crate::app::workspace::checks as workspace_checks;
use crate::catalog::checks::Check;
use crate::catalog::registry::Registry;
use crate::catalog::stateful::Stateful;
use crate::core::cost::prices::PriceBook;
use crate::core::review::{AcceptedFindings, Circumstances, Surroundings};
use crate::error::{CommandError, ErrorKind};
use crate::git::Repository;
use crate::model::audit::Suppressions;
use crate::model::environments::Environment;
use crate::model::helm::ReviewSettings;
use crate::model::ids::{CommitId, EnvironmentName};
use crate::model::issue::Issue;
use crate::model::paths::{Files, RepoPath};
use crate::model::prices::PriceDocument;
use crate::model::review::ReviewVerdict;
use crate::state::State;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// The base branch, as far as reviews look at it.
pub(crate) struct TrustedBase {
    state: State,
    environments: Vec<Environment>,
    suppressions: Suppressions,
    prices: PriceBook,
    checks: Registry<Check>,
    stateful: Stateful,
    /// `[review]` of helm.toml.
    pub(crate) settings: ReviewSettings,
    /// What could not be read, and so says nothing.
    pub(crate) gaps: Vec<Untrusted>,
}

impl TrustedBase {
    /// Reads it. What is not valid says nothing, and that is said.
    pub(crate) fn read(repository: &Repository, base: &CommitId) -> Result<Self, CommandError> {
        let files = repository.raw_files_at(Some(base))?;
        let mut gaps: Vec<Untrusted> = Vec::new();
        let state = crate::state::load_present(&files).unwrap_or_else(|_| {
            gaps.push("environments, registry, issues and settings: the state of the base branch is not valid (`fractary check`)".into());
            State::default()
        });
        let read = |path: &RepoPath| -> Result<Option<String>, CommandError> {
            let bytes = files
                .read(path)
                .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
            Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        };
        let path = RepoPath::new(SUPPRESSIONS).map_err(CommandError::bug)?;
        let suppressions = toml::from_str(&read(&path)?.unwrap_or_default());
        let suppressions = suppressions.unwrap_or_else(|_| {
            let text =
                format!("suppressions: {path} of the base branch is not valid, so none counts");
            gaps.push(text.into());
            Suppressions::default()
        });
        let updated = read(&paths::prices())?.map(|text| serde_json::from_str(&text));
        if let Some(Err(_)) = &updated {
            let path = paths::prices();
            gaps.push(format!("prices: {path} of the base branch is not valid").into());
        }
        let updated: Option<PriceDocument> = updated.and_then(Result::ok);
        let document = state.environments.iter();
        let environments = document.flat_map(|one| one.value.environments.values());
        let settings = state.helm.as_ref().map(|one| one.value.review.clone());
        let checks = match workspace_checks::registry(&state) {
            Ok(checks) => checks,
            Err(_) => {
                gaps.push("checks of your own: those of the base branch are not valid (`fractary check`), so only the built-in ones count".into());
                built_in_checks()?
            }
        };
        Ok(Self {
            environments: environments.cloned().collect(),
            suppressions,
            prices: PriceBook::new(updated.as_ref(), &state.monitoring.value.cost),
            checks,
            stateful: Stateful::built_in(),
            settings: settings.unwrap_or_default(),
            gaps,
            state,
        })
    }

    /// Returns the checks that plans are held against: the built-in ones, and those of your own
    /// that are on the base branch.
    pub(crate) fn checks(&self) -> Vec<&Check> {
        let rules = &self.state.monitoring.value.compliance;
        let all = self.checks.iter();
        all.filter(|check| check.is_wanted(rules)).collect()
    }

    /// Returns the open issues.
    pub(crate) fn issues(&self) -> Vec<&Issue> {
        self.state.active.values().map(|one| &one.value).collect()
    }

    /// Returns what plans for an environment are held against.
    pub(crate) fn circumstances<'a>(
        &'a self,
        name: Option<&EnvironmentName>,
        checks: &'a [&'a Check],
        issues: &'a [&'a Issue],
        now: Timestamp,
    ) -> Circumstances<'a> {
        let is_chosen = |one: &&Environment| Some(&one.name) == name;
        let environment = self.environments.iter().find(is_chosen);
        let is_protected = |one: &Environment| one.is_critical() || one.requires_confirmation;
        Circumstances {
            environment,
            environments: &self.environments,
            is_protected: environment.is_some_and(is_protected),
            stateful: &self.stateful,
            checks,
            rules: &self.state.monitoring.value.compliance,
            accepted: AcceptedFindings {
                suppressions: &self.suppressions,
                today: now.to_zoned(TimeZone::UTC).date(),
                checks,
            },
            surroundings: Surroundings {
                registry: name.and_then(|name| Some(&self.state.registries.get(name)?.value)),
                dependencies: &self.state.monitoring.value.dependencies,
                issues,
                health: name.and_then(|name| Some(&self.state.latest.get(name)?.value)),
                freezes: &self.settings.freeze,
                now,
            },
            prices: &self.prices,
            settings: &self.settings,
            unknown: ReviewVerdict::Warn,
        }
    }

    /// Returns the environment that the plans are for, where one is named or is the default.
    pub(crate) fn choose_environment(
        &self,
        app: &App,
    ) -> Result<Option<EnvironmentName>, CommandError> {
        let given = match app.global.env.as_slice() {
            [] => self
                .state
                .environments
                .as_ref()
                .and_then(|document| document.value.default.clone()),
            [one] => Some(one.clone()),
            _ => {
                return Err(CommandError::usage("a review is for one environment")
                    .hint("run it once for each: `--env prod`, `--env test`"));
            }
        };
        match &given {
            Some(name)
                if !self.environments.is_empty()
                    && self.environments.iter().all(|one| one.name != *name) =>
            {
                let names: Vec<&str> = self
                    .environments
                    .iter()
                    .map(|one| one.name.as_str())
                    .collect();
                Err(CommandError::usage(format!(
                    "there is no environment `{name}` on the base branch"
                ))
                .hint(format!("available environments: {}", names.join(", "))))
            }
            _ => Ok(given),
        }
    }
}

fn built_in_checks() -> Result<Registry<Check>, CommandError> {
    Registry::load(&[]).map_err(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        CommandError::say(ErrorKind::Bug, shown.join("; "))
    })
}
