//! `logs`, `performance` and `investigate` on files, without AWS and without a repository.

use serde_json::Value;

use crate::support::fractary::Fractary;

use std::fmt::Write as _;
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("the folder can be written");
}

fn run(folder: &Path, args: &[&str]) -> (String, String, i32) {
    let output = Fractary::in_folder(folder, folder).args(args).run();
    (output.stdout, output.stderr, output.code)
}

fn json(folder: &Path, args: &[&str]) -> Value {
    let (out, err, code) = run(folder, &[args, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).expect("JSON")
}

/// A minute of a program that serves requests; in the second its database is full.
fn log(minute: usize, full: bool) -> String {
    let mut out = String::new();
    for n in 0..300 {
        let second = n / 5;
        let head = format!("2026-11-29T14:{minute:02}:{second:02}.{:03}Z", n % 1_000);
        let host = ["web-1", "web-2", "web-3"][n % 3];
        let status = if full && n % 3 == 0 { 503 } else { 200 };
        let _ = writeln!(
            out,
            "{head} {host} INFO http: GET /orders/{n} {status} {}ms",
            5 + n % 40
        );
        if full && n % 4 == 0 {
            let _ = writeln!(
                out,
                "{head} {host} ERROR pool: could not obtain connection from pool within {}ms",
                30_000 + n
            );
        }
    }
    out
}

#[test]
fn patterns_of_two_spans_are_compared() {
    let folder = folder();
    write(folder.path(), "before.log", &log(1, false));
    write(folder.path(), "now.log", &log(2, true));
    let args = ["logs", "--file", "now.log", "--baseline", "before.log"];
    let report = json(folder.path(), &args);
    assert_eq!(report["kind"], "log-patterns");
    let first = &report["patterns"][0];
    assert_eq!(
        first["template"],
        "could not obtain connection from pool within <*>"
    );
    assert_eq!(first["kind"], "new");
    assert_eq!(first["count"], 75);
    assert_eq!(first["first_seen"], "2026-11-29T14:02:00Z");
    let (text, _, _) = run(folder.path(), &args);
    insta::assert_snapshot!("logs_text", text);
    let (markdown, _, _) = run(
        folder.path(),
        &[&args[..], &["--format", "markdown"]].concat(),
    );
    insta::assert_snapshot!("logs_markdown", markdown);
}

#[test]
fn every_line_is_assigned_a_pattern() {
    let folder = folder();
    write(folder.path(), "now.log", &log(2, true));
    json(
        folder.path(),
        &["logs", "--file", "now.log", "--assign", "out.csv"],
    );
    let csv = std::fs::read_to_string(folder.path().join("out.csv")).expect("the CSV");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows[0], "LineId,Cluster,Template");
    assert_eq!(rows.len(), 1 + log(2, true).lines().count());
    assert!(
        rows[1].starts_with("1,") && rows[1].contains("GET <*>"),
        "{}",
        rows[1]
    );
}

#[test]
fn nothing_that_a_line_says_lives_and_no_secret_leaves() {
    let folder = folder();
    let mut text = Vec::new();
    for n in 0..30 {
        let token = format!("ghp_abcdefghijklmnopqrstuvwxyz01234567{:02}", n % 100);
        text.extend(format!("login with token {token} refused\n").bytes());
        text.extend(
            format!(
                "password=hunter{n}secret for AKIAIOSFODNN7EXAMPL{}\n",
                n % 10
            )
            .bytes(),
        );
    }
    text.extend(b"\x1b[2J\x1b]0;owned\x07 ::add-mask::x ::error::y\n");
    text.extend(b"<script>alert(1)</script> | `code` [x](javascript:alert(1))\n");
    text.extend(b"nul \0 and invalid \xff\xfe bytes\n");
    text.extend(vec![b'a'; 1 << 20]);
    text.push(b'\n');
    std::fs::write(folder.path().join("x.log"), text).expect("written");
    for format in ["text", "json", "markdown"] {
        let args = [
            "logs", "--file", "x.log", "--assign", "out.csv", "--format", format,
        ];
        let (out, err, code) = run(folder.path(), &args);
        assert_eq!(code, 0, "{err}");
        let csv = std::fs::read_to_string(folder.path().join("out.csv")).expect("the CSV");
        for shown in [&out, &csv] {
            assert!(!shown.contains("ghp_abc"), "{shown}");
            assert!(!shown.contains("hunter"), "{shown}");
            assert!(!shown.contains("AKIAIOSFODNN7"), "{shown}");
            assert!(!shown.contains('\u{1b}') && !shown.contains('\0'));
        }
        assert!(!out.contains("<script>") || format != "markdown");
    }
    let report = json(folder.path(), &["logs", "--file", "x.log"]);
    assert_eq!(report["lines"], 64);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let folder = folder();
    let (_, err, code) = run(folder.path(), &["logs", "--file", "none.log"]);
    assert_eq!(code, 2);
    insta::assert_snapshot!("logs_missing", err);
    write(folder.path(), "bad.csv", "a,b\n1,2\n");
    let (_, err, code) = run(folder.path(), &["performance", "--csv", "bad.csv"]);
    assert_eq!(code, 2);
    insta::assert_snapshot!("performance_bad", err);
}

