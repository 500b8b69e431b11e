//! What `git push` says became of a push.

use crate::git::program::Said;

/// What became of one push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushOutcome {
    /// The remote branch is at our HEAD.
    Done,
    /// So it is, but it was made anew: it had been there, and was deleted or renamed.
    Revived,
    /// Another push was faster. The text is the remote's reason.
    Lost(String),
    /// The remote, a hook or the network refused. The text is what git said.
    Refused(String),
}

/// Words of a refusal that mean that the remote branch has moved meanwhile.
const RACES: [&str; 8] = [
    "(fetch first)",
    "(non-fast-forward)",
    "(stale info)",
    "cannot lock ref",
    "failed to update ref",
    "failed to lock",
    "incorrect old value",
    "reference already exists",
];

/// A branch whose name is in the way of ours is no race: it would be lost every time.
const CLASHES: [&str; 2] = ["; cannot create", "directory file conflict"];

fn is_lost_race(summary: &str) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| summary.contains(word));
    says(&RACES) && !says(&CLASHES)
}

/// Whether `git push --porcelain` said that the branch was not there before.
pub(crate) fn is_new_there(said: &Said) -> bool {
    said.stdout.lines().any(|line| line.starts_with("*\t"))
}

/// Reads what `git push --porcelain` said: a line `<flag>\t<from>:<to>\t<summary>` for the
/// one reference.
pub(crate) fn outcome(said: &Said) -> PushOutcome {
    if said.success {
        return PushOutcome::Done;
    }
    let refused = said
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("!\t"));
    let summary = refused.and_then(|line| line.split('\t').nth(1));
    match summary {
        Some(summary) if is_lost_race(summary) => PushOutcome::Lost(summary.to_owned()),
        Some(summary) => PushOutcome::Refused(format!("{summary}\n{}", said.complaint())),
        None => PushOutcome::Refused(said.complaint()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn races_are_told_from_refusals() {
        let said = |stdout: &str| Said {
            success: false,
            code: Some(1),
            stdout: format!("To /srv/x.git\n{stdout}\nDone\n"),
            last_words: vec!["error: failed to push some refs to '/srv/x.git'".into()],
        };
        for lost in [
            "[rejected] (fetch first)",
            "[rejected] (non-fast-forward)",
            "[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)",
            "[remote rejected] (failed to update ref)",
            "[remote rejected] (incorrect old value provided)",
        ] {
            let got = outcome(&said(&format!("!\tHEAD:refs/heads/main\t{lost}")));
            assert_eq!(got, PushOutcome::Lost(lost.to_owned()));
        }
        for refused in [
            "!\tHEAD:refs/heads/main\t[remote rejected] (pre-receive hook declined)",
            "!\tHEAD:refs/heads/main\t[remote rejected] (protected branch hook declined)",
            "!\tHEAD:refs/heads/a/b\t[remote rejected] (cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b')",
            "",
        ] {
            let got = outcome(&said(refused));
            assert!(matches!(got, PushOutcome::Refused(_)), "{got:?}");
        }
    }
}
