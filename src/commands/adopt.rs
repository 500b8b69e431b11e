//! `fractary adopt`: the registry from what a tool has deployed, or from AWS tags.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::app::access::Access;
use crate::app::adopt::{SourceLabel, Sources, adopt, parse_tag};
use crate::app::answer::named_files::NamedFiles;
use crate::app::command::{Command, Effect, Entry};
use crate::app::formats::AnswerFormat;
use crate::app::publish;
use crate::app::shared_options::SharedOption;
use crate::app::workspace::{landing, push};
use crate::app::{App, Outcome};
use crate::catalog::Catalog;
use crate::core::adopt::{Adoption, Pruning, SkippedGroup};
use crate::error::{CommandError, ExitCode};
use crate::model::ids::Arn;
use crate::render::{json, text};

/// Most types that are named of what was left out for one reason.
const MOST_TYPES: usize = 6;

/// Arguments of `adopt`.
#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// A .tfstate (version 3 or 4), or what `terraform show -json`, `tofu show -json`, `pulumi stack
    /// export` or `aws cloudformation describe-stack-resources` prints; `-` reads standard input.
    /// Without a file or a tag, the page of a registry that exists is written again
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Find resources that carry this tag; given more than once, all of them
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub tags: Vec<(String, String)>,
    /// Name these sources, so that --prune knows what came from them; default: lineage and path of
    /// a state, the path of another file in the repository, or the tags
    #[arg(long, value_name = "NAME")]
    pub source: Option<SourceLabel>,
    /// Remove entries that came from these sources and are no longer in them
    #[arg(long)]
    pub prune: bool,
    /// Remove them even where they are more than a quarter of what came from the sources
    #[arg(long, requires = "prune")]
    pub prune_many: bool,
    /// Also remove entries that are not found and have no known source
    #[arg(long, requires = "prune")]
    pub prune_unclaimed: bool,
}

/// The entry of `adopt` in the list of commands.
pub(crate) const COMMAND: Entry = Entry::new::<AdoptArgs>(
    "adopt",
    "Fill the registry from Terraform, OpenTofu, Pulumi or CloudFormation, or from AWS tags",
)
.sends(&[Access::Discover.only("with `--tag`")])
.uses(&[SharedOption::Env]);

impl Command for AdoptArgs {
    type Formats = AnswerFormat;

    fn effect(&self) -> Effect {
        Effect::Commits
    }

    fn named_files(&self) -> NamedFiles<'_> {
        NamedFiles::default().reading(&self.files)
    }

    fn run(&self, app: &App, format: AnswerFormat) -> Outcome {
        let sources = Sources {
            files: &self.files,
            tags: &self.tags,
            name: self.source.as_ref(),
        };
        let pruning = Pruning {
            on: self.prune,
            unclaimed: self.prune_unclaimed,
            many: self.prune_many,
        };
        let landing = landing::choose(app, Command::effect(self));
        let (workspace, adoption, landed) = adopt(app, sources, pruning, landing)?;
        let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
        publish::landed(app, format, &landed, || match format {
            AnswerFormat::Json => json::pretty(&adoption.summary()).map_err(CommandError::bug),
            AnswerFormat::Text => {
                let lines = summary_lines(&workspace.catalog, &adoption);
                let next = match lines.rows.is_empty() {
                    true => String::new(),
                    false => format!(
                        "\nNext:\n  fractary health --env {}\n",
                        adoption.registry.environment
                    ),
                };
                Ok(text::adoption(&lines, &app.ui.style()) + &next)
            }
        })?;
        landing::report(app, &landed);
        pushed.map(|()| ExitCode::Ok)
    }
}

/// A line per kind: how many, how many new, and whether health is judged for it.
fn summary_lines(catalog: &Catalog, adoption: &Adoption) -> text::AdoptionText {
    let summary = adoption.summary();
    let mut rows: BTreeMap<(String, bool), (usize, usize)> = BTreeMap::new();
    for entry in &adoption.registry.resources {
        let kind = catalog.recognise(&entry.resource_type, &entry.arn);
        let title = kind
            .as_ref()
            .map_or(&entry.resource_type, |(kind, _)| &kind.plural);
        let row = rows.entry((title.clone(), kind.is_some())).or_default();
        row.0 += 1;
        row.1 += usize::from(adoption.added.contains(&entry.arn));
    }
    let texts = |arns: &[Arn]| arns.iter().map(ToString::to_string).collect();
    text::AdoptionText {
        rows: rows
            .into_iter()
            .map(|((title, watched), (total, added))| (title, total, added, watched))
            .collect(),
        skipped: summary.skipped.into_iter().map(left_out).collect(),
        not_found: texts(&summary.not_found),
        unclaimed: texts(&summary.unclaimed),
        of_other_sources: summary.of_other_sources,
        pruned: summary.pruned,
        pruned_unclaimed: adoption.pruning.unclaimed,
        added: summary.added,
        updated: summary.updated,
    }
}

/// Why so many were left out, and of which types, the most frequent first.
fn left_out(group: SkippedGroup) -> (String, usize) {
    let mut types: Vec<(String, usize)> = group.by_type.into_iter().collect();
    types.sort_by_key(|(_, count)| Reverse(*count));
    let more = types.len().saturating_sub(MOST_TYPES);
    types.truncate(MOST_TYPES);
    let mut words: Vec<String> = types
        .into_iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    words.extend((more > 0).then(|| format!("{more} more types")));
    (
        format!("{} ({})", group.reason, words.join(", ")),
        group.count,
    )
}
