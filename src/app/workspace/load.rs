//! Loading: the repository, its validated state, the catalogue and the templates.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::App;
use crate::app::answer::faults;
use crate::app::workspace::files;
use crate::app::workspace::place::Place;
use crate::catalog::Catalog;
use crate::core::history;
use crate::error::{CommandError, ErrorKind};
use crate::git::Repository;
use crate::model::environments::Environment;
use crate::model::helm::Helm;
use crate::model::ids::{CommitId, DomainName, EnvironmentName};
use crate::model::issue::Issue;
use crate::model::monitoring::Monitoring;
use crate::model::paths::{Files, RepoPath};
use crate::model::slo_budgets::SloBudgets;
use crate::render::templates::Templates;
use crate::state;
use crate::state::{Glance, Past, State};
use crate::ui::Ui;

/// Everything a command reads before it asks the provider.
pub(crate) struct Loaded {
    /// The repository.
    pub(crate) repository: Repository,
    /// The head that the state was read at; a commit lands on this or not at all.
    pub(crate) base: Option<CommitId>,
    /// The branch that commits land on, where it is not the one that is checked out.
    pub(crate) side: Option<String>,
    /// Where the state was read from, where that is neither the work tree nor the head.
    other_files: Option<Rc<dyn Files>>,
    /// The documents of the present.
    pub(crate) state: State,
    /// Those of the past, once somebody has asked for them.
    past: OnceCell<Past>,
    /// Where what is wrong with them is said.
    ui: Arc<Ui>,
    /// monitoring.toml, or the defaults.
    pub(crate) monitoring: Monitoring,
    /// helm.toml, or the defaults.
    pub(crate) helm: Helm,
    /// The kinds, the user's included.
    pub(crate) catalog: Catalog,
    /// The templates, the user's overrides included.
    pub(crate) templates: Templates,
}

/// The same, again, after the head has moved; says no warning twice.
pub(crate) fn load_from(app: &App, repository: Repository) -> Result<Loaded, CommandError> {
    let place = Place::of(&repository)?;
    let state = state::load_present(place.files.as_ref())
        .map_err(|invalid| faults::broken(&app.ui, invalid))?;
    complete(app, repository, place, state)
}

/// The same with the documents of the past, which are read anyway.
pub(crate) fn load_with_past(app: &App, repository: Repository) -> Result<Loaded, CommandError> {
    let place = Place::of(&repository)?;
    let (state, past) =
        state::load(place.files.as_ref()).map_err(|invalid| faults::broken(&app.ui, invalid))?;
    let loaded = complete(app, repository, place, state)?;
    loaded.past.get_or_init(|| past);
    Ok(loaded)
}

/// The same, from files that are neither those of the work tree nor of the head.
pub(crate) fn load_files(
    app: &App,
    repository: Repository,
    side: Option<String>,
    files: Rc<dyn Files>,
) -> Result<Loaded, CommandError> {
    let state =
        state::load_present(files.as_ref()).map_err(|invalid| faults::broken(&app.ui, invalid))?;
    let place = Place {
        side,
        base: None,
        files: Rc::clone(&files),
    };
    let loaded = complete(app, repository, place, state)?;
    Ok(Loaded {
        other_files: Some(files),
        ..loaded
    })
}

/// What a command needs besides the documents, which were read at `place`.
pub(crate) fn complete(
    app: &App,
    repository: Repository,
    place: Place,
    state: State,
) -> Result<Loaded, CommandError> {
    let catalog = catalog(&state)?;
    let templates =
        Templates::new(&files::overrides(place.files.as_ref())?).map_err(faults::template)?;
    let monitoring = state.monitoring.value.clone();
    let helm = state
        .helm
        .as_ref()
        .map(|doc| doc.value.clone())
        .unwrap_or_default();
    Ok(Loaded {
        repository,
        base: place.base,
        other_files: place.side.is_some().then_some(place.files),
        side: place.side,
        state,
        past: OnceCell::new(),
        ui: Arc::clone(&app.ui),
        monitoring,
        helm,
        catalog,
        templates,
    })
}

fn catalog(state: &State) -> Result<Catalog, CommandError> {
    let kinds: Vec<(String, String)> = state
        .kinds
        .iter()
        .map(|(path, text)| (path.to_string(), text.clone()))
        .collect();
    Catalog::with_user_kinds(&kinds).map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        CommandError::usage(all.join("\n"))
            .hint("`fractary schema kind` prints what a kind file may hold")
    })
}

impl Loaded {
    /// A file of the repository as text, `None` where there is none.
    pub(crate) fn text(&self, path: &RepoPath) -> Result<Option<String>, CommandError> {
        match &self.other_files {
            Some(files) => files::text(files.as_ref(), path),
            None => files::as_stored(&self.repository, self.base.as_ref(), path),
        }
    }

    /// The files that the state was read from.
    pub(crate) fn files(&self) -> Result<Rc<dyn Files>, CommandError> {
        match &self.other_files {
            Some(files) => Ok(Rc::clone(files)),
            None => Ok(files::files(&self.repository, self.base.as_ref())?.into()),
        }
    }

