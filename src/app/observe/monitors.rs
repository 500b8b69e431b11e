//! Asking the programs that monitor domains: all at once, each within its own limit. With
//! `--replay` nothing is run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::app::App;
use crate::app::observe::connect;
use crate::app::workspace::views::Scope;
use crate::cloud::question::{Answer, MonitorQuestion};
use crate::cloud::record::{Recording, Request};
use crate::core::domains;
use crate::env;
use crate::error::CommandError;
use crate::model::domain_health::{DomainHealth, MonitorAnswer};
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitors::{DomainMonitor, MonitorProgram};
use crate::model::paths::RepoPath;
use crate::process;
use crate::process::{End, Program, Ran, Variables};
use crate::state::{self, Diagnostic};
use crate::text::Untrusted;

/// Time limit where a monitor names none.
pub(crate) const LIMIT_SECONDS: u64 = 30;
/// Shortest secret that is looked for in what a program prints.
const SECRET: usize = 6;

/// A monitor to ask about an environment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MonitorAsk<'a> {
    pub(crate) monitor: &'a DomainMonitor,
    pub(crate) program: &'a MonitorProgram,
    pub(crate) environment: &'a EnvironmentName,
}

/// Lists the programs to ask about these environments, of all domains or only of one.
pub(crate) fn list_asks<'a>(
    scope: &Scope<'a>,
    environments: &'a [EnvironmentName],
    only: Option<&DomainName>,
) -> Result<Vec<MonitorAsk<'a>>, CommandError> {
    let own = scope.settings.domain()?;
    let all = domains::programs(scope.settings.monitors, environments, &own);
    Ok(all
        .into_iter()
        .filter(|(monitor, ..)| only.is_none_or(|only| *only == monitor.domain))
        .map(|(monitor, program, environment)| MonitorAsk {
            monitor,
            program,
            environment,
        })
        .collect())
}

/// What became of asking one program.
pub(crate) struct Asked {
    /// What was to be run; why not, where that is not known.
    pub(crate) run: Result<Program, String>,
    /// What became of it, where it was started.
    pub(crate) ran: Option<Ran>,
    /// What is wrong with its document, or worth mending.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The answer.
    pub(crate) answer: MonitorAnswer,
}

/// Asks all of them at once, or looks in the recording.
pub(crate) async fn ask_all(
    app: &App,
    scope: &Scope<'_>,
    environments: &[EnvironmentName],
    only: Option<&DomainName>,
) -> Result<Vec<MonitorAnswer>, CommandError> {
    let asks = list_asks(scope, environments, only)?;
    if asks.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(path) = &app.global.replay {
        let recording = connect::read_recording(path)?;
        let each = asks.iter();
        return each
            .map(|ask| look_up(app, scope, *ask, &recording))
            .collect();
    }
    let each = asks.iter().map(|ask| ask_one(app, scope, *ask));
    let asked = futures_util::future::join_all(each).await;
    let mut recording = Recording::default();
    let mut answers = Vec::with_capacity(asked.len());
    for (ask, asked) in asks.iter().zip(asked) {
        let reply = Answer::Monitor(Box::new(asked.answer.clone()));
        recording.put(request(app, scope, *ask)?, reply);
        answers.push(asked.answer);
    }
    connect::keep(app, recording)?;
    Ok(answers)
}

/// Asks one program.
pub(crate) async fn ask_one(app: &App, scope: &Scope<'_>, ask: MonitorAsk<'_>) -> Asked {
    let mut asked = Asked {
        run: prepare(app, scope, ask),
        ran: None,
        diagnostics: Vec::new(),
        answer: MonitorAnswer {
            domain: ask.monitor.domain.clone(),
            environment: ask.environment.clone(),
            health: None,
            failure: None,
            duration_ms: 0,
        },
    };
    let answer = &mut asked.answer;
    let said = match &asked.run {
        Err(why) => Err(why.clone()),
        Ok(run) => match process::run(run).await {
            Err(error) => Err(error.to_string()),
            Ok(ran) => {
                let ran = redact(ran, &secrets(ask.program));
                answer.duration_ms = u64::try_from(ran.duration.as_millis()).unwrap_or(u64::MAX);
                let said = check_end(&ran, run.limit)
                    .and_then(|()| parse_answer(ask, &ran.output, &mut asked.diagnostics));
                asked.ran = Some(ran);
                said
            }
        },
    };
    match said {
        Ok(health) => answer.health = Some(health),
        Err(why) => answer.failure = Some(Untrusted::from(why)),
    }
    asked
}

/// What to run, with everything filled in.
fn prepare(app: &App, scope: &Scope<'_>, ask: MonitorAsk<'_>) -> Result<Program, String> {
    let Some(root) = scope.root else {
        return Err("a bare repository has no files to run".to_owned());
    };
    let filled = |text: &String| {
        text.replace("{environment}", ask.environment.as_str())
            .replace("{domain}", ask.monitor.domain.as_str())
    };
    let limit = limit_seconds(ask.program);
    let inherited = app.environment.inherited.iter();
    let mut env: BTreeMap<String, String> = inherited
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    let ours = [
        ("FRACTARY_DOMAIN", ask.monitor.domain.to_string()),
        ("FRACTARY_ENVIRONMENT", ask.environment.to_string()),
        ("FRACTARY_TIMEOUT_SECONDS", limit.to_string()),
    ];
    env.extend(ours.map(|(name, value)| (name.to_owned(), value)));
    for (name, value) in &ask.program.env {
        let value = match variable_in(value) {
            None => filled(value),
            Some(variable) => env::named_variable(variable).ok_or_else(|| {
                format!("the environment variable {variable}, which its `env` names, is not set")
            })?,
        };
        env.insert(name.clone(), value);
    }
    let exec = ask.program.exec.iter().map(filled);
    Ok(Program {
        variables: Variables::Only(env),
        ..Program::new(exec, root, Duration::from_secs(limit))
    })
}

