//! Loading: the repository, its validated state, the catalogue and the templates.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::App;
use crate::app::answer::faults;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::{pull_request, push};
use crate::catalog::Catalog;
use crate::core::history;
use crate::error::{CommandError, ErrorKind};
use crate::git::{Recovery, Repository, Step};
use crate::model::environments::Environment;
use crate::model::helm::Helm;
use crate::model::ids::{CommitId, DomainName, EnvironmentName};
use crate::model::issue::Issue;
use crate::model::monitoring::Monitoring;
use crate::model::paths::{Files, RepoPath};
use crate::render::templates::Templates;
use crate::state;
use crate::state::documents::paths;
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

/// Opens the repository and rolls a left-over journal forward.
pub(crate) fn open(app: &App) -> Result<Repository, CommandError> {
    let mut repository = Repository::discover(&app.global.repo)?;
    if let Some(name) = &app.environment.fault {
        let step: Step = name
            .parse()
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        repository = repository.with_faults(move |at| at == step);
    }
    if let Recovery::Finished { commit, kept } = repository.recover()? {
        app.ui.warn(&format!(
            "an earlier run was interrupted while it landed; its commit {} is now complete",
            short(&commit)
        ));
        for path in kept {
            app.ui.warn(&format!(
                "{path} was edited since, and is left as you have it"
            ));
        }
    }
    Ok(repository)
}

/// The first characters of a commit's id, as people name it.
pub(crate) fn short(commit: &CommitId) -> &str {
    &commit.as_str()[..10]
}

/// Loads everything. Faults in documents are reported all at once.
pub(crate) fn load(app: &App) -> Result<Loaded, CommandError> {
    finish(app, open(app)?, Depth::Past)
}

/// How much is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// What is, and what was.
    Past,
    /// The past only once it is asked for.
    Present,
}

/// The same for a command that lands something: what it will be pushed on top of is fetched
/// first, where that is a branch that is not checked out.
pub(crate) fn load_to_land(app: &App, landing: Landing) -> Result<Loaded, CommandError> {
    finish(app, open_to_land(app, landing)?, Depth::Past)
}

/// The same for a run. Most of them find nothing new, and read nothing of the past.
pub(crate) fn load_to_run(app: &App, landing: Landing) -> Result<Loaded, CommandError> {
    finish(app, open_to_land(app, landing)?, Depth::Present)
}

fn open_to_land(app: &App, landing: Landing) -> Result<Repository, CommandError> {
    let repository = open(app)?;
    if landing == Landing::Commit {
        push::refresh(app, &repository)?;
    }
    Ok(repository)
}

/// The same for the machines of one run, which all need the newest state.
pub(crate) fn load_newest(app: &App) -> Result<Loaded, CommandError> {
    let repository = open(app)?;
    push::refresh_always(app, &repository)?;
    finish(app, repository, Depth::Present)
}

fn finish(app: &App, repository: Repository, depth: Depth) -> Result<Loaded, CommandError> {
    let loaded = match depth {
        Depth::Present => load_from(app, repository)?,
        Depth::Past => {
            let place = Place::of(&repository)?;
            let (state, past) = state::load(place.files.as_ref())
                .map_err(|invalid| faults::broken(&app.ui, invalid))?;
            let loaded = complete(app, repository, place, state)?;
            loaded.past.get_or_init(|| past);
            loaded
        }
    };
    faults::warn(&app.ui, &loaded.state.warnings);
    Ok(loaded)
}

