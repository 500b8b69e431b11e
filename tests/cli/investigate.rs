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
    let report = json(
        folder.path(),
        &["logs", "--file", "now.log", "--assign", "out.csv"],
    );
    // The mark that editors put in front of UTF-8 is no part of the first line.
    write(
        folder.path(),
        "marked.log",
        &format!("\u{feff}{}", log(2, true)),
    );
    let marked = json(folder.path(), &["logs", "--file", "marked.log"]);
    assert_eq!(marked["patterns"], report["patterns"]);
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
    // A file of a head alone has all names, and nothing else.
    write(folder.path(), "now.csv", "time,front|latency|Average\n");
    let (_, err, code) = run(folder.path(), &args);
    assert_eq!((code, err.contains("now.csv has no rows")), (2, true));
}

/// Scores of a series, by the time of their row.
fn scores(folder: &Path, csv: &str) -> Vec<String> {
    write(folder, "series.csv", csv);
    let args = [
        "performance",
        "--csv",
        "series.csv",
        "--scores",
        "scores.csv",
    ];
    json(folder, &args);
    let scores = std::fs::read_to_string(folder.join("scores.csv")).expect("the scores");
    let rows = scores.lines().skip(1);
    let mut rows: Vec<String> = rows
        .map(|row| row.rsplit_once(',').expect("two columns").1.to_owned())
        .collect();
    rows.sort();
    rows
}

#[test]
fn a_series_is_the_same_in_any_order_and_any_unit_of_time() {
    let folder = folder();
    let rows: Vec<(i64, String)> = (0..400)
        .map(|n| {
            let value = if n == 300 { 90 } else { n % 7 };
            (1_795_960_800 + 300 * n, value.to_string())
        })
        .collect();
    let csv = |rows: &[(i64, String)], factor: i64| {
        let mut out = String::from("timestamp,value\n");
        for (time, value) in rows {
            let _ = writeln!(out, "{},{value}", time * factor);
        }
        out
    };
    let usual = scores(folder.path(), &csv(&rows, 1));
    let report = |args: &[&str]| {
        let mut report = json(folder.path(), args);
        report["source"] = Value::Null;
        report
    };
    let args = ["performance", "--csv", "series.csv"];
    let first = report(&args);
    assert_eq!(first["anomalies"][0]["value"], 90.0);
    let mut turned = rows.clone();
    turned.reverse();
    for other in [csv(&turned, 1), csv(&rows, 1_000), csv(&rows, 1_000_000)] {
        assert_eq!(scores(folder.path(), &other), usual);
        assert_eq!(report(&args), first);
    }
    // The scores stand in the order of the file.
    write(folder.path(), "series.csv", &csv(&turned, 1));
    json(
        folder.path(),
        &[&args[..], &["--scores", "scores.csv"]].concat(),
    );
    let text = std::fs::read_to_string(folder.path().join("scores.csv")).expect("the scores");
    let last = text.lines().last().expect("a row");
    assert!(last.starts_with("1795960800,"), "{last}");
}

#[test]
fn what_is_no_series_is_refused_with_its_line() {
    let folder = folder();
    for (name, text) in [
        ("value", "timestamp,value\n1,2\n2,abc\n"),
        ("comma", "timestamp,value\n1,2\n2,1,5\n"),
        ("time", "timestamp,value\nyesterday,2\n"),
        ("empty", "timestamp,value\n"),
        ("quote", "timestamp,value\n1,\"2\n"),
    ] {
        write(folder.path(), "x.csv", text);
        let (out, err, code) = run(folder.path(), &["performance", "--csv", "x.csv"]);
        assert_eq!((out.as_str(), code), ("", 2), "{err}");
        insta::assert_snapshot!(format!("performance_no_{name}"), err);
    }
    write(folder.path(), "x.csv", "timestamp,value\n1,2\n");
    let no_limit = ["performance", "--csv", "x.csv", "--limit", "NaN"];
    assert_eq!(run(folder.path(), &no_limit).2, 2);
}

#[test]
fn a_limit_below_zero_is_one_as_well() {
    let folder = folder();
    let mut csv = String::from("timestamp,value\n");
    for hour in 0..24 * 20 {
        let value = 10.0 - f64::from(hour) / 24.0 + 0.1 * f64::from(hour * 7 % 5);
        let _ = writeln!(
            csv,
            "{},{value:.3}",
            1_795_960_800 + 3_600 * i64::from(hour)
        );
    }
    write(folder.path(), "x.csv", &csv);
    let args = ["performance", "--csv", "x.csv", "--limit", "-20"];
    let report = json(folder.path(), &args);
    assert_eq!(report["limit"]["value"], -20.0);
    assert_eq!(report["limit"]["outlook"], "within");
    let days = report["limit"]["earliest_days"].as_f64().expect("a number");
    assert!((8.0..12.0).contains(&days), "{report:#}");
}

