//! Two runs at once, on clones of one remote: however their transactions and pushes fall
//! between each other, the remote ends with what one repository would have that all of them
//! were made in, one after the other.
//!
//! What the two may both do is what has one outcome in a sequence. Opening and closing an
//! issue is one run's business here, and so is a resource of the registry: there the order of
//! what people decide counts, and `src/state/merge/tests.rs` says what then holds.

use std::collections::BTreeMap;

use fractary::core::history;
use fractary::core::issues::actions as issues;
use fractary::git::{Edit, Transaction};
use fractary::model::history::{History, HistoryEntry};
use fractary::model::issue::{Issue, IssueStatus};
use fractary::model::paths::{Files, RepoPath};
use fractary::state;
use fractary::state::documents::paths;
use fractary::text::Untrusted;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::remote::{bare, clone, commit_own, push};
use crate::support::{Repo, Sandbox, path};

const ISSUE: &str = include_str!("../samples/issue/good-active.json");

type State = BTreeMap<RepoPath, Vec<u8>>;

#[derive(Debug, Clone)]
enum What {
    Note(usize),
    Assign(usize),
    See(usize),
    Open,
    Resolve(usize),
    Reopen(usize),
    History,
    Adopt,
    Change(usize),
    Deploy,
}

/// What a run does, as one transaction, and whether it pushes then.
#[derive(Debug, Clone)]
struct Act {
    what: What,
    by_a: bool,
    pushes: bool,
}

/// How many issues and resources there are at the start.
const AT_FIRST: usize = 4;

fn act() -> impl Strategy<Value = Act> {
    let what = prop_oneof![
        (0..AT_FIRST).prop_map(What::Note),
        (0..AT_FIRST).prop_map(What::Assign),
        (0..AT_FIRST).prop_map(What::See),
        Just(What::Open),
        (0..AT_FIRST).prop_map(What::Resolve),
        (0..AT_FIRST).prop_map(What::Reopen),
        Just(What::History),
        Just(What::Adopt),
        (0..AT_FIRST).prop_map(What::Change),
        Just(What::Deploy),
    ];
    (what, any::<bool>(), prop::bool::weighted(0.3)).prop_map(|(what, by_a, pushes)| {
        // The even ones are opened, closed and changed by one run, the odd ones by the other.
        let by_a = match what {
            What::Resolve(n) | What::Reopen(n) | What::Change(n) => n % 2 == 0,
            _ => by_a,
        };
        Act { what, by_a, pushes }
    })
}

fn time(n: usize) -> Timestamp {
    let first: Timestamp = "2026-11-21T10:30:00Z".parse().unwrap();
    let seconds = i64::try_from(n).unwrap() * 60;
    Timestamp::from_second(first.as_second() + seconds).unwrap()
}

fn id(n: usize) -> String {
    format!("infra-{n:06x}")
}

fn active(n: usize) -> RepoPath {
    path(&format!("{}/{}.json", paths::active_issues_dir(), id(n)))
}

fn resolved(n: usize) -> RepoPath {
    path(&format!("{}/{}.json", paths::resolved_issues_dir(), id(n)))
}

fn environment() -> fractary::model::ids::EnvironmentName {
    fractary::model::ids::EnvironmentName::new("test").unwrap()
}

fn new_issue(n: usize) -> Value {
    let mut issue: Value = serde_json::from_str(ISSUE).unwrap();
    issue["id"] = id(n).into();
    issue["x-unknown"] = "kept".into();
    issue
}

fn resource(n: usize) -> Value {
    json!({"type": "aws_lambda_function", "aws_id": format!("f{n}"), "arn": format!("arn:{n:04}")})
}

fn start() -> State {
    let mut state = State::new();
    for n in 0..AT_FIRST {
        state.insert(active(n), state::to_bytes(&new_issue(n)));
    }
    let resources: Vec<Value> = (0..AT_FIRST).map(resource).collect();
    let registry = json!({"version": "1.0.0", "environment": "test", "resources": resources});
    state.insert(paths::registry(&environment()), state::to_bytes(&registry));
    let deployments = json!({"version": "1.0.0", "deployments": []});
    state.insert(paths::deployments(), state::to_bytes(&deployments));
    let history = history::empty(environment());
    state.insert(paths::history(&environment()), state::to_bytes(&history));
    state
}

