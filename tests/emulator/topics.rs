//! Alerts to topics of SNS, as a queue that subscribes to them gets them.

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, LATER, NOW, call};

const HELM: &str = ".fractary/plugins/helm/config/helm.toml";
const ACTIVE: &str = ".fractary/plugins/helm/issues/active";
const PLAIN: &str = "arn:aws:sns:us-east-1:000000000000:alerts";
const FIFO: &str = "arn:aws:sns:us-east-1:000000000000:alerts.fifo";

/// A failing function, a repository whose rule tells a topic, and a queue that hears it.
struct Scene {
    emulator: Emulator,
    proxy: Proxy,
    repo: Repo,
    queue: String,
}

impl Scene {
    fn new(topic: &str) -> Self {
        let emulator = emulator::ministack();
        let made = emulator.seed(&[json!({ "do": "function", "name": "orders-api" })]);
        // Half of the calls fail in all three periods.
        world::seed_metrics(&emulator, [100, 100, 100]);
        let repo = world::with_registry(&json!({
            "version": "1.0.0", "environment": "test",
            "resources": [{ "type": "aws_lambda_function", "aws_id": "orders-api", "arn": made[0]["arn"] }],
        }));
        let helm = format!(
            "[[rules]]\nname = \"tell\"\nwhen = 'kind == \"lambda\"'\naction = \"alert\"\n\
             channels = [\"topic\"]\n\n[channels.topic]\ntype = \"sns\"\ntopic_arn = \"{topic}\"\n"
        );
        repo.write(&[(HELM, &helm)]);
        repo.commit_all("Tell a topic");
        let queue = Self::subscribed(&emulator, topic);
        let proxy = Proxy::start(emulator.address());
        Self {
            emulator,
            proxy,
            repo,
            queue,
        }
    }

    /// The address of a queue that subscribes to a new topic.
    fn subscribed(emulator: &Emulator, topic: &str) -> String {
        let name = topic.rsplit(':').next().expect("an ARN has parts");
        let (attributes, queue_attributes) = if name.ends_with(".fifo") {
            (
                json!({ "FifoTopic": "true" }),
                json!({ "FifoQueue": "true" }),
            )
        } else {
            (json!({}), json!({}))
        };
        let made = emulator.seed(&[
            call(
                "sns",
                "create_topic",
                json!({ "Name": name, "Attributes": attributes }),
            ),
            call(
                "sqs",
                "create_queue",
                json!({ "QueueName": name, "Attributes": queue_attributes }),
            ),
        ]);
        assert_eq!(made[0]["TopicArn"], topic);
        let endpoint = topic.replace(":sns:", ":sqs:");
        emulator.seed(&[call(
            "sns",
            "subscribe",
            json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": endpoint }),
        )]);
        made[1]["QueueUrl"].as_str().expect("an address").to_owned()
    }

    fn run(&self, at: &str) -> Outcome {
        world::fractary(&self.repo, &self.proxy.url(), at, &["run", "--env", "test"])
            .run()
            .exits(1)
    }

    /// What the queue has got since it was last asked.
    fn heard(&self) -> Vec<Value> {
        let reply = self.emulator.seed(&[call(
            "sqs",
            "receive_message",
            json!({ "QueueUrl": self.queue, "MaxNumberOfMessages": 10, "AttributeNames": ["All"] }),
        )]);
        let messages = reply[0]["Messages"].as_array().cloned().unwrap_or_default();
        for message in &messages {
            let handle = &message["ReceiptHandle"];
            let arguments = json!({ "QueueUrl": self.queue, "ReceiptHandle": handle });
            self.emulator
                .seed(&[call("sqs", "delete_message", arguments)]);
        }
        messages
    }

    /// The one open issue.
    fn issue(&self) -> Value {
        let files = self.repo.files(ACTIVE);
        assert_eq!(files.len(), 1, "{files:?}");
        serde_json::from_str(&self.repo.read(&files[0])).expect("JSON")
    }

    fn delivery(&self) -> Value {
        let issue = self.issue();
        let deliveries = issue["alerts"]["deliveries"].as_array().expect("a list");
        assert_eq!(deliveries.len(), 1, "{issue:#}");
        deliveries[0].clone()
    }
}

/// What SNS puts around a message for a queue.
fn envelope(message: &Value) -> Value {
    serde_json::from_str(message["Body"].as_str().expect("a body")).expect("JSON")
}

