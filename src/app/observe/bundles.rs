//! Bundles of shards: reading them, and refusing those that are not parts of one run here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::app::App;
use crate::app::observe::environments;
use crate::app::workspace::views::Scope;
use crate::app::workspace::views::tree::Tree;
use crate::cloud::bundle::Bundle;
use crate::core::shards::{ShardPart, belongs};
use crate::error::{CommandError, ErrorKind};
use crate::model::fact::Fact;
use crate::model::ids::{Arn, CommitId, EnvironmentName};
use crate::model::shard::MOST_SHARDS;
use crate::model::snapshot::Snapshot;

/// A bundle of 500 resources with a day of metrics has a few megabytes.
const MAX_BYTES: u64 = 256 << 20;
const MAX_FILES: usize = 4 * MOST_SHARDS as usize;

/// A bundle and where it was found.
#[derive(Debug)]
pub(crate) struct FoundBundle {
    path: PathBuf,
    bundle: Bundle,
}

/// Reads every bundle in a folder, and one folder deeper.
pub(crate) fn read_folder(dir: &Path) -> Result<Vec<FoundBundle>, CommandError> {
    let mut files = Vec::new();
    collect(dir, true, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(CommandError::say(
            ErrorKind::Unknown,
            format!(
                "no shard left a bundle in {}: nothing was observed",
                dir.display()
            ),
        )
        .hint(
            "see the jobs that run `fractary run --shard` for the reason; nothing was recorded",
        ));
    }
    files
        .into_iter()
        .map(|path| {
            let bundle = read_one(&path)?;
            Ok(FoundBundle { path, bundle })
        })
        .collect()
}

fn collect(dir: &Path, deeper: bool, files: &mut Vec<PathBuf>) -> Result<(), CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::usage(format!("could not read {}: {error}", dir.display()))
            .hint("name the folder that the bundles of `fractary run --shard` are in")
    };
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // Of the entry itself: a link is neither a file nor a folder here.
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if kind.is_dir() && deeper {
            collect(&path, false, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            return Err(CommandError::usage(format!(
                "more than {MAX_FILES} files are in {}",
                dir.display()
            )));
        }
    }
    Ok(())
}

fn read_one(path: &Path) -> Result<Bundle, CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::usage(format!("could not read {}: {error}", path.display()))
    };
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > MAX_BYTES {
        return Err(CommandError::usage(format!(
            "{} has {bytes} bytes; a bundle has at most {MAX_BYTES}",
            path.display()
        )));
    }
    Bundle::from_bytes(&std::fs::read(path).map_err(failed)?).map_err(|error| {
        refuse(path, &error).hint("`fractary run --shard K/N --output DIR` writes bundles")
    })
}

fn refuse(path: &Path, why: &dyn std::fmt::Display) -> CommandError {
    CommandError::usage(format!("{} is refused: {why}", path.display()))
}

/// The time that all bundles agree on, and `--at` with them.
pub(crate) fn agree_on_time(app: &App, found: &[FoundBundle]) -> Result<Timestamp, CommandError> {
    let wanted = match (app.clock.is_fixed(), found.first()) {
        (false, Some(first)) => first.bundle.part.at,
        _ => app.clock.now(),
    };
    match found.iter().find(|one| one.bundle.part.at != wanted) {
        None => Ok(wanted),
        Some(other) => Err(refuse(
            &other.path,
            &format!(
                "it is of a run at {}, the others are of one at {wanted}",
                other.bundle.part.at
            ),
        )
        .hint(SAME_TIME)),
    }
}

const SAME_TIME: &str = "give all shards of a run one time: `--at` with the `at` of `fractary shards`, and an empty folder for each run";

/// The parts of each environment, as snapshots. Everything that is not of this run, of these
/// environments or of this repository is refused: a foreign bundle must not become state.
pub(crate) fn check_parts(
    app: &App,
    scope: &Scope<'_>,
    tree: Tree<'_>,
    names: &[EnvironmentName],
    found: Vec<FoundBundle>,
) -> Result<BTreeMap<EnvironmentName, Vec<ShardPart>>, CommandError> {
    for one in &found {
        check_base(tree, one)?;
        let foreign = one.bundle.part.environments.iter();
        if let Some(name) = foreign.into_iter().find(|name| !names.contains(name)) {
            return Err(refuse(
                &one.path,
                &format!("it is of the environment `{name}`, which is not joined here"),
            )
            .hint("leave `--env` out to join all that are monitored, or empty the folder"));
        }
    }
    let mut parts = BTreeMap::new();
    for name in names {
        check_age(app, scope, name, &found)?;
        let of_environment = environment_parts(app, scope, name, &found)?;
        parts.insert(name.clone(), of_environment);
    }
    Ok(parts)
}

