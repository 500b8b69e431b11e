//! A type of resource: how answers of reading operations become its facts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::catalog::reads::fact_spec;
use crate::catalog::reads::fact_spec::Facts;
use crate::catalog::reads::path::{Condition, Path, Text};
use crate::catalog::reads::service::NoExample;
use crate::catalog::registry::{DataFile, Fault, Folder, Step, folders};
use crate::expr::Schema;

/// Where resources of a type are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Listed region by region.
    #[default]
    Regional,
    /// Listed once an account.
    Global,
}

/// A type of resource, by the name that Terraform's AWS provider has for it; `account` and
/// `region` stand for what exists once in each.
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// Its name, which is that of its file: `aws_s3_bucket`.
    pub id: String,
    /// What people call one.
    pub title: String,
    /// What people call several.
    pub plural: String,
    /// Where they are.
    pub scope: Scope,
    /// How they are listed, the last step giving one item a resource. Without steps there is
    /// one resource.
    pub steps: Vec<ListStep>,
    /// The ARN of one.
    pub arn: Text,
    /// The name of one.
    pub name: Text,
    /// The region of one, where it is not that of the list.
    pub region: Option<Text>,
    /// Facts in the item of the list.
    pub facts: Facts,
    /// What is asked further, resource by resource where AWS forces it.
    pub reads: Vec<Read>,
}

/// A step of listing. Its operation is asked once for every item of the step before.
#[derive(Debug, Clone)]
pub struct ListStep {
    /// The operation: `ecs:ListClusters`.
    pub operation: String,
    /// Its input.
    pub input: Input,
    /// Where the items are in the answer.
    pub items: Path,
    /// What later steps call an item.
    pub binding: Option<String>,
    /// Which items count.
    pub keep: Option<Condition>,
    /// How many items of the step before one call takes.
    pub batch: usize,
    /// Error codes by which AWS says that there are none.
    pub absent: Vec<String>,
}

/// A call whose answer holds more facts.
#[derive(Debug, Clone)]
pub struct Read {
    /// The operation.
    pub operation: String,
    /// Its input.
    pub input: Input,
    /// Error codes by which AWS says that there is none.
    pub absent: Vec<String>,
    /// Whether it is asked at all.
    pub when: Option<Condition>,
    /// Where the items are in the answer, of which those are meant that `only` fits.
    pub items: Option<Path>,
    /// Which items belong to the resource.
    pub only: Option<Condition>,
    /// Whether nothing is known where none of the items fits.
    pub must_exist: bool,
    /// What later calls for the same resource call the answer, or the items.
    pub binding: Option<String>,
    /// The facts in the answer, or in the items.
    pub facts: Facts,
}

/// Input of a call by member.
pub type Input = Vec<(String, Given)>;

/// What is given for a member of an input.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A text with paths in it.
    Text(Text),
    /// A list of such; in a batch, one for every item.
    Texts(Vec<Text>),
    /// Anything else.
    Plain(Value),
}

/// What may be written in the file of a type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeForm {
    title: String,
    plural: String,
    #[serde(default)]
    scope: Scope,
    #[serde(default)]
    step: Vec<StepForm>,
    arn: String,
    name: String,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    facts: BTreeMap<String, String>,
    #[serde(default)]
    read: Vec<ReadForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepForm {
    operation: String,
    #[serde(default)]
    input: Map<String, Value>,
    items: String,
    #[serde(default, rename = "as")]
    binding: Option<String>,
    #[serde(default)]
    keep: Option<String>,
    #[serde(default = "one")]
    batch: usize,
    #[serde(default)]
    absent: Vec<String>,
}

fn one() -> usize {
    1
}

/// A call as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadForm {
    operation: String,
    #[serde(default)]
    input: Map<String, Value>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    when: Option<String>,
    #[serde(default)]
    items: Option<String>,
    #[serde(default)]
    only: Option<String>,
    #[serde(default)]
    must_exist: bool,
    #[serde(default, rename = "as")]
    binding: Option<String>,
    #[serde(default)]
    facts: BTreeMap<String, String>,
}

impl ResourceType {
    /// Returns the operations that it needs, each once, in the order in which they are asked.
    pub fn operations(&self) -> Vec<&str> {
        let listed = self.steps.iter().map(|step| step.operation.as_str());
        let mut all: Vec<&str> = Vec::new();
        for operation in listed.chain(self.reads.iter().map(|read| read.operation.as_str())) {
            if !all.contains(&operation) {
                all.push(operation);
            }
        }
        all
    }

    /// Returns the types of all its facts.
    pub fn schema(&self) -> Schema {
        let reads = self.reads.iter().map(|read| &read.facts);
        let all = std::iter::once(&self.facts).chain(reads);
        all.flat_map(fact_spec::schema).collect()
    }
}

/// The paths in an input.
fn paths(input: &Input) -> impl Iterator<Item = &Path> {
    input.iter().flat_map(|(_, given)| {
        let texts = match given {
            Given::Text(text) => std::slice::from_ref(text),
            Given::Texts(texts) => texts.as_slice(),
            Given::Plain(_) => &[],
        };
        texts.iter().flat_map(Text::paths)
    })
}

impl ListStep {
    /// Returns the paths that its input is made of.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        paths(&self.input)
    }
}

impl Read {
    /// Returns the paths that its input and the choice of its items are made of.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let only = self.only.iter().flat_map(Condition::wanted_paths);
        paths(&self.input).chain(only)
    }
}

