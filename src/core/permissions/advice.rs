//! What helps against a denial, who has to do it, and what to look at.
//!
//! AWS names one policy even where several deny, so what helps here may lead to the next denial:
//! `docs/permissions.md` says so.

use super::arn::ArnInText;
use crate::model::denial::{Denial, DenialStep, DenyType, ExplainedDenial, GrantHelps};
use crate::text::Untrusted;
use crate::text::phrases::shell_word;

/// AWS attaches this policy to a user whose access key was found in public.
const LEAKED: &str = "AWSCompromisedKeyQuarantine";

/// Says what helps.
pub fn explain(denial: Denial) -> ExplainedDenial {
    let advice = special(&denial).unwrap_or_else(|| by_type(&denial));
    let mut steps = advice.steps;
    if denial.has_encoded_message {
        steps.insert(0, decode());
    }
    if denial.has_authorization_id {
        steps.push(step(
            "AWS keeps the details of this request for a day: call \
             iam:GetRequestAuthorizationDetails with the authorization id of the message, which \
             is not shown here because it opens addresses and organization paths",
        ));
    }
    ExplainedDenial {
        grant_helps: advice.helps,
        explanation: advice.explanation,
        who: advice.who,
        steps,
        denial,
    }
}

struct Advice {
    helps: GrantHelps,
    explanation: String,
    who: String,
    steps: Vec<DenialStep>,
}

fn advice(helps: GrantHelps, explanation: &str, who: &str, steps: Vec<DenialStep>) -> Advice {
    Advice {
        helps,
        explanation: explanation.to_owned(),
        who: who.to_owned(),
        steps,
    }
}

fn step(what: &str) -> DenialStep {
    DenialStep {
        what: what.to_owned(),
        command: None,
    }
}

/// A step with a command, each `{}` of which is a value from outside as one word of a shell.
/// Without the command, if a value cannot be one.
fn command(what: &str, line: &str, values: &[&str]) -> DenialStep {
    let mut pieces = line.split("{}");
    let mut built = pieces.next().map(str::to_owned);
    for (piece, value) in pieces.zip(values) {
        let word = shell_word(value);
        built = built
            .zip(word)
            .map(|(built, word)| format!("{built}{}{piece}", word.raw()));
    }
    DenialStep {
        what: what.to_owned(),
        command: built.map(Untrusted::new),
    }
}

fn decode() -> DenialStep {
    step(
        "decode the message: `aws sts decode-authorization-message --encoded-message …` with the \
         text behind \"Encoded authorization failure message:\" (needs \
         sts:DecodeAuthorizationMessage)",
    )
}

/// What overrules the type of the denial.
fn special(denial: &Denial) -> Option<Advice> {
    let policy = denial.policy_arn.as_ref().map_or("", Untrusted::raw);
    if policy.contains(LEAKED) {
        return Some(advice(
            GrantHelps::No,
            "AWS treats this access key as leaked and has quarantined its user.",
            "whoever is responsible for security, now",
            vec![
                step(
                    "deactivate the key, make a new one, and look in CloudTrail for what was done with it",
                ),
                step("detach the quarantine policy only after that"),
            ],
        ));
    }
    let action = denial.action.as_ref().map_or("", Untrusted::raw);
    let principal = denial
        .principal
        .as_ref()
        .map(|one| ArnInText::of(one.raw()));
    let resource = denial.resource.as_ref().map(|one| ArnInText::of(one.raw()));
    let accounts = [principal, resource].map(|parts| parts.and_then(|parts| parts.account()));
    if let [Some(theirs), Some(its)] = accounts
        && theirs != its
        && denial.deny_type != DenyType::NotIam
    {
        return Some(two_sided(denial, action));
    }
    None
}

/// The caller and the resource are in different accounts.
fn two_sided(denial: &Denial, action: &str) -> Advice {
    if action.eq_ignore_ascii_case("iam:PassRole") {
        return advice(
            GrantHelps::No,
            "A role of another account cannot be passed.",
            "whoever wrote the configuration: use a role of the account in which the call is made",
            Vec::new(),
        );
    }
    advice(
        GrantHelps::Maybe,
        "The caller and the resource are in different accounts, so both sides have to allow it.",
        "both: whoever manages the caller's policies, and the owner of the resource",
        vec![
            allow(denial),
            step(
                "allow the caller in the policy of the resource; where it has none, use a role of its account",
            ),
        ],
    )
}

