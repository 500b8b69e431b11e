//! What is open to everyone unless something prevents it that the plan does not show: an ACL of a
//! bucket that another team made, whose block of public access is not in this plan.
//!
//! A check that cannot be decided is evaluated once more, with what is not known taken as not
//! there. What fails then is open by what the plan does say.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::checks::Check;
use crate::core::audit::{Judgement, evaluate};
use crate::core::known::Obstacle;
use crate::core::review::Circumstances;
use crate::core::review::evaluated::{address, input};
use crate::core::review::rules::{self, Findings, Said};
use crate::model::configuration::Configuration;
use crate::model::fact::Fact;
use crate::model::status::Severity;

/// Most that is said of what is not known.
const MOST_SAID: usize = 3;

/// A check and the address of a resource.
type Pair = (String, String);

/// Checks that could not be decided, with what is not known.
#[derive(Default)]
pub(super) struct UndecidedChecks(BTreeMap<Pair, Vec<String>>);

impl UndecidedChecks {
    /// Takes note of one, where it is about something that must never be open.
    pub(super) fn add(&mut self, judgement: &Judgement<'_>, of: &Configuration) {
        if !judgement.check.form.protected {
            return;
        }
        let gaps = judgement.obstacles.iter().filter_map(|one| match one {
            Obstacle::Gap(id) => of.gap(*id),
            Obstacle::NotRead(_) | Obstacle::Unclear(_) => None,
        });
        let said: BTreeSet<String> = gaps
            .map(|gap| format!("{}: {}", gap.subject, gap.message.raw()))
            .collect();
        let pair = (judgement.check.id.clone(), address(judgement));
        self.0
            .insert(pair, said.into_iter().take(MOST_SAID).collect());
    }

    /// Says which of them are open by what the plan says. `before` makes the configuration before
    /// the change: what was so already is not new.
    pub(super) fn examine(
        &self,
        after: Configuration,
        before: impl FnOnce() -> Configuration,
        around: Circumstances<'_>,
        findings: &mut Findings,
    ) {
        if self.0.is_empty() {
            return;
        }
        let mut open = open_alone(after, around);
        open.retain(|pair, _| self.0.contains_key(pair));
        if open.is_empty() {
            return;
        }
        let known = open_alone(before(), around);
        for ((id, address), check) in open {
            let pair = (id, address);
            if known.contains_key(&pair) {
                continue;
            }
            let said = Said {
                severity: Severity::High,
                effect: around.of_unknown(),
                subject: pair.1.as_str().into(),
                title: format!(
                    "{}: {}, unless something prevents it that the plan does not show",
                    pair.1, check.form.title
                ),
                evidence: self.0.get(&pair).cloned().unwrap_or_default(),
            };
            findings.add_part(&rules::MAY_BE_OPEN, &pair.0, said);
        }
    }
}

/// What fails where nothing is there but what is known.
fn open_alone<'c>(
    mut configuration: Configuration,
    around: Circumstances<'c>,
) -> BTreeMap<Pair, &'c Check> {
    for resource in &mut configuration.resources {
        for fact in resource.facts.values_mut() {
            if matches!(fact, Fact::Unreadable(_)) {
                *fact = Fact::Absent;
            }
        }
    }
    let protected = around.checks.iter().filter(|check| check.form.protected);
    let protected: Vec<&Check> = protected.copied().collect();
    let evaluation = evaluate(&input(around, &configuration), &protected);
    let mut out = BTreeMap::new();
    for judgement in &evaluation.judgements {
        if judgement.failures.is_empty() {
            continue;
        }
        let check = protected
            .iter()
            .find(|check| check.id == judgement.check.id);
        let pair = (judgement.check.id.clone(), address(judgement));
        out.extend(check.map(|check| (pair, *check)));
    }
    out
}
