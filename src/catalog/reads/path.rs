//! Paths into answers (`Reservations[].Instances[]`), and texts with such paths in them.

use std::fmt;

use serde_json::{Map, Value};

/// A path into an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The binding that it starts at (`$cluster`), the answer itself where absent.
    pub start: Option<String>,
    /// Its steps.
    pub steps: Vec<PathStep>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// To a member; among pairs of names and values, to the value of that name.
    Member(String),
    /// To each item of a list: `Rules[]`.
    Each,
    /// To one item of a list, counted from 0: `Rules[0]`.
    At(usize),
    /// To each value of an object: `Methods{}`.
    Values,
    /// To the items of a list with this member: `Versions[IsDefault=true]`.
    With(String, String),
}

impl Path {
    /// Parses a path; `.` is the whole.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut path = Self {
            start: None,
            steps: Vec::new(),
        };
        if text == "." {
            return Ok(path);
        }
        for (index, part) in parts(text).enumerate() {
            let ends = part.find(['[', '{']).unwrap_or(part.len());
            let (name, step) = part.split_at(ends);
            match name.strip_prefix('$') {
                Some(start) if index == 0 && is_name(start) => path.start = Some(start.to_owned()),
                None if is_name(name) => path.steps.push(PathStep::Member(name.to_owned())),
                None if name.is_empty() && !step.is_empty() && index == 0 => {}
                _ => return Err(format!("`{text}` is not a path such as `Rules[].Id`")),
            }
            path.steps.extend(parse_step(step)?);
        }
        Ok(path)
    }

    /// Returns what is there: nothing, one value, or those of each item on the way.
    pub fn select<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let mut here = vec![value];
        for step in &self.steps {
            here = match step {
                PathStep::Each => here.into_iter().flat_map(items).collect(),
                PathStep::At(index) => here
                    .into_iter()
                    .filter_map(|it| items(it).get(*index))
                    .collect(),
                PathStep::With(name, wanted) => {
                    let fits =
                        |it: &&Value| member(it, name).and_then(scalar).as_ref() == Some(wanted);
                    here.into_iter().flat_map(items).filter(fits).collect()
                }
                PathStep::Values => here
                    .into_iter()
                    .filter_map(Value::as_object)
                    .flat_map(Map::values)
                    .collect(),
                PathStep::Member(name) => here
                    .into_iter()
                    .filter_map(|value| member(value, name))
                    .collect(),
            };
        }
        here
    }

    /// Returns the first value that is there.
    pub fn first<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.select(value).into_iter().next()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self
            .start
            .as_ref()
            .map(|start| format!("${start}"))
            .unwrap_or_default();
        for step in &self.steps {
            match step {
                PathStep::Each => text.push_str("[]"),
                PathStep::At(index) => text.push_str(&format!("[{index}]")),
                PathStep::Values => text.push_str("{}"),
                PathStep::With(name, value) => text.push_str(&format!("[{name}={value}]")),
                PathStep::Member(name) if text.is_empty() => text.push_str(name),
                PathStep::Member(name) => text.push_str(&format!(".{name}")),
            }
        }
        f.write_str(if text.is_empty() { "." } else { &text })
    }
}

/// The parts between dots, apart from those inside brackets.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut is_inside = false;
    text.split(move |letter| {
        is_inside = match letter {
            '[' => true,
            ']' => false,
            _ => is_inside,
        };
        letter == '.' && !is_inside
    })
}

fn parse_step(text: &str) -> Result<Option<PathStep>, String> {
    Ok(Some(match text {
        "" => return Ok(None),
        "[]" => PathStep::Each,
        "{}" => PathStep::Values,
        other => {
            let inner = other.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            if let Some(index) = inner.and_then(|it| it.parse().ok()) {
                return Ok(Some(PathStep::At(index)));
            }
            let pair = inner.and_then(|it| it.split_once('='));
            let (name, value) = pair.ok_or_else(|| format!("`{other}` is not a step of a path"))?;
            PathStep::With(name.to_owned(), value.to_owned())
        }
    }))
}

fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    !text.is_empty() && text.bytes().all(fits)
}

