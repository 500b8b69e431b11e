//! `DEPLOYED.md`: what is registered, for people.

use crate::app::answer::faults;
use crate::app::workspace::views::DeployedSources;
use crate::core::deployed;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::ids::EnvironmentName;
use crate::model::registry::{Registry, RegistryEntry};
use crate::render::markdown;
use crate::state::Document;
use crate::state::documents::paths;

/// Writes `DEPLOYED.md` for a commit, where it is not what the registry and the kinds say. A page
/// of edits that are not committed would contradict the commit that it is in.
pub(crate) fn write_deployed(
    sources: DeployedSources<'_>,
    name: &EnvironmentName,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    if let Some((document, text)) = outdated(sources, name)? {
        let registry = std::slice::from_ref(&document.path);
        if document.derived || sources.tree.edited(registry)?.is_empty() {
            transaction.write(paths::deployed_md(name), text);
        }
    }
    Ok(())
}

/// Writes `DEPLOYED.md`, where it is not what the registry in the work tree and the kinds say.
pub(crate) fn write_deployed_as_edited(
    sources: DeployedSources<'_>,
    name: &EnvironmentName,
    transaction: &mut Transaction,
) -> Result<(), CommandError> {
    if let Some((_, text)) = outdated(sources, name)? {
        transaction.write(paths::deployed_md(name), text);
    }
    Ok(())
}

/// The registry and what its page should be, where it is something else.
fn outdated<'a>(
    sources: DeployedSources<'a>,
    name: &EnvironmentName,
) -> Result<Option<(&'a Document<Registry>, String)>, CommandError> {
    let Some(document) = sources.registries.get(name) else {
        return Ok(None);
    };
    let text = render_deployed(sources, name, &document.value)?;
    let existing = sources.tree.read_text(&paths::deployed_md(name))?;
    Ok((existing.as_deref() != Some(text.as_str())).then_some((document, text)))
}

/// Renders `DEPLOYED.md` of a registry, with what the user wrote around the generated part.
pub(crate) fn render_deployed(
    sources: DeployedSources<'_>,
    name: &EnvironmentName,
    registry: &Registry,
) -> Result<String, CommandError> {
    let registries = sources.registries;
    let environment = registries.settings.environment(name)?;
    let resources = registries.resources_in(registry, &environment);
    let titles = |entry: &RegistryEntry| {
        let catalog = registries.catalog;
        let found = catalog.recognise(&entry.resource_type, &entry.arn);
        found.map(|(kind, _)| kind.plural.clone())
    };
    let deployed = deployed::build(registry, &resources, &titles);
    let block = markdown::deployed(&deployed, sources.templates).map_err(faults::template)?;
    let existing = sources.tree.read_text(&paths::deployed_md(name))?;
    Ok(markdown::splice(existing.as_deref(), &block))
}
