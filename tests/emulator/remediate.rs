//! Actions against the emulators: what is planned, what is changed in the server (read back through
//! boto3, another client), and what the record says of it. Here are the scene, and consent; what each
//! action does, and what comes of it, are below.

mod actions;
mod every;
mod never;
mod outcomes;
mod programs;
mod several;

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, NOW, call};

const LOG: &str = ".fractary/plugins/helm-cloud/remediations/test/remediation-log.json";
const ENVIRONMENTS: &str = ".fractary/shared/environments.json";
const MONITORING: &str = ".fractary/plugins/helm-cloud/config/monitoring.toml";
const UPDATE: &str = "lambda:UpdateFunctionConfiguration";

/// How boto3 is told which function.
fn orders_api() -> Value {
    json!({ "FunctionName": "orders-api" })
}

struct Scene {
    emulator: Emulator,
    proxy: Proxy,
    repo: Repo,
}

impl Scene {
    fn new(emulator: Emulator, resources: &[Value]) -> Self {
        let proxy = Proxy::start(emulator.address());
        let repo = world::with_registry(&json!({
            "version": "1.0.0", "environment": "test", "resources": resources,
        }));
        Self {
            emulator,
            proxy,
            repo,
        }
    }

    /// A function with twelve variables.
    fn function() -> Self {
        let emulator = emulator::ministack();
        let made = emulator.seed(&[json!({ "do": "function", "name": "orders-api" })]);
        let variables: serde_json::Map<String, Value> = (0..12)
            .map(|n| (format!("VARIABLE_{n}"), json!(format!("value {n}"))))
            .collect();
        emulator.seed(&[call(
            "lambda",
            "update_function_configuration",
            json!({ "FunctionName": "orders-api", "Environment": { "Variables": variables } }),
        )]);
        let arn = made[0]["arn"].clone();
        let resource = json!({ "type": "aws_lambda_function", "aws_id": "orders-api", "arn": arn,
            "terraform_address": "aws_lambda_function.api" });
        Self::new(emulator, &[resource])
    }

    fn run(&self, at: &str, arguments: &[&str]) -> Outcome {
        world::fractary(&self.repo, &self.proxy.url(), at, arguments).run()
    }

    fn remediate(&self, arguments: &[&str]) -> Outcome {
        self.run(NOW, &[&["remediate"], arguments].concat())
    }

    /// Applies an action without a question.
    #[track_caller]
    fn apply(&self, arguments: &[&str]) -> Outcome {
        self.remediate(&[arguments, &["--yes"]].concat()).exits(0)
    }

    /// An action that is not applied: it ends with this code, and says why.
    #[track_caller]
    fn is_refused(&self, arguments: &[&str], code: i32, why: &str) {
        let refused = self.remediate(arguments).exits(code);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }

    /// Restarts it at a terminal, at which these answers are typed.
    fn typed(&self, answers: &str) -> Outcome {
        let arguments = [
            "remediate",
            "--service=orders-api",
            "--action=restart",
            "--env",
            "test",
        ];
        world::fractary(&self.repo, &self.proxy.url(), NOW, &arguments)
            .env("ANSWERS", answers)
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .through("python3", TERMINAL)
            .run()
    }

    /// Undoes what was done last.
    #[track_caller]
    fn undo(&self) {
        self.apply(&["--undo", &self.last_id()]);
    }

    /// How often the configuration of a function was written.
    fn updates(&self) -> Option<u64> {
        self.proxy.counts().get(UPDATE).copied()
    }

    /// What another client sees.
    fn see(&self, service: &str, operation: &str, arguments: Value) -> Value {
        self.emulator.seed(&[call(service, operation, arguments)])[0].clone()
    }

    fn variables(&self) -> serde_json::Map<String, Value> {
        let seen = self.see("lambda", "get_function_configuration", orders_api());
        let variables = seen["Environment"]["Variables"].as_object();
        variables.cloned().unwrap_or_default()
    }

    fn entries(&self) -> Vec<Value> {
        if !self.repo.has(LOG) {
            return Vec::new();
        }
        let log: Value = serde_json::from_str(&self.repo.read(LOG)).expect("the log is JSON");
        log["entries"].as_array().cloned().expect("it has entries")
    }

    fn outcomes(&self) -> Vec<String> {
        let entries = self.entries();
        let words = entries
            .iter()
            .map(|entry| entry["outcome"].as_str().unwrap_or_default());
        words.map(str::to_owned).collect()
    }

    /// The chain is whole, and nothing is left uncommitted.
    fn is_sound(&self) {
        self.run(NOW, &["check"]).exits(0);
        assert_eq!(self.repo.status(), "");
    }

    fn last_id(&self) -> String {
        let entries = self.entries();
        let last = entries.iter().rev().find(|entry| entry["of"].is_null());
        last.and_then(|entry| entry["id"].as_str())
            .expect("there is one")
            .to_owned()
    }

    /// Makes the environment one that requires confirmation.
    fn protect(&self) {
        self.set("requires_confirmation", json!(true));
    }

