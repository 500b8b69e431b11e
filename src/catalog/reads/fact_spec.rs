//! How facts come out of an answer: `"flag StorageEncrypted or false"`.

use std::collections::BTreeMap;

use crate::catalog::reads::path::Path;
use crate::catalog::registry::{Fault, Step};
use crate::expr::{FactName, Schema, Type};

/// What a fact is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// True or false; with `is`, whether a word is one of these.
    Flag,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A JSON document, decoded where IAM has URL-encoded it.
    Json,
    /// A moment: ISO 8601, or seconds since 1970.
    Time,
    /// The same as a text, where Terraform has one.
    Stamp,
    /// Whether there is anything.
    Exists,
    /// Texts.
    Texts,
    /// Numbers.
    Numbers,
    /// Texts by name, from pairs such as `Key` and `Value`, or from an object.
    Named,
    /// A block that can occur once.
    Block,
    /// Blocks that can occur more often.
    Blocks,
}

const FORMS: [(&str, Form); 12] = [
    ("block", Form::Block),
    ("blocks", Form::Blocks),
    ("exists", Form::Exists),
    ("flag", Form::Flag),
    ("json", Form::Json),
    ("named", Form::Named),
    ("number", Form::Number),
    ("numbers", Form::Numbers),
    ("stamp", Form::Stamp),
    ("text", Form::Text),
    ("texts", Form::Texts),
    ("time", Form::Time),
];

/// How one fact comes out of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct FactSpec {
    /// What it is made of.
    pub form: Form,
    /// Where it is in the answer; a fact inside a block, in that of the block.
    pub path: Path,
    /// Words that make a flag true; the only texts that are taken.
    pub is: Vec<String>,
    /// What AWS means where it says nothing.
    pub default: Option<String>,
    /// The facts of a block.
    pub inside: Facts,
}

/// The default of lists: that there is nothing in them.
const NONE: &str = "none";

/// Facts by name.
pub type Facts = BTreeMap<FactName, FactSpec>;

/// Parses facts by name, in which `a.b` is the fact `b` of the block `a`.
///
/// # Errors
/// Where a name or a text makes no sense; its place begins at the name.
pub fn parse(texts: &BTreeMap<String, String>) -> Result<Facts, Fault> {
    let mut facts = Facts::new();
    for (name, text) in texts {
        let at = || [Step::from(name.as_str())];
        let spec = parse_one(text).map_err(|message| Fault::new(at(), message))?;
        insert(&mut facts, name, spec).map_err(|message| Fault::new(at(), message))?;
    }
    Ok(facts)
}

fn insert(into: &mut Facts, name: &str, spec: FactSpec) -> Result<(), String> {
    let Some((first, rest)) = name.split_once('.') else {
        let name = FactName::parse(name).map_err(|error| error.to_string())?;
        into.insert(name, spec);
        return Ok(());
    };
    match into.get_mut(first) {
        Some(block) if matches!(block.form, Form::Block | Form::Blocks) => {
            insert(&mut block.inside, rest, spec)
        }
        _ => Err(format!(
            "`{first}` is not a block: write `{first} = \"block …\"` too"
        )),
    }
}

/// `form path [is WORD|WORD] [or DEFAULT]`.
fn parse_one(text: &str) -> Result<FactSpec, String> {
    let mut words = text.split(' ');
    let form = words.next().unwrap_or_default();
    let form = FORMS.iter().find(|(name, _)| *name == form).map(|it| it.1);
    let form = form.ok_or_else(|| {
        let names: Vec<&str> = FORMS.iter().map(|it| it.0).collect();
        format!("expected one of {} and a path", names.join(", "))
    })?;
    let path = Path::parse(words.next().unwrap_or_default())?;
    let mut spec = FactSpec {
        form,
        path,
        is: Vec::new(),
        default: None,
        inside: Facts::new(),
    };
    loop {
        match (words.next(), words.next()) {
            (None, _) => return Ok(spec),
            (Some("is"), Some(list)) if matches!(form, Form::Flag | Form::Text) => {
                spec.is = list.split('|').map(str::to_owned).collect();
            }
            (Some("or"), Some(default)) if takes_default(form, default) => {
                spec.default = Some(default.to_owned());
            }
            (Some(word), _) => return Err(format!("`{word}` does not fit behind the path")),
        }
    }
}

fn takes_default(form: Form, default: &str) -> bool {
    match form {
        Form::Flag | Form::Exists => ["true", "false"].contains(&default),
        Form::Number => default.parse::<f64>().is_ok_and(f64::is_finite),
        Form::Text => !default.is_empty(),
        Form::Texts | Form::Numbers | Form::Named | Form::Blocks => default == NONE,
        _ => false,
    }
}

/// Returns the types of facts, for expressions about them.
pub fn schema(facts: &Facts) -> Schema {
    let types = facts.iter().map(|(name, spec)| {
        let of = match spec.form {
            Form::Flag | Form::Exists => Type::Flag,
            Form::Number => Type::Number,
            Form::Text | Form::Json | Form::Stamp => Type::Text,
            Form::Time => Type::Time,
            Form::Texts => Type::list(Type::Text),
            Form::Numbers => Type::list(Type::Number),
            Form::Named => Type::map(Type::Text),
            Form::Block => Type::record(schema(&spec.inside)),
            Form::Blocks => Type::list(Type::record(schema(&spec.inside))),
        };
        (name.as_str().to_owned(), of)
    });
    types.collect()
}
