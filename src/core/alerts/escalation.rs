//! `[escalation]` of monitoring.toml as a rule like those of helm.toml.

use crate::model::helm::{Rule, RuleAction};
use crate::model::monitoring::EscalationSection;

/// Its name in deliveries and work items. Nothing that a person would call a rule.
pub const ESCALATION_RULE: &str = "[escalation] of monitoring.toml";

/// Returns the rule that `[escalation]` stands for: issues of its severities get a work item,
/// and its channels are notified. `None` where no severity escalates by itself.
pub fn escalation_rule(section: &EscalationSection) -> Option<Rule> {
    let mut severities = section.auto_escalate_on.clone();
    severities.sort_unstable();
    severities.dedup();
    let conditions: Vec<String> = severities
        .iter()
        .map(|severity| format!("severity == \"{}\"", severity.word()))
        .collect();
    (!conditions.is_empty()).then(|| Rule {
        name: ESCALATION_RULE.to_owned(),
        when: conditions.join(" || "),
        action: RuleAction::Escalate,
        channels: section.channels.clone(),
        labels: Vec::new(),
        throttle: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rules;
    use crate::model::status::Severity;

    #[test]
    fn severities_make_a_rule_that_can_work() {
        let mut section = EscalationSection {
            channels: vec!["team".to_owned()],
            auto_escalate_on: Vec::new(),
        };
        assert_eq!(escalation_rule(&section), None);
        section.auto_escalate_on = vec![Severity::High, Severity::Critical, Severity::High];
        let rule = escalation_rule(&section).expect("a rule");
        assert_eq!(rule.action, RuleAction::Escalate);
        assert_eq!(rule.channels, ["team"]);
        assert_eq!(rule.when.matches("severity ==").count(), 2, "{}", rule.when);
        rules::compile(&rule.when).expect("a condition");
    }
}
