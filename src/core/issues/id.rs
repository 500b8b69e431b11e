//! Ids of issues: derived from what the issue is about, so that two runs on two branches
//! that find the same problem write the same file.

use sha2::{Digest, Sha256};

use crate::model::ids::{DomainName, EnvironmentName, IssueId, SourceName};
use crate::model::issue::Issue;
use crate::model::subject::Subject;
use crate::text::escape;

/// Hex digits of the hash in an id.
pub const HASH_DIGITS: usize = 6;
/// Most hex digits that an id may grow to when a shorter one is taken.
const MOST_DIGITS: usize = 40;
const MOST_PREFIX: usize = 16;

/// What an issue is about: the fields its id is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssueIdentity<'a> {
    /// The domain.
    pub domain: &'a DomainName,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// The subject.
    pub subject: &'a Subject,
    /// The check.
    pub check: &'a str,
    /// Who found it.
    pub source: &'a SourceName,
}

/// The id of the issue about this: `<prefix>-<first 6 hex digits of SHA-256>` over domain,
/// environment, subject and check, joined by newlines; and the source, where it is not the one
/// that watches the domain, so that two sources with the same words do not share an issue.
///
/// Of `prefix` only lower-case letters and digits are used (at most 16), and `issue` where
/// none is left, so that the id is always a safe file name.
pub fn issue_id(prefix: &str, identity: &IssueIdentity<'_>) -> IssueId {
    id_of_length(prefix, identity, HASH_DIGITS)
}

/// The id for a new issue: [`issue_id`], or the same with more digits of the hash where
/// another issue has that id already (24 bits collide once in a few thousand issues).
pub(super) fn free_id(
    prefix: &str,
    identity: &IssueIdentity<'_>,
    taken: impl Fn(&IssueId) -> bool,
) -> IssueId {
    let mut digits = HASH_DIGITS;
    loop {
        let id = id_of_length(prefix, identity, digits);
        if digits >= MOST_DIGITS || !taken(&id) {
            return id;
        }
        digits += 2;
    }
}

fn id_of_length(prefix: &str, identity: &IssueIdentity<'_>, digits: usize) -> IssueId {
    let IssueIdentity {
        domain,
        environment,
        subject,
        check,
        source,
    } = identity;
    let subject = subject.identity();
    let mut text = format!("{domain}\n{environment}\n{}\n{check}", subject.raw());
    if !source.is_observer() {
        text.push_str(&format!("\n{source}"));
    }
    let mut hex = hex::encode(Sha256::digest(text.as_bytes()));
    hex.truncate(digits);
    IssueId::new(format!("{}-{hex}", clean_prefix(prefix)))
        .expect("a cleaned prefix, a dash and at most 40 hex digits make a path name")
}

/// The id of the incident that begins with an issue.
pub fn incident_id(first: &Issue) -> String {
    let text = format!("{}\n{}\n{}", first.environment, first.id, first.detected_at);
    let mut hex = hex::encode(Sha256::digest(text.as_bytes()));
    hex.truncate(HASH_DIGITS);
    format!("inc-{hex}")
}

fn clean_prefix(prefix: &str) -> String {
    let clean: String = prefix
        .chars()
        .filter_map(|c| {
            let c = c.to_ascii_lowercase();
            (c.is_ascii_lowercase() || c.is_ascii_digit()).then_some(c)
        })
        .take(MOST_PREFIX)
        .collect();
    if clean.is_empty() {
        "issue".to_owned()
    } else {
        clean
    }
}

/// Why a text names no single issue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// No id begins with it.
    #[error("no issue has an id that begins with {0:?}")]
    None(String),
    /// Several ids begin with it.
    #[error("{text:?} could be any of {}: {}", candidates.len(), listed(candidates))]
    Ambiguous {
        /// The text.
        text: String,
        /// The ids that begin with it, sorted.
        candidates: Vec<IssueId>,
    },
}

