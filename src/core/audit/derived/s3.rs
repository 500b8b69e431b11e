//! Buckets: who can reach what is in them, all settings taken together.

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, list_in, text_in};
use crate::core::known::{Known, Obstacle, Obstacles, all, any, not};
use crate::core::policy::{PolicyEffect, Statement, Trustee, is_public, matches};
use crate::model::fact::Value;

use super::policies::{actions, public_because, statement_key, tls_only};
use super::{DerivedFact, DerivedFacts, Place};

const EVERYONE: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const EVERYONE_WITH_AN_ACCOUNT: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const FLAGS: [&str; 4] = [
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
];
/// What other accounts should not be able to do to a bucket (AWS FSBP S3.6).
const SENSITIVE: [&str; 5] = [
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
];

pub(super) fn bucket<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let block = |flag: &str| own_flag(view, flag);
    let blocked = |flag: &str| any([block(flag), account_flag(estate, flag)]);
    let acl_open = all([
        acl_is_public(view),
        not(owner_enforced(view)),
        not(blocked("ignore_public_acls")),
    ]);
    let policy_open = all([
        view.policy("policy").and_then(|found| match found {
            Some(policy) => is_public(&policy, None),
            None => Ok(false),
        }),
        not(blocked("restrict_public_buckets")),
    ]);
    let because = because(view, &acl_open, &policy_open);
    let name = view.name().raw().to_owned();
    let arn = format!("arn:aws:s3:::{name}");
    let arn = view
        .resource
        .arn
        .as_ref()
        .map_or(arn, |arn| arn.as_str().to_owned());
    let parts = [arn.clone(), format!("{arn}/*")];
    let holds_trail = estate.any("aws_cloudtrail", |trail| {
        Ok(trail.text("s3_bucket_name")?.as_deref() == Some(name.as_str()))
    });
    DerivedFacts::from([
        ("public", DerivedFact::from(any([acl_open, policy_open]))),
        ("public_because", DerivedFact::from(because)),
        ("own_block", DerivedFact::from(all(FLAGS.map(block)))),
        ("all_blocked", DerivedFact::from(all(FLAGS.map(blocked)))),
        ("tls_only", DerivedFact::from(tls_only(view, &parts))),
        ("holds_trail", DerivedFact::from(holds_trail)),
        ("outsiders", outsiders(estate, view)),
    ])
}

fn own_flag(view: FactView<'_>, flag: &str) -> Known<bool> {
    view.flag(&format!("public_access_block.{flag}"))
}

fn account_flag(estate: &Estate<'_>, flag: &str) -> Known<bool> {
    match estate.account() {
        Some(account) => account.flag(&format!("s3_account_public_access_block.{flag}")),
        None => Err(Obstacles::from([Obstacle::NotRead(
            "account.s3_account_public_access_block".to_owned(),
        )])),
    }
}

fn owner_enforced(view: FactView<'_>) -> Known<bool> {
    let found = view.text("ownership_controls.rule.object_ownership")?;
    Ok(found.as_deref() == Some("BucketOwnerEnforced"))
}

fn acl_is_public(view: FactView<'_>) -> Known<bool> {
    let Some(acl) = view.get("acl")? else {
        return Ok(false);
    };
    let canned = match &acl {
        // The inline attribute of old configurations.
        Value::Text(text) => Some(text.raw().to_owned()),
        other => text_in(other, "acl")?,
    };
    let open = ["public-read", "public-read-write", "authenticated-read"];
    if canned.is_some_and(|canned| open.contains(&canned.as_str())) {
        return Ok(true);
    }
    list_in(&acl, "access_control_policy.grant")?.any(|grant| {
        let uri = text_in(grant, "grantee.uri")?;
        Ok(uri.is_some_and(|uri| uri == EVERYONE || uri == EVERYONE_WITH_AN_ACCOUNT))
    })
}

fn because(view: FactView<'_>, acl: &Known<bool>, policy: &Known<bool>) -> Vec<String> {
    let mut out = Vec::new();
    if *acl == Ok(true) {
        out.push("its ACL grants access to everyone, and nothing makes ACLs void".to_owned());
    }
    if *policy == Ok(true)
        && let Ok(Some(policy)) = view.policy("policy")
    {
        out.extend(public_because(&policy));
    }
    let computed = any([acl.clone(), policy.clone()]);
    if let (Ok(Some(Value::Flag(says))), Ok(found)) = (view.get("policy_status_is_public"), policy)
        && says != *found
        && computed.is_ok()
    {
        let word = if says { "public" } else { "not public" };
        out.push(format!(
            "AWS disagrees: GetBucketPolicyStatus says that the policy is {word}"
        ));
    }
    out
}

/// Statements that let other accounts change who can reach the bucket.
fn outsiders(estate: &Estate<'_>, view: FactView<'_>) -> DerivedFact {
    let policy = match view.policy("policy") {
        Ok(found) => found,
        Err(obstacles) => return DerivedFact::Unknown(obstacles),
    };
    let account = view
        .resource
        .account
        .as_ref()
        .or(estate.configuration.account.as_ref());
    let own = account.map(|id| format!(":{id}:"));
    let is_other = |one: &Trustee| match (one, &own) {
        (Trustee::Aws(arn), Some(own)) => arn.starts_with("arn:") && !arn.contains(own.as_str()),
        _ => false,
    };
    let is_bad = |one: &&Statement| {
        let of = one.principals.as_ref();
        one.effect == PolicyEffect::Allow
            && of.is_some_and(|all| !all.is_negated && all.of.iter().any(is_other))
            && SENSITIVE.iter().any(|action| matches(&one.actions, action))
    };
    let statements = policy.iter().flat_map(|policy| policy.statements.iter());
    let places = statements.filter(is_bad).map(|one| {
        Place::new(
            statement_key(one),
            format!("another account is allowed {}", actions(one)),
        )
    });
    DerivedFact::Places(places.collect(), Obstacles::new())
}
