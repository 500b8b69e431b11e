//! Checks: what is wrong with a resource, as data. One file each, evaluated over the facts of
//! live and of planned resources alike (`docs/checks.md`).

mod command;
mod example;
mod form;
mod needed_types;

use crate::catalog::configuration::{Shape, Shapes};
use crate::catalog::registry::{DataFile, Fault, Folder, Step, folders};
use crate::expr::{Expression, Schema, Type};
use crate::model::monitoring::ComplianceSection;
use crate::model::status::Severity;

pub use command::filled;
pub use example::CheckExample;
pub use form::{CheckForm, FixForm, SeverityForm};
pub use needed_types::needed_types;

/// A check that makes sense.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its id: the stem of its file. Never reused for another check.
    pub id: String,
    /// What its file says.
    pub form: CheckForm,
    /// Which resources it says something about.
    pub applies_when: Option<Expression>,
    /// The derived list whose items it evaluates.
    pub each: Option<String>,
    /// When it fails.
    pub fails_when: Expression,
    /// Other severities, the first that fits.
    pub severity_when: Vec<(Expression, Severity)>,
    /// Derived texts that prove a failure.
    pub evidence: Vec<String>,
}

impl Check {
    /// Whether it is evaluated under these rules: one about a rule that nobody made is not.
    pub fn is_wanted(&self, rules: &ComplianceSection) -> bool {
        self.form.rule.is_none_or(|rule| rules.has(rule))
    }
}

/// The type of `environment` in expressions.
fn environment() -> Type {
    Type::record([("name", Type::Text), ("critical", Type::Flag)])
}

impl DataFile for Check {
    const FOLDER: Folder = folders::CHECKS;
    const NOUN: &'static str = "check";
    type Form = CheckForm;
    type Example = CheckExample;

    fn prove(id: &str, form: CheckForm) -> Result<Self, Fault> {
        prove_id(id)?;
        prove_texts(&form)?;
        prove_references(&form.references)?;
        let shapes = prove_types(&form.applies_to)?;
        if let Some(cli) = &form.fix.cli {
            command::prove(cli, &shapes)?;
        }
        let derived = common(&shapes, |shape| &shape.derived);
        let each = form.each.as_deref();
        let each = each
            .map(|path| derived_name(path, &derived, "each"))
            .transpose()?;
        let schema = schema(&shapes, &derived, each.as_deref());
        let compile = |source: &str, path: Vec<Step>| {
            Expression::compile(source, &schema, &Type::Flag)
                .map_err(|fault| Fault::of_expression(path, fault))
        };
        let applies_when = form.applies_when.as_deref();
        let applies_when = applies_when.map(|source| compile(source, vec!["applies_when".into()]));
        let severity_when = form.severity_when.iter().enumerate().map(|(index, rule)| {
            let path = vec!["severity_when".into(), index.into(), "when".into()];
            Ok((compile(&rule.when, path)?, rule.severity))
        });
        let evidence = form.evidence.iter();
        let evidence = evidence.map(|path| derived_name(path, &derived, "evidence"));
        Ok(Self {
            id: id.to_owned(),
            applies_when: applies_when.transpose()?,
            each,
            fails_when: compile(&form.fails_when, vec!["fails_when".into()])?,
            severity_when: severity_when.collect::<Result<_, _>>()?,
            evidence: evidence.collect::<Result<_, _>>()?,
            form,
        })
    }

    fn examples(&self) -> &[CheckExample] {
        &self.form.example
    }
}

fn prove_id(id: &str) -> Result<(), Fault> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if id.len() <= 60 && id.contains('-') && id.split('-').all(is_word) {
        return Ok(());
    }
    let fault = Fault::new([], "the name of the file is not a valid id of a check");
    Err(fault.fix("use a few words of a-z and 0-9 joined by `-`, as in `s3-bucket-public`"))
}