/// The same, again, after the head has moved; says no warning twice.
pub(crate) fn load_from(app: &App, repository: Repository) -> Result<Loaded, CommandError> {
    let place = Place::of(&repository)?;
    let state = state::load_present(place.files.as_ref())
        .map_err(|invalid| faults::broken(&app.ui, invalid))?;
    complete(app, repository, place, state)
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

/// Where the state is read.
pub(crate) struct Place {
    /// The branch that it is on, where that is not the one that is checked out.
    pub(crate) side: Option<String>,
    /// The commit that the next one builds on.
    pub(crate) base: Option<CommitId>,
    /// The files.
    pub(crate) files: Rc<dyn Files>,
}

impl Place {
    /// As `[git] mode` of the checkout says.
    pub(crate) fn of(repository: &Repository) -> Result<Self, CommandError> {
        let side = pull_request::side(repository)?;
        let base = pull_request::base(repository, side.as_deref())?;
        let files = match side {
            Some(_) => {
                let state = repository.files_at(base.as_ref())?;
                pull_request::over_checkout(repository, Box::new(state))?
            }
            None => files(repository, base.as_ref())?.into(),
        };
        Ok(Self { side, base, files })
    }
}

/// What a command needs besides the documents, which were read at `place`.
pub(crate) fn complete(
    app: &App,
    repository: Repository,
    place: Place,
    state: State,
) -> Result<Loaded, CommandError> {
    let catalog = catalog(&state)?;
    let templates = Templates::new(&overrides(place.files.as_ref())?).map_err(template)?;
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

/// The user's own templates: file name and text.
fn overrides(files: &dyn Files) -> Result<Vec<(String, String)>, CommandError> {
    let mut out = Vec::new();
    for path in files.list(&paths::templates_dir()).map_err(unreadable)? {
        if path.as_str().ends_with(".j2") {
            out.push((
                path.file_name().to_owned(),
                text(files, &path)?.unwrap_or_default(),
            ));
        }
    }
    Ok(out)
}

/// What could not go wrong went wrong.
pub(crate) fn bug(error: impl Into<anyhow::Error>) -> CommandError {
    CommandError::new(ErrorKind::Bug, error)
}

/// A template failed: the built-in ones are tested, so it is one of the user's.
pub(crate) fn template(error: impl Into<anyhow::Error>) -> CommandError {
    CommandError::new(ErrorKind::Usage, error).hint(format!(
        "mend the template in {}, or remove it to have the built-in one again",
        paths::templates_dir()
    ))
}

fn unreadable(error: crate::model::paths::ReadError) -> CommandError {
    CommandError::new(ErrorKind::Usage, error)
}

pub(crate) fn text(files: &dyn Files, path: &RepoPath) -> Result<Option<String>, CommandError> {
    let bytes = files.read(path).map_err(unreadable)?;
    bytes
        .map(|bytes| {
            String::from_utf8(bytes)
                .map_err(|_| CommandError::usage(format!("{path} is not UTF-8")))
        })
        .transpose()
}

/// The work tree, or the head's tree in a bare repository.
pub(crate) fn files(
    repository: &Repository,
    base: Option<&CommitId>,
) -> Result<Box<dyn Files>, CommandError> {
    Ok(match repository.work_dir() {
        Some(root) => Box::new(state::WorkTree::new(root)),
        None => Box::new(repository.files_at(base)?),
    })
}

/// A file as text, with the line ends that git stores: a work tree may have been checked out
/// with others (`core.autocrlf`), and then they are no edit.
pub(crate) fn as_stored(
    repository: &Repository,
    base: Option<&CommitId>,
    path: &RepoPath,
) -> Result<Option<String>, CommandError> {
    let Some(found) = text(files(repository, base)?.as_ref(), path)? else {
        return Ok(None);
    };
    if !found.contains("\r\n") {
        return Ok(Some(found));
    }
    let committed = repository.files_at(base)?.read(path).map_err(unreadable)?;
    Ok(Some(match committed {
        Some(bytes) if !bytes.contains(&b'\r') => found.replace("\r\n", "\n"),
        _ => found,
    }))
}

impl Loaded {
    /// A file of the repository as text, `None` where there is none.
    pub(crate) fn text(&self, path: &RepoPath) -> Result<Option<String>, CommandError> {
        match &self.other_files {
            Some(files) => text(files.as_ref(), path),
            None => as_stored(&self.repository, self.base.as_ref(), path),
        }
    }

    /// The files that the state was read from.
    pub(crate) fn files(&self) -> Result<Rc<dyn Files>, CommandError> {
        match &self.other_files {
            Some(files) => Ok(Rc::clone(files)),
            None => Ok(files(&self.repository, self.base.as_ref())?.into()),
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
        self.files()?.list(folder).map_err(unreadable)
    }

    /// Whether neither the work tree nor the head has a file. One that is removed and not
    /// committed is an edit, not a gap.
    pub(crate) fn lacks(&self, path: &RepoPath) -> Result<bool, CommandError> {
        if self.text(path)?.is_some() {
            return Ok(false);
        }
        let committed = self.repository.files_at(self.base.as_ref())?;
        Ok(committed.read(path).map_err(unreadable)?.is_none())
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
        Ok(issues.filter(|issue| wanted(&Glance::at(issue))).collect())
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
