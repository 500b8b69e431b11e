//! A GitHub that speaks over real sockets: as much of its REST API for pull requests as is
//! documented at <https://docs.github.com/rest/pulls/pulls>, and faults on demand.
//!
//! What a request does wrong (a header that is missing, a field that GitHub does not know) is
//! answered with 400 and kept for [`GitHub::faults`].

use std::collections::VecDeque;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use super::http::{Message, read_request};

/// The token that it accepts.
pub(crate) const TOKEN: &str = "ghs_0123456789abcdefghijABCDEFGHIJ012345";

/// What it does instead of answering.
#[derive(Debug, Clone)]
pub(crate) enum Instead {
    /// A status, headers and a body.
    Answer(u16, &'static [(&'static str, &'static str)], String),
    /// Nothing, for as long as the other side waits.
    Hang,
    /// Bytes that are no HTTP.
    Garbage,
    /// It does what it is asked, and the answer is lost.
    DoAndHangUp,
}

#[derive(Default)]
struct State {
    pulls: Vec<Value>,
    issues: Vec<Value>,
    /// Comments of pull request 7, as GraphQL has them.
    comments: Vec<Value>,
    /// The newest commit of pull request 7.
    head: String,
    /// `GET /repos/o/r/pulls`, in order.
    asked: Vec<String>,
    faults: Vec<String>,
    instead: VecDeque<(&'static str, Instead)>,
}

/// A running server for the repository `o/r`; ends with the process.
pub(crate) struct GitHub {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl GitHub {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does something else at the next request with this method.
    pub(crate) fn instead(&self, method: &'static str, what: Instead) {
        self.lock().instead.push_back((method, what));
    }

    /// The pull requests there are.
    pub(crate) fn pulls(&self) -> Vec<Value> {
        self.lock().pulls.clone()
    }

    /// The issues there are.
    pub(crate) fn issues(&self) -> Vec<Value> {
        self.lock().issues.clone()
    }

    /// The comments of pull request 7.
    pub(crate) fn comments(&self) -> Vec<Value> {
        self.lock().comments.clone()
    }

    /// Says which commit is the newest of pull request 7.
    pub(crate) fn set_head(&self, commit: &str) {
        self.lock().head = commit.to_owned();
    }

    /// Adds a comment as somebody does.
    pub(crate) fn add_comment(&self, login: &str, body: &str) {
        let mut state = self.lock();
        let made = comment(state.comments.len() + 1, login, body);
        state.comments.push(made);
    }

    /// Adds an issue as a person does: one who belongs to the repository, or anybody.
    pub(crate) fn add_issue(&self, body: &str, insider: bool) {
        let mut state = self.lock();
        let mut made = issue(state.issues.len() + 1, "by hand", body);
        made["author_association"] = json!(if insider { "MEMBER" } else { "NONE" });
        made["user"] = json!({ "login": "someone", "type": "User" });
        state.issues.push(made);
    }

    /// Opens or closes an issue as a person does.
    pub(crate) fn set_issue(&self, number: usize, state: &str) {
        self.lock().issues[number - 1]["state"] = json!(state);
    }

    /// Adds one that somebody else has opened.
    pub(crate) fn add(&self, repository: &str, branch: &str) {
        let mut state = self.lock();
        let number = state.pulls.len() + 1;
        state
            .pulls
            .push(pull(number, repository, branch, "theirs", "theirs"));
    }

    /// Method and path of the requests since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().asked)
    }

