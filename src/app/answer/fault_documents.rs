//! Faults of files as documents that other programs show: SARIF for code scanning, and the
//! diagnostics of the Language Server Protocol for editors.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::model::status::Severity;
use crate::render::sarif::{SarifResult, SarifRule, SarifRun, sarif as sarif_document};
use crate::state::Diagnostic;
use crate::state::DiagnosticLevel;
use crate::text::Untrusted;
use crate::text::escape;

/// What a path in an address may not hold.
const IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Returns them as SARIF 2.1.0, with the fix in the message.
pub(crate) fn sarif(diagnostics: &[Diagnostic]) -> Value {
    let mut rules: BTreeMap<&str, Severity> = BTreeMap::new();
    for one in diagnostics {
        let worst = rules.entry(one.code).or_insert(Severity::Low);
        *worst = (*worst).max(severity(one));
    }
    let rule = |(code, severity): (&str, Severity)| {
        let words = code.rsplit('/').next().unwrap_or(code).replace('-', " ");
        SarifRule {
            id: code.to_owned(),
            title: format!("State file: {words}"),
            why: "`fractary check` validates the files in .fractary.".to_owned(),
            help: "`fractary check` shows the line, what was expected, and how to fix it."
                .to_owned(),
            help_uri: None,
            severity,
            tags: vec!["configuration".to_owned()],
        }
    };
    sarif_document(&SarifRun {
        version: env!("CARGO_PKG_VERSION"),
        category: "fractary-check".to_owned(),
        rules: rules.into_iter().map(rule).collect(),
        results: diagnostics.iter().map(sarif_result).collect(),
        gaps: Vec::new(),
        is_blind: false,
        is_security: false,
    })
}

fn severity(one: &Diagnostic) -> Severity {
    match one.severity {
        DiagnosticLevel::Error => Severity::High,
        DiagnosticLevel::Warning => Severity::Medium,
    }
}

fn sarif_result(one: &Diagnostic) -> SarifResult {
    let identity = format!("{}\n{}\n{}", one.code, one.path, one.message);
    let fingerprint = hex::encode(Sha256::digest(identity.as_bytes()));
    let mut message = one.message.clone();
    if let Some(expected) = &one.expected {
        message.push_str(&format!("\nExpected: {expected}"));
    }
    if let Some(help) = &one.help {
        message.push_str(&format!("\nFix: {help}"));
    }
    SarifResult {
        rule: one.code.to_owned(),
        fingerprint: fingerprint[..12].to_owned(),
        severity: severity(one),
        message: Untrusted::from(message),
        file: address(one),
        line: one.line,
        columns: (one.line > 0).then(|| (one.column, one.column + length(one))),
        suppressed_because: None,
    }
}

/// Returns them as `textDocument/publishDiagnostics` of the Language Server Protocol has them: one
/// entry a file, with its path below the root of the repository; positions count from zero, in
/// units of UTF-16. `data.help` is the fix.
pub(crate) fn language_server(diagnostics: &[Diagnostic]) -> Value {
    let mut files: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for one in diagnostics {
        files.entry(address(one)).or_default().push(entry(one));
    }
    let files = files
        .into_iter()
        .map(|(uri, diagnostics)| json!({ "uri": uri, "diagnostics": diagnostics }));
    Value::Array(files.collect())
}

fn entry(one: &Diagnostic) -> Value {
    let line = one.line.saturating_sub(1);
    let (start, end) = units(one);
    let mut entry = json!({
        "range": {
            "start": { "line": line, "character": start },
            "end": { "line": line, "character": end },
        },
        "severity": match one.severity {
            DiagnosticLevel::Error => 1,
            DiagnosticLevel::Warning => 2,
        },
        "code": one.code,
        "source": "fractary",
        "message": escape::json(&one.message),
    });
    for (name, text) in [("expected", &one.expected), ("help", &one.help)] {
        if let Some(text) = text {
            entry["data"][name] = json!(escape::json(text));
        }
    }
    entry
}

