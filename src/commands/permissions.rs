//! `fractary permissions`: what AWS denied, what helps, and what a plan will need.

mod action;
mod compare;
mod explain;
mod grant;
mod granted;
mod preflight;
mod propose;

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::named_files::NamedFiles;
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::{AnswerFormat, Formats, ReportFormat};
use crate::app::options::Format;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::{App, Outcome};

pub use action::PermissionsAction;

/// Arguments of `permissions`.
#[derive(Debug, Args)]
pub struct PermissionsArgs {
    /// What to do
    #[command(subcommand)]
    pub action: PermissionsAction,
}

/// The entry of `permissions` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<PermissionsArgs>(
    "permissions",
    "Explain what AWS denied, find what a plan may not do, and grant what is missing",
)
.sends(&[
    Access::Preflight
        .only("by `preflight` without `--offline`, `grant`, `revoke`, `diff` and `sync`"),
    Access::LastUse.only("by `list --unused`, as the identity that grants"),
    Access::Grant
        .only("by `grant`, `revoke` and `sync`, with consent, as the identity that grants"),
])
.uses(&[SharedOption::Env])
.tools(&[
    AssistantTool::reading(&["explain"], &[ToolDocument::One("denials")]).with_input("error"),
    AssistantTool::reading(&["propose"], &[ToolDocument::One("denied-grants")]).with_input("error"),
    AssistantTool::reading(&["list"], &[ToolDocument::One("grant-list")]).without(&["unused"]),
    AssistantTool::proposing(&["grant"], &[ToolDocument::One("grant")])
        .without(&["error", "yes", "propose", "proposal", "i_know"]),
]);

impl Command for PermissionsArgs {
    type Formats = ReportFormat;

    fn effect(&self) -> Effect {
        match &self.action {
            PermissionsAction::Grant(_)
            | PermissionsAction::Revoke(_)
            | PermissionsAction::Sync(_)
            | PermissionsAction::Import(_) => Effect::Commits,
            _ => Effect::None,
        }
    }

    fn formats(&self) -> &'static [Format] {
        match &self.action {
            PermissionsAction::Explain(_)
            | PermissionsAction::Preflight(_)
            | PermissionsAction::Propose(_) => ReportFormat::ALL,
            _ => AnswerFormat::ALL,
        }
    }

    fn is_offline(&self) -> bool {
        matches!(
            self.action,
            PermissionsAction::Explain(_) | PermissionsAction::Propose(_)
        )
    }

    fn named_files(&self) -> NamedFiles<'_> {
        let files = NamedFiles::default();
        match &self.action {
            PermissionsAction::Explain(args) => files.reading(&args.file),
            PermissionsAction::Propose(args) => files.reading(&args.file),
            PermissionsAction::Grant(args) => files.reading(&args.file),
            PermissionsAction::Import(args) => files.reading([&args.file]),
            PermissionsAction::Revoke(_)
            | PermissionsAction::List(_)
            | PermissionsAction::Diff(_)
            | PermissionsAction::Sync(_) => files,
            PermissionsAction::Preflight(args) => files
                .reading([&args.plan])
                .reading(&args.policy)
                .reading(&args.boundary),
        }
    }

    fn run(&self, app: &App, format: ReportFormat) -> Outcome {
        match &self.action {
            PermissionsAction::Explain(args) => args.run(app, format),
            PermissionsAction::Preflight(args) => args.run(app, format),
            PermissionsAction::Propose(args) => args.run(app, format),
            PermissionsAction::Grant(args) => args.run(app, format),
            PermissionsAction::Revoke(args) => args.run(app, format),
            PermissionsAction::List(args) => args.run(app, format),
            PermissionsAction::Diff(args) => args.run(app, format),
            PermissionsAction::Sync(args) => args.run(app, format),
            PermissionsAction::Import(args) => args.run(app, format),
        }
    }
}
