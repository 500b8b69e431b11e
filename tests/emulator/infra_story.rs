//! The story of docs/infra-story.md, told by running it: every command in it is run, in order, and
//! what it prints is what stands below it. `UPDATE_DOCS=1` writes the page anew.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::current_provider::CurrentProvider;
use crate::support::emulator::{self, Emulator};
use crate::support::repo::Repo;
use crate::world::call;

const PAGE: &str = "docs/infra-story.md";
/// 2026-03-01T12:00:00Z, where the emulator's clock stands.
const AT: &str = "1772366400";
const BUCKET: &str = "orders-test-user-uploads-files";

const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "default": "test",
  "environments": {
    "test": { "name": "test", "account_id": "000000000000", "region": "us-east-1" },
    "prod": { "name": "prod", "account_id": "111111111111", "region": "us-east-1" }
  }
}
"#;

/// The machine of the story.
pub(crate) struct Stage {
    emulator: Emulator,
    provider: CurrentProvider,
    repo: Repo,
    folder: PathBuf,
}

impl Stage {
    /// `None` where the machine can't have Terraform.
    pub(crate) fn new() -> Option<Self> {
        let emulator = emulator::ministack();
        let provider = CurrentProvider::start(Some(&emulator.url()))?;
        let bin = provider.bin();
        symlink(env!("CARGO_BIN_EXE_fractary"), bin.join("fractary")).expect("it is ours");
        symlink(provider.aws_cli(), bin.join("aws")).expect("it is ours");
        let repo = Repo::new(&[
            (".fractary/shared/environments.json", ENVIRONMENTS),
            (".gitignore", ".terraform*\n*.tfstate*\n"),
        ]);
        // Designs name the project after the folder of the repository.
        let folder = repo.home().join("orders");
        clone_to(&repo.path(), &folder);
        Some(Self {
            emulator,
            provider,
            repo,
            folder,
        })
    }

    /// Runs a line of the page: both outputs as they come, and the exit code.
    pub(crate) fn run(&self, line: &str) -> (String, i32) {
        let path = format!("{}:/usr/bin:/bin", self.provider.bin().display());
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{line}")])
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.repo.home())
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env("SOURCE_DATE_EPOCH", AT)
            .env("AWS_ENDPOINT_URL", self.emulator.url())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.com")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@example.com")
            .stdin(Stdio::null())
            .output()
            .expect("there is a sh");
        let text = String::from_utf8(output.stdout).expect("outputs are UTF-8");
        (text, output.status.code().unwrap_or(-1))
    }

    /// Asks through boto3.
    pub(crate) fn ask(&self, service: &str, method: &str, parameters: Value) -> Value {
        let replies = self.emulator.seed(&[call(service, method, parameters)]);
        replies[0].clone()
    }
}

/// A clone of the repository in a folder with a name of its own.
fn clone_to(from: &Path, to: &Path) {
    let cloned = Command::new("git")
        .args(["clone", "--quiet"])
        .arg(from)
        .arg(to)
        .status();
    assert!(cloned.expect("git").success());
    let removed = Command::new("git")
        .current_dir(to)
        .args(["remote", "remove", "origin"])
        .status();
    assert!(removed.expect("git").success());
}

/// What has to be true after a command, besides its output.
fn check(stage: &Stage, line: &str, output: &str, code: i32) {
    let wanted = match line.contains("drift") && output.contains("changed outside of Terraform") {
        true => 1,
        false => 0,
    };
    assert_eq!(code, wanted, "{line}\n{output}");
    let buckets = || {
        let listed = stage.ask("s3", "list_buckets", json!({}));
        listed["Buckets"].as_array().map_or(0, Vec::len)
    };
    if line.starts_with("fractary infra preview") {
        assert_eq!(buckets(), 0, "looking makes nothing");
    }
    if line.starts_with("fractary infra deploy") {
        assert_eq!(buckets(), 2);
        let versioning = stage.ask("s3", "get_bucket_versioning", json!({ "Bucket": BUCKET }));
        assert_eq!(versioning["Status"], "Enabled", "{versioning}");
        let rules = json!({ "Bucket": BUCKET });
        let rules = stage.ask("s3", "get_bucket_lifecycle_configuration", rules);
        let days = &rules["Rules"][0]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"];
        assert_eq!(days, 3, "the edit was deployed: {rules}");
        let topics = stage.ask("sns", "list_topics", json!({}));
        assert_eq!(topics["Topics"].as_array().map(Vec::len), Some(1));
    }
    if line.starts_with("fractary infra teardown") && line.contains("--yes") {
        assert_eq!(buckets(), 0);
        let registry = ".fractary/plugins/faber-cloud/deployments/test/registry.json";
        let registry = fs::read_to_string(stage.folder.join(registry)).expect("it is recorded");
        let registry: Value = serde_json::from_str(&registry).expect("JSON");
        assert_eq!(registry["resources"], json!([]));
    }
}

