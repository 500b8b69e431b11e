use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::paths::{Files, ReadError, RepoPath};
use crate::state;
use crate::state::Diagnostic;

fn at(day: i64) -> jiff::Timestamp {
    let begin: jiff::Timestamp = "2026-01-01T12:00:00Z".parse().expect("a time");
    jiff::Timestamp::from_second(begin.as_second() + day * 86_400).expect("a time")
}

fn empty() -> Log {
    Log {
        version: "1.0.0".to_owned(),
        head: None,
        entries: Vec::new(),
        statistics: Map::new(),
    }
}

fn entry(day: i64) -> NewEntry {
    let rest = json!({ "action": "restart_lambda", "cost": 0.1, "who": "Zoë", "seq": 99 });
    NewEntry {
        id: format!("grant-{day}"),
        at: at(day),
        time_key: TimeKey::At,
        rest: rest.as_object().expect("an object").clone(),
    }
}

/// A log of these days.
fn log(days: impl IntoIterator<Item = i64>) -> Log {
    let mut log = empty();
    for day in days {
        append(&mut log, entry(day)).expect("hashed");
    }
    log
}

fn tree(log: &Log) -> Value {
    serde_json::to_value(log).expect("JSON")
}

fn check(trees: &[Value]) -> Result<(), (usize, Option<usize>, u64, Why)> {
    let names = (0..trees.len()).map(|n| RepoPath::new(n.to_string()).expect("a path"));
    let names: Vec<RepoPath> = names.collect();
    let parts: Vec<Part<'_>> = names
        .iter()
        .zip(trees)
        .map(|(path, tree)| Part { path, tree })
        .collect();
    verify(&parts).map_err(|broken| {
        let part = broken.path.as_str().parse().expect("a number");
        (part, broken.index, broken.seq, broken.why)
    })
}

/// Hashes an entry again, as a forger would.
fn forge(entry: &mut Value) {
    let hash = hash(entry).expect("hashed");
    entry["hash"] = hash.into();
}

#[test]
fn the_first_broken_entry_is_found() {
    let whole = tree(&log(0..5));
    assert_eq!(check(std::slice::from_ref(&whole)), Ok(()));
    let entries = |value: &mut Value, change: &dyn Fn(&mut Vec<Value>)| {
        change(value["entries"].as_array_mut().expect("entries"));
    };
    type Change<'a> = &'a dyn Fn(&mut Vec<Value>);
    type Case<'a> = (&'a str, Change<'a>, (Option<usize>, u64, Why));
    let cases: [Case<'_>; 11] = [
        (
            "edited",
            &|e| e[2]["who"] = "Eve".into(),
            (Some(2), 3, Why::Hash),
        ),
        (
            "a key added",
            &|e| e[2]["more"] = 1.into(),
            (Some(2), 3, Why::Hash),
        ),
        (
            "renumbered",
            &|e| e[2]["seq"] = 9.into(),
            (Some(2), 3, Why::Hash),
        ),
        (
            "hash edited",
            &|e| e[4]["hash"] = GENESIS.into(),
            (Some(4), 5, Why::Hash),
        ),
        (
            "first removed",
            &|e| drop(e.remove(0)),
            (Some(0), 1, Why::Seq),
        ),
        ("removed", &|e| drop(e.remove(2)), (Some(2), 3, Why::Seq)),
        ("reordered", &|e| e.swap(1, 2), (Some(1), 2, Why::Seq)),
        (
            "repeated",
            &|e| e.insert(2, e[1].clone()),
            (Some(2), 3, Why::Seq),
        ),
        ("truncated", &|e| e.truncate(3), (None, 3, Why::Head)),
        (
            "edited and hashed again",
            &|e| {
                e[2]["who"] = "Eve".into();
                forge(&mut e[2]);
            },
            (Some(3), 4, Why::Prev),
        ),
        (
            "removed, and the next one forged",
            &|e| {
                e.remove(2);
                e[2]["seq"] = 3.into();
                e[2]["prev"] = e[1]["hash"].clone();
                forge(&mut e[2]);
            },
            (Some(3), 4, Why::Seq),
        ),
    ];
    for (what, change, (index, seq, why)) in cases {
        let mut value = whole.clone();
        entries(&mut value, change);
        assert_eq!(check(&[value]), Err((0, index, seq, why)), "{what}");
    }
    // A whole chain that is forged has to move the head; only git remembers then.
    let mut value = whole.clone();
    value["head"]["hash"] = GENESIS.into();
    assert_eq!(check(&[value]), Err((0, None, 5, Why::Head)));
}

