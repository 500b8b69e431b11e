//! One grant for everything that a text says was denied.
//!
//! A grant names what was asked for and nothing wider, or what follows the same pattern of names.
//! What a message leaves open is refused with what to do, and never guessed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::catalog::access::{AccessReference, IamAction};
use crate::core::permissions::arn::ArnInText;
use crate::core::permissions::by_pattern::by_pattern;
use crate::core::permissions::guard::opened;
use crate::core::permissions::held::HeldPolicies;
use crate::core::permissions::need::GrantScope;
use crate::core::permissions::statement;
use crate::core::permissions::statement::{GLOBAL, GrantedAction, MOST_CHARACTERS, characters};
use crate::core::policy::{PolicyDocument, covers};
use crate::model::denial::{Denial, DenyType, ExplainedDenial, GrantHelps};
use crate::model::denied_grant::{DeniedGrantReport, PrincipalGrant, RefusedGrant};
use crate::model::preflight::GrantProposal;
use crate::text::Untrusted;

/// What fills the gaps of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProposalScope {
    /// The account, where a message masks it.
    pub account: Option<String>,
    /// The region that permissions on `*` are for, where a message names none.
    pub region: Option<String>,
    /// What the names of all resources begin with: a name that follows it stands for all that do.
    pub prefix: Option<String>,
    /// When the grant ends.
    pub until: Option<Timestamp>,
    /// Where a message names no resource: everything that is named after the pattern there.
    pub pattern: Option<GrantScope>,
}

/// Actions that let their holder change what others may do, or destroy what cannot be had back.
/// Nobody grants them because a message asks for it.
pub(super) const BY_HAND: [&str; 5] = [
    "iam:*policy*",
    "iam:*permissionsboundary",
    "kms:schedulekeydeletion",
    "organizations:*",
    "sts:assumerole*",
];

/// The service that an operation passes a role to.
const PASSED_BY: [(&str, &str); 8] = [
    ("CreateFunction", "lambda.amazonaws.com"),
    ("CreateService", "ecs-tasks.amazonaws.com"),
    ("CreateStateMachine", "states.amazonaws.com"),
    ("RegisterTaskDefinition", "ecs-tasks.amazonaws.com"),
    ("RunInstances", "ec2.amazonaws.com"),
    ("RunTask", "ecs-tasks.amazonaws.com"),
    ("UpdateFunctionConfiguration", "lambda.amazonaws.com"),
    ("UpdateStateMachine", "states.amazonaws.com"),
];

/// Proposes one grant for each user or role that was denied.
pub fn propose(denials: &[ExplainedDenial], scope: &ProposalScope) -> DeniedGrantReport {
    let mut by_principal: BTreeMap<Option<String>, BTreeSet<GrantedAction>> = BTreeMap::new();
    let mut notes: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
    let mut regions: BTreeMap<Option<String>, String> = BTreeMap::new();
    let mut refused = Vec::new();
    for one in denials {
        let denial = &one.denial;
        let principal = principal(denial);
        for action in asked(denial) {
            let found = permitted(one).and_then(|()| granted(denial, action, scope));
            match found {
                Ok(AskedPermission {
                    granted,
                    region,
                    note,
                }) => {
                    by_principal
                        .entry(principal.clone())
                        .or_default()
                        .extend(granted);
                    notes.entry(principal.clone()).or_default().extend(note);
                    if let Some(region) = region {
                        regions.entry(principal.clone()).or_insert(region);
                    }
                }
                Err(because) => refused.push(RefusedGrant {
                    action: action.map(Untrusted::new),
                    resource: denial.resource.clone(),
                    principal: denial.principal.clone(),
                    because: Untrusted::new(because),
                }),
            }
        }
    }
    let grants = by_principal.into_iter().map(|(principal, granted)| {
        let region = regions.remove(&principal).unwrap_or_default();
        let notes = notes.remove(&principal).unwrap_or_default();
        let granted: Vec<GrantedAction> = granted.into_iter().collect();
        PrincipalGrant {
            proposal: proposal(&granted, &region, scope, notes),
            principal: principal.map(Untrusted::new),
        }
    });
    DeniedGrantReport {
        version: "1.0.0".to_owned(),
        kind: "grants".to_owned(),
        grants: grants.collect(),
        refused,
    }
}

