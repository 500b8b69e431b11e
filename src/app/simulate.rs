//! Runs on facts that are made up, under a clock that is set: `fractary run` without the
//! provider. For benchmarks and tests of what a long time does to a repository.

use std::path::Path;

use jiff::Timestamp;

use crate::app::App;
use crate::app::command_line::CommandLine;
use crate::app::decide::Observation;
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::options::GlobalArgs;
use crate::app::pass::Pass;
use crate::app::workspace::landing::{Landed, Landing};
use crate::app::workspace::open;
use crate::env::{Clock, Environment as Variables};
use crate::error::CommandError;
use crate::model::ids::{CommitId, EnvironmentName};
use crate::model::resource::Resource;
use crate::model::snapshot::Snapshot;
use crate::model::window::Window;

/// A repository that runs are simulated in.
pub struct Simulation {
    app: App,
    name: EnvironmentName,
}

/// What became of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// The commit, `None` for a quiet run.
    pub commit: Option<CommitId>,
    /// Why it was made.
    pub reason: Option<&'static str>,
}

impl Simulation {
    /// In a repository's folder, for one of its environments. Prints nothing and queries nothing.
    ///
    /// # Errors
    /// As lines for people.
    pub fn new(folder: &Path, name: &str) -> Result<Self, Vec<String>> {
        let name = EnvironmentName::new(name).map_err(|error| vec![error.to_string()])?;
        let mut global = GlobalArgs::read(&["--quiet", "--color", "never"])
            .map_err(|error| vec![error.to_string()])?;
        global.repo = folder.to_owned();
        let environment = Variables::default();
        let ui = crate::app::answer::terminal::ui(&global, &environment);
        let app = App {
            global,
            environment,
            clock: Clock::fixed(Timestamp::UNIX_EPOCH),
            ui,
            command_line: CommandLine { commands: &[] },
        };
        Ok(Self { app, name })
    }

    /// One run at a time. `observe` is given the resources of the registry, the window that is
    /// judged and from when on metrics are read, and says what was seen.
    ///
    /// # Errors
    /// As lines for people.
    pub fn run(
        &mut self,
        at: Timestamp,
        observe: impl FnOnce(Vec<Resource>, Window, Timestamp) -> Snapshot,
    ) -> Result<Simulated, Vec<String>> {
        self.app.clock = Clock::fixed(at);
        self.step(observe).map_err(|error| error.lines())
    }

    fn step(
        &self,
        observe: impl FnOnce(Vec<Resource>, Window, Timestamp) -> Snapshot,
    ) -> Result<Simulated, CommandError> {
        let workspace = open::load_to_look(&self.app, Landing::Commit)?;
        let scope = workspace.scope();
        let environment = scope.settings.environment(&self.name)?;
        let window = scope.window(&self.name, self.app.clock.now())?;
        let snapshot = observe(
            scope.resources(&environment, None)?,
            window,
            scope.read_from(&self.name, window),
        );
        let observation = Observation {
            snapshots: vec![snapshot],
            ..Observation::default()
        };
        let pass = Pass {
            names: std::slice::from_ref(&self.name),
            only: Only::Everything,
            occasion: Occasion::Run,
            landing: Landing::Commit,
        };
        let (_, decision, landed) = pass.land_and_send(&self.app, workspace, &observation)?;
        let reason = decision.environments.iter().find_map(|one| one.reason);
        Ok(Simulated {
            commit: match landed {
                Landed::Commit(commit) => Some(commit),
                _ => None,
            },
            reason: reason.map(|reason| reason.words()),
        })
    }
}
