//! Whether generated files are what they are made from.

use std::collections::BTreeMap;

use crate::app::decide::deployed;
use crate::app::workspace::views::{DeployedSources, Documents};
use crate::error::CommandError;
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::model::report::HealthReport;
use crate::state::Diagnostic;
use crate::state::documents::paths;
use crate::text::stamp::{Stamp, read_stamp};

/// The code of generated files that are something else.
const CODE: &str = "state/generated";

/// Says of every generated file that was edited or deleted.
pub(crate) fn check(documents: &Documents<'_>) -> Result<Vec<Diagnostic>, CommandError> {
    let observed = documents.records.all_latest();
    let mut out = deployed_pages(documents.deployed(), &observed)?;
    let path = paths::dashboard_md();
    let dashboard = documents.dashboard.tree.read_text(&path)?;
    match dashboard.as_deref().map(read_stamp) {
        Some(Stamp::Edited) => {
            let message = "this generated file was edited";
            out.push(
                Diagnostic::error(&path, CODE, message)
                    .help("`fractary dashboard --commit` writes it again"),
            );
        }
        None if !observed.is_empty() => out.push(missing(&path)),
        // One of an earlier version has no mark.
        Some(Stamp::Whole | Stamp::Missing) | None => {}
    }
    Ok(out)
}

fn missing(path: &RepoPath) -> Diagnostic {
    Diagnostic::warning(path, CODE, "this generated file is missing")
        .help("the next commit of `fractary run` writes it again")
}

/// `DEPLOYED.md` of every environment must be what its registry and the kinds say.
fn deployed_pages(
    pages: DeployedSources<'_>,
    observed: &BTreeMap<EnvironmentName, HealthReport>,
) -> Result<Vec<Diagnostic>, CommandError> {
    let mut out = Vec::new();
    for (name, document) in pages.registries.iter() {
        let path = paths::deployed_md(name);
        if pages.registries.settings.environment(name).is_err() {
            continue;
        }
        let Some(existing) = pages.tree.read_text(&path)? else {
            // The first run writes it.
            if observed.contains_key(name) {
                out.push(missing(&path));
            }
            continue;
        };
        let wanted = deployed::render_deployed(pages, name, &document.value)?;
        if existing != wanted {
            let line = existing
                .lines()
                .zip(wanted.lines())
                .take_while(|(old, new)| old == new)
                .count()
                + 1;
            let message = format!(
                "this generated file is not what {} and the kinds say, from line {line} on",
                document.path
            );
            let registry = std::slice::from_ref(&document.path);
            let by = match pages.tree.edited(registry)?.is_empty() {
                true => format!(
                    "`fractary run --env {name}` or `fractary adopt --env {name}` writes it again"
                ),
                false => format!(
                    "`fractary adopt --env {name} --write` writes it again, and so does `fractary run --env {name}` once the registry is committed"
                ),
            };
            let help = format!("{by}; edit outside of its markers only");
            out.push(Diagnostic::error(&path, CODE, message).help(help));
        }
    }
    Ok(out)
}
