//! Terraform's files of a commit, read as git objects: nothing is checked out and nothing runs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::core::review::{LocalReferences, RootModule};
use crate::error::CommandError;
use crate::git::{CommitFiles, PathKind, Repository};
use crate::hcl::files::is_source;
use crate::iac::hcl::{self, HclBlock};
use crate::model::ids::CommitId;
use crate::model::inventory::address_steps;
use crate::model::paths::{Files, RepoPath};
use crate::text::Untrusted;

/// Deeper nests of modules are not followed.
const DEEPEST: usize = 8;
/// More modules are not followed: a module that calls itself is written in a line.
const MOST_MODULES: usize = 2_000;
/// Larger files are nobody's Terraform.
const LARGEST: usize = 1 << 20;

/// Directories whose modules are for others to use, where nothing here uses them.
const NOT_DEPLOYED: &[&str] = &[
    "example", "examples", "fixtures", "modules", "test", "tests",
];

/// The Terraform of one commit.
pub(crate) struct TerraformSources {
    directories: BTreeMap<String, TerraformDirectory>,
    /// What could not be read.
    pub(crate) faults: Vec<Untrusted>,
}

/// Where a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlockPlace {
    pub(crate) file: RepoPath,
    /// Its lines, from 1.
    pub(crate) lines: RangeInclusive<u32>,
}

#[derive(Default)]
struct TerraformDirectory {
    /// Blocks by `type.name`, `data.type.name` or `module.name`, with their file.
    blocks: BTreeMap<String, (RepoPath, HclBlock)>,
    /// Directories of the modules that it calls, by name.
    modules: BTreeMap<String, String>,
    /// What its locals refer to, by name.
    locals: BTreeMap<String, BTreeSet<String>>,
    /// Whether it says where its state is, or which provider it uses.
    is_configured: bool,
    /// Whether a file of it could not be read, so that nobody knows what it deploys.
    is_unreadable: bool,
}

impl TerraformSources {
    /// Reads the Terraform of a commit.
    pub(crate) fn read(repository: &Repository, commit: &CommitId) -> Result<Self, CommandError> {
        let files = repository.raw_files_at(Some(commit))?;
        let mut sources = Self {
            directories: BTreeMap::new(),
            faults: Vec::new(),
        };
        for entry in repository.differing_paths(None, commit)? {
            if !is_source(&entry.path) {
                continue;
            }
            let read = match entry.new {
                Some(PathKind::File | PathKind::Executable) => sources.add(&files, &entry.path),
                _ => Err("it is a link or a submodule, and not followed".to_owned()),
            };
            if let Err(error) = read {
                let directory = sources.directories.entry(directory_of(&entry.path));
                directory.or_default().is_unreadable = true;
                let text = format!("{}: {error}", entry.path);
                sources.faults.push(Untrusted::new(text));
            }
        }
        Ok(sources)
    }

    fn add(&mut self, files: &CommitFiles, path: &str) -> Result<(), String> {
        let path = RepoPath::new(path).map_err(|error| error.to_string())?;
        let bytes = files
            .read(&path)
            .map_err(|error| error.to_string())?
            .unwrap_or_default();
        if bytes.len() > LARGEST {
            return Err(format!("{} bytes are too many", bytes.len()));
        }
        let name = directory_of(path.as_str());
        let directory = self.directories.entry(name.clone()).or_default();
        let file = hcl::parse(path.file_name(), &bytes).map_err(|error| error.to_string())?;
        for block in file.blocks {
            let key = match (block.kind.as_str(), block.labels.as_slice()) {
                ("resource", [kind, name]) => format!("{kind}.{name}"),
                ("data", [kind, name]) => format!("data.{kind}.{name}"),
                ("module", [name]) => format!("module.{name}"),
                ("locals", _) => {
                    directory.locals.extend(block.references);
                    continue;
                }
                ("provider" | "terraform", _) => {
                    directory.is_configured |= block.kind == "provider"
                        || block.lines.contains_key("backend")
                        || block.lines.contains_key("cloud");
                    continue;
                }
                _ => continue,
            };
            let source = block
                .texts
                .get("source")
                .filter(|source| source.starts_with('.'));
            let called = source.and_then(|source| joined(&name, source));
            if let (Some(called), [label]) = (called, block.labels.as_slice()) {
                directory.modules.insert(label.clone(), called);
            }
            directory
                .blocks
                .entry(key)
                .or_insert_with(|| (path.clone(), block));
        }
        Ok(())
    }

    /// Whether a directory has any Terraform.
    pub(crate) fn has_directory(&self, name: &str) -> bool {
        self.directories.contains_key(name)
    }

