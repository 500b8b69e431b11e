//! Running Terraform and OpenTofu: with just the environment that they need, in a process group
//! of their own, and asked to end by exactly one signal.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::app::App;
use crate::app::infra::target::InfraTarget;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::core::debug;
use crate::core::infra::events::{StreamTally, ToolDiagnostic};
use crate::core::infra::lease::{self, EndedDeployment};
use crate::core::infra::outcome::StateView;
use crate::env;
use crate::error::{CommandError, ErrorKind};
use crate::iac;
use crate::model::debug::StateLock;
use crate::model::ids::EnvironmentName;
use crate::process::{
    self, End, EndSignal, Ending, OnInterrupt, OutputFiles, Program, Ran, Variables,
};
use crate::text::Untrusted;

/// Limit for what only reads.
const READING: Duration = Duration::from_secs(30 * 60);
/// Limit for an apply. What a lease lasts.
pub(crate) const APPLYING: Duration = Duration::from_secs(2 * 60 * 60);
/// Most that `show -json` and `state pull` may print.
const MOST_OUTPUT: usize = 512 * 1024 * 1024;
/// Time to end in order: a database takes minutes.
const GRACE: Duration = Duration::from_secs(10 * 60);
/// The same where the runner ends everything 7.5 seconds after it was cancelled.
const GRACE_OF_RUNNERS: Duration = Duration::from_secs(7);
/// Most diagnostics that are shown.
const MOST_ERRORS: usize = 8;

/// A tool in a directory, for an environment.
pub(crate) struct ToolRunner {
    name: &'static str,
    program: &'static str,
    version: String,
    folder: PathBuf,
    environment: EnvironmentName,
    variables: std::collections::BTreeMap<String, String>,
    grace: Duration,
    /// Deployments that are over, one of which may have left a lock.
    ended: Vec<EndedDeployment>,
}

impl ToolRunner {
    /// Finds the tool, and asks for its version.
    pub(crate) fn open(app: &App, target: &InfraTarget) -> Result<Self, CommandError> {
        let is_runner = app.environment.variable("GITHUB_ACTIONS").is_some();
        let mut runner = Self {
            name: target.tool.name(),
            program: target.tool.program(),
            version: String::new(),
            folder: target.folder.clone(),
            environment: target.name().clone(),
            variables: variables(app, target),
            grace: if is_runner { GRACE_OF_RUNNERS } else { GRACE },
            ended: Vec::new(),
        };
        let ran = runner.ask(app, "asking for the version", &["version", "-json"])?;
        let told: serde_json::Value = serde_json::from_slice(&ran.output).unwrap_or_default();
        let version = told.get("terraform_version").and_then(|one| one.as_str());
        runner.version = match version {
            Some(version) => crate::text::escape::json(version),
            None => {
                return Err(CommandError::usage(format!(
                    "`{} version -json` does not say its version",
                    runner.program
                ))
                .hint("fractary needs Terraform 1.5 or newer, or OpenTofu 1.6 or newer"));
            }
        };
        Ok(runner)
    }

    /// Takes note of the deployments that are over, so that the lock of one is known as such.
    pub(crate) fn know(&mut self, workspace: &Workspace) {
        let document = workspace.state.deployments.as_ref();
        let all = document.map_or(&[][..], |one| &one.value.deployments);
        self.ended = lease::ended(all, &self.environment);
    }

    /// Returns the tool with its version.
    pub(crate) fn tool(&self) -> Untrusted {
        Untrusted::new(format!("{} {}", self.name, self.version))
    }

