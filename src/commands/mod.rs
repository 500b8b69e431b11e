//! One file per command: options in, report out. What they are made of is in [`crate::app`].

pub mod adopt;
pub mod ask;
pub mod check;
pub mod completions;
pub mod dashboard;
pub mod demo;
pub mod doctor;
pub mod escalate;
pub mod health;
pub mod iam_policy;
pub mod init;
pub mod issues;
pub mod merge_file;
pub mod merge_shards;
pub mod monitor;
pub mod run;
pub mod schema;
pub mod shards;
pub mod slo;
pub mod status;

use crate::app::command::Entry;

/// Every command, in the order of the help.
pub(crate) const ALL: &[Entry] = &[
    init::COMMAND,
    demo::COMMAND,
    run::COMMAND,
    shards::COMMAND,
    merge_shards::COMMAND,
    check::COMMAND,
    health::COMMAND,
    dashboard::COMMAND,
    status::COMMAND,
    monitor::COMMAND,
    issues::COMMAND,
    slo::COMMAND,
    escalate::COMMAND,
    adopt::COMMAND,
    doctor::COMMAND,
    merge_file::COMMAND,
    iam_policy::COMMAND,
    schema::COMMAND,
    completions::COMMAND,
    ask::COMMAND,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::ALL;

    #[test]
    fn the_list_is_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands");
        let files = std::fs::read_dir(folder).expect("the sources are there");
        // A command is a file, or a folder of that name with `mod.rs`, or both.
        let files: BTreeSet<String> = files
            .map(|entry| entry.expect("the folder can be read").path())
            .filter_map(|path| Some(path.file_stem()?.to_str()?.replace('_', "-")))
            .filter(|name| name != "mod")
            .collect();
        let listed: BTreeSet<String> = ALL.iter().map(|entry| entry.name.to_owned()).collect();
        assert_eq!(listed, files);
        assert_eq!(listed.len(), ALL.len(), "a command is listed twice");
        // The first is the default.
        assert!(ALL.iter().all(|entry| !entry.formats.is_empty()));
    }
}
