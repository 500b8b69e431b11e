//! `fractary merge-shards DIR`: join what the shards of a run saw, in one commit.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::app::observe;
use crate::app::observe::bundles;
use crate::app::observe::scope;
use crate::app::occasion::Occasion;
use crate::app::options::Format;
use crate::app::pass::Judge;
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
    let found = bundles::read(&args.dir)?;
    let app = &at_its_time(app, bundles::time(app, &found)?);
    let landing = landing::landing(app, true);
    let loaded = match landing {
        Landing::Commit => open::load_newest(app)?,
        _ => open::load(app)?,
    };
    let names = scope::names(app, &loaded, app.global.env.is_empty())?;
    let mut parts = bundles::parts(app, &loaded, &names, found)?;
    let mut snapshots = Vec::new();
    for name in &names {
        let environment = loaded.environment(name)?;
        let resources = scope::resources(&loaded, &environment, None)?;
        snapshots.push(join(JoinInput {
            environment: name,
            resources: &resources,
            window: scope::window(&loaded, name, app.clock.now())?,
            parts: parts.remove(name).unwrap_or_default(),
            catalog: &loaded.catalog,
        }));
    }
    // Programs that monitor domains are asked once, here, not by each shard.
    let answers = observe::answers(app, &loaded, &names)?;
    let judge = Judge {
        names: &names,
        only: None,
        // As one machine would have: the same command did it, only elsewhere.
        occasion: Occasion::Run,
        landing,
    };
    judge.land_and_show(app, loaded, &snapshots, &answers, format)
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