/// Names of names and values in lists of pairs.
const PAIRS: [(&str, &str); 6] = [
    ("Key", "Value"),
    ("key", "value"),
    ("TagKey", "TagValue"),
    ("Name", "Value"),
    ("name", "value"),
    ("ParameterName", "ParameterValue"),
];

/// Returns the name and the value of a pair.
pub fn pair(value: &Value) -> Option<(&str, &Value)> {
    let fitting = PAIRS
        .iter()
        .find_map(|(name, of)| Some((value.get(name)?, value.get(of))));
    let (name, of) = fitting?;
    Some((name.as_str()?, of.unwrap_or(&Value::Null)))
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let found = match value {
        Value::Object(members) => members.get(name),
        Value::Array(pairs) => pairs
            .iter()
            .find_map(|it| pair(it).filter(|it| it.0 == name))
            .map(|it| it.1),
        _ => None,
    };
    found.filter(|value| !value.is_null())
}

/// Returns the elements of a list, whatever the answer made of it: absent, empty, one or many.
pub fn items(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::String(text) if text.trim().is_empty() => &[],
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

/// A text with paths in it: `arn:{$partition}:s3:::{Name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Plain(String),
    Path(Path),
}

impl Text {
    /// Parses a text.
    ///
    /// # Errors
    /// Where braces do not close, or what is in them is no path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let closed = after.split_once('}');
            let (path, behind) = closed.ok_or_else(|| format!("`{text}` lacks a `}}`"))?;
            parts.push(Part::Plain(before.to_owned()));
            parts.push(Part::Path(Path::parse(path)?));
            rest = behind;
        }
        parts.push(Part::Plain(rest.to_owned()));
        parts.retain(|part| *part != Part::Plain(String::new()));
        Ok(Self(parts))
    }

    /// Fills the paths in; `None` where one of them leads nowhere.
    pub fn fill<'a>(&self, find: &impl Fn(&Path) -> Option<&'a Value>) -> Option<String> {
        let parts = self.0.iter().map(|part| match part {
            Part::Plain(text) => Some(text.clone()),
            Part::Path(path) => scalar(find(path)?),
        });
        parts.collect()
    }

    /// Returns the paths in it.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter_map(|part| match part {
            Part::Path(path) => Some(path),
            Part::Plain(_) => None,
        })
    }
}

/// Returns what a leaf says.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// What a value is where there is none.
const NONE: &str = "none";

/// Whether a value is (or is not) one of some texts: `KeyManager is CUSTOMER|AWS`. `Key is not none`
/// asks whether there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is looked at.
    pub path: Path,
    /// The texts; of `none` there are none.
    wanted: Vec<Text>,
    is_negated: bool,
}

impl Condition {
    /// Parses a condition.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let split = [(" is not ", true), (" is ", false)];
        let split = split
            .iter()
            .find_map(|(word, negated)| Some((text.split_once(word)?, *negated)));
        let ((path, wanted), is_negated) =
            split.ok_or_else(|| format!("`{text}` is not a condition such as `State is a|b`"))?;
        let texts = wanted.split('|').filter(|_| wanted != NONE);
        let wanted: Result<Vec<Text>, String> = texts.map(Text::parse).collect();
        Ok(Self {
            path: Path::parse(path)?,
            wanted: wanted?,
            is_negated,
        })
    }

    /// Returns whether one of these values (or none, where it is negated) is one of the texts;
    /// `find` fills those in.
    pub fn holds<'a>(&self, values: &[&Value], find: &impl Fn(&Path) -> Option<&'a Value>) -> bool {
        let wanted: Vec<String> = self
            .wanted
            .iter()
            .filter_map(|text| text.fill(find))
            .collect();
        let mut said = values.iter().filter_map(|value| scalar(value));
        if self.wanted.is_empty() {
            return said.next().is_some() == self.is_negated;
        }
        said.any(|said| wanted.contains(&said)) != self.is_negated
    }

    /// Returns the paths in the texts that it wants.
    pub fn wanted_paths(&self) -> impl Iterator<Item = &Path> {
        self.wanted.iter().flat_map(Text::paths)
    }
}