#[test]
fn a_topic_is_told_once_in_a_window() {
    let scene = Scene::new(PLAIN);
    scene.run(NOW);
    let heard = scene.heard();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let (message, issue, delivery) = (envelope(&heard[0]), scene.issue(), scene.delivery());
    assert_eq!(delivery["delivered"], true);
    assert_eq!(delivery["reference"], message["MessageId"]);
    let attribute = |name: &str| {
        let attribute = &message["MessageAttributes"][name];
        assert_eq!(attribute["Type"], "String", "{name}");
        attribute["Value"].clone()
    };
    for (name, value) in [
        ("severity", &issue["severity"]),
        ("environment", &json!("test")),
        ("domain", &json!("infrastructure")),
        ("issue_id", &issue["id"]),
        ("event", &json!("opened")),
        ("idempotency_key", &delivery["key"]),
    ] {
        assert_eq!(attribute(name), *value, "{name}");
    }
    let id = issue["id"].as_str().expect("an id");
    let said = format!(
        "{}\n\n{}",
        message["Subject"].as_str().expect("a subject"),
        message["Message"].as_str().expect("a text")
    );
    insta::assert_snapshot!(said.replace(id, "ID"));
    // Within the pause of the rule.
    scene.run(LATER[0]);
    assert_eq!(scene.heard(), Vec::<Value>::new());
    assert_eq!(scene.proxy.counts()["sns:Publish"], 1);
    assert_eq!(scene.repo.status(), "");
    let policy = world::fractary(
        &scene.repo,
        "http://127.0.0.1:9",
        NOW,
        &["iam-policy", "run"],
    )
    .run()
    .exits(0);
    let policy = policy.json();
    let statements = policy["Statement"].as_array().expect("a list");
    let publish = statements.last().expect("statements");
    assert_eq!(publish["Action"], json!(["sns:Publish"]));
    assert_eq!(publish["Resource"], json!([PLAIN]));
}

#[test]
fn what_a_topic_did_not_take_is_told_by_the_next_run_with_the_same_key() {
    let scene = Scene::new(PLAIN);
    scene.proxy.set_rules([Rule::on("sns:*", Fault::Deny)]);
    let outcome = scene.run(NOW);
    for part in [
        "channel topic",
        "access denied",
        "allow sns:Publish on",
        PLAIN,
    ] {
        // Lines may be broken between words.
        let words: Vec<&str> = outcome.stderr.split_whitespace().collect();
        assert!(words.join(" ").contains(part), "{part}: {}", outcome.stderr);
    }
    let first = scene.delivery();
    assert_eq!(first["delivered"], false);
    assert!(
        first["error"].to_string().contains("sns:Publish"),
        "{first}"
    );
    assert_eq!(scene.heard(), Vec::<Value>::new());
    scene.proxy.set_rules([]);
    scene.run(LATER[0]);
    let heard = scene.heard();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let second = scene.delivery();
    assert_eq!(second["delivered"], true);
    assert_eq!(second["key"], first["key"]);
    let attributes = &envelope(&heard[0])["MessageAttributes"];
    assert_eq!(attributes["idempotency_key"]["Value"], first["key"]);
    assert_eq!(scene.repo.status(), "");
    scene.repo.fsck();
}

#[test]
fn a_fifo_topic_orders_by_issue_and_drops_duplicates_by_key() {
    let scene = Scene::new(FIFO);
    scene.run(NOW);
    let heard = scene.heard();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let attributes = &heard[0]["Attributes"];
    assert_eq!(attributes["MessageGroupId"], scene.issue()["id"]);
    assert_eq!(
        attributes["MessageDeduplicationId"],
        scene.delivery()["key"]
    );
}

#[test]
fn a_topic_that_is_gone_is_a_warning() {
    let scene = Scene::new(PLAIN);
    scene
        .emulator
        .seed(&[call("sns", "delete_topic", json!({ "TopicArn": PLAIN }))]);
    let outcome = scene.run(NOW);
    let words: Vec<&str> = outcome.stderr.split_whitespace().collect();
    let said = words.join(" ");
    assert!(said.contains("there is no such topic"), "{said}");
    assert!(said.contains("check `topic_arn`"), "{said}");
    assert_eq!(scene.delivery()["delivered"], false);
}
