//! `fractary monitor`: the monitors of the domains, and whether one of them does it right.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::app::answer::output;
use crate::app::observe::monitors;
use crate::app::observe::monitors::{Ask, Asked};
use crate::app::options::Format;
use crate::app::publish;
use crate::app::wait;
use crate::app::workspace::open;
use crate::app::workspace::views::Scope;
use crate::app::workspace::views::settings::Settings;
use crate::app::{App, Outcome};
use crate::core::domains;
use crate::error::{CommandError, ExitCode};
use crate::model::domain_health::{DomainHealth, DomainReport};
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitors::{DomainMonitor, MonitorCommand};
use crate::process::{End, Ran};
use crate::render::text::{MonitorLine, Step};
use crate::render::{json, text};
use crate::state;
use crate::text::Untrusted;
use crate::text::numbers;

/// Arguments of `monitor`.
#[derive(Debug, Args)]
pub struct MonitorArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: MonitorAction,
}

/// What to do with monitors.
#[derive(Debug, Subcommand)]
pub enum MonitorAction {
    /// List the monitors of domain-monitors.json
    List,
    /// Run one monitor, and say line by line what is right or wrong with its answer
    Validate {
        /// The domain
        name: DomainName,
    },
}

pub(crate) fn run(args: &MonitorArgs, app: &App) -> Outcome {
    let format = publish::format_of(app, "monitor", &[Format::Text, Format::Json])?;
    let workspace = open::load(app)?;
    match &args.action {
        MonitorAction::List => list(app, workspace.settings(), format),
        MonitorAction::Validate { name } => validate(app, &workspace.scope(), format, name),
    }
}

fn list(app: &App, settings: Settings<'_>, format: Format) -> Outcome {
    let own = settings.domain()?;
    let environments = settings.monitored();
    let lines: Vec<MonitorLine> = settings
        .monitors
        .iter()
        .map(|monitor| {
            let runs = match (monitor.commands.get("health"), monitor.domain == own) {
                (_, true) => "built in".to_owned(),
                (Some(MonitorCommand::Program(program)), false) => {
                    let limit = monitors::limit_seconds(program);
                    format!("{} (limit {limit} s)", program.exec.join(" "))
                }
                (Some(MonitorCommand::BuiltIn(name)), false) => name.clone(),
                (None, false) => "nothing".to_owned(),
            };
            MonitorLine {
                domain: monitor.domain.clone(),
                plugin: Untrusted::from(monitor.plugin.as_str()),
                status: monitor.status,
                environments: domains::watched(monitor, &environments).cloned().collect(),
                runs: Untrusted::from(runs),
                priority_weight: monitor.priority_weight,
            }
        })
        .collect();
    let text = match format {
        Format::Json => json::pretty(&lines).map_err(CommandError::bug)?,
        _ => text::monitors(&lines, &app.ui.style()),
    };
    output::write(app, &text)?;
    Ok(ExitCode::Ok)
}

/// What `monitor validate --format json` prints.
#[derive(Debug, Serialize)]
struct Validation {
    domain: DomainName,
    environment: EnvironmentName,
    valid: bool,
    duration_ms: u64,
    steps: Vec<Step>,
    report: DomainReport,
}

fn validate(app: &App, scope: &Scope<'_>, format: Format, name: &DomainName) -> Outcome {
    if app.global.replay.is_some() {
        return Err(CommandError::usage(
            "`monitor validate` runs the monitor; a recording has nothing to run",
        ));
    }
    let (monitor, environments) = find(app, scope.settings, name)?;
    let Some(MonitorCommand::Program(program)) = monitor.commands.get("health") else {
        return Err(CommandError::usage(format!(
            "the monitor of `{name}` is built in, and is no program"
        ))
        .hint("`fractary health` runs it; `fractary monitor list` shows all"));
    };
    let asks: Vec<Ask<'_>> = environments
        .iter()
        .map(|environment| Ask {
            monitor,
            program,
            environment,
        })
        .collect();
    let each = asks.iter().map(|ask| monitors::ask_one(app, scope, *ask));
    let all = async { Ok(futures_util::future::join_all(each).await) };
    let asked = wait::wait_for(app, &format!("asking the monitor of {name}"), all)?;
    let mut validations = Vec::new();
    for one in asked {
        validations.push(validation(app, scope.settings, monitor, one)?);
    }
    let valid = validations.iter().all(|one| one.valid);
    let text = match (format, validations.as_slice()) {
        (Format::Json, [one]) => json::pretty(one).map_err(CommandError::bug)?,
        (Format::Json, many) => json::pretty(&many).map_err(CommandError::bug)?,
        (_, many) => {
            let style = app.ui.style();
            let each = many.iter();
            let each = each.map(|one| text::validation(&one.report, &one.steps, one.valid, &style));
            each.collect::<Vec<_>>().join("\n")
        }
    };
    output::write(app, &text)?;
    Ok(if valid { ExitCode::Ok } else { ExitCode::Usage })
}

