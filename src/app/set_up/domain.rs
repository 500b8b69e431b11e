//! `fractary init --domain application`: a monitor that works, and its registration.

use serde_json::json;

use crate::app::set_up::{Scaffolding, Wishes};
use crate::error::{CommandError, ErrorKind};
use crate::git::Edit;
use crate::model::ids::EnvironmentName;
use crate::model::paths::{Files, RepoPath};
use crate::render::json;
use crate::state;
use crate::state::documents::paths;
use crate::text::escape;
use crate::text::redact;

/// The only domain that there is a program for.
const APPLICATION: &str = "application";
/// The program. People are to read and change it.
const PROGRAM: &str = include_str!("../../../templates/init/monitors/app-health");

/// Adds the monitor of the domain that `--domain` names.
pub(super) fn add(
    wishes: &Wishes<'_>,
    files: &dyn Files,
    environments: &[EnvironmentName],
    plan: &mut Scaffolding,
) -> Result<(), CommandError> {
    let Some(domain) = wishes.domain else {
        return Ok(());
    };
    if domain.as_str() != APPLICATION {
        return Err(CommandError::usage(format!(
            "there is no ready-made monitor for a domain `{domain}`"
        ))
        .hint("`--domain application` writes one that checks URLs; docs/domain-monitors.md has examples for content and data, and shows how to write another"));
    }
    for url in wishes.urls {
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            return Err(CommandError::usage(format!(
                "{} is not an address of http or https",
                escape::terminal(url)
            )));
        }
        if has_secret(url) {
            return Err(CommandError::usage(
                "nothing was written: an address of `--url` has a password or a token in it, and a repository is no place for it",
            )
            .hint("give the address without it; a monitor that must log in reads the secret from the environment, see docs/domain-monitors.md"));
        }
    }
    let program = RepoPath::new("monitors/app-health").map_err(CommandError::bug)?;
    let config = RepoPath::new("monitors/app-health.json").map_err(CommandError::bug)?;
    if is_new(files, &program, plan)? {
        plan.transaction.write_executable(program, PROGRAM);
    }
    if is_new(files, &config, plan)? {
        let text = configuration(wishes.urls, environments)?;
        plan.transaction.write(config, text);
    } else {
        refuse_new_urls(files, &config, wishes.urls)?;
    }
    register(files, environments, plan)
}

/// `user:password@`, or what is redacted wherever text from outside is shown.
fn has_secret(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.contains('@') || redact::redact(url) != url
}

/// Whether a file is not there yet; says so in the plan.
fn is_new(
    files: &dyn Files,
    path: &RepoPath,
    plan: &mut Scaffolding,
) -> Result<bool, CommandError> {
    let there = files
        .read(path)
        .map_err(|error| CommandError::new(ErrorKind::Usage, error))?
        .is_some();
    let list = if there {
        &mut plan.kept
    } else {
        &mut plan.created
    };
    list.push(path.to_string());
    Ok(!there)
}

/// A configuration that is there is not changed, so a URL that it lacks would be lost.
fn refuse_new_urls(
    files: &dyn Files,
    config: &RepoPath,
    urls: &[String],
) -> Result<(), CommandError> {
    let bytes = files
        .read(config)
        .map_err(|error| CommandError::new(ErrorKind::Usage, error))?
        .unwrap_or_default();
    let there = String::from_utf8_lossy(&bytes);
    match urls
        .iter()
        .find(|url| !there.contains(&format!("\"{url}\"")))
    {
        None => Ok(()),
        Some(url) => Err(CommandError::usage(format!(
            "nothing was written: {config} is there already and does not name {}",
            escape::terminal(url)
        ))
        .hint(format!("add it to {config}, below `environments`"))),
    }
}

fn configuration(
    urls: &[String],
    environments: &[EnvironmentName],
) -> Result<String, CommandError> {
    let entry = |url: &String| {
        let name = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let name = name.trim_end_matches('/').split(['?', '#']).next();
        json!({ "name": name.unwrap_or(url), "url": url })
    };
    let urls: Vec<_> = urls.iter().map(entry).collect();
    let by_environment: serde_json::Map<_, _> = environments
        .iter()
        .map(|name| (name.to_string(), json!(urls)))
        .collect();
    json::pretty(&json!({
        "version": "1.0.0",
        "defaults": {
            "status": 200,
            "max_latency_ms": 1000,
            "tls_expiry_days": 14,
            "timeout_seconds": 10
        },
        "environments": by_environment,
    }))
    .map_err(CommandError::bug)
}

/// Adds the monitor to domain-monitors.json, of which every other line stays as it is.
fn register(
    files: &dyn Files,
    environments: &[EnvironmentName],
    plan: &mut Scaffolding,
) -> Result<(), CommandError> {
    let path = paths::domain_monitors();
    let text = match plan.transaction.edits().get(&path) {
        Some(Edit::Write(bytes)) => bytes.clone(),
        _ => files
            .read(&path)
            .map_err(|error| CommandError::new(ErrorKind::Usage, error))?
            .unwrap_or_default(),
    };
    let text = String::from_utf8(text).map_err(CommandError::bug)?;
    let tree: serde_json::Value = serde_json::from_str(&text).map_err(CommandError::bug)?;
    let monitors = tree["monitors"].as_array();
    if monitors.is_some_and(|all| all.iter().any(|one| one["domain"] == APPLICATION)) {
        return Ok(());
    }
    let names: Vec<String> = environments.iter().map(|n| format!("\"{n}\"")).collect();
    let entry = format!(
        r#"{{
  "domain": "{APPLICATION}",
  "plugin": "app-health",
  "capabilities": ["health"],
  "environments": [{}],
  "priority_weight": 1.0,
  "commands": {{
    "health": {{
      "exec": ["./monitors/app-health", "--env", "{{environment}}"],
      "timeout": "30s"
    }}
  }},
  "status": "active"
}}"#,
        names.join(", ")
    );
    let text = state::append_entry(&text, "monitors", &entry).ok_or_else(|| {
        CommandError::usage(format!("could not add a monitor to {path}"))
            .hint("give it a list `monitors`; `fractary schema domain-monitors` prints its form")
    })?;
    if !plan.created.contains(&path.to_string()) {
        plan.kept.retain(|kept| *kept != path.as_str());
        plan.domains.push(APPLICATION.to_owned());
    }
    plan.transaction.write(path, text);
    Ok(())
}