fn by_type(denial: &Denial) -> Advice {
    use DenyType as D;
    match denial.deny_type {
        D::Unspecified => unspecified(denial),
        D::ImplicitTrust => trust(denial),
        D::AmbiguousResourcePolicy => key(denial),
        D::ImplicitIdentity => advice(
            GrantHelps::Yes,
            "No policy of the caller allows it.",
            "whoever manages the caller's IAM policies",
            vec![allow(denial), simulate(denial)],
        ),
        D::ImplicitResource => advice(
            GrantHelps::OnTheResource,
            "The policy of the resource does not allow it.",
            "the owner of the resource",
            vec![step(
                "allow the caller and the action in the policy of the resource",
            )],
        ),
        D::ImplicitBoundary | D::ImplicitSession | D::ImplicitScp | D::ImplicitVpce => {
            bounded(denial.deny_type)
        }
        D::ExplicitIdentity
        | D::ExplicitResource
        | D::ExplicitBoundary
        | D::ExplicitSession
        | D::ExplicitScp
        | D::ExplicitRcp
        | D::ExplicitVpce
        | D::ExplicitUnspecified => explicit(denial),
        D::BlockPublicAccess | D::DeclarativePolicy | D::NotIam => beside(denial.deny_type),
    }
}

/// What bounds the caller: a grant stays without effect.
fn bounded(by: DenyType) -> Advice {
    let no = GrantHelps::No;
    match by {
        DenyType::ImplicitBoundary => advice(
            no,
            "The permissions boundary of the caller does not allow it: a grant stays without effect.",
            "whoever manages the permissions boundary",
            vec![step(
                "allow the action in the boundary as well, or use another identity",
            )],
        ),
        DenyType::ImplicitSession => advice(
            no,
            "The policy that the session was made with does not allow it: a grant stays without effect.",
            "whoever assumes the role",
            vec![step(
                "assume the role with a session policy that allows the action, or without one",
            )],
        ),
        DenyType::ImplicitScp => advice(
            no,
            "No service control policy of the organization allows it in this account.",
            "an administrator of the AWS organization",
            vec![step(
                "ask for the action to be allowed in this account, or use a region or service that is",
            )],
        ),
        _ => advice(
            no,
            "The policy of the VPC endpoint through which the call went does not allow it.",
            "whoever manages the VPC endpoint",
            vec![command(
                "read the policies of the endpoints",
                "aws ec2 describe-vpc-endpoints",
                &[],
            )],
        ),
    }
}

/// What is beside the policies of IAM.
fn beside(reason: DenyType) -> Advice {
    let no = GrantHelps::No;
    match reason {
        DenyType::BlockPublicAccess => advice(
            no,
            "S3 Block Public Access of the bucket or of the account prevents it.",
            "whoever wants it public: this protects the bucket",
            vec![step(
                "keep it private and serve it through CloudFront, or turn the one setting off for this bucket alone",
            )],
        ),
        DenyType::DeclarativePolicy => advice(
            no,
            "A declarative policy of the organization prevents it.",
            "an administrator of the AWS organization",
            Vec::new(),
        ),
        _ => advice(
            no,
            "This is no matter of permissions: the account or the access key itself is not accepted.",
            "whoever manages the account",
            vec![
                command("see who calls", "aws sts get-caller-identity", &[]),
                step(
                    "check that the service is subscribed, enabled and opted into in this account and region, and that the access key exists",
                ),
            ],
        ),
    }
}

/// The statement that would allow it.
fn allow(denial: &Denial) -> DenialStep {
    let Some(action) = denial.action.as_ref().or(denial.implied_action.as_ref()) else {
        return step("allow the action in a policy of the caller; the message does not name it");
    };
    let on = match &denial.resource {
        Some(resource) => format!("on {}", resource.terminal()),
        None => "on the resources that it is meant for; the message names none".to_owned(),
    };
    let passes = action.raw().eq_ignore_ascii_case("iam:PassRole");
    let limit = match passes {
        true => ", with the condition iam:PassedToService for the service that uses the role",
        false => "",
    };
    step(&format!(
        "allow {} {on} in a policy of the caller{limit}",
        action.terminal()
    ))
}

/// Asks IAM whether the caller may do it.
fn simulate(denial: &Denial) -> DenialStep {
    let what = "see what IAM says of it";
    let source = denial
        .principal
        .as_ref()
        .and_then(|one| ArnInText::of(one.raw()).identity());
    let action = denial.action.as_ref().map(Untrusted::raw);
    let (Some(source), Some(action)) = (source, action) else {
        return step("see what IAM says of it: `aws iam simulate-principal-policy`");
    };
    let line = "aws iam simulate-principal-policy --policy-source-arn {} --action-names {}";
    let resource = denial.resource.as_ref().map_or("", Untrusted::raw);
    if resource.starts_with("arn:") {
        let line = format!("{line} --resource-arns {{}}");
        return command(what, &line, &[&source, action, resource]);
    }
    command(what, line, &[&source, action])
}