#[test]
fn order_of_keys_and_spelling_do_not_matter() {
    let mut value = tree(&log(0..2));
    let entry = value["entries"][1].as_object_mut().expect("an entry");
    let mut pairs: Vec<_> = std::mem::take(entry).into_iter().collect();
    pairs.reverse();
    entry.extend(pairs);
    let text = value
        .to_string()
        .replace("Zoë", "Zo\\u00eb")
        .replace("0.1", "1e-1");
    assert_eq!(check(&[serde_json::from_str(&text).expect("JSON")]), Ok(()));
}

#[test]
fn a_number_that_cannot_be_hashed_changes_nothing() {
    let mut log = log(0..2);
    let before = log.clone();
    let mut bad = entry(2);
    bad.rest.insert("n".to_owned(), u64::MAX.into());
    append(&mut log, bad).expect_err("refused");
    assert_eq!(log, before);
}

/// Appends and archives as a command would; gives the archives by month.
fn grow(days: &[i64]) -> (BTreeMap<String, Log>, Log) {
    let mut archives: BTreeMap<String, Log> = BTreeMap::new();
    let mut log = empty();
    for day in days {
        let newest = archives.keys().next_back().cloned();
        for part in archive(&mut log, newest.as_deref(), at(*day)) {
            let file = archives.entry(part.month).or_insert_with(empty);
            file.entries.extend(part.entries);
        }
        append(&mut log, entry(*day)).expect("hashed");
    }
    (archives, log)
}

fn trees(archives: &BTreeMap<String, Log>, log: &Log) -> Vec<Value> {
    archives.values().chain([log]).map(tree).collect()
}

#[test]
fn the_chain_runs_on_through_archives() {
    let (archives, log) = grow(&[0, 10, 40, 45, 100, 101]);
    let months: Vec<_> = archives
        .iter()
        .map(|(m, log)| (m.as_str(), log.entries.len()))
        .collect();
    assert_eq!(months, [("2026-01", 2), ("2026-02", 2)]);
    assert_eq!(log.entries.len(), 2);
    let parts = trees(&archives, &log);
    assert_eq!(check(&parts), Ok(()));
    // A month that is gone, two that are swapped, an entry cut off at a boundary.
    assert_eq!(check(&parts[1..]), Err((0, Some(0), 1, Why::Seq)));
    assert_eq!(
        check(&[parts[0].clone(), parts[2].clone()]),
        Err((1, Some(0), 3, Why::Seq))
    );
    let swapped = [parts[1].clone(), parts[0].clone(), parts[2].clone()];
    assert_eq!(check(&swapped), Err((0, Some(0), 1, Why::Seq)));
    let mut cut = parts.clone();
    cut[0]["entries"].as_array_mut().expect("entries").pop();
    assert_eq!(check(&cut), Err((1, Some(0), 2, Why::Seq)));
    let mut forged = parts;
    forged[0]["entries"][1]["who"] = "Eve".into();
    forge(&mut forged[0]["entries"][1]);
    assert_eq!(check(&forged), Err((1, Some(0), 3, Why::Prev)));
}

#[test]
fn statistics_and_head_stay_in_the_log() {
    let mut log = log([0, 1]);
    log.statistics.insert("runs".to_owned(), 2.into());
    let moved = archive(&mut log, None, at(100));
    assert_eq!(moved.len(), 1);
    assert_eq!(
        (moved[0].month.as_str(), moved[0].entries.len()),
        ("2026-01", 1)
    );
    assert_eq!((log.entries.len(), log.statistics.len()), (1, 1));
    assert_eq!(log.head.as_ref().map(|head| head.seq), Some(2));
    // The newest stays until there is a newer one.
    assert_eq!(archive(&mut log, Some("2026-01"), at(200)), []);
}

