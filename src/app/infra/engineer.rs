//! `infra engineer`: code from a design, merged with what people made of it since.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::infra::architect::{checked, in_file, parse, read};
use crate::app::infra::files;
use crate::app::infra::files::{Decided, FileChanges};
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::{Landed, Landing};
use crate::core::infra::compose::{FeatureVariable, feature_file, variables};
use crate::core::infra::front_matter;
use crate::core::infra::generate::{FileDecision, GeneratedFile, decide};
use crate::core::infra::shared_files::{
    CodeEnvironment, backend_values, block_key, shared_files, values, values_file,
};
use crate::error::CommandError;
use crate::hcl::files::is_hcl_source;
use crate::hcl::{Item, parse_body, print};
use crate::model::design::{
    DesignHead, EngineerReport, EngineeredFile, FileOutcome, Generated, MergeConflict,
};
use crate::model::ids::FeatureName;
use crate::model::paths::RepoPath;
use crate::model::project::Devops;

/// Which design, and what may be lost.
pub(crate) struct EngineerRequest<'a> {
    /// The design.
    pub(crate) design: &'a RepoPath,
    /// Files whose edits may be overwritten where they cannot be merged.
    pub(crate) overwrite: &'a [RepoPath],
}

/// Generates the code of a design.
pub(crate) fn engineer(
    app: &App,
    workspace: Workspace,
    request: &EngineerRequest<'_>,
    landing: Landing,
) -> Result<(Workspace, EngineerReport, Landed), CommandError> {
    let lands = matches!(landing, Landing::Files | Landing::Commit);
    let (workspace, report, diff, landed) = files::decide_and_land(
        app,
        workspace,
        landing,
        |workspace| {
            let engineered = engineered(workspace, request)?;
            if lands {
                for text in &engineered.generated {
                    workspace.repository.store_content(text.as_bytes())?;
                }
            }
            Ok(Decided {
                message: format!(
                    "fractary(infra): generate the code of {}\n\nFractary-Command: infra engineer\n",
                    engineered.name
                ),
                facts: engineered.report,
                changes: engineered.changes,
            })
        },
    )?;
    Ok((workspace, EngineerReport { diff, ..report }, landed))
}

/// Code that was generated.
struct Engineered {
    name: FeatureName,
    report: EngineerReport,
    changes: FileChanges,
    /// What is the base of the next merge.
    generated: Vec<String>,
}

/// What becomes of the files, while they are decided on.
struct Outcomes {
    changes: FileChanges,
    generated: Generated,
    files: Vec<EngineeredFile>,
}

/// The record of an earlier run, with the name that the code has now.
fn next_record(head: &DesignHead) -> Generated {
    let mut generated = head.generated.clone();
    if generated.names.last() != Some(&head.name) {
        generated.names.retain(|name| *name != head.name);
        generated.names.push(head.name.clone());
    }
    generated
}

/// Where the code of a project is, and whose files are in it.
struct CodeDirectory<'a> {
    workspace: &'a Workspace,
    devops: &'a Devops,
    directory: RepoPath,
    /// Ids of what was generated, by path: this design's first.
    recorded: BTreeMap<RepoPath, Vec<String>>,
    /// The blocks of other people's files, with the file of each.
    taken: BTreeMap<String, RepoPath>,
}

fn engineered(
    workspace: &Workspace,
    request: &EngineerRequest<'_>,
) -> Result<Engineered, CommandError> {
    let path = request.design;
    let text = files::read(workspace, path)?.ok_or_else(|| {
        CommandError::usage(format!("there is no design {path}"))
            .hint("make one with `fractary infra architect --feature \"user uploads\" --write`")
    })?;
    let split = read(path, &text)?;
    let head = parse(path, &text)?;
    let design = checked(path, split, &head)?;
    let naming = files::naming(workspace)?;
    let items = feature_file(&design, &naming).map_err(|faults| in_file(path, &split, faults))?;
    let directory = CodeDirectory::open(workspace, path, &head)?;
    directory.refuse_clashes(&items)?;
    let mut notes = Vec::new();
    let feature = directory.path(&format!("{}.tf", head.name))?;
    let mut wanted = BTreeMap::from([(feature.clone(), print(&items))]);
    directory.add_shared(path, &head, &variables(&design), &mut wanted, &mut notes)?;
    let before = directory.renamed(&head)?;
    let mut outcome = Outcomes {
        changes: FileChanges::default(),
        generated: next_record(&head),
        files: Vec::new(),
    };
    for (file, new) in &wanted {
        // Somebody's own file of the new name is no place to move to.
        let is_free = files::read(workspace, file)?.is_none();
        let from = before.as_ref().filter(|_| *file == feature && is_free);
        let decided = directory.decide(file, from, new, request.overwrite)?;
        directory.change(file, from, new, decided, &mut outcome)?;
    }
    let Outcomes {
        mut changes,
        generated,
        files: shown,
    } = outcome;
    let new_head = front_matter::set_generated(split.head, &generated)
        .map_err(|error| CommandError::usage(format!("{path}: {error}")))?;
    changes.write(
        path,
        Some(&text),
        &front_matter::join(&new_head, split.body),
    );
    Ok(Engineered {
        name: head.name.clone(),
        report: EngineerReport {
            version: "1.0.0",
            kind: "engineer",
            design: path.to_string(),
            files: shown,
            notes,
            diff: String::new(),
        },
        changes,
        generated: wanted.into_values().collect(),
    })
}

