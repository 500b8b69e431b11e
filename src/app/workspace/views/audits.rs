//! What audits are decided with: checks, what people wrote about findings, and earlier audits.

use crate::app::workspace::checks;
use crate::catalog::checks::Check;
use crate::catalog::registry::Registry;
use crate::error::CommandError;
use crate::model::attestations::Attestations;
use crate::model::audit::Suppressions;
use crate::model::audit_history::AuditHistory;
use crate::model::ids::EnvironmentName;
use crate::state::{Document, State};

/// The documents of audits.
#[derive(Clone, Copy)]
pub(crate) struct AuditSources<'a> {
    pub(in crate::app::workspace) state: &'a State,
}

impl<'a> AuditSources<'a> {
    /// Loads the built-in checks and the user's.
    pub(crate) fn checks(self) -> Result<Registry<Check>, CommandError> {
        checks::registry(self.state)
    }

    /// Returns the checks of these ids; without any, all that the rules of `[compliance]` want.
    pub(crate) fn choose<'r>(
        self,
        registry: &'r Registry<Check>,
        ids: &[String],
    ) -> Result<Vec<&'r Check>, CommandError> {
        let rules = &self.state.monitoring.value.compliance;
        if ids.is_empty() {
            let all = registry.iter();
            return Ok(all.filter(|check| check.is_wanted(rules)).collect());
        }
        let each = ids.iter().map(|id| {
            let check = checks::find(registry, id)?;
            match check.form.rule.filter(|rule| !rules.has(*rule)) {
                None => Ok(check),
                Some(rule) => Err(checks::without_rule(check, rule)),
            }
        });
        each.collect()
    }

    /// Returns the findings that people accept.
    pub(crate) fn suppressions(self) -> Suppressions {
        let document = self.state.suppressions.as_ref();
        document.map_or_else(Suppressions::default, |it| it.value.clone())
    }

    /// Returns the controls that people have answered for.
    pub(crate) fn attestations(self) -> Attestations {
        let document = self.state.attestations.as_ref();
        document.map_or_else(Attestations::default, |it| it.value.clone())
    }

    /// Returns what earlier audits of an environment knew.
    pub(crate) fn history(self, name: &EnvironmentName) -> Option<&'a Document<AuditHistory>> {
        self.state.audits.get(name)
    }
}
