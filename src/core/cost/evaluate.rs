//! One rule, one resource: whether something can be saved, and how much.

use sha2::{Digest, Sha256};

use crate::catalog::opportunities::OpportunityRule;
use crate::core::cost::bill::billed_as;
use crate::core::cost::case::RuleCase;
use crate::core::cost::drivers::round;
use crate::core::cost::values::{in_command, in_sentence};
use crate::core::cost::world::CostWorld;
use crate::expr::{Fact, Unknown, Value};
use crate::model::configuration::ConfiguredResource;
use crate::model::cost::FigureSource;
use crate::model::opportunity::{
    Confidence, Opportunity, OpportunityAction, OpportunityPriority, UndecidedOpportunity,
};
use crate::text::{Untrusted, numbers, template};

/// US dollars a month below which nothing is worth the work.
const LEAST_USD: f64 = 0.5;
/// Keys of tags that protect what carries them, unless their value is `false`.
const KEEP_TAGS: [&str; 3] = ["keep", "do-not-delete", "donotdelete"];

/// What a rule comes to for one resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RuleOutcome {
    /// The rule says nothing about it.
    NotApplicable,
    /// Nothing can be saved.
    Nothing,
    /// It cannot be known.
    Undecided(UndecidedOpportunity),
    /// Something can be saved.
    Saves(Box<SavingCandidate>),
}

/// An opportunity before it is compared with others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SavingCandidate {
    pub(super) opportunity: Opportunity,
    /// What the part that changes costs a month now and then, where that is known.
    pub(super) amounts: Option<(f64, f64)>,
    /// Which resource it is: opportunities of one resource are compared.
    pub(super) resource: String,
    pub(super) combines: bool,
}

/// Evaluates a rule for a resource.
pub(super) fn evaluate(
    world: &CostWorld<'_>,
    rule: &OpportunityRule,
    resource: &ConfiguredResource,
) -> RuleOutcome {
    let mut case = RuleCase::new(world, rule, resource);
    if let Some(applies) = &rule.applies_when {
        match case.evaluate(applies) {
            Ok(Value::Flag(true)) => {}
            Ok(_) => return RuleOutcome::NotApplicable,
            Err(unknown) => return undecided(&case, &unknown),
        }
    }
    case.read_all();
    if case.not_collected {
        return RuleOutcome::NotApplicable;
    }
    match case.evaluate(&rule.when) {
        Ok(Value::Flag(true)) => {}
        Ok(_) => return RuleOutcome::Nothing,
        Err(unknown) => return undecided(&case, &unknown),
    }
    let blocked_by = match blocked(&mut case) {
        Ok(blocked) => blocked,
        Err(unknown) => return undecided(&case, &unknown),
    };
    let part = case.number(&rule.part);
    let after = case.number(&rule.after);
    let amounts = match (&part, &after) {
        (Ok(part), Ok(after)) => Some((*part, *after)),
        _ => None,
    };
    if amounts.is_some_and(|(part, after)| part - after < LEAST_USD) {
        return RuleOutcome::Nothing;
    }
    let missing: Vec<Untrusted> = part
        .err()
        .or(after.err())
        .map_or_else(Vec::new, |unknown| case.reasons(&unknown));
    let opportunity = describe(&mut case, amounts, blocked_by, missing);
    RuleOutcome::Saves(Box::new(SavingCandidate {
        opportunity,
        amounts,
        resource: resource.identity().raw().to_owned(),
        combines: rule.combines,
    }))
}

fn undecided(case: &RuleCase<'_>, unknown: &Unknown) -> RuleOutcome {
    RuleOutcome::Undecided(UndecidedOpportunity {
        rule: case.rule.id.clone(),
        title: case.rule.title.clone(),
        name: case.resource.name.clone(),
        because: case.reasons(unknown),
    })
}

/// What must be done first; `None` where nothing is in the way.
fn blocked(case: &mut RuleCase<'_>) -> Result<Option<Untrusted>, Unknown> {
    let rule = case.rule;
    if let Some((when, by)) = &rule.blocked
        && case.evaluate(when)? == Value::Flag(true)
    {
        return Ok(Some(
            fill(case, by, Kind::Sentence).unwrap_or_else(|| by.as_str().into()),
        ));
    }
    if !matches!(
        rule.action,
        OpportunityAction::Delete | OpportunityAction::Stop
    ) {
        return Ok(None);
    }
    for name in ["deletion_protection", "enable_deletion_protection"] {
        if case.resource.facts.get(name) == Some(&Fact::from(true)) {
            return Ok(Some(Untrusted::from("it is protected against deletion")));
        }
    }
    let tags = ["tags", "tags_all"].map(|name| case.resource.facts.get(name));
    for tags in tags.into_iter().flatten().filter_map(Fact::known) {
        let Value::Map(tags) = tags else { continue };
        for (key, value) in &tags.entries {
            let is_keep = KEEP_TAGS.contains(&key.raw().to_ascii_lowercase().as_str());
            let is_off = matches!(value.known(), Some(Value::Text(text)) if text.raw() == "false");
            if is_keep && !is_off {
                return Ok(Some(Untrusted::from(format!(
                    "it is tagged {}",
                    key.redacted()
                ))));
            }
        }
    }
    Ok(None)
}

