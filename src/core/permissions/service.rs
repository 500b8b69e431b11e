//! Denials in the words of single services, which do not say "is not authorized to perform".

use super::cursor::{Text, glued, is_blank};
use super::reason::{encoded_message, reason};
use super::sentence::action;
use super::value::value;
use crate::model::denial::{Denial, DenyType};
use crate::text::Untrusted;

/// It is no matter of permissions.
const NOT_IAM: &[&str] = &[
    "your account is not authorized to invoke this api operation",
    "linked account doesn't have access",
    "linked account does not have access",
    "account is not subscribed",
    "is not subscribed to",
    "account is not signed up",
    "is not opted in",
    "not opted-in",
    "account has been suspended",
    "account is suspended",
    "account is not enabled",
    "is not enabled for your account",
    "subscription required",
    "subscription is required",
    "optinrequired",
    "subscriptionrequired",
    "security token included in the request is invalid",
    "security token included in the request is expired",
    "access key id you provided does not exist",
    "invalidclienttokenid",
    "unrecognizedclientexception",
    "signaturedoesnotmatch",
    "expiredtoken",
    "cannot list resource",
    "is forbidden: user",
];

/// Words without which a text tells of no denial.
const DENIED: &[&str] = &[
    "denied",
    "not authorized",
    "not authorised",
    "unauthorized",
    "forbidden",
    "not permitted",
    "accessdenied",
    "unauthorizedoperation",
    "accessdeniedexception",
    "authorizationerror",
    "optinrequired",
    "subscriptionrequired",
    "doesn't have access",
    "does not have access",
    "don't have permission",
    "not allowed to access",
    "status code: 403",
    "statuscode: 403",
    "403",
];

/// What an operation needs, where that is not `service:Operation`.
const OPERATIONS: &[(&str, &str)] = &[
    ("ListObjectsV2", "s3:ListBucket"),
    ("ListObjects", "s3:ListBucket"),
    ("ListBuckets", "s3:ListAllMyBuckets"),
    ("HeadObject", "s3:GetObject"),
    ("HeadBucket", "s3:ListBucket"),
    ("GetObject", "s3:GetObject"),
    ("PutObject", "s3:PutObject"),
    ("ListObjectVersions", "s3:ListBucketVersions"),
    ("CreateMultipartUpload", "s3:PutObject"),
    ("UploadPart", "s3:PutObject"),
    ("CompleteMultipartUpload", "s3:PutObject"),
    ("CopyObject", "s3:PutObject"),
    ("DeleteObjects", "s3:DeleteObject"),
    ("PutBucketPolicy", "s3:PutBucketPolicy"),
    ("PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    ("GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    (
        "PutBucketLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
    ),
    ("CreateSession", "s3express:CreateSession"),
    ("Invoke", "lambda:InvokeFunction"),
    ("PutMetricData", "cloudwatch:PutMetricData"),
    (
        "ChangeResourceRecordSets",
        "route53:ChangeResourceRecordSets",
    ),
    ("RunInstances", "ec2:RunInstances"),
];

/// The denial of a text that has none of the usual phrases.
pub(super) fn without_phrase(text: &Text) -> Option<Denial> {
    let end = text.len();
    let not_iam = text.find_any(NOT_IAM, 0, end).is_some();
    if !not_iam && text.find_any(DENIED, 0, end).is_none() {
        return None;
    }
    let actions = listed(text)
        .or_else(|| prefixed(text))
        .or_else(|| handled(text))
        .unwrap_or_default();
    let operation = operation(text);
    let implied = match actions.is_empty() && !not_iam {
        true => implied(text, operation.as_deref()),
        false => None,
    };
    let assumes = |one: &String| one.to_ascii_lowercase().starts_with("sts:assumerole");
    let is_trust = actions.first().is_some_and(assumes);
    let mut actions = actions.into_iter().map(Untrusted::new);
    Some(Denial {
        action: actions.next(),
        other_actions: actions.collect(),
        implied_action: implied.map(Untrusted::from),
        operation: operation.map(Untrusted::new),
        resource: queue(text).map(Untrusted::new),
        principal: user(text).map(Untrusted::new),
        deny_type: match not_iam {
            true => DenyType::NotIam,
            false => reason(text, 0, end),
        },
        likely_deny_type: is_trust.then_some(DenyType::ImplicitTrust),
        policy_arn: None,
        has_authorization_id: false,
        has_encoded_message: encoded_message(text, 0, end).is_some(),
    })
}

/// The action that the operation needs, or, where that is not known, what the words are about.
fn implied(text: &Text, operation: Option<&str>) -> Option<&'static str> {
    let known = OPERATIONS.iter().find(|(name, _)| Some(*name) == operation);
    known.map(|(_, action)| *action).or_else(|| {
        let key = text.find("the ciphertext refers to", 0, text.len());
        key.map(|_| "kms:Decrypt")
    })
}

