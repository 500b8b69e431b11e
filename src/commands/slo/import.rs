//! `fractary slo import`: OpenSLO documents as service levels of monitoring.toml.

use std::io::Read;
use std::path::Path;

use serde::Serialize;

use crate::app::answer::output;
use crate::app::options::Format;
use crate::app::publish;
use crate::app::workspace::landing;
use crate::app::workspace::landing::{Landing, Proposal};
use crate::app::workspace::open;
use crate::app::workspace::push;
use crate::app::workspace::views::registries::Registries;
use crate::app::workspace::views::tree::Tree;
use crate::app::{App, Outcome};
use crate::error::{CommandError, ExitCode};
use crate::git::Transaction;
use crate::model::monitoring::Monitoring;
use crate::model::resource::Resource;
use crate::openslo::{self, Import, Known, Level};
use crate::render::{json, text};
use crate::state::Document;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// Most that is read of a file: a byte more than the reader of YAML takes, so that it can say
/// that there is too much.
const MOST_BYTES: u64 = (1 << 20) + 1;

/// What `--format json` prints.
#[derive(Serialize)]
struct Answer<'a> {
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

pub(super) fn run(app: &App, file: &Path) -> Outcome {
    let format = publish::format_of(app, "slo import", &[Format::Text, Format::Json])?;
    let shown = crate::text::escape::terminal(&file.display().to_string());
    let bytes = bytes(file)
        .map_err(|error| CommandError::usage(format!("could not read {shown}: {error}")))?;
    let parsed =
        openslo::read(&bytes).map_err(|error| CommandError::usage(format!("{shown}: {error}")))?;
    let workspace = open::load(app)?;
    let landing = landing::choose(app, false);
    if landing == landing::Landing::Commit && workspace.side().is_some() {
        return Err(CommandError::usage(
            "configuration is read from the checkout, and commits of this repository go to another branch",
        )
        .hint("import with `--write`, and bring the change to the default branch like any other"));
    }
    let (workspace, (import, diff), landed) =
        landing::decide_and_land(app, workspace, landing, |workspace| {
            let resources = resources(app, workspace.registries())?;
            let import = openslo::translate(
                &parsed,
                &Known {
                    catalog: &workspace.catalog,
                    resources: &resources,
                    by_arn: !app.global.env.is_empty(),
                },
            );
            let (transaction, diff) =
                change(&workspace.state.monitoring, workspace.tree(), &import)?;
            Ok(Proposal {
                transaction,
                message: message(&import),
                facts: (import, diff),
            })
        })?;
    let (landed, pushed) = push::push_landed(app, &workspace.repository, landed);
    for note in &import.notes {
        let line = format!("{shown}:{}: {}", note.line, note.text.terminal());
        match note.level {
            Level::Noted => app.ui.note(&line),
            Level::Partly | Level::LeftOut => app.ui.warn(&line),
        }
    }
    let answer = match format {
        Format::Json => json::pretty(&answer(&import, diff)).map_err(CommandError::bug)?,
        _ => diff,
    };
    output::write(app, &answer)?;
    app.ui.note(&summary(&import, landing));
    landing::report(app, &landed);
    pushed?;
    let left_out = import.notes.iter().any(|note| note.level == Level::LeftOut);
    Ok(if left_out {
        ExitCode::Found
    } else {
        ExitCode::Ok
    })
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().take(MOST_BYTES).read_to_end(&mut out)?;
    } else {
        let file = std::fs::File::open(file)?;
        file.take(MOST_BYTES).read_to_end(&mut out)?;
    }
    Ok(out)
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

fn message(import: &Import) -> String {
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

fn answer(import: &Import, diff: String) -> Answer<'_> {
    let level = |level: Level| match level {
        Level::Noted => "noted",
        Level::Partly => "partly",
        Level::LeftOut => "left_out",
    };
    Answer {
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

fn summary(import: &Import, landing: Landing) -> String {
    let left_out = import
        .notes
        .iter()
        .filter(|note| note.level == Level::LeftOut);
    let hint = match landing {
        Landing::Nothing if !import.edits.is_empty() => {
            "; `--write` or `--commit` makes the change"
        }
        _ => "",
    };
    format!(
        "{} taken over, {} left out{hint}",
        import.edits.len(),
        left_out.count()
    )
}
