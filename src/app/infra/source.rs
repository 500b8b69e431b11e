//! The files of a configuration as they are on disk, as one hash.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::CommandError;
use crate::hcl::files::decides_plans;

/// How the names of templates end, which configurations read.
const TEMPLATES: [&str; 2] = [".tftpl", ".tpl"];
/// Deeper folders are nobody's configuration.
const DEEPEST: usize = 12;

/// Hashes the files of a configuration, with their names.
pub(crate) fn hash(folder: &Path) -> Result<String, CommandError> {
    let failed = |error: io::Error| {
        CommandError::usage(format!("could not read {}: {error}", folder.display()))
    };
    let mut files = Vec::new();
    collect(folder, folder, 0, &mut files).map_err(failed)?;
    files.sort();
    let mut hasher = Sha256::new();
    for name in files {
        let bytes = fs::read(folder.join(&name)).map_err(failed)?;
        let name = name.to_string_lossy();
        for part in [name.as_bytes(), &bytes] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
    }
    Ok(hex::encode(hasher.finalize()))
}

fn is_hashed(name: &str) -> bool {
    decides_plans(name) || TEMPLATES.iter().any(|end| name.ends_with(end))
}

fn collect(folder: &Path, root: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        let is_hidden_folder = kind.is_dir() && name.starts_with('.');
        if kind.is_dir() && !is_hidden_folder && depth < DEEPEST {
            collect(&path, root, depth + 1, files)?;
        } else if !kind.is_dir() && is_hashed(&name) {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            files.push(relative.to_owned());
        }
    }
    Ok(())
}
