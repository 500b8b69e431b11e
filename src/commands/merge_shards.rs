//! `fractary merge-shards DIR`: join what the shards of a run saw, in one commit.

use std::path::PathBuf;

use clap::Args;

use crate::app::access;
use crate::app::answer::named_files::NamedFiles;
use crate::app::command::{Command, Effect, Entry};
use crate::app::decide::Observation;
use crate::app::formats::ReportFormat;
use crate::app::observe;
use crate::app::observe::bundles;
use crate::app::observe::environments::Only;
use crate::app::observe::scope::environments_to_run;
use crate::app::occasion::Occasion;
use crate::app::pass::Pass;
use crate::app::shared_options::SharedOption;
use crate::app::workspace::landing;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::shards::{JoinInput, join};
use crate::env::Clock;

/// Arguments of `merge-shards`.
#[derive(Debug, Args)]
pub struct MergeShardsArgs {
    /// Folder with the bundles that `run --shard` wrote; also one folder deeper, as
    /// actions/download-artifact puts them
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// The entry of `merge-shards` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<MergeShardsArgs>(
    "merge-shards",
    "Merge the observations of a run's shards, in one commit",
)
.sends(&[access::INVESTIGATIONS, access::ALERTS])
.uses(&[SharedOption::Env, SharedOption::FailOn]);

impl Command for MergeShardsArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        Effect::Commits
    }

    fn named_files(&self) -> NamedFiles<'_> {
        NamedFiles::default().reading([&self.dir])
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        let found = bundles::read_folder(&self.dir)?;
        let app = &App {
            clock: Clock::fixed(bundles::agree_on_time(app, &found)?),
            ..app.clone()
        };
        let landing = landing::choose(app, Command::effect(self));
        let workspace = match landing {
            Landing::Commit => open::load_newest(app)?,
            _ => open::load(app)?,
        };
        let (scope, given) = (workspace.scope(), &app.global.env);
        let names = environments_to_run(scope.settings, given, given.is_empty())?;
        let mut parts = bundles::check_parts(app, &scope, workspace.tree(), &names, found)?;
        let mut snapshots = Vec::new();
        for name in &names {
            let environment = scope.settings.environment(name)?;
            let resources = scope.resources(&environment, None)?;
            snapshots.push(join(JoinInput {
                environment: name,
                resources: &resources,
                window: scope.window(name, app.clock.now())?,
                parts: parts.remove(name).unwrap_or_default(),
                catalog: scope.registries.catalog,
            }));
        }
        // Programs that monitor domains are asked once, here, not by each shard.
        let observation = Observation {
            snapshots,
            answers: observe::ask_monitors(app, &scope, &names)?,
            // What no shard read is audited by a run of its own.
            audits: Vec::new(),
            kpis: Vec::new(),
        };
        let pass = Pass {
            names: &names,
            only: Only::Everything,
            // As one machine would have: the same command did it, only elsewhere.
            occasion: Occasion::Run,
            landing,
        };
        pass.land_and_show(app, workspace, &observation, format)
    }
}
