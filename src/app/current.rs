//! Health as it is now, for commands that show it: nothing of what they are told is recorded.

use clap::Args;
use jiff::Timestamp;

use crate::app::App;
use crate::app::decide;
use crate::app::decide::inputs::{monitor, previous};
use crate::app::decide::outlook::World;
use crate::app::observe::{environments, monitors};
use crate::app::occasion::Occasion;
use crate::app::wait;
use crate::app::workspace::load::Loaded;
use crate::core::domains;
use crate::error::CommandError;
use crate::model::domain_health::MonitorAnswer;
use crate::model::ids::{DomainName, EnvironmentName};

/// Whom commands that show the state ask.
#[derive(Debug, Clone, Default, Args)]
pub struct AskArgs {
    /// Ask nobody; show what the last run recorded
    #[arg(long)]
    pub stored: bool,
    /// Ask AWS, too, instead of showing the last run's report
    #[arg(long, conflicts_with = "stored")]
    pub refresh: bool,
}

/// The world as it is now: programs are asked, and AWS where that is wanted. Nothing of it is
/// recorded; issues are those of the last run.
pub(crate) fn world_now(
    app: &App,
    loaded: &Loaded,
    ask: &AskArgs,
    environments: &[EnvironmentName],
    only: Option<&DomainName>,
) -> Result<World, CommandError> {
    let now = app.clock.now();
    let mut world = World::of(loaded, now)?;
    if ask.stored {
        return Ok(world);
    }
    let asked = monitors::to_ask(loaded, environments, only)?;
    if ask.refresh {
        let occasion = Occasion::Look;
        let both = async {
            futures_util::future::try_join(
                environments::each(app, loaded, environments, occasion, None),
                monitors::ask_all(app, loaded, environments, only),
            )
            .await
        };
        let (snapshots, answers) =
            wait::wait_for(app, &environments::observing(environments), both)?;
        let decision = decide::decide(loaded, &snapshots, &[], occasion, false, now)?;
        for one in decision.environments {
            let name = one.report.environment.clone();
            world.latest.insert(name, one.report);
        }
        add(loaded, &answers, now, &mut world);
    } else if !asked.is_empty() {
        let count = asked.len();
        let what = format!(
            "asking {count} monitor{}",
            if count == 1 { "" } else { "s" }
        );
        let answers = monitors::ask_all(app, loaded, environments, only);
        let answers = wait::wait_for(app, &what, answers)?;
        add(loaded, &answers, now, &mut world);
    }
    Ok(world)
}

fn add(loaded: &Loaded, answers: &[MonitorAnswer], now: Timestamp, world: &mut World) {
    for answer in answers {
        if let Some(monitor) = monitor(loaded, answer) {
            let mut report = domains::judge(answer, monitor, previous(loaded, answer), now);
            domains::say_unrecorded(&mut report, &world.active);
            let key = (report.domain.clone(), report.environment.clone());
            world.domains.insert(key, report);
        }
    }
}
