//! Importing OpenSLO documents as service levels of monitoring.toml.

use serde::Serialize;

use crate::app::App;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landed, Landing, Proposal};
use crate::app::workspace::views::registries::Registries;
use crate::app::workspace::views::tree::Tree;
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::monitoring::Monitoring;
use crate::model::resource::Resource;
use crate::openslo::{self, Import, Known, Level, OpenSlo};
use crate::render::text;
use crate::state::Document;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// Imports documents. Returns also the change as a diff.
pub(crate) fn import(
    app: &App,
    workspace: Workspace,
    parsed: &OpenSlo,
    landing: Landing,
) -> Result<(Workspace, (Import, String), Landed), CommandError> {
    landing::decide_and_land(app, workspace, landing, |workspace| {
        let resources = resources(app, workspace.registries())?;
        let import = openslo::translate(
            parsed,
            &Known {
                catalog: &workspace.catalog,
                resources: &resources,
                by_arn: !app.global.env.is_empty(),
            },
        );
        let (transaction, diff) = change(&workspace.state.monitoring, workspace.tree(), &import)?;
        Ok(Proposal {
            transaction,
            message: compose_message(&import),
            facts: (import, diff),
        })
    })
}

/// The registered resources that documents may mean.
fn resources(app: &App, registries: Registries<'_>) -> Result<Vec<Resource>, CommandError> {
    let settings = registries.settings;
    let names = settings.choose_or_all(&app.global.env)?;
    let mut out = Vec::new();
    for name in &names {
        out.extend(registries.resources(&settings.environment(name)?));
    }
    Ok(out)
}

/// monitoring.toml with the service levels in it, and what that changes.
fn change(
    document: &Document<Monitoring>,
    tree: Tree<'_>,
    import: &Import,
) -> Result<(Transaction, String), CommandError> {
    let mut transaction = Transaction::new();
    if import.edits.is_empty() {
        return Ok((transaction, String::new()));
    }
    if document.derived && document.value != Monitoring::default() {
        return Err(CommandError::usage(
            "the settings are in the old section `monitoring` of devops.json, which a new monitoring.toml would hide",
        )
        .hint(format!("move them to {} first, as TOML", paths::monitoring_toml())));
    }
    let path = &document.path;
    let old = tree.read_text(path)?;
    let before = old.as_deref().unwrap_or_default();
    let new = openslo::apply(before, &import.edits)
        .map_err(|error| CommandError::usage(format!("{path}: {error}")))?;
    // What is written must be what was meant, in a file that can be read.
    if let Err(error) = toml::from_str::<Monitoring>(&new) {
        return Err(CommandError::usage(format!(
            "{path} would not be right: {}",
            error.message()
        )));
    }
    let diff = text::diff(old.as_deref(), Some(&new), path.as_str());
    if new != before {
        transaction.write(path.clone(), new);
    }
    Ok((transaction, diff))
}

fn compose_message(import: &Import) -> String {
    let mut out = format!(
        "fractary(slo): import {} service levels\n\n",
        import.edits.len()
    );
    for edit in &import.edits {
        let line = format!("{}: {}", edit.resource, edit.sli);
        out.push_str(&crate::text::escape::commit_message_line(&line));
        out.push('\n');
    }
    out.push_str("\nFractary-Command: slo\n");
    out
}

/// What `--format json` prints.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    version: &'static str,
    kind: &'static str,
    slos: Vec<Taken<'a>>,
    notes: Vec<Noted<'a>>,
    diff: String,
}

#[derive(Serialize)]
struct Taken<'a> {
    slo: &'a str,
    line: usize,
    resource: &'a str,
    sli: &'a str,
    target: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_days: Option<u32>,
}

#[derive(Serialize)]
struct Noted<'a> {
    line: usize,
    level: &'static str,
    text: &'a Untrusted,
}

/// Makes the report of an import.
pub(crate) fn report(import: &Import, diff: String) -> Report<'_> {
    let level = |level: Level| match level {
        Level::Noted => "noted",
        Level::Partly => "partly",
        Level::LeftOut => "left_out",
    };
    Report {
        version: "1.0.0",
        kind: "slo-import",
        slos: import
            .edits
            .iter()
            .map(|edit| Taken {
                slo: &edit.slo,
                line: edit.line,
                resource: &edit.resource,
                sli: &edit.sli,
                target: edit.target,
                window_days: edit.window_days,
            })
            .collect(),
        notes: import
            .notes
            .iter()
            .map(|note| Noted {
                line: note.line,
                level: level(note.level),
                text: &note.text,
            })
            .collect(),
        diff,
    }
}