/// What was seen counts on the commit that it was seen at, and on those that were made since:
/// a note on an issue must not cost a run.
fn check_base(tree: Tree<'_>, one: &FoundBundle) -> Result<(), CommandError> {
    let base = tree.base();
    let theirs = one.bundle.part.base.as_ref();
    let since = match (base, theirs) {
        // Where history is cut off it is unknown, and that is not a yes.
        (Some(base), Some(theirs)) => tree.descends_from(base, theirs).ok(),
        _ => None,
    };
    if theirs == base || since == Some(true) {
        return Ok(());
    }
    let words = |commit: Option<&CommitId>| {
        commit.map_or_else(|| "no commit".to_owned(), |id| id.short().to_owned())
    };
    Err(refuse(
        &one.path,
        &format!(
            "its shard read the state at {}, this is {}",
            words(theirs),
            words(base)
        ),
    )
    .hint("check out the same commit in every job of a run, or run the shards again"))
}

/// What was recorded since must not be followed by what was seen before.
fn check_age(
    app: &App,
    scope: &Scope<'_>,
    name: &EnvironmentName,
    found: &[FoundBundle],
) -> Result<(), CommandError> {
    let latest = scope.records.latest(name);
    let recorded = latest.map(|report| report.generated_at);
    let one = found.iter().find(|one| one.bundle.snapshot(name).is_some());
    match (recorded, one) {
        (Some(recorded), Some(one)) if recorded >= app.clock.now() => Err(refuse(
            &one.path,
            &format!(
                "it is of a run at {}, and `{name}` has an observation of {recorded} already",
                one.bundle.part.at
            ),
        )
        .hint("bundles are joined once; start the shards again")),
        _ => Ok(()),
    }
}

fn environment_parts(
    app: &App,
    scope: &Scope<'_>,
    name: &EnvironmentName,
    found: &[FoundBundle],
) -> Result<Vec<ShardPart>, CommandError> {
    let environment = scope.settings.environment(name)?;
    let registered: BTreeSet<Arn> = scope
        .resources(&environment, None)?
        .into_iter()
        .map(|resource| resource.arn)
        .collect();
    let window = scope.window(name, app.clock.now())?;
    let mut parts: Vec<(&FoundBundle, ShardPart)> = Vec::new();
    for one in found {
        let Some(snapshot) = one.bundle.snapshot(name) else {
            continue;
        };
        let part = ShardPart {
            shard: one.bundle.part.shard,
            snapshot: snapshot.clone(),
        };
        check_against_others(one, &part, &parts)?;
        if snapshot.window != window {
            return Err(refuse(
                &one.path,
                &format!(
                    "it is about {} to {}, this run is about {} to {}",
                    snapshot.window.start, snapshot.window.end, window.start, window.end
                ),
            )
            .hint(SAME_TIME));
        }
        check_resources(one, &part, name, &registered)?;
        if let Fact::Known(identity) = &snapshot.identity {
            environments::check_account(scope.settings, &environment, identity)?;
        }
        parts.push((one, part));
    }
    Ok(parts.into_iter().map(|(_, part)| part).collect())
}

/// One count, each shard once, one account.
fn check_against_others(
    one: &FoundBundle,
    part: &ShardPart,
    others: &[(&FoundBundle, ShardPart)],
) -> Result<(), CommandError> {
    for (other, theirs) in others {
        if theirs.shard == part.shard {
            return Err(refuse(
                &one.path,
                &format!("{} is shard {}, too", other.path.display(), part.shard),
            )
            .hint("empty the folder before each run, and give each shard a file of its own"));
        }
        if theirs.shard.count() != part.shard.count() {
            return Err(refuse(
                &one.path,
                &format!(
                    "it is shard {}, but {} is shard {}",
                    part.shard,
                    other.path.display(),
                    theirs.shard
                ),
            )
            .hint("all shards of an environment are of one plan of `fractary shards`"));
        }
        let account =
            |snapshot: &Snapshot| snapshot.identity.known().map(|who| who.account.clone());
        if let (Some(a), Some(b)) = (account(&part.snapshot), account(&theirs.snapshot))
            && a != b
        {
            return Err(CommandError::say(
                ErrorKind::Refused,
                format!(
                    "{} was recorded with account {a}, but {} with account {b}",
                    one.path.display(),
                    other.path.display()
                ),
            )
            .hint("set `account_id` of the environment in environments.json: shards with other credentials then stop at once"));
        }
    }
    Ok(())
}

fn check_resources(
    one: &FoundBundle,
    part: &ShardPart,
    name: &EnvironmentName,
    registered: &BTreeSet<Arn>,
) -> Result<(), CommandError> {
    for observed in &part.snapshot.resources {
        let arn = &observed.resource.arn;
        let why = if !registered.contains(arn) {
            format!("{arn} is not in the registry of `{name}`")
        } else if !belongs(part.shard, name, arn) {
            format!("{arn} does not belong to shard {}", part.shard)
        } else {
            continue;
        };
        return Err(refuse(&one.path, &why)
            .hint("use the same version of fractary and the same commit in every job"));
    }
    Ok(())
}
