//! A Python environment with pinned packages, made once per requirements file.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns the folder of an environment that holds `requirements`, installing it when this
/// machine has none yet. Any number of test binaries may ask at once: one installs, the
/// others wait for its lock.
///
/// Panics, saying what to do, when Python is missing or nothing can be downloaded.
pub(crate) fn ensure(name: &str, requirements: &Path) -> PathBuf {
    let pins = fs::read_to_string(requirements)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", requirements.display()));
    let mut hasher = DefaultHasher::new();
    pins.hash(&mut hasher);
    let folder = target_folder().join(format!("{name}-venv-{:016x}", hasher.finish()));
    let done = folder.join("installed");
    if done.exists() {
        return folder;
    }
    let lock_path = folder.with_extension("lock");
    let lock = File::create(&lock_path)
        .unwrap_or_else(|error| panic!("cannot create {}: {error}", lock_path.display()));
    lock.lock()
        .unwrap_or_else(|error| panic!("cannot lock {}: {error}", lock_path.display()));
    if !done.exists() {
        install(&folder, requirements);
        fs::write(&done, pins).expect("the environment's folder was just made");
    }
    folder
}

/// The program `name` of the environment.
pub(crate) fn program(folder: &Path, name: &str) -> PathBuf {
    folder.join("bin").join(name)
}

/// The target directory of this build, which nothing but cargo and these tests write to.
fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("cargo puts the temporary folder into the target directory")
        .to_owned()
}

fn install(folder: &Path, requirements: &Path) {
    if folder.exists() {
        // Left by an installation that was interrupted.
        fs::remove_dir_all(folder).expect("a half-made environment can be removed");
    }
    run(
        Command::new("python3").args(["-m", "venv"]).arg(folder),
        "the AWS tests need Python 3.11 or newer with its venv module as `python3` \
         (on Debian: apt-get install python3-venv)",
    );
    run(
        Command::new(program(folder, "python"))
            .args(["-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--no-deps", "-r"])
            .arg(requirements),
        "the AWS tests install an emulator from PyPI, once; this needs the network the first time",
    );
}

fn run(command: &mut Command, advice: &str) {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("cannot start {shown}: {error}\nhelp: {advice}"));
    assert!(
        output.status.success(),
        "{shown} failed ({})\n{}{}\nhelp: {advice}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
