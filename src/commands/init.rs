//! `fractary init`: scaffold `.fractary` and the workflows. Asks nothing, overwrites
//! nothing; an environments.json gains the environments that it lacks.

use clap::Args;

use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::publish;
use crate::app::set_up::{Scaffolding, Wishes, configure_merging, plan};
use crate::app::shared_options::SharedOption;
use crate::app::workspace::{landing, open, push};
use crate::app::{App, Outcome};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::ids::{AccountId, DomainName, Region};
use crate::render::json;
use crate::state::documents::paths;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// AWS account of the environments
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// AWS region of the environments
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// Also a workflow that publishes the dashboard on GitHub Pages
    #[arg(long)]
    pub pages: bool,
    /// Also a workflow that comments on pull requests from forks: their own may not
    #[arg(long)]
    pub fork_comments: bool,
    /// Also kpis.toml with usual key figures, each off until it has a source
    #[arg(long)]
    pub helios: bool,
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
                "kept": plan.kept,
            }))
            .map_err(CommandError::bug),
            AnswerFormat::Text => Ok(answer(&plan, self)),
        })?;
        landing::report(app, &landed);
        pushed.map(|()| ExitCode::Ok)
    }
}

fn answer(plan: &Scaffolding, args: &InitArgs) -> String {
    let mut out = String::new();
    for path in &plan.created {
        out.push_str(&format!("  + {path}\n"));
    }
    for name in &plan.added {
        out.push_str(&format!("  ~ {} ({name} added)\n", paths::environments()));
    }
    for what in &plan.filled {
        out.push_str(&format!("  ~ {} ({what} set)\n", paths::environments()));
    }
    for name in &plan.domains {
        let path = paths::domain_monitors();
        out.push_str(&format!("  ~ {path} ({name} added)\n"));
    }
    for path in &plan.kept {
        out.push_str(&format!("  = {path} (there already, kept)\n"));
    }
    if plan.transaction.is_empty() {
        out.push_str("\nEverything is there already.\n");
    }
    for name in &plan.unmonitored {
        out.push_str(&format!(
            "\n{} does not list {name}: add it there, so that `fractary run --all` sees it\n",
            paths::monitoring_toml()
        ));
    }
    if let Some(domain) = &args.domain {
        out.push_str(&format!(
            "\nNext:\n  edit monitors/app-health.json          the URLs to ask, by environment\n  \
             fractary monitor validate {domain}  try it\n  fractary status                        all domains at a glance\n"
        ));
        return out;
    }
    out.push_str(
        "\nNext:\n  \
         fractary adopt terraform.tfstate   fill the registry from your Terraform state\n  \
         fractary adopt --tag app=orders    or from the tags of your resources\n  \
         fractary doctor                    is everything set up?\n  \
         fractary health                    look at your resources\n",
    );
    out
}
