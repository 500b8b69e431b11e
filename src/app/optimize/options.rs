//! Values of the options of `optimize`.

use clap::ValueEnum;

use crate::core::optimize::analyze::AnalysisDepth;
use crate::model::optimize::PlanScenario;

/// Reads a share.
///
/// # Errors
/// With what to write instead.
pub(crate) fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a number from 0 to 1, such as 0.4".to_owned())
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

impl DepthOption {
    /// Returns what it means.
    pub(crate) fn depth(self) -> AnalysisDepth {
        match self {
            Self::Quick => AnalysisDepth::Quick,
            Self::Standard => AnalysisDepth::Standard,
            Self::Comprehensive => AnalysisDepth::Comprehensive,
        }
    }
}

impl ScenarioOption {
    /// Returns what it means.
    pub(crate) fn scenario(&self) -> PlanScenario {
        match self {
            Self::Steady => PlanScenario::Steady,
            Self::Worst => PlanScenario::Worst,
            Self::TopThree => PlanScenario::TopThree,
            Self::AllMet => PlanScenario::AllMet,
        }
    }
}