proptest! {
    #[test]
    fn any_days_make_a_whole_chain(days in prop::collection::vec(0_i64..400, 0..30)) {
        // Clocks that go back included.
        let (archives, log) = grow(&days);
        let count: usize = archives.values().chain([&log]).map(|log| log.entries.len()).sum();
        prop_assert_eq!(count, days.len());
        prop_assert_eq!(check(&trees(&archives, &log)), Ok(()));
    }

    #[test]
    fn any_change_is_found(at in 0_usize..5, text in "[a-z]{1,3}") {
        let mut value = tree(&log(0..5));
        value["entries"][at]["who"] = text.into();
        let broken = check(&[value]).expect_err("found");
        prop_assert_eq!(broken.1, Some(at));
    }
}

struct Memory(BTreeMap<RepoPath, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.0.get(path).cloned())
    }

    fn list(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        let inside = |path: &&RepoPath| {
            path.as_str().rsplit_once('/').map(|(folder, _)| folder) == Some(folder.as_str())
        };
        Ok(self.0.keys().filter(inside).cloned().collect())
    }

    fn folders(&self, folder: &RepoPath) -> Result<Vec<RepoPath>, ReadError> {
        let prefix = format!("{folder}/");
        let inside = |path: &RepoPath| {
            let (name, _) = path.as_str().strip_prefix(&prefix)?.split_once('/')?;
            RepoPath::new(format!("{prefix}{name}")).ok()
        };
        let found: std::collections::BTreeSet<_> = self.0.keys().filter_map(inside).collect();
        Ok(found.into_iter().collect())
    }
}

fn said(diagnostics: &[Diagnostic]) -> String {
    state::render(diagnostics, false, 80)
}

#[test]
fn check_names_file_and_line() {
    let (archives, log) = grow(&[0, 10, 40, 45, 100, 101]);
    let base = ".fractary/plugins/helm-cloud/remediations/prod";
    let path = |name: &str| RepoPath::new(format!("{base}/{name}.json")).expect("a path");
    let mut files = Memory(BTreeMap::new());
    for (month, log) in &archives {
        files.0.insert(
            path(&format!("remediation-log.{month}")),
            state::to_bytes(log),
        );
    }
    files
        .0
        .insert(path("remediation-log"), state::to_bytes(&log));
    files
        .0
        .insert(path("remediation-log.old"), b"not ours".to_vec());
    let audit = grow(&[3]).1;
    files.0.insert(
        state::documents::paths::iam_audit(),
        state::to_bytes(&audit),
    );
    assert_eq!(state::check_logs(&files), (4, Vec::new()));

    let february = path("remediation-log.2026-02");
    let text = String::from_utf8(files.0[&february].clone()).expect("UTF-8");
    let (before, after) = text.split_at(text.find("grant-45").expect("is there"));
    let edited = format!("{before}{}", after.replacen("Zoë", "Eve", 1));
    files.0.insert(february.clone(), edited.into_bytes());
    let (_, found) = state::check_logs(&files);
    insta::assert_snapshot!("edited", said(&found));
    assert_eq!((found.len(), found[0].code), (1, "state/hash-chain"));
    assert_eq!(found[0].path, february);

    files.0.remove(&february);
    let (_, found) = state::check_logs(&files);
    insta::assert_snapshot!("archive_gone", said(&found));

    let main = path("remediation-log");
    let mut short = log;
    short.entries.pop();
    let whole = archives["2026-02"].clone();
    files.0.insert(february, state::to_bytes(&whole));
    files.0.insert(main.clone(), state::to_bytes(&short));
    let (_, found) = state::check_logs(&files);
    insta::assert_snapshot!("truncated", said(&found));
    files.0.insert(
        main,
        b"{ \"version\": \"1.0.0\", \"entries\": [{ \"seq\": 0 }] }".to_vec(),
    );
    let (_, found) = state::check_logs(&files);
    // A file that is no log is said to be none; of its chain nothing can be said.
    assert!(
        found.iter().all(|one| one.code != "state/hash-chain"),
        "{found:#?}"
    );
    assert!(!found.is_empty());
}

