//! What a change does to the files of `.fractary/`.

use crate::core::review::rules::{self, Findings, ReviewRule, Said};
use crate::model::paths::RepoPath;
use crate::model::review::{ReviewFinding, ReviewVerdict, SourcePlace};
use crate::model::status::Severity;
use crate::text::Untrusted;
use crate::text::phrases::{counted, counted_as};

/// Something wrong with a file of `.fractary/` that the base branch does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateFault {
    /// It became something else than a plain file.
    NotPlain {
        /// Where.
        path: Untrusted,
        /// What it is now: `a symbolic link`, `a submodule`.
        now: &'static str,
    },
    /// It may be executed now.
    Executable {
        /// Where.
        path: Untrusted,
    },
    /// It is not valid.
    Invalid {
        /// Where.
        path: RepoPath,
        /// The line, from 1; 0 for the file as a whole.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Entries of a log are missing or changed.
    LogRewritten {
        /// Where the log is.
        path: RepoPath,
        /// How many entries.
        entries: usize,
    },
    /// It holds what looks like secrets.
    Secret {
        /// Where.
        path: RepoPath,
        /// How many more than on the base branch.
        count: usize,
    },
    /// It changes what this review is held against.
    Bar {
        /// Where.
        path: RepoPath,
        /// What changes, a sentence each.
        changes: Vec<String>,
    },
    /// It changes which programs are run, or what is done without a question.
    Automation {
        /// Where.
        path: RepoPath,
        /// What changes, a sentence each.
        changes: Vec<String>,
    },
}

/// Turns faults into findings.
pub fn state_findings(faults: &[StateFault]) -> Vec<ReviewFinding> {
    let mut findings = Findings::default();
    for fault in faults {
        add(fault, &mut findings);
    }
    findings.0
}

fn add(fault: &StateFault, findings: &mut Findings) {
    let (rule, severity, subject, title) = describe(fault);
    let effect = match severity {
        Severity::Critical => ReviewVerdict::Block,
        _ if rule.name == rules::STATE_INVALID.name => ReviewVerdict::Block,
        _ => ReviewVerdict::Warn,
    };
    let (part, evidence) = match fault {
        StateFault::Invalid { message, .. } => (message.as_str(), Vec::new()),
        StateFault::Bar { changes, .. } | StateFault::Automation { changes, .. } => {
            ("", changes.clone())
        }
        _ => ("", Vec::new()),
    };
    let said = Said {
        severity,
        effect,
        subject,
        title,
        evidence,
    };
    findings.add_part(rule, part, said);
    if let (StateFault::Invalid { path, line, .. }, Some(last)) = (fault, findings.0.last_mut()) {
        last.place = Some(SourcePlace {
            file: path.clone(),
            line: u32::try_from(*line).unwrap_or(u32::MAX).max(1),
            changed: false,
        });
    }
}

/// The rule of a fault, how urgent it is, what it is about, and its title.
fn describe(fault: &StateFault) -> (&'static ReviewRule, Severity, Untrusted, String) {
    let whole = |path: &RepoPath| Untrusted::from(path.as_str());
    match fault {
        StateFault::NotPlain { path, now } => {
            let title = format!("{} becomes {now}", path.raw());
            (
                &rules::STATE_NOT_PLAIN,
                Severity::Critical,
                path.clone(),
                title,
            )
        }
        StateFault::Executable { path } => {
            let title = format!("{} may be executed now", path.raw());
            (
                &rules::STATE_NOT_PLAIN,
                Severity::Medium,
                path.clone(),
                title,
            )
        }
        StateFault::Invalid { path, message, .. } => {
            let title = format!("{path} is not valid: {message}");
            (&rules::STATE_INVALID, Severity::High, whole(path), title)
        }
        StateFault::LogRewritten { path, entries } => {
            let entries = counted_as(*entries as u64, "entry is", "entries are");
            let title = format!("{entries} missing or changed in {path}");
            (
                &rules::LOG_REWRITTEN,
                Severity::Critical,
                whole(path),
                title,
            )
        }
        StateFault::Secret { path, count } => {
            let secrets = counted(*count as u64, "secret");
            let title = format!("{path} holds what looks like {secrets}");
            (&rules::STATE_SECRET, Severity::Critical, whole(path), title)
        }
        StateFault::Bar { path, .. } => {
            let title = format!(
                "{path} changes what reviews are held against; this one is held against the base branch"
            );
            (&rules::BAR_CHANGED, Severity::High, whole(path), title)
        }
        StateFault::Automation { path, .. } => {
            let title = format!(
                "{path} changes what is run, or done without a question, once this is merged"
            );
            (
                &rules::AUTOMATION_CHANGED,
                Severity::High,
                whole(path),
                title,
            )
        }
    }
}
