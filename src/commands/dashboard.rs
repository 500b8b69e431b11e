//! `fractary dashboard`: domains, top issues and what to do next, from the last observations.

mod chosen;
mod watched;

use clap::Args;

use crate::app::access::Access;
use crate::app::answer::faults;
use crate::app::command::{Command, Effect, Entry};
use crate::app::current::{self, LookArgs};
use crate::app::decide::dashboard::{Show, build_dashboard, render_stored};
use crate::app::decide::links;
use crate::app::formats::PageFormat;
use crate::app::options::parse_count;
use crate::app::publish;
use crate::app::shared_options::SharedOption;
use crate::app::tool::{AssistantTool, ToolDocument};
use crate::app::watch;
use crate::app::workspace::{landing, open, push};
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::git::Transaction;
use crate::model::dashboard::Dashboard;
use crate::model::ids::DomainName;
use crate::render::templates::Templates;
use crate::render::{html, json, markdown, text, voice};

/// Arguments of `dashboard`.
#[derive(Debug, Args)]
pub struct DashboardArgs {
    /// Issues to show
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub top: Option<usize>,
    /// Only this domain
    #[arg(long, value_name = "NAME")]
    pub domain: Option<DomainName>,
    /// What to query.
    #[command(flatten)]
    pub ask: LookArgs,
}

/// The entry of `dashboard` in the list of commands.
pub(crate) const COMMAND: Entry =
    Entry::new::<DashboardArgs>("dashboard", "Show domains, top issues and what to do next")
        .sends(&[Access::Observe.only("with `--refresh`")])
        .uses(&[SharedOption::Env])
        .tools(&[
            AssistantTool::reading(&[], &[ToolDocument::One("dashboard")]).without(&["watch"]),
        ]);

impl Command for DashboardArgs {
    type Formats = PageFormat;

    fn effect(&self) -> Effect {
        Effect::CommitsOnRequest
    }

    fn run(&self, app: &App, format: PageFormat) -> Outcome {
        if watch::redraws(app, &self.ask)? {
            return watched::watch(app, &self.ask, self.domain.as_ref(), self.top);
        }
        let landing = landing::choose(app, Command::effect(self));
        let workspace = open::load_to_land(app, landing)?;
        let settings = workspace.settings();
        let format = match app.global.format {
            Some(_) => format,
            None => chosen::configured(settings, format)?,
        };
        let environment = chosen::environment(app, settings)?;
        let show = Show {
            environment: environment.as_ref(),
            domain: self.domain.as_ref(),
            top: self.top,
        };
        let now = app.clock.now();
        let environments = settings.choose_or_all(environment.as_slice())?;
        let shown = current::look(
            app,
            &workspace,
            &self.ask,
            &environments,
            self.domain.as_ref(),
        )?;
        let (workspace, mut dashboard, landed) =
            landing::decide_and_land(app, workspace, landing, |workspace| {
                let sources = workspace.dashboard_sources();
                let mut transaction = Transaction::new();
                render_stored(&workspace.documents(), now, &mut transaction)?;
                Ok(landing::Proposal {
                    transaction,
                    message: "fractary(dashboard): render\n\nFractary-Command: dashboard\n"
                        .to_owned(),
                    facts: build_dashboard(sources, &shown, &show, now)?,
                })
            })?;
        if let Some(domain) = self
            .domain
            .as_ref()
            .filter(|_| dashboard.domains.is_empty())
        {
            return Err(workspace.settings().unknown_domain(domain)?);
        }
        if matches!(format, PageFormat::Html | PageFormat::Json) {
            dashboard.links = links::link_issues(
                &workspace.repository,
                workspace.base(),
                workspace.issues(),
                &dashboard,
            )?;
        }
        let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
        publish::landed(app, format, &landed, || {
            render(app, &workspace.templates, format, &dashboard)
        })?;
        landing::report(app, &landed);
        pushed.map(|()| ExitCode::Ok)
    }
}

fn render(
    app: &App,
    templates: &Templates,
    format: PageFormat,
    dashboard: &Dashboard,
) -> Result<String, CommandError> {
    match format {
        PageFormat::Text => Ok(text::dashboard(dashboard, &app.ui.style())),
        PageFormat::Json => json::pretty(dashboard).map_err(CommandError::bug),
        PageFormat::Markdown => markdown::dashboard(dashboard, templates).map_err(faults::template),
        PageFormat::Voice => Ok(voice::dashboard(dashboard)),
        PageFormat::Html => html::dashboard(dashboard, templates).map_err(faults::template),
    }
}
