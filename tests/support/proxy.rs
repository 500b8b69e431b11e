//! A proxy between the product and an emulator: it counts requests by operation and makes
//! some of them fail.
//!
//! Counting happens here and not in the client, so that a test sees what really went out.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::fault::{self, Fault, Rule};
use super::http::{self, Message};
use super::operation;

/// A running proxy. Stops when dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: SocketAddr,
    state: Mutex<State>,
    /// Somebody has come to a gathering.
    came: Condvar,
}

#[derive(Default)]
struct State {
    stopped: bool,
    rules: Vec<Struck>,
    counts: BTreeMap<String, u64>,
    in_flight: u64,
    most_in_flight: u64,
    /// Requests that wait for others.
    gathered: u64,
    /// Replies by what was asked; `None` where nothing is remembered.
    memory: Option<BTreeMap<Vec<u8>, Message>>,
}

struct Struck {
    rule: Rule,
    seen: u64,
}

impl Proxy {
    /// Starts one in front of an emulator.
    pub(crate) fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .expect("the loopback interface has a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            upstream,
            state: Mutex::default(),
            came: Condvar::new(),
        });
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if for_thread.state().stopped {
                    return;
                }
                let shared = Arc::clone(&for_thread);
                // A client that goes away in the middle is its own business.
                thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Self { address, shared }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to set `AWS_ENDPOINT_URL` to.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replaces the rules; the first that strikes a request decides. Their counters start anew.
    pub(crate) fn set_rules(&self, rules: impl IntoIterator<Item = Rule>) {
        self.shared.state().gathered = 0;
        self.shared.state().rules = rules
            .into_iter()
            .map(|rule| Struck { rule, seen: 0 })
            .collect();
    }

    /// From now on, what was asked once is answered from memory: for tests that ask the same of
    /// an emulator which nobody changes, many times over.
    pub(crate) fn remember(&self) {
        self.shared.state().memory.get_or_insert_default();
    }

    /// Requests that arrived, by `service:Operation`, those that were made to fail included.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.shared.state().counts.clone()
    }

    /// Requests that arrived.
    pub(crate) fn total(&self) -> u64 {
        self.shared.state().counts.values().sum()
    }

    /// The most requests that were under way at once.
    pub(crate) fn most_in_flight(&self) -> u64 {
        self.shared.state().most_in_flight
    }

    /// Starts counting from zero.
    pub(crate) fn forget(&self) {
        let mut state = self.shared.state();
        state.counts.clear();
        state.most_in_flight = state.in_flight;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        self.shared.came.notify_all();
        // Wakes the thread that waits for connections, so that it sees the flag.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers the requests of one connection.
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(request) = http::read_request(&mut reader)? {
            let fault = self.arrive(&operation::name(&request));
            let open = self.answer(&stream, &request, fault.as_ref());
            self.state().in_flight -= 1;
            if !open? {
                break;
            }
        }
        stream.shutdown(Shutdown::Both)
    }

    /// Counts a request and says what shall happen to it.
    fn arrive(&self, operation: &str) -> Option<Fault> {
        let mut state = self.state();
        *state.counts.entry(operation.to_owned()).or_insert(0) += 1;
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        let mut fault = None;
        for struck in state
            .rules
            .iter_mut()
            .filter(|one| one.rule.names(operation))
        {
            struck.seen += 1;
            if fault.is_none() && struck.rule.strikes(struck.seen) {
                fault = Some(struck.rule.fault.clone());
            }
        }
        fault
    }

    /// Answers one request; `false` when the connection is over.
    fn answer(
        &self,
        mut stream: &TcpStream,
        request: &Message,
        fault: Option<&Fault>,
    ) -> io::Result<bool> {
        let Some(fault) = fault else {
            self.forward(request)?.write_to(&mut stream, false)?;
            return Ok(true);
        };
        match fault {
            Fault::Gather(count) => {
                if !self.gather(*count) {
                    return Ok(false);
                }
                self.forward(request)?.write_to(&mut stream, false)?;
            }
            Fault::Close => return Ok(false),
            Fault::Hang => {
                // Until the client gives up and closes.
                io::copy(&mut stream.take(u64::MAX), &mut io::sink())?;
                return Ok(false);
            }
            Fault::Truncate => {
                let mut bytes = Vec::new();
                self.forward(request)?.write_to(&mut bytes, true)?;
                let body = bytes.windows(4).position(|four| four == b"\r\n\r\n");
                let body = body.map_or(bytes.len(), |at| at + 4);
                stream.write_all(&bytes[..body + (bytes.len() - body) / 2])?;
                return Ok(false);
            }
            Fault::Answer(body) => fault::answer(body).write_to(&mut stream, false)?,
            Fault::Html => fault::web_page().write_to(&mut stream, false)?,
            Fault::Garbage => fault::garbage(request).write_to(&mut stream, false)?,
            told => fault::reply(told, request)
                .expect("every other fault has a reply")
                .write_to(&mut stream, false)?,
        }
        Ok(true)
    }

    /// Waits until so many have come; `false` where the proxy has stopped before. Those who come one
    /// after the other never leave.
    fn gather(&self, count: u64) -> bool {
        let mut state = self.state();
        state.gathered += 1;
        self.came.notify_all();
        while state.gathered < count && !state.stopped {
            state = self
                .came
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        !state.stopped
    }

    fn forward(&self, request: &Message) -> io::Result<Message> {
        let asked = self.state().memory.is_some().then(|| asked(request));
        let known = asked.as_ref().and_then(|asked| {
            let state = self.state();
            state.memory.as_ref()?.get(asked).cloned()
        });
        if let Some(reply) = known {
            return Ok(reply);
        }
        let reply = http::send(self.upstream, request)?;
        if let (Some(asked), Some(memory)) = (asked, &mut self.state().memory) {
            memory.insert(asked, reply.clone());
        }
        Ok(reply)
    }
}

/// What a request asks: of whom, in which region, and what. When it was signed does not count.
fn asked(request: &Message) -> Vec<u8> {
    let scope = request.header("authorization").unwrap_or_default();
    let scope: Vec<&str> = scope.split('/').skip(2).take(2).collect();
    let target = request.header("x-amz-target").unwrap_or_default();
    let first = &request.first;
    let head = format!("{first}\n{target}\n{}\n", scope.join("/"));
    [head.as_bytes(), &request.body].concat()
}