impl<'a> CodeDirectory<'a> {
    fn open(
        workspace: &'a Workspace,
        design: &RepoPath,
        head: &DesignHead,
    ) -> Result<Self, CommandError> {
        let devops = files::devops(workspace)?;
        let mut opened = Self {
            workspace,
            devops,
            directory: files::code_directory(devops)?,
            recorded: BTreeMap::new(),
            taken: BTreeMap::new(),
        };
        opened.record(&head.generated)?;
        for (path, other) in designs(workspace)? {
            if path != *design {
                opened.record(&other.generated)?;
            }
        }
        opened.read_foreign()?;
        Ok(opened)
    }

    fn record(&mut self, generated: &Generated) -> Result<(), CommandError> {
        for (path, id) in &generated.files {
            self.recorded
                .entry(files::path(path)?)
                .or_default()
                .push(id.clone());
        }
        Ok(())
    }

    /// Reads the files that were not generated. They are never changed.
    fn read_foreign(&mut self) -> Result<(), CommandError> {
        for path in files::list(self.workspace, &self.directory)? {
            let is_code = is_hcl_source(path.as_str()) && !self.recorded.contains_key(&path);
            let Some(text) = files::read(self.workspace, &path)?.filter(|_| is_code) else {
                continue;
            };
            let items = parse_body(&text).map_err(|error| {
                CommandError::usage(format!("{path}: {error}"))
                    .hint("Terraform cannot read it either; fix it, then run this again")
            })?;
            for block in items.iter().filter_map(Item::as_block) {
                if let Some(key) = block_key(block) {
                    self.taken.insert(key, path.clone());
                }
            }
        }
        Ok(())
    }

    fn path(&self, name: &str) -> Result<RepoPath, CommandError> {
        files::path(&format!("{}/{name}", self.directory))
    }

    /// Terraform refuses two blocks with one address.
    fn refuse_clashes(&self, items: &[Item]) -> Result<(), CommandError> {
        let keys = items
            .iter()
            .filter_map(Item::as_block)
            .filter_map(block_key);
        let clashes = keys.filter_map(|key| {
            let path = self.taken.get(&key)?;
            Some(format!("`{key}` is in {path} already"))
        });
        let clashes: Vec<String> = clashes.collect();
        match clashes.is_empty() {
            true => Ok(()),
            false => Err(CommandError::usage(clashes.join("\n"))
                .hint("choose another `name` for the design, or remove these from your file")),
        }
    }

    /// Adds what all features share: versions, provider, and the values of each environment.
    fn add_shared(
        &self,
        path: &RepoPath,
        head: &DesignHead,
        own: &[FeatureVariable],
        wanted: &mut BTreeMap<RepoPath, String>,
        notes: &mut Vec<String>,
    ) -> Result<(), CommandError> {
        let workspace = self.workspace;
        let naming = files::naming(workspace)?;
        let environments = files::environments(workspace, &[])?;
        let taken: BTreeSet<String> = self.taken.keys().cloned().collect();
        let (shared, left_out) = shared_files(self.devops, &naming, &environments, &taken);
        for key in left_out {
            if let Some(path) = self.taken.get(&key) {
                notes.push(format!("`{key}` stays as it is in {path}"));
            }
        }
        for (name, items) in shared {
            let mut file = self.path(&name)?;
            // Somebody else's file of that name stays; ours goes beside it.
            if files::read(workspace, &file)?.is_some() && !self.recorded.contains_key(&file) {
                file = self.path(&format!("fractary-{name}"))?;
            }
            wanted.insert(file, print(&items));
        }
        let mut features = vec![own.to_vec()];
        for (other, head) in designs(workspace)?
            .into_iter()
            .filter(|(other, _)| other != path)
        {
            let text = files::read(workspace, &other)?.unwrap_or_default();
            let design = checked(&other, read(&other, &text)?, &head)?;
            features.push(variables(&design));
        }
        for environment in environments
            .iter()
            .filter(|one| head.environments.contains(&one.name))
        {
            self.add_values(environment, &features, wanted, notes)?;
        }
        Ok(())
    }

