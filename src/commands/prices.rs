//! `fractary prices`: the prices that costs are computed with.

use clap::{Args, Subcommand};

use crate::app::command::{Besides, Command, Effect, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::prices::{self, PRICE_LIST, PricesRequest};
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};
use crate::model::ids::Region;

/// Arguments of `prices`.
#[derive(Debug, Args)]
pub struct PricesArgs {
    /// What to do; without it, list the regions of which prices are known
    #[command(subcommand)]
    pub action: Option<PricesAction>,
}

/// What to do with prices.
#[derive(Debug, Subcommand)]
pub enum PricesAction {
    /// Read the public price list of AWS for the regions of environments, and commit prices.json
    ///
    /// The list needs no credentials. Files of a region have some hundred megabytes; they are read and
    /// not kept.
    Update {
        /// Read the prices of this region; may be given more than once [default: the regions of
        /// the environments]
        #[arg(long, value_name = "REGION", value_delimiter = ',')]
        region: Vec<Region>,

        /// Read a mirror of the price list
        #[arg(long, value_name = "URL", default_value = PRICE_LIST)]
        from: String,
    },
}

/// The entry of `prices` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<PricesArgs>(
    "prices",
    "List the regions whose prices are known, or read the price list of AWS",
)
.besides(Besides::PriceList)
.uses(&[SharedOption::Env])
.tools(&[AssistantTool::reading(
    &[],
    &[ToolDocument::List("known-prices")],
)]);

impl Command for PricesArgs {
    type Formats = AnswerFormat;

    fn effect(&self) -> Effect {
        match self.action {
            Some(PricesAction::Update { .. }) => Effect::Commits,
            None => Effect::None,
        }
    }

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        match &self.action {
            None => prices::list(app, format),
            Some(PricesAction::Update { region, from }) => {
                let request = PricesRequest {
                    regions: region,
                    from,
                };
                prices::update(app, request, Command::effect(self), format)
            }
        }
    }
}
