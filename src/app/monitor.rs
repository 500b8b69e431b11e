//! Whether a monitor does it right: it is run, and each step is held against what it should be.

use serde::Serialize;

use crate::app::App;
use crate::app::observe::monitors;
use crate::app::observe::monitors::{Asked, MonitorAsk};
use crate::app::wait;
use crate::app::workspace::views::Scope;
use crate::app::workspace::views::settings::Settings;
use crate::core::domains;
use crate::error::CommandError;
use crate::model::domain_health::{DomainHealth, DomainReport};
use crate::model::ids::{DomainName, EnvironmentName};
use crate::model::monitors::DomainMonitor;
use crate::model::monitors::MonitorProgram;
use crate::process::{End, Ran};
use crate::render::text;
use crate::render::text::{Step, Style};
use crate::state;
use crate::text::phrases;

/// Lines of standard error that are shown.
const LAST_WORDS: usize = 5;

/// What `monitor validate --format json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Validation {
    pub(crate) domain: DomainName,
    pub(crate) environment: EnvironmentName,
    pub(crate) valid: bool,
    pub(crate) duration_ms: u64,
    pub(crate) steps: Vec<Step>,
    pub(crate) report: DomainReport,
}

impl Validation {
    /// Renders it for people.
    pub(crate) fn render(&self, style: &Style) -> String {
        text::validation(&self.report, &self.steps, self.valid, style)
    }
}

/// Runs a monitor for each of these environments, and validates what it answers.
pub(crate) fn validate(
    app: &App,
    scope: &Scope<'_>,
    monitor: &DomainMonitor,
    program: &MonitorProgram,
    environments: &[EnvironmentName],
) -> Result<Vec<Validation>, CommandError> {
    if app.global.replay.is_some() {
        return Err(CommandError::usage(
            "`monitor validate` runs the monitor; a recording has nothing to run",
        ));
    }
    let asks: Vec<MonitorAsk<'_>> = environments
        .iter()
        .map(|environment| MonitorAsk {
            monitor,
            program,
            environment,
        })
        .collect();
    let each = asks.iter().map(|ask| monitors::ask_one(app, scope, *ask));
    let all = async { Ok(futures_util::future::join_all(each).await) };
    let what = format!("asking the monitor of {}", monitor.domain);
    let asked = wait::wait_for(app, &what, all)?;
    let each = asked.into_iter();
    Ok(each
        .map(|one| validate_one(app, scope.settings, monitor, one))
        .collect())
}

fn validate_one(
    app: &App,
    settings: Settings<'_>,
    monitor: &DomainMonitor,
    asked: Asked,
) -> Validation {
    let report = domains::judge(&asked.answer, monitor, None, app.clock.now());
    let mut steps = Vec::new();
    match &asked.run {
        Err(why) => steps.push(Step::bad(why.clone())),
        Ok(run) => {
            let words = run.exec.iter().map(|word| word.to_string_lossy());
            let line = words.collect::<Vec<_>>().join(" ");
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
    Validation {
        domain: asked.answer.domain.clone(),
        environment: asked.answer.environment.clone(),
        valid,
        duration_ms: asked.answer.duration_ms,
        steps,
        report,
    }
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
        End::Interrupted => Step::bad("was interrupted"),
    }];
    let skip = ran.last_words.len().saturating_sub(LAST_WORDS);
    let last = ran.last_words.iter().skip(skip);
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
        out.push(Step::note(format!("{contradiction}: treated as {status}")));
    }
    if health.domain.is_none() || health.environment.is_none() {
        out.push(Step::note(
            "does not name its domain and environment, so a mix-up would go unnoticed",
        ));
    }
    for twice in domains::named_twice(&monitor.domain, health) {
        out.push(Step::note(twice));
    }
    let own = settings.domain().ok();
    if own.as_ref() == Some(&monitor.domain) {
        out.push(Step::bad(format!(
            "`{}` is the domain that fractary observes by itself: this program is never run",
            monitor.domain
        )));
    }
    let counted = |count: usize, noun| phrases::counted(count as u64, noun);
    out.push(Step::good(format!(
        "{}, {}, {}",
        counted(health.services.len(), "service"),
        counted(health.metrics.len(), "metric"),
        counted(health.issues.len(), "issue")
    )));
    out
}
