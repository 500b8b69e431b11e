//! `fractary infra`: the life of infrastructure, from words to what is deployed, and back.

mod architect;
mod deploy;
mod engineer;
mod preview;
mod run;
mod show_resources;
mod teardown;
mod test;
mod validate;
mod verify;

use clap::{Args, Subcommand};

use crate::app::access::Access;
use crate::app::answer::named_files::NamedFiles;
use crate::app::command::{Besides, Command, Effect, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};

use deploy::DeployArgs;
use preview::PreviewArgs;
use run::RunArgs;
use show_resources::ShowResourcesArgs;
use teardown::TeardownArgs;
use test::TestArgs;
use verify::VerifyArgs;

/// Arguments of `infra`.
#[derive(Debug, Args)]
pub struct InfraArgs {
    /// What to do
    #[command(subcommand)]
    pub action: InfraAction,
}

/// What to do with infrastructure.
#[derive(Debug, Subcommand)]
pub enum InfraAction {
    /// Design a feature: match its words to blueprints, with reasons, costs and open questions
    ///
    /// Prints the design; `--write` writes it, `--commit` commits it. The block at the top of a
    /// design is yours to edit: `--design` brings the document below it up to date, and your edits
    /// of the document stay.
    Architect(architect::ArchitectArgs),
    /// Apply exactly the plan that was shown, with consent, and record what came of it
    Deploy(DeployArgs),
    /// Generate the Terraform code of a design, and merge it with your edits of earlier code
    ///
    /// Shows the change as a diff; `--write` makes it, `--commit` commits it. Files that were not
    /// generated are never touched. Where your edits and the new code are about the same lines,
    /// both are shown and the file is left alone.
    Engineer(engineer::EngineerArgs),
    /// Plan, and show what the plan does: what it changes, what is dangerous, costs, permissions
    Preview(PreviewArgs),
    /// Run all stages, from a description in words to a healthy deployment
    ///
    /// Stops at the first stage that fails or needs consent. Run again, it goes on there: what
    /// nothing has changed of is not done again. Design and code are committed; `--write` only
    /// writes them.
    Run(RunArgs),
    /// List what is deployed, with links to the console
    ShowResources(ShowResourcesArgs),
    /// Destroy what is deployed, after saying what will be lost
    Teardown(TeardownArgs),
    /// Test what is planned (security, cost), and whether what is deployed exists, answers and has
    /// its alarms
    ///
    /// Plans, and changes nothing. Exits with 1 where something failed, and with 3 where something
    /// is not known.
    Test(TestArgs),
    /// Check that what was deployed is what is recorded, and that it is healthy
    Verify(VerifyArgs),
    /// Check configuration and code: names, tags, accounts, the checks of the audit on the source,
    /// and what Terraform or OpenTofu says of it
    ///
    /// Asks AWS nothing. What could not be run is reported as not run.
    Validate(validate::ValidateArgs),
}

/// The entry of `infra` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<InfraArgs>(
    "infra",
    "Design infrastructure, deploy it with Terraform or OpenTofu, and record it",
)
.besides(Besides::Terraform)
.sends(&[
    Access::Identify.only("before `deploy`, `run` and `teardown` change anything"),
    Access::Observe.only("for `run`, `test` and `verify`"),
])
.uses(&[SharedOption::Env])
.tools(&[
    AssistantTool::reading(&["preview"], &[ToolDocument::One("preview")]).without(&["directory"]),
    AssistantTool::reading(&["show-resources"], &[ToolDocument::One("deployed-list")]),
    AssistantTool::proposing(&["deploy"], &[ToolDocument::One("deployment")]).fixed(),
]);

impl Command for InfraArgs {
    type Formats = AnswerFormat;

    fn effect(&self) -> Effect {
        match self.action {
            InfraAction::Architect(_) | InfraAction::Engineer(_) => Effect::CommitsOnRequest,
            InfraAction::Deploy(_) | InfraAction::Run(_) | InfraAction::Teardown(_) => {
                Effect::Commits
            }
            InfraAction::Preview(_)
            | InfraAction::ShowResources(_)
            | InfraAction::Test(_)
            | InfraAction::Validate(_)
            | InfraAction::Verify(_) => Effect::None,
        }
    }

    fn named_files(&self) -> NamedFiles<'_> {
        match &self.action {
            InfraAction::Architect(args) => NamedFiles::default().reading(&args.design),
            InfraAction::Engineer(args) => NamedFiles::default().reading([&args.design]),
            InfraAction::Run(args) => NamedFiles::default().reading(&args.design),
            InfraAction::Deploy(_)
            | InfraAction::Preview(_)
            | InfraAction::ShowResources(_)
            | InfraAction::Teardown(_)
            | InfraAction::Test(_)
            | InfraAction::Validate(_)
            | InfraAction::Verify(_) => NamedFiles::default(),
        }
    }

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        match &self.action {
            InfraAction::Architect(args) => architect::run(app, args, format),
            InfraAction::Engineer(args) => engineer::run(app, args, format),
            InfraAction::Deploy(args) => args.run(app, format),
            InfraAction::Preview(args) => args.run(app, format),
            InfraAction::Run(args) => args.run(app, format),
            InfraAction::ShowResources(args) => args.run(app, format),
            InfraAction::Teardown(args) => args.run(app, format),
            InfraAction::Test(args) => args.run(app, format),
            InfraAction::Verify(args) => args.run(app, format),
            InfraAction::Validate(args) => validate::run(app, args, format),
        }
    }
}
