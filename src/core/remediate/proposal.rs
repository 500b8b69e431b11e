//! Proposals: whether one that was merged may be applied.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::model::proposal::ProposalDocument;
use crate::text::Untrusted;
use crate::text::times;

/// How long a proposal is one.
pub const LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Returns the digest of a proposal: of everything but the digest and a refusal.
pub fn digest(proposal: &impl Serialize) -> String {
    let mut tree = serde_json::to_value(proposal).unwrap_or_default();
    if let Value::Object(map) = &mut tree {
        map.shift_remove("digest");
        map.shift_remove("refused");
    }
    hex::encode(Sha256::digest(tree.to_string().as_bytes()))
}

/// Returns whose fork a merge commit brought a branch from, by the subject that forges give it:
/// `Merge pull request #7 from OWNER/branch`. `owner` is that of this repository.
pub fn fork_owner<'a>(subject: &'a str, owner: &str) -> Option<&'a str> {
    let rest = subject.trim().strip_prefix("Merge pull request #")?;
    let (_, branch) = rest.split_once(" from ")?;
    let (from, _) = branch.split_once('/')?;
    (!from.eq_ignore_ascii_case(owner)).then_some(from)
}

/// Something that is done once somebody else has merged it.
pub trait MergeableProposal: std::fmt::Debug {
    /// Returns its id.
    fn id(&self) -> &str;
    /// Returns whether it is as it was written, by its digest.
    fn is_whole(&self) -> bool;
    /// Returns when it was proposed, and until when it is one.
    fn span(&self) -> (Timestamp, Timestamp);
    /// Returns the mail address of whoever proposed it.
    fn proposed_by(&self) -> Option<&str>;
}

impl MergeableProposal for ProposalDocument {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_whole(&self) -> bool {
        digest(self) == self.digest
    }

    fn span(&self) -> (Timestamp, Timestamp) {
        (self.created_at, self.expires_at)
    }

    fn proposed_by(&self) -> Option<&str> {
        self.proposed_by.as_ref().map(Untrusted::raw)
    }
}

/// What is known of how it was merged, and of the world now.
#[derive(Debug, Clone)]
pub struct MergeCase<'a> {
    /// The proposal.
    pub proposal: &'a dyn MergeableProposal,
    /// The name of its file, without `.json`.
    pub file: &'a str,
    /// The mail address of whoever brought it onto the default branch.
    pub merged_by: &'a str,
    /// That of whoever wrote the file, where it came by a merge.
    pub written_by: Option<&'a str>,
    /// Whose fork it came from, where it did.
    pub fork_of: Option<&'a str>,
    /// Whether it is as it was written.
    pub is_untouched: bool,
    /// Whether a proposal of this id was applied.
    pub was_applied: bool,
    /// Whether the one who proposed it may merge it.
    pub bot_merge: bool,
    /// Now.
    pub now: Timestamp,
}

/// Why a proposal is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposalFault {
    /// It was applied.
    #[error("it was applied already")]
    Replayed,
    /// It was changed after it was proposed.
    #[error("it was changed after it was proposed")]
    Tampered,
    /// It came from a fork: whoever reviews a change of code does not expect it to act.
    #[error("a pull request from a fork brought it ({0}); propose it in this repository")]
    Fork(String),
    /// It is of the future: whoever wrote it, or whoever reads it, has a wrong clock.
    #[error("it was proposed at {0}, and it is earlier here: one of the clocks is wrong")]
    Early(String),
    /// Its time is over.
    #[error("it expired on {0}")]
    Expired(String),
    /// Whoever proposed it has merged it.
    #[error("{0} has both proposed and merged it; someone else has to")]
    OwnMerge(String),
    /// What it was planned on has changed.
    #[error("the resource has changed since it was planned: {0}")]
    Stale(String),
}

/// Whether a merged proposal may be applied, before anything of the resource is read.
///
/// # Errors
/// Why it may not.
pub fn check(case: &MergeCase<'_>) -> Result<(), ProposalFault> {
    let proposal = case.proposal;
    if case.was_applied {
        return Err(ProposalFault::Replayed);
    }
    let is_whole = proposal.is_whole() && proposal.id() == case.file;
    let (created_at, expires_at) = proposal.span();
    let lasts = expires_at.duration_since(created_at);
    if !is_whole || !case.is_untouched || lasts > LASTS {
        return Err(ProposalFault::Tampered);
    }
    if let Some(owner) = case.fork_of {
        return Err(ProposalFault::Fork(Untrusted::from(owner).redacted()));
    }
    if case.now < created_at {
        return Err(ProposalFault::Early(times::time(created_at)));
    }
    if case.now >= expires_at {
        return Err(ProposalFault::Expired(times::time(expires_at)));
    }
    let same = |mail: &str| mail.eq_ignore_ascii_case(case.merged_by);
    let proposed_by = proposal.proposed_by();
    let is_own = case.written_by.is_none_or(same) || proposed_by.is_none_or(same);
    // Without a merge only what the file says tells the two apart, and anybody can write that.
    if is_own && !case.bot_merge {
        return Err(ProposalFault::OwnMerge(
            Untrusted::from(case.merged_by).redacted(),
        ));
    }
    Ok(())
}

