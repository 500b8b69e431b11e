//! Options that an audit does not use: refused, since whoever gives one expects it to count.

use crate::error::CommandError;

use super::{AuditArgs, AuditKind};

impl AuditArgs {
    /// Refuses options of audits of checks where no check is evaluated.
    pub(super) fn refuse_unused(&self) -> Result<(), CommandError> {
        let instead = match (self.asks(), self.audit_type) {
            (false, _) => "evaluates nothing",
            (true, AuditKind::Cost) => "is about costs alone",
            (true, _) => return Ok(()),
        };
        let what = match (self.list_checks, &self.explain) {
            (true, _) => "--list-checks",
            (_, Some(_)) => "--explain",
            _ => "--type cost",
        };
        let options = [
            ("--check", !self.check.is_empty()),
            ("--framework", !self.framework.is_empty()),
            ("--region", !self.region.is_empty()),
            ("--max-calls", self.max_calls.is_some()),
            ("--allow", self.allow),
            ("--baseline", self.baseline.is_some()),
            ("--write-baseline", self.write_baseline.is_some()),
        ];
        match options.iter().find(|(_, is_given)| *is_given) {
            None => Ok(()),
            Some((option, _)) => {
                let error = format!("`{option}` does not go with `{what}`, which {instead}");
                Err(CommandError::usage(error).hint(format!("leave out `{option}` or `{what}`")))
            }
        }
    }
}