fn prove_texts(form: &CheckForm) -> Result<(), Fault> {
    let texts = [
        ("title", &form.title),
        ("why", &form.why),
        ("otherwise", form.otherwise.as_ref().unwrap_or(&form.title)),
    ];
    for (key, text) in texts {
        if text.trim().is_empty() {
            return Err(Fault::new([Step::from(key)], format!("`{key}` is empty")));
        }
    }
    if form.needs.is_empty() {
        let fault = Fault::new([Step::from("needs")], "`needs` is empty");
        return Err(fault.fix("list the IAM actions that read what it asks about"));
    }
    for (index, action) in form.needs.iter().enumerate() {
        let is_action = action.split_once(':').is_some_and(|(service, name)| {
            let plain = |text: &str| {
                !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            plain(service) && plain(name)
        });
        if !is_action {
            let fault = Fault::new(["needs".into(), index.into()], "not an IAM action");
            return Err(fault.fix("write it as `s3:GetBucketPolicy`"));
        }
    }
    match (&form.applies_when, &form.otherwise) {
        (Some(_), None) => {
            let fault = Fault::new([Step::from("applies_when")], "`otherwise` is missing");
            Err(fault.fix("say why the check says nothing about the other resources"))
        }
        (None, Some(_)) => {
            let fault = Fault::new([Step::from("otherwise")], "there is no `applies_when`");
            Err(fault.fix("remove `otherwise`, or say when the check applies"))
        }
        _ => Ok(()),
    }
}

fn prove_references(all: &[String]) -> Result<(), Fault> {
    for (index, address) in all.iter().enumerate() {
        let host = address.strip_prefix("https://").unwrap_or_default();
        let host = host.split(['/', '#', '?']).next().unwrap_or_default();
        let is_plain = address
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
        if !host.contains('.') || host.contains('@') || !is_plain {
            let at = [Step::from("references"), index.into()];
            let fault = Fault::new(at, "not the address of a page");
            return Err(fault.fix("write it as `https://docs.example.com/page.html`"));
        }
    }
    Ok(())
}

fn prove_types(types: &[String]) -> Result<Vec<&'static Shape>, Fault> {
    if types.is_empty() {
        let fault = Fault::new([Step::from("applies_to")], "`applies_to` is empty");
        return Err(fault.fix("name a type of resource, such as `aws_s3_bucket`"));
    }
    let shapes = Shapes::built_in();
    let each = types.iter().enumerate().map(|(index, name)| {
        shapes
            .get(name)
            .ok_or_else(|| unknown_type(index, name, shapes))
    });
    each.collect()
}

fn unknown_type(index: usize, name: &str, shapes: &Shapes) -> Fault {
    let message = format!("the type `{name}` is not known");
    let fault = Fault::new(["applies_to".into(), index.into()], message);
    if let Some((parent, companion)) = shapes.parent_of(name) {
        return fault.fix(format!("ask about `{}` of `{parent}`", companion.fact));
    }
    let names = shapes.types().map(|(known, _)| known);
    match crate::text::similar::nearest(name, names) {
        Some(near) => fault.fix(format!("did you mean `{near}`?")),
        None => fault,
    }
}

/// The names that all types have in common, with what their types have in common.
fn common(shapes: &[&Shape], of: impl Fn(&Shape) -> &Schema) -> Schema {
    let schemas = shapes.iter().map(|shape| of(shape).clone());
    schemas
        .reduce(|one, other| meet_fields(&one, &other))
        .unwrap_or_default()
}

fn meet_fields(one: &Schema, other: &Schema) -> Schema {
    let each = one.iter().filter_map(|(name, found)| {
        let both = meet(found, other.get(name)?)?;
        Some((name.clone(), both))
    });
    each.collect()
}

fn meet(one: &Type, other: &Type) -> Option<Type> {
    match (one, other) {
        (Type::Record(one), Type::Record(other)) => Some(Type::record(meet_fields(one, other))),
        (Type::List(one), Type::List(other)) => meet(one, other).map(Type::list),
        (one, other) => (one == other).then(|| one.clone()),
    }
}

/// `derived.open_ports` → `open_ports`.
fn derived_name(path: &str, derived: &Schema, key: &str) -> Result<String, Fault> {
    let name = path.strip_prefix("derived.").unwrap_or_default();
    let is_list = matches!(derived.get(name), Some(Type::List(_)));
    if is_list {
        return Ok(name.to_owned());
    }
    let lists = derived.iter().filter(|(_, of)| matches!(of, Type::List(_)));
    let lists: Vec<String> = lists.map(|(name, _)| format!("`derived.{name}`")).collect();
    let fault = Fault::new([Step::from(key)], format!("`{path}` is no derived list"));
    Err(match lists.is_empty() {
        true => fault.fix("this type of resource has no derived lists"),
        false => fault.fix(format!("lists are {}", lists.join(", "))),
    })
}

fn schema(shapes: &[&Shape], derived: &Schema, each: Option<&str>) -> Schema {
    let of_pseudo = |name: &str| {
        let shape = Shapes::built_in().get(name);
        Type::record(shape.map(|shape| shape.facts.clone()).unwrap_or_default())
    };
    let resource = common(shapes, |shape| &shape.facts);
    let mut schema = Schema::from([
        ("resource".to_owned(), Type::record(resource)),
        ("derived".to_owned(), Type::record(derived.clone())),
        ("account".to_owned(), of_pseudo("account")),
        ("region".to_owned(), of_pseudo("region")),
        ("environment".to_owned(), environment()),
    ]);
    if let Some(Type::List(item)) = each.and_then(|name| derived.get(name)) {
        schema.insert("item".to_owned(), item.as_ref().clone());
    }
    schema
}
