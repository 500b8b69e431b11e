//! One share of the resources, left as a bundle for `merge-shards`.

use std::path::{Path, PathBuf};

use crate::app::answer::output;
use crate::app::observe::environments;
use crate::app::observe::environments::Only;
use crate::app::observe::scope::environments_to_run;
use crate::app::occasion::Occasion;
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::cloud::bundle::{Bundle, RunPart};
use crate::cloud::record::Recording;
use crate::error::ExitCode;
use crate::model::ids::EnvironmentName;
use crate::model::receipt::Receipt;
use crate::model::shard::Shard;

/// Looks at the resources of one shard and leaves a bundle. Nothing is judged here, so the
/// exit code is 0 however the resources are.
pub(crate) fn observe(shard: Shard, all: bool, app: &App) -> Outcome {
    let workspace = open::load_newest(app)?;
    let scope = workspace.scope();
    let names = environments_to_run(scope.settings, &app.global.env, all)?;
    let at = app.clock.now();
    let target = app.global.output.as_deref();
    let target = target.map(|path| file_in(path, shard, &names));
    if let Some(path) = &target {
        output::check(path, "--output")?;
    }
    let mut snapshots =
        environments::observe_all(app, &scope, &names, Occasion::Run, Only::Shard(shard))?;
    if app.global.replay.is_some() && shard.index() != 1 {
        // A recording says what the whole cost; the first shard passes that on.
        for snapshot in &mut snapshots {
            snapshot.receipt = Receipt::default();
        }
    }
    let resources: usize = snapshots.iter().map(|one| one.resources.len()).sum();
    let part = RunPart {
        shard,
        environments: names,
        base: workspace.base().cloned(),
        at,
    };
    let checks = scope.settings.health().checks;
    let mut recording = Recording::default();
    for snapshot in snapshots {
        recording.put_snapshot(&checks, snapshot);
    }
    let bundle = Bundle::new(part, recording);
    let text = String::from_utf8_lossy(&bundle.to_bytes()).into_owned();
    output::write_to(app, target.as_deref(), &text)?;
    app.ui.note(&format!(
        "shard {shard} checked {resources} resources; `fractary merge-shards` joins the bundles"
    ));
    Ok(ExitCode::Ok)
}

/// A file of a name of its own, where a folder is named.
fn file_in(path: &Path, shard: Shard, names: &[EnvironmentName]) -> PathBuf {
    let is_folder = path.is_dir() || path.to_string_lossy().ends_with(['/', '\\']);
    if !is_folder {
        return path.to_owned();
    }
    let environments: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    path.join(format!(
        "{}-{}-of-{}.json",
        environments.join("+"),
        shard.index(),
        shard.count()
    ))
}
