//! What may be written in the file of an action, and the proof that it makes sense.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::example::ActionExample;
use super::{
    Action, Before, DefaultLevel, Given, Keep, Objection, Parameter, ParameterKind,
    RESOURCE_FIELDS, Risk, Stop, Template, Undo, Write,
};
use crate::catalog::placeholders::placeholders;
use crate::catalog::reads::resource_type::{ReadForm, ResourceType};
use crate::catalog::registry::{Fault, Step};
use crate::expr::{Expression, Schema, Type};

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionForm {
    title: String,
    verb: String,
    does: String,
    kinds: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    helps: Vec<String>,
    #[serde(default)]
    undo_only: bool,
    interruption: String,
    traffic: String,
    risk: Risk,
    #[serde(default)]
    level: DefaultLevel,
    repeat_safe: bool,
    #[serde(default = "one_minute")]
    settle_seconds: u32,
    limit_seconds: u32,
    #[serde(default)]
    terraform: Option<String>,
    #[serde(default)]
    code: BTreeMap<String, String>,
    #[serde(default)]
    parameters: BTreeMap<String, ParameterForm>,
    #[serde(default)]
    read: Vec<ReadForm>,
    #[serde(default)]
    volatile: Vec<String>,
    #[serde(default)]
    before: BTreeMap<String, Before>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    from: String,
    to: String,
    #[serde(default)]
    refuse: Vec<ObjectionForm>,
    #[serde(default)]
    warn: Vec<ObjectionForm>,
    #[serde(default)]
    nothing: Option<ObjectionForm>,
    write: Vec<WriteForm>,
    done: String,
    #[serde(default)]
    failed: Option<ObjectionForm>,
    #[serde(default)]
    stop: Option<StopForm>,
    undo: UndoForm,
    #[serde(default)]
    example: Vec<ActionExample>,
}

