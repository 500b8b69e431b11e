//! `fractary init`: scaffold `.fractary` and the workflows. Asks nothing, overwrites
//! nothing; an environments.json gains the environments that it lacks.

use clap::Args;

use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::publish;
use crate::app::set_up::{Wishes, configure_merging, plan};
use crate::app::shared_options::SharedOption;
use crate::app::workspace::{landing, open, push};
use crate::app::{App, Outcome};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::ids::{AccountId, DomainName, Region};
use crate::render::json;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// AWS account of the environments
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// AWS region of the environments
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// Also add a workflow that publishes the dashboard on GitHub Pages
    #[arg(long)]
    pub pages: bool,
    /// Also add a workflow that comments on pull requests from forks, whose own workflows may not
    #[arg(long)]
    pub fork_comments: bool,
    /// Also add kpis.toml with common key figures, each off until it has a source
    #[arg(long)]
    pub helios: bool,
    /// Also add schemas and their mapping to files, for completion in editors
    #[arg(long)]
    pub editor: bool,
    /// Add a monitor for this domain: `application` checks URLs
    #[arg(long, value_name = "NAME")]
    pub domain: Option<DomainName>,
    /// A URL for the application monitor to check; may be given more than once
    #[arg(long, value_name = "URL", requires = "domain")]
    pub url: Vec<String>,
}

/// The entry of `init` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<InitArgs>(
    "init",
    "Set up this repository: .fractary, and a workflow that runs on a schedule",
)
.uses(&[SharedOption::Env]);

impl Command for InitArgs {
    type Formats = AnswerFormat;

    fn effect(&self) -> Effect {
        Effect::Commits
    }

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let repository = open::open(app)?;
        let base = repository.head()?.commit;
        let wishes = Wishes {
            account: self.account.as_ref(),
            region: self.region.as_ref(),
            pages: self.pages,
            fork_comments: self.fork_comments,
            helios: self.helios,
            editor: self.editor,
            domain: self.domain.as_ref(),
            urls: &self.url,
        };
        let plan = plan(app, &wishes, &repository, base.as_ref())?;
        let target = landing::LandingTarget {
            repository: &repository,
            base: base.as_ref(),
            // What people write is read from the checkout.
            side: None,
            author: None,
        };
        let message = "fractary(init): set up cloud operations\n\nFractary-Command: init\n";
        let landing = landing::choose(app, Command::effect(self));
        let landed =
            landing::land(app, &target, &plan.transaction, message, landing)?.ok_or_else(|| {
                CommandError::say(ErrorKind::Git, "the branch moved meanwhile")
                    .hint("run `fractary init` again")
            })?;
        if landing != landing::Landing::Diff {
            configure_merging(app, &repository);
        }
        let (landed, pushed) = push::push_head(app, &repository, landed);
        publish::landed(app, format, &landed, || match format {
            AnswerFormat::Json => json::pretty(&serde_json::json!({
                "created": plan.created,
                "environments_added": plan.added,
                "environments_filled": plan.filled,
                "domains_added": plan.domains,
                "schemas_renewed": plan.renewed,
                "kept": plan.kept,
            }))
            .map_err(CommandError::bug),
            AnswerFormat::Text => Ok(plan.answer(self.domain.as_ref())),
        })?;
        landing::report(app, &landed);
        pushed.map(|()| ExitCode::Ok)
    }
}
