//! AWS emulators: installed once per machine, started once per test binary, emptied for
//! every test, and gone with the test process however it ends.
//!
//! Where MiniStack answers otherwise than AWS, `tests/emulator/seeding.rs` says so in a test.
//! What neither can show: a bucket in another region (no redirect), `ListFunctions` pages
//! larger than 50 refused, missing permissions without `AUTH=true` (let the proxy deny).

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::{http, venv};

/// When it always is in MiniStack's CloudWatch: alarms changed then, and points older than
/// two weeks before it are forgotten. Later points are kept.
pub(crate) const CLOCK: &str = "2026-03-01T12:00:00Z";

/// How often a start is looked at, and how long at most.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: u32 = 600;

/// One emulator, for one test at a time: other tests that ask for it wait until this is dropped.
pub(crate) struct Emulator {
    server: &'static Server,
    _turn: MutexGuard<'static, ()>,
}

/// MiniStack: account 000000000000, and the better CloudWatch. Empty.
pub(crate) fn ministack() -> Emulator {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    take(&SERVER, &TURN, &MINISTACK)
}

/// MiniStack that enforces the policies of users and roles; the key `test` may do everything.
pub(crate) fn enforcing() -> Emulator {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    take(&SERVER, &TURN, &ENFORCING)
}

/// moto: account 123456789012, for what only it has. It does not speak CBOR, so that
/// CloudWatch of the product can't use it, and its API Gateway is not installed. Empty.
pub(crate) fn moto() -> Emulator {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    take(&SERVER, &TURN, &MOTO)
}

impl Emulator {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The Python environment that it runs in, with boto3.
    pub(crate) fn venv(&self) -> &Path {
        &self.server.venv
    }

    /// The same as an endpoint.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// Empties it. Done already when a test gets it.
    pub(crate) fn reset(&self) {
        let path = self.server.software.reset;
        let reply = http::call(self.server.address, "POST", path)
            .unwrap_or_else(|error| panic!("the emulator does not answer {path}: {error}"));
        assert_eq!(reply.status(), 200, "{path}: {reply:?}");
    }

    /// Does these steps (see `seed.py`) and returns their replies. Panics when one fails.
    pub(crate) fn seed(&self, steps: &[Value]) -> Vec<Value> {
        self.try_seed(&self.url(), steps)
            .unwrap_or_else(|refusal| panic!("seeding failed: {}", refusal.message))
    }

    /// The same through another endpoint, such as a proxy, where it may fail.
    pub(crate) fn try_seed(&self, endpoint: &str, steps: &[Value]) -> Result<Vec<Value>, Refusal> {
        self.ask(&json!({ "endpoint": endpoint, "steps": steps }))
    }

    /// The same with the access key of somebody.
    pub(crate) fn try_seed_as(&self, keys: &Value, steps: &[Value]) -> Result<Vec<Value>, Refusal> {
        self.ask(&json!({
            "endpoint": self.url(), "steps": steps, "region": "eu-central-1",
            "key": keys["AccessKeyId"], "secret": keys["SecretAccessKey"],
        }))
    }

    fn ask(&self, request: &Value) -> Result<Vec<Value>, Refusal> {
        static SEEDER: Mutex<Option<Seeder>> = Mutex::new(None);
        let mut seeder = SEEDER.lock().unwrap_or_else(PoisonError::into_inner);
        let seeder = seeder.get_or_insert_with(|| Seeder::start(&self.server.venv));
        let reply = seeder.ask(request);
        if let Some(message) = reply["error"].as_str() {
            return Err(Refusal {
                code: reply["code"].as_str().unwrap_or_default().to_owned(),
                message: message.to_owned(),
            });
        }
        Ok(reply["replies"].as_array().cloned().unwrap_or_default())
    }
}

/// An error that an AWS client saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The error code, or the class of the client's error.
    pub(crate) code: String,
    /// The step and the client's message.
    pub(crate) message: String,
}

/// What there is to know about an emulator.
struct Software {
    name: &'static str,
    module: &'static str,
    requirements: &'static str,
    health: &'static str,
    reset: &'static str,
    enforces: bool,
}

const MINISTACK: Software = Software {
    name: "ministack",
    module: "ministack",
    requirements: "requirements-ministack.txt",
    health: "/_ministack/health",
    reset: "/_ministack/reset",
    enforces: false,
};