/// Gives a fault of a text its place.
fn at<T>(path: impl IntoIterator<Item = Step>, parsed: Result<T, String>) -> Result<T, Fault> {
    parsed.map_err(|message| Fault::new(path, message))
}

impl StepForm {
    fn prove(self, index: usize) -> Result<ListStep, Fault> {
        let place = |key: &str| ["step".into(), index.into(), Step::from(key)];
        let keep = self.keep.as_deref().map(Condition::parse).transpose();
        let input = prove_input(self.input).map_err(|fault| fault.below(place("input")))?;
        if self.batch == 0 {
            return Err(Fault::new(place("batch"), "a call takes one item at least"));
        }
        Ok(ListStep {
            items: at(place("items"), Path::parse(&self.items))?,
            keep: at(place("keep"), keep)?,
            operation: self.operation,
            input,
            binding: self.binding,
            batch: self.batch,
            absent: self.absent,
        })
    }
}

impl ReadForm {
    fn prove(self, index: usize) -> Result<Read, Fault> {
        let place = |key: &str| ["read".into(), index.into(), Step::from(key)];
        let when = self.when.as_deref().map(Condition::parse).transpose();
        let only = self.only.as_deref().map(Condition::parse).transpose();
        let items = self.items.as_deref().map(Path::parse).transpose();
        let input = prove_input(self.input).map_err(|fault| fault.below(place("input")))?;
        Ok(Read {
            when: at(place("when"), when)?,
            items: at(place("items"), items)?,
            only: at(place("only"), only)?,
            facts: fact_spec::parse(&self.facts).map_err(|fault| fault.below(place("facts")))?,
            operation: self.operation,
            input,
            absent: self.absent,
            must_exist: self.must_exist,
            binding: self.binding,
        })
    }
}

fn prove_input(input: Map<String, Value>) -> Result<Input, Fault> {
    let given = input.into_iter().map(|(name, value)| {
        let given = match &value {
            Value::String(text) => Text::parse(text).map(Given::Text),
            Value::Array(all) if all.iter().all(Value::is_string) => {
                let texts = all.iter().filter_map(Value::as_str).map(Text::parse);
                texts.collect::<Result<_, _>>().map(Given::Texts)
            }
            _ => Ok(Given::Plain(value.clone())),
        };
        let given = at([Step::from(name.as_str())], given)?;
        Ok((name, given))
    });
    given.collect()
}

impl DataFile for ResourceType {
    const FOLDER: Folder = folders::READS_TYPES;
    const NOUN: &'static str = "resource type";
    type Form = TypeForm;
    type Example = NoExample;

    fn prove(id: &str, form: TypeForm) -> Result<Self, Fault> {
        let key = |key: &str| [Step::from(key)];
        let region = form.region.as_deref().map(Text::parse).transpose();
        let facts = fact_spec::parse(&form.facts).map_err(|fault| fault.below(key("facts")))?;
        let steps = form.step.into_iter().enumerate();
        let steps: Result<Vec<_>, _> = steps.map(|(index, step)| step.prove(index)).collect();
        let reads = form.read.into_iter().enumerate();
        let reads: Result<Vec<_>, _> = reads.map(|(index, read)| read.prove(index)).collect();
        let proven = Self {
            id: id.to_owned(),
            title: form.title,
            plural: form.plural,
            scope: form.scope,
            steps: steps?,
            arn: at(key("arn"), Text::parse(&form.arn))?,
            name: at(key("name"), Text::parse(&form.name))?,
            region: at(key("region"), region)?,
            facts,
            reads: reads?,
        };
        proven.refuse_duplicates()
    }

    fn examples(&self) -> &[NoExample] {
        &[]
    }
}

impl ResourceType {
    /// Makes the type of one resource that is known already, of which this is asked. Paths name it
    /// `$resource`.
    pub(in crate::catalog) fn of_known(
        id: &str,
        title: &str,
        reads: Vec<ReadForm>,
    ) -> Result<Self, Fault> {
        let text = |text: &str| Text::parse(text).map_err(|message| Fault::new([], message));
        let reads = reads.into_iter().enumerate();
        let reads: Result<Vec<_>, _> = reads.map(|(index, read)| read.prove(index)).collect();
        let proven = Self {
            id: id.to_owned(),
            title: title.to_owned(),
            plural: format!("{title}s"),
            scope: Scope::Regional,
            steps: Vec::new(),
            arn: text("{$resource.arn}")?,
            name: text("{$resource.name}")?,
            region: None,
            facts: Facts::new(),
            reads: reads?,
        };
        proven.refuse_duplicates()
    }

    fn refuse_duplicates(self) -> Result<Self, Fault> {
        match self.duplicate_fact() {
            Some((index, name)) => {
                let place: [Step; 4] = [
                    "read".into(),
                    index.into(),
                    "facts".into(),
                    name.as_str().into(),
                ];
                Err(Fault::new(
                    place,
                    format!("two calls give the fact `{name}`"),
                ))
            }
            None => Ok(self),
        }
    }

    fn duplicate_fact(&self) -> Option<(usize, String)> {
        let mut seen: Vec<&str> = self.facts.keys().map(|name| name.as_str()).collect();
        for (index, read) in self.reads.iter().enumerate() {
            for name in read.facts.keys() {
                if seen.contains(&name.as_str()) {
                    return Some((index, name.to_string()));
                }
                seen.push(name.as_str());
            }
        }
        None
    }
}
