//! SARIF 2.1.0, for code scanning: findings of audits and reviews.
//!
//! GitHub's limits (<https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>):
//! 25,000 results of which 5,000 are shown, 20 tags a rule. What is over is cut here, the worst
//! kept, and counted in a notification, because above a limit the whole file is refused.

mod review;

use serde_json::{Value, json};

use crate::model::status::Severity;
use crate::text::Untrusted;

pub use review::review;

/// Results that GitHub shows.
const MOST_RESULTS: usize = 5_000;
/// Tags that a rule may have.
const MOST_TAGS: usize = 20;
/// Gaps that are named.
const MOST_GAPS: usize = 20;

/// One run of a tool.
#[derive(Debug, Clone)]
pub struct SarifRun<'a> {
    /// Version of the product.
    pub version: &'a str,
    /// Tells runs of different purpose and environment apart: `fractary-audit/prod`.
    pub category: String,
    /// Every rule that was evaluated, those without results too.
    pub rules: Vec<SarifRule>,
    /// Results, the most urgent first.
    pub results: Vec<SarifResult>,
    /// Why results may be missing, a sentence each.
    pub gaps: Vec<Untrusted>,
    /// Whether nothing could be looked at, so that no results mean nothing.
    pub is_blind: bool,
    /// Whether they are about security; GitHub shows those apart from faults in files.
    pub is_security: bool,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct SarifRule {
    /// Its id.
    pub id: String,
    /// In a few words.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// How to fix what it finds.
    pub help: String,
    /// The page that says more, where there is one.
    pub help_uri: Option<String>,
    /// How urgent.
    pub severity: Severity,
    /// Controls and other labels.
    pub tags: Vec<String>,
}

/// One result.
#[derive(Debug, Clone)]
pub struct SarifResult {
    /// Id of the rule.
    pub rule: String,
    /// The same on every run, without line numbers.
    pub fingerprint: String,
    /// How urgent.
    pub severity: Severity,
    /// One line or more, plain text.
    pub message: Untrusted,
    /// File of the repository, relative, with `/`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Columns in characters from 1, the first and the one behind the last; where they are known.
    pub columns: Option<(usize, usize)>,
    /// Why it does not count, where it does not.
    pub suppressed_because: Option<Untrusted>,
}

/// Returns the document.
pub fn sarif(run: &SarifRun<'_>) -> Value {
    let rules: Vec<Value> = run.rules.iter().map(|one| rule(one, run)).collect();
    let kept = run.results.len().min(MOST_RESULTS);
    let results: Vec<Value> = run.results[..kept]
        .iter()
        .map(|one| result(one, run))
        .collect();
    let mut of_run = json!({
        "tool": { "driver": {
            "name": "fractary",
            "semanticVersion": run.version,
            "rules": rules,
        } },
        "automationDetails": { "id": format!("{}/", run.category) },
        "invocations": [invocation(run, run.results.len() - kept)],
        "results": results,
    });
    if run.results.iter().any(|one| one.columns.is_some()) {
        of_run["columnKind"] = json!("unicodeCodePoints");
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [of_run],
    })
}

/// How the run went: what is not in the file, and what could not be looked at.
fn invocation(run: &SarifRun<'_>, more: usize) -> Value {
    let note = |level: &str, text: String| json!({ "level": level, "message": { "text": text } });
    let mut notes = Vec::new();
    if more > 0 {
        let text = format!("{more} more results, none of them more urgent, are not in this file");
        notes.push(note("warning", text));
    }
    let level = if run.is_blind { "error" } else { "warning" };
    let gaps = run.gaps.iter().take(MOST_GAPS);
    notes.extend(gaps.map(|gap| note(level, gap.redacted())));
    let unnamed = run.gaps.len().saturating_sub(MOST_GAPS);
    if unnamed > 0 {
        notes.push(note(level, format!("{unnamed} more reasons are not named")));
    }
    let mut out = json!({ "executionSuccessful": !run.is_blind });
    if !notes.is_empty() {
        out["toolExecutionNotifications"] = json!(notes);
    }
    out
}

/// `error`, `warning` or `note`.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// What GitHub makes `critical`, `high`, `medium` and `low` of.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn rule(rule: &SarifRule, run: &SarifRun<'_>) -> Value {
    let mut tags: Vec<String> = Vec::new();
    tags.extend(run.is_security.then(|| "security".to_owned()));
    tags.extend(rule.tags.iter().cloned());
    tags.truncate(MOST_TAGS);
    let mut properties = json!({ "tags": tags });
    if run.is_security {
        properties["security-severity"] = json!(security_severity(rule.severity));
    }
    let mut out = json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.help },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": properties,
    });
    if let Some(address) = &rule.help_uri {
        out["helpUri"] = json!(address);
    }
    out
}