#[test]
fn what_of_an_incident_cannot_be_read_is_named() {
    let folder = folder();
    write(folder.path(), "normal.csv", &shop(60, false));
    write(folder.path(), "graph.json", GRAPH);
    let now = shop(5, true);
    for (name, text) in [
        ("requests", now.replacen(",1000,", ",many,", 1)),
        (
            "columns",
            now.replacen("orders|latency", "front|latency", 1),
        ),
        ("fields", now.replacen(",1000,", ",1000,7,", 1)),
    ] {
        write(folder.path(), "now.csv", &text);
        let (_, err, code) = run(folder.path(), &ARGS);
        assert_eq!(code, 2, "{err}");
        insta::assert_snapshot!(format!("investigate_no_{name}"), err);
    }
    write(folder.path(), "now.csv", &now);
    write(folder.path(), "graph.json", "{\"nodes\": [\"front\"]}");
    let (_, err, code) = run(folder.path(), &ARGS);
    assert_eq!(code, 2);
    insta::assert_snapshot!("investigate_no_graph", err);
    // What is left out is named, and the rest is read.
    let graph = GRAPH.replace(
        "[\"orders\", \"database\"]]",
        "[\"orders\", \"database\"], [\"orders\", \"queue\"]]",
    );
    write(folder.path(), "graph.json", &graph);
    write(
        folder.path(),
        "now.csv",
        &now.replace("orders|requests|Sum", "orders|requests|Average"),
    );
    let (out, err, _) = run(folder.path(), &ARGS);
    assert!(out.contains("front"), "{out}");
    insta::assert_snapshot!("investigate_left_out", err);
}

#[test]
fn what_is_gone_is_said_where_nothing_is_left() {
    let folder = folder();
    write(folder.path(), "before.log", &log(1, false));
    write(folder.path(), "now.log", "");
    let args = ["logs", "--file", "now.log", "--baseline", "before.log"];
    let report = json(folder.path(), &args);
    assert_eq!(report["patterns"][0]["kind"], "gone");
    assert_eq!(report["patterns"][0]["baseline_count"], 300);
    let (text, _, _) = run(folder.path(), &args);
    insta::assert_snapshot!("logs_gone", text);
}

#[test]
fn levels_and_long_words_and_what_follows_them_stay() {
    let folder = folder();
    let mut text = String::new();
    for n in 0..60 {
        let (level, payload) = (["INFO", "ERROR"][n % 2], "7".repeat(1_000 + n));
        let what = if n % 2 == 0 {
            "was stored"
        } else {
            "was refused by the api"
        };
        let _ = writeln!(
            text,
            "2026-11-29T14:00:{n:02}Z {level} User {n} with id {payload} {what}"
        );
    }
    write(folder.path(), "x.log", &text);
    let (text, _, _) = run(folder.path(), &["logs", "--file", "x.log"]);
    insta::assert_snapshot!("logs_long", text);
}

#[test]
fn a_key_over_several_lines_leaves_no_line() {
    let folder = folder();
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let mut text = String::new();
    for n in 0..30 {
        let head = format!("2026-11-29T14:00:{n:02}Z INFO");
        let _ = writeln!(text, "{head} loading -----BEGIN PRIVATE KEY-----");
        let _ = writeln!(text, "{body}\n{body}\n-----END PRIVATE KEY-----");
        let _ = writeln!(text, "{head} curl -u deploy:hunter2 https://h.example/{n}");
        let _ = writeln!(text, "{head} mysql -uroot -pS3cret{n} orders");
    }
    write(folder.path(), "x.log", &text);
    let args = [
        "logs", "--file", "x.log", "--assign", "out.csv", "--format", "json",
    ];
    let (out, err, code) = run(folder.path(), &args);
    assert_eq!(code, 0, "{err}");
    let csv = std::fs::read_to_string(folder.path().join("out.csv")).expect("the CSV");
    for secret in ["MIIEvQ", "hunter2", "S3cret"] {
        assert!(
            !out.contains(secret) && !csv.contains(secret),
            "{secret}: {out}{csv}"
        );
    }
}
