//! A review as SARIF: every finding at its place in the source.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::review::{Review, ReviewFinding};
use crate::text::Untrusted;

use super::{SarifResult, SarifRule, SarifRun, sarif};

/// Where a finding is that is about no file: the settings of reviews.
const NOWHERE: &str = ".fractary/plugins/helm/config/helm.toml";

/// Returns the document. What is suppressed is in it, and marked as such.
pub fn review(review: &Review, version: &str) -> Value {
    let findings: Vec<&ReviewFinding> = review.findings.iter().chain(&review.suppressed).collect();
    let environment = review.environment.as_ref();
    let environment = environment.map_or("default", |name| name.as_str());
    let results = findings.iter().map(|one| result(review, one));
    sarif(&SarifRun {
        version,
        category: format!("fractary-review/{environment}"),
        rules: rules(&findings),
        results: results.collect(),
        gaps: Vec::new(),
        is_blind: false,
        is_security: true,
    })
}

fn rules(findings: &[&ReviewFinding]) -> Vec<SarifRule> {
    let mut rules: BTreeMap<&str, SarifRule> = BTreeMap::new();
    for one in findings {
        let title = one.rule.replace('-', " ");
        let rule = rules.entry(&one.rule).or_insert_with(|| SarifRule {
            id: one.rule.clone(),
            why: format!("{}: {title}", one.section.title()),
            title,
            help: one.fix.redacted(),
            help_uri: None,
            severity: one.severity,
            tags: Vec::new(),
        });
        rule.severity = rule.severity.max(one.severity);
    }
    rules.into_values().collect()
}

fn result(review: &Review, one: &ReviewFinding) -> SarifResult {
    let mut message = format!("{} ({})", one.title.raw(), one.effect);
    for sentence in &one.evidence {
        message.push_str(&format!("\n{}", sentence.raw()));
    }
    message.push_str(&format!("\nTo clear: {}", one.fix.raw()));
    let (file, line) = match &one.place {
        Some(place) => (place.file.to_string(), place.line as usize),
        None => (directory(review, one), 1),
    };
    SarifResult {
        rule: one.rule.clone(),
        fingerprint: one.id.clone(),
        severity: one.severity,
        message: Untrusted::new(message),
        file,
        line,
        columns: None,
        suppressed_because: one.suppressed_because.clone(),
    }
}

/// The directory that a finding without a place is about.
fn directory(review: &Review, one: &ReviewFinding) -> String {
    let mut directories = review.plans.iter().map(|plan| plan.directory.raw());
    let subject = one.subject.raw();
    let own = directories.clone().find(|name| *name == subject);
    let only = directories.next().filter(|_| review.plans.len() == 1);
    match own.or(only) {
        Some(name) if name != "." => name.to_owned(),
        _ => NOWHERE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn finding(n: usize, severity: &str) -> Value {
        json!({ "id": format!("{n:012x}"), "section": "plan", "rule": "data-loss", "severity": severity,
            "effect": "BLOCK", "subject": "module.m.aws_db_instance.x", "title": format!("it {n} is lost"),
            "evidence": ["lost: rows"], "fix": "keep it", "new": true,
            "place": { "file": "infra/main.tf", "line": 7 } })
    }

    fn review_with(findings: Vec<Value>, suppressed: Vec<Value>) -> Review {
        serde_json::from_value(
            json!({ "version": "1.0.0", "kind": "review", "verdict": "BLOCK",
            "environment": "prod", "base": null, "head": null, "plans": [], "rules": [],
            "findings": findings, "suppressed": suppressed, "not_looked_at": [] }),
        )
        .expect("a review")
    }

    #[test]
    fn findings_are_at_their_place_and_suppressed_ones_are_marked() {
        let mut accepted = finding(2, "HIGH");
        accepted["suppressed_because"] = json!("a copy exists (ops, until 2027-01-01)");
        let mut nowhere = finding(1, "CRITICAL");
        nowhere["place"] = Value::Null;
        let document = review(
            &review_with(vec![finding(0, "CRITICAL"), nowhere], vec![accepted]),
            "1.0.0",
        );
        let run = &document["runs"][0];
        assert_eq!(run["automationDetails"]["id"], "fractary-review/prod/");
        let results = run["results"].as_array().expect("results");
        let place = |at: usize| &results[at]["locations"][0]["physicalLocation"];
        assert_eq!(place(0)["artifactLocation"]["uri"], "infra/main.tf");
        assert_eq!(place(0)["region"]["startLine"], 7);
        assert_eq!(place(1)["artifactLocation"]["uri"], NOWHERE);
        assert_eq!(results[0]["suppressions"], Value::Null);
        assert_eq!(results[2]["suppressions"][0]["kind"], "external");
        assert_eq!(
            run["tool"]["driver"]["rules"].as_array().map(Vec::len),
            Some(1)
        );
    }

    #[test]
    fn of_too_many_findings_the_worst_are_kept_and_the_rest_is_counted() {
        let all = (0..26_000).map(|n| finding(n, if n < 10 { "CRITICAL" } else { "LOW" }));
        let document = review(&review_with(all.collect(), Vec::new()), "1.0.0");
        let run = &document["runs"][0];
        assert_eq!(run["results"].as_array().map(Vec::len), Some(5_000));
        assert_eq!(run["results"][0]["level"], "error");
        let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(
            said.as_str()
                .is_some_and(|text| text.starts_with("21000 more")),
            "{said}"
        );
    }
}
