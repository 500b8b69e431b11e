//! `fractary init`: scaffold `.fractary` and the scheduled workflow. Asks nothing, overwrites
//! nothing.

use clap::Args;

use crate::commands::pipeline::land::{self, Landed};
use crate::commands::pipeline::{load, publish};
use crate::commands::{App, Outcome};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::git::{CommitRequest, GitError, Repository, Transaction};
use crate::model::ids::{AccountId, EnvironmentName, Region};
use crate::model::paths::RepoPath;
use crate::render::scaffold::{self, Scaffold, Target};
use crate::state::paths;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// AWS account of the environments
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<AccountId>,
    /// AWS region of the environments
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
}

pub(crate) fn run(args: &InitArgs, app: &App) -> Outcome {
    let repository = load::open(app)?;
    let environments = if app.global.env.is_empty() {
        vec![
            EnvironmentName::new("test")
                .map_err(|error| CommandError::new(ErrorKind::Bug, error))?,
        ]
    } else {
        app.global.env.clone()
    };
    let scaffold = Scaffold {
        environments,
        account: args.account.clone(),
        region: args.region.clone(),
    };
    let (transaction, kept) = plan(&repository, &scaffold)?;
    let written: Vec<String> = transaction
        .edits()
        .keys()
        .map(ToString::to_string)
        .collect();
    let landed = commit(app, &repository, &transaction)?;
    super::say_landed(app, &landed)?;
    if !matches!(landed, Landed::Diff(_)) {
        publish::answer(app, &answer(&written, &kept))?;
    }
    Ok(ExitCode::Ok)
}

/// The files that are not there yet, and those that are.
pub(crate) fn plan(
    repository: &Repository,
    scaffold: &Scaffold,
) -> Result<(Transaction, Vec<String>), CommandError> {
    let base = repository.head()?.commit;
    let files = load::files(repository, base.as_ref())?;
    let mut transaction = Transaction::new();
    let mut kept = Vec::new();
    for (target, text) in
        scaffold::files(scaffold).map_err(|error| CommandError::new(ErrorKind::Bug, error))?
    {
        let path = path(&target)?;
        match files
            .read(&path)
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?
        {
            Some(_) => kept.push(path.to_string()),
            None => transaction.write(path, text),
        }
    }
    Ok((transaction, kept))
}

fn path(target: &Target) -> Result<RepoPath, CommandError> {
    Ok(match target {
        Target::Environments => paths::environments(),
        Target::Credentials => paths::aws_credentials(),
        Target::Helm => paths::helm_toml(),
        Target::Monitors => paths::domain_monitors(),
        Target::Monitoring => paths::monitoring_toml(),
        Target::Registry(name) => paths::registry(name),
        Target::Workflow => RepoPath::new(".github/workflows/operations.yml")
            .map_err(|error| CommandError::new(ErrorKind::Bug, error))?,
    })
}

fn commit(
    app: &App,
    repository: &Repository,
    transaction: &Transaction,
) -> Result<Landed, CommandError> {
    if transaction.is_empty() {
        return Ok(Landed::Nothing);
    }
    match land::landing(app, true) {
        land::Landing::Diff => land::diff(repository, transaction).map(Landed::Diff),
        land::Landing::Files => {
            repository.write_uncommitted(transaction)?;
            Ok(Landed::Files(transaction.edits().len()))
        }
        land::Landing::Nothing | land::Landing::Commit => {
            let request = CommitRequest {
                base: repository.head()?.commit,
                message: "fractary(init): set up cloud operations\n\nFractary-Command: init\n"
                    .to_owned(),
                author: land::parse_author(app.global.author.as_deref())?,
                at: app.clock.now(),
            };
            match repository.commit(transaction, &request) {
                Ok(commit) => Ok(Landed::Commit(commit)),
                Err(error @ GitError::BaseMoved { .. }) => {
                    Err(CommandError::new(ErrorKind::Git, error).hint("run `fractary init` again"))
                }
                Err(error) => Err(error.into()),
            }
        }
    }
}

fn answer(written: &[String], kept: &[String]) -> String {
    let mut out = String::new();
    for path in written {
        out.push_str(&format!("  + {path}\n"));
    }
    for path in kept {
        out.push_str(&format!("  = {path} (there already, kept)\n"));
    }
    if written.is_empty() {
        out.push_str("\nEverything is there already.\n");
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
