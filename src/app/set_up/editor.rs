//! `fractary init --editor`: the schemas of what people write, and what maps files to them.

use serde_json::{Map, Value, json};

use crate::app::set_up::Scaffolding;
use crate::error::{CommandError, ErrorKind};
use crate::model::paths::{Files, RepoPath};
use crate::model::registry::Registry;
use crate::render::json;
use crate::state::Diagnostic;
use crate::state::diagnostic::locate::Language;
use crate::state::documents::document_type::{DocumentType, DocumentValue as _, Writer};
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::{self, paths};

/// What taplo and *Even Better TOML* read.
const TAPLO: &str = ".taplo.toml";
/// The settings of VS Code for this repository.
const CODE: &str = ".vscode/settings.json";
/// The code of schemas that another version wrote.
const OUTDATED: &str = "editor/schema";

/// Adds the files that an editor needs. The schemas are copies, so they follow this version;
/// the settings belong to people, so they are only written where there are none.
pub(super) fn add(files: &dyn Files, plan: &mut Scaffolding) -> Result<(), CommandError> {
    for known in written_by_hand() {
        let path = paths::editor_schema(known.name);
        match read(files, &path)? {
            None => plan.created.push(path.to_string()),
            Some(there) if there == known.schema().as_bytes() => {
                plan.kept.push(path.to_string());
                continue;
            }
            Some(_) => plan.renewed.push(path.to_string()),
        }
        plan.transaction.write(path, known.schema());
    }
    let settings = [(TAPLO, taplo()), (CODE, code()?)];
    for (name, text) in settings {
        let path = RepoPath::new(name).map_err(CommandError::bug)?;
        match read(files, &path)? {
            None => {
                plan.created.push(path.to_string());
                plan.transaction.write(path, text);
            }
            Some(there) => {
                if !String::from_utf8_lossy(&there).contains(paths::editor_schemas().as_str()) {
                    plan.unmapped.push(path.to_string());
                }
                plan.kept.push(path.to_string());
            }
        }
    }
    Ok(())
}

/// Says of every schema for editors that is not the one of this version.
pub(crate) fn check(files: &dyn Files) -> Result<Vec<Diagnostic>, CommandError> {
    let mut out = Vec::new();
    for known in written_by_hand() {
        let path = paths::editor_schema(known.name);
        let there = read(files, &path)?;
        if there.is_some_and(|text| text != known.schema().as_bytes()) {
            let message = "this schema is not the one of this version";
            let help = "`fractary init --editor` writes it again";
            out.push(Diagnostic::warning(&path, OUTDATED, message).help(help));
        }
    }
    Ok(out)
}

/// The types of files that an editor helps with: what people write, and the registry, which
/// `adopt` fills and people complete.
fn written_by_hand() -> impl Iterator<Item = &'static DocumentType> {
    let registry = Registry::document_type().name;
    let all = documents::all().iter().copied();
    let by_hand =
        move |known: &DocumentType| known.writer != Writer::Runs || known.name == registry;
    all.filter(move |known| by_hand(known) && !known.places.is_empty())
}

fn read(files: &dyn Files, path: &RepoPath) -> Result<Option<Vec<u8>>, CommandError> {
    let there = files.read(path);
    there.map_err(|error| CommandError::new(ErrorKind::Usage, error))
}

/// A rule for each type that is written in TOML.
fn taplo() -> String {
    let of_toml = written_by_hand().filter(|known| known.language == Language::Toml);
    let rules = of_toml.map(|known| {
        let globs: Vec<String> = globs(known).map(|glob| format!("{glob:?}")).collect();
        let schema = paths::editor_schema(known.name);
        format!(
            "[[rule]]\ninclude = [{}]\n[rule.schema]\npath = \"{schema}\"\n",
            globs.join(", ")
        )
    });
    let rules: Vec<String> = rules.collect();
    format!(
        "# Completion and errors for the TOML files of .fractary, by taplo and what uses it.\n\
         # Folders that begin with a dot are looked at by their name only.\n\
         include = [\"**/*.toml\", \".fractary/**/*.toml\"]\n\n{}",
        rules.join("\n")
    )
}

/// The mapping of each type that is written in JSON.
fn code() -> Result<String, CommandError> {
    let of_json = written_by_hand().filter(|known| known.language == Language::Json);
    let mapping = of_json.map(|known| {
        let globs: Vec<String> = globs(known).collect();
        let schema = paths::editor_schema(known.name);
        json!({ "fileMatch": globs, "url": format!("./{schema}") })
    });
    let mut settings = Map::new();
    settings.insert("json.schemas".to_owned(), Value::Array(mapping.collect()));
    json::pretty(&settings).map_err(CommandError::bug)
}

/// Where files of a type lie, as editors write patterns.
fn globs(known: &'static DocumentType) -> impl Iterator<Item = String> {
    known.places.iter().copied().map(PathPattern::glob)
}
