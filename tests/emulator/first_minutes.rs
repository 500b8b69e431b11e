//! The commands of `docs/first-minutes.md`, as they stand there.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::emulator;
use crate::support::repo::Repo;

const PAGE: &str = include_str!("../../docs/first-minutes.md");

/// The commands from the emulator on: what is built and installed is there in a test.
fn script() -> String {
    let (_, block) = PAGE.split_once("```sh\n").expect("the page has a block");
    let (block, _) = block.split_once("```").expect("it ends");
    let from = block.find("export AWS_ENDPOINT_URL").expect("the endpoint");
    block[from..].to_owned()
}

#[test]
fn the_first_minutes_are_as_the_page_says() {
    let cloud = emulator::ministack();
    let folder = Repo::new(&[]);
    let home = folder.home();
    symlink(cloud.venv(), home.join("emulator")).expect("the home is empty");
    let programs = home.join("programs");
    std::fs::create_dir(&programs).expect("the home is writable");
    symlink(env!("CARGO_BIN_EXE_fractary"), programs.join("fractary"))
        .expect("the folder is empty");
    let script = script().replace("http://127.0.0.1:4566", &cloud.url());
    assert!(script.contains(&cloud.url()) && script.contains("fractary dashboard"));
    let system = option_env!("PATH").unwrap_or("/usr/bin:/bin");
    let run = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .env_clear()
        .env("PATH", format!("{}:{system}", programs.display()))
        .env("HOME", &home)
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Tester")
        .env("GIT_AUTHOR_EMAIL", "tester@example.com")
        .env("GIT_COMMITTER_NAME", "Tester")
        .env("GIT_COMMITTER_EMAIL", "tester@example.com")
        .current_dir(&home)
        .output()
        .expect("there is a bash");
    let said = String::from_utf8_lossy(&run.stdout);
    let warned = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}\n{warned}");
    assert!(said.contains("2 resources added"), "{said}");
    assert!(
        said.contains("HEALTHY") && !said.contains("UNKNOWN"),
        "{said}"
    );
    let log = Command::new("git")
        .args(["-C", "operations", "log", "--format=%s"])
        .current_dir(&home)
        .output()
        .expect("there is a git");
    let log = String::from_utf8_lossy(&log.stdout);
    let made: Vec<&str> = log.lines().rev().collect();
    let by: Vec<&str> = made
        .iter()
        .filter_map(|subject| subject.split(':').next())
        .collect();
    assert_eq!(
        by,
        ["fractary(init)", "fractary(adopt)", "fractary(health)"],
        "{log}"
    );
}
