//! What files of Terraform list.

use std::io::Read;
use std::path::Path;

use crate::app::App;
use crate::app::adopt::sources::{EmptyFile, Sourced, Sources};
use crate::error::CommandError;
use crate::iac;
use crate::iac::{Format, Lineage, Noise};
use crate::model::inventory::InventoryItem;
use crate::model::registry::Registry;
use crate::text::escape;
use crate::text::phrases;

/// Adds what the files list.
pub(super) fn read_files(
    app: &App,
    wanted: Sources<'_>,
    root: Option<&Path>,
    found: &mut Sourced,
) -> Result<(), CommandError> {
    let name = wanted.name;
    for path in wanted.files {
        let shown = escape::terminal(&path.display().to_string());
        let inventory = iac::read(&read_bytes(path, &shown)?).map_err(|error| {
            let failed = CommandError::usage(format!("{shown}: {error}"));
            match error.names_what_is_supported() {
                true => failed,
                false => failed.hint(format!("`adopt` reads {}", iac::SUPPORTED)),
            }
        })?;
        if let Some(noise) = &inventory.noise {
            warn_of_noise(app, &shown, noise);
        }
        if inventory.resources.is_empty() {
            let data_sources = match inventory.data_sources {
                0 => String::new(),
                some => format!(", only {}", phrases::counted(some as u64, "data source")),
            };
            let of = match inventory.format {
                Format::PulumiStack | Format::StackResources => "stack",
                _ => "state",
            };
            found.empty.push(EmptyFile {
                what: format!("{shown}: the {of} names no resources{data_sources}"),
                format: inventory.format,
            });
        }
        let place = place_in(root, path);
        let source_of = |lineage: Option<&Lineage>| match name {
            Some(name) => Some(name.source()),
            None => own_source(lineage, place.as_deref()),
        };
        for lineage in &inventory.lineages {
            match source_of(lineage.as_ref()) {
                Some(source) => drop(found.sources.insert(source)),
                None => found.nameless.push(shown.clone()),
            }
            found.lineages.extend(lineage.clone());
        }
        for resource in inventory.resources {
            let source = source_of(resource.lineage.as_ref());
            let item = InventoryItem::from(resource);
            found.items.push(InventoryItem { source, ..item });
        }
    }
    found.nameless.dedup();
    Ok(())
}

fn read_bytes(path: &Path, shown: &str) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|content| bytes = content)
    };
    read.map_err(|error| CommandError::usage(format!("could not read {shown}: {error}")))?;
    Ok(bytes)
}

fn warn_of_noise(app: &App, shown: &str, noise: &Noise) {
    let lines = match noise.lines {
        1 => "a line that is not JSON was".to_owned(),
        many => format!("{many} lines that are not JSON were"),
    };
    let fix = noise.fix.map_or_else(String::new, |fix| format!("; {fix}"));
    app.ui.warn(&format!(
        "{shown}: {lines} passed over, the first is `{}`{fix}",
        escape::terminal(&noise.first)
    ));
}

/// What a state or another file is known by: its lineage and its path in the repository. The
/// lineage alone does not do where there is a path, because a state that was copied to begin
/// another one has the same. A path outside of the repository is often a temporary one, which
/// another state may have had before.
fn own_source(lineage: Option<&Lineage>, place: Option<&str>) -> Option<String> {
    let text = match (lineage, place) {
        (Some(lineage), Some(place)) => format!("state:{}:{place}", lineage.as_str()),
        (Some(lineage), None) => format!("state:{}", lineage.as_str()),
        (None, place) => format!("file:{}", place?),
    };
    Some(escape::json(&text))
}

/// The path of a file in the repository.
fn place_in(root: Option<&Path>, path: &Path) -> Option<String> {
    if path.as_os_str() == "-" {
        return None;
    }
    let path = std::fs::canonicalize(path).ok()?;
    let inside = path.strip_prefix(std::fs::canonicalize(root?).ok()?).ok()?;
    let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// Adds the sources that the registry knows and that these states were before they were moved:
/// of the same lineage, at a path where nothing is any more.
pub(super) fn add_moved(registry: &Registry, root: Option<&Path>, found: &mut Sourced) {
    let Some(root) = root else {
        return;
    };
    for source in registry.resources.iter().flat_map(|entry| &entry.sources) {
        let parts = source
            .strip_prefix("state:")
            .and_then(|rest| rest.split_once(':'));
        let is_moved = parts.is_some_and(|(lineage, place)| {
            let ours = found.lineages.iter().any(|own| own.as_str() == lineage);
            ours && !root.join(place).exists()
        });
        if is_moved {
            found.sources.insert(source.clone());
        }
    }
}
