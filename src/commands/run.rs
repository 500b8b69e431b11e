//! `fractary run`: the scheduled job.

use clap::Args;

use crate::app::observe::environments::Only;
use crate::app::observe::{scope, shard};
use crate::app::occasion::Occasion;
use crate::app::options::Format;
use crate::app::pass::Pass;
use crate::app::publish;
use crate::app::workspace::landing;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
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
        return shard::observe(shard, args.all, app);
    }
    let format = publish::format_of(app, "run", &[Format::Text, Format::Json, Format::Markdown])?;
    let landing = landing::choose(app, true);
    let workspace = open::load_to_run(app, landing)?;
    let names = scope::environments_to_run(workspace.settings(), &app.global.env, args.all)?;
    let pass = Pass {
        names: &names,
        only: Only::Everything,
        occasion: Occasion::Run,
        landing,
    };
    pass.run(app, workspace, format)
}
