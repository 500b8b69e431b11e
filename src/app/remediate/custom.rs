//! Programs of the repository as actions: those of the trusted commit, whatever the checkout has. A
//! pull request that changes one does not change what runs.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::app::App;
use crate::app::remediate::safety::{self, ProgramCommit};
use crate::app::workspace::Workspace;
use crate::catalog::actions::{Action, ActionProgram, PROGRAM_FACT};
use crate::error::{CommandError, ErrorKind};
use crate::git::CommitFiles;
use crate::model::fact::{Fact, FactName};
use crate::model::monitoring::{CustomAction, Monitoring};
use crate::model::paths::{Files, RepoPath};
use crate::model::remediation::ActionSituation;
use crate::state::documents::paths;
use crate::text::escape;

/// The programs that the trusted commit names.
pub(crate) struct CustomActions {
    files: CommitFiles,
    definitions: BTreeMap<String, CustomAction>,
    /// Whether nobody knows here which commit is trusted. Then no program is.
    is_unknown: bool,
}

impl CustomActions {
    /// Reads them from the default branch of the remote; without a remote, from the commit that is
    /// checked out.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self, CommandError> {
        let repository = &workspace.repository;
        let ProgramCommit::Known(trusted) = safety::program_commit(repository)? else {
            return Ok(Self {
                files: repository.files_at(None)?,
                definitions: BTreeMap::new(),
                is_unknown: true,
            });
        };
        let files = repository.files_at(trusted.as_ref())?;
        let path = paths::monitoring_toml();
        let bytes = files.read(&path);
        let bytes = bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        let monitoring: Monitoring = toml::from_str(&text).map_err(|error| {
            let message = error.message();
            CommandError::usage(format!(
                "{path} of the trusted commit is not valid: {message}"
            ))
            .hint("`fractary check` on that branch says what is wrong")
        })?;
        Ok(Self {
            files,
            definitions: monitoring.remediation.custom,
            is_unknown: false,
        })
    }

    /// Whether there is one of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.definitions.contains_key(name)
    }

    /// Returns all that can be used. Of the others it is said why not: one wrong definition does not
    /// take the rest away.
    pub(crate) fn all(&self, app: &App, workspace: &Workspace) -> Vec<Action> {
        let here = &workspace.settings().monitoring.remediation.custom;
        if self.is_unknown && !here.is_empty() {
            app.ui.warn(&format!(
                "the programs of `[remediation.custom]` do not count: the default branch of `origin` is not known here; {}",
                safety::LEARN_DEFAULT_BRANCH
            ));
        }
        let mut usable = Vec::new();
        for name in self.definitions.keys() {
            match self.get(name) {
                Ok(action) => usable.extend(action),
                Err(error) => app.ui.warn(&format!(
                    "the program `{}` cannot be used: {}",
                    escape::terminal(name),
                    error.in_one_line()
                )),
            }
        }
        usable
    }

    /// Returns the one of this name, with the bytes of its program.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Action>, CommandError> {
        let Some(definition) = self.definitions.get(name) else {
            return Ok(None);
        };
        let wrong = |message: String| {
            CommandError::usage(message).hint(format!(
                "`[remediation.custom.{}]` says it",
                escape::terminal(name)
            ))
        };
        let program = self.program(definition)?;
        let undone_by = definition.undo.as_ref();
        let undone_by = undone_by.and_then(|undo| self.definitions.get(undo));
        let action = Action::of_program(name, definition, program, undone_by).map_err(wrong)?;
        match definition.undo.as_ref().filter(|undo| !self.has(undo)) {
            Some(undo) => {
                let undo = escape::terminal(undo);
                Err(wrong(format!(
                    "there is no program `{undo}` that could undo it"
                )))
            }
            None => Ok(Some(action)),
        }
    }

    fn program(&self, definition: &CustomAction) -> Result<ActionProgram, CommandError> {
        let Some((file, arguments)) = definition.exec.split_first() else {
            return Err(CommandError::usage("`exec` names no program"));
        };
        let shown = escape::terminal(file);
        let path = RepoPath::new(file)
            .map_err(|error| CommandError::usage(format!("the program `{shown}`: {error}")))?;
        let bytes = self.files.read(&path);
        let bytes = bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        let bytes = bytes.ok_or_else(|| {
            CommandError::usage(format!("the program {shown} is not in the trusted commit"))
                .hint("commit it, and merge it to the default branch")
        })?;
        Ok(ActionProgram {
            path,
            arguments: arguments.to_vec(),
            bytes,
            variables: definition.env.clone(),
        })
    }

    /// Refuses a name that only the checkout has.
    pub(crate) fn refuse_untrusted(
        &self,
        workspace: &Workspace,
        name: &str,
    ) -> Result<(), CommandError> {
        let here = &workspace.settings().monitoring.remediation.custom;
        if !here.contains_key(name) || self.has(name) {
            return Ok(());
        }
        let name = escape::terminal(name);
        if self.is_unknown {
            return Err(CommandError::say(
                ErrorKind::Refused,
                format!(
                    "the program `{name}` does not count: the default branch of `origin` is not known here; nothing was run"
                ),
            )
            .hint(safety::LEARN_DEFAULT_BRANCH));
        }
        Err(CommandError::say(
            ErrorKind::Refused,
            format!("the program `{name}` is in this checkout alone; nothing was run"),
        )
        .hint("it counts once it is committed and merged to the default branch"))
    }
}

/// What is known of a program: what it is called with, and its bytes. A proposal of another version
/// is stale.
pub(crate) fn situation(program: &ActionProgram) -> ActionSituation {
    let words: Vec<&str> = std::iter::once(program.path.as_str())
        .chain(program.arguments.iter().map(String::as_str))
        .collect();
    let sha256 = hex::encode(Sha256::digest(&program.bytes));
    let variables: Vec<String> = program
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let facts = [
        (PROGRAM_FACT, words.join(" ")),
        ("sha256", sha256),
        ("variables", variables.join(" ")),
    ];
    let facts = facts.into_iter().filter_map(|(name, text)| {
        let name = FactName::parse(name).ok()?;
        Some((name, Fact::from(text.as_str())))
    });
    ActionSituation {
        facts: facts.collect(),
        gaps: Vec::new(),
    }
}