fn parsed(state: &State, at: &RepoPath) -> Value {
    serde_json::from_slice(&state[at]).unwrap()
}

/// What an act changes, `None` where it does not apply.
fn decide(what: &What, n: usize, state: &State) -> Option<Transaction> {
    let mut out = Transaction::new();
    let now = time(n);
    let text = Untrusted::from(format!("at {n}"));
    let mut on_issue = |number: usize, act: &dyn Fn(Issue) -> Option<Issue>| {
        let (old, raw) = [active(number), resolved(number)]
            .into_iter()
            .find_map(|at| Some((at.clone(), state.get(&at)?)))?;
        let before: Issue = serde_json::from_slice(raw).unwrap();
        let after = act(before.clone())?;
        let new = if after.status == IssueStatus::Resolved {
            resolved(number)
        } else {
            active(number)
        };
        if new != old {
            out.delete(old);
        }
        // As a document, so that what nobody knows is kept.
        let mut value: Value = serde_json::from_slice(raw).unwrap();
        let changed = serde_json::to_value(&after).unwrap();
        for (key, field) in changed.as_object().unwrap() {
            value[key] = field.clone();
        }
        if after.resolved_at.is_none() {
            value.as_object_mut().unwrap().shift_remove("resolved_at");
        }
        out.write(new, state::to_bytes(&value));
        Some(())
    };
    match what {
        What::Note(i) => on_issue(*i, &|issue| issues::note(issue, &text, None, now).ok())?,
        What::Assign(i) => on_issue(*i, &|issue| {
            issues::assign(issue, Some(&text), None, now).ok()
        })?,
        What::Resolve(i) => on_issue(*i, &|issue| issues::resolve(issue, &text, None, now).ok())?,
        What::Reopen(i) => on_issue(*i, &|issue| issues::reopen(issue, &text, None, now).ok())?,
        What::See(i) => on_issue(*i, &|mut issue| {
            issue.last_seen_at = now;
            issue.symptoms = vec![text.clone()];
            issue.impact.requests_total = Some(f64::from(u32::try_from(n).unwrap()));
            (issue.status != IssueStatus::Resolved).then_some(issue)
        })?,
        What::Open => out.write(active(100 + n), state::to_bytes(&new_issue(100 + n))),
        What::History => {
            let at = paths::history(&environment());
            let history: History = serde_json::from_slice(&state[&at]).unwrap();
            let entry: HistoryEntry = serde_json::from_value(json!({
                "run_id": format!("20261121t10{n:04}z-00000000"), "at": now,
                "window_start": time(n - 1), "window_end": now, "overall_health": "HEALTHY",
                "resources": {"total": 1, "healthy": 1, "degraded": 0, "unhealthy": 0, "unknown": 0},
            }))
            .unwrap();
            out.write(at, state::to_bytes(&history::append(history, entry, now)));
        }
        What::Adopt | What::Change(_) => {
            let at = paths::registry(&environment());
            let mut registry = parsed(state, &at);
            registry["last_deployed"] = now.to_string().into();
            let list = registry["resources"].as_array_mut().unwrap();
            match what {
                What::Change(i) => {
                    let arn = resource(*i)["arn"].clone();
                    let entry = list.iter_mut().find(|entry| entry["arn"] == arn)?;
                    entry["metadata"] = json!({"changed": n});
                }
                _ => list.push(resource(100 + n)),
            }
            out.write(at, state::to_bytes(&registry));
        }
        What::Deploy => {
            let at = paths::deployments();
            let mut deployments = parsed(state, &at);
            let entry = json!({"id": format!("d{n}"), "deployed_at": now.to_string(), "n": n});
            deployments["deployments"]
                .as_array_mut()
                .unwrap()
                .push(entry);
            out.write(at, state::to_bytes(&deployments));
        }
    }
    Some(out)
}

