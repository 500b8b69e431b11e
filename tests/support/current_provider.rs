//! A real Terraform with the schema of the current provider for AWS, which `terraform/current` serves
//! from Python: the provider's own binary is in no package registry. With an endpoint it makes the
//! calls of the types that it knows; without, it has no cloud.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{terraform, venv};

/// Types that the shared files of a configuration use, besides those of the blueprints.
const SHARED: [&str; 3] = ["aws_caller_identity", "aws_partition", "aws_region"];

/// The provider, and a `terraform` that uses it. Ends with this.
pub(crate) struct CurrentProvider {
    child: Child,
    programs: TempDir,
    python: PathBuf,
}

impl CurrentProvider {
    /// Starts it; `None` where the machine can't have Terraform.
    pub(crate) fn start(endpoint: Option<&str>) -> Option<Self> {
        let terraform = terraform::folder()?.join("terraform");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/terraform/current");
        let environment = venv::ensure("provider", &folder.join("requirements.txt"));
        let python = venv::program(&environment, "python");
        let schema = schema(&folder, &python);
        let mut command = Command::new(&python);
        command
            .arg(folder.join("provider.py"))
            .arg(schema)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env_remove("AWS_ENDPOINT_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(url) = endpoint {
            command.env("AWS_ENDPOINT_URL", url);
        }
        let mut child = command.spawn().expect("Python was just installed");
        let mut address = String::new();
        let output = child.stdout.as_mut().expect("piped");
        BufReader::new(output)
            .read_line(&mut address)
            .expect("the provider says where it is");
        assert!(address.starts_with('{'), "the provider did not start");
        let programs = TempDir::new().expect("the system has a temporary folder");
        let text = format!(
            "#!/bin/sh\nTF_REATTACH_PROVIDERS='{}' exec '{}' \"$@\"\n",
            address.trim(),
            terraform.display()
        );
        let path = programs.path().join("terraform");
        fs::write(&path, text).expect("the temporary folder can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        Some(Self {
            child,
            programs,
            python,
        })
    }

    /// The folder with `terraform`, for `PATH`. Others may add programs to it.
    pub(crate) fn bin(&self) -> &Path {
        self.programs.path()
    }

    /// The AWS CLI.
    pub(crate) fn aws_cli(&self) -> PathBuf {
        self.python.with_file_name("aws")
    }
}

impl Drop for CurrentProvider {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().expect("it ends when its input does");
    }
}

/// The schema of the types that the blueprints use, extracted once.
fn schema(folder: &Path, python: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = target.parent().expect("a target directory");
    let target = target.join("terraform-current");
    let output = Command::new("bash")
        .arg(folder.join("install.sh"))
        .arg(&target)
        .arg(python)
        .args(types())
        .output()
        .expect("there is a bash");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "no schema: {said}");
    target.join("schema.json")
}

/// All types of all blueprints.
fn types() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/blueprints");
    let files = fs::read_dir(folder).expect("the blueprints").flatten();
    let mut all: Vec<String> = SHARED.map(str::to_owned).to_vec();
    for file in files.filter(|file| file.path().extension().is_some_and(|end| end == "toml")) {
        let text = fs::read_to_string(file.path()).expect("blueprints are UTF-8");
        let addresses = text
            .lines()
            .filter_map(|line| line.strip_prefix("address = \""));
        let types = addresses.map(|one| one.trim_start_matches("data."));
        all.extend(types.filter_map(|one| Some(one.split_once('.')?.0.to_owned())));
    }
    all.sort();
    all.dedup();
    all
}
