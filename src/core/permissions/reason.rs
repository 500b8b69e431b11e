//! Which policy denied, as far as the message states it.

use super::cursor::{Text, glued, is_blank};
use crate::model::denial::DenyType;

/// How far behind the action a reason is looked for, in characters.
const FARTHEST: usize = 3_000;

/// The words of AWS for a policy, and the two types that each can make.
const POLICIES: &[(&str, Option<DenyType>, DenyType)] = &[
    (
        "identity-based polic",
        Some(DenyType::ImplicitIdentity),
        DenyType::ExplicitIdentity,
    ),
    (
        "resource-based polic",
        Some(DenyType::ImplicitResource),
        DenyType::ExplicitResource,
    ),
    (
        "permissions boundar",
        Some(DenyType::ImplicitBoundary),
        DenyType::ExplicitBoundary,
    ),
    (
        "permission boundar",
        Some(DenyType::ImplicitBoundary),
        DenyType::ExplicitBoundary,
    ),
    (
        "session polic",
        Some(DenyType::ImplicitSession),
        DenyType::ExplicitSession,
    ),
    (
        "service control polic",
        Some(DenyType::ImplicitScp),
        DenyType::ExplicitScp,
    ),
    ("resource control polic", None, DenyType::ExplicitRcp),
    (
        "vpc endpoint polic",
        Some(DenyType::ImplicitVpce),
        DenyType::ExplicitVpce,
    ),
    (
        "endpoint polic",
        Some(DenyType::ImplicitVpce),
        DenyType::ExplicitVpce,
    ),
    (
        "role trust polic",
        Some(DenyType::ImplicitTrust),
        DenyType::ExplicitResource,
    ),
    (
        "trust polic",
        Some(DenyType::ImplicitTrust),
        DenyType::ExplicitResource,
    ),
];

/// The reason that stands between two places.
pub(super) fn reason(text: &Text, from: usize, to: usize) -> DenyType {
    let to = to.min(from + FARTHEST);
    let three = "does not exist in this region, no resource-based policies allow access, or a \
                 resource-based policy explicitly denies";
    if text.find(three, from, to).is_some() {
        return DenyType::AmbiguousResourcePolicy;
    }
    let readings = [
        explicit(text, from, to),
        implicit(text, from, to),
        public_access(text, from, to),
        bare(text, from, to),
        organisation(text, from, to),
    ];
    readings
        .into_iter()
        .flatten()
        .next()
        .unwrap_or(DenyType::Unspecified)
}

/// `with an explicit deny in a service control policy`, `because a session policy explicitly
/// denies …`.
fn explicit(text: &Text, from: usize, to: usize) -> Option<DenyType> {
    let within = [
        "explicit deny in an ",
        "explicit deny in a ",
        "explicit deny in the ",
        "explicit deny from a ",
        "explicitly denied by a ",
        "explicitly denied by an ",
    ];
    if let Some((_, end)) = text.find_any(&within, from, to) {
        return named(text, end).map(|policy| policy.2);
    }
    let because = ["because an ", "because a ", "because the "];
    let (_, end) = text.find_any(&because, from, to)?;
    let policy = named(text, end)?;
    let denies = ["explicitly denies", "explicitly denied", "denies", "denied"];
    text.find_any(&denies, end, to.min(end + 120))?;
    Some(policy.2)
}

/// `because no identity-based policy allows …`, also where the message breaks off.
fn implicit(text: &Text, from: usize, to: usize) -> Option<DenyType> {
    let (_, end) = text.find("because no ", from, to)?;
    named(text, end)?.1
}

fn named(text: &Text, from: usize) -> Option<&'static (&'static str, Option<DenyType>, DenyType)> {
    POLICIES
        .iter()
        .find(|policy| text.phrase(from, policy.0).is_some())
}

fn public_access(text: &Text, from: usize, to: usize) -> Option<DenyType> {
    let settings = [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "S3 Block Public Access",
        "prevented by Block Public Access",
    ];
    text.find_any(&settings, from, to)?;
    Some(DenyType::BlockPublicAccess)
}

fn bare(text: &Text, from: usize, to: usize) -> Option<DenyType> {
    let words = [
        "with an explicit deny",
        "with explicit deny",
        "explicit deny",
    ];
    text.find_any(&words, from, to)?;
    Some(DenyType::ExplicitUnspecified)
}

fn organisation(text: &Text, from: usize, to: usize) -> Option<DenyType> {
    let words = [
        "due to an organizational policy",
        "by an organizational policy",
        "by a declarative policy",
    ];
    text.find_any(&words, from, to)?;
    Some(DenyType::DeclarativePolicy)
}

/// The ARN of the policy that denied, where the message has it.
pub(super) fn policy_arn(text: &Text, from: usize, to: usize) -> Option<String> {
    let to = to.min(from + FARTHEST);
    let before = [
        "policy: ",
        "policies: ",
        "boundary: ",
        "policy arn: ",
        "policy with arn: ",
    ];
    let mut place = from;
    while let Some((start, end)) = text.find_any(&before, place, to) {
        if text.phrase(end, "arn:").is_some() {
            let stop = (end..to)
                .find(|&at| {
                    text.at(at)
                        .is_none_or(|c| is_blank(c) && !glues(text, end, at))
                })
                .unwrap_or(to);
            let arn = glued(text.slice(end, stop));
            let arn = arn.trim_end_matches(['.', ',', ';', ')', '"', '\'']);
            return Some(arn.to_owned());
        }
        place = start + 1;
    }
    None
}

/// A break in the middle of an ARN that has not its six parts yet, or that ends in `/`.
fn glues(text: &Text, from: usize, at: usize) -> bool {
    let so_far = glued(text.slice(from, at));
    text.at(at).is_some_and(super::cursor::is_break)
        && (so_far.matches(':').count() < 5 || so_far.ends_with(['/', '-', ':']))
}

/// The number under which AWS keeps the details of a denial.
pub(super) fn authorization_id(text: &Text, from: usize, to: usize) -> Option<String> {
    let before = ["authorization id: ", "authorization-details/"];
    let (_, end) = text.find_any(&before, from, to.min(from + FARTHEST))?;
    let id: String = text
        .slice(end, to)
        .iter()
        .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        .collect();
    (!id.is_empty()).then_some(id)
}

/// The message that only `sts:DecodeAuthorizationMessage` can read.
pub(super) fn encoded_message(text: &Text, from: usize, to: usize) -> Option<String> {
    let (_, end) = text.find("encoded authorization failure message:", from, to)?;
    let begin = text.blanks(end);
    let body = text.slice(begin, to);
    let placeholder = body.first() == Some(&'<');
    let stop = body.iter().position(|&c| match placeholder {
        true => c == '>',
        false => !(c.is_ascii_alphanumeric() || c == '-' || c == '_' || super::cursor::is_break(c)),
    });
    let stop = stop.map_or(body.len(), |stop| stop + usize::from(placeholder));
    // What follows in the next line is not of it: `status code: 403`.
    let mut chars: Vec<char> = Vec::new();
    for (place, &c) in body[..stop].iter().enumerate() {
        if super::cursor::is_break(c)
            && text
                .phrase(text.blanks(begin + place), "status code")
                .is_some()
        {
            break;
        }
        chars.push(c);
    }
    let encoded = glued(&chars);
    (!encoded.is_empty()).then_some(encoded)
}
