//! `fractary iam-policy COMMAND`: the least policy, from the list that the client enforces.

use std::collections::BTreeSet;

use clap::Args;

use crate::app::access::{Access, Sends};
use crate::app::answer::output;
use crate::app::command::{Command, Entry};
use crate::app::formats::OnlyJson;
use crate::app::observe::connect;
use crate::app::shared_options::SharedOption;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::catalog::Catalog;
use crate::cloud::aws::guard::Operations;
use crate::cloud::policy;
use crate::error::{CommandError, ExitCode};
use crate::model::helm::ChannelType;
use crate::model::ids::Arn;
use crate::model::partition::Partition;
use crate::model::topic::Topic;
use crate::render::json;

/// Arguments of `iam-policy`.
#[derive(Debug, Args)]
pub struct IamPolicyArgs {
    /// The command, for instance `run`
    pub command: String,
    /// Print what changing resources needs, for a role that does only that
    #[arg(long)]
    pub changes: bool,
}

/// The entry of `iam-policy` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<IamPolicyArgs>(
    "iam-policy",
    "Print the least-privilege IAM policy of a command",
)
.uses(&[SharedOption::Env]);

impl Command for IamPolicyArgs {
    type Formats = OnlyJson;

    fn run(&self, app: &App, _: OnlyJson) -> Outcome {
        let entry = app
            .command_line
            .entry(&self.command)
            .ok_or_else(|| no_command(app, &self.command))?;
        let Configured {
            catalog,
            topics,
            partition,
            audits,
        } = configured(app)?;
        let all = app.command_line.sends(entry);
        let sends: Vec<&Sends> = all
            .iter()
            .filter(|one| one.access.is_for_another_role() == self.changes)
            // Without a topic there is nothing to publish to.
            .filter(|one| one.access != Access::Publish || !topics.is_empty())
            .filter(|one| one.access != Access::ScheduledAudit || audits)
            .collect();
        let operations = sent_to_everything(&sends, &catalog);
        let mut policy = policy::policy(&operations, &catalog, partition);
        let mut notes = policy::notes(&operations);
        let publishes = sends.iter().any(|one| one.access == Access::Publish);
        if let Some((statement, note)) = policy::publishing_policy(&topics).filter(|_| publishes) {
            if let Some(all) = policy["Statement"].as_array_mut() {
                all.push(statement);
            }
            notes.push(note);
        }
        output::write(app, &json::pretty(&policy).map_err(CommandError::bug)?)?;
        if let Some(note) = entry.sending(sends.is_empty()) {
            app.ui.note(&note);
        }
        for (one, only) in sends.iter().filter_map(|one| Some((one, one.only?))) {
            let does = one.access.verb();
            let note = format!("`{}` {does} only {only}.", entry.name);
            app.ui.note(&note);
        }
        if !self.changes && all.iter().any(|one| one.access.is_for_another_role()) {
            notes.push("with --changes: the policy of the role that changes resources.");
        }
        for note in notes {
            app.ui.note(note);
        }
        Ok(ExitCode::Ok)
    }
}

/// What the policy allows apart from publishing, which is allowed by topic.
fn sent_to_everything(sends: &[&Sends], catalog: &Catalog) -> Operations {
    let each = sends.iter().map(|one| one.access);
    let each = each.filter(|access| *access != Access::Publish);
    let all: Vec<Operations> = each.map(|access| access.operations(catalog)).collect();
    all.iter().flat_map(Operations::iter).collect()
}

fn no_command(app: &App, name: &str) -> CommandError {
    let commands = app.command_line.commands.iter();
    let names: Vec<&str> = commands.map(|entry| entry.name).collect();
    CommandError::usage(format!(
        "there is no command `{}`",
        crate::text::escape::terminal(name)
    ))
    .hint(format!("available commands: {}", names.join(", ")))
}

/// What a policy depends on besides the command.
struct Configured {
    catalog: Catalog,
    topics: BTreeSet<Arn>,
    partition: &'static Partition,
    /// Whether `run` audits.
    audits: bool,
}

/// The repository's catalogue, so that a user's own kinds count, its topics and the partition
/// of its environments; the built-in catalogue elsewhere.
fn configured(app: &App) -> Result<Configured, CommandError> {
    if crate::git::Repository::discover(&app.global.repo).is_err() {
        return Ok(Configured {
            catalog: connect::built_in_catalog()?,
            topics: BTreeSet::new(),
            partition: Partition::COMMERCIAL,
            audits: false,
        });
    }
    let workspace = open::load_anything(app)?;
    let settings = workspace.settings();
    let partition = settings.partition(&app.global.env)?;
    let channels = settings.helm.channels.values();
    let topics = channels
        .filter(|channel| channel.channel_type == ChannelType::Sns)
        .filter_map(|channel| Topic::new(channel.topic_arn.as_deref()?).ok())
        .map(|topic| topic.arn)
        // IAM refuses a policy that names anything of another partition.
        .filter(|arn| arn.partition() == partition.name)
        .collect();
    let audits = settings.monitoring.audit.every.is_some();
    Ok(Configured {
        audits,
        catalog: workspace.catalog,
        topics,
        partition,
    })
}