fn proposal(
    granted: &[GrantedAction],
    region: &str,
    scope: &ProposalScope,
    notes: BTreeSet<String>,
) -> GrantProposal {
    let policy = statement::policy(granted, region, scope.until);
    let characters = characters(&policy);
    let mut notes: Vec<String> = notes.into_iter().collect();
    if characters > MOST_CHARACTERS {
        notes.push(format!(
            "a managed policy holds {MOST_CHARACTERS} characters and this one has {characters}; \
             split it at a statement"
        ));
    }
    // An end of the grant is no hindrance to whoever uses it before.
    let lasting = statement::policy(granted, region, None);
    let escalations = match PolicyDocument::parse(&lasting.to_string()) {
        Ok(document) => opened(&HeldPolicies::default(), document),
        Err(why) => vec![format!("the grant could not be checked: {why}")],
    };
    GrantProposal {
        policy,
        characters,
        escalations,
        notes,
    }
}

/// The user or role whose policies count.
fn principal(denial: &Denial) -> Option<String> {
    let said = denial.principal.as_ref()?.raw();
    let identity = ArnInText::of(said).identity();
    Some(identity.unwrap_or_else(|| said.to_owned()))
}

/// Every action of a denial; one `None` where it names none.
fn asked(denial: &Denial) -> Vec<Option<&str>> {
    let named = denial.action.iter().chain(&denial.other_actions);
    let named: Vec<Option<&str>> = named.map(|one| Some(one.raw())).collect();
    match named.is_empty() {
        true => vec![None],
        false => named,
    }
}

/// Whether a grant to the caller can help at all.
fn permitted(one: &ExplainedDenial) -> Result<(), String> {
    match one.grant_helps {
        GrantHelps::Yes | GrantHelps::Maybe => Ok(()),
        GrantHelps::No => Err(format!(
            "a grant does not help. {}",
            trimmed(&one.explanation)
        )),
        GrantHelps::OnTheResource => Err(format!(
            "it has to be allowed on the side of the resource. {}",
            trimmed(&one.explanation)
        )),
    }
}

fn trimmed(sentence: &str) -> &str {
    sentence.trim_end_matches('.')
}

/// A permission that was asked for.
struct AskedPermission {
    granted: Vec<GrantedAction>,
    region: Option<String>,
    note: Option<String>,
}

fn granted(
    denial: &Denial,
    action: Option<&str>,
    scope: &ProposalScope,
) -> Result<AskedPermission, String> {
    let Some(said) = action else {
        return Err(match &denial.implied_action {
            Some(implied) => format!(
                "the message names no action; it is probably `{}`",
                implied.raw()
            ),
            None => "the message names no action".to_owned(),
        });
    };
    let Some(action) = AccessReference::built_in().action(said) else {
        return Err(
            "the action is not in the reference, so what it can be narrowed to is not known"
                .to_owned(),
        );
    };
    if BY_HAND.iter().any(|pattern| covers(pattern, &action.name)) {
        return Err(
            "it changes what others may do or cannot be undone: grant it by hand, if at all"
                .to_owned(),
        );
    }
    let passed_to = passed_to(denial, &action)?;
    let (resources, region) = resources(denial, &action, scope)?;
    let note = (denial.deny_type == DenyType::Unspecified).then(|| {
        "a message does not say which policy denied, so the grant may not be enough".to_owned()
    });
    Ok(AskedPermission {
        granted: resources
            .into_iter()
            .map(|resource| GrantedAction {
                action: action.name.clone(),
                resource,
                passed_to: passed_to.clone(),
            })
            .collect(),
        region,
        note,
    })
}

fn passed_to(denial: &Denial, action: &IamAction<'_>) -> Result<Option<String>, String> {
    if action.name != "iam:PassRole" {
        return Ok(None);
    }
    let operation = denial.operation.as_ref().map(|one| one.raw());
    let known = PASSED_BY.iter().find(|(name, _)| operation == Some(*name));
    match known {
        Some((_, service)) => Ok(Some((*service).to_owned())),
        None => Err(
            "the message does not say which service the role is passed to, and it is \
                     granted for one only"
                .to_owned(),
        ),
    }
}

