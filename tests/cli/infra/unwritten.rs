//! A state that cannot be written: the tool leaves it in the directory, and it must not be lost.

use std::io::{BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::Scene;
use crate::support::http::read_request;

/// A backend that keeps one state, and refuses the next writes.
struct Backend {
    url: String,
    refuses: Arc<AtomicUsize>,
}

impl Backend {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let refuses = Arc::new(AtomicUsize::new(0));
        let state = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::clone(&refuses);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (state, left) = (Arc::clone(&state), Arc::clone(&left));
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
                    while let Ok(Some(request)) = read_request(&mut reader) {
                        let mut state = state.lock().expect("nobody panics with it");
                        let refused = request.method() == "POST"
                            && left
                                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| {
                                    n.checked_sub(1)
                                })
                                .is_ok();
                        let (status, body) = match request.method() {
                            "POST" if refused => ("403 Forbidden", Vec::new()),
                            "POST" => {
                                state.clone_from(&request.body);
                                ("200 OK", Vec::new())
                            }
                            _ if state.is_empty() => ("404 Not Found", Vec::new()),
                            _ => ("200 OK", state.clone()),
                        };
                        let head = format!(
                            "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
                            body.len()
                        );
                        if stream.write_all(head.as_bytes()).is_err()
                            || stream.write_all(&body).is_err()
                        {
                            return;
                        }
                    }
                });
            }
        });
        Self {
            url: format!("http://{address}/state"),
            refuses,
        }
    }

    fn refuse(&self, writes: usize) {
        self.refuses.store(writes, Ordering::SeqCst);
    }
}

fn scene(backend: &Backend) -> Option<Scene> {
    let main = format!(
        "terraform {{\n  backend \"http\" {{\n    address   = \"{}\"\n    retry_max = 0\n  }}\n}}\nresource \"terraform_data\" \"one\" {{ input = \"kept-apart\" }}\n",
        backend.url
    );
    Scene::new(&main)
}

const FILE: &str = "infra/errored.tfstate";

#[test]
fn a_state_that_was_not_written_at_first_is_written_afterwards() {
    let backend = Backend::start();
    let Some(scene) = scene(&backend) else { return };
    scene.infra(&["preview"]).run().exits(0);
    // Terraform's own write, and the first of ours.
    backend.refuse(2);
    let run = scene.infra(&["deploy", "--yes"]).run().exits(1);
    assert!(
        run.stderr.contains("it was written afterwards"),
        "{}",
        run.stderr
    );
    assert!(!scene.repo.has(FILE), "it holds secrets");
    let again = scene.infra(&["deploy", "--yes", "--format", "json"]).run();
    assert_eq!(again.exits(0).json()["status"], "unchanged");
}

#[test]
fn a_state_that_cannot_be_written_is_not_lost() {
    let backend = Backend::start();
    let Some(scene) = scene(&backend) else { return };
    scene.infra(&["preview"]).run().exits(0);
    backend.refuse(1000);
    let run = scene.infra(&["deploy", "--yes"]).run().exits(1);
    for part in [
        "errored.tfstate",
        "do not commit it",
        "state push errored.tfstate",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert!(scene.repo.has(FILE));
    let committed = scene.repo.git(&["show", "--format=%B", "HEAD", "HEAD~1"]);
    assert!(!committed.contains("kept-apart"), "{committed}");
    // Nothing is made a second time while it is there.
    let next = scene.infra(&["deploy", "--yes"]).run().exits(4);
    assert!(next.stderr.contains("errored.tfstate"), "{}", next.stderr);
    backend.refuse(0);
    let pushed = scene
        .terraform(&["state", "push", "errored.tfstate"])
        .output()
        .expect("Terraform");
    assert!(pushed.status.success(), "{pushed:?}");
    std::fs::remove_file(scene.repo.path().join(FILE)).expect("it is there");
    let again = scene.infra(&["deploy", "--yes", "--format", "json"]).run();
    assert_eq!(again.exits(0).json()["status"], "unchanged");
}
