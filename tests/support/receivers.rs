//! Services that take alerts, over real sockets: they hold every payload against what the
//! service documents (`tests/data/alerts/`), and break on demand.

use std::collections::VecDeque;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver as Events, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use super::github::Instead;
use super::http::{Message, read_request};

/// A routing key of PagerDuty.
pub(crate) const ROUTING_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// Path of a webhook, which is its password.
pub(crate) const SLACK_PATH: &str = "/services/T00000000/B00000000/XXXXyyyyZZZZ0000aaaa1111";

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Slack,
    Pagerduty,
    /// Any address; `alert` is the schema.
    Webhook,
}

impl Service {
    fn schema(self) -> Value {
        let text = match self {
            Self::Slack => include_str!("../data/alerts/slack.schema.json"),
            Self::Pagerduty => include_str!("../data/alerts/pagerduty.schema.json"),
            Self::Webhook => include_str!("../../schemas/alert.schema.json"),
        };
        serde_json::from_str(text).expect("a schema")
    }

    /// What it answers to what it takes.
    fn thanks(self, body: &Value) -> (u16, String) {
        match self {
            Self::Slack => (200, "ok".to_owned()),
            Self::Pagerduty => (
                202,
                json!({ "status": "success", "message": "Event processed", "dedup_key": body["dedup_key"] }).to_string(),
            ),
            Self::Webhook => (204, String::new()),
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Slack => SLACK_PATH,
            Self::Pagerduty => "/v2/enqueue",
            Self::Webhook => "/hook/?team=ops",
        }
    }
}

#[derive(Default)]
struct State {
    taken: Vec<(Message, Value)>,
    faults: Vec<String>,
    instead: VecDeque<Instead>,
    always: Option<Instead>,
}

/// A running service; ends with the process.
pub(crate) struct Receiver {
    address: SocketAddr,
    service: Service,
    state: Arc<Mutex<State>>,
    arrived: Events<()>,
}

impl Receiver {
    pub(crate) fn start(service: Service) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(Mutex::new(State::default()));
        let (sender, arrived) = channel();
        let shared = Arc::clone(&state);
        let validator = Arc::new(jsonschema::validator_for(&service.schema()).expect("a schema"));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, sender) = (Arc::clone(&shared), sender.clone());
                let validator = Arc::clone(&validator);
                thread::spawn(move || serve(stream, service, &validator, &shared, &sender));
            }
        });
        Self {
            address,
            service,
            state,
            arrived,
        }
    }

    /// Without a path.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// With its path, as it is kept in a variable.
    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.base(), self.service.path())
    }

    /// Does something else at the next request.
    pub(crate) fn instead(&self, what: Instead) {
        self.lock().instead.push_back(what);
    }

    /// Does something else at every request, or what it should again.
    pub(crate) fn always(&self, what: Option<Instead>) {
        self.lock().always = what;
    }

    /// Payloads that arrived whole since the last call, whether or not they were answered.
    pub(crate) fn taken(&self) -> Vec<Value> {
        let taken = std::mem::take(&mut self.lock().taken);
        taken.into_iter().map(|(_, body)| body).collect()
    }

    /// The same with their heads.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let taken = std::mem::take(&mut self.lock().taken);
        taken.into_iter().map(|(message, _)| message).collect()
    }

    /// Waits until a request has arrived whole.
    pub(crate) fn wait(&self) {
        self.arrived
            .recv()
            .expect("the server lives as long as the test");
    }

    /// What requests did wrong.
    #[track_caller]
    pub(crate) fn has_no_complaint(&self) {
        assert_eq!(self.lock().faults, [""; 0]);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no request panics")
    }
}

fn serve(
    stream: TcpStream,
    service: Service,
    validator: &jsonschema::Validator,
    state: &Mutex<State>,
    arrived: &Sender<()>,
) {
    let mut writer = stream.try_clone().expect("a socket has two ends");
    let mut reader = BufReader::new(stream);
    while let Ok(Some(request)) = read_request(&mut reader) {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let instead = {
            let mut state = state.lock().expect("no request panics");
            let wrong = wrong(service, validator, &request, &body);
            state.faults.extend(wrong);
            state.taken.push((request, body.clone()));
            let next = state.instead.pop_front();
            next.or_else(|| state.always.clone())
        };
        // A test that no longer waits has seen enough.
        let _ = arrived.send(());
        let (status, headers, text) = match instead {
            Some(Instead::Hang) => {
                drop(read_request(&mut reader));
                return;
            }
            Some(Instead::Garbage) => {
                drop(writer.write_all(b"\x00\xffSSH-2.0-nothing\r\n\r\n"));
                return;
            }
            Some(Instead::DoAndHangUp) => return,
            Some(Instead::Answer(status, headers, text)) => (status, headers, text),
            None => {
                let (status, text) = service.thanks(&body);
                (status, &[][..], text)
            }
        };
        let reply = Message {
            first: format!("HTTP/1.1 {status} X"),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: text.into_bytes(),
        };
        if reply.write_to(&mut writer, false).is_err() {
            return;
        }
    }
}

fn wrong(
    service: Service,
    validator: &jsonschema::Validator,
    request: &Message,
    body: &Value,
) -> Vec<String> {
    let mut out: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    let line = format!("{} {}", request.method(), request.target());
    if line != format!("POST {}", service.path()) {
        out.push(line);
    }
    if request.header("content-type") != Some("application/json") {
        out.push("content-type".to_owned());
    }
    if service == Service::Pagerduty && body["routing_key"] != ROUTING_KEY {
        out.push("routing key".to_owned());
    }
    if service == Service::Webhook && request.header("idempotency-key") != body["key"].as_str() {
        out.push("idempotency-key".to_owned());
    }
    out
}