fn one_minute() -> u32 {
    60
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParameterForm {
    about: String,
    #[serde(default)]
    min: Option<f64>,
    #[serde(default)]
    max: Option<f64>,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default)]
    example: Option<String>,
    #[serde(default)]
    default: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectionForm {
    when: String,
    say: String,
    #[serde(default)]
    instead: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteForm {
    operation: String,
    #[serde(default)]
    input: Map<String, Value>,
    #[serde(default)]
    when: Option<String>,
    #[serde(default, rename = "as")]
    binding: Option<String>,
    #[serde(default)]
    until: Option<String>,
    #[serde(default)]
    enough_seconds: Option<String>,
    #[serde(default)]
    already: Vec<String>,
    #[serde(default)]
    keep: Option<Keep>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StopForm {
    when: String,
    say: String,
    running: String,
    by_hand: String,
    operation: String,
    #[serde(default)]
    input: Map<String, Value>,
    #[serde(default)]
    already: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UndoForm {
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    #[serde(default)]
    when: Option<String>,
    #[serde(default)]
    otherwise: Option<String>,
    #[serde(default)]
    cannot: Option<String>,
}

/// Compiles texts against the names that there are.
struct Compiler {
    schema: Schema,
    texts: BTreeSet<String>,
}

type Path = Vec<Step>;

impl Compiler {
    fn expression(&self, at: Path, text: &str, of: &Type) -> Result<Expression, Fault> {
        Expression::compile(text, &self.schema, of).map_err(|fault| Fault::of_expression(at, fault))
    }

    fn flag(&self, at: Path, text: Option<&String>) -> Result<Option<Expression>, Fault> {
        text.map(|text| self.expression(at, text, &Type::Flag))
            .transpose()
    }

    fn template(&self, at: Path, text: String) -> Result<Template, Fault> {
        let names = placeholders(&text).map_err(|message| Fault::new(at.clone(), message))?;
        let unknown = names.iter().find(|(name, _)| !self.texts.contains(*name));
        match unknown {
            Some((name, _)) => {
                let message = format!("`{{{name}}}` is no value, no parameter and no field");
                Err(Fault::new(at, message))
            }
            None => Ok(Template(text)),
        }
    }

    fn objection(&self, at: Path, form: ObjectionForm) -> Result<Objection, Fault> {
        let key = |key: &str| [at.clone(), vec![key.into()]].concat();
        Ok(Objection {
            when: self.expression(key("when"), &form.when, &Type::Flag)?,
            say: self.template(key("say"), form.say)?,
            instead: form.instead,
        })
    }

    fn objections(&self, key: &str, all: Vec<ObjectionForm>) -> Result<Vec<Objection>, Fault> {
        let each = all.into_iter().enumerate();
        each.map(|(index, one)| self.objection(vec![key.into(), index.into()], one))
            .collect()
    }

    fn given(&self, at: &Path, value: &Value) -> Result<Given, Fault> {
        Ok(match value {
            Value::String(text) => {
                Given::Computed(self.expression(at.clone(), text, &Type::Any)?)
            }
            Value::Object(members) => Given::Members(self.members(at, members)?),
            Value::Array(items) => {
                let each = items.iter().enumerate().map(|(index, item)| {
                    self.given(&[at.clone(), vec![index.into()]].concat(), item)
                });
                Given::List(each.collect::<Result<_, _>>()?)
            }
            plain => Given::Plain(plain.clone()),
        })
    }

    fn members(
        &self,
        at: &Path,
        members: &Map<String, Value>,
    ) -> Result<BTreeMap<String, Given>, Fault> {
        let each = members.iter().map(|(name, value)| {
            let at = [at.clone(), vec![name.as_str().into()]].concat();
            Ok((name.clone(), self.given(&at, value)?))
        });
        each.collect()
    }

    fn expressions(
        &self,
        at: &Path,
        texts: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Expression>, Fault> {
        let each = texts.iter().map(|(name, text)| {
            let at = [at.clone(), vec![name.as_str().into()]].concat();
            Ok((name.clone(), self.expression(at, text, &Type::Any)?))
        });
        each.collect()
    }

    fn write(&self, index: usize, form: WriteForm) -> Result<Write, Fault> {
        let at = |key: &str| -> Path { vec!["write".into(), index.into(), key.into()] };
        Ok(Write {
            input: self.members(&at("input"), &form.input)?,
            when: self.flag(at("when"), form.when.as_ref())?,
            until: self.flag(at("until"), form.until.as_ref())?,
            enough_seconds: form
                .enough_seconds
                .map(|text| self.expression(at("enough_seconds"), &text, &Type::Number))
                .transpose()?,
            already: form.already,
            operation: form.operation,
            binding: form.binding,
            keep: form.keep,
        })
    }

    fn stop(&self, form: StopForm) -> Result<Stop, Fault> {
        let objection = ObjectionForm {
            when: form.when,
            say: form.say,
            instead: None,
        };
        let at = |key: &str| -> Path { vec!["stop".into(), key.into()] };
        let input_at = at("input");
        Ok(Stop {
            running: self.expression(at("running"), &form.running, &Type::Flag)?,
            by_hand: self.template(at("by_hand"), form.by_hand)?,
            objection: self.objection(vec!["stop".into()], objection)?,
            write: Write {
                input: self.members(&input_at, &form.input)?,
                operation: form.operation,
                when: None,
                until: None,
                enough_seconds: None,
                already: form.already,
                binding: None,
                keep: None,
            },
        })
    }

    fn undo(&self, form: UndoForm) -> Result<Undo, Fault> {
        let at = |key: &str| -> Path { vec!["undo".into(), key.into()] };
        match (form.action, form.cannot) {
            (None, Some(why)) => Ok(Undo::Cannot(why)),
            (Some(action), None) => Ok(Undo::By {
                action,
                parameters: self.expressions(&at("parameters"), &form.parameters)?,
                when: self.flag(at("when"), form.when.as_ref())?,
                otherwise: form.otherwise,
            }),
            _ => {
                let message = "write `action = …`, or `cannot = …` with the reason";
                Err(Fault::new([Step::from("undo")], message))
            }
        }
    }
}

/// Proves that a file makes sense.
pub(super) fn prove(id: &str, form: ActionForm) -> Result<Action, Fault> {
    let reads = ResourceType::of_known(id, &form.title, form.read)?;
    let current = current(&reads, &form.before);
    let early = Compiler::new(&current, None);
    let parameters = parameters(&early, form.parameters)?;
    let mut late = Compiler::new(&current, Some(&parameters));
    let key = |key: &str| -> Path { vec![key.into()] };
    let values = late.expressions(&key("values"), &form.values)?;
    late.texts.extend(values.keys().cloned());
    let writes = form.write.into_iter().enumerate();
    let objection = |name: &str, form: Option<ObjectionForm>| {
        form.map(|form| late.objection(key(name), form)).transpose()
    };
    refuse_unknown_facts(&form.volatile, &current)?;
    Ok(Action {
        id: id.to_owned(),
        does: late.template(key("does"), form.does)?,
        from: late.template(key("from"), form.from)?,
        to: late.template(key("to"), form.to)?,
        refuse: late.objections("refuse", form.refuse)?,
        warn: late.objections("warn", form.warn)?,
        nothing: objection("nothing", form.nothing)?,
        failed: objection("failed", form.failed)?,
        stop: form.stop.map(|form| late.stop(form)).transpose()?,
        writes: writes
            .map(|(index, write)| late.write(index, write))
            .collect::<Result<_, _>>()?,
        done: late.expression(key("done"), &form.done, &Type::Flag)?,
        undo: late.undo(form.undo)?,
        title: form.title,
        verb: form.verb,
        kinds: form.kinds,
        aliases: form.aliases,
        helps: form.helps,
        is_undo_only: form.undo_only,
        interruption: form.interruption,
        traffic: form.traffic,
        risk: form.risk,
        level: form.level,
        is_repeat_safe: form.repeat_safe,
        settle_seconds: form.settle_seconds,
        limit_seconds: form.limit_seconds,
        parameters,
        reads,
        volatile: form.volatile,
        before: form.before,
        values,
        terraform: form.terraform,
        code: late.expressions(&key("code"), &form.code)?,
        program: None,
        examples: form.example,
    })
}

fn refuse_unknown_facts(volatile: &[String], current: &Schema) -> Result<(), Fault> {
    match volatile.iter().find(|name| !current.contains_key(*name)) {
        Some(name) => {
            let message = format!("`{name}` is not a fact");
            Err(Fault::new([Step::from("volatile")], message))
        }
        None => Ok(()),
    }
}

/// The facts that are read, and those that are found in lists.
fn current(reads: &ResourceType, before: &BTreeMap<String, Before>) -> Schema {
    let mut all = reads.schema();
    all.extend(before.keys().map(|name| (name.clone(), Type::Text)));
    all
}

impl Compiler {
    fn new(current: &Schema, parameters: Option<&BTreeMap<String, Parameter>>) -> Self {
        let text = |name: &&str| ((*name).to_owned(), Type::Text);
        let resource: Schema = RESOURCE_FIELDS.iter().map(text).collect();
        let mut schema = Schema::from([
            ("resource".to_owned(), Type::record(resource)),
            ("current".to_owned(), Type::record(current.clone())),
        ]);
        let mut texts: BTreeSet<String> = RESOURCE_FIELDS.map(str::to_owned).into();
        if let Some(parameters) = parameters {
            let types = parameters.iter().map(|(name, one)| {
                let of = match one.kind {
                    ParameterKind::Number { .. } => Type::Number,
                    ParameterKind::Text { .. } | ParameterKind::Choice { .. } => Type::Text,
                };
                (name.clone(), of)
            });
            texts.extend(parameters.keys().cloned());
            schema.insert("parameters".to_owned(), Type::record(types));
            schema.insert("was".to_owned(), Type::record(current.clone()));
            schema.insert("made".to_owned(), Type::map(Type::Any));
            schema.insert("token".to_owned(), Type::Text);
            schema.insert("now".to_owned(), Type::Text);
        }
        Self { schema, texts }
    }
}

fn parameters(
    compiler: &Compiler,
    forms: BTreeMap<String, ParameterForm>,
) -> Result<BTreeMap<String, Parameter>, Fault> {
    let each = forms.into_iter().map(|(name, form)| {
        let at = |key: &str| -> Path { ["parameters", name.as_str(), key].map(Step::from).into() };
        let (kind, of) = match (form.min, form.max, &form.pattern, &form.example) {
            (Some(min), Some(max), None, None) if min <= max => {
                (ParameterKind::Number { min, max }, Type::Number)
            }
            (None, None, Some(pattern), Some(example)) => {
                let pattern = Regex::new(&format!("^(?:{pattern})$"))
                    .map_err(|error| Fault::new(at("pattern"), error.to_string()))?;
                let example = example.clone();
                (ParameterKind::Text { pattern, example }, Type::Text)
            }
            _ => {
                let message =
                    "write `min` and `max` of a number, or `pattern` and `example` of a text";
                return Err(Fault::new(at("about"), message));
            }
        };
        let default = form.default.as_deref();
        let default = default.map(|text| compiler.expression(at("default"), text, &of));
        let parameter = Parameter {
            about: form.about,
            kind,
            default: default.transpose()?,
        };
        Ok((name, parameter))
    });
    each.collect()
}
