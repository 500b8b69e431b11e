//! `fractary run`: the scheduled job.

use clap::Args;

use crate::app::occasion::Occasion;
use crate::app::options::Format;
use crate::app::pass::Judge;
use crate::app::publish;
use crate::app::workspace::load::Loaded;
use crate::app::workspace::{landing, load};
use crate::app::{App, Outcome};
use crate::commands::shards;
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::model::shard::Shard;

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Every monitored environment
    #[arg(long)]
    pub all: bool,

    /// Look at one share of the resources only, and leave a bundle for `merge-shards` in the
    /// file or folder of --output instead of a commit
    #[arg(long, value_name = "K/N", conflicts_with = "landing")]
    pub shard: Option<Shard>,
}

pub(crate) fn run(args: &RunArgs, app: &App) -> Outcome {
    if let Some(shard) = args.shard {
        return shards::observe(shard, args.all, app);
    }
    let format = publish::format_of(app, "run", &[Format::Text, Format::Json, Format::Markdown])?;
    let landing = landing::landing(app, true);
    let loaded = load::load_to_run(app, landing)?;
    let names = names(app, &loaded, args.all)?;
    let judge = Judge {
        names: &names,
        only: None,
        occasion: Occasion::Run,
        landing,
    };
    judge.run(app, loaded, format)
}

/// The environments that are run: all that are monitored, or the chosen ones.
pub(crate) fn names(
    app: &App,
    loaded: &Loaded,
    all: bool,
) -> Result<Vec<EnvironmentName>, CommandError> {
    let names = if all {
        loaded.monitored()
    } else {
        loaded.chosen(app)?
    };
    if names.is_empty() {
        return Err(CommandError::usage("no environment is monitored")
            .hint(
                "list them as `environments` of [helm-cloud] in .fractary/plugins/helm-cloud/config/monitoring.toml",
            ));
    }
    Ok(names)
}
