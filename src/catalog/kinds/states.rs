//! The states that a kind's status call may tell of, and what each means.
//!
//! A table in the kind's file, so that the words of AWS are data: `docs/development/adding-a-kind.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalog::placeholders::placeholders;
use crate::catalog::registry::{Fault, Step};
use crate::expr::{Expression, Fact, Schema, Type, Unknown, Value};
use crate::model::fact::FactName;
use crate::model::snapshot::Condition;
use crate::model::status::Status;

/// The name under which conditions of states may ask when the window ended, in seconds since
/// 1970: what is younger than a fact that is such a moment has had no time to become bad.
pub const WINDOW_END: &str = "window_end";

/// Unit of facts that are texts.
pub const TEXT: &str = "text";

/// One row: a state that AWS may tell of, and what it means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateRow {
    /// The word of AWS that this row is about: the value of the fact that `status.word` names.
    #[serde(default)]
    pub word: Option<String>,
    /// What else must be true: an expression over facts, and `window_end`.
    #[serde(default)]
    pub when: Option<String>,
    /// What it means for whoever uses the resource.
    pub means: Meaning,
    /// What the state is called in reports (default: AWS's word).
    #[serde(default)]
    pub shown: Option<String>,
    /// The sentence in reports, over `{fact}` names (default: `state is …`).
    #[serde(default)]
    pub says: Option<String>,
    /// What AWS says that it means.
    pub aws: String,
    /// Whether AWS reports metrics in this state. Where it does not, the lack of metrics is no
    /// gap.
    #[serde(default = "yes")]
    pub measured: bool,
    /// Indicators that may miss their targets in this state: they are shown, and make no problem.
    #[serde(default)]
    pub excuses: Vec<String>,
    /// Indicators that show the same failure: where one misses its target, the state is evidence
    /// for that problem and makes none of its own.
    #[serde(default)]
    pub explains: Vec<String>,
    /// Facts of resources in this state. A row with `when` needs at least one; for one without,
    /// its word is a case by itself.
    #[serde(default)]
    pub cases: Vec<BTreeMap<String, GivenValue>>,
}

fn yes() -> bool {
    true
}

/// What a state means for whoever uses the resource.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// It works.
    Healthy,
    /// It works, or will in a moment, and is being changed. HEALTHY, and said.
    Changing,
    /// AWS does not say enough to know: UNKNOWN.
    Unknown,
    /// It works with a fault, or may soon not work: DEGRADED.
    Degraded,
    /// Someone switched it off: UNHEALTHY.
    Stopped,
    /// It does not work: UNHEALTHY.
    Broken,
}

impl Meaning {
    /// All of them, best first.
    pub const ALL: [Self; 6] = [
        Self::Healthy,
        Self::Changing,
        Self::Unknown,
        Self::Degraded,
        Self::Stopped,
        Self::Broken,
    ];

    /// The condition of the resource; `None` where that is unknown.
    pub fn condition(self) -> Option<Condition> {
        match self {
            Self::Healthy => Some(Condition::Good),
            Self::Changing => Some(Condition::Changing),
            Self::Unknown => None,
            Self::Degraded => Some(Condition::Impaired),
            Self::Stopped | Self::Broken => Some(Condition::Broken),
        }
    }

    /// The status of a resource of which nothing worse is known.
    pub fn status(self) -> Status {
        match self {
            Self::Healthy | Self::Changing => Status::Healthy,
            Self::Unknown => Status::Unknown,
            Self::Degraded => Status::Degraded,
            Self::Stopped | Self::Broken => Status::Unhealthy,
        }
    }

    /// The word as files write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Changing => "changing",
            Self::Unknown => "unknown",
            Self::Degraded => "degraded",
            Self::Stopped => "stopped",
            Self::Broken => "broken",
        }
    }
}

/// A metric or fact in an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum GivenValue {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl GivenValue {
    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }
}

impl From<&GivenValue> for Value {
    fn from(given: &GivenValue) -> Self {
        match given {
            GivenValue::Number(number) => Self::Number(*number),
            GivenValue::Text(text) => Self::text(text.as_str()),
        }
    }
}

/// The table of a kind, as its file says it.
#[derive(Debug, Clone, Copy)]
pub struct StateTable<'a> {
    /// The fact that holds AWS's word.
    pub word: Option<&'a FactName>,
    /// Its rows. The first one that fits is meant.
    pub rows: &'a [StateRow],
}

/// The compiled conditions of a table, one a row.
pub type StatePrograms = Vec<Option<Expression>>;

