//! `fractary kpi`: key figures, their targets, their trends and the score.

use clap::Args;

use crate::app::access::Access;
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::ReportFormat;
use crate::app::kpi;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};

/// Arguments of `kpi`.
#[derive(Debug, Args)]
pub struct KpiArgs {}

/// The entry of `kpi` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<KpiArgs>(
    "kpi",
    "Show key figures with their targets and trends, the score, and DORA",
)
.sends(&[Access::Measure.only("where a source of kpis.toml is CloudWatch")])
.uses(&[SharedOption::Env, SharedOption::FailOn])
.tools(&[AssistantTool::reading(
    &[],
    &[ToolDocument::One("key-figures")],
)]);

impl Command for KpiArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        Effect::CommitsOnRequest
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        kpi::run(app, Command::effect(self), format)
    }
}