    /// Returns its name for messages.
    pub(crate) fn program_name(&self) -> &'static str {
        self.program
    }

    /// Prepares the directory: providers, modules and the backend of the environment.
    pub(crate) fn init(&self, app: &App, target: &InfraTarget) -> Result<(), CommandError> {
        let mut arguments = vec!["init", "-input=false", "-no-color", "-reconfigure"];
        let backend = target
            .backend
            .iter()
            .map(|one| format!("-backend-config={one}"));
        let backend: Vec<String> = backend.collect();
        arguments.extend(backend.iter().map(String::as_str));
        self.ask(app, "preparing the directory", &arguments)
            .map(drop)
    }

    /// Plans into a file. Returns whether anything changes.
    pub(crate) fn plan(
        &self,
        app: &App,
        target: &InfraTarget,
        options: &[&str],
        file: &Path,
    ) -> Result<bool, CommandError> {
        let program = self.plan_program(target, options, file);
        let ran = self.run(app, "planning", program)?;
        match ran.end {
            End::Code(0) => Ok(false),
            End::Code(2) => Ok(true),
            _ => Err(self.failure("planning", &ran)),
        }
    }

    fn plan_program(&self, target: &InfraTarget, options: &[&str], file: &Path) -> Program {
        let mut arguments: Vec<OsString> = [
            "plan",
            "-input=false",
            "-no-color",
            "-json",
            "-detailed-exitcode",
        ]
        .iter()
        .map(OsString::from)
        .collect();
        arguments.extend(options.iter().map(OsString::from));
        if let Some(values) = &target.var_file {
            arguments.push(format!("-var-file={values}").into());
        }
        let mut out = OsString::from("-out=");
        out.push(file);
        arguments.push(out);
        self.program(arguments, READING)
    }

    /// Plans to find out what was changed. Gives what the stream said, and whether there is a
    /// plan: there is none where something could not be read.
    pub(crate) fn look(
        &self,
        app: &App,
        target: &InfraTarget,
        file: &Path,
    ) -> Result<(StreamTally, bool), CommandError> {
        let program = self.plan_program(target, &[], file);
        let ran = self.run(app, "reading what is deployed", program)?;
        let is_planned = matches!(ran.end, End::Code(0 | 2));
        let tally = StreamTally::read(&String::from_utf8_lossy(&ran.output));
        let tally = tally.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
        let reads_nothing =
            tally.refreshed.is_empty() && tally.errors.iter().all(|one| one.address.is_none());
        match is_planned {
            false if ran.end != End::Code(1) || reads_nothing => {
                Err(self.failure("reading what is deployed", &ran))
            }
            _ => Ok((tally, is_planned)),
        }
    }

    /// Shows a plan as JSON.
    pub(crate) fn show(&self, app: &App, plan: &Path) -> Result<Vec<u8>, CommandError> {
        let arguments = [
            OsString::from("show"),
            "-json".into(),
            "-no-color".into(),
            plan.into(),
        ];
        let program = self.program(arguments, READING);
        let ran = self.run(app, "reading the plan", program)?;
        match ran.end {
            End::Code(0) => Ok(ran.output),
            _ => Err(self.failure("reading the plan", &ran)),
        }
    }

    /// Reads the state.
    pub(crate) fn state(&self, app: &App) -> Result<Vec<u8>, CommandError> {
        let ran = self.ask(app, "reading the state", &["state", "pull"])?;
        Ok(ran.output)
    }

    /// Writes a state that is in a file of the directory.
    pub(crate) fn push_state(&self, app: &App, file: &str) -> Result<(), CommandError> {
        self.ask(app, "writing the state", &["state", "push", file])
            .map(drop)
    }

    /// Takes the mark off what was made and not finished, so that it is kept. Only the state
    /// changes.
    pub(crate) fn untaint(&self, app: &App, address: &str) -> Result<(), CommandError> {
        let arguments = ["untaint", "-no-color", address];
        self.ask(app, "keeping what was made", &arguments).map(drop)
    }

    /// Makes the program that applies a plan, whose outputs go to files.
    pub(crate) fn apply_program(&self, plan: &Path, files: OutputFiles) -> Program {
        let arguments = [
            OsString::from("apply"),
            "-input=false".into(),
            "-no-color".into(),
            "-json".into(),
            plan.into(),
        ];
        let mut program = self.program(arguments, APPLYING);
        program.files = Some(files);
        program
    }

    /// Runs it to a good end.
    fn ask(&self, app: &App, what: &str, arguments: &[&str]) -> Result<Ran, CommandError> {
        let program = self.program(arguments, READING);
        let ran = self.run(app, what, program)?;
        match ran.end {
            End::Code(0) => Ok(ran),
            _ => Err(self.failure(what, &ran)),
        }
    }

    fn program(
        &self,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
        limit: Duration,
    ) -> Program {
        let exec = std::iter::once(OsString::from(self.program));
        let exec = exec.chain(arguments.into_iter().map(Into::into));
        let mut program = Program::new(exec, &self.folder, limit);
        program.variables = Variables::Only(self.variables.clone());
        program.most_output = MOST_OUTPUT;
        program.ending = Ending {
            signal: EndSignal::Interrupt,
            grace: self.grace,
        };
        program.on_interrupt = OnInterrupt::PassOnOnce;
        program
    }

    fn run(&self, app: &App, what: &str, program: Program) -> Result<Ran, CommandError> {
        let runtime = wait::runtime()?;
        let _progress = app.ui.progress(&format!("{}: {what}", self.program), None);
        runtime
            .block_on(process::run(&program))
            .map_err(|error| {
                CommandError::new(ErrorKind::Usage, error).hint(format!(
                    "install {}, or put it into PATH; `handlers.iac.active` of devops.json chooses between terraform and opentofu",
                    self.name
                ))
            })
    }

    /// Says why it failed: by its diagnostics, else by its last words.
    fn failure(&self, what: &str, ran: &Ran) -> CommandError {
        let text = String::from_utf8_lossy(&ran.output);
        let tally = match StreamTally::read(&text) {
            Ok(tally) => tally,
            Err(error) => return CommandError::new(ErrorKind::Usage, error),
        };
        if ran.end == End::Interrupted {
            return CommandError::say(
                ErrorKind::Interrupted,
                format!("interrupted while {what}; nothing was changed"),
            );
        }
        if let Some(lock) = state_lock(&tally.errors) {
            return self.locked(&lock);
        }
        let mut said: Vec<String> = tally
            .errors
            .iter()
            .map(|one| one.line().terminal())
            .collect();
        if said.is_empty() {
            said = ran.last_words.iter().map(Untrusted::terminal).collect();
        }
        let how = match ran.end {
            End::Code(code) => format!("exit code {code}"),
            End::Signal(signal) => format!("signal {signal}"),
            End::TimedOut => "it took too long".to_owned(),
            End::TooMuch => "it printed too much".to_owned(),
            End::Interrupted => "interrupted".to_owned(),
        };
        let error = CommandError::usage(format!("`{}` failed while {what} ({how})", self.program));
        let error = said
            .into_iter()
            .take(MOST_ERRORS)
            .fold(error, |error, line| {
                error.hint(format!("{}: {line}", self.program))
            });
        error.hint("`fractary debug` and `fractary permissions explain` say more about such errors")
    }

    /// Somebody else has the state. Nothing is ever unlocked by this program: only who knows that
    /// the other run is over may do that.
    pub(crate) fn locked(&self, lock: &StateLock) -> CommandError {
        let who = lock
            .who
            .as_ref()
            .map_or("someone".to_owned(), Untrusted::terminal);
        let since = lock.created.as_ref();
        let since = since.map_or_else(String::new, |at| format!(", since {}", at.terminal()));
        let does = lock.operation.as_ref();
        let does = does.map_or_else(String::new, |one| format!(" ({})", one.terminal()));
        let error = CommandError::say(
            ErrorKind::Refused,
            format!(
                "the state of {} is locked by {who}{does}{since}; nothing was changed",
                self.environment
            ),
        );
        let unlock = format!(
            "`{} -chdir={} force-unlock {}`",
            self.program,
            self.folder.display(),
            lock.id.terminal()
        );
        let created = lock.created.as_ref().map_or("", |one| one.raw());
        match lease::left_by(&self.ended, created) {
            Some(one) => error
                .hint(format!("it seems to have been left by {}", one.words()))
                .hint(format!(
                    "where its `{}` is not at work any more: {unlock}",
                    self.program
                )),
            None => error
                .hint("wait until that run has ended")
                .hint(format!("if it is over and has left the lock: {unlock}")),
        }
    }
}

