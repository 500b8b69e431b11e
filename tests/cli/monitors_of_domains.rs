//! The monitors that we write and document, against real servers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::monitors::Monitored;
use crate::pages;
use crate::support::http::{Message, read_request};

/// A server that answers `/<status>` with that status and a page.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                let Ok(Some(request)) = read_request(&mut reader) else {
                    return;
                };
                let path = request.target().trim_start_matches('/').to_owned();
                let (status, age) = path.split_once('/').unwrap_or((&path, "0"));
                let headers = [("Age", age), ("Location", "/200")];
                let reply = Message {
                    first: format!("HTTP/1.1 {status} Said"),
                    headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(),
                    body: b"<p>Add to cart</p><img src=\"/404\"><script src=\"/200\"></script>"
                        .to_vec(),
                };
                drop(reply.write_to(&mut reader.into_inner(), true));
            });
        }
    });
    address
}

fn configure(it: &Monitored, urls: &Value) {
    let config = json!({ "version": "1.0.0", "environments": { "prod": urls } });
    it.repo
        .write(&[("monitors/app-health.json", &config.to_string())]);
}

fn asked(it: &Monitored, domain: &str, variables: &[(&str, &str)]) -> Value {
    let mut run = it.fractary(&["monitor", "validate", domain, "--format", "json"]);
    for (name, value) in variables {
        run = run.env(name, value);
    }
    run.run().exits(0).json()["report"].clone()
}

/// Service, check, status and title of everything that is wrong.
fn wrong(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let issues = report["issues"].as_array().expect("issues").iter();
    issues
        .map(|issue| {
            format!(
                "{} {} {}: {}",
                text(&issue["resource"]["name"]),
                text(&issue["check"]),
                text(&issue["status"]),
                text(&issue["title"])
            )
        })
        .collect()
}

/// What the page shows is what the program prints, but for the time and the length.
#[test]
fn the_page_shows_a_validation() {
    let it = Monitored::new(&[]);
    it.run(&["init", "--domain", "application"]).exits(0);
    configure(
        &it,
        &json!([{ "name": "web", "url": format!("http://{}/200", server()) }]),
    );
    let command = ["monitor", "validate", "application", "--env", "prod"];
    let said = it.run(&command).exits(0).stdout;
    let (mut shown, mut replaced) = (String::new(), 0);
    for line in said.lines() {
        let parts = (
            line.split_once(" after "),
            line.split_once(" s of its limit"),
        );
        let line = match (parts, line.starts_with("  ✓ printed ")) {
            ((Some((before, _)), Some((_, limit))), _) => {
                format!("{before} after 0.7 s of its limit{limit}")
            }
            (_, true) => "  ✓ printed 369 bytes".to_owned(),
            _ => {
                shown.push_str(&format!("{line}\n"));
                continue;
            }
        };
        replaced += 1;
        shown.push_str(&format!("{line}\n"));
    }
    assert_eq!(replaced, 2, "{said}");
    let wanted = format!("```\n$ fractary {}\n{shown}```\n", command.join(" "));
    pages::hold("docs/domain-monitors.md", "VALIDATE", &wanted);
}

#[test]
fn init_adds_a_domain_and_touches_nothing_else() {
    let it = Monitored::new(&[]);
    let path = ".fractary/plugins/helm/registry/domain-monitors.json";
    let mine = it
        .repo
        .read(path)
        .replace("\"manager\": \"ops-manager\"", "\"manager\":   \"mine\"");
    it.repo.write(&[(path, &mine)]);
    it.repo.commit_all("Mine");
    let outcome = it.run(&[
        "init",
        "--domain",
        "application",
        "--url",
        "http://127.0.0.1:9/",
    ]);
    assert!(outcome.exits(0).stdout.contains("(application added)"));
    let after = it.repo.read(path);
    let kept: Vec<&str> = after
        .lines()
        .filter(|line| mine.lines().any(|old| old == *line))
        .collect();
    assert!(kept.len() >= mine.lines().count(), "{after}");
    assert!(after.contains("\"manager\":   \"mine\""), "{after}");
    let listed = it.repo.git(&["ls-tree", "-r", "HEAD", "monitors"]);
    assert!(
        listed.starts_with("100755 ") && listed.contains("\n100644 "),
        "{listed}"
    );
    it.run(&["check", "--strict"]).exits(0);
    let head = it.repo.git(&["rev-parse", "HEAD"]);
    it.run(&["init", "--domain", "application"]).exits(0);
    assert_eq!(it.repo.git(&["rev-parse", "HEAD"]), head);
    it.run(&["init", "--domain", "weather"]).exits(2);
    it.run(&[
        "init",
        "--domain",
        "application",
        "--url",
        "file:///etc/passwd",
    ])
    .exits(2);
}

#[test]
fn a_new_application_is_unknown_and_says_what_to_do() {
    let it = Monitored::new(&[]);
    it.run(&["init", "--domain", "application"]).exits(0);
    let report = asked(&it, "application", &[]);
    assert_eq!(report["status"], "UNKNOWN");
    assert_eq!(
        report["reason"],
        "monitors/app-health.json lists no URL for prod yet"
    );
}