/// Their hashes were made by another program (`json.dumps(sort_keys=True)` and `hashlib`).
#[test]
fn samples_of_another_program_verify() {
    for sample in ["iam-audit/good-grant.json", "remediation-log/good-two.json"] {
        let path = format!("{}/tests/samples/{sample}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("a sample");
        let tree = serde_json::from_str(&text).expect("JSON");
        assert_eq!(check(&[tree]), Ok(()), "{sample}");
    }
}

/// The files that a command gives are written to a disk, and `check` proves the chain.
#[test]
fn archives_on_disk_carry_the_chain_on() {
    use crate::model::log::{IamAudit, RemediationLog};
    let dir = tempfile::tempdir().expect("a directory");
    let tree = state::WorkTree::new(dir.path());
    let prod = crate::model::ids::EnvironmentName::new("prod").expect("a name");
    let log = state::documents::paths::remediation_log(&prod);
    let audit = state::documents::paths::iam_audit();
    let write = |files: Vec<(RepoPath, Vec<u8>)>| {
        for (path, bytes) in files {
            let place = dir.path().join(path.as_str());
            std::fs::create_dir_all(place.parent().expect("a folder")).expect("created");
            std::fs::write(place, bytes).expect("written");
        }
    };
    let granted = |day: i64| NewEntry {
        time_key: TimeKey::GrantedAt,
        ..entry(day)
    };
    for day in [0, 10, 40, 45, 45, 100] {
        let mut new = entry(day);
        // What would be escaped when it is written is so before it is hashed.
        new.rest
            .insert("note".to_owned(), "pass\u{202e}word=hunter22".into());
        let entries = vec![new, entry(day)];
        write(record::<RemediationLog>(&tree, &log, entries, &|_| ()).expect("files"));
        write(record::<IamAudit>(&tree, &audit, vec![granted(day)], &|_| ()).expect("files"));
    }
    assert_eq!(state::check_logs(&tree), (6, Vec::new()));
    let read = |path: &RepoPath| -> Value {
        let text = std::fs::read_to_string(dir.path().join(path.as_str())).expect("a file");
        serde_json::from_str(&text).expect("JSON")
    };
    let count = |path: &RepoPath| read(path)["entries"].as_array().expect("entries").len();
    let archive = |month| state::documents::paths::log_archive(&log, month);
    assert_eq!(
        (count(&archive("2026-01")), count(&archive("2026-02"))),
        (4, 6)
    );
    assert_eq!(count(&log), 2);
    // The newest entry stays until there is a newer one: the next one follows it.
    let granted: Vec<Value> = read(&audit)["entries"].as_array().expect("entries").clone();
    assert!(granted.iter().all(|entry| entry.get("at").is_none()));
    let times: Vec<&Value> = granted.iter().map(|entry| &entry["granted_at"]).collect();
    assert_eq!(times, ["2026-02-15T12:00:00Z", "2026-04-11T12:00:00Z"]);

    // An entry that another program wrote, its time in another form, moves as it was hashed.
    let mut value = read(&log);
    value["entries"][1]["at"] = "2026-04-11T14:00:00.000+02:00".into();
    forge(&mut value["entries"][1]);
    value["head"]["hash"] = value["entries"][1]["hash"].clone();
    write(vec![(
        log.clone(),
        serde_json::to_vec(&value).expect("JSON"),
    )]);
    assert_eq!(state::check_logs(&tree), (6, Vec::new()));
    write(
        record::<RemediationLog>(&tree, &log, vec![entry(200), entry(201)], &|_| ())
            .expect("files"),
    );
    assert_eq!(state::check_logs(&tree), (7, Vec::new()));
    assert_eq!(count(&log), 2);

    // A log that is not valid is not appended to.
    let before = read(&log);
    let mut value = before.clone();
    value["entries"][0]
        .as_object_mut()
        .expect("an entry")
        .shift_remove("at");
    write(vec![(
        log.clone(),
        serde_json::to_vec(&value).expect("JSON"),
    )]);
    let refused = record::<RemediationLog>(&tree, &log, vec![entry(202)], &|_| ());
    assert!(
        matches!(refused, Err(RecordError::Invalid(_))),
        "{refused:?}"
    );
}
