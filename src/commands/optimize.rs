//! `fractary optimize`: where points are lost, what to work on, and cycles that do it.

use clap::{Args, Subcommand};

use crate::app::access::{ALERTS, Access};
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::ReportFormat;
use crate::app::optimize::options::{DepthOption, ScenarioOption, parse_share};
use crate::app::optimize::{self, CycleRequest, EmergencyLimits, MOST_ISSUES};
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};
use crate::model::duration_text::DurationText;
use crate::model::optimize::PlanScenario;

/// Arguments of `optimize`.
#[derive(Debug, Args)]
pub struct OptimizeArgs {
    /// What to look at
    #[command(subcommand)]
    pub action: OptimizeAction,
}

/// What to look at.
#[derive(Debug, Subcommand)]
pub enum OptimizeAction {
    /// Evaluate what the last cycle did, or run playbooks for key figures that miss their target
    Cycle {
        /// Run what needs consent without asking; not in environments that require confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Run playbooks for the worst key figures of priority 1, if the score is low
    Emergency {
        /// The share of the score below which it is low, 0 to 1 (default: `threshold` of kpis.toml,
        /// or 0.5)
        #[arg(long, value_name = "SHARE", value_parser = parse_share)]
        threshold: Option<f64>,
        /// How many key figures to work on
        #[arg(long, value_name = "NUMBER", default_value_t = MOST_ISSUES)]
        max_issues: usize,
        /// Run what needs consent without asking; not in environments that require confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Show which key figures lose points, which are going to, and what is not known
    Analyze {
        /// How deeply to look
        #[arg(long, value_enum, default_value_t = DepthOption::Standard)]
        depth: DepthOption,
        /// Only this category or key figure; may be given more than once
        #[arg(long, value_name = "NAME", value_delimiter = ',')]
        focus: Vec<String>,
    },
    /// Show what to work on, and the score to expect
    Plan {
        /// How far to look ahead, such as `12h` or `7d`
        #[arg(long, value_name = "DURATION", default_value = "7d")]
        horizon: DurationText,
        /// Only this scenario; may be given more than once
        #[arg(
            long = "scenario",
            value_enum,
            value_name = "NAME",
            value_delimiter = ','
        )]
        scenarios: Vec<ScenarioOption>,
    },
}

/// The entry of `optimize` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<OptimizeArgs>(
    "optimize",
    "Find where key figures lose points, plan what to work on, and do it in cycles",
)
.sends(&[
    Access::Measure.only("where a source of kpis.toml is CloudWatch"),
    Access::Plan.only("for the playbooks of `cycle` and `emergency`"),
    Access::Change.only("by `cycle` and `emergency`, as the role that changes the environment"),
    ALERTS,
])
.uses(&[SharedOption::Env, SharedOption::FailOn])
.tools(&[
    AssistantTool::reading(&["analyze"], &[ToolDocument::One("optimization-analysis")]),
    AssistantTool::reading(&["plan"], &[ToolDocument::One("optimization-roadmap")]),
    AssistantTool::proposing(&["cycle"], &[ToolDocument::One("optimization-cycle")])
        .without(&["yes"]),
]);

impl Command for OptimizeArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        match &self.action {
            OptimizeAction::Cycle { .. } | OptimizeAction::Emergency { .. } => Effect::Commits,
            OptimizeAction::Analyze { .. } | OptimizeAction::Plan { .. } => Effect::None,
        }
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        match &self.action {
            OptimizeAction::Cycle { yes } => {
                let request = CycleRequest {
                    yes: *yes,
                    ..CycleRequest::default()
                };
                optimize::run_cycle(app, request, format)
            }
            OptimizeAction::Emergency {
                threshold,
                max_issues,
                yes,
            } => {
                let request = CycleRequest {
                    yes: *yes,
                    emergency: Some(EmergencyLimits {
                        threshold: threshold.map(|share| share * 100.0),
                        max_issues: *max_issues,
                    }),
                    ..CycleRequest::default()
                };
                optimize::run_cycle(app, request, format)
            }
            OptimizeAction::Analyze { depth, focus } => {
                optimize::show_analysis(app, depth.depth(), focus, format)
            }
            OptimizeAction::Plan { horizon, scenarios } => {
                let scenarios: Vec<PlanScenario> =
                    scenarios.iter().map(ScenarioOption::scenario).collect();
                optimize::show_plan(app, horizon.seconds, &scenarios, format)
            }
        }
    }
}