fn result(one: &SarifResult, run: &SarifRun<'_>) -> Value {
    let mut region = json!({ "startLine": one.line.max(1) });
    if let Some((start, end)) = one.columns {
        region["startColumn"] = json!(start);
        region["endColumn"] = json!(end);
    }
    let mut result = json!({
        "ruleId": one.rule,
        "level": level(one.severity),
        "message": { "text": one.message.redacted() },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": one.file },
            "region": region,
        } }],
        "partialFingerprints": { "fractaryFinding/v1": one.fingerprint },
    });
    if run.is_security {
        result["properties"] = json!({ "security-severity": security_severity(one.severity) });
    }
    if let Some(index) = run.rules.iter().position(|rule| rule.id == one.rule) {
        result["ruleIndex"] = json!(index);
    }
    if let Some(because) = &one.suppressed_because {
        result["suppressions"] =
            json!([{ "kind": "external", "justification": because.redacted() }]);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result_of(number: usize) -> SarifResult {
        SarifResult {
            rule: "s3-bucket-public".to_owned(),
            fingerprint: format!("{number:012}"),
            severity: Severity::Critical,
            message: Untrusted::from("Everyone can reach the bucket\u{202e}"),
            file: ".fractary/registry.json".to_owned(),
            line: 3,
            columns: None,
            suppressed_because: (number == 1).then(|| Untrusted::from("a website")),
        }
    }

    fn run(results: usize) -> SarifRun<'static> {
        SarifRun {
            version: "0.1.0",
            category: "fractary-audit/prod".to_owned(),
            rules: vec![SarifRule {
                id: "s3-bucket-public".to_owned(),
                title: "Everyone can reach the bucket".to_owned(),
                why: "Nothing takes it back.".to_owned(),
                help: "Block public access.".to_owned(),
                help_uri: Some("https://docs.example.com/s3.html".to_owned()),
                severity: Severity::Critical,
                tags: (0..40)
                    .map(|number| format!("framework/{number}"))
                    .collect(),
            }],
            results: (0..results).map(result_of).collect(),
            gaps: Vec::new(),
            is_blind: false,
            is_security: true,
        }
    }

    #[test]
    fn a_result_names_its_rule_and_place() {
        let document = sarif(&run(2));
        let of_run = &document["runs"][0];
        assert_eq!(of_run["automationDetails"]["id"], "fractary-audit/prod/");
        let rule = &of_run["tool"]["driver"]["rules"][0];
        assert_eq!(rule["properties"]["security-severity"], "9.5");
        assert_eq!(rule["helpUri"], "https://docs.example.com/s3.html");
        let first = &of_run["results"][0];
        assert_eq!(first["ruleIndex"], 0);
        assert_eq!(first["level"], "error");
        assert_eq!(
            first["partialFingerprints"]["fractaryFinding/v1"],
            "000000000000"
        );
        let place = &first["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], ".fractary/registry.json");
        assert_eq!(place["region"]["startLine"], 3);
        // Characters that turn text around are visible.
        let text = first["message"]["text"].as_str().unwrap_or_default();
        assert!(!text.contains('\u{202e}'), "{text}");
        assert!(first["suppressions"].is_null());
        let why = &of_run["results"][1]["suppressions"][0]["justification"];
        assert_eq!(why, "a website");
    }

    #[test]
    fn nothing_found_is_told_from_nothing_seen() {
        let invocation = |run: &SarifRun<'_>| sarif(run)["runs"][0]["invocations"][0].clone();
        let whole = json!({ "executionSuccessful": true });
        assert_eq!(invocation(&run(0)), whole);
        let text = "prod: `sts:GetCallerIdentity`: unreachable";
        let mut blind = run(0);
        blind.gaps = vec![Untrusted::from(text)];
        blind.is_blind = true;
        let want = json!({ "executionSuccessful": false, "toolExecutionNotifications": [
            { "level": "error", "message": { "text": text } },
        ] });
        assert_eq!(invocation(&blind), want);
    }

    #[test]
    fn what_is_over_the_limit_is_counted() {
        let document = sarif(&run(26_000));
        let of_run = &document["runs"][0];
        assert_eq!(of_run["results"].as_array().map(Vec::len), Some(5_000));
        let text =
            of_run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str();
        assert!(
            text.is_some_and(|text| text.starts_with("21000 more")),
            "{text:?}"
        );
        let tags = of_run["tool"]["driver"]["rules"][0]["properties"]["tags"].as_array();
        assert_eq!(tags.map(Vec::len), Some(MOST_TAGS));
    }
}