#[test]
fn the_application_monitor_tells_what_is_wrong_with_a_url() {
    let it = Monitored::new(&[]);
    it.run(&["init", "--domain", "application"]).exits(0);
    let address = server();
    let closed = TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port");
    let url = |path: &str| format!("http://{address}/{path}");
    let patient = 60_000;
    configure(
        &it,
        &json!([
            { "name": "fine", "url": url("200"), "contains": "Add to cart", "max_latency_ms": patient },
            { "name": "moved", "url": url("301"), "status": 301, "max_latency_ms": patient },
            { "name": "broken", "url": url("500"), "max_latency_ms": patient },
            { "name": "redirects", "url": url("302"), "max_latency_ms": patient },
            { "name": "slow", "url": url("200"), "max_latency_ms": -1 },
            { "name": "other", "url": url("200"), "contains": "Buy now", "max_latency_ms": patient },
            { "name": "down", "url": format!("http://{closed}/") },
            { "name": "nowhere", "url": "http://no-such-name.invalid/" },
        ]),
    );
    let report = asked(&it, "application", &[]);
    let mut found = wrong(&report);
    let nowhere = found.pop().expect("the name that does not exist");
    assert!(nowhere.starts_with("nowhere http_reachable "), "{nowhere}");
    assert!(
        found[2].starts_with("slow http_latency DEGRADED: answered after "),
        "{found:?}"
    );
    found[2] = "slow".to_owned();
    assert_eq!(
        found,
        [
            "broken http_status UNHEALTHY: answers 500 instead of 200",
            "redirects http_status UNHEALTHY: answers 302 instead of 200",
            "slow",
            "other http_content UNHEALTHY: the page lacks the text that it should have",
            "down http_reachable UNHEALTHY: no answer: [Errno 111] Connection refused",
        ]
    );
    let well: Vec<_> = report["services"].as_array().expect("services")[..2]
        .iter()
        .collect();
    assert!(well.iter().all(|s| s["status"] == "HEALTHY"), "{well:?}");
}

/// A server of HTTPS with a certificate, ended when it goes.
struct Tls(Child);

impl Drop for Tls {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[expect(clippy::print_stderr, reason = "a test that cannot look has to say so")]
fn tls(folder: &Path, days: u32) -> Option<(Tls, String, String)> {
    let (key, certificate) = (folder.join("key.pem"), folder.join(format!("{days}.pem")));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
        ])
        .args([
            "-addext",
            "subjectAltName=DNS:localhost",
            "-days",
            &days.to_string(),
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no openssl to make a certificate with");
        return None;
    }
    let program = "import http.server, ssl, sys\n\
        s = http.server.HTTPServer(('localhost', 0), http.server.SimpleHTTPRequestHandler)\n\
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n\
        c.load_cert_chain(sys.argv[1], sys.argv[2])\n\
        s.socket = c.wrap_socket(s.socket, server_side=True)\n\
        print(s.server_port, flush=True)\n\
        s.serve_forever()\n";
    let mut child = Command::new("python3")
        .args(["-c", program])
        .arg(&certificate)
        .arg(&key)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the tests need Python");
    let mut port = String::new();
    let out = child.stdout.take().expect("it is piped");
    BufReader::new(out).read_line(&mut port).expect("a port");
    let url = format!("https://localhost:{}/", port.trim());
    Some((Tls(child), url, certificate.display().to_string()))
}

#[test]
fn the_application_monitor_looks_at_certificates() {
    let it = Monitored::new(&[]);
    it.run(&["init", "--domain", "application"]).exits(0);
    for (days, trusted, want) in [
        (
            5,
            true,
            vec!["site tls_expiry DEGRADED: the certificate expires in 5 days"],
        ),
        (90, true, vec![]),
        (
            90,
            false,
            vec!["site tls_certificate UNHEALTHY: certificate refused: self-signed certificate"],
        ),
    ] {
        let Some((server, url, certificate)) = tls(&it.repo.home(), days) else {
            return;
        };
        configure(
            &it,
            &json!([{ "name": "site", "url": url, "max_latency_ms": 60_000 }]),
        );
        let trust = [("SSL_CERT_FILE", certificate.as_str())];
        let report = asked(&it, "application", if trusted { &trust } else { &[] });
        assert_eq!(wrong(&report), want, "{days} {trusted}");
        drop(server);
    }
}

fn example(it: &Monitored, name: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/examples/monitors")
        .join(name);
    let to = it.repo.path().join("docs/examples/monitors").join(name);
    fs::create_dir_all(to.parent().expect("a folder")).expect("created");
    fs::copy(&from, &to).expect("the example is there");
    if from.extension().is_none() {
        let mode = fs::metadata(&from)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111, "{name} is executable");
    }
}

#[test]
fn the_examples_are_what_the_protocol_asks_for() {
    let it = Monitored::new(&[]);
    for name in ["content-cdn", "data-freshness", "data-freshness.conf"] {
        example(&it, name);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/monitors");
    let monitors = fs::read_to_string(folder.join("domain-monitors.json")).expect("it is there");
    it.repo.write(&[(
        ".fractary/plugins/helm/registry/domain-monitors.json",
        &monitors,
    )]);
    // Nothing was ever written; then one step was, just now.
    let report = asked(&it, "data", &[]);
    assert_eq!(report["status"], "UNHEALTHY");
    assert_eq!(report["issues"].as_array().map(Vec::len), Some(2));
    it.repo.write(&[("data/raw/orders.csv", "id\n")]);
    let report = asked(&it, "data", &[]);
    assert_eq!(
        wrong(&report),
        ["transform freshness UNHEALTHY: has never been written"]
    );
    assert_eq!(report["services"][0]["detail"], "written 0 min ago");

    let address = server();
    let page = |name: &str, age: u32| json!({ "name": name, "url": format!("http://{address}/200/{age}"), "max_age_seconds": 3600 });
    let config = json!({ "pages": [page("home", 60), page("old", 9000)] });
    it.repo.write(&[(
        "docs/examples/monitors/content-cdn.json",
        &config.to_string(),
    )]);
    let report = asked(&it, "content", &[]);
    assert_eq!(
        wrong(&report),
        [
            "home assets DEGRADED: 1 assets of the page are missing",
            "old cache_age DEGRADED: the copy is 9000 s old",
            "old assets DEGRADED: 1 assets of the page are missing",
        ]
    );
}
