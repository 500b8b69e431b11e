//! Security groups and network ACLs: sensitive ports that are open to every address.

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, list_in, number_in, text_in};
use crate::core::known::{Known, Obstacles, unclear};
use crate::core::policy::{AddressBlock, covers_everything, parse_cidr};
use crate::model::fact::Value;
use crate::text::escape;

use super::ports::{Protocol, SENSITIVE, named, within};
use super::reach;
use super::{DerivedFact, DerivedFacts, Place};

/// A rule that lets traffic in.
pub(super) struct IngressRule {
    pub(super) protocol: Protocol,
    pub(super) from: u16,
    pub(super) to: u16,
    pub(super) blocks: Vec<(String, AddressBlock)>,
}

pub(super) fn group<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let (rules, hidden) = match rules(estate, view) {
        Ok(found) => found,
        Err(obstacles) => {
            return DerivedFacts::from([("open_ports", DerivedFact::Unknown(obstacles))]);
        }
    };
    let mut places: Vec<Place> = rules.iter().filter_map(of_rule).collect();
    if places.is_empty() {
        places.extend(of_all(&rules));
    }
    if !places.is_empty() {
        let reach = reach::of_group(estate, view);
        for place in &mut places {
            place.severity = Some(reach.severity());
            place.text = format!("{}; {}", place.text, reach.words());
        }
    }
    DerivedFacts::from([("open_ports", DerivedFact::Places(places, hidden))])
}

/// Reads the rules that let traffic in, and what may hide others.
pub(super) fn rules(
    estate: &Estate<'_>,
    view: FactView<'_>,
) -> Known<(Vec<IngressRule>, Obstacles)> {
    let seen = view.list("ingress")?;
    let mut hidden = seen.hidden.clone();
    let mut out = Vec::new();
    for item in &seen.items {
        match rule(estate, item) {
            Ok((rule, more)) => {
                out.extend(rule);
                hidden.extend(more);
            }
            Err(obstacles) => hidden.extend(obstacles),
        }
    }
    Ok((out, hidden))
}

/// Reads one rule; `None` for protocols without ports.
fn rule(estate: &Estate<'_>, item: &Value) -> Known<(Option<IngressRule>, Obstacles)> {
    let protocol = text_in(item, "protocol")?.unwrap_or_else(|| "-1".to_owned());
    let Some(protocol) = Protocol::parse(&protocol) else {
        return Ok((None, Obstacles::new()));
    };
    let mut hidden = Obstacles::new();
    let mut blocks = Vec::new();
    for list in ["cidr_blocks", "ipv6_cidr_blocks"] {
        let seen = list_in(item, list)?;
        hidden.extend(seen.hidden.clone());
        for text in seen.texts() {
            add_block(&text, &mut blocks, &mut hidden);
        }
    }
    let lists = list_in(item, "prefix_list_ids")?;
    hidden.extend(lists.hidden.clone());
    for id in lists.texts() {
        match prefix_list(estate, &id) {
            Ok(texts) => texts
                .iter()
                .for_each(|text| add_block(text, &mut blocks, &mut hidden)),
            Err(obstacles) => hidden.extend(obstacles),
        }
    }
    let (from, to) = match protocol {
        Protocol::All => (0, u16::MAX),
        _ => range(number_in(item, "from_port")?, number_in(item, "to_port")?),
    };
    let rule = IngressRule {
        protocol,
        from,
        to,
        blocks,
    };
    Ok((Some(rule), hidden))
}

fn add_block(text: &str, blocks: &mut Vec<(String, AddressBlock)>, hidden: &mut Obstacles) {
    match parse_cidr(text) {
        Some(block) => blocks.push((text.to_owned(), block)),
        None => hidden.extend(unclear(format!(
            "`{}` is no block of addresses",
            escape::cut(text, 60)
        ))),
    }
}

/// Ports of a rule: without ports it is about all of them.
fn range(from: Option<f64>, to: Option<f64>) -> (u16, u16) {
    let port = |number: f64| {
        let is_port = (0.0..=f64::from(u16::MAX)).contains(&number);
        is_port.then_some(number as u16)
    };
    match (from.and_then(port), to.and_then(port)) {
        (Some(from), Some(to)) => (from, to),
        _ => (0, u16::MAX),
    }
}

fn prefix_list(estate: &Estate<'_>, id: &str) -> Known<Vec<String>> {
    let found = estate.find("aws_ec2_managed_prefix_list", "id", id)?;
    let Some(list) = found else {
        return Err(unclear(format!(
            "the prefix list `{}` was not found",
            escape::cut(id, 60)
        )));
    };
    let entries = list.list("entry")?;
    if !entries.hidden.is_empty() {
        return Err(entries.hidden);
    }
    let mut texts = Vec::new();
    for entry in &entries.items {
        texts.extend(text_in(entry, "cidr")?);
    }
    Ok(texts)
}

