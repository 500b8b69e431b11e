//! What Terraform or OpenTofu says of the code: its form, and whether it is valid. Neither talks to
//! AWS.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::app::workspace::Workspace;
use crate::env;
use crate::iac;
use crate::model::design::{CodeOutcome, CodeStep};
use crate::model::paths::RepoPath;
use crate::model::project::Devops;
use crate::process::{self, End, Program, Ran, StartError, Variables};
use crate::text::redact::redact;

/// Longest time for one command.
const LONGEST: Duration = Duration::from_secs(300);
/// What the tool gets of the environment. Credentials are not among it: nothing is asked of AWS.
const VARIABLES: &[&str] = &[
    "HOME",
    "PATH",
    "TF_CLI_CONFIG_FILE",
    "TF_DATA_DIR",
    "TF_PLUGIN_CACHE_DIR",
    "TF_REATTACH_PROVIDERS",
    "TMPDIR",
];

/// Runs the checks of the configured tool.
pub(super) fn run(workspace: &Workspace, devops: &Devops, directory: &RepoPath) -> Vec<CodeStep> {
    let program = match iac::tool(devops.handlers.iac.name()) {
        Ok(tool) => tool.program(),
        Err(error) => {
            return vec![CodeStep::new(
                "the tool's own checks",
                CodeOutcome::NotRun,
                vec![format!("devops.json: {error}")],
            )];
        }
    };
    let Some(root) = workspace.repository.work_dir() else {
        let text = "a bare repository has no files to run it on".to_owned();
        return vec![CodeStep::new(program, CodeOutcome::NotRun, vec![text])];
    };
    let tool = Tool {
        program,
        folder: &root.join(directory.as_str()),
    };
    vec![tool.format(), tool.validate()]
}

struct Tool<'a> {
    program: &'static str,
    folder: &'a Path,
}

impl Tool<'_> {
    fn run(&self, arguments: &[&str]) -> Result<Ran, String> {
        let known = VARIABLES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), env::named_variable(name)?)));
        let mut variables: BTreeMap<String, String> = known.collect();
        variables.insert("CHECKPOINT_DISABLE".to_owned(), "1".to_owned());
        variables.insert("TF_IN_AUTOMATION".to_owned(), "1".to_owned());
        let exec = std::iter::once(self.program).chain(arguments.iter().copied());
        let program = Program {
            variables: Variables::Only(variables),
            ..Program::new(exec, self.folder, LONGEST)
        };
        process::run_blocking(&program).map_err(|error| match error {
            StartError::NotFound(_) => format!("no {} here", self.program),
            other => other.to_string(),
        })
    }

    fn format(&self) -> CodeStep {
        let name = format!("{} fmt", self.program);
        let ran = match self.run(&["fmt", "-check", "-list=true", "-no-color"]) {
            Ok(ran) => ran,
            Err(why) => return CodeStep::new(name, CodeOutcome::NotRun, vec![why]),
        };
        let listed = String::from_utf8_lossy(&ran.output).into_owned();
        match ran.end {
            End::Code(0) => CodeStep::new(name, CodeOutcome::Passed, Vec::new()),
            End::Code(3) => {
                let files = listed
                    .lines()
                    .map(|file| format!("{file} is not in the usual form"));
                CodeStep::new(name, CodeOutcome::Failed, files.collect())
            }
            End::Code(_) => CodeStep::new(name, CodeOutcome::Failed, last_words(&ran)),
            _ => CodeStep::new(name, CodeOutcome::NotRun, vec![ended(&ran)]),
        }
    }

    fn validate(&self) -> CodeStep {
        let name = format!("{} validate", self.program);
        let ran = match self.run(&["validate", "-json", "-no-color"]) {
            Ok(ran) => ran,
            Err(why) => return CodeStep::new(name, CodeOutcome::NotRun, vec![why]),
        };
        if !matches!(ran.end, End::Code(_)) {
            return CodeStep::new(name, CodeOutcome::NotRun, vec![ended(&ran)]);
        }
        let Ok(told) = serde_json::from_slice::<Value>(&ran.output) else {
            return CodeStep::new(name, CodeOutcome::NotRun, last_words(&ran));
        };
        let diagnostics = told["diagnostics"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let is_not_ready = diagnostics.iter().any(|one| {
            let summary = one["summary"].as_str().unwrap_or_default();
            [
                "Missing required provider",
                "Module not installed",
                "Could not load plugin",
            ]
            .iter()
            .any(|text| summary.contains(text))
                || summary.contains("Inconsistent dependency lock file")
        });
        if is_not_ready {
            let text = format!(
                "run `{} init -backend=false` in the directory first",
                self.program
            );
            return CodeStep::new(name, CodeOutcome::NotRun, vec![text]);
        }
        let details = diagnostics.iter().map(diagnostic).collect();
        match told["valid"].as_bool() {
            Some(true) => CodeStep::new(name, CodeOutcome::Passed, details),
            Some(false) => CodeStep::new(name, CodeOutcome::Failed, details),
            None => CodeStep::new(name, CodeOutcome::NotRun, last_words(&ran)),
        }
    }
}

/// A diagnostic in a line, with its place.
fn diagnostic(one: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let place = match (
        one["range"]["filename"].as_str(),
        &one["range"]["start"]["line"],
    ) {
        (Some(file), line) => format!("{file}:{line}: "),
        (None, _) => String::new(),
    };
    let (severity, summary, detail) = (
        text(&one["severity"]),
        text(&one["summary"]),
        text(&one["detail"]),
    );
    redact(&format!("{place}{severity}: {summary}. {detail}")).into_owned()
}

fn last_words(ran: &Ran) -> Vec<String> {
    ran.last_words
        .iter()
        .map(|line| line.raw().to_owned())
        .collect()
}

fn ended(ran: &Ran) -> String {
    match ran.end {
        End::TimedOut => format!("it was ended after {} seconds", LONGEST.as_secs()),
        End::TooMuch => "it printed too much".to_owned(),
        End::Interrupted => "it was interrupted".to_owned(),
        End::Signal(number) => format!("it was ended by signal {number}"),
        End::Code(code) => format!("it ended with code {code}"),
    }
}
