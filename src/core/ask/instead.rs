//! The nearest command line, where a version has not got one.

use super::AskContext;
use super::vocabulary::Intent;

/// The nearest one, with what of it can be kept.
pub(super) fn nearest(
    intent: &Intent,
    issue: Option<String>,
    service: Option<String>,
    env: Option<String>,
) -> Vec<String> {
    let Some(instead) = intent.instead.as_deref() else {
        return Vec::new();
    };
    let mut out: Vec<String> = instead.split(' ').map(str::to_owned).collect();
    if instead.starts_with("issues") {
        out = match issue {
            Some(id) => vec!["issues".into(), "show".into(), id],
            None => vec!["issues".into()],
        };
    }
    if instead == "health"
        && let Some(service) = service
    {
        out.extend(["--service".to_owned(), service]);
    }
    if out.len() != 3 || instead == "health" {
        let takes = matches!(
            instead,
            "health" | "dashboard" | "issues" | "issues show" | "doctor"
        );
        if let Some(env) = env.filter(|_| takes) {
            out.extend(["--env".to_owned(), env]);
        }
    }
    out
}

/// The same for a command line that was given by name.
pub(super) fn instead_of_name(intent: &Intent, arguments: &[String]) -> Vec<String> {
    let value = |name: &str| {
        let at = arguments.iter().position(|one| one == name)?;
        arguments.get(at + 1).cloned()
    };
    let issue = value("--issue").or_else(|| {
        let first = arguments.get(1)?;
        (intent.command == "escalate" && !first.starts_with('-')).then(|| first.clone())
    });
    nearest(intent, issue, value("--service"), value("--env"))
}

/// A service of this name.
pub(super) fn kind_of<'a>(name: &str, world: &'a AskContext) -> Option<&'a str> {
    let service = world.services.iter().find(|service| service.name == name)?;
    service.kind.as_deref()
}
