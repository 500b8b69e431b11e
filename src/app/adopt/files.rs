//! What files of Terraform list.

use std::io::Read;
use std::path::Path;

use crate::app::App;
use crate::app::adopt::sources::{Found, SourceLabel, Sources};
use crate::error::CommandError;
use crate::iac;
use crate::iac::{Lineage, Noise};
use crate::model::inventory::InventoryItem;
use crate::text::escape;
use crate::text::phrases;

/// Adds what the files list.
pub(super) fn read_files(
    app: &App,
    wanted: Sources<'_>,
    root: Option<&Path>,
    found: &mut Found,
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
            found.empty.push(format!(
                "{shown}: the state names no resources{data_sources}"
            ));
        }
        let of_file = file_source(path, root);
        for lineage in &inventory.lineages {
            let source = lineage
                .as_ref()
                .map(Lineage::source)
                .or_else(|| of_file.clone());
            match name.map(SourceLabel::source).or(source) {
                Some(source) => drop(found.sources.insert(source)),
                None => found.nameless.push(shown.clone()),
            }
        }
        for item in inventory.into_items() {
            let own = item.source.clone().or_else(|| of_file.clone());
            let source = name.map(SourceLabel::source).or(own);
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

/// What a file without lineage is known by: its path in the repository. A path outside of it is
/// often a temporary one, which another state may have had before.
fn file_source(path: &Path, root: Option<&Path>) -> Option<String> {
    if path.as_os_str() == "-" {
        return None;
    }
    let path = std::fs::canonicalize(path).ok()?;
    let inside = path.strip_prefix(std::fs::canonicalize(root?).ok()?).ok()?;
    let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
    Some(escape::json(&format!("file:{}", parts?.join("/"))))
}
