//! The examinations: from a fact to a finding. Pure, so that each can be tested.

use serde::Serialize;

use crate::app::answer::faults;
use crate::error::CommandError;
use crate::git::{DRIVER, DRIVER_KEY, GitError};
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{AccountId, EnvironmentName};
use crate::model::snapshot::Identity;
use crate::render::text::Style;
use crate::state::Diagnostic;
use crate::text::escape;
use crate::text::phrases;

/// Result of one examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SetupVerdict {
    /// It is as it should be.
    Ok,
    /// It works, and should be different.
    Warning,
    /// It does not work.
    Failed,
    /// Not examined, or no answer.
    Unknown,
}

/// One examination.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct SetupFinding {
    /// What was examined.
    what: String,
    /// The verdict.
    pub(crate) verdict: SetupVerdict,
    /// What was found.
    detail: String,
    /// How to fix it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
    /// A command that does it, or the first step of it, ready to be copied.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
}

/// What AWS says of who is asking.
pub(super) enum IdentityAnswer {
    NotAsked,
    /// It could not even be asked.
    Impossible(CommandError),
    Nothing(Gap),
    Identity(Identity),
}

pub(super) fn finding(
    what: impl Into<String>,
    verdict: SetupVerdict,
    detail: impl Into<String>,
) -> SetupFinding {
    SetupFinding {
        what: what.into(),
        verdict,
        detail: detail.into(),
        fix: None,
        command: None,
    }
}

impl SetupFinding {
    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    pub(super) fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }
}

/// A failure in one line, its hints as the fix.
fn failed(what: impl Into<String>, error: &CommandError) -> SetupFinding {
    let mut found = finding(what, SetupVerdict::Failed, format!("{:#}", error.error));
    if !error.hints.is_empty() {
        found.fix = Some(error.hints.join("; "));
    }
    found
}

pub(super) fn no_repository(error: &CommandError) -> SetupFinding {
    let found = failed("git repository", error);
    match error.kind {
        crate::error::ErrorKind::Usage => found.command("git init"),
        _ if found.fix.is_none() => found.command("git status"),
        _ => found,
    }
}

/// Whether commits can be signed, where git's configuration asks for it.
pub(super) fn signing(tried: &Result<String, GitError>) -> SetupFinding {
    match tried {
        Ok(format) => finding(
            "commit signing",
            SetupVerdict::Ok,
            format!("commit.gpgsign, with {format}"),
        ),
        Err(error) => {
            let found = finding("commit signing", SetupVerdict::Failed, error.to_string());
            match error.hint() {
                Some(hint) => found.fix(hint),
                None => found,
            }
        }
    }
}

pub(super) fn repository(place: &str) -> SetupFinding {
    finding("git repository", SetupVerdict::Ok, place)
}

pub(super) fn broken_state(error: &CommandError) -> SetupFinding {
    // The repository is in the way, and says by itself what to do.
    if error.kind == crate::error::ErrorKind::Git && !error.hints.is_empty() {
        return failed("state files", error);
    }
    finding(
        "state files",
        SetupVerdict::Failed,
        format!("{:#}", error.error),
    )
    .fix("this shows each error, where it is and how to fix it")
    .command("fractary check")
}

pub(super) fn state(documents: usize, warnings: usize) -> SetupFinding {
    let detail = format!(
        "{documents} documents, {}",
        phrases::counted(warnings as u64, "warning")
    );
    if warnings == 0 {
        return finding("state files", SetupVerdict::Ok, detail);
    }
    finding("state files", SetupVerdict::Warning, detail)
        .fix("this shows them")
        .command("fractary check")
}

/// A setting that is accepted and does nothing in this version.
pub(super) fn without_effect(warning: &Diagnostic) -> Option<SetupFinding> {
    (warning.code == "state/no-effect").then(|| {
        let detail = format!("{} ({}:{})", warning.message, warning.path, warning.line);
        let found = finding("setting", SetupVerdict::Warning, detail);
        found
            .fix("do not rely on it; this shows it in its place")
            .command("fractary check")
    })
}

