//! What others say of the same resources: the controls of Security Hub, the rules of AWS Config.
//!
//! Their word never replaces a verdict. A failure that both see is one finding; what only they
//! see is a finding of its own; where they disagree, both are said. What they have archived is
//! left out, and what they could not evaluate says nothing.

use std::collections::BTreeSet;

use crate::catalog::config_rules;
use crate::catalog::frameworks;
use crate::core::known::Known;
use crate::model::configuration::{ACCOUNT, Configuration, ConfiguredResource, Extent, REGION};
use crate::model::fact::Value;
use crate::model::ids::Region;
use crate::model::status::Severity;
use crate::text::Untrusted;

use super::estate::Estate;
use super::facts::{FactView, list_in, text_in};

/// The checks of findings that only others have begin like this; no other check does.
pub(super) const SECURITY_HUB: &str = "security-hub:";
pub(super) const CONFIG: &str = "aws-config:";

/// Whether a finding is one that others have made.
pub(super) fn is_theirs(check: &str) -> bool {
    check.starts_with(SECURITY_HUB) || check.starts_with(CONFIG)
}

/// What someone says of one resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Opinion<'a> {
    /// `Security Hub S3.1`.
    pub(super) by: String,
    /// The check of a finding that only they have (`security-hub:S3.1`).
    pub(super) check: String,
    /// Checks that ask the same; behind a `#`, the place that is meant.
    pub(super) asks: Vec<String>,
    /// Whether they fail it; `None` where they could not say.
    pub(super) fails: Option<bool>,
    /// Whether someone has suppressed it there.
    pub(super) is_suppressed: bool,
    /// What identifies the resource there.
    pub(super) resource: String,
    pub(super) region: &'a Region,
    pub(super) severity: Severity,
    pub(super) title: Untrusted,
    /// Where they explain how to fix it.
    pub(super) fix: Option<Untrusted>,
}

impl Opinion<'_> {
    /// Whether it is about this resource.
    pub(super) fn is_about(&self, resource: &ConfiguredResource) -> bool {
        let of_type = resource.resource_type.as_str();
        if let Some(account) = self.resource.strip_prefix("AWS::::Account:") {
            let own = resource.account.as_ref();
            let is_own = own.is_none_or(|id| id.as_str() == account);
            return match of_type {
                ACCOUNT => is_own,
                REGION => is_own && resource.region == *self.region,
                _ => false,
            };
        }
        let Some(arn) = &resource.arn else {
            return false;
        };
        if self.resource.starts_with("arn:") {
            return arn.as_str() == self.resource;
        }
        // Config names a resource by the last part of its ARN, or by its name.
        let is_here = resource.region == *self.region || resource.region.as_str() == "global";
        let last = arn.resource().rsplit(['/', ':']).next();
        let is_named = resource.name.raw() == self.resource || last == Some(&self.resource);
        is_here && is_named && ![ACCOUNT, REGION].contains(&of_type)
    }
}

/// Where what others say was read in full.
pub(super) fn read_in(configuration: &Configuration) -> BTreeSet<(&'static str, &Region)> {
    let estate = Estate::new(configuration);
    let mut out = BTreeSet::new();
    for resource in configuration.of_type(REGION) {
        let hub = estate.view(resource).list("securityhub_findings");
        if hub.is_ok_and(|seen| seen.hidden.is_empty()) {
            out.insert((SECURITY_HUB, &resource.region));
        }
    }
    for entry in configuration.coverage.iter() {
        let is_rules = entry.resource_type == "config_rule";
        if is_rules && entry.extent == Extent::Complete {
            let mut rules = configuration.of_type("config_rule");
            let is_read = |rule: &ConfiguredResource| {
                rule.region != entry.region || estate.view(rule).list("evaluations").is_ok()
            };
            if rules.all(is_read) {
                out.insert((CONFIG, &entry.region));
            }
        }
    }
    out
}

/// Returns everything that others say. What could not be read of it is left out, and stands
/// among the calls that did not answer.
pub(super) fn opinions(configuration: &Configuration) -> Vec<Opinion<'_>> {
    let estate = Estate::new(configuration);
    let mut out = Vec::new();
    for resource in configuration.of_type(REGION) {
        out.extend(of_hub(estate.view(resource)));
    }
    for resource in configuration.of_type("config_rule") {
        out.extend(of_rule(estate.view(resource)));
    }
    let mut seen = BTreeSet::new();
    // Several standards may ask the same question of the same resource.
    out.retain(|one| seen.insert((one.by.clone(), one.resource.clone(), one.fails)));
    out
}

