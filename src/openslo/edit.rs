//! Edits of monitoring.toml that leave everything else as people wrote it.

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::Edit;

/// Why a text cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Not TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// A key is something else than a table.
    #[error("`{0}` is not a table")]
    NotATable(String),
}

/// The text with these service levels in it.
///
/// # Errors
/// Where the text is no TOML, or has something else in their place.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| EditError::Syntax(error.message().to_owned()))?;
    for edit in edits {
        let root: &mut dyn TableLike = document.as_table_mut();
        let slos = table(root, "slos", "slos", true)?;
        let resources = table(slos, "resource", "slos.resource", true)?;
        let path = format!("slos.resource.{}", edit.resource);
        let levels = table(resources, &edit.resource, &path, false)?;
        put(levels, edit);
    }
    Ok(document.to_string())
}

/// The table of a key, made where there is none. `implicit` tables get no line of their own.
fn table<'t>(
    parent: &'t mut dyn TableLike,
    key: &str,
    path: &str,
    implicit: bool,
) -> Result<&'t mut dyn TableLike, EditError> {
    if !parent.contains_key(key) {
        let mut new = Table::new();
        new.set_implicit(implicit);
        parent.insert(key, Item::Table(new));
    }
    parent
        .get_mut(key)
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| EditError::NotATable(path.to_owned()))
}

fn put(levels: &mut dyn TableLike, edit: &Edit) {
    let window = edit.window_days.map(|days| format!("{days}d"));
    match levels.get_mut(&edit.sli) {
        // What else is said of it stays.
        Some(item) if item.is_table_like() => {
            if let Some(there) = item.as_table_like_mut() {
                set(there, "target", edit.target.into());
                if let Some(window) = window {
                    set(there, "window", window.into());
                }
            }
        }
        Some(Item::Value(value)) => {
            let decor = value.decor().clone();
            *value = level(edit.target, window);
            *value.decor_mut() = decor;
        }
        _ => {
            levels.insert(&edit.sli, Item::Value(level(edit.target, window)));
        }
    }
}

fn level(target: f64, window: Option<String>) -> Value {
    let Some(window) = window else {
        return target.into();
    };
    let mut table = InlineTable::new();
    table.insert("target", target.into());
    table.insert("window", window.into());
    table.into()
}

/// Sets a value and keeps the blanks and comments around it.
fn set(table: &mut dyn TableLike, key: &str, new: Value) {
    match table.get_mut(key) {
        Some(Item::Value(value)) => {
            let decor = value.decor().clone();
            *value = new;
            *value.decor_mut() = decor;
        }
        _ => {
            table.insert(key, Item::Value(new));
        }
    }
}
