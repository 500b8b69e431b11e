//! `fractary dashboard`: domains, top issues and what to do next, from the last observations.

use clap::{Args, ValueEnum};

use crate::app::answer::faults;
use crate::app::current;
use crate::app::current::AskArgs;
use crate::app::decide::outlook::World;
use crate::app::decide::{links, write};
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::landing;
use crate::app::workspace::landing::Proposal;
use crate::app::workspace::load::Loaded;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::git::Transaction;
use crate::model::dashboard::Dashboard;
use crate::model::ids::{DomainName, EnvironmentName};
use crate::render::{html, json, markdown, text, voice};
use crate::text::escape;

/// Arguments of `dashboard`.
#[derive(Debug, Args)]
pub struct DashboardArgs {
    /// Issues to show
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Only this domain
    #[arg(long, value_name = "NAME")]
    pub domain: Option<DomainName>,
    /// Whom to ask.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// Every format there is; the first is the default.
const FORMATS: [Format; 5] = [
    Format::Text,
    Format::Json,
    Format::Markdown,
    Format::Voice,
    Format::Html,
];

pub(crate) fn run(args: &DashboardArgs, app: &App) -> Outcome {
    let loaded = open::load(app)?;
    let format = format(app, &loaded)?;
    let environment = environment(app, &loaded)?;
    let show = write::Show {
        environment: environment.as_ref(),
        domain: args.domain.as_ref(),
        top: args.top,
    };
    let now = app.clock.now();
    let environments = environment
        .clone()
        .map_or_else(|| loaded.monitored(), |one| vec![one]);
    let shown = current::world_now(app, &loaded, &args.ask, &environments, args.domain.as_ref())?;
    let landing = landing::landing(app, false);
    let (loaded, mut dashboard, landed) =
        landing::decide_and_land(app, loaded, landing, |loaded| {
            let world = World::of(loaded, now)?;
            let mut transaction = Transaction::new();
            write::write_dashboard(loaded, &world, now, &mut transaction)?;
            Ok(Proposal {
                transaction,
                message: "fractary(dashboard): render\n\nFractary-Command: dashboard\n".to_owned(),
                facts: write::build_dashboard(loaded, &shown, &show, now)?,
            })
        })?;
    if let Some(domain) = args
        .domain
        .as_ref()
        .filter(|_| dashboard.domains.is_empty())
    {
        return Err(no_domain(&loaded, domain)?);
    }
    if matches!(format, Format::Html | Format::Json) {
        dashboard.links = links::of(&loaded, &dashboard)?;
    }
    publish::landed(app, format, &landed, || {
        render(app, &loaded, format, &dashboard)
    })?;
    landing::say(app, &landed);
    Ok(ExitCode::Ok)
}

fn render(
    app: &App,
    loaded: &Loaded,
    format: Format,
    dashboard: &Dashboard,
) -> Result<String, CommandError> {
    let templates = &loaded.templates;
    match format {
        Format::Text => Ok(text::dashboard(dashboard, &app.ui.style())),
        Format::Json => json::pretty(dashboard).map_err(CommandError::bug),
        Format::Markdown => markdown::dashboard(dashboard, templates).map_err(faults::template),
        Format::Voice => Ok(voice::dashboard(dashboard)),
        Format::Html => html::dashboard(dashboard, templates).map_err(faults::template),
    }
}

/// What is asked for, else what helm.toml says, else text.
fn format(app: &App, loaded: &Loaded) -> Result<Format, CommandError> {
    let configured = loaded.helm.dashboard.default_output.as_deref();
    let Some(name) = configured.filter(|_| app.global.format.is_none()) else {
        return publish::format_of(app, "dashboard", &FORMATS);
    };
    Format::from_str(name, false).map_err(|_| {
        let names = FORMATS.map(|format| format!("{format:?}").to_lowercase());
        CommandError::usage(format!(
            "`default_output` in helm.toml is `{}`, which is no format",
            escape::terminal(name)
        ))
        .hint(format!("formats there are: {}", names.join(", ")))
    })
}

fn environment(app: &App, loaded: &Loaded) -> Result<Option<EnvironmentName>, CommandError> {
    let name = match app.global.env.as_slice() {
        [] => loaded.helm.dashboard.default_environment.clone(),
        [one] => Some(one.clone()),
        _ => {
            return Err(CommandError::usage(
                "`dashboard` shows one environment, or all of them without `--env`",
            ));
        }
    };
    if let Some(name) = &name {
        loaded.environment(name)?;
    }
    Ok(name)
}

fn no_domain(loaded: &Loaded, domain: &DomainName) -> Result<CommandError, CommandError> {
    let mut names = vec![loaded.domain()?.to_string()];
    let monitors = loaded.state.monitors.iter();
    names.extend(monitors.flat_map(|doc| doc.value.monitors.iter().map(|m| m.domain.to_string())));
    names.sort();
    names.dedup();
    Ok(
        CommandError::usage(format!("nothing is known of a domain `{domain}`"))
            .hint(format!("domains there are: {}", names.join(", "))),
    )
}
