//! One file per command: options in, report out. What they are made of is in [`crate::app`].

// The order of the help: group by group. build.rs reads these lines and writes `ALL`.

pub mod demo;
pub mod init;

pub mod run;

pub mod merge_shards;
pub mod shards;

pub mod dashboard;
pub mod health;
pub mod monitor;
pub mod status;

pub mod investigate;
pub mod logs;
pub mod performance;

pub mod escalate;
pub mod issues;
pub mod slo;

pub mod kpi;
pub mod optimize;

pub mod audit;
pub mod prices;

pub mod drift;
pub mod infra;
pub mod remediate;

pub mod adopt;
pub mod check;
pub mod debug;
pub mod doctor;
pub mod iam_policy;
pub mod permissions;
pub mod review;

pub mod ask;
pub mod completions;
pub mod mcp;
pub mod merge_file;
pub mod schema;

include!(concat!(env!("OUT_DIR"), "/commands.rs"));

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