/// Whether git merges documents by their entries here. Nothing breaks without it. `named`
/// says whether the attributes name the driver; `driver` is what this clone runs for it.
pub(super) fn merging(named: bool, driver: Option<&str>) -> SetupFinding {
    let warning = |detail: &str| finding("merge driver", SetupVerdict::Warning, detail);
    let set = format!("git config {DRIVER_KEY} \"{DRIVER}\"");
    match driver {
        _ if !named => warning(".fractary/.gitattributes does not name it")
            .fix("this writes the file")
            .command("fractary init"),
        None => warning("not set in this clone")
            .fix("without it, merges of .fractary may need manual resolution")
            .command(set),
        Some(driver) if driver.contains("merge-file") => {
            finding("merge driver", SetupVerdict::Ok, DRIVER_KEY)
        }
        Some(_) => warning("something else is set for it in this clone")
            .fix("this sets it")
            .command(set),
    }
}

pub(super) fn environments(count: usize) -> SetupFinding {
    if count == 0 {
        return finding("environments", SetupVerdict::Failed, "none")
            .fix("set them up, under the names that you use")
            .command("fractary init --env test --env prod");
    }
    finding("environments", SetupVerdict::Ok, count.to_string())
}

pub(super) fn undefined(name: &EnvironmentName, error: &CommandError) -> SetupFinding {
    finding(
        name.to_string(),
        SetupVerdict::Failed,
        format!("{:#}", error.error),
    )
    .fix("add it, or remove it from `environments` in monitoring.toml")
    .command(format!("fractary init --env {name}"))
}

pub(super) fn workflow(there: bool) -> SetupFinding {
    let path = ".github/workflows/operations.yml";
    if there {
        return finding("scheduled workflow", SetupVerdict::Ok, path);
    }
    finding(
        "scheduled workflow",
        SetupVerdict::Warning,
        format!("no {path}"),
    )
    .fix("this writes it")
    .command("fractary init")
}

pub(super) fn registry(name: &EnvironmentName, resources: usize) -> SetupFinding {
    let what = format!("{name}: registry");
    if resources == 0 {
        return finding(what, SetupVerdict::Warning, "no resources")
            .fix("fill it from your Terraform state, or with --tag KEY=VALUE from your tags")
            .command(format!("fractary adopt --env {name} terraform.tfstate"));
    }
    finding(what, SetupVerdict::Ok, format!("{resources} resources"))
}

/// `wanted` is the account that the environment is in, `profile` the one it is asked under.
pub(super) fn identity(
    name: &EnvironmentName,
    wanted: Option<&AccountId>,
    profile: Option<&str>,
    answer: &IdentityAnswer,
) -> SetupFinding {
    let what = format!("{name}: AWS identity");
    let identity = match answer {
        IdentityAnswer::NotAsked => {
            return finding(what, SetupVerdict::Unknown, "not asked (--offline)");
        }
        IdentityAnswer::Impossible(error) => return failed(what, error),
        IdentityAnswer::Nothing(gap) => return nobody(what, profile, gap),
        IdentityAnswer::Identity(identity) => identity,
    };
    let Identity { account, arn } = identity;
    match wanted {
        Some(wanted) if wanted != account => finding(
            what,
            SetupVerdict::Failed,
            format!("account {account}, but the environment is in {wanted}"),
        )
        .fix(format!(
            "name a profile of account {wanted} under `profiles` in \
             .fractary/shared/aws-credentials.json, or in AWS_PROFILE; this lists yours"
        ))
        .command("aws configure list-profiles"),
        Some(_) => finding(
            what,
            SetupVerdict::Ok,
            format!("{arn} in account {account}"),
        ),
        None => finding(
            what,
            SetupVerdict::Warning,
            format!("{arn} in account {account}, and no account is named for {name}"),
        )
        .fix(format!(
            "add `\"account_id\": \"{account}\"` to `{name}` in \
             .fractary/shared/environments.json, so that a wrong profile is noticed"
        )),
    }
}