fn apply(state: &mut State, transaction: &Transaction) {
    for (at, edit) in transaction.edits() {
        match edit {
            Edit::Write(bytes) => state.insert(at.clone(), bytes.clone()),
            Edit::Delete => state.remove(at),
        };
    }
}

/// The state that HEAD has.
fn read(repo: &Repo) -> State {
    let open = repo.open();
    let files = open.files_at(open.head().unwrap().commit.as_ref()).unwrap();
    let listed = repo.git(&["ls-tree", "-r", "--name-only", "HEAD", ".fractary"]);
    let all = listed.lines().map(path);
    all.map(|at| (at.clone(), files.read(&at).unwrap().unwrap()))
        .collect()
}

/// As documents. The order of resources has no meaning.
fn documents(state: &State) -> BTreeMap<String, Value> {
    let all = state.iter().map(|(at, bytes)| {
        let mut value: Value = serde_json::from_slice(bytes).unwrap();
        if let Some(list) = value.get_mut("resources").and_then(Value::as_array_mut) {
            list.sort_by_key(|entry| entry["arn"].to_string());
        }
        (at.to_string(), value)
    });
    all.collect()
}

fn seed(sandbox: &Sandbox, state: &State) -> Repo {
    let source = sandbox.unborn("source");
    for (at, bytes) in state {
        source.put(at.as_str(), std::str::from_utf8(bytes).unwrap());
    }
    source.commit_all("Start");
    source
}

/// Sightings that the other run made again, later.
fn superseded(acts: &[Act]) -> usize {
    let again = |at: usize, issue: usize, by_a: bool| {
        let later = acts.iter().skip(at + 1);
        later
            .into_iter()
            .any(|act| act.by_a != by_a && matches!(act.what, What::See(i) if i == issue))
    };
    let all = acts.iter().enumerate();
    all.filter(|(at, act)| matches!(act.what, What::See(i) if again(*at, i, act.by_a)))
        .count()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_interleaving_is_as_good_as_a_sequence(
        acts in prop::collection::vec(act(), 2..14),
        a_is_last in any::<bool>(),
    ) {
        let mut in_sequence = start();
        let sandbox = Sandbox::new();
        let remote = bare(&sandbox, &seed(&sandbox, &in_sequence));
        let (a, b) = (clone(&sandbox, &remote, "a"), clone(&sandbox, &remote, "b"));
        let mut commits = 1_usize;
        for (n, act) in acts.iter().enumerate() {
            let n = n + 1;
            let Some(transaction) = decide(&act.what, n, &in_sequence) else {
                continue;
            };
            let own = if act.by_a { &a } else { &b };
            // Who has not seen what the other did may find that nothing is left to do.
            let Some(here) = decide(&act.what, n, &read(own)) else {
                continue;
            };
            apply(&mut in_sequence, &transaction);
            let transaction = here;
            commit_own(own, &format!("Act {n}"), &transaction);
            commits += 1;
            if act.pushes {
                push(&own.open()).unwrap();
            }
        }
        let last = if a_is_last { [&b, &a] } else { [&a, &b] };
        for repo in last {
            push(&repo.open()).unwrap();
        }
        let ended = read(last[1]);
        prop_assert_eq!(documents(&ended), documents(&in_sequence));
        prop_assert_eq!(
            last[1].git(&["rev-parse", "HEAD"]),
            remote.git(&["rev-parse", "main"])
        );
        // Linear, with every commit that changes anything: a sighting says nothing any more where
        // the other run has pushed a later one of the same issue.
        let count: usize = remote.git(&["rev-list", "--count", "main"]).parse().unwrap();
        let least = commits - superseded(&acts);
        prop_assert!((least..=commits).contains(&count), "{} of {}", count, commits);
        prop_assert_eq!(remote.git(&["rev-list", "--count", "--merges", "main"]), "0");
        prop_assert_eq!(last[1].status(), "");
        remote.git(&["fsck", "--strict", "--no-dangling"]);
    }
}