/// What one rule opens to everyone.
fn of_rule(rule: &IngressRule) -> Option<Place> {
    let blocks: Vec<AddressBlock> = rule.blocks.iter().map(|(_, block)| *block).collect();
    covers_everything(&blocks)?;
    let ports = within(rule.protocol, rule.from, rule.to);
    if ports.is_empty() {
        return None;
    }
    let mut sources: Vec<&str> = rule.blocks.iter().map(|(text, _)| text.as_str()).collect();
    sources.sort_unstable();
    let sources = sources.join(",");
    let word = rule.protocol.word();
    let span = match (rule.protocol, rule.from == rule.to) {
        (Protocol::All, _) => "all".to_owned(),
        (_, true) => rule.from.to_string(),
        (_, false) => format!("{}-{}", rule.from, rule.to),
    };
    let shown = escape::cut(&sources, 60);
    let text = format!("{word} {span} is open to {shown}: {}", named(&ports));
    Some(Place::new(format!("{word}:{span}:{sources}"), text))
}

/// What all rules together open to everyone, where none does alone.
fn of_all(rules: &[IngressRule]) -> Vec<Place> {
    let mut places = Vec::new();
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        for (port, name) in SENSITIVE {
            if within(protocol, port, port).is_empty() {
                continue;
            }
            let meant = |rule: &&IngressRule| {
                let is_of = rule.protocol == protocol || rule.protocol == Protocol::All;
                is_of && (rule.from..=rule.to).contains(&port)
            };
            let blocks = rules.iter().filter(meant).flat_map(|rule| &rule.blocks);
            let blocks: Vec<AddressBlock> = blocks.map(|(_, block)| *block).collect();
            if covers_everything(&blocks).is_some() {
                let word = protocol.word();
                let text = format!(
                    "{word} {port} ({name}) is open to every address by several rules together"
                );
                places.push(Place::new(format!("{word}:{port}:together"), text));
            }
        }
    }
    places
}

/// Whether rules let any address in at a port.
pub(super) fn lets_everyone_in(rules: &[IngressRule], port: u16) -> bool {
    let meant = |rule: &&IngressRule| {
        rule.protocol != Protocol::Udp && (rule.from..=rule.to).contains(&port)
    };
    let blocks = rules.iter().filter(meant).flat_map(|rule| &rule.blocks);
    let blocks: Vec<AddressBlock> = blocks.map(|(_, block)| *block).collect();
    covers_everything(&blocks).is_some()
}

/// A network ACL evaluates its rules by number, and the first that fits decides.
pub(super) fn network_acl(view: FactView<'_>) -> DerivedFacts {
    let found = acl_places(view);
    let fact = match found {
        Ok((places, hidden)) => DerivedFact::Places(places, hidden),
        Err(obstacles) => DerivedFact::Unknown(obstacles),
    };
    DerivedFacts::from([("open_ports", fact)])
}

/// Ports of TCP that people administer machines by. RDP may go on over UDP, after it has begun
/// over TCP.
const ADMINISTRATION: [(u16, &str); 2] = [(22, "SSH"), (3389, "RDP")];

/// A rule of a network ACL about incoming traffic.
struct AclEntry {
    number: f64,
    protocol: Protocol,
    ports: (u16, u16),
    allows: bool,
    source: String,
}

impl AclEntry {
    /// Whether it is about packets to a port from a whole block of addresses.
    fn fits(&self, port: u16, source: &str) -> bool {
        self.protocol != Protocol::Udp
            && (self.ports.0..=self.ports.1).contains(&port)
            && self.source == source
    }
}

/// Reads a rule; `None` for protocols without ports.
fn acl_entry(item: &Value) -> Known<Option<AclEntry>> {
    let number = number_in(item, "rule_no")?.unwrap_or(f64::MAX);
    let protocol = text_in(item, "protocol")?.unwrap_or_else(|| "-1".to_owned());
    let Some(protocol) = Protocol::parse(&protocol) else {
        return Ok(None);
    };
    let ports = match protocol {
        Protocol::All => (0, u16::MAX),
        Protocol::Tcp | Protocol::Udp => {
            range(number_in(item, "from_port")?, number_in(item, "to_port")?)
        }
    };
    let action = text_in(item, "action")?;
    let sources = [
        text_in(item, "cidr_block")?,
        text_in(item, "ipv6_cidr_block")?,
    ];
    let source = sources.into_iter().flatten().find(|text| !text.is_empty());
    Ok(Some(AclEntry {
        number,
        protocol,
        ports,
        allows: action.is_some_and(|word| word.eq_ignore_ascii_case("allow")),
        source: source.unwrap_or_default(),
    }))
}

fn acl_places(view: FactView<'_>) -> Known<(Vec<Place>, Obstacles)> {
    let seen = view.list("ingress")?;
    let mut entries = Vec::new();
    for item in &seen.items {
        entries.extend(acl_entry(item)?);
    }
    entries.sort_by(|one, other| one.number.total_cmp(&other.number));
    let mut places = Vec::new();
    for (port, name) in ADMINISTRATION {
        for source in ["0.0.0.0/0", "::/0"] {
            let first = entries.iter().find(|entry| entry.fits(port, source));
            if first.is_some_and(|entry| entry.allows) {
                let text = format!("port {port} ({name}) is open to {source}");
                places.push(Place::new(format!("{port}:{source}"), text));
            }
        }
    }
    Ok((places, seen.hidden))
}