/// The page with what its commands print now. Only `$ ` lines of console blocks are kept of those.
fn told(stage: &Stage, page: &str) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if line != "```console" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let commands = block.iter().filter_map(|line| line.strip_prefix("$ "));
        for (index, command) in commands.enumerate() {
            if index > 0 {
                out.push('\n');
            }
            let (output, code) = stage.run(command);
            check(stage, command, &output, code);
            out.push_str(&format!("$ {command}\n{output}"));
        }
        out.push_str("```\n");
    }
    out.replace(&stage.folder.display().to_string(), "/home/ada/orders")
}

/// Leaves out what differs from run to run: ids, and the order of what is done at once.
fn stable(page: &str) -> String {
    let rules = [
        (r"d-\d{8}-\d{6}-[0-9a-f]{8}", "d-ID"),
        (r"\b[0-9a-f]{64}\b", "SHA"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
        (r"Commit( +)[0-9a-f]{10}", "Commit${1}COMMIT"),
        (r"committed [0-9a-f]+", "committed COMMIT"),
        (r"infra-[0-9a-f]{6}\b", "infra-ISSUE"),
        (r"\d+ AWS calls", "N AWS calls"),
        // Terraform also saves its state midway when an apply takes long: one serial more.
        (r"serial \d+", "serial N"),
        (r"\d+(\.\d+)? m?s\b", "SPAN"),
    ];
    let text = rules.iter().fold(page.to_owned(), |text, (pattern, with)| {
        let rule = regex::Regex::new(pattern).expect("a pattern");
        rule.replace_all(&text, *with).into_owned()
    });
    let is_event = |line: &str| line.ends_with(" begins") || line.ends_with(" done");
    let mut out: Vec<&str> = Vec::new();
    let mut events: Vec<&str> = Vec::new();
    // On a slow machine there are more of these.
    let lines = text.lines().filter(|line| !line.contains(" goes on ("));
    for line in lines {
        if is_event(line) {
            events.push(line);
            continue;
        }
        events.sort_unstable();
        out.append(&mut events);
        out.push(line);
    }
    out.join("\n")
}

#[test]
fn the_page_says_what_happens() {
    let Some(stage) = Stage::new() else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&path).expect("the page is there");
    let now = told(&stage, &page);
    for step in [
        "infra architect",
        "infra engineer",
        "infra validate",
        "infra test",
        "infra preview",
        "infra deploy",
        "fractary health",
        "fractary drift",
        "infra teardown",
    ] {
        assert!(now.contains(step), "the story lacks `{step}`");
    }
    assert!(
        now.contains("1 resource changed outside of Terraform"),
        "{now}"
    );
    if std::env::vars().any(|(name, _)| name == "UPDATE_DOCS") {
        fs::write(&path, now).expect("the page can be written");
        return;
    }
    let (page, now) = (stable(&page), stable(&now));
    assert!(
        page == now,
        "{PAGE} is out of date: run `UPDATE_DOCS=1 cargo test --test emulator infra_story`\n{}",
        difference(&page, &now)
    );
}

/// The first lines that differ.
fn difference(page: &str, now: &str) -> String {
    let pairs = page.lines().zip(now.lines());
    let differing = pairs.filter(|(page, now)| page != now).take(5);
    differing
        .map(|(page, now)| format!("- {page}\n+ {now}\n"))
        .collect()
}