    /// Returns the directories that are applied by themselves: those that nothing uses, and
    /// those that plans were given for.
    pub(crate) fn roots(&self, planned: &BTreeSet<String>) -> Vec<RootModule> {
        let used: BTreeSet<&String> = self
            .directories
            .values()
            .flat_map(|one| one.modules.values())
            .collect();
        let is_root = |name: &String, directory: &TerraformDirectory| {
            let is_for_others = name.split('/').any(|part| NOT_DEPLOYED.contains(&part));
            planned.contains(name)
                || directory.is_configured && !used.contains(name)
                || !used.contains(name)
                    && !is_for_others
                    && (directory.is_unreadable || !directory.blocks.is_empty())
        };
        let roots = self
            .directories
            .iter()
            .filter(|(name, one)| is_root(name, one));
        roots
            .map(|(name, _)| RootModule {
                directory: Untrusted::from(name.as_str()),
                uses: self.uses(name),
            })
            .collect()
    }

    /// The directories of all modules that one uses, directly or not.
    fn uses(&self, name: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![name.to_owned()];
        while let Some(one) = waiting.pop() {
            let called = self.directories.get(&one).map(|one| one.modules.values());
            for module in called.into_iter().flatten() {
                if found.insert(module.clone()) {
                    waiting.push(module.clone());
                }
            }
        }
        found
    }

    /// Returns the addresses, without index keys, of the resources that are configured in a
    /// directory and its local modules.
    pub(crate) fn addresses(&self, directory: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (prefix, directory) in self.modules(directory) {
            let resources = directory
                .blocks
                .iter()
                .filter(|(_, (_, one))| one.kind == "resource");
            found.extend(resources.map(|(key, _)| format!("{prefix}{key}")));
        }
        found
    }

    /// Returns what the locals of a directory and its local modules refer to.
    pub(crate) fn locals(&self, directory: &str) -> LocalReferences {
        let all = self.modules(directory).into_iter();
        let with_locals = all.filter(|(_, directory)| !directory.locals.is_empty());
        with_locals
            .map(|(prefix, directory)| (prefix, directory.locals.clone()))
            .collect()
    }

    /// A directory and its local modules, each with what stands before the addresses of its
    /// resources.
    fn modules(&self, directory: &str) -> Vec<(String, &TerraformDirectory)> {
        let mut found = Vec::new();
        let mut waiting = vec![(String::new(), directory, 0)];
        while let Some((prefix, name, depth)) = waiting.pop() {
            let Some(directory) = self.directories.get(name) else {
                continue;
            };
            if depth < DEEPEST && found.len() + waiting.len() < MOST_MODULES {
                let called = directory.modules.iter().map(|(call, module)| {
                    (
                        format!("{prefix}module.{call}."),
                        module.as_str(),
                        depth + 1,
                    )
                });
                waiting.extend(called);
            }
            found.push((prefix, directory));
        }
        found
    }

    /// Returns where a resource is configured. One in a module that is not in the repository
    /// is where that module is called.
    pub(crate) fn place(&self, directory: &str, address: &str) -> Option<BlockPlace> {
        let (file, block) = self.block(directory, address)?;
        Some(BlockPlace {
            file: file.clone(),
            lines: block.line..=block.last_line,
        })
    }

    /// Returns what a resource is replaced with, by its source.
    pub(crate) fn triggers(&self, directory: &str, address: &str) -> BTreeSet<String> {
        let block = self.block(directory, address);
        let named = block.and_then(|(_, block)| block.references.get(hcl::TRIGGERS));
        named.cloned().unwrap_or_default()
    }

    fn block(&self, directory: &str, address: &str) -> Option<&(RepoPath, HclBlock)> {
        let steps = address_steps(address);
        let mut names = steps.iter().map(|step| step.0).peekable();
        let mut directory = self.directories.get(directory)?;
        while names.next_if_eq(&"module").is_some() {
            let call = names.next()?;
            let called = directory
                .modules
                .get(call)
                .and_then(|name| self.directories.get(name));
            match called {
                Some(inner) => directory = inner,
                None => return directory.blocks.get(&format!("module.{call}")),
            }
        }
        let rest: Vec<&str> = names.collect();
        directory.blocks.get(&rest.join("."))
    }
}

/// The directory of a file; `.` for the root of the repository.
pub(crate) fn directory_of(path: &str) -> String {
    path.rsplit_once('/')
        .map_or(".", |split| split.0)
        .to_owned()
}

/// A relative path from a directory; `None` where it leaves the repository.
fn joined(directory: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| *part != ".").collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(match parts.is_empty() {
        true => ".".to_owned(),
        false => parts.join("/"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_relative_to_their_caller() {
        for (directory, relative, want) in [
            ("infra/prod", "../modules/q", Some("infra/modules/q")),
            (".", "./m", Some("m")),
            ("a", "../", Some(".")),
            ("a", "../../b", None),
        ] {
            assert_eq!(
                joined(directory, relative).as_deref(),
                want,
                "{directory} {relative}"
            );
        }
        assert_eq!(directory_of("main.tf"), ".");
        assert_eq!(directory_of("a/b/main.tf"), "a/b");
    }
}