fn nobody(what: String, profile: Option<&str>, gap: &Gap) -> SetupFinding {
    let detail = faults::gap(gap);
    if gap.cause == GapCause::Clock {
        return finding(what, SetupVerdict::Unknown, detail)
            .fix("set the clock of this machine, for example by NTP; this shows its time")
            .command("date -u");
    }
    let profile = profile.map_or_else(String::new, |name| {
        format!(" --profile {}", crate::text::escape::terminal(name))
    });
    finding(what, SetupVerdict::Unknown, detail)
        .fix("this command must succeed; in GitHub Actions, see docs/github-actions.md")
        .command(format!("aws sts get-caller-identity{profile}"))
}

/// Renders findings for people: each failure with its fix below it. Commands stay in one line, however
/// narrow it is, so that they can be pasted.
pub(crate) fn render_text(findings: &[SetupFinding], style: &Style) -> String {
    let mut out = String::new();
    for finding in findings {
        let icon = match finding.verdict {
            SetupVerdict::Ok => "✓",
            SetupVerdict::Warning => "▲",
            SetupVerdict::Failed => "✗",
            SetupVerdict::Unknown => "?",
        };
        let detail = escape::terminal_lines(&finding.detail);
        out.push_str(&style.finish(format!("{icon} {}: {detail}\n", finding.what)));
        if let Some(fix) = &finding.fix {
            out.push_str(&style.finish(format!("    → {fix}\n")));
        }
        if let Some(command) = &finding.command {
            out.push_str(&style.signs(format!("      {command}\n")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::Arn;
    use crate::text::Untrusted;

    fn all() -> Vec<SetupFinding> {
        let name = EnvironmentName::new("prod").expect("a name");
        let account = |digit: &str| AccountId::new(digit.repeat(12)).expect("twelve digits");
        let me = IdentityAnswer::Identity(Identity {
            account: account("1"),
            arn: Arn::new("arn:aws:iam::111111111111:user/sam").expect("an ARN"),
        });
        let nobody = IdentityAnswer::Nothing(Gap {
            operation: "sts:GetCallerIdentity".to_owned(),
            subject: "identity".to_owned(),
            cause: GapCause::Credentials,
            code: None,
            message: Untrusted::from("no credentials"),
            missing_permission: None,
        });
        let error = CommandError::usage("no such thing").hint("look for it");
        vec![
            no_repository(&error),
            repository("/srv/ops"),
            signing(&Ok("ssh".to_owned())),
            signing(&Err(GitError::Signing {
                message: "error: No private key found".to_owned(),
            })),
            broken_state(&error),
            state(3, 0),
            state(3, 2),
            environments(0),
            environments(2),
            merging(false, None),
            merging(true, None),
            merging(true, Some("fractary merge-file %O %A %B %P")),
            merging(true, Some("mine")),
            undefined(&name, &error),
            workflow(false),
            workflow(true),
            registry(&name, 0),
            registry(&name, 7),
            identity(&name, None, None, &IdentityAnswer::NotAsked),
            identity(&name, None, None, &IdentityAnswer::Impossible(error)),
            identity(&name, None, Some("ops"), &nobody),
            identity(&name, None, None, &me),
            identity(&name, Some(&account("1")), None, &me),
            identity(&name, Some(&account("2")), None, &me),
        ]
    }

    #[test]
    fn findings_read_well() {
        insta::assert_snapshot!(render_text(&all(), &Style::PLAIN));
    }

    #[test]
    fn every_failure_and_warning_has_a_fix() {
        for found in all() {
            let bad = matches!(found.verdict, SetupVerdict::Failed | SetupVerdict::Warning);
            assert_eq!(
                found.fix.is_some(),
                bad || found.command.is_some(),
                "{found:?}"
            );
        }
    }
}
