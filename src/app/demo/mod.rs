//! The demo: the whole loop on a recorded world, in a throw-away repository.

mod audit;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::app::App;
use crate::app::adopt::{Sources, adopt};
use crate::app::decide::dashboard::{Show, build_dashboard};
use crate::app::decide::outlook::Outlook;
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::options::FailOn;
use crate::app::pass;
use crate::app::pass::Pass;
use crate::app::remediate::prepare::{self as actions, ActionRequest};
use crate::app::remediate::propose::{self, NewProposal};
use crate::app::set_up;
use crate::app::workspace::files;
use crate::app::workspace::landing::{Landed, Landing};
use crate::app::workspace::open;
use crate::core::adopt::Pruning;
use crate::core::incidents;
use crate::core::remediate::plan::PlanOutcome;
use crate::env::Clock;
use crate::error::CommandError;
use crate::git::{CommitRequest, Repository};
use crate::model::ids::{AccountId, EnvironmentName, Region};
use crate::render::scaffold::Scaffold;
use crate::render::text;

/// The recorded world: the answers of a provider to the runs below.
const RECORDING: &[u8] = include_bytes!("recording.json");
/// The infrastructure as Terraform has it.
const STATE: &[u8] = include_bytes!("orders.tfstate.json");

/// One run of the demo: when, and what the world does just before.
pub struct StoryStep {
    /// When it runs.
    pub at: &'static str,
    /// What has happened.
    pub story: &'static str,
}

/// The story, five minutes apart.
pub const STEPS: [StoryStep; 7] = [
    StoryStep {
        at: "2026-11-02T09:02:00Z",
        story: "a quiet Monday morning",
    },
    StoryStep {
        at: "2026-11-02T09:07:00Z",
        story: "traffic grows; the database has fewer connections to spare",
    },
    StoryStep {
        at: "2026-11-02T09:12:00Z",
        story: "the database is out of connections, and the API fails",
    },
    StoryStep {
        at: "2026-11-02T09:17:00Z",
        story: "it gets worse; a web task dies; someone deletes a bucket by hand",
    },
    StoryStep {
        at: "2026-11-02T09:22:00Z",
        story: "AWS throttles the database's status call: unknown, not healthy",
    },
    StoryStep {
        at: "2026-11-02T09:27:00Z",
        story: "the connection pool is fixed",
    },
    StoryStep {
        at: "2026-11-02T09:32:00Z",
        story: "it stays fixed: issues are resolved",
    },
];

/// When the story ends: at its last run. The audit is of then, too.
const END: &str = STEPS[STEPS.len() - 1].at;

/// The run after which somebody proposes what helps.
const PROPOSED_AT: &str = "2026-11-02T09:17:00Z";

/// Plays the story, and prints it. Without a folder it happens in a temporary one, which is kept.
pub(crate) fn play(app: &App, dir: Option<&Path>) -> Result<String, CommandError> {
    let (folder, repository) = prepare(app, dir)?;
    let mut out = String::from(
        "The orders service of Acme, as its operations repository saw it one morning.\n\n",
    );
    for step in &STEPS {
        out.push_str(&replay(app, &folder, step)?);
        if step.at == PROPOSED_AT {
            out.push_str(&proposal(app, &folder, step)?);
        }
    }
    out.push_str(&audit::show(app, &folder)?);
    out.push_str(&ending(app, &folder, &repository)?);
    Ok(out)
}

/// Makes a repository with the set-up and the adopted infrastructure, one commit each.
fn prepare(app: &App, dir: Option<&Path>) -> Result<(PathBuf, Repository), CommandError> {
    let folder = match dir {
        Some(dir) => empty_folder(dir)?,
        None => tempfile::Builder::new()
            .prefix("fractary-demo-")
            .tempdir()
            .map_err(|error| {
                CommandError::usage(format!("could not make a temporary folder: {error}"))
                    .hint("name a folder of your own with `--dir`")
            })?
            .keep(),
    };
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).map_err(|error| {
            CommandError::usage(format!(
                "could not write into {}: {error}",
                folder.display()
            ))
        })
    };
    write("recording.json", RECORDING)?;
    write("orders.tfstate", STATE)?;
    let root = folder.join("orders");
    let repository = Repository::init(&root)?;
    let scaffold = Scaffold {
        environments: vec![name()?],
        account: Some(AccountId::new("123456789012").map_err(CommandError::bug)?),
        region: Some(Region::new("eu-central-1").map_err(CommandError::bug)?),
        pages: false,
        fork_comments: false,
        helios: false,
    };
    let files = files::open_files(&repository, None)?;
    repository.commit(
        &set_up::plan_new(files.as_ref(), &scaffold)?.transaction,
        &CommitRequest {
            base: None,
            message: "fractary(init): set up cloud operations\n\nFractary-Command: init\n"
                .to_owned(),
            author: author(),
            at: time("2026-11-02T08:55:00Z")?,
        },
    )?;
    repository.configure_merge_driver()?;
    let there = app_at(app, &folder, "2026-11-02T08:57:00Z")?;
    let sources = Sources {
        files: &[folder.join("orders.tfstate")],
        tags: &[],
        name: None,
    };
    adopt(&there, sources, Pruning::default(), Landing::Commit)?;
    Ok((folder, repository))
}

fn empty_folder(dir: &Path) -> Result<PathBuf, CommandError> {
    let refuse = |error: &dyn std::fmt::Display| {
        CommandError::usage(format!("cannot use {}: {error}", dir.display()))
            .hint("name a folder that does not exist yet, where you may write")
    };
    std::fs::create_dir_all(dir).map_err(|error| refuse(&error))?;
    let mut entries = std::fs::read_dir(dir).map_err(|error| refuse(&error))?;
    if entries.next().is_some() {
        return Err(refuse(&"it is not empty"));
    }
    std::path::absolute(dir).map_err(|error| refuse(&error))
}

