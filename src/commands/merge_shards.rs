//! `fractary merge-shards DIR`: join what the shards of a run saw, in one commit.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::app::decide::Observation;
use crate::app::observe;
use crate::app::observe::bundles;
use crate::app::observe::environments::Only;
use crate::app::observe::scope::environments_to_run;
use crate::app::occasion::Occasion;
use crate::app::options::Format;
use crate::app::pass::Pass;
use crate::app::publish;
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

pub(crate) fn run(args: &MergeShardsArgs, app: &App) -> Outcome {
    let format = publish::format_of(
        app,
        "merge-shards",
        &[Format::Text, Format::Json, Format::Markdown],
    )?;
    let found = bundles::read_folder(&args.dir)?;
    let app = &at_its_time(app, bundles::agree_on_time(app, &found)?);
    let landing = landing::choose(app, true);
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

/// This process's settings at the time of the run that is joined.
fn at_its_time(app: &App, at: jiff::Timestamp) -> App {
    App {
        global: app.global.clone(),
        environment: app.environment.clone(),
        clock: Clock::fixed(at),
        ui: Arc::clone(&app.ui),
    }
}