/// The monitor, and the environments to ask it about: `--env`, else the first it watches.
fn find<'a>(
    app: &App,
    settings: Settings<'a>,
    name: &DomainName,
) -> Result<(&'a DomainMonitor, Vec<EnvironmentName>), CommandError> {
    let monitors = settings.monitors;
    let Some(monitor) = monitors.iter().find(|m| m.domain == *name) else {
        let known: Vec<&str> = monitors.iter().map(|m| m.domain.as_str()).collect();
        return Err(
            CommandError::usage(format!("no monitor watches a domain `{name}`"))
                .hint(format!("monitors there are: {}", known.join(", ")))
                .hint("`fractary init --domain application` writes one that works"),
        );
    };
    let environments = if app.global.env.is_empty() {
        let known = settings.monitored();
        let first = domains::watched(monitor, &known).next().cloned();
        first.into_iter().collect()
    } else {
        settings.choose(&app.global.env)?
    };
    if environments.is_empty() {
        return Err(CommandError::usage(format!(
            "the monitor of `{name}` watches no environment that there is"
        ))
        .hint("name one with `--env`"));
    }
    Ok((monitor, environments))
}

fn validation(
    app: &App,
    settings: Settings<'_>,
    monitor: &DomainMonitor,
    asked: Asked,
) -> Result<Validation, CommandError> {
    let report = domains::judge(&asked.answer, monitor, None, app.clock.now());
    let mut steps = Vec::new();
    match &asked.run {
        Err(why) => steps.push(Step::bad(why.clone())),
        Ok(run) => {
            let line = run.exec.join(" ");
            let limit = run.limit.as_secs();
            match &asked.ran {
                None => {
                    let why = asked.answer.failure.as_ref();
                    steps.push(Step::bad(why.map_or("", |why| why.raw())));
                }
                Some(ran) => {
                    steps.push(Step::good(format!("started: {line}")));
                    steps.extend(run_steps(ran, limit));
                    steps.extend(document_steps(app, &asked, ran));
                }
            }
        }
    }
    if let Some(health) = &asked.answer.health {
        steps.extend(content_steps(settings, monitor, health));
    }
    let valid = asked.answer.health.is_some();
    Ok(Validation {
        domain: asked.answer.domain.clone(),
        environment: asked.answer.environment.clone(),
        valid,
        duration_ms: asked.answer.duration_ms,
        steps,
        report,
    })
}

fn run_steps(ran: &Ran, limit: u64) -> Vec<Step> {
    let took = ran.duration.as_secs_f64();
    let time = format!("{took:.1} s of its limit of {limit} s");
    let mut out = vec![match ran.end {
        End::Code(0) => Step::good(format!("exited with 0 after {time}")),
        End::Code(code) => Step::bad(format!("exited with {code} after {time}")),
        End::Signal(signal) => Step::bad(format!("was ended by signal {signal} after {took:.1} s")),
        End::TimedOut => Step::bad(format!(
            "gave no answer within its limit of {limit} s, and was ended"
        )),
        End::TooMuch => Step::bad("printed more than 1 MiB, and was ended"),
    }];
    let last = ran.last_words.iter();
    out.extend(last.map(|line| Step::note(format!("on standard error: {}", line.raw()))));
    out
}

fn document_steps(app: &App, asked: &Asked, ran: &Ran) -> Vec<Step> {
    if ran.end != End::Code(0) {
        return Vec::new();
    }
    let bytes = ran.output.len();
    let mut out = vec![match bytes {
        0 => Step::bad("printed nothing on standard output"),
        _ => Step::good(format!("printed {bytes} bytes")),
    }];
    let faults: Vec<_> = asked.diagnostics.iter().collect();
    let style = app.ui.style();
    let errors = faults.iter().filter(|fault| fault.is_error()).count();
    if errors == 0 && bytes > 0 && asked.answer.health.is_some() {
        out.push(Step::good(
            "fits schemas/domain-health.schema.json (`fractary schema domain-health`)",
        ));
    }
    for fault in faults {
        let shown = state::render(std::slice::from_ref(fault), style.color, style.width);
        let step = match fault.is_error() {
            true => Step::bad(fault.message.clone()),
            false => Step::note(fault.message.clone()),
        };
        out.push(step.showing(shown));
    }
    if errors == 0
        && bytes > 0
        && let Some(why) = &asked.answer.failure
    {
        out.push(Step::bad(why.raw()));
    }
    out
}

/// What a valid document could do better.
fn content_steps(
    settings: Settings<'_>,
    monitor: &DomainMonitor,
    health: &DomainHealth,
) -> Vec<Step> {
    let mut out = Vec::new();
    let (status, contradiction) = domains::believed(health);
    if let Some(contradiction) = contradiction {
        out.push(Step::note(format!("{contradiction}: taken as {status}")));
    }
    if health.domain.is_none() || health.environment.is_none() {
        out.push(Step::note(
            "does not say which domain and environment it is about: a mix-up would not be seen",
        ));
    }
    for twice in domains::named_twice(&monitor.domain, health) {
        out.push(Step::note(twice));
    }
    let own = settings.domain().ok();
    if own.as_ref() == Some(&monitor.domain) {
        out.push(Step::bad(format!(
            "`{}` is the domain that fractary observes by itself: this program is never asked",
            monitor.domain
        )));
    }
    let counted = |count: usize, one: &str| {
        let many = format!("{one}s");
        numbers::counted(count as u64, one, &many)
    };
    out.push(Step::good(format!(
        "{}, {}, {}",
        counted(health.services.len(), "service"),
        counted(health.metrics.len(), "metric"),
        counted(health.issues.len(), "issue")
    )));
    out
}
