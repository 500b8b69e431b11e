//! A real Terraform with a real provider for AWS, installed once per machine into the target
//! directory by `terraform/install.sh`. Where the machine can't have it, the tests that need it
//! say so and pass.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The folder with `terraform`, installing it when this machine has none yet; `None` where it
/// can't be had, which is said once.
pub(crate) fn folder() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(install).as_deref()
}

fn install() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let folder = target.join("terraform");
    fs::create_dir_all(&folder).expect("the target directory can be written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/terraform/install.sh");
    let output = Command::new("bash")
        .arg(script)
        .arg(&folder)
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => Some(folder.join("bin")),
        other => {
            let why = match other {
                Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
                Err(error) => error.to_string(),
            };
            // Not captured, unlike what a test prints.
            let said = writeln!(
                std::io::stderr(),
                "skipped: the tests of infrastructure need Terraform, which this machine can't have: {why}"
            );
            said.expect("standard error is open");
            None
        }
    }
}

/// The value of `PATH` with Terraform first.
pub(crate) fn path(bin: &Path) -> String {
    let rest = option_env!("PATH").unwrap_or("/usr/bin:/bin");
    format!("{}:{rest}", bin.display())
}

/// The provider of a configuration, sent to an emulator.
pub(crate) fn override_for(url: &str) -> String {
    override_as(url, "test", "test")
}

/// The same with somebody's keys.
pub(crate) fn override_as(url: &str, key: &str, secret: &str) -> String {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/terraform/emulator-override.sh");
    let output = Command::new("sh")
        .arg(script)
        .args([url, key, secret])
        .output();
    let output = output.expect("there is a shell");
    String::from_utf8(output.stdout).expect("HCL is UTF-8")
}
