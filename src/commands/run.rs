//! `fractary run`: the scheduled job.

use clap::Args;

use crate::app::access;
use crate::app::access::Access;
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::{Formats, OnlyJson, ReportFormat};
use crate::app::kpi;
use crate::app::observe::environments::Only;
use crate::app::observe::{scope, shard};
use crate::app::occasion::Occasion;
use crate::app::optimize;
use crate::app::options::Format;
use crate::app::pass::Pass;
use crate::app::remediate::round;
use crate::app::shared_options::SharedOption;
use crate::app::workspace::landing::{self, Landing};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::model::shard::Shard;

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Every monitored environment
    #[arg(long)]
    pub all: bool,

    /// Observe one share of the resources only, and write a bundle for `merge-shards` in the
    /// file or folder of --output instead of a commit
    #[arg(long, value_name = "K/N", conflicts_with = "landing")]
    pub shard: Option<Shard>,
}

/// The entry of `run` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<RunArgs>(
    "run",
    "Run the scheduled job: observe, evaluate, update issues, render, make one commit",
)
.sends(&[
    Access::Observe.always(),
    access::INVESTIGATIONS,
    access::AUDITS,
    access::KPIS,
    access::ALERTS,
    access::ROUND_PLANS,
    access::ROUND_CHANGES,
])
.uses(&[SharedOption::Env, SharedOption::FailOn]);

impl Command for RunArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        match self.shard {
            // The bundle; the commit is made by `merge-shards`.
            Some(_) => Effect::Writes,
            None => Effect::Commits,
        }
    }

    fn formats(&self) -> &'static [Format] {
        match self.shard {
            Some(_) => OnlyJson::ALL,
            None => ReportFormat::ALL,
        }
    }

    fn fills_output_folder(&self) -> bool {
        self.shard.is_some()
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        if let Some(shard) = self.shard {
            return shard::observe(shard, self.all, app);
        }
        let landing = landing::choose(app, Command::effect(self));
        let workspace = open::load_to_run(app, landing)?;
        let names = scope::environments_to_run(workspace.settings(), &app.global.env, self.all)?;
        let pass = Pass {
            names: &names,
            only: Only::Everything,
            occasion: Occasion::Run,
            landing,
        };
        let repository = workspace.repository.clone();
        let lives = landing == Landing::Commit && app.global.replay.is_none();
        let remediates = lives && round::is_due(&workspace, &names, app.clock.now())?;
        let (mut due, cycles) = match lives {
            true => (
                kpi::due(app, &workspace, &names),
                optimize::due(app, &workspace, &names),
            ),
            false => (Vec::new(), Vec::new()),
        };
        // A cycle collects by itself.
        due.retain(|name| !optimize::begins_in(&cycles, name));
        let code = pass.run(app, workspace, format)?;
        let collected = kpi::collect_due(app, &repository, &due);
        if remediates {
            round::run(app, repository.clone(), &names)?;
        }
        collected?;
        optimize::run_due(app, &repository, &cycles)?;
        Ok(code)
    }
}