fn describe(
    case: &mut RuleCase<'_>,
    amounts: Option<(f64, f64)>,
    blocked_by: Option<Untrusted>,
    missing: Vec<Untrusted>,
) -> Opportunity {
    let (rule, resource) = (case.rule, case.resource);
    let whole = match &rule.whole {
        Some(whole) => case.number(whole).ok(),
        None => amounts.map(|(part, _)| part),
    };
    let saving = amounts.map(|(part, after)| part - after);
    let known = Amounts {
        whole,
        saving,
        amounts,
    };
    let texts = RuleTexts::of(case, &known, missing);
    Opportunity {
        id: id(&rule.id, resource.identity().raw()),
        rule: rule.id.clone(),
        title: rule.title.clone(),
        resource_type: resource.resource_type.clone(),
        name: resource.name.clone(),
        arn: resource.arn.clone(),
        region: resource.region.clone(),
        priority: OpportunityPriority::Low,
        action: rule.action,
        effort: rule.effort,
        restart_needed: rule.restart_needed,
        rollback_possible: rule.rollback_possible,
        confidence: confidence(case),
        current_usd: whole.map(round),
        current_source: whole.map(|_| source(case)),
        savings_usd: saving.map(round),
        at_most: rule.at_most,
        counted_usd: 0.0,
        not_counted_because: None,
        blocked_by,
        evidence: texts.evidence,
        assumption: texts.assumption,
        measured: (!rule.usage.is_empty()).then(|| case.world.windows.last_days(rule.window_days)),
        price_date: case.price_dates.first().cloned(),
        billed_as: case
            .billed
            .iter()
            .map(|(service, of)| billed_as(service, of))
            .collect(),
        commands: texts.commands,
        terraform: texts.terraform,
    }
}

/// The filled texts of a rule.
struct RuleTexts {
    evidence: Vec<Untrusted>,
    assumption: Option<Untrusted>,
    commands: Vec<Untrusted>,
    terraform: Option<Untrusted>,
}

impl RuleTexts {
    fn of(case: &mut RuleCase<'_>, amounts: &Amounts, missing: Vec<Untrusted>) -> Self {
        let rule = case.rule;
        let mut all = |texts: &[String], kind: Kind| -> Vec<Untrusted> {
            let filled = texts
                .iter()
                .filter_map(|text| fill_with(case, text, kind, amounts));
            filled.collect()
        };
        let mut evidence = all(&rule.evidence, Kind::Sentence);
        evidence.extend(missing);
        let commands = all(&rule.commands, Kind::Command);
        let one = |text: &Option<String>| text.clone().into_iter().collect::<Vec<_>>();
        Self {
            evidence,
            assumption: all(&one(&rule.assumes), Kind::Sentence).pop(),
            commands,
            terraform: all(&one(&rule.terraform), Kind::Command).pop(),
        }
    }
}

/// Where the cost now comes from: the bill, unless a part of it had to be computed.
fn source(case: &RuleCase<'_>) -> FigureSource {
    let is_actual = |source: &FigureSource| *source == FigureSource::Actual;
    match !case.sources.is_empty() && case.sources.iter().all(is_actual) {
        true => FigureSource::Actual,
        false => FigureSource::Estimated,
    }
}

/// An idle rule that looks back less than a month may miss what happens once in it.
fn confidence(case: &RuleCase<'_>) -> Confidence {
    let is_idle = matches!(
        case.rule.action,
        OpportunityAction::Delete | OpportunityAction::Stop
    );
    match is_idle && !case.rule.usage.is_empty() && case.rule.window_days < 31 {
        true => case.rule.confidence.min(Confidence::Medium),
        false => case.rule.confidence,
    }
}

/// The id of an opportunity: the same as long as rule and resource are.
fn id(rule: &str, resource: &str) -> String {
    let digest = Sha256::digest(format!("{rule}\n{resource}").as_bytes());
    let mut text = hex::encode(digest);
    text.truncate(12);
    text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sentence,
    Command,
}

/// Amounts that texts may name.
struct Amounts {
    whole: Option<f64>,
    saving: Option<f64>,
    amounts: Option<(f64, f64)>,
}

fn fill(case: &mut RuleCase<'_>, text: &str, kind: Kind) -> Option<Untrusted> {
    let none = Amounts {
        whole: None,
        saving: None,
        amounts: None,
    };
    fill_with(case, text, kind, &none)
}

/// Fills a text; `None` where a name has no value, so that a sentence with a hole is not said.
fn fill_with(
    case: &mut RuleCase<'_>,
    text: &str,
    kind: Kind,
    amounts: &Amounts,
) -> Option<Untrusted> {
    let or_unknown =
        |amount: Option<f64>| amount.map_or("price unknown".to_owned(), numbers::whole_usd);
    let after = || Some(amounts.whole? - amounts.saving?);
    let filled = template::fill(text, |name| match name {
        "whole_usd" => Some(or_unknown(amounts.whole)),
        "after_usd" => Some(or_unknown(after())),
        "percent" => {
            let (part, after) = amounts.amounts?;
            Some(format!("{:.0}", (1.0 - after / part) * 100.0))
        }
        _ => {
            let fact = case.value(name);
            let shown = match kind {
                Kind::Sentence => in_sentence(&fact),
                Kind::Command => in_command(&fact),
            };
            shown.map(|shown| shown.raw().to_owned())
        }
    });
    filled.map(Untrusted::from)
}