/// `not authorized to perform the required … actions (a:B, a:C)`.
fn listed(text: &Text) -> Option<Vec<String>> {
    let (_, end) = text.find("not authorized to perform", 0, text.len())?;
    let far = text.len().min(end + 80);
    let open = (end..far).find(|&place| text.at(place) == Some('('))?;
    let close = (open..text.len().min(open + 600)).find(|&place| text.at(place) == Some(')'))?;
    let inner = glued(text.slice(open + 1, close));
    let actions: Vec<String> = inner
        .split(',')
        .map(|one| one.trim().to_owned())
        .filter(|one| is_action(one))
        .collect();
    (!actions.is_empty()).then_some(actions)
}

fn is_action(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, name)| {
        let fits =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-');
        fits(service) && fits(name)
    })
}

/// CloudFormation: `API: ec2:RunInstances You are not authorized to perform this operation.`
fn prefixed(text: &Text) -> Option<Vec<String>> {
    let (_, end) = text.find("api:", 0, text.len())?;
    let (named, after) = action(text, end)?;
    let follows = ["you are not authorized", "access denied", "accessdenied"];
    let place = text.blanks(after);
    let fits = follows
        .iter()
        .any(|phrase| text.phrase(place, phrase).is_some());
    fits.then(|| vec![named])
}

/// `Not authorized to perform sts:AssumeRoleWithWebIdentity`, without a user.
fn handled(text: &Text) -> Option<Vec<String>> {
    let (_, end) = text.find("not authorized to perform", 0, text.len())?;
    Some(vec![action(text, end)?.0])
}

/// `User: … is not authorized to access this resource` of Route 53, `… to perform: null` of others.
fn user(text: &Text) -> Option<String> {
    let (start, _) = text.find("is not authorized to", 0, text.len())?;
    super::principal::principal(text, 0, start)
}

/// SQS: `Access to the resource URL is denied.`
fn queue(text: &Text) -> Option<String> {
    let (_, begin) = text.find("access to the resource ", 0, text.len())?;
    let (end, _) = text.find("is denied", begin, text.len())?;
    let blanks = text.slice(begin, end).iter().rev();
    let end = end - blanks.take_while(|&&c| is_blank(c)).count();
    Some(value(text, begin, end)?.0)
}

/// The operation that was called.
fn operation(text: &Text) -> Option<String> {
    let word = |from: usize| {
        let from = text.blanks(from);
        let rest = text.slice(from, text.len());
        let word: String = rest
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric())
            .collect();
        (!word.is_empty()).then_some(word)
    };
    if let Some((_, end)) = text.find("when calling the ", 0, text.len()) {
        return word(end);
    }
    if let Some((_, end)) = text.find("operation error ", 0, text.len()) {
        let colon = (end..text.len().min(end + 60)).find(|&place| text.at(place) == Some(':'))?;
        return word(colon + 1);
    }
    if let Some((_, end)) = text.find("error executing \"", 0, text.len()) {
        return word(end);
    }
    let asked = ["?Action=", "&Action="];
    let (_, end) = text.find_any(&asked, 0, text.len())?;
    let blank = text.at(end).is_some_and(is_blank);
    (!blank).then(|| word(end)).flatten()
}
