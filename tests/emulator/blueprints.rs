//! Every blueprint, as code for a real Terraform: its form, its validity and its plan by the schema of
//! the current provider; and what the older provider, the only one whose program package registries
//! have, validates and makes on an emulator.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

use crate::support::current_provider::CurrentProvider;
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;
use crate::support::{emulator, terraform};

const DESIGN: &str = ".fractary/plugins/faber-cloud/designs/orders.md";
const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "environments": {
    "test": { "name": "test", "account_id": "000000000000", "region": "us-east-1" }
  }
}
"#;
const DEVOPS: &str = r#"{ "version": "1.0.0", "project": { "name": "shop", "subsystem": "web" } }
"#;

/// How many designs are worked on at once.
const AT_ONCE: usize = 3;

/// A blueprint with the parameters of an example.
struct Case {
    blueprint: String,
    example: String,
    /// It and what it needs.
    all: Vec<String>,
    parameters: toml::Table,
}

/// The examples that are to pass, of every blueprint.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/blueprints");
    let files = fs::read_dir(folder).expect("the blueprints").flatten();
    let files = files.map(|file| file.path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    let all: BTreeMap<String, toml::Table> = files
        .map(|path| {
            let text = fs::read_to_string(&path).expect("blueprints are UTF-8");
            let name = path.file_stem().expect("a name").to_string_lossy();
            (name.into_owned(), text.parse().expect("TOML"))
        })
        .collect();
    assert!(all.len() >= 16, "{}", all.len());
    let mut cases = Vec::new();
    for (blueprint, table) in &all {
        let mut needed = Vec::new();
        add_needs(blueprint, &all, &mut needed);
        let examples = table["example"].as_array().expect("examples");
        for example in examples {
            if example["verdict"].as_str() == Some("passes") {
                let parameters = example.get("parameters").and_then(toml::Value::as_table);
                cases.push(Case {
                    blueprint: blueprint.clone(),
                    example: example["name"].as_str().expect("a name").to_owned(),
                    all: needed.clone(),
                    parameters: parameters.cloned().unwrap_or_default(),
                });
            }
        }
    }
    cases
}

fn add_needs(name: &str, all: &BTreeMap<String, toml::Table>, needed: &mut Vec<String>) {
    if needed.iter().any(|one| one == name) {
        return;
    }
    needed.push(name.to_owned());
    let own = all[name].get("needs").and_then(toml::Value::as_array);
    for one in own.into_iter().flatten() {
        add_needs(one.as_str().expect("a name"), all, needed);
    }
}

impl Case {
    /// A repository with its code.
    fn engineered(&self) -> Repo {
        let mut head = toml::Table::new();
        head.insert("version".to_owned(), 1.into());
        for (key, value) in [
            ("feature", self.blueprint.as_str()),
            ("name", "orders"),
            // Names in AWS differ: all of them are made at once.
            ("resource_name", self.blueprint.as_str()),
        ] {
            head.insert(key.to_owned(), value.into());
        }
        head.insert("environments".to_owned(), vec!["test"].into());
        head.insert("blueprints".to_owned(), self.all.clone().into());
        let mut parameters = toml::Table::new();
        parameters.insert(self.blueprint.clone(), self.parameters.clone().into());
        head.insert("parameters".to_owned(), parameters.into());
        let repo = Repo::new(&[
            (".fractary/shared/environments.json", ENVIRONMENTS),
            (".fractary/plugins/faber-cloud/config/devops.json", DEVOPS),
            (DESIGN, &format!("+++\n{head}+++\n")),
        ]);
        Fractary::in_repo(&repo)
            .args(["infra", "engineer", "--design", DESIGN, "--write"])
            .run()
            .exits(0);
        // What is built elsewhere: the code of functions.
        let build = repo.path().join("infra/build");
        fs::create_dir_all(&build).expect("it is ours");
        for name in ["api.zip", "worker.zip", "job.zip"] {
            fs::write(build.join(name), "PK\u{5}\u{6}").expect("it is ours");
        }
        repo
    }

    fn title(&self) -> String {
        format!("{}, {}", self.blueprint, self.example)
    }
}

