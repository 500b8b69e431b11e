//! OpenTofu in place of Terraform. The program `tofu` here hands its arguments to Terraform, which
//! has the same commands and answers; there is no released OpenTofu that the tests could install.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::{MAIN, NOW, Scene, stable};
use crate::support::fractary::Fractary;
use crate::support::terraform;

const DEVOPS: &str = ".fractary/plugins/faber-cloud/config/devops.json";

fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("it is ours");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// The program that Fractary needs whatever it does.
fn git() -> PathBuf {
    let folders = std::env::split_paths(option_env!("PATH").unwrap_or("/usr/bin:/bin"));
    let mut programs = folders.map(|folder| folder.join("git"));
    programs.find(|path| path.is_file()).expect("there is git")
}

#[test]
fn with_opentofu_nothing_else_is_run() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    let bin = scene.repo.home().join("bin");
    fs::create_dir_all(&bin).expect("it is ours");
    let real = terraform::folder()
        .expect("the scene has it")
        .join("terraform");
    program(
        &bin,
        "terraform",
        "echo 'this is not OpenTofu' >&2; exit 99",
    );
    let devops = scene.repo.read(DEVOPS).replace(
        "\"terraform\", \"terraform\"",
        "\"opentofu\", \"terraform\"",
    );
    assert!(devops.contains("\"active\": \"opentofu\""), "{devops}");
    scene.repo.write(&[(DEVOPS, &devops)]);
    scene.repo.commit_all("Use OpenTofu");
    let infra = |arguments: &[&str]| {
        scene
            .infra(arguments)
            .env("PATH", terraform::path(&bin))
            .run()
    };
    // What is not installed is named. The machine may have OpenTofu, so nothing else is in PATH.
    symlink(git(), bin.join("git")).expect("it is ours");
    let alone = scene.infra(&["preview"]).env("PATH", &bin).run();
    let missing = alone.exits(2).stderr;
    insta::assert_snapshot!("without_tofu", stable(&missing));
    program(&bin, "tofu", &format!("exec '{}' \"$@\"", real.display()));
    let preview = infra(&["preview"]).exits(0);
    assert!(preview.stdout.contains("opentofu 1."), "{}", preview.stdout);
    // Files that only OpenTofu reads are part of what was planned.
    scene.repo.write(&[(
        "infra/more.tofu",
        "resource \"terraform_data\" \"four\" {}\n",
    )]);
    let changed = infra(&["deploy", "--yes"]).exits(4).stderr;
    assert!(
        changed.contains("the files of infra have changed"),
        "{changed}"
    );
    infra(&["preview"]).exits(0);
    infra(&["deploy", "--yes"]).exits(0);
    let tool = scene.newest()["record"]["tool"].clone();
    assert!(
        tool.as_str()
            .is_some_and(|tool| tool.starts_with("opentofu 1.")),
        "{tool}"
    );
    let checked = Fractary::in_repo(&scene.repo)
        .env("PATH", terraform::path(&bin))
        .at(NOW)
        .args(["infra", "validate", "--format", "json"])
        .run()
        .json();
    let steps = checked["steps"].as_array().expect("steps");
    let of_tofu: Vec<&str> = steps
        .iter()
        .filter_map(|one| one["name"].as_str())
        .filter(|name| name.starts_with("tofu "))
        .collect();
    assert_eq!(of_tofu, ["tofu fmt", "tofu validate"], "{checked}");
    // Its errors and locks are told with its own name.
    scene.repo.write(&[("infra/main.tf", "resource {\n")]);
    let broken = infra(&["preview"]).exits(2).stderr;
    assert!(broken.contains("`tofu` failed"), "{broken}");
    assert!(!broken.contains("terraform"), "{broken}");
}
