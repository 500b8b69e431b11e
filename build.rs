//! Embeds the data files of `src/catalog/`: what is in a folder is the list, and nothing else.
//! Writes the list of commands from the modules that `src/commands/mod.rs` declares.
#![expect(
    clippy::disallowed_methods,
    reason = "this is how cargo and a build script talk to each other"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = "src/catalog";
const COMMANDS: &str = "src/commands/mod.rs";

fn main() {
    // A folder stands for everything in it, and for its list of names.
    println!("cargo::rerun-if-changed={ROOT}");
    println!("cargo::rerun-if-changed={COMMANDS}");
    println!("cargo::rerun-if-changed=build.rs");
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("set by cargo"));
    let root = package.join(ROOT);
    let mut text = String::from("// Written by build.rs.\n");
    for folder in folders(&root) {
        embed(&root, &folder, &mut text);
    }
    fs::write(out.join("catalog.rs"), text).expect("the output folder can be written");
    let modules = fs::read_to_string(package.join(COMMANDS)).expect("the file can be read");
    fs::write(out.join("commands.rs"), commands(&modules))
        .expect("the output folder can be written");
}

/// The list of the entries of these modules, in the order of their declarations.
fn commands(modules: &str) -> String {
    let declared = modules.lines().filter_map(|line| {
        let line = line.strip_prefix("pub mod ")?;
        line.strip_suffix(';')
    });
    let lines: String = declared
        .map(|name| format!("    {name}::COMMAND,\n"))
        .collect();
    format!(
        "/// Every command, in the order of the help.\n\
         pub(crate) const ALL: &[crate::app::command::Entry] = &[\n{lines}];\n"
    )
}

/// Every folder below `root`, sorted.
fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let below = entries(&folder).into_iter().filter(|path| path.is_dir());
        open.extend(below);
        found.push(folder);
    }
    found.sort();
    found
}

/// A constant with the stem and the text of each data file in `folder`, sorted by stem.
/// `kinds/` becomes `KINDS`; what is below a folder `tests/` is there for tests alone.
fn embed(root: &Path, folder: &Path, text: &mut String) {
    let mut files = entries(folder);
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    if files.is_empty() {
        return;
    }
    let below = folder.strip_prefix(root).expect("it is below the root");
    let parts: Vec<&str> = below
        .iter()
        .map(|part| part.to_str().expect("UTF-8"))
        .collect();
    if parts.contains(&"tests") {
        text.push_str("#[cfg(test)]\n");
    }
    let name = parts.join("_").to_uppercase();
    let path = parts.join("/");
    let line = |path: &PathBuf| {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let stem = stem.expect("a UTF-8 name");
        format!("    ({stem:?}, include_str!({path:?})),\n")
    };
    let lines: String = files.iter().map(line).collect();
    write!(
        text,
        "pub(crate) const {name}: Folder = Folder {{ path: {path:?}, files: &[\n{lines}] }};\n"
    )
    .expect("writing to a string cannot fail");
}

/// What is in a folder, sorted by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<PathBuf> = read
        .map(|entry| entry.expect("the entry can be read").path())
        .collect();
    paths.sort();
    paths
}
