//! `fractary optimize`: where points are lost, and what to work on.

use clap::{Args, Subcommand, ValueEnum};

use crate::app::access::Access;
use crate::app::command::{Command, Entry};
use crate::app::formats::ReportFormat;
use crate::app::optimize;
use crate::app::shared_options::SharedOption;
use crate::app::{App, Outcome};
use crate::core::optimize::analyze::AnalysisDepth;
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

/// How deeply to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DepthOption {
    /// What misses its target
    Quick,
    /// Also what is going to, and what is not known
    Standard,
    /// Also what moves together
    Comprehensive,
}

/// What may happen until the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScenarioOption {
    /// Everything goes on as it does
    Steady,
    /// What may get worse does, as fast as its trend allows
    Worst,
    /// The first three items of work meet their target
    TopThree,
    /// Every item of work meets its target
    AllMet,
}

/// The entry of `optimize` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<OptimizeArgs>(
    "optimize",
    "Find where key figures lose points, and plan what to work on",
)
.sends(&[Access::Measure.only("where a source of kpis.toml is CloudWatch")])
.uses(&[SharedOption::Env, SharedOption::FailOn]);

impl Command for OptimizeArgs {
    type Formats = ReportFormat;

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        match &self.action {
            OptimizeAction::Analyze { depth, focus } => {
                let depth = match depth {
                    DepthOption::Quick => AnalysisDepth::Quick,
                    DepthOption::Standard => AnalysisDepth::Standard,
                    DepthOption::Comprehensive => AnalysisDepth::Comprehensive,
                };
                optimize::show_analysis(app, depth, focus, format)
            }
            OptimizeAction::Plan { horizon, scenarios } => {
                let scenarios: Vec<PlanScenario> = scenarios.iter().map(scenario).collect();
                optimize::show_plan(app, horizon.seconds, &scenarios, format)
            }
        }
    }
}

fn scenario(option: &ScenarioOption) -> PlanScenario {
    match option {
        ScenarioOption::Steady => PlanScenario::Steady,
        ScenarioOption::Worst => PlanScenario::Worst,
        ScenarioOption::TopThree => PlanScenario::TopThree,
        ScenarioOption::AllMet => PlanScenario::AllMet,
    }
}
