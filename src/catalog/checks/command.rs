//! Commands that mend a failure, and the names in braces that stand for something of the resource.
//!
//! Braces around anything else belong to the command: JSON, and the short form of the AWS CLI.

use crate::catalog::configuration::Shape;
use crate::catalog::registry::{Fault, Step};
use crate::expr::{Type, Value};
use crate::model::configuration::ConfiguredResource;

/// Names that every resource has.
const OWN: [&str; 4] = ["name", "arn", "region", "account"];

/// A piece of a command.
enum Piece<'a> {
    /// As it is written.
    Text(&'a str),
    /// A name in braces.
    Name(&'a str),
}

fn pieces(command: &str) -> Vec<Piece<'_>> {
    let is_name = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b))
    };
    let (mut found, mut start, mut from) = (Vec::new(), 0, 0);
    while let Some(open) = command[from..].find('{').map(|at| from + at) {
        from = open + 1;
        let Some(close) = command[from..].find('}').map(|at| from + at) else {
            break;
        };
        let name = &command[from..close];
        if is_name(name) {
            found.push(Piece::Text(&command[start..open]));
            found.push(Piece::Name(name));
            start = close + 1;
            from = start;
        }
    }
    found.push(Piece::Text(&command[start..]));
    found
}

/// Proves that every name in it stands for something that one of the types has.
pub(super) fn prove(command: &str, shapes: &[&Shape]) -> Result<(), Fault> {
    let at = || [Step::from("fix"), Step::from("cli")];
    if command.trim().is_empty() {
        let fault = Fault::new(at(), "`cli` is empty");
        return Err(fault.fix("write the command, or say behind a `#` that there is none"));
    }
    let is_text = |name: &str| {
        let types = shapes.iter().filter_map(|shape| shape.facts.get(name));
        types
            .into_iter()
            .any(|it| matches!(it, Type::Text | Type::Word(_)))
    };
    for piece in pieces(command) {
        let Piece::Name(name) = piece else { continue };
        let is_known = match name.strip_prefix("resource.") {
            Some(fact) => is_text(fact),
            None => OWN.contains(&name),
        };
        if !is_known {
            let fault = Fault::new(at(), format!("nothing is called `{{{name}}}`"));
            return Err(fault.fix(
                "use `{name}`, `{arn}`, `{region}`, `{account}`, `{resource.…}` with a fact that \
                 is a text, or write what the reader has to put there in capitals",
            ));
        }
    }
    Ok(())
}

/// The command for a resource. What is not known of it stays as a word in capitals.
pub fn filled(command: &str, resource: &ConfiguredResource) -> String {
    let pieces = pieces(command.trim_end()).into_iter();
    let each = pieces.map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Name(name) => value(name, resource).unwrap_or_else(|| capitals(name)),
    });
    each.collect()
}

fn value(name: &str, resource: &ConfiguredResource) -> Option<String> {
    let text = match name {
        "name" => resource.name.raw().to_owned(),
        "arn" => resource.arn.as_ref()?.as_str().to_owned(),
        "region" => resource.region.as_str().to_owned(),
        "account" => resource.account.as_ref()?.as_str().to_owned(),
        fact => {
            let fact = resource.facts.get(fact.strip_prefix("resource.")?)?;
            let Value::Text(text) = fact.known()? else {
                return None;
            };
            text.raw().to_owned()
        }
    };
    // What others chose must be one word of the command, and no option of it.
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:+=@,".contains(&b);
    let is_word = !text.is_empty() && !text.starts_with('-') && text.bytes().all(is_plain);
    is_word.then_some(text)
}

fn capitals(name: &str) -> String {
    let name = name.strip_prefix("resource.").unwrap_or(name);
    name.to_ascii_uppercase().replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::configuration::Shapes;
    use crate::model::fact::{Fact, FactName};
    use crate::model::ids::Region;
    use crate::text::Untrusted;

    fn group(name: &str, id: Option<&str>) -> ConfiguredResource {
        let fact = id.map_or(Fact::Absent, |id| Fact::Known(Value::from(id)));
        ConfiguredResource {
            resource_type: "aws_security_group".to_owned(),
            arn: None,
            address: None,
            name: Untrusted::from(name),
            region: Region::new("eu-west-1").expect("a region"),
            account: None,
            facts: [(FactName::parse("id").expect("a name"), fact)].into(),
        }
    }

    #[test]
    fn names_are_filled_in_and_other_braces_stay() {
        let cases = [
            ("x {name} {region}", "x web eu-west-1"),
            ("x --group-id {resource.id}", "x --group-id sg-1"),
            ("x {arn} {account}", "x ARN ACCOUNT"),
            ("x {resource.vpc_id}", "x VPC_ID"),
            (
                "x '{\"Filter\":{},\"Name\":\"{name}\"}'",
                "x '{\"Filter\":{},\"Name\":\"web\"}'",
            ),
            (
                "x Remove=[{Group=all}] A={B=c}",
                "x Remove=[{Group=all}] A={B=c}",
            ),
            ("x { $.event } {", "x { $.event } {"),
            ("x {{name}}", "x {web}"),
            ("two\nlines\n", "two\nlines"),
        ];
        for (command, want) in cases {
            assert_eq!(filled(command, &group("web", Some("sg-1"))), want);
        }
    }

    #[test]
    fn what_a_shell_would_interpret_is_not_filled_in() {
        for name in [
            "a b",
            "$(reboot)",
            "a;b",
            "`a`",
            "a'b",
            "--profile=x",
            "",
            "a\nb",
            "*",
        ] {
            let found = filled("x {name} {resource.id}", &group(name, Some(name)));
            assert_eq!(found, "x NAME ID", "{name:?}");
        }
        assert_eq!(filled("x {resource.id}", &group("web", None)), "x ID");
    }

    #[test]
    fn a_name_that_nothing_has_is_a_fault() {
        let shapes = Shapes::built_in();
        let shape = |name| shapes.get(name).expect("a known type");
        let of = [shape("aws_security_group"), shape("aws_sqs_queue")];
        for good in [
            "aws x {name}",
            "aws x {resource.vpc_id} {resource.url}",
            "# nothing does it",
        ] {
            assert!(prove(good, &of).is_ok(), "{good}");
        }
        for bad in [
            "",
            " \n",
            "aws x {nam}",
            "aws x {resource.colour}",
            "aws x {resource.tags}",
        ] {
            assert!(prove(bad, &of).is_err(), "{bad}");
        }
    }
}