    /// What requests did wrong.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.lock().faults.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no request panics")
    }
}

fn pull(number: usize, repository: &str, branch: &str, title: &str, body: &str) -> Value {
    json!({
        "number": number, "state": "open", "title": title, "body": body,
        "html_url": format!("https://github.example.com/o/r/pull/{number}"),
        "head": { "ref": branch, "repo": { "full_name": repository } },
        "base": { "ref": "main" },
    })
}

fn issue(number: usize, title: &str, body: &str) -> Value {
    json!({
        "number": number, "state": "open", "title": title, "body": body, "labels": [],
        "html_url": format!("https://github.example.com/o/r/issues/{number}"),
        "author_association": "NONE",
        "user": { "login": "github-actions[bot]", "type": "Bot" },
    })
}

fn comment(number: usize, login: &str, body: &str) -> Value {
    json!({
        "id": format!("IC_{number}"), "databaseId": number, "isMinimized": false,
        "body": body, "author": { "login": login },
    })
}

/// Comments of a pull request, through REST and GraphQL.
fn comments(request: &Message, body: &Value, state: &mut State) -> Option<(u16, Value)> {
    let path = request.target();
    let text = || body["body"].as_str().unwrap_or_default();
    let too_long = text().chars().count() > 65_536 || text().len() > 262_144;
    let refused = json!({ "message": "Validation Failed", "errors": [
        { "resource": "IssueComment", "code": "unprocessable", "field": "data",
          "message": "Body is too long (maximum is 65536 characters)" }] });
    let number = path.strip_prefix("/repos/o/r/issues/comments/");
    let number = number.and_then(|number| number.parse::<u64>().ok());
    let at = state
        .comments
        .iter()
        .position(|one| one["databaseId"].as_u64() == number);
    match (request.method(), path) {
        ("POST", "/graphql")
            if body["query"]
                .as_str()
                .is_some_and(|q| q.starts_with("mutation")) =>
        {
            let id = &body["variables"]["id"];
            let found = state.comments.iter_mut().find(|one| one["id"] == *id)?;
            found["isMinimized"] = json!(true);
            Some((
                200,
                json!({ "data": { "minimizeComment": { "minimizedComment": { "isMinimized": true } } } }),
            ))
        }
        ("POST", "/graphql") => {
            let wanted = json!({ "owner": "o", "name": "r", "number": 7 });
            for key in ["owner", "name", "number"] {
                if body["variables"][key] != wanted[key] {
                    state.faults.push(body["variables"].to_string());
                }
            }
            // Two on a page, so that pages are turned.
            let from: usize = body["variables"]["after"]
                .as_str()
                .map_or(0, |at| at.parse().expect("a cursor"));
            let nodes: Vec<Value> = state.comments.iter().skip(from).take(2).cloned().collect();
            let page = json!({ "hasNextPage": from + 2 < state.comments.len(), "endCursor": (from + 2).to_string() });
            Some((
                200,
                json!({ "data": { "viewer": { "login": "github-actions[bot]" },
                "repository": { "pullRequest": { "comments": { "nodes": nodes, "pageInfo": page } } } } }),
            ))
        }
        ("POST", "/repos/o/r/issues/7/comments") | ("PATCH", _)
            if too_long && path.contains("comments") =>
        {
            Some((422, refused))
        }
        ("POST", "/repos/o/r/issues/7/comments") => {
            let number = state
                .comments
                .iter()
                .filter_map(|one| one["databaseId"].as_u64())
                .max();
            let number = usize::try_from(number.unwrap_or(0)).expect("a number") + 1;
            state
                .comments
                .push(comment(number, "github-actions", text()));
            Some((201, json!({ "id": number })))
        }
        ("PATCH", _) if number.is_some() => {
            state.comments[at?]["body"] = body["body"].clone();
            Some((200, json!({ "id": number })))
        }
        ("DELETE", _) if number.is_some() => {
            state.comments.remove(at?);
            Some((204, Value::Null))
        }
        _ => None,
    }
}

fn issues(request: &Message, body: &Value, state: &mut State) -> (u16, Value) {
    let not_found = (404, json!({ "message": "Not Found" }));
    let (path, query) = request
        .target()
        .split_once('?')
        .unwrap_or((request.target(), ""));
    let schema: Value =
        serde_json::from_str(include_str!("../data/alerts/github-issue.schema.json"))
            .expect("a schema");
    let rest = path.strip_prefix("/repos/o/r/issues").unwrap_or_default();
    let is_label = rest.ends_with("/labels");
    if matches!(request.method(), "POST" | "PATCH") && !jsonschema::is_valid(&schema, body) {
        state
            .faults
            .push(format!("{} {path}: {body}", request.method()));
        return (422, json!({ "message": "Validation Failed" }));
    }
    if rest.is_empty() {
        return match request.method() {
            "GET" => {
                let wanted = "state=all&sort=created&direction=desc&per_page=100&page=1";
                if query != wanted {
                    state.faults.push(query.to_owned());
                }
                let newest_first = state.issues.iter().rev().cloned().collect();
                (200, Value::Array(newest_first))
            }
            "POST" => {
                let text = |key: &str| body[key].as_str().unwrap_or_default();
                let mut made = issue(state.issues.len() + 1, text("title"), text("body"));
                made["labels"] = named(&body["labels"]);
                state.issues.push(made.clone());
                (201, made)
            }
            _ => not_found,
        };
    }
    let number = rest.trim_start_matches('/').trim_end_matches("/labels");
    let number: usize = number.parse().unwrap_or(0);
    let Some(found) = state.issues.get_mut(number.wrapping_sub(1)) else {
        return not_found;
    };
    match request.method() {
        "POST" if is_label => {
            let mut all = found["labels"].as_array().cloned().unwrap_or_default();
            all.extend(
                named(&body["labels"])
                    .as_array()
                    .cloned()
                    .unwrap_or_default(),
            );
            found["labels"] = Value::Array(all);
            (200, found["labels"].clone())
        }
        "PATCH" => {
            for key in ["title", "body", "state", "state_reason"] {
                if !body[key].is_null() {
                    found[key] = body[key].clone();
                }
            }
            (200, found.clone())
        }
        _ => (200, found.clone()),
    }
}

fn named(labels: &Value) -> Value {
    let labels = labels.as_array().cloned().unwrap_or_default();
    labels
        .into_iter()
        .map(|name| json!({ "name": name }))
        .collect()
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut writer = stream.try_clone().expect("a socket has two ends");
    let mut reader = BufReader::new(stream);
    while let Ok(Some(request)) = read_request(&mut reader) {
        let instead = {
            let mut state = state.lock().expect("no request panics");
            let line = format!("{} {}", request.method(), request.target());
            state.asked.push(line);
            let at = state
                .instead
                .iter()
                .position(|(method, _)| *method == request.method());
            at.and_then(|at| state.instead.remove(at))
                .map(|(_, what)| what)
        };
        let (status, headers, body): (u16, &[(&str, &str)], String) = match instead {
            Some(Instead::Hang) => {
                // Until the other side has had enough.
                drop(read_request(&mut reader));
                return;
            }
            Some(Instead::Garbage) => {
                drop(writer.write_all(b"\x00\xffSSH-2.0-nothing\r\n\r\n"));
                return;
            }
            Some(Instead::DoAndHangUp) => {
                answer(&request, &mut state.lock().expect("no request panics"));
                return;
            }
            Some(Instead::Answer(status, headers, body)) => (status, headers, body),
            None => {
                let mut state = state.lock().expect("no request panics");
                let (status, body) = match fault(&request) {
                    Some(fault) => {
                        state.faults.push(fault.clone());
                        (400, json!({ "message": fault }))
                    }
                    None => answer(&request, &mut state),
                };
                (status, &[], body.to_string())
            }
        };
        let mut reply = Message {
            first: format!("HTTP/1.1 {status} X"),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: body.into_bytes(),
        };
        let own = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        reply.headers.extend(own);
        if reply.write_to(&mut writer, false).is_err() {
            return;
        }
    }
}

/// What the documentation does not allow.
fn fault(request: &Message) -> Option<String> {
    let expected = [
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
        ("authorization", &format!("Bearer {TOKEN}")),
    ];
    for (name, value) in expected {
        if request.header(name) != Some(value) {
            return Some(format!("{name} is {:?}", request.header(name)));
        }
    }
    if !request
        .header("user-agent")
        .is_some_and(|agent| agent.starts_with("fractary/"))
    {
        return Some("GitHub refuses requests without User-Agent".to_owned());
    }
    let has_body = matches!(request.method(), "POST" | "PATCH");
    if has_body != (request.header("content-type") == Some("application/json")) {
        return Some("content-type".to_owned());
    }
    if request.target().contains(TOKEN) {
        return Some("the token is in the address".to_owned());
    }
    None
}

fn answer(request: &Message, state: &mut State) -> (u16, Value) {
    let (path, query) = request
        .target()
        .split_once('?')
        .unwrap_or((request.target(), ""));
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let unknown = |known: &[&str]| {
        let keys = body
            .as_object()
            .map(|body| body.keys().cloned().collect::<Vec<_>>());
        keys.unwrap_or_default()
            .into_iter()
            .find(|key| !known.contains(&key.as_str()))
    };
    if let Some(answer) = comments(request, &body, state) {
        return answer;
    }
    match (request.method(), path) {
        (_, path) if path.starts_with("/repos/o/r/issues") => issues(request, &body, state),
        ("GET", "/repos/o/r/pulls/7") => {
            (200, json!({ "number": 7, "head": { "sha": state.head } }))
        }
        ("GET", "/repos/o/r") => (200, json!({ "full_name": "o/r", "default_branch": "main" })),
        ("GET", "/repos/o/r/pulls") => {
            let wanted =
                "state=open&head=o%3Afractary%2Fstate&sort=created&direction=asc&per_page=100";
            if query != wanted {
                state.faults.push(query.to_owned());
            }
            // The filter goes by owner and branch; forks of the owner's own are in it, too.
            (200, Value::Array(state.pulls.clone()))
        }
        ("POST", "/repos/o/r/pulls") => {
            let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
            if let Some(key) = unknown(&["title", "head", "base", "body"]) {
                state.faults.push(key);
            }
            if text("body").chars().count() > 65_536 {
                return (
                    422,
                    json!({ "message": "Validation Failed", "errors": [
                    { "resource": "Issue", "code": "custom", "field": "body", "message": "body is too long (maximum is 65536 characters)" }] }),
                );
            }
            let taken = state.pulls.iter().any(|one| {
                one["head"]["ref"] == body["head"] && one["head"]["repo"]["full_name"] == "o/r"
            });
            if taken {
                return (
                    422,
                    json!({ "message": "Validation Failed", "errors": [
                    { "resource": "PullRequest", "code": "custom", "message": "A pull request already exists for o:fractary/state." }] }),
                );
            }
            let made = pull(
                state.pulls.len() + 1,
                "o/r",
                &text("head"),
                &text("title"),
                &text("body"),
            );
            state.pulls.push(made.clone());
            (201, made)
        }
        ("PATCH", path) => {
            if let Some(key) = unknown(&["title", "body"]) {
                state.faults.push(key);
            }
            let number: Option<u64> = path
                .strip_prefix("/repos/o/r/pulls/")
                .and_then(|number| number.parse().ok());
            match state
                .pulls
                .iter_mut()
                .find(|one| one["number"].as_u64() == number)
            {
                Some(found) => {
                    found["title"] = body["title"].clone();
                    found["body"] = body["body"].clone();
                    (200, found.clone())
                }
                None => (404, json!({ "message": "Not Found" })),
            }
        }
        _ => (404, json!({ "message": "Not Found" })),
    }
}
