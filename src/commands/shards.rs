//! `fractary shards`: plans a run on several machines.

use clap::Args;
use serde::Serialize;

use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::OnlyJson;
use crate::app::observe::scope::environments_to_run;
use crate::app::shared_options::SharedOption;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::core::shards::plan;
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::ids::EnvironmentName;
use crate::model::shard::Shard;

/// Arguments of `shards`.
#[derive(Debug, Args)]
pub struct ShardsArgs {
    /// The most jobs there may be, for all environments together
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub max: u32,
}

#[derive(Debug, Serialize)]
struct Matrix {
    include: Vec<Job>,
}

#[derive(Debug, Serialize)]
struct Job {
    shard: Shard,
    environment: EnvironmentName,
    at: jiff::Timestamp,
}

/// The entry of `shards` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<ShardsArgs>(
    "shards",
    "Plan a run on several machines: print the matrix for GitHub Actions",
)
.uses(&[SharedOption::Env]);

impl Command for ShardsArgs {
    type Formats = OnlyJson;

    fn run(&self, app: &App, _: OnlyJson) -> Outcome {
        let workspace = open::load_newest(app)?;
        let (scope, given) = (workspace.scope(), &app.global.env);
        let names = environments_to_run(scope.settings, given, given.is_empty())?;
        let mut sizes = Vec::new();
        for name in names {
            let environment = scope.settings.environment(&name)?;
            let resources = scope.resources(&environment, None)?;
            sizes.push((name, resources.len()));
        }
        let jobs = plan(&sizes, self.max).ok_or_else(|| {
            CommandError::usage(format!(
                "{} environments are monitored, but there may be only {} jobs",
                sizes.len(),
                self.max
            ))
            .hint("each environment has credentials of its own and needs at least one job: raise --max, or choose with --env")
        })?;
        let at = app.clock.now();
        let matrix = Matrix {
            include: jobs
                .into_iter()
                .map(|(environment, shard)| Job {
                    shard,
                    environment,
                    at,
                })
                .collect(),
        };
        // On one line, as `$GITHUB_OUTPUT` wants it.
        let line = serde_json::to_string(&matrix)
            .map_err(|error| CommandError::new(ErrorKind::Bug, error))?;
        output::write(app, &format!("{line}\n"))?;
        Ok(ExitCode::Ok)
    }
}