/// The time limit of a program, in seconds.
pub(crate) fn limit_seconds(program: &MonitorProgram) -> u64 {
    program.timeout.map_or(LIMIT_SECONDS, |limit| limit.seconds)
}

/// The variable of this process whose value a value stands for.
pub(crate) fn variable_in(value: &str) -> Option<&str> {
    let name = value.strip_prefix("${")?.strip_suffix('}')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// The values that a program gets by name: it may know them, and no one else.
fn secrets(program: &MonitorProgram) -> Vec<String> {
    let values = program.env.values().filter_map(|value| variable_in(value));
    values
        .filter_map(env::named_variable)
        .filter(|value| value.len() >= SECRET)
        .collect()
}

fn redact(mut ran: Ran, secrets: &[String]) -> Ran {
    const INSTEAD: &str = "[REDACTED:variable]";
    for secret in secrets {
        if let Ok(text) = std::str::from_utf8(&ran.output)
            && text.contains(secret)
        {
            ran.output = text.replace(secret, INSTEAD).into_bytes();
        }
        for line in &mut ran.last_words {
            if line.raw().contains(secret) {
                *line = Untrusted::from(line.raw().replace(secret, INSTEAD));
            }
        }
    }
    ran
}

fn check_end(ran: &Ran, limit: Duration) -> Result<(), String> {
    let why = match ran.end {
        End::Code(0) => return Ok(()),
        End::Code(code) => format!("exited with {code}"),
        End::Signal(signal) => format!("was ended by signal {signal}"),
        End::TimedOut => format!("gave no answer within its limit of {} s", limit.as_secs()),
        End::TooMuch => format!(
            "printed more than {} MiB, and was ended",
            process::MOST_OUTPUT >> 20
        ),
        End::Interrupted => "was interrupted".to_owned(),
    };
    Err(match ran.last_words.last() {
        Some(last) => format!("{why}: {}", last.raw().trim()),
        None => why,
    })
}

/// The document in what a program printed.
fn parse_answer(
    ask: MonitorAsk<'_>,
    output: &[u8],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<DomainHealth, String> {
    if output.iter().all(u8::is_ascii_whitespace) {
        return Err("printed nothing".to_owned());
    }
    let path = RepoPath::new("standard-output.json").expect("a plain name");
    let health: DomainHealth = match state::read_document(&path, output.to_vec()) {
        Ok((health, warnings)) => {
            *diagnostics = warnings;
            health
        }
        Err(faults) => {
            let why = first_fault(&faults);
            *diagnostics = faults;
            return Err(why);
        }
    };
    let (domain, environment) = (&ask.monitor.domain, ask.environment);
    let other = health.domain.as_ref().is_some_and(|said| said != domain)
        || health
            .environment
            .as_ref()
            .is_some_and(|said| said != environment);
    if other {
        let said = |name: Option<String>| name.unwrap_or_else(|| "…".to_owned());
        return Err(format!(
            "its answer is about `{}` in `{}`, and not about `{domain}` in `{environment}`",
            said(health.domain.as_ref().map(ToString::to_string)),
            said(health.environment.as_ref().map(ToString::to_string)),
        ));
    }
    Ok(health)
}

fn first_fault(faults: &[Diagnostic]) -> String {
    let Some(first) = faults.iter().find(|fault| fault.is_error()) else {
        return "its answer is not valid".to_owned();
    };
    let expected = first.expected.as_ref();
    let expected = expected.filter(|text| text.starts_with("expected"));
    let expected = expected
        .map(|text| format!(" ({text})"))
        .unwrap_or_default();
    format!(
        "its answer is not valid: line {}: {}{expected}",
        first.line.max(1),
        first.message
    )
}

fn request(app: &App, scope: &Scope<'_>, ask: MonitorAsk<'_>) -> Result<Request, CommandError> {
    Ok(Request::new(&MonitorQuestion {
        domain: ask.monitor.domain.clone(),
        environment: ask.environment.clone(),
        // As for what the cloud says: two runs in one period are one.
        until: scope.window(ask.environment, app.clock.now())?.end,
    }))
}

/// Finds the recorded answer of one program.
fn look_up(
    app: &App,
    scope: &Scope<'_>,
    ask: MonitorAsk<'_>,
    recording: &Recording,
) -> Result<MonitorAnswer, CommandError> {
    let wanted = request(app, scope, ask)?;
    let found = match recording.reply(&wanted) {
        Some(Answer::Monitor(answer)) => Some((**answer).clone()),
        _ => None,
    };
    Ok(found.unwrap_or_else(|| MonitorAnswer {
        domain: ask.monitor.domain.clone(),
        environment: ask.environment.clone(),
        health: None,
        failure: Some("the recording holds no answer of this monitor for this time".into()),
        duration_ms: 0,
    }))
}