fn name() -> Result<EnvironmentName, CommandError> {
    EnvironmentName::new("prod").map_err(CommandError::bug)
}

fn time(text: &str) -> Result<Timestamp, CommandError> {
    text.parse().map_err(CommandError::bug)
}

fn author() -> Option<(String, String)> {
    Some((
        "Fractary Demo".to_owned(),
        "demo@fractary.invalid".to_owned(),
    ))
}

/// This process's settings, but in the demo's repository, at its time, on its recording.
fn app_at(app: &App, folder: &Path, when: &str) -> Result<App, CommandError> {
    let mut global = app.global.clone();
    global.repo = folder.join("orders");
    global.env = vec![name()?];
    global.replay = Some(folder.join("recording.json"));
    global.record = None;
    global.output = None;
    global.format = None;
    global.quiet = true;
    global.fail_on = FailOn::Unhealthy;
    global.commit = false;
    global.write = false;
    global.dry_run = false;
    let (name, mail) = author().unwrap_or_default();
    global.author = Some(format!("{name} <{mail}>"));
    let environment = crate::env::Environment::default();
    let ui = crate::app::answer::terminal::silent(&app.ui);
    Ok(App {
        clock: Clock::fixed(time(when)?),
        global,
        environment,
        ui,
        command_line: app.command_line,
    })
}

/// One run: what happened, and what it did about it.
fn replay(app: &App, folder: &Path, step: &StoryStep) -> Result<String, CommandError> {
    let there = app_at(app, folder, step.at)?;
    let workspace = open::load(&there)?;
    let pass = Pass {
        names: &[name()?],
        only: Only::Everything,
        occasion: Occasion::Run,
        landing: Landing::Commit,
    };
    let (_, decision, landed) = pass.observe_and_land(&there, workspace)?;
    let mut out = format!("{}  {}\n", &step.at[11..16], step.story);
    for one in &decision.environments {
        let changes = text::changes(&pass::change_lines(&one.changes), &app.ui.style());
        let landed = landed_words(&landed);
        out.push_str(&format!(
            "       {}  {landed}\n{changes}",
            text::status(one.report.overall_health, &app.ui.style())
        ));
        for sentence in incidents::story(&one.changes) {
            let sentence = crate::text::escape::terminal(&sentence);
            out.push_str(&app.ui.style().paragraph("         ", &sentence));
        }
    }
    out.push('\n');
    Ok(out)
}

fn landed_words(landed: &Landed) -> String {
    match landed {
        Landed::Commit(commit) => format!("commit {}", commit.short()),
        _ => "nothing changed, no commit".to_owned(),
    }
}

/// Proposes what helps, as a person would. Nobody merges it, so that nothing is changed.
fn proposal(app: &App, folder: &Path, step: &StoryStep) -> Result<String, CommandError> {
    let there = app_at(app, folder, step.at)?;
    let workspace = open::load(&there)?;
    let request = ActionRequest {
        action: "increase_rds_connections".to_owned(),
        resource: "orders-db".to_owned(),
        given: [("connections".to_owned(), "200".to_owned())].into(),
    };
    let chosen = actions::choose(&workspace, &name()?, &request)?;
    let prepared = actions::prepare(&there, &workspace, chosen, "plan")?;
    let PlanOutcome::Ready(ready) = &prepared.planned else {
        return Err(CommandError::usage(
            "the recording holds no plan of the proposal",
        ));
    };
    let new = NewProposal {
        id: "p-20261102-091700-orders".to_owned(),
        prepared: &prepared,
        ready,
        named: None,
    };
    let (_, document, landed) = propose::write(&there, workspace, &new, Landing::Commit)?;
    let landed = landed_words(&landed);
    Ok(format!(
        "       fractary remediate {} orders-db \\\n         --set connections=200 --env prod --propose\n       {} -> {}  {landed}\n         it is applied once someone else has merged it\n\n",
        document.action,
        document.plan.from.terminal(),
        document.plan.to.terminal(),
    ))
}

/// The dashboard, the log, and where to read on.
fn ending(app: &App, folder: &Path, repository: &Repository) -> Result<String, CommandError> {
    let there = app_at(app, folder, END)?;
    let workspace = open::load(&there)?;
    let now = there.clock.now();
    let outlook = Outlook::read(workspace.records(), workspace.issues(), now)?;
    let sources = workspace.dashboard_sources();
    let dashboard = build_dashboard(sources, &outlook, &Show::default(), now)?;
    let mut out = text::dashboard(&dashboard, &app.ui.style());
    out.push_str("\nThe commits behind it (git log --oneline):\n");
    for entry in repository.log(20)? {
        out.push_str(&format!(
            "  {} {}\n",
            entry.id.short(),
            crate::text::escape::terminal(&entry.subject)
        ));
    }
    let root = folder.join("orders");
    let show = |path: crate::model::paths::RepoPath| {
        crate::text::escape::terminal(&root.join(path.as_str()).display().to_string())
    };
    out.push_str(&format!(
        "\nRead on:\n  {}\n  {}\n  {}\n  {}\n\nTry, in {}:\n  fractary issues\n  fractary dashboard\n  git log --stat\n  fractary health --replay ../recording.json --at {END}\n  fractary audit --replay ../recording.json --at {END}\n",
        show(crate::state::documents::paths::dashboard_md()),
        show(crate::state::documents::paths::deployed_md(&name()?)),
        show(crate::state::documents::paths::latest(&name()?)),
        show(crate::state::documents::paths::audit_md(&name()?, time(END)?, "security")),
        crate::text::escape::terminal(&root.display().to_string()),
    ));
    Ok(out)
}
