//! `fractary iam-policy COMMAND`: the least-privilege policy, from the same list that the
//! client enforces.

use std::collections::BTreeSet;

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::output;
use crate::app::observe::connect;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::catalog::Catalog;
use crate::cloud::aws::guard::Operations;
use crate::cloud::policy;
use crate::error::{CommandError, ExitCode};
use crate::model::helm::ChannelType;
use crate::model::ids::Arn;
use crate::model::topic::Topic;
use crate::render::json;

/// Arguments of `iam-policy`.
#[derive(Debug, Args)]
pub struct IamPolicyArgs {
    /// The command, for instance `run`
    pub command: String,
}

/// What commands ask of AWS.
const COMMANDS: [(&str, Option<Access>); 8] = [
    ("adopt", Some(Access::Discover)),
    ("check", None),
    ("dashboard", None),
    ("demo", None),
    ("doctor", Some(Access::Identify)),
    ("health", Some(Access::Observe)),
    ("issues", None),
    ("run", Some(Access::Observe)),
];

pub(crate) fn run(args: &IamPolicyArgs, app: &App) -> Outcome {
    publish::format_of(app, "iam-policy", &[Format::Json])?;
    let (catalog, topics) = configured(app)?;
    let access = COMMANDS.iter().find(|(name, _)| *name == args.command);
    let (name, access) = access.ok_or_else(|| {
        let names: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
        CommandError::usage(format!(
            "there is no policy for `{}`",
            crate::text::escape::terminal(&args.command)
        ))
        .hint(format!("commands that have one: {}", names.join(", ")))
    })?;
    let operations = access.map_or_else(Operations::default, |access| access.operations(&catalog));
    let mut policy = policy::policy(&operations, &catalog);
    let publishing = match *name {
        "run" => policy::publishing_policy(&topics),
        _ => None,
    };
    if let (Some((statement, _)), Some(all)) = (&publishing, policy["Statement"].as_array_mut()) {
        all.push(statement.clone());
    }
    output::write(app, &json::pretty(&policy).map_err(CommandError::bug)?)?;
    if operations.is_empty() {
        app.ui.note("This command sends nothing to AWS.");
    }
    for note in policy::notes(&operations) {
        app.ui.note(note);
    }
    if let Some((_, note)) = publishing {
        app.ui.note(note);
    }
    Ok(ExitCode::Ok)
}

/// The repository's catalogue, so that a user's own kinds count, and the topics that its
/// channels name; the built-in catalogue elsewhere.
fn configured(app: &App) -> Result<(Catalog, BTreeSet<Arn>), CommandError> {
    if crate::git::Repository::discover(&app.global.repo).is_err() {
        return Ok((connect::built_in_catalog()?, BTreeSet::new()));
    }
    let workspace = open::load(app)?;
    let channels = workspace.settings().helm.channels.values();
    let topics = channels
        .filter(|channel| channel.channel_type == ChannelType::Sns)
        .filter_map(|channel| Topic::new(channel.topic_arn.as_deref()?).ok())
        .map(|topic| topic.arn)
        .collect();
    Ok((workspace.catalog, topics))
}