/// The lock that an error is about.
pub(crate) fn state_lock(errors: &[ToolDiagnostic]) -> Option<StateLock> {
    errors
        .iter()
        .find_map(|one| debug::state_lock(&one.whole()))
}

/// Reads what a state says of itself.
pub(crate) fn state_view(bytes: &[u8]) -> Result<StateView, CommandError> {
    let facts = iac::state_facts(bytes).map_err(|error| {
        CommandError::say(
            ErrorKind::Unknown,
            format!("the state could not be read: {error}"),
        )
    })?;
    Ok(StateView {
        serial: facts.serial,
        lineage: facts.lineage,
        addresses: facts.addresses,
        tainted: facts.tainted,
    })
}

/// What the tool gets: nothing that changes its arguments, and the credentials of the profile
/// that deploys, where one is configured.
fn variables(app: &App, target: &InfraTarget) -> std::collections::BTreeMap<String, String> {
    let inherited = app.environment.inherited.iter();
    let mut all: std::collections::BTreeMap<String, String> = inherited
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    all.extend(env::infrastructure_variables());
    if let Some(profile) = &target.profile {
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ] {
            all.remove(name);
        }
        all.insert("AWS_PROFILE".to_owned(), profile.clone());
    }
    if let Some(region) = &target.environment.region {
        all.insert("AWS_REGION".to_owned(), region.to_string());
    }
    for (name, value) in [
        ("CHECKPOINT_DISABLE", "1"),
        ("TF_INPUT", "0"),
        ("TF_IN_AUTOMATION", "1"),
    ] {
        all.insert(name.to_owned(), value.to_owned());
    }
    all
}
