//! `fractary infra run`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::app::answer::output;
use crate::app::command::Effect;
use crate::app::formats::AnswerFormat;
use crate::app::infra::architect::ArchitectRequest;
use crate::app::infra::design_argument;
use crate::app::infra::run::{self, RunRequest};
use crate::app::workspace::landing::Landing;
use crate::app::workspace::{landing, open};
use crate::app::{App, Outcome};
use crate::error::CommandError;
use crate::model::ids::FeatureName;
use crate::model::infra_run::InfraStage;
use crate::render::{json, text};

/// Arguments of `infra run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// What to build, in words
    #[arg(long, value_name = "WORDS", required_unless_present = "design")]
    pub feature: Option<String>,

    /// Set a parameter: `memory_mb=512`, or with its blueprint `http-api.memory_mb=512`
    #[arg(long, value_name = "KEY=VALUE", value_parser = super::architect::pair)]
    pub set: Vec<(String, String)>,

    /// An existing design
    #[arg(long, value_name = "FILE", conflicts_with = "feature")]
    pub design: Option<PathBuf>,

    /// The name of a new design [default: derived from the words]
    #[arg(long, conflicts_with = "design", value_parser = |text: &str| FeatureName::new(text))]
    pub name: Option<FeatureName>,

    /// The last stage to run
    #[arg(long, value_name = "STAGE", default_value = "verify", value_parser = stages())]
    pub to: InfraStage,

    /// Deploy without asking; not in environments that require confirmation
    #[arg(long)]
    pub yes: bool,
}

fn stages() -> impl TypedValueParser<Value = InfraStage> {
    let words = InfraStage::ALL.map(InfraStage::word);
    PossibleValuesParser::new(words).try_map(|word| InfraStage::named(&word).ok_or("no such stage"))
}

impl RunArgs {
    pub(super) fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        if app.global.dry_run {
            return Err(CommandError::usage(
                "each stage needs what the one before has written, so `--dry-run` is not possible",
            )
            .hint("`--to preview` deploys nothing"));
        }
        let landing = landing::choose(app, Effect::Commits);
        let workspace = open::load_to_look(app, Landing::Nothing)?;
        let names = workspace.settings().choose(&app.global.env)?;
        let [environment] = names.as_slice() else {
            return Err(CommandError::usage("this is for one environment at a time")
                .hint("give one `--env NAME`"));
        };
        let design = self.design.as_deref();
        let design = design
            .map(|path| design_argument(&workspace, path))
            .transpose()?;
        let request = RunRequest {
            architect: ArchitectRequest {
                feature: self.feature.as_deref(),
                design: design.as_ref(),
                name: self.name.as_ref(),
                set: &self.set,
                overwrite: false,
                for_all_environments: true,
            },
            environment: environment.clone(),
            yes: self.yes,
            to: self.to,
            landing,
        };
        let (report, code) = run::run(app, &request)?;
        let answer = match format {
            AnswerFormat::Json => json::pretty(&report).map_err(CommandError::bug)?,
            AnswerFormat::Text => text::infra_run(&report, &app.ui.style()),
        };
        output::write(app, &answer)?;
        Ok(code)
    }
}
