//! `fractary init`: scaffold `.fractary` and the workflows. Asks nothing, overwrites
//! nothing; an environments.json gains the environments that it lacks.

mod domain;

use clap::Args;

use crate::app::answer::faults;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::files;
use crate::app::workspace::open;
use crate::app::workspace::{landing, push};
use crate::app::{App, Outcome};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::{Repository, Transaction};
use crate::model::environments::Environments;
use crate::model::ids::{AccountId, CommitId, DomainName, EnvironmentName, Region};
use crate::model::paths::{Files, RepoPath};
use crate::render::json;
use crate::render::scaffold::{self, Scaffold, Target};
use crate::state;
use crate::state::Document;
use crate::state::documents::paths;
use crate::text::Untrusted;

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
    /// Add a monitor for this domain: `application` asks URLs
    #[arg(long, value_name = "NAME")]
    pub domain: Option<DomainName>,
    /// A URL that the monitor of the application asks; may be given more than once
    #[arg(long, value_name = "URL", requires = "domain")]
    pub url: Vec<String>,
}

/// What `init` does to a repository.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The files that change.
    pub(crate) transaction: Transaction,
    /// Files that are new.
    created: Vec<String>,
    /// Environments that an environments.json gains.
    added: Vec<String>,
    /// Domains that a domain-monitors.json gains.
    domains: Vec<String>,
    /// Files that are there already.
    kept: Vec<String>,
    /// New environments that monitoring.toml, which lists them, does not name.
    unmonitored: Vec<String>,
}

pub(crate) fn run(args: &InitArgs, app: &App) -> Outcome {
    let format = publish::format_of(app, "init", &[Format::Text, Format::Json])?;
    let repository = open::open(app)?;
    let base = repository.head()?.commit;
    let plan = plan(app, args, &repository, base.as_ref())?;
    let target = landing::Target {
        repository: &repository,
        base: base.as_ref(),
        // What people write is read from the checkout.
        side: None,
        author: None,
    };
    let message = "fractary(init): set up cloud operations\n\nFractary-Command: init\n";
    let landing = landing::choose(app, true);
    let landed =
        landing::land(app, &target, &plan.transaction, message, landing)?.ok_or_else(|| {
            CommandError::say(ErrorKind::Git, "the branch moved meanwhile")
                .hint("run `fractary init` again")
        })?;
    if landing != landing::Landing::Diff {
        configure(app, &repository);
    }
    let (landed, pushed) = push::push_head(app, &repository, landed);
    publish::landed(app, format, &landed, || match format {
        Format::Json => json::pretty(&serde_json::json!({
            "created": plan.created,
            "environments_added": plan.added,
            "domains_added": plan.domains,
            "kept": plan.kept,
        }))
        .map_err(CommandError::bug),
        _ => Ok(answer(&plan, args)),
    })?;
    landing::report(app, &landed);
    pushed.map(|()| ExitCode::Ok)
}

/// Names the merge driver in the clone's own configuration, which no commit carries.
fn configure(app: &App, repository: &Repository) {
    match repository.configure_merge_driver() {
        Ok(true) => app.ui.note(
            "git merges the files of .fractary with `fractary merge-file` in this clone: set merge.fractary.driver in its local configuration",
        ),
        Ok(false) => {}
        Err(error) => app.ui.warn(&format!(
            "the merge driver is not set ({}); `fractary doctor` prints the line to set it",
            Untrusted::from(error.to_string()).terminal()
        )),
    }
}

fn plan(
    app: &App,
    args: &InitArgs,
    repository: &Repository,
    base: Option<&CommitId>,
) -> Result<Plan, CommandError> {
    let files = files::files(repository, base)?;
    let (state, _) =
        state::load(files.as_ref()).map_err(|invalid| faults::broken(&app.ui, invalid))?;
    let there = state.environments.as_ref();
    let environments = match (app.global.env.as_slice(), there) {
        ([], Some(document)) => document.value.environments.keys().cloned().collect(),
        ([], None) => vec![EnvironmentName::new("test").map_err(CommandError::bug)?],
        (names, _) => names.to_vec(),
    };
    let scaffold = Scaffold {
        environments,
        account: args.account.clone(),
        region: args.region.clone(),
        pages: args.pages,
    };
    let mut plan = plan_new(files.as_ref(), &scaffold)?;
    if let Some(document) = there {
        add_environments(document, &scaffold, &mut plan)?;
    }
    domain::add(args, files.as_ref(), &scaffold.environments, &mut plan)?;
    if let Some(listed) = &state.monitoring.value.helm_cloud.environments {
        let missing = |name: &&EnvironmentName| !listed.contains(name);
        let names = scaffold.environments.iter().filter(missing);
        plan.unmonitored = names.map(ToString::to_string).collect();
    }
    Ok(plan)
}

/// The files that are not there yet.
pub(crate) fn plan_new(files: &dyn Files, scaffold: &Scaffold) -> Result<Plan, CommandError> {
    let mut plan = Plan::default();
    for (target, text) in scaffold::files(scaffold).map_err(CommandError::bug)? {
        let path = path(&target)?;
        let there = files
            .read(&path)
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        if there.is_some() {
            plan.kept.push(path.to_string());
        } else {
            plan.created.push(path.to_string());
            plan.transaction.write(path, text);
        }
    }
    Ok(plan)
}

/// Adds environments that were asked for to an environments.json that lacks them.
fn add_environments(
    document: &Document<Environments>,
    scaffold: &Scaffold,
    plan: &mut Plan,
) -> Result<(), CommandError> {
    let files = scaffold::files(scaffold).map_err(CommandError::bug)?;
    let fresh = files
        .iter()
        .find(|(target, _)| *target == Target::Environments)
        .map_or("", |(_, text)| text);
    let fresh: Environments = serde_json::from_str(fresh).map_err(CommandError::bug)?;
    let mut value = document.value.clone();
    for (name, environment) in fresh.environments {
        value.environments.entry(name).or_insert_with_key(|name| {
            plan.added.push(name.to_string());
            environment
        });
    }
    if !plan.added.is_empty() {
        plan.kept.retain(|path| path != document.path.as_str());
        plan.transaction
            .write(document.path.clone(), document.updated(&value));
    }
    Ok(())
}

fn path(target: &Target) -> Result<RepoPath, CommandError> {
    Ok(match target {
        Target::Environments => paths::environments(),
        Target::Credentials => paths::aws_credentials(),
        Target::Helm => paths::helm_toml(),
        Target::Monitors => paths::domain_monitors(),
        Target::Monitoring => paths::monitoring_toml(),
        Target::Registry(name) => paths::registry(name),
        Target::Attributes => paths::attributes(),
        Target::Workflow => workflow("operations.yml")?,
        Target::PullRequests => workflow("fractary-check.yml")?,
        Target::Pages => workflow("fractary-pages.yml")?,
    })
}

fn workflow(name: &str) -> Result<RepoPath, CommandError> {
    RepoPath::new(format!(".github/workflows/{name}")).map_err(CommandError::bug)
}

fn answer(plan: &Plan, args: &InitArgs) -> String {
    let mut out = String::new();
    for path in &plan.created {
        out.push_str(&format!("  + {path}\n"));
    }
    for name in &plan.added {
        out.push_str(&format!("  ~ {} ({name} added)\n", paths::environments()));
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