fn of_hub(view: FactView<'_>) -> Vec<Opinion<'_>> {
    let Ok(seen) = view.list("securityhub_findings") else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for item in &seen.items {
        let text = |name: &str| text_in(item, name).ok().flatten();
        if text("record_state").as_deref() == Some("ARCHIVED") {
            continue;
        }
        let Some((control, asks)) = control(text("control"), text("generator")) else {
            continue;
        };
        let fails = match text("status").as_deref() {
            Some("FAILED") => Some(true),
            Some("PASSED") => Some(false),
            _ => None,
        };
        let severity = match text("severity").as_deref() {
            Some("CRITICAL") => Severity::Critical,
            Some("HIGH") => Severity::High,
            Some("MEDIUM") => Severity::Medium,
            _ => Severity::Low,
        };
        let resources: Known<_> = list_in(item, "resources");
        for resource in resources.map(|all| all.texts()).unwrap_or_default() {
            out.push(Opinion {
                by: format!("Security Hub {control}"),
                check: format!("{SECURITY_HUB}{control}"),
                asks: asks.clone(),
                fails,
                is_suppressed: text("workflow").as_deref() == Some("SUPPRESSED"),
                resource,
                region: &view.resource.region,
                severity,
                title: Untrusted::from(text("title").unwrap_or_else(|| control.clone())),
                fix: text("fix").map(Untrusted::from),
            });
        }
    }
    out
}

/// The control of a finding, and the checks that ask the same. The ids of standards are those
/// of consolidated controls, or of benchmarks that are known here.
fn control(
    consolidated: Option<String>,
    generator: Option<String>,
) -> Option<(String, Vec<String>)> {
    let generator = generator.unwrap_or_default();
    let last = generator.rsplit('/').next().unwrap_or_default();
    let is_cis = generator.contains("cis-aws-foundations-benchmark/");
    if let (None, true) = (&consolidated, is_cis) {
        let mut parts = generator.rsplit('/').skip(1);
        let version = parts.find(|part| part.starts_with(|c: char| c.is_ascii_digit()))?;
        let version = version.strip_suffix(".0").unwrap_or(version);
        let is_known = is_plain(version) && is_plain(last);
        let checks = asks(&format!("cis-aws-{version}"), last);
        return is_known.then(|| (format!("CIS-{version}-{last}"), checks));
    }
    let control = consolidated.unwrap_or_else(|| last.to_owned());
    let checks = asks("aws-fsbp", &control);
    is_plain(&control).then_some((control, checks))
}

/// Whether a name from outside may become part of an id.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(plain)
}

fn asks(framework: &str, control: &str) -> Vec<String> {
    let framework = frameworks::built_in().get(framework);
    let mut controls = framework.into_iter().flat_map(|it| &it.controls);
    let found = controls.find(|one| one.id == control);
    found.map_or_else(Vec::new, |one| one.checks.clone())
}

fn of_rule(view: FactView<'_>) -> Vec<Opinion<'_>> {
    let name = view.name().raw();
    let identifier = view.text("source_identifier").ok().flatten();
    let identifier = identifier.unwrap_or_default();
    let Ok(seen) = view.list("evaluations") else {
        return Vec::new();
    };
    if !is_plain(name) {
        return Vec::new();
    }
    let each = seen.items.iter().filter_map(|item: &Value| {
        let text = |name: &str| text_in(item, name).ok().flatten();
        let is_account = text("resource_type").as_deref() == Some("AWS::::Account");
        let id = text("resource_id")?;
        Some(Opinion {
            by: format!("AWS Config {name}"),
            check: format!("{CONFIG}{name}"),
            asks: config_rules::checks_of(&identifier).to_vec(),
            fails: match text("compliance").as_deref() {
                Some("NON_COMPLIANT") => Some(true),
                Some("COMPLIANT") => Some(false),
                _ => None,
            },
            is_suppressed: false,
            resource: match is_account {
                true => format!("AWS::::Account:{id}"),
                false => id,
            },
            region: &view.resource.region,
            severity: Severity::Medium,
            title: Untrusted::from(format!("not compliant with the rule {name}")),
            fix: None,
        })
    });
    each.collect()
}
