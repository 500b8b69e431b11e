//! How far from the internet the interfaces are that a security group protects.

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::FactView;
use crate::core::known::Known;
use crate::model::fact::Value;
use crate::model::status::Severity;

/// What a group is attached to, the most exposed thing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Public,
    /// Attachments could not be read: taken for the worst.
    NotRead,
    LoadBalancer,
    Inside,
    Unattached,
}

impl Reach {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::Public | Self::NotRead => Severity::Critical,
            Self::LoadBalancer => Severity::High,
            Self::Inside => Severity::Medium,
            Self::Unattached => Severity::Low,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Public => "the group is attached to an interface with a public address",
            Self::NotRead => "what the group is attached to could not be read",
            Self::LoadBalancer => "the group is attached to an internet-facing load balancer",
            Self::Inside => "the group is attached to interfaces without a public address",
            Self::Unattached => "the group is attached to nothing",
        }
    }
}

/// Returns how far from the internet what a group is attached to is.
pub(super) fn of_group<'a>(estate: &Estate<'a>, group: FactView<'a>) -> Reach {
    let id = match group.text("id") {
        Ok(Some(id)) => id,
        _ => return Reach::NotRead,
    };
    of_id(estate, &id).unwrap_or(Reach::NotRead)
}

fn of_id(estate: &Estate<'_>, id: &str) -> Known<Reach> {
    let has_group =
        |view: FactView<'_>, list: &str| view.list(list)?.any(|item| Ok(matches_text(item, id)));
    let is_balancer = |view: &FactView<'_>| {
        let text = view.text("description").ok().flatten();
        text.is_some_and(|text| text.starts_with("ELB "))
    };
    let is_public = estate.any("aws_network_interface", |view| {
        let has_address = view.text("public_ip")?.is_some_and(|text| !text.is_empty());
        Ok(has_address && !is_balancer(&view) && has_group(view, "security_groups")?)
    });
    let of_instance = estate.any("aws_instance", |view| {
        let has_address = view.text("public_ip")?.is_some_and(|text| !text.is_empty());
        Ok(has_address && has_group(view, "vpc_security_group_ids")?)
    });
    if is_public == Ok(true) || of_instance == Ok(true) {
        return Ok(Reach::Public);
    }
    let is_public = is_public?;
    let of_balancer = estate.any("aws_lb", |view| {
        Ok(!view.flag("internal")? && has_group(view, "security_groups")?)
    });
    if of_balancer == Ok(true) {
        return Ok(Reach::LoadBalancer);
    }
    let is_attached = estate.any("aws_network_interface", |view| {
        has_group(view, "security_groups")
    });
    Ok(match (is_public, is_attached?) {
        (true, _) => Reach::Public,
        (false, true) => Reach::Inside,
        (false, false) => Reach::Unattached,
    })
}

fn matches_text(value: &Value, wanted: &str) -> bool {
    matches!(value, Value::Text(text) if text.raw() == wanted)
}