impl<'a> StateTable<'a> {
    /// The row that fits these facts, with its number; `None` where none does: a state that
    /// this table does not know.
    ///
    /// # Errors
    /// Where a fact that decides is unknown. What cannot be known never falls through to a
    /// later row.
    pub fn find(
        &self,
        programs: &StatePrograms,
        lookup: impl Fn(&str) -> Option<Fact>,
    ) -> Result<Option<(usize, &'a StateRow)>, Unknown> {
        for (number, (row, when)) in self.rows.iter().zip(programs).enumerate() {
            if let (Some(word), Some(name)) = (&row.word, self.word) {
                match lookup(name.as_str()) {
                    Some(Fact::Known(Value::Text(seen))) if seen.raw() == word => {}
                    Some(Fact::Unreadable(gap)) => return Err(gap.into()),
                    _ => continue,
                }
            }
            let fits = match when {
                None => true,
                Some(when) => when.evaluate(&lookup)? == Value::Flag(true),
            };
            if fits {
                return Ok(Some((number, row)));
            }
        }
        Ok(None)
    }

    /// Proves that its rows make sense, and compiles their conditions. `facts` are the facts of
    /// the kind with their types.
    ///
    /// # Errors
    /// The first thing that makes no sense, below the table.
    pub(super) fn compile(&self, facts: &Schema) -> Result<StatePrograms, Fault> {
        if let Some(name) = self.word
            && facts.get(name.as_str()) != Some(&Type::Text)
        {
            let message = format!("`{name}` is not a fact of this kind that is a text");
            return Err(Fault::new([Step::from("word")], message)
                .fix(format!("write `{name} = \"{TEXT}\"` into `[status.facts]`")));
        }
        let mut schema = facts.clone();
        schema.insert(WINDOW_END.to_owned(), Type::Number);
        let mut words = BTreeSet::new();
        let mut compiled = Vec::with_capacity(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            let at = |key: &str| [Step::from("states"), Step::from(index), Step::from(key)];
            if row.word.is_some() && self.word.is_none() {
                let message = "which fact holds AWS's word? `status.word` does not say";
                return Err(Fault::new(at("word"), message));
            }
            if let Some(word) = row.word.as_ref().filter(|_| row.when.is_none())
                && !words.insert(word)
            {
                let message = format!("a row above is for every `{word}`");
                return Err(Fault::new(at("word"), message));
            }
            if let Some(word) = row.word.as_ref().filter(|_| row.when.is_some())
                && words.contains(word)
            {
                let message = format!("a row above is for every `{word}`, so this one never fits");
                return Err(Fault::new(at("word"), message));
            }
            check_texts(row, facts).map_err(|(key, message)| Fault::new(at(key), message))?;
            let when = row.when.as_deref().map(|source| {
                Expression::compile(source, &schema, &Type::Flag)
                    .map_err(|error| Fault::of_expression(at("when"), error))
            });
            compiled.push(when.transpose()?);
            check_cases(row, facts).map_err(|message| Fault::new(at("cases"), message))?;
        }
        Ok(compiled)
    }

    /// The cases of one of its rows: those in the file, and the word of a row that has no
    /// further condition.
    pub fn cases(&self, row: &StateRow) -> Vec<BTreeMap<String, GivenValue>> {
        let mut cases = row.cases.clone();
        let word = self.word.zip(row.word.as_ref());
        if let Some((name, word)) = word {
            for case in &mut cases {
                let given = GivenValue::Text(word.clone());
                case.entry(name.as_str().to_owned()).or_insert(given);
            }
            if row.when.is_none() && cases.is_empty() {
                let given = GivenValue::Text(word.clone());
                cases.push(BTreeMap::from([(name.as_str().to_owned(), given)]));
            }
        }
        cases
    }
}

/// What people read is plain, and names what there is.
fn check_texts(row: &StateRow, facts: &Schema) -> Result<(), (&'static str, String)> {
    let texts = [
        ("word", row.word.as_ref()),
        ("shown", row.shown.as_ref()),
        ("says", row.says.as_ref()),
        ("aws", Some(&row.aws)),
    ];
    for (key, text) in texts {
        let Some(text) = text else { continue };
        let odd = |c: char| c.is_control() || "|<>`\\".contains(c);
        if text.trim() != text || text.is_empty() || text.len() > 300 || text.contains(odd) {
            let message = "one line of at most 300 bytes, without any of | < > ` \\";
            return Err((key, message.to_owned()));
        }
    }
    for (name, _) in placeholders(row.says.as_deref().unwrap_or_default())
        .map_err(|message| ("says", message))?
    {
        if !facts.contains_key(name) {
            return Err(("says", format!("`{name}` is not a fact of this kind")));
        }
    }
    Ok(())
}

fn check_cases(row: &StateRow, facts: &Schema) -> Result<(), String> {
    if row.cases.is_empty() && (row.when.is_some() || row.word.is_none()) {
        return Err("give the facts of a resource in this state: `cases = [{ … }]`".to_owned());
    }
    for (name, given) in row.cases.iter().flatten() {
        let wanted = facts
            .get(name)
            .ok_or_else(|| format!("`{name}` is not a fact of this kind"))?;
        if (*wanted == Type::Text) != given.text().is_some() {
            return Err(format!("`{name}` is {}", described(wanted)));
        }
    }
    Ok(())
}

fn described(of: &Type) -> &'static str {
    match of {
        Type::Text => "a text",
        _ => "a number",
    }
}