const ENFORCING: Software = Software {
    enforces: true,
    ..MINISTACK
};

const MOTO: Software = Software {
    name: "moto",
    module: "moto.server",
    requirements: "requirements-moto.txt",
    health: "/moto-api/data.json",
    reset: "/moto-api/reset",
    enforces: false,
};

struct Server {
    software: &'static Software,
    address: SocketAddr,
    venv: PathBuf,
    /// Holds the pipe that keeps the emulator alive: it closes when this process ends.
    _child: Child,
}

fn take(
    server: &'static OnceLock<Server>,
    turn: &'static Mutex<()>,
    software: &'static Software,
) -> Emulator {
    // A test that failed leaves nothing behind that the reset does not clear.
    let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let emulator = Emulator {
        server: server.get_or_init(|| Server::start(software)),
        _turn: turn,
    };
    emulator.reset();
    emulator
}

impl Server {
    fn start(software: &'static Software) -> Self {
        let folder = support_folder();
        let venv = venv::ensure(software.name, &folder.join(software.requirements));
        // Between finding a free port and using it somebody else may take it.
        for _ in 0..5 {
            let address = free_address();
            let (mut child, log) = spawn(software, &venv, address);
            if answers(software, address, &mut child) {
                let _child = child;
                return Self {
                    software,
                    address,
                    venv,
                    _child,
                };
            }
            let said = fs::read_to_string(&log).unwrap_or_default();
            assert!(
                child.try_wait().is_ok_and(|ended| ended.is_some()) && said.contains("in use"),
                "{} does not start; its log {}:\n{said}",
                software.name,
                log.display(),
            );
        }
        panic!("no port is free for {}", software.name);
    }
}

fn spawn(software: &Software, venv: &Path, address: SocketAddr) -> (Child, PathBuf) {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let log = scratch.join(format!("{}-{}.log", software.name, address.port()));
    let out = File::create(&log).expect("the target directory can be written");
    let err = out.try_clone().expect("a file handle can be copied");
    let mut command = Command::new(venv::program(venv, "python"));
    command
        .arg(support_folder().join("serve.py"))
        .arg(software.module)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", scratch)
        .env("TMPDIR", scratch)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("GATEWAY_PORT", address.port().to_string())
        .env("BIND_HOST", address.ip().to_string())
        .env("SFTP_ENABLED", "0")
        .env("CLOUDTRAIL_RECORDING", "1")
        .env("AUTH", software.enforces.to_string())
        .env("LOG_LEVEL", "WARNING")
        .env("EMULATOR_CLOCK", CLOCK)
        .env("EMULATOR_LOG", &log)
        .stdin(Stdio::piped())
        .stdout(out)
        .stderr(err);
    if software.module == MOTO.module {
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        command.args(["-H", &host, "-p", &port]);
    }
    let child = command
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}", software.name));
    (child, log)
}

/// Waits until the emulator answers; `false` when it has ended or never does.
fn answers(software: &Software, address: SocketAddr, child: &mut Child) -> bool {
    for _ in 0..LOOKS {
        if http::call(address, "GET", software.health).is_ok_and(|reply| reply.status() == 200) {
            return true;
        }
        if child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return false;
        }
        pause();
    }
    false
}

#[expect(
    clippy::disallowed_methods,
    reason = "a port that nobody listens on refuses at once; no event tells when that changes"
)]
fn pause() {
    std::thread::sleep(LOOK_EVERY);
}

/// An address on which nothing listens.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has a free port")
}

fn support_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support")
}

/// The running seed script.
struct Seeder {
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Seeder {
    fn start(venv: &Path) -> Self {
        let mut child = Command::new(venv::program(venv, "python"))
            .arg(support_folder().join("seed.py"))
            .env_clear()
            .env("HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the environment that runs the emulator has Python");
        let input = child.stdin.take().expect("standard input is a pipe");
        let output = child.stdout.take().expect("standard output is a pipe");
        Self {
            _child: child,
            input,
            output: BufReader::new(output),
        }
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.input, "{request}").expect("the seed script reads its input");
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .expect("the seed script answers");
        serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the seed script said {line:?}: {error}"))
    }
}