    /// Which of these paths have edits that are not committed. What is checked out is not what
    /// a commit on another branch changes.
    pub(crate) fn dirty(&self, paths: &[RepoPath]) -> Result<Vec<RepoPath>, CommandError> {
        match &self.side {
            Some(_) => Ok(Vec::new()),
            None => Ok(self.repository.dirty(paths)?),
        }
    }

    /// The files in a folder of the repository.
    pub(crate) fn list(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, CommandError> {
        self.files()?.list(folder).map_err(files::unreadable)
    }

    /// Whether neither the work tree nor the head has a file. One that is removed and not
    /// committed is an edit, not a gap.
    pub(crate) fn lacks(&self, path: &RepoPath) -> Result<bool, CommandError> {
        if self.text(path)?.is_some() {
            return Ok(false);
        }
        let committed = self.repository.files_at(self.base.as_ref())?;
        Ok(committed.read(path).map_err(files::unreadable)?.is_none())
    }

    /// The documents of the past, read at the first call.
    ///
    /// # Errors
    /// Faults in any of them, as those of the present.
    pub(crate) fn past(&self) -> Result<&Past, CommandError> {
        if let Some(past) = self.past.get() {
            return Ok(past);
        }
        let files = self.files()?;
        let past = state::load_past(files.as_ref())
            .map_err(|invalid| faults::broken_past(&self.ui, invalid))?;
        faults::warn(&self.ui, &past.warnings);
        Ok(self.past.get_or_init(|| past))
    }

    /// The resolved issues that `wanted` takes. Where a glance shows that there is none, none
    /// is read.
    pub(crate) fn resolved(
        &self,
        wanted: impl Fn(&Glance) -> bool,
    ) -> Result<Vec<&Issue>, CommandError> {
        let is_read = self.past.get().is_some();
        if !is_read && !state::may_have_resolved(self.files()?.as_ref(), &wanted) {
            return Ok(Vec::new());
        }
        let issues = self.past()?.resolved.values().map(|doc| &doc.value);
        Ok(issues
            .filter(|issue| wanted(&Glance::from_issue(issue)))
            .collect())
    }

    /// What was counted for the error budgets of an environment.
    pub(crate) fn stored_budgets(&self, name: &EnvironmentName) -> Option<&SloBudgets> {
        self.state.budgets.get(name).map(|document| &document.value)
    }

    /// Where the last window of an environment that was judged ended.
    pub(crate) fn last_window_end(
        &self,
        name: &EnvironmentName,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, CommandError> {
        let latest = self.state.latest.get(name);
        let end = latest.and_then(|doc| history::window_end_of_latest(&doc.value, now));
        if end.is_some() {
            return Ok(end);
        }
        let document = self.past()?.histories.get(name);
        Ok(document.and_then(|doc| history::last_window_end(&doc.value, now)))
    }

    /// The environments that the command is about: `--env`, else the default, else `test`.
    pub(crate) fn chosen(&self, app: &App) -> Result<Vec<EnvironmentName>, CommandError> {
        let names = if app.global.env.is_empty() {
            vec![self.default_environment()?]
        } else {
            app.global.env.clone()
        };
        let mut seen = std::collections::BTreeSet::new();
        let names: Vec<_> = names
            .into_iter()
            .filter(|name| seen.insert(name.clone()))
            .collect();
        for name in &names {
            self.environment(name)?;
        }
        Ok(names)
    }

    fn default_environment(&self) -> Result<EnvironmentName, CommandError> {
        let configured = self
            .state
            .environments
            .as_ref()
            .and_then(|doc| doc.value.default.clone());
        match configured {
            Some(name) => Ok(name),
            None => EnvironmentName::new("test")
                .map_err(|error| CommandError::new(ErrorKind::Bug, error)),
        }
    }

    /// All environments that are monitored.
    pub(crate) fn monitored(&self) -> Vec<EnvironmentName> {
        match &self.monitoring.helm_cloud.environments {
            Some(names) => names.clone(),
            None => match &self.state.environments {
                Some(doc) => doc.value.environments.keys().cloned().collect(),
                None => self.state.registries.keys().cloned().collect(),
            },
        }
    }

    /// One environment, or an error that names those there are.
    pub(crate) fn environment(&self, name: &EnvironmentName) -> Result<Environment, CommandError> {
        let Some(document) = &self.state.environments else {
            return Err(CommandError::usage(
                "there is no .fractary/shared/environments.json in this repository",
            )
            .hint("`fractary init` writes one; `fractary demo` shows what it is for"));
        };
        document
            .value
            .environments
            .get(name)
            .cloned()
            .ok_or_else(|| {
                let known: Vec<&str> = document
                    .value
                    .environments
                    .keys()
                    .map(EnvironmentName::as_str)
                    .collect();
                CommandError::usage(format!(
                    "there is no environment `{name}` in {}",
                    document.path
                ))
                .hint(format!("environments there are: {}", known.join(", ")))
            })
    }

    /// The domain that the cloud resources of this repository belong to.
    pub(crate) fn domain(&self) -> Result<DomainName, CommandError> {
        match &self.monitoring.helm_cloud.domain {
            Some(domain) => Ok(domain.clone()),
            None => DomainName::new("infrastructure")
                .map_err(|error| CommandError::new(ErrorKind::Bug, error)),
        }
    }
}