fn explicit(denial: &Denial) -> Advice {
    use DenyType as D;
    let (whose, who) = match denial.deny_type {
        D::ExplicitIdentity => (
            "A policy of the caller",
            "whoever manages the caller's IAM policies",
        ),
        D::ExplicitResource => ("The policy of the resource", "the owner of the resource"),
        D::ExplicitBoundary => (
            "The permissions boundary of the caller",
            "whoever manages the permissions boundary",
        ),
        D::ExplicitSession => ("The policy of the session", "whoever assumes the role"),
        D::ExplicitScp => (
            "A service control policy of the organization",
            "an administrator of the AWS organization",
        ),
        D::ExplicitRcp => (
            "A resource control policy of the organization",
            "an administrator of the AWS organization",
        ),
        D::ExplicitVpce => (
            "The policy of the VPC endpoint",
            "whoever manages the VPC endpoint",
        ),
        _ => (
            "Some policy",
            "whoever manages the policies that apply to the caller and the resource",
        ),
    };
    let mut steps = Vec::new();
    if let Some(policy) = &denial.policy_arn {
        let ours = policy.raw().contains(":iam:");
        let line = "aws iam get-policy --policy-arn {}";
        steps.push(match ours {
            true => command("read the policy that denies", line, &[policy.raw()]),
            false => step(&format!("the policy that denies is {}", policy.terminal())),
        });
    }
    steps.push(step("find the statement with \"Effect\": \"Deny\" and its conditions (region, tags, network, MFA): the call may be meant to be made another way"));
    Advice {
        helps: GrantHelps::No,
        explanation: format!("{whose} denies it explicitly. No grant overrules that."),
        who: who.to_owned(),
        steps,
    }
}

fn trust(denial: &Denial) -> Advice {
    let role = denial
        .resource
        .as_ref()
        .and_then(|one| ArnInText::of(one.raw()).role());
    let look = match &role {
        Some(role) => command(
            "read the trust policy of the role",
            "aws iam get-role --role-name {} --query Role.AssumeRolePolicyDocument",
            &[role],
        ),
        None => {
            step("read the trust policy of the role that was to be assumed: `aws iam get-role`")
        }
    };
    let action = denial.action.as_ref().map_or("", Untrusted::raw);
    let web = action.eq_ignore_ascii_case("sts:AssumeRoleWithWebIdentity");
    let compare = match web {
        true => step(
            "compare its conditions on `sub` and `aud` with the claims of the token: with an environment, GitHub's `sub` ends in `environment:NAME` instead of `ref:…`",
        ),
        false => step(
            "name the caller in its principal, and meet its conditions (external id, MFA, source)",
        ),
    };
    advice(
        GrantHelps::No,
        "The trust policy of the role does not let the caller assume it.",
        "whoever manages the role that is to be assumed",
        vec![look, compare],
    )
}

/// A KMS key that may be missing, not allowed or denied.
fn key(denial: &Denial) -> Advice {
    let arn = denial.resource.as_ref().map_or("", Untrusted::raw);
    let region = ArnInText::of(arn).region();
    let mut steps = Vec::new();
    match (arn.starts_with("arn:"), region) {
        (true, Some(region)) => {
            steps.push(command(
                "does the key exist in its region?",
                "aws kms describe-key --key-id {} --region {}",
                &[arn, &region],
            ));
            steps.push(command(
                "does its policy allow the caller, or deny?",
                "aws kms get-key-policy --key-id {} --policy-name default --region {}",
                &[arn, &region],
            ));
        }
        _ => steps.push(step("find the key (the encryption settings of the resource name it), and ask `aws kms describe-key` in its region")),
    }
    advice(
        GrantHelps::OnTheResource,
        "Three readings: the key does not exist in this region, its policy does not allow the caller, or its policy denies.",
        "the owner of the key",
        steps,
    )
}

/// The message names no policy.
fn unspecified(denial: &Denial) -> Advice {
    if denial.likely_deny_type == Some(DenyType::ImplicitTrust) {
        return trust(denial);
    }
    let implied = denial.implied_action.as_ref().map_or("", Untrusted::raw);
    let plain = denial.action.is_none();
    if plain && implied.starts_with("s3") {
        return plain_s3(denial);
    }
    if plain && implied.starts_with("kms:") {
        return key(denial);
    }
    let mut steps = vec![allow(denial)];
    if !plain {
        steps.push(simulate(denial));
    }
    let explanation = match plain {
        true => "AWS denied it without saying what was missing.",
        false => "AWS denied it without saying which policy.",
    };
    advice(
        GrantHelps::Maybe,
        explanation,
        "whoever manages the caller's IAM policies",
        steps,
    )
}

/// S3's plain `Access Denied`: what it can be, in the order of how often it is.
fn plain_s3(denial: &Denial) -> Advice {
    let mut steps = vec![allow(denial)];
    for what in [
        "the object may not exist: without s3:ListBucket, S3 answers 403 instead of 404",
        "the policy of the bucket may deny, or not allow another account: `aws s3api get-bucket-policy`",
        "the object may be encrypted with a KMS key that the caller may not use: `aws s3api head-object`",
        "Block Public Access, or object ownership and ACLs, may prevent it",
        "the policy of a VPC endpoint may not allow it",
        "the bucket may belong to another region, partition or account, or its requester may have to pay",
    ] {
        steps.push(step(what));
    }
    advice(
        GrantHelps::Maybe,
        "S3 denied it without saying why.",
        "whoever manages the caller's IAM policies, then the owner of the bucket",
        steps,
    )
}