#[test]
fn a_series_is_described() {
    let folder = folder();
    let mut csv = String::from("timestamp,value\n");
    for hour in 0..24 * 14 {
        let value = if hour == 300 {
            95.0
        } else {
            40.0 + f64::from(hour) / 24.0 + f64::from(hour * 7 % 5)
        };
        let _ = writeln!(
            csv,
            "2026-11-{:02} {:02}:00:00,{value:.2}",
            1 + hour / 24,
            hour % 24
        );
    }
    write(folder.path(), "disk.csv", &csv);
    let args = [
        "performance",
        "--csv",
        "disk.csv",
        "--limit",
        "100",
        "--scores",
        "scores.csv",
    ];
    let (text, err, code) = run(folder.path(), &args);
    assert_eq!(code, 0, "{err}");
    insta::assert_snapshot!("performance_text", text);
    let (markdown, _, _) = run(
        folder.path(),
        &[&args[..], &["--format", "markdown"]].concat(),
    );
    insta::assert_snapshot!("performance_markdown", markdown);
    let scores = std::fs::read_to_string(folder.path().join("scores.csv")).expect("the scores");
    assert_eq!(scores.lines().count(), 1 + 24 * 14);
    assert!(scores.starts_with("timestamp,anomaly_score\n2026-11-01 00:00:00,0.000000\n"));
}

/// The front calls orders, orders calls the database; from the third period on the database is
/// slow by half a second.
fn shop(periods: usize, slow: bool) -> String {
    let mut out = String::from("unix_timestamp");
    for node in ["front", "orders", "database"] {
        let _ = write!(out, ",{node}|latency|Average,{node}|requests|Sum");
    }
    out.push('\n');
    for n in 0..periods {
        let wave = 1.0 + 0.01 * (n % 3) as f64;
        let extra = if slow && n >= 2 { 1.0 } else { 0.0 };
        let _ = writeln!(
            out,
            "{},{},1000,{},600,{},1200",
            1_795_960_800 + 300 * n,
            0.4 * wave + 0.6 * extra,
            0.2 * wave + extra,
            0.05 * wave + 0.5 * extra,
        );
    }
    out
}

const GRAPH: &str = r#"{"nodes": ["front", "orders", "database"], "edges_caller_to_callee": [["front", "orders"], ["orders", "database"]]}"#;

const ARGS: [&str; 13] = [
    "investigate",
    "--metrics",
    "now.csv",
    "--normal",
    "normal.csv",
    "--graph",
    "graph.json",
    "--target",
    "front",
    "--symptom",
    "latency",
    "--at",
    "1795961410",
];

#[test]
fn the_cause_is_where_nothing_explains_it_further() {
    let folder = folder();
    write(folder.path(), "now.csv", &shop(5, true));
    write(folder.path(), "normal.csv", &shop(60, false));
    write(folder.path(), "graph.json", GRAPH);
    let report = json(folder.path(), &ARGS);
    assert_eq!(report["kind"], "incident");
    assert_eq!(report["hypotheses"][0]["resource"], "database");
    assert_eq!(report["root_cause"]["confidence"], "possible-contributor");
    let (text, _, _) = run(folder.path(), &ARGS);
    insta::assert_snapshot!("investigate_text", text);
    let (markdown, _, _) = run(
        folder.path(),
        &[&ARGS[..], &["--format", "markdown"]].concat(),
    );
    insta::assert_snapshot!("investigate_markdown", markdown);
}

#[test]
fn nothing_wrong_is_said() {
    let folder = folder();
    write(folder.path(), "now.csv", &shop(5, false));
    write(folder.path(), "normal.csv", &shop(60, false));
    write(folder.path(), "graph.json", GRAPH);
    let report = json(folder.path(), &ARGS);
    assert_eq!(report["hypotheses"], serde_json::json!([]));
    assert_eq!(report["root_cause"], Value::Null);
    assert_eq!(report["status"], "nothing-wrong");
}

#[test]
fn a_name_that_is_not_there_is_answered_with_the_nearest() {
    let folder = folder();
    write(folder.path(), "now.csv", &shop(5, true));
    let args = [
        "investigate",
        "--metrics",
        "now.csv",
        "--target",
        "fornt",
        "--symptom",
        "latency",
        "--at",
        "1795961410",
    ];
    let (_, err, code) = run(folder.path(), &args);
    assert_eq!(code, 2);
    insta::assert_snapshot!("investigate_name", err);
}
