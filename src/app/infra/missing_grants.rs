//! What a deployment lacks: by its preflight, and by what AWS denied all the same.

use std::collections::BTreeSet;

use crate::app::permissions::context::GrantContext;
use crate::app::permissions::grant::{self, WantedGrant};
use crate::core::permissions::atoms::GrantAtom;
use crate::core::permissions::{self, limits, wanted};
use crate::model::denial::{DenyType, GrantHelps};
use crate::model::preflight::PreflightReport;
use crate::text::Untrusted;

/// The grant of a preflight. Where the pattern of names would cover the policies of whoever
/// deploys, it names what the plan names.
pub(super) fn missing(context: &GrantContext, report: &PreflightReport) -> BTreeSet<GrantAtom> {
    let Some(grant) = &report.grant else {
        return BTreeSet::new();
    };
    let exact = |atom: &GrantAtom| -> Vec<GrantAtom> {
        let helped = report.missing.iter().filter(|one| one.grant_helps);
        let same = helped.filter(|one| {
            one.needed.action == atom.action && one.needed.scope.raw() == atom.resource
        });
        let each = same.map(|one| GrantAtom {
            resource: one.needed.resource.raw().to_owned(),
            ..atom.clone()
        });
        each.collect()
    };
    let mut all = BTreeSet::new();
    for atom in wanted::atoms_of(&grant.policy) {
        match limits::writes_own(&atom, &context.place) {
            true => all.extend(exact(&atom)),
            false => drop(all.insert(atom)),
        }
    }
    all
}

/// What an error of an apply says was denied, as narrow as the plan says it.
pub(super) fn surprise(
    context: &GrantContext,
    report: &PreflightReport,
    line: &str,
    all: &mut WantedGrant,
) {
    let address = line
        .rsplit_once(" (")
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    let mut found = grant::from_text(context, line, None);
    for mut denial in permissions::denials(line) {
        let is_open = denial.resource.as_ref().is_none_or(|one| one.raw() == "*");
        if denial.action.is_none() {
            denial.action = denial.implied_action.clone();
        }
        // What another identity was denied is nothing that the one that deploys lacks.
        let said = denial.principal.as_ref().map(Untrusted::raw);
        let own = permissions::iam_identity(context.principal.as_str());
        let is_own = said.is_none_or(|said| permissions::iam_identity(said) == own);
        let explained = permissions::explain(denial);
        let helps = matches!(explained.grant_helps, GrantHelps::Yes | GrantHelps::Maybe)
            && explained.denial.deny_type != DenyType::NotIam;
        let narrow = wanted::of_plan(&explained, address, report, &context.scope);
        if let (true, true, true, Some(narrow)) = (is_own, is_open, helps, narrow) {
            let actions: BTreeSet<&str> = narrow.iter().map(|one| one.action.as_str()).collect();
            found
                .atoms
                .retain(|one| !actions.contains(one.action.as_str()));
            found.refused.retain(|one| {
                let said = one.action.as_ref().map(Untrusted::raw);
                said.is_some_and(|said| !actions.iter().any(|one| one.eq_ignore_ascii_case(said)))
            });
            found.atoms.extend(narrow);
        }
    }
    all.atoms.extend(found.atoms);
    all.refused.extend(found.refused);
    all.notes.extend(found.notes);
    all.error = all.error.take().or(found.error);
}
