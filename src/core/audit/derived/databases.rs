//! Databases: whether one that calls itself public can be reached.

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, text_in};
use crate::core::known::{Known, all};
use crate::model::fact::Value;

use super::network::{lets_everyone_in, rules};
use super::{DerivedFact, DerivedFacts};

/// How exposed a database is: `none` without a public address; `open` where the internet
/// reaches its port; `routed` or `grouped` where only one of the two links is there, `closed`
/// where none is.
pub(super) fn instance<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let (exposure, because) = match view.flag("publicly_accessible") {
        Ok(true) => links(estate, view),
        Ok(false) => (Ok("none"), Vec::new()),
        Err(obstacles) => (Err(obstacles), Vec::new()),
    };
    DerivedFacts::from([
        ("exposure", DerivedFact::from(exposure.map(Value::from))),
        ("exposure_because", DerivedFact::from(because)),
    ])
}

fn links<'a>(estate: &Estate<'a>, view: FactView<'a>) -> (Known<&'static str>, Vec<String>) {
    let routed = is_routed(estate, view);
    let grouped = is_grouped(estate, view);
    let mut because = vec!["it has a public address".to_owned()];
    because.push(match &routed {
        Ok(true) => "its subnets have a route to an internet gateway".to_owned(),
        Ok(false) => "its subnets have no route to an internet gateway".to_owned(),
        Err(_) => "whether its subnets have a route to the internet could not be read".to_owned(),
    });
    because.push(match &grouped {
        Ok(true) => "a security group opens its port to everyone".to_owned(),
        Ok(false) => "no security group opens its port to everyone".to_owned(),
        Err(_) => "whether a security group opens its port could not be read".to_owned(),
    });
    // A link that could not be read is taken to be there: only one that is missing helps.
    let word = match (routed.unwrap_or(true), grouped.unwrap_or(true)) {
        (true, true) => "open",
        (true, false) => "routed",
        (false, true) => "grouped",
        (false, false) => "closed",
    };
    (Ok(word), because)
}

fn is_grouped<'a>(estate: &Estate<'a>, view: FactView<'a>) -> Known<bool> {
    let port = view.get("port")?.and_then(|value| value.as_number());
    let port = port.map_or(0, |number| number as u16);
    let ids = view.list("vpc_security_group_ids")?;
    ids.any(|id| {
        let Value::Text(id) = id else {
            return Ok(false);
        };
        let Some(group) = estate.find("aws_security_group", "id", id.raw())? else {
            return Ok(false);
        };
        let (rules, hidden) = rules(estate, group)?;
        match lets_everyone_in(&rules, port) {
            false if !hidden.is_empty() => Err(hidden),
            found => Ok(found),
        }
    })
}

fn is_routed<'a>(estate: &Estate<'a>, view: FactView<'a>) -> Known<bool> {
    let Some(name) = view.text("db_subnet_group_name")? else {
        return Ok(true);
    };
    let Some(group) = estate.find("aws_db_subnet_group", "name", &name)? else {
        return Ok(true);
    };
    group.list("subnet_ids")?.any(|id| match id {
        Value::Text(id) => is_public_subnet(estate, id.raw()),
        _ => Ok(false),
    })
}

/// Whether the route table of a subnet, or the main one of its VPC, leads to an internet gateway.
fn is_public_subnet(estate: &Estate<'_>, subnet: &str) -> Known<bool> {
    let of_subnet = |table: FactView<'_>| {
        table
            .list("associations")?
            .any(|one| Ok(text_in(one, "subnet_id")?.as_deref() == Some(subnet)))
    };
    let has_own = estate.any("aws_route_table", of_subnet)?;
    let vpc = match estate.find("aws_subnet", "id", subnet)? {
        Some(found) => found.text("vpc_id")?,
        None => None,
    };
    estate.any("aws_route_table", |table| {
        let is_it = match has_own {
            true => of_subnet(table)?,
            false => table.flag("is_main")? && table.text("vpc_id")? == vpc,
        };
        all([Ok(is_it), leads_out(table)])
    })
}

fn leads_out(table: FactView<'_>) -> Known<bool> {
    table.list("route")?.any(|route| {
        let to = text_in(route, "cidr_block")?;
        let to_v6 = text_in(route, "ipv6_cidr_block")?;
        let gateway = text_in(route, "gateway_id")?;
        let is_all = to.as_deref() == Some("0.0.0.0/0") || to_v6.as_deref() == Some("::/0");
        Ok(is_all && gateway.is_some_and(|id| id.starts_with("igw-")))
    })
}