/// What a grant names, and the region that one on `*` is for.
fn resources(
    denial: &Denial,
    action: &IamAction<'_>,
    scope: &ProposalScope,
) -> Result<(Vec<String>, Option<String>), String> {
    let said = denial.resource.as_ref().map(|one| one.raw());
    let is_narrow = !action.required.is_empty() || (!action.is_list && !action.optional.is_empty());
    // A listing asks for everything of its type, so that a narrower statement never fits.
    let asks_for_all =
        said.is_none_or(|said| said == "*" || said.ends_with(":*") || said.ends_with("/*"));
    if !is_narrow && asks_for_all {
        let (all, region) = everything(said, action, scope)?;
        return Ok((vec![all], region));
    }
    if let (None | Some("*"), Some(pattern)) = (said, &scope.pattern) {
        return Ok((by_pattern(action, pattern)?, None));
    }
    let Some(said) = said else {
        return Err("the message does not name what it was denied on".to_owned());
    };
    if said == "*" {
        return Err(
            "it was denied on `*` although it can be narrowed: find out what it was called for"
                .to_owned(),
        );
    }
    let arn = whole_arn(said, denial, scope)?;
    Ok((vec![widen(&arn, scope)], None))
}

fn everything(
    said: Option<&str>,
    action: &IamAction<'_>,
    scope: &ProposalScope,
) -> Result<(String, Option<String>), String> {
    let service = action.name.split(':').next().unwrap_or_default();
    if GLOBAL.contains(&service) {
        return Ok(("*".to_owned(), None));
    }
    let told = said.and_then(|said| ArnInText::of(said).region());
    let region = told.or_else(|| scope.region.clone()).ok_or(
        "the action can only be allowed on `*`, and in which region is not known: add `--region`",
    )?;
    if scope.region.as_ref().is_some_and(|other| *other != region) {
        return Err(format!(
            "it was denied in region {region}, not in the one that was given"
        ));
    }
    Ok(("*".to_owned(), Some(region)))
}

/// The ARN of what a message names: decoded, with one slash for two, and with its account.
fn whole_arn(said: &str, denial: &Denial, scope: &ProposalScope) -> Result<String, String> {
    let decoded = said
        .replace("%3A", ":")
        .replace("%3a", ":")
        .replace("%2F", "/")
        .replace("%2f", "/");
    let named = denial
        .principal
        .as_ref()
        .map(|one| ArnInText::of(one.raw()));
    let own = named.and_then(|arn| arn.account());
    let masked = || "the message masks the account: add `--account`".to_owned();
    let account = || {
        own.clone()
            .or_else(|| scope.account.clone())
            .ok_or_else(masked)
    };
    for (word, form) in [
        ("role ", "role"),
        ("user ", "user"),
        ("instance profile ", "instance-profile"),
        ("policy path ", "policy"),
    ] {
        if let Some(name) = decoded.strip_prefix(word) {
            let name = name.trim().trim_matches('/');
            let name = if name.is_empty() { "*" } else { name };
            return safe(format!("arn:aws:iam::{}:{form}/{name}", account()?));
        }
    }
    let mut parts: Vec<String> = decoded.splitn(6, ':').map(str::to_owned).collect();
    if parts.len() < 6 || parts[0] != "arn" {
        return Err("what it was denied on is no ARN".to_owned());
    }
    let is_account = |text: &str| {
        text.is_empty()
            || text == "aws"
            || text == "*"
            || (text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()))
    };
    if !is_account(&parts[4]) {
        parts[4] = account()?;
    }
    parts[5] = parts[5]
        .replace("role//", "role/")
        .replace("user//", "user/");
    safe(parts.join(":"))
}

/// Refuses what would not be the ARN of one thing, or of one type of thing.
fn safe(arn: String) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    if !arn.chars().all(is_plain) || arn.contains(['$', '{', '<', '"', '\\']) {
        return Err("what it was denied on has characters that no ARN has".to_owned());
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let is_wild = |part: &&str| part.contains(['*', '?']);
    if parts[..5].iter().any(is_wild) || parts[5].starts_with(['*', '?']) {
        return Err("what it was denied on is a pattern of any type or account".to_owned());
    }
    Ok(arn)
}

/// Everything that is named after the same pattern, where the name follows it.
fn widen(arn: &str, scope: &ProposalScope) -> String {
    let prefix = scope.prefix.as_deref().filter(|prefix| !prefix.is_empty());
    match prefix.and_then(|prefix| Some((arn.find(prefix)?, prefix))) {
        Some((at, prefix)) if arn[..at].ends_with([':', '/']) => {
            format!("{}*", &arn[..at + prefix.len()])
        }
        _ => arn.to_owned(),
    }
}