/// Whether the facts are those that it was planned on.
///
/// # Errors
/// [`ProposalFault::Stale`].
pub fn check_facts(
    proposal: &ProposalDocument,
    facts_hash: &str,
    now_is: &Untrusted,
) -> Result<(), ProposalFault> {
    if proposal.plan.facts_hash == facts_hash {
        return Ok(());
    }
    let (was, is) = (proposal.plan.from.redacted(), now_is.redacted());
    Err(ProposalFault::Stale(format!("then {was}, now {is}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn proposal() -> ProposalDocument {
        let mut proposal: ProposalDocument = serde_json::from_value(json!({
            "version": "1.0.0", "id": "p-20260316-080000-0000000a", "environment": "prod",
            "created_at": "2026-03-16T08:00:00Z", "expires_at": "2026-03-17T08:00:00Z",
            "proposed_by": "bot@example.org", "action": "restart_lambda",
            "resource": "arn:aws:lambda:eu-central-1:123456789012:function:orders",
            "plan": {
                "action": "restart_lambda", "title": "t", "verb": "RESTART",
                "resource": { "name": "orders", "kind": "lambda", "region": "eu-central-1",
                    "arn": "arn:aws:lambda:eu-central-1:123456789012:function:orders" },
                "parameters": {}, "from": "a", "to": "b", "does": "d", "interruption": "i",
                "traffic": "t", "risk": "low", "operations": [],
                "blast": { "count": 1, "of": 4, "share_percent": 25.0 },
                "facts_hash": "00",
            },
            "digest": "",
        }))
        .expect("a proposal");
        proposal.digest = digest(&proposal);
        proposal
    }

    #[test]
    fn only_what_somebody_else_has_merged_in_time_and_unchanged_is_applied() {
        let whole = proposal();
        let mut edited = whole.clone();
        edited.action = "reboot_rds".to_owned();
        let mut prolonged = whole.clone();
        prolonged.expires_at = "2026-03-18T08:00:00Z".parse().expect("a time");
        prolonged.digest = digest(&prolonged);
        let expired = || ProposalFault::Expired("2026-03-17 08:00 UTC".to_owned());
        let own = |who: &str| ProposalFault::OwnMerge(who.to_owned());
        let (ann, bot) = ("ann@example.org", "bot@example.org");
        let base = MergeCase {
            proposal: &whole,
            file: "p-20260316-080000-0000000a",
            merged_by: ann,
            written_by: Some(bot),
            fork_of: None,
            is_untouched: true,
            was_applied: false,
            bot_merge: false,
            now: "2026-03-16T09:00:00Z".parse().expect("a time"),
        };
        let at = |text: &str| MergeCase {
            now: text.parse().expect("a time"),
            ..base.clone()
        };
        let cases = [
            (base.clone(), Ok(())),
            (
                MergeCase {
                    was_applied: true,
                    ..base.clone()
                },
                Err(ProposalFault::Replayed),
            ),
            (
                MergeCase {
                    is_untouched: false,
                    ..base.clone()
                },
                Err(ProposalFault::Tampered),
            ),
            (
                MergeCase {
                    proposal: &edited,
                    ..base.clone()
                },
                Err(ProposalFault::Tampered),
            ),
            (
                MergeCase {
                    proposal: &prolonged,
                    ..base.clone()
                },
                Err(ProposalFault::Tampered),
            ),
            (
                MergeCase {
                    file: "p-20260316-080000-0000000b",
                    ..base.clone()
                },
                Err(ProposalFault::Tampered),
            ),
            (
                MergeCase {
                    fork_of: Some("stranger"),
                    ..base.clone()
                },
                Err(ProposalFault::Fork("stranger".to_owned())),
            ),
            (at("2026-03-17T08:00:00Z"), Err(expired())),
            (
                at("2026-03-16T07:59:59Z"),
                Err(ProposalFault::Early("2026-03-16 08:00 UTC".to_owned())),
            ),
            (at("2026-03-17T07:59:59Z"), Ok(())),
            (
                MergeCase {
                    merged_by: bot,
                    ..base.clone()
                },
                Err(own(bot)),
            ),
            (
                MergeCase {
                    merged_by: "BOT@example.org",
                    ..base.clone()
                },
                Err(own("BOT@example.org")),
            ),
            (
                MergeCase {
                    written_by: Some(ann),
                    ..base.clone()
                },
                Err(own(ann)),
            ),
            // A squash: who merged it cannot be told from who wrote it.
            (
                MergeCase {
                    written_by: None,
                    ..base.clone()
                },
                Err(own(ann)),
            ),
            (
                MergeCase {
                    merged_by: bot,
                    bot_merge: true,
                    ..base.clone()
                },
                Ok(()),
            ),
        ];
        for (case, wanted) in cases {
            assert_eq!(check(&case), wanted, "{case:?}");
        }
        let now_is = Untrusted::from("c");
        assert_eq!(check_facts(&whole, "00", &now_is), Ok(()));
        let stale = check_facts(&whole, "01", &now_is);
        assert_eq!(stale, Err(ProposalFault::Stale("then a, now c".to_owned())));
    }

    #[test]
    fn merges_of_forks_are_told_by_their_subject() {
        for (subject, wanted) in [
            (
                "Merge pull request #7 from stranger/restart",
                Some("stranger"),
            ),
            ("Merge pull request #7 from Acme/restart", None),
            ("Merge pull request #7 from acme/a/b", None),
            ("Merge branch 'restart'", None),
            ("Merge pull request #7", None),
            ("", None),
        ] {
            assert_eq!(fork_owner(subject, "acme"), wanted, "{subject}");
        }
    }
}
