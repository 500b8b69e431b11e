//! The tables of states in kind files: every row has a case, and is held against it.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::catalog::kinds::compile::CompiledKind;
use crate::catalog::kinds::example::KindExample;
use crate::catalog::kinds::kind::Kind;
use crate::catalog::kinds::states::{GivenValue, StateRow};
use crate::catalog::registry::{DataError, Fault, Step, Whose};
#[cfg(test)]
use crate::model::report::ResourceHealth;
use crate::model::status::Status;

use super::examples;
use super::states::{self, Looked};

/// Judges every example and every row of a table of states of these kinds, and says which are
/// not judged as their files say.
pub fn run(catalog: &Catalog, of: Whose) -> Vec<DataError> {
    let mut faults = examples::run(catalog, of);
    let registry = catalog.registry();
    faults.extend(registry.examine(of, |compiled| of_kind(catalog, compiled)));
    faults
}

/// One case of a row, judged.
#[cfg(test)]
pub(super) fn judged<'a>(
    catalog: &'a Catalog,
    compiled: &'a CompiledKind,
) -> impl Iterator<Item = (&'a StateRow, ResourceHealth)> {
    let rows = compiled.kind.states().map_or(&[][..], |table| table.rows);
    rows.iter().flat_map(move |row| {
        let cases = examples_of(&compiled.kind, row).into_iter();
        cases.map(move |example| (row, examples::judge(catalog, compiled, &example)))
    })
}

fn of_kind(catalog: &Catalog, compiled: &CompiledKind) -> Vec<Fault> {
    let kind = &compiled.kind;
    let rows = kind.states().map_or(&[][..], |table| table.rows);
    let mut faults = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let path = || ["status", "states"].map(Step::from).into_iter();
        let at = path().chain([Step::from(number)]);
        let wrong = examples_of(kind, row)
            .iter()
            .find_map(|example| wrong(catalog, compiled, number, row, example));
        faults.extend(wrong.map(|message| Fault::new(at, message)));
    }
    faults
}

/// What is wrong with the case of a row.
fn wrong(
    catalog: &Catalog,
    compiled: &CompiledKind,
    number: usize,
    row: &StateRow,
    example: &KindExample,
) -> Option<String> {
    let snapshot = examples::snapshot(&compiled.kind, example);
    let observed = snapshot.resources.first()?;
    let found = states::look_up(
        &compiled.kind,
        &compiled.programs,
        observed,
        snapshot.window,
    );
    match found {
        Looked::Row(found, _) if found == number => {}
        Looked::Row(found, _) => {
            return Some(format!("{}: row {} fits first", example.name, found + 1));
        }
        _ => return Some(format!("{}: this row does not fit it", example.name)),
    }
    let health = examples::judge(catalog, compiled, example);
    let wanted = row.means.status();
    (health.status != wanted).then(|| {
        let (word, name) = (row.means.word(), &example.name);
        let why: Vec<&str> = health.reasons.iter().map(|reason| reason.raw()).collect();
        let (found, why) = (health.status, why.join("; "));
        format!("{name}: `{word}` is {wanted}, but it is {found}: {why}")
    })
}

/// The cases of a row as examples. Where AWS reports metrics, they are those of the kind's first
/// healthy example with work.
pub(super) fn examples_of(kind: &Kind, row: &StateRow) -> Vec<KindExample> {
    let Some(table) = kind.states() else {
        return Vec::new();
    };
    let well = kind.example.iter().find(|example| {
        example.status == Status::Healthy && !example.idle && example.unreadable.is_empty()
    });
    let well = well.filter(|_| row.measured).map(|example| &example.given);
    let cases = table.cases(row).into_iter();
    cases
        .map(|case| {
            let mut given: BTreeMap<String, GivenValue> = well.cloned().unwrap_or_default();
            let name = name(&case);
            given.extend(case);
            KindExample {
                name,
                given,
                unreadable: Vec::new(),
                state: None,
                status: row.means.status(),
                idle: false,
                values: BTreeMap::new(),
                verdicts: BTreeMap::new(),
                problems: None,
            }
        })
        .collect()
}

/// `case { status = stopped }`.
fn name(case: &BTreeMap<String, GivenValue>) -> String {
    let facts: Vec<String> = case
        .iter()
        .map(|(name, given)| match given {
            GivenValue::Number(number) => format!("{name} = {number}"),
            GivenValue::Text(text) => format!("{name} = {text}"),
        })
        .collect();
    format!("case {{ {} }}", facts.join(", "))
}
