//! `fractary dashboard --watch`.

use crate::app::current::{self, LookArgs};
use crate::app::decide::dashboard::{Show, build_dashboard};
use crate::app::watch::{self, WatchedPage};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::error::CommandError;
use crate::model::ids::DomainName;
use crate::render::text;

use super::chosen;

/// Draws it until someone quits.
pub(super) fn watch(
    app: &App,
    ask: &LookArgs,
    domain: Option<&DomainName>,
    top: Option<usize>,
) -> Outcome {
    watch::watch(app, ask, |app| page(app, ask, domain, top))
}

/// The dashboard as it is now, for a terminal.
fn page(
    app: &App,
    ask: &LookArgs,
    domain: Option<&DomainName>,
    top: Option<usize>,
) -> Result<WatchedPage, CommandError> {
    let workspace = open::load(app)?;
    let environment = chosen::environment(app, workspace.settings())?;
    let show = Show {
        environment: environment.as_ref(),
        domain,
        top,
    };
    let names = workspace.settings().choose_or_all(environment.as_slice())?;
    let shown = current::look(app, &workspace, ask, &names, show.domain)?;
    let sources = workspace.dashboard_sources();
    let dashboard = build_dashboard(sources, &shown, &show, app.clock.now())?;
    if let Some(domain) = show.domain.filter(|_| dashboard.domains.is_empty()) {
        return Err(workspace.settings().unknown_domain(domain)?);
    }
    Ok(WatchedPage {
        text: text::dashboard(&dashboard, &app.ui.style()),
        issues: dashboard.top_issues,
        is_numbered: true,
    })
}