fn address(one: &Diagnostic) -> String {
    utf8_percent_encode(one.path.as_str(), IN_PATHS).to_string()
}

/// Characters that are underlined.
fn length(one: &Diagnostic) -> usize {
    let excerpt = one.excerpt.as_ref().filter(|_| is_shown(one));
    excerpt.map_or(0, |shown| shown.text[shown.span.clone()].chars().count())
}

/// Whether the excerpt is the line itself, and not what is shown in place of a secret.
fn is_shown(one: &Diagnostic) -> bool {
    one.excerpt.as_ref().is_some_and(|shown| {
        let before = shown.text[..shown.span.start].chars().count();
        before + 1 == one.column
    })
}

/// The first unit of UTF-16 that is underlined, and the one behind the last.
fn units(one: &Diagnostic) -> (usize, usize) {
    match one.excerpt.as_ref().filter(|_| is_shown(one)) {
        Some(shown) => {
            let count = |text: &str| text.encode_utf16().count();
            let start = count(&shown.text[..shown.span.start]);
            (start, start + count(&shown.text[shown.span.clone()]))
        }
        None => {
            let start = one.column.saturating_sub(1);
            (start, start)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::paths::RepoPath;
    use crate::state::diagnostic::Excerpt;

    fn fault() -> Diagnostic {
        let path = RepoPath::new(".fractary/a b.json").expect("a path");
        let line = "  \"🙂é\": prod";
        let start = line.find("prod").expect("it is there");
        let mut fault = Diagnostic::error(&path, "state/not-json", "this is not JSON")
            .expecting("a text in quotes")
            .help("write `\"prod\"`");
        fault.line = 3;
        fault.column = line[..start].chars().count() + 1;
        fault.excerpt = Some(Excerpt {
            text: line.to_owned(),
            span: start..line.len(),
        });
        fault
    }

    #[test]
    fn editors_count_in_units_and_from_zero() {
        let document = language_server(&[fault()]);
        assert_eq!(document[0]["uri"], ".fractary/a%20b.json");
        let one = &document[0]["diagnostics"][0];
        // The face is one character and two units.
        assert_eq!(one["range"]["start"], json!({ "line": 2, "character": 9 }));
        assert_eq!(one["range"]["end"], json!({ "line": 2, "character": 13 }));
        assert_eq!(one["severity"], 1);
        assert_eq!(one["data"]["help"], "write `\"prod\"`");
    }

    #[test]
    fn code_scanning_counts_in_characters_and_from_one() {
        let document = sarif(&[fault()]);
        let run = &document["runs"][0];
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        let result = &run["results"][0];
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            place["region"],
            json!({ "startLine": 3, "startColumn": 9, "endColumn": 13 })
        );
        let text = result["message"]["text"].as_str().unwrap_or_default();
        assert!(text.ends_with("Fix: write `\"prod\"`"), "{text}");
        let rule = &run["tool"]["driver"]["rules"][0];
        assert!(rule["properties"]["security-severity"].is_null());
    }

    #[test]
    fn a_fault_of_a_whole_file_and_one_of_a_secret_have_a_place() {
        let path = RepoPath::new(".fractary/x.json").expect("a path");
        let whole = Diagnostic::warning(&path, "state/generated", "this file is missing");
        let mut secret = fault();
        secret.excerpt = Some(Excerpt {
            text: "(hidden)".to_owned(),
            span: 0..8,
        });
        let document = language_server(&[whole.clone(), secret.clone()]);
        let zero = json!({ "line": 0, "character": 0 });
        assert_eq!(document[1]["diagnostics"][0]["range"]["start"], zero);
        let range = &document[0]["diagnostics"][0]["range"];
        assert_eq!(range["start"], range["end"]);
        let document = sarif(&[whole, secret]);
        let of = |at: usize| {
            document["runs"][0]["results"][at]["locations"][0]["physicalLocation"]["region"].clone()
        };
        assert_eq!(of(0), json!({ "startLine": 1 }));
        assert_eq!(
            of(1),
            json!({ "startLine": 3, "startColumn": 9, "endColumn": 9 })
        );
    }
}
