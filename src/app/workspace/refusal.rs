//! What a remote's refusal of a push means, and what to do about it.

use crate::state::documents::paths;

/// Why a remote refuses what is pushed, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It takes signed commits only.
    Unsigned,
    /// The branch takes no pushes.
    Protected,
    /// These credentials may not push.
    Forbidden,
    /// Anything else.
    Other,
}

/// Words of refusals, in lower case. Those of GitHub are in its documentation of protected
/// branches and rulesets (GH006, GH013), those of GitLab in its `pre-receive` checks.
const WORDS: [(Refusal, &[&str]); 3] = [
    (
        Refusal::Unsigned,
        &[
            "verified signature",
            "must be signed",
            "unsigned",
            "not signed",
            "signed commits",
        ],
    ),
    (
        Refusal::Protected,
        &[
            "gh006",
            "gh013",
            "protected",
            "rule violations",
            "pull request",
            "hook declined",
        ],
    ),
    (
        Refusal::Forbidden,
        &[
            "permission to",
            "permission denied",
            "write access",
            "error: 403",
            "not allowed to push",
        ],
    ),
];

impl Refusal {
    /// Reads what git and the remote said.
    pub(super) fn read(said: &str) -> Self {
        let said = said.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let found = WORDS.iter().find(|(_, words)| has(words));
        found.map_or(Self::Other, |(refusal, _)| *refusal)
    }

    /// What to do about it. `is_direct` says whether the branch is the one that is checked out.
    pub(super) fn advice(self, is_direct: bool) -> Option<String> {
        let text = match self {
            Self::Unsigned => {
                "sign what is committed: `git config commit.gpgsign true` with a key in `user.signingkey`; `fractary doctor` tries it".to_owned()
            }
            Self::Protected if is_direct => format!(
                "where a branch takes no pushes, set `mode = \"pull-request\"` under `[git]` in {}: the state then has a branch of its own",
                paths::helm_toml()
            ),
            Self::Protected => format!(
                "let this program push to that branch, or name another: `branch` under `[git]` in {}",
                paths::helm_toml()
            ),
            Self::Forbidden => {
                "give the credentials the right to push; in GitHub Actions: `permissions: contents: write`".to_owned()
            }
            Self::Other => return None,
        };
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_by_their_words() {
        let cases = [
            (
                "remote: error: GH006: Protected branch update failed for refs/heads/main.\nremote: error: Changes must be made through a pull request.",
                Refusal::Protected,
            ),
            (
                "remote: error: GH013: Repository rule violations found for refs/heads/main.",
                Refusal::Protected,
            ),
            (
                "remote: error: GH006: Protected branch update failed.\nremote: error: Commits must have verified signatures.",
                Refusal::Unsigned,
            ),
            (
                "remote: GitLab: You are not allowed to push code to protected branches on this project.",
                Refusal::Protected,
            ),
            (
                "[remote rejected] (pre-receive hook declined)",
                Refusal::Protected,
            ),
            (
                "remote: Permission to o/r.git denied to github-actions[bot].\nfatal: unable to access: The requested URL returned error: 403",
                Refusal::Forbidden,
            ),
            (
                "fatal: could not read from remote repository.",
                Refusal::Other,
            ),
        ];
        for (said, wanted) in cases {
            assert_eq!(Refusal::read(said), wanted, "{said}");
            assert_eq!(
                wanted.advice(true).is_some(),
                wanted != Refusal::Other,
                "{said}"
            );
        }
    }
}