/// Terraform in the directory of the code.
fn run(program: &Path, repo: &Repo, arguments: &[&str]) -> Output {
    Command::new(program)
        .current_dir(repo.path().join("infra"))
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("TF_IN_AUTOMATION", "1")
        .stdin(Stdio::null())
        .output()
        .expect("Terraform starts")
}

#[track_caller]
fn passes(title: &str, output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{title}\n{out}\n{err}");
}

/// Works on them, some at once. A panic in one ends the test.
fn each<T: Send>(cases: &[Case], work: impl Fn(&Case) -> T + Sync) -> Vec<T> {
    let chunks: Vec<&[Case]> = cases.chunks(cases.len().div_ceil(AT_ONCE)).collect();
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<_> = chunks
            .into_iter()
            .map(|chunk| scope.spawn(move || chunk.iter().map(work).collect::<Vec<T>>()))
            .collect();
        let joined = started.into_iter().map(|one| match one.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    })
}

#[test]
fn terraform_takes_every_blueprint_as_it_is() {
    let Some(provider) = CurrentProvider::start(None) else {
        return;
    };
    let program = provider.bin().join("terraform");
    each(&cases(), |case| {
        let title = case.title();
        let repo = case.engineered();
        let form = run(&program, &repo, &["fmt", "-check", "-diff", "-no-color"]);
        passes(&title, &form);
        passes(&title, &run(&program, &repo, &["init", "-no-color"]));
        let validated = run(&program, &repo, &["validate", "-json"]);
        let told: Value = serde_json::from_slice(&validated.stdout).expect("JSON");
        assert_eq!(told["valid"], true, "{title}: {told:#}");
        assert_eq!(
            told["diagnostics"],
            serde_json::json!([]),
            "{title}: {told:#}"
        );
        let values = ["plan", "-no-color", "-input=false", "-var-file=test.tfvars"];
        passes(&title, &run(&program, &repo, &values));
    });
}

/// What the older provider knows all of, and whether it makes it on the emulator. All others need
/// types or arguments of later versions. The emulator does not find a subscription that waits for its
/// address to confirm it.
const OLDER: [(&str, bool); 10] = [
    ("alarm-topic", true),
    ("container-registry", true),
    ("dashboard", true),
    ("deploy-identity", true),
    ("encryption-key", true),
    ("log-group", true),
    ("parameter", true),
    ("secret", true),
    ("topic", false),
    ("vpc-network", true),
];

#[test]
fn the_older_provider_makes_what_it_knows() {
    let Some(bin) = terraform::folder() else {
        return;
    };
    let program = bin.join("terraform");
    let emulator = emulator::ministack();
    let provider = terraform::override_for(&emulator.url());
    let mut firsts = BTreeSet::new();
    let mut cases = cases();
    cases.retain(|case| firsts.insert(case.blueprint.clone()));
    let said = each(&cases, |case| {
        let repo = case.engineered();
        older(&repo);
        fs::write(repo.path().join("infra/emulator_override.tf"), &provider).expect("it is ours");
        let name = &case.blueprint;
        passes(name, &run(&program, &repo, &["init", "-no-color"]));
        let validated = run(&program, &repo, &["validate", "-json"]);
        let told: Value = serde_json::from_slice(&validated.stdout).expect("JSON");
        if told["valid"] != true {
            return None;
        }
        let applied = run(
            &program,
            &repo,
            &[
                "apply",
                "-auto-approve",
                "-no-color",
                "-input=false",
                "-var-file=test.tfvars",
            ],
        );
        Some((name.clone(), applied.status.success()))
    });
    let known: Vec<(String, bool)> = said.into_iter().flatten().collect();
    let wanted = OLDER.map(|(name, made)| (name.to_owned(), made));
    assert_eq!(known, wanted);
}

/// Changes what only has another name in the older provider.
fn older(repo: &Repo) {
    let folder: PathBuf = repo.path().join("infra");
    for file in fs::read_dir(folder).expect("the code").flatten() {
        let path = file.path();
        if path.extension().is_some_and(|end| end == "tf") {
            let text = fs::read_to_string(&path).expect("code is UTF-8");
            let text = text
                .replace("version = \"~> 6.0\"", "version = \">= 3.39\"")
                .replace(
                    "data.aws_region.current.region",
                    "data.aws_region.current.name",
                );
            fs::write(&path, text).expect("it is ours");
        }
    }
}
