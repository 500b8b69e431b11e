//! The registry, with a sort that is there for these tests: checks. What a file of another
//! sort takes is this file and the one in `tests/checks/`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::expr::{Expression, Fact, GapId, Schema, Type, Value};

/// A check, cut down to what the registry has to do with it.
#[derive(Debug)]
struct Check {
    form: CheckForm,
    fails_when: Expression,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckForm {
    title: String,
    applies_to: String,
    fails_when: String,
    #[serde(default)]
    example: Vec<CheckExample>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckExample {
    name: String,
    #[serde(default)]
    resource: BTreeMap<String, bool>,
    #[serde(default)]
    unreadable: Vec<String>,
    verdict: CheckVerdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CheckVerdict {
    Pass,
    Fail,
    Unknown,
}

impl DataFile for Check {
    const FOLDER: Folder = folders::REGISTRY_TESTS_CHECKS;
    const NOUN: &'static str = "check";
    type Form = CheckForm;
    type Example = CheckExample;

    fn prove(_id: &str, form: CheckForm) -> Result<Self, Fault> {
        if form.title.is_empty() {
            let fault = Fault::new([Step::from("title")], "the title is empty");
            return Err(fault.fix("say in a few words what is wrong"));
        }
        let resource = match form.applies_to.as_str() {
            "rds" => Type::record([("storage_encrypted", Type::Flag)]),
            other => {
                let message = format!("there is no kind `{other}`");
                return Err(Fault::new([Step::from("applies_to")], message));
            }
        };
        let schema = Schema::from([("resource".to_owned(), resource)]);
        let fails_when = Expression::compile(&form.fails_when, &schema, &Type::Flag)
            .map_err(|fault| Fault::of_expression([Step::from("fails_when")], fault))?;
        Ok(Self { form, fails_when })
    }

    fn examples(&self) -> &[CheckExample] {
        &self.form.example
    }
}

impl Example for CheckExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match self.verdict {
            CheckVerdict::Pass => Shows::Passing,
            CheckVerdict::Fail => Shows::Failing,
            CheckVerdict::Unknown => Shows::Unknown,
        }
    }
}

/// Judges an example, as the module that judges the sort does it.
fn judge(check: &Check, example: &CheckExample) -> Result<(), Fault> {
    let seen = example.resource.iter();
    let seen = seen.map(|(name, flag)| (name.as_str(), Fact::Known(Value::Flag(*flag))));
    let hidden = example.unreadable.iter();
    let hidden = hidden.map(|name| (name.as_str(), Fact::Unreadable(GapId(0))));
    let resource = Fact::Known(Value::map(seen.chain(hidden)));
    let found = check
        .fails_when
        .evaluate(|name| (name == "resource").then(|| resource.clone()));
    let verdict = match found {
        Ok(Value::Flag(true)) => CheckVerdict::Fail,
        Ok(_) => CheckVerdict::Pass,
        Err(_) => CheckVerdict::Unknown,
    };
    if verdict == example.verdict {
        return Ok(());
    }
    let message = format!("example `{}`: the verdict is {verdict:?}", example.name);
    Err(Fault::new([Step::from("verdict")], message))
}

fn load(files: &[(&str, &str)]) -> Result<Registry<Check>, Vec<DataError>> {
    let owned = |(file, text): &(&str, &str)| ((*file).to_owned(), (*text).to_owned());
    Registry::load(&files.iter().map(owned).collect::<Vec<_>>())
}

fn said(faults: &[DataError]) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

/// The text of the built-in check, with one part replaced.
fn with(part: &str, by: &str) -> String {
    let (_, text) = Check::FOLDER.files[0];
    assert!(text.contains(part), "{part}");
    text.replacen(part, by, 1)
}

#[test]
fn a_folder_is_the_list_of_what_is_in_it() {
    let checks = load(&[]).expect("the check is right");
    let check = checks.get("rds-storage-unencrypted").expect("embedded");
    assert_eq!(check.form.title, "Storage is not encrypted");
    assert_eq!(checks.iter().count(), Check::FOLDER.files.len());
    assert_eq!(said(&checks.missing_examples()), "");
    assert_eq!(said(&checks.run_examples(Whose::Everyones, judge)), "");
}

#[test]
fn a_users_file_stands_beside_the_built_in_ones_or_replaces_one() {
    let own = with("Storage is not", "Disks are not");
    let more = load(&[("mine/disks.toml", &own)]).expect("two checks");
    assert_eq!(more.iter().count(), 2);
    let instead = load(&[("mine/rds-storage-unencrypted.toml", &own)]).expect("one check");
    let titles: Vec<&str> = instead
        .iter()
        .map(|check| check.form.title.as_str())
        .collect();
    assert_eq!(titles, ["Disks are not encrypted"]);
}

#[test]
fn every_fault_has_its_place_and_its_fix() {
    let faults = load(&[
        ("a.toml", &with("\"Storage is not encrypted\"", "\"\"")),
        ("b.toml", &with("fails_when", "fails_if")),
        ("c.toml", "title = \"\u{202e}"),
        ("d.toml", &with("\"encrypted\"", "\"not encrypted\"")),
        ("e.toml", &with("\"pass\"", "\"well\"")),
        (
            "expression.toml",
            &with("storage_encrypted\"", "encrypted\""),
        ),
        ("f.toml", &with("", "")),
        ("g/f.toml", &with("", "")),
    ])
    .expect_err("every file but one is wrong");
    insta::assert_snapshot!(said(&faults));
}

#[test]
fn an_example_that_does_not_hold_is_named_with_its_place() {
    let wrong = with("verdict = \"fail\"", "verdict = \"unknown\"");
    let checks = load(&[("mine/disks.toml", &wrong)]).expect("its form is right");
    insta::assert_snapshot!(
        said(&checks.run_examples(Whose::Users, judge)),
        @"mine/disks.toml:8:11: example `not encrypted`: the verdict is Fail"
    );
}

#[test]
fn a_built_in_file_shows_what_passes_what_fails_and_what_is_unknown() {
    let mut checks = load(&[]).expect("the check is right");
    let entry = checks.entries.values_mut().next().expect("one");
    let entry = std::sync::Arc::get_mut(entry).expect("nobody else has it");
    entry.value.form.example.truncate(1);
    insta::assert_snapshot!(said(&checks.missing_examples()), @r"
    registry/tests/checks/rds-storage-unencrypted.toml:1:1: the check has no passing example: add an `[[example]]`
    registry/tests/checks/rds-storage-unencrypted.toml:1:1: the check has no unknown example: add an `[[example]]`
    ");
}