    /// Makes the environment one of another account.
    fn belongs_to(&self, account: &str) {
        self.set("account_id", json!(account));
    }

    fn set(&self, key: &str, value: Value) {
        let text = self.repo.read(ENVIRONMENTS);
        let mut environments: Value = serde_json::from_str(&text).expect("JSON");
        environments["environments"]["test"][key] = value;
        self.repo
            .write(&[(ENVIRONMENTS, &format!("{environments:#}\n"))]);
        self.repo.commit_all("Edit the environment");
    }
}

#[track_caller]
fn shows(outcome: &Outcome, text: &str) {
    assert!(outcome.stdout.contains(text), "{}", outcome.stdout);
}

#[test]
fn without_consent_nothing_is_changed() {
    let scene = Scene::function();
    let before = scene.variables();
    let no_terminal = "there is no terminal to ask at; nothing was changed";
    scene.is_refused(&["restart", "orders-api"], 4, no_terminal);
    scene.protect();
    let forced = ["restart", "orders-api", "--yes"];
    scene.is_refused(&forced, 4, "`--yes` is none");
    let never = format!(
        "{}\n",
        scene
            .repo
            .read(MONITORING)
            .replace("never_auto = [", "never_auto = [\"restart\", ")
    );
    scene.repo.write(&[(MONITORING, &never)]);
    scene.repo.commit_all("Never restart");
    for more in [&["--yes"][..], &[], &["--propose"]] {
        let arguments = [&["restart", "orders-api"], more].concat();
        scene.is_refused(&arguments, 4, "never_auto");
    }
    assert_eq!(scene.variables(), before);
    assert_eq!(scene.entries().len(), 0);
    assert_eq!(scene.updates(), None);
}

#[test]
fn the_identity_of_another_account_is_refused_before_anything_is_sent() {
    let scene = Scene::function();
    let text = scene
        .repo
        .read(ENVIRONMENTS)
        .replace("000000000000", "111111111111");
    scene.repo.write(&[(ENVIRONMENTS, &text)]);
    scene.repo.commit_all("Another account");
    let arguments = ["restart", "orders-api", "--yes"];
    scene.is_refused(&arguments, 4, "belongs to account 111111111111");
    assert_eq!(scene.updates(), None);
    assert_eq!(scene.entries().len(), 0);
}

#[test]
fn variables_that_cannot_be_read_are_not_deleted() {
    // The emulator has no KMS that denies: this is how AWS answers then.
    let scene = Scene::function();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:orders-api";
    scene.proxy.set_rules([Rule::on(
        "lambda:GetFunctionConfiguration",
        Fault::Answer(json!({
            "FunctionName": "orders-api", "FunctionArn": arn, "State": "Active",
            "LastUpdateStatus": "Successful", "RevisionId": "r1",
            "Environment": { "Error": { "ErrorCode": "AccessDeniedException", "Message": "kms" } },
        })),
    )]);
    let arguments = ["restart", "orders-api", "--yes"];
    scene.is_refused(&arguments, 2, "a restart would delete them");
    scene.proxy.set_rules([]);
    assert_eq!(scene.variables().len(), 12);
}

/// Runs through a terminal, and answers what it asks.
const TERMINAL: &str = "
import os, pty, sys
answers = os.environ['ANSWERS'].split(',')
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen = b''
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    if answers and seen.endswith((b'(yes/no)\\r\\n', b'there:\\r\\n')):
        os.write(terminal, answers.pop(0).encode() + b'\\n')
sys.stdout.write(seen.decode().replace('\\r', ''))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

#[test]
fn typed_consent_in_a_protected_environment() {
    let scene = Scene::function();
    scene.protect();
    let refused = scene.typed("no").exits(4);
    shows(&refused, "`yes` was not typed; nothing was changed");
    scene.typed("yes,prod").exits(4);
    assert_eq!(scene.entries().len(), 0);
    let applied = scene.typed("yes,test").exits(0);
    let id = scene.last_id();
    let entry = scene.entries()[0].clone();
    let changed = entry["plan"]["from"].as_str().expect("what was");
    let shown = applied.stdout.replace(&id, "r-ID");
    let shown = shown.replace(changed, "last changed TIME");
    insta::assert_snapshot!("typed_consent", shown);
    assert_eq!(
        entry["consent"],
        json!({ "by": "Tester", "how": "typed", "at": NOW })
    );
    scene.is_sound();
    // Where there is no other environment, nothing could have helped in one.
    let mut alone: Value = serde_json::from_str(&scene.repo.read(ENVIRONMENTS)).expect("JSON");
    let all = alone["environments"].as_object_mut().expect("a map");
    assert!(all.remove("prod").is_some());
    scene.repo.write(&[(ENVIRONMENTS, &format!("{alone:#}\n"))]);
    scene.repo.commit_all("One environment");
    let plan = scene.remediate(&["restart", "orders-api", "--dry-run"]);
    let plan = plan.exits(0);
    shows(&plan, "requires confirmation");
    assert!(!plan.stdout.contains("another environment"));
}
