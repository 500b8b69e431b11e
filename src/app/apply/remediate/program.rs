//! Running the program that an action is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Application;
use super::send::SentWrites;
use crate::app::App;
use crate::app::observe::monitors::variable_in;
use crate::app::workspace::Workspace;
use crate::catalog::actions::ActionProgram;
use crate::core::remediate::plan;
use crate::env;
use crate::model::remediation::RemediationOutcome;
use crate::process::{self, End, OnInterrupt, Program, Ran, Variables};
use crate::text::{Untrusted, template};

/// Runs it, and says how it ended. `token` is the id of the remediation.
pub(super) async fn run(
    app: &App,
    workspace: &Workspace,
    application: &Application,
    program: &ActionProgram,
    token: &str,
) -> SentWrites {
    let name = format!("the program {}", program.path);
    let ran = start(app, workspace, application, program, token).await;
    let has_ended_well = ran.as_ref().is_ok_and(|ran| ran.end == End::Code(0));
    let (outcome, reason) = match &ran {
        Ok(ran) => ended(&name, ran, application.prepared.chosen.action.limit_seconds),
        Err(why) => (
            RemediationOutcome::Failed,
            format!("{name} was not run: {why}"),
        ),
    };
    SentWrites {
        outcome,
        reason: Untrusted::new(reason),
        refused: None,
        applied_at: has_ended_well.then(|| app.clock.now()),
        api: BTreeMap::from([(name, 1)]),
    }
}

fn ended(name: &str, ran: &Ran, limit_seconds: u32) -> (RemediationOutcome, String) {
    let unknown = |why: String| (RemediationOutcome::Unverified, why);
    match ran.end {
        End::Code(0) => unknown(format!(
            "{name} has succeeded; the next runs evaluate whether it helps"
        )),
        End::Code(code) => {
            let last = ran.last_words.last().map(Untrusted::redacted);
            let last = last.map_or_else(String::new, |words| format!(": {words}"));
            let why = format!("{name} ended with exit code {code}{last}");
            (RemediationOutcome::Failed, why)
        }
        End::TimedOut => unknown(format!(
            "{name} took more than {limit_seconds} seconds and was ended; what it did is not known"
        )),
        End::Interrupted | End::Signal(_) | End::TooMuch => {
            unknown(format!("{name} was ended; what it did is not known"))
        }
    }
}

async fn start(
    app: &App,
    workspace: &Workspace,
    application: &Application,
    program: &ActionProgram,
    token: &str,
) -> Result<Ran, String> {
    let chosen = &application.prepared.chosen;
    let root = workspace.repository.work_dir();
    let root = root.ok_or("a bare repository has no files to run")?;
    if is_option(&program.arguments, chosen.resource.name.raw()) {
        return Err("the name of the resource begins with a hyphen, as options do".to_owned());
    }
    // Outside of the work tree, where nobody else can put another in its place.
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = written(folder.path(), program)?;
    let filling = Filling::of(application);
    let exec = std::iter::once(path.display().to_string());
    let exec = exec.chain(program.arguments.iter().map(|text| filling.fill(text)));
    let limit = Duration::from_secs(u64::from(chosen.action.limit_seconds));
    let started = Program {
        variables: Variables::Only(variables(app, application, program, &filling, token)?),
        on_interrupt: OnInterrupt::PassOn,
        ..Program::new(exec, root, limit)
    };
    // Several may run at once, and one program for several resources.
    let whose = format!("{} for {}", program.path, chosen.resource.name.terminal());
    let ran = process::stream(&started, |line| {
        app.ui
            .lines(&[format!("{whose}: {}", line.text.terminal())]);
    });
    ran.await.map_err(|error| error.to_string())
}

/// Whether the name of a resource, which anybody may have given it, would be an option.
fn is_option(arguments: &[String], name: &str) -> bool {
    name.starts_with('-') && arguments.iter().any(|text| text.starts_with("{name}"))
}

/// What stands for something in arguments and variables.
struct Filling<'a>(BTreeMap<&'a str, String>);

impl<'a> Filling<'a> {
    fn of(application: &'a Application) -> Self {
        let chosen = &application.prepared.chosen;
        let parameters = application.ready.parameters.iter();
        let mut all: BTreeMap<&str, String> = parameters
            .map(|(name, value)| (name.as_str(), plan::written(value)))
            .collect();
        all.extend([
            ("environment", chosen.environment.name.to_string()),
            ("resource", chosen.resource.arn.to_string()),
            ("name", chosen.resource.name.raw().to_owned()),
        ]);
        Self(all)
    }

    /// Fills a text in. What is filled in is not looked at again: a name with braces stays one.
    fn fill(&self, text: &str) -> String {
        let known = |name: &str| self.0.get(name).cloned();
        template::fill_known(text, known)
    }
}

/// The variables that a program gets, and no others.
fn variables(
    app: &App,
    application: &Application,
    program: &ActionProgram,
    filling: &Filling<'_>,
    token: &str,
) -> Result<BTreeMap<String, String>, String> {
    let chosen = &application.prepared.chosen;
    let ours = [
        ("AWS_REGION", chosen.resource.region.to_string()),
        ("FRACTARY_ENVIRONMENT", chosen.environment.name.to_string()),
        ("FRACTARY_REMEDIATION", token.to_owned()),
        ("FRACTARY_RESOURCE", chosen.resource.arn.to_string()),
    ];
    let inherited = app.environment.inherited.iter();
    let inherited = inherited.map(|(name, value)| (*name, value.clone()));
    let mut variables: BTreeMap<String, String> = ours
        .into_iter()
        .chain(inherited)
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    for (name, value) in &application.ready.parameters {
        let name = format!("FRACTARY_PARAMETER_{}", name.to_ascii_uppercase());
        variables.insert(name, plan::written(value));
    }
    for (name, value) in &program.variables {
        variables.insert(name.clone(), variable(value, filling)?);
    }
    Ok(variables)
}

/// A value of `env`, or what the variable holds that it stands for.
fn variable(value: &str, filling: &Filling<'_>) -> Result<String, String> {
    match variable_in(value) {
        None => Ok(filling.fill(value)),
        Some(name) => env::named_variable(name).ok_or_else(|| {
            format!("the environment variable {name}, which its `env` names, is not set")
        }),
    }
}

fn written(folder: &Path, program: &ActionProgram) -> Result<PathBuf, String> {
    let path = folder.join(program.path.file_name());
    fs::write(&path, &program.bytes).map_err(|error| error.to_string())?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(&path, mode).map_err(|error| error.to_string())?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_resource_is_no_option() {
        for (argument, name, wanted) in [
            ("{name}", "orders", false),
            ("{name}", "--all", true),
            ("{name} in {environment}", "-f", true),
            ("--name={name}", "--all", false),
            ("{resource}", "--all", false),
        ] {
            assert_eq!(
                is_option(&[argument.to_owned()], name),
                wanted,
                "{argument}"
            );
        }
    }
}