    fn add_values(
        &self,
        environment: &CodeEnvironment,
        features: &[Vec<FeatureVariable>],
        wanted: &mut BTreeMap<RepoPath, String>,
        notes: &mut Vec<String>,
    ) -> Result<(), CommandError> {
        let name = values_file(self.devops, &environment.name)
            .map_err(|error| CommandError::usage(format!("devops.json: {error}")))?;
        let file = self.path(&name)?;
        let items = values(environment, features);
        if environment.region.is_none() {
            notes.push(format!(
                "{file} sets no region: {} has none in environments.json",
                environment.name
            ));
        }
        let current = files::read(self.workspace, &file)?;
        match current.filter(|_| !self.recorded.contains_key(&file)) {
            Some(theirs) => notes.extend(lines_to_add(&file, &theirs, &items)),
            None => drop(wanted.insert(file, print(&items))),
        }
        let backend = backend_values(self.devops, &environment.name);
        if !backend.is_empty() {
            let stem = name.strip_suffix(".tfvars").unwrap_or(&name);
            wanted.insert(self.path(&format!("{stem}.tfbackend"))?, print(&backend));
        }
        Ok(())
    }

    /// Returns the file that the code had under an earlier name.
    fn renamed(&self, head: &DesignHead) -> Result<Option<RepoPath>, CommandError> {
        let Some(old) = head.generated.names.last().filter(|old| **old != head.name) else {
            return Ok(None);
        };
        let path = self.path(&format!("{old}.tf"))?;
        let is_there = files::read(self.workspace, &path)?.is_some();
        Ok(Some(path).filter(|path| is_there && self.recorded.contains_key(path)))
    }

    fn decide(
        &self,
        file: &RepoPath,
        from: Option<&RepoPath>,
        new: &str,
        overwrite: &[RepoPath],
    ) -> Result<FileDecision, CommandError> {
        let source = from.unwrap_or(file);
        let current = files::read(self.workspace, source)?;
        let ids = self.recorded.get(source).map_or(&[][..], Vec::as_slice);
        let repository = &self.workspace.repository;
        let own = match &current {
            Some(text) => Some(repository.content_id(text.replace("\r\n", "\n").as_bytes())?),
            None => None,
        };
        let base = ids.iter().find_map(|id| repository.stored_content(id));
        let base = base.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(decide(&GeneratedFile {
            current: current.as_deref(),
            is_recorded: !ids.is_empty(),
            is_as_generated: own.is_some_and(|own| ids.contains(&own)),
            base: base.as_deref(),
            new,
            overwrite: overwrite.contains(file),
        }))
    }

    /// Puts what was decided into the changes and the record.
    fn change(
        &self,
        file: &RepoPath,
        from: Option<&RepoPath>,
        new: &str,
        decided: FileDecision,
        to: &mut Outcomes,
    ) -> Result<(), CommandError> {
        let current = files::read(self.workspace, file)?;
        if let Some(content) = &decided.content {
            to.changes.write(file, current.as_deref(), content);
        }
        if decided.is_recorded() {
            let id = self.workspace.repository.content_id(new.as_bytes())?;
            to.generated.files.insert(file.to_string(), id);
        }
        let moves = !decided.outcome.needs_decision();
        if let Some(old) = from.filter(|_| moves)
            && let Some(text) = files::read(self.workspace, old)?
        {
            if decided.content.is_none() {
                to.changes.write(file, current.as_deref(), &text);
            }
            to.changes.delete(old, &text);
            to.generated.files.remove(old.as_str());
            to.files.push(shown(old, FileOutcome::Removed, Vec::new()));
        }
        to.files
            .push(shown(file, decided.outcome, decided.conflicts));
        Ok(())
    }
}

fn shown(path: &RepoPath, outcome: FileOutcome, conflicts: Vec<MergeConflict>) -> EngineeredFile {
    EngineeredFile {
        path: path.to_string(),
        outcome,
        conflicts,
    }
}

/// What somebody's own file of values lacks.
fn lines_to_add(file: &RepoPath, theirs: &str, items: &[Item]) -> Option<String> {
    let known = parse_body(theirs).unwrap_or_default();
    let has = |name: &str| {
        known
            .iter()
            .any(|item| matches!(item, Item::Attribute(own, _) if own == name))
    };
    let missing: Vec<Item> = items
        .iter()
        .filter(|item| matches!(item, Item::Attribute(name, _) if !has(name)))
        .cloned()
        .collect();
    (!missing.is_empty())
        .then(|| format!("{file} is yours; add what it lacks:\n{}", print(&missing)))
}

/// All designs with their blocks.
fn designs(workspace: &Workspace) -> Result<Vec<(RepoPath, DesignHead)>, CommandError> {
    let folder = files::path(files::DESIGNS)?;
    let paths = files::list(workspace, &folder)?.into_iter();
    let designs = paths.filter(|path| path.as_str().ends_with(".md"));
    designs
        .map(|path| {
            let text = files::read(workspace, &path)?.unwrap_or_default();
            let head = parse(&path, &text)?;
            Ok((path, head))
        })
        .collect()
}