fn listed(candidates: &[IssueId]) -> String {
    let shown: Vec<&str> = candidates.iter().take(5).map(IssueId::as_str).collect();
    let more = if candidates.len() > 5 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The issue that `text` names: its id, or a beginning of the id that no other shares.
pub fn resolve_prefix<'a>(
    ids: impl IntoIterator<Item = &'a IssueId>,
    text: &str,
) -> Result<IssueId, PrefixError> {
    let wanted = text.trim().to_ascii_lowercase();
    let mut candidates: Vec<IssueId> = ids
        .into_iter()
        .filter(|id| !wanted.is_empty() && id.as_str().starts_with(&wanted))
        .cloned()
        .collect();
    candidates.sort();
    candidates.dedup();
    let exact = candidates.iter().position(|id| id.as_str() == wanted);
    match (exact, candidates.len()) {
        (Some(index), _) => Ok(candidates.swap_remove(index)),
        (None, 0) => Err(PrefixError::None(escape::cut(text, 80))),
        (None, 1) => Ok(candidates.remove(0)),
        (None, _) => Err(PrefixError::Ambiguous {
            text: wanted,
            candidates,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:eu-central-1:123456789012:function:orders-api";

    fn id_of(prefix: &str, [domain, environment, subject, check, source]: [&str; 5]) -> IssueId {
        issue_id(
            prefix,
            &IssueIdentity {
                domain: &DomainName::new(domain).expect("a domain"),
                environment: &EnvironmentName::new(environment).expect("an environment"),
                subject: &Subject::parse(subject).expect("a subject"),
                check,
                source: &SourceName::new(source).expect("a source"),
            },
        )
    }

    fn id(prefix: &str, environment: &str, check: &str) -> IssueId {
        id_of(
            prefix,
            ["infrastructure", environment, FUNCTION, check, "observer"],
        )
    }

    /// Files of issues are named by these: none may ever change.
    #[test]
    fn ids_are_stable_and_differ_by_every_field() {
        // printf 'infrastructure\nprod\narn:aws:lambda:eu-central-1:123456789012:function:orders-api\nerror_rate_percent' | sha256sum
        let base = id("infra", "prod", "error_rate_percent");
        assert_eq!(base.as_str(), "infra-d2fe6d");
        assert_ne!(base, id("infra", "test", "error_rate_percent"));
        assert_ne!(base, id("infra", "prod", "p95_latency_ms"));
        for (fields, want) in [
            (
                [
                    "application",
                    "prod",
                    "arn:fractary:application:::https://shop.example/%3Fa=b",
                    "http_status",
                    "observer",
                ],
                "app-56fa1e",
            ),
            (
                [
                    "application",
                    "prod",
                    "arn:fractary:application:::application",
                    "domain_status",
                    "observer",
                ],
                "app-3335b3",
            ),
            (
                [
                    "application",
                    "prod",
                    "environment:prod",
                    "availability",
                    "kpi",
                ],
                "app-a8d5fe",
            ),
        ] {
            assert_eq!(id_of("app", fields).as_str(), want);
        }
        assert_ne!(
            base,
            id_of(
                "infra",
                [
                    "infrastructure",
                    "prod",
                    FUNCTION,
                    "error_rate_percent",
                    "audit"
                ]
            )
        );
    }

    #[test]
    fn any_prefix_makes_a_safe_id() {
        for (prefix, want) in [
            ("infra", "infra-"),
            ("App", "app-"),
            ("../../etc", "etc-"),
            ("", "issue-"),
            ("ü!", "issue-"),
            ("a-very-long-prefix-indeed", "averylongprefixi-"),
        ] {
            let id = id(prefix, "prod", "x");
            assert!(id.as_str().starts_with(want), "{prefix:?} gave {id}");
            assert_eq!(id.as_str().len(), want.len() + HASH_DIGITS);
        }
    }

    #[test]
    fn a_taken_id_grows() {
        let domain = DomainName::new("infrastructure").expect("a domain");
        let environment = EnvironmentName::new("prod").expect("an environment");
        let identity = IssueIdentity {
            domain: &domain,
            environment: &environment,
            subject: &Subject::parse(FUNCTION).expect("a subject"),
            check: "x",
            source: &SourceName::observer(),
        };
        let short = free_id("infra", &identity, |_| false);
        let long = free_id("infra", &identity, |id| *id == short);
        assert!(long.as_str().starts_with(short.as_str()));
        assert_eq!(long.as_str().len(), short.as_str().len() + 2);
        // Even if everything were taken it ends.
        assert_eq!(
            free_id("infra", &identity, |_| true).as_str().len(),
            "infra-".len() + MOST_DIGITS
        );
    }

    #[test]
    fn prefixes_name_one_issue_or_say_why_not() {
        let ids: Vec<IssueId> = [
            "infra-7f3a2c",
            "infra-7f9b00",
            "infra-7f9b00aa",
            "app-123456",
        ]
        .iter()
        .map(|id| IssueId::new(id).expect("an id"))
        .collect();
        let resolve = |text: &str| resolve_prefix(&ids, text).map(|id| id.to_string());
        assert_eq!(resolve("infra-7f3"), Ok("infra-7f3a2c".into()));
        assert_eq!(resolve(" INFRA-7F3 "), Ok("infra-7f3a2c".into()));
        assert_eq!(resolve("app"), Ok("app-123456".into()));
        // A whole id wins over a longer one that begins with it.
        assert_eq!(resolve("infra-7f9b00"), Ok("infra-7f9b00".into()));
        let error = |text: &str| resolve(text).expect_err("no single issue").to_string();
        insta::assert_snapshot!(error("infra-7f"), @r#""infra-7f" could be any of 3: infra-7f3a2c, infra-7f9b00, infra-7f9b00aa"#);
        insta::assert_snapshot!(error("nope"), @r#"no issue has an id that begins with "nope""#);
        insta::assert_snapshot!(error(""), @r#"no issue has an id that begins with """#);
    }
}
