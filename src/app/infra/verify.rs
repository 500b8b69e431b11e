//! Whether what was deployed is what is recorded, before its health is looked at.

use std::collections::BTreeSet;

use crate::app::infra::preview::InfraSession;
use crate::app::infra::record;
use crate::app::workspace::Workspace;
use crate::core::infra::lease::OpenDeployment;
use crate::text::Untrusted;

/// Returns what does not fit, in sentences.
pub(crate) fn mismatches(workspace: &Workspace, session: &InfraSession) -> Vec<String> {
    let name = session.target.name();
    let view = &session.view;
    let mut out = Vec::new();
    let all = workspace.state.deployments.as_ref();
    let all = all.map_or(&[][..], |one| &one.value.deployments);
    let last = all.iter().rev().find(|one| one.environment == *name);
    match last {
        Some(one) if matches!(one.status.as_str(), "failed" | "interrupted") => {
            out.push(format!(
                "the last deployment ({}) is {}",
                one.id, one.status
            ));
        }
        None => out.push("nothing was deployed yet, as far as is recorded".to_owned()),
        Some(_) => {}
    }
    for one in record::open(workspace, &session.target.environment) {
        let open = OpenDeployment::new(&one);
        out.push(format!("{}; it has no outcome yet", open.words()));
    }
    for address in &view.tainted {
        out.push(format!(
            "{} was not finished: the next plan replaces it",
            address.terminal()
        ));
    }
    let registry = workspace.registries().get(name);
    let entries = registry.map_or(&[][..], |one| &one.value.resources);
    let source = view.lineage.as_ref();
    let source = source.map(|lineage| format!("state:{}", lineage.raw()));
    let own = entries.iter().filter(|entry| {
        let sources = &entry.sources;
        source.as_ref().is_some_and(|own| sources.contains(own))
    });
    let registered: BTreeSet<&Untrusted> = own
        .filter_map(|entry| entry.terraform_address.as_ref())
        .collect();
    for address in &registered {
        if !view.addresses.contains(*address) {
            out.push(format!(
                "{} is registered, and not in the state",
                address.terminal()
            ));
        }
    }
    out
}
