//! A walk over every type, every operation and every kind of failure: what failed is never
//! taken for an answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::FutureExt;
use serde_json::{Map, Value, json};

use super::asker::Ask;
use super::*;
use crate::catalog::reads::path::{Path, PathStep};
use crate::catalog::reads::resource_type::{Given, ListStep, Read};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::lean::{Listing, Members};
use crate::model::fact::{Fact, GapCause};
use crate::model::ids::{AccountId, Arn, EnvironmentName};
use crate::model::snapshot::Identity;
use crate::text::Untrusted;

/// Answers every operation with one of everything that a type looks at, apart from one.
struct One<'a> {
    answers: BTreeMap<&'a str, Value>,
    failing: Option<(&'a str, Failure)>,
}

impl Ask for One<'_> {
    async fn ask(&self, operation: &str, _: &Region, _: Members) -> Rc<Listing> {
        let failing = self.failing.as_ref().filter(|(name, _)| *name == operation);
        Rc::new(match failing {
            Some((_, failure)) => Listing {
                answer: Value::Null,
                pages: 0,
                failure: Some(failure.clone()),
            },
            None => Listing {
                answer: self
                    .answers
                    .get(operation)
                    .cloned()
                    .unwrap_or_else(|| json!({})),
                pages: 1,
                failure: None,
            },
        })
    }
}

/// Makes a path lead to a value.
fn put(into: &mut Value, steps: &[PathStep], leaf: &Value) {
    let Some((step, rest)) = steps.split_first() else {
        if into.is_null() {
            *into = leaf.clone();
        }
        return;
    };
    match step {
        PathStep::Member(name) => {
            if !into.is_object() {
                *into = Value::Object(Map::new());
            }
            put(&mut into[name.as_str()], rest, leaf);
        }
        PathStep::Each => put(into, &[&[PathStep::At(0)], rest].concat(), leaf),
        PathStep::At(index) => {
            if !into.is_array() {
                *into = json!([]);
            }
            if let Some(items) = into.as_array_mut() {
                items.resize(items.len().max(index + 1), Value::Null);
                put(&mut items[*index], rest, leaf);
            }
        }
        PathStep::Values => put(
            into,
            &[&[PathStep::Member("one".to_owned())], rest].concat(),
            leaf,
        ),
        PathStep::With(name, value) => {
            if !into.is_array() {
                *into = json!([{ name.as_str(): value }]);
            }
            put(&mut into[0], rest, leaf);
        }
    }
}

/// The texts of conditions that decide whether something is asked at all.
fn wanted(of: &ResourceType, path: &Path) -> &'static str {
    let known = [
        ("aws_kms_key", "KeyManager", "CUSTOMER"),
        ("aws_kms_key", "KeySpec", "SYMMETRIC_DEFAULT"),
        ("aws_db_snapshot", "SnapshotType", "manual"),
        ("aws_db_cluster_snapshot", "SnapshotType", "manual"),
        ("aws_ebs_snapshot", "ownerId", "123456789012"),
        ("aws_lb", "Type", "application"),
        ("region", "status", "ACTIVE"),
    ];
    let path = path.to_string();
    let found = known
        .iter()
        .find(|(id, name, _)| *id == of.id && *name == path);
    found.map_or("1", |(_, _, word)| word)
}

/// One of everything that a type looks at.
fn answers(of: &ResourceType) -> BTreeMap<&str, Value> {
    let mut answers: BTreeMap<&str, Value> = BTreeMap::new();
    for (index, step) in of.steps.iter().enumerate() {
        let answer = answers.entry(&step.operation).or_default();
        put(answer, &step.items.steps, &Value::Null);
        let next = of.steps.get(index + 1);
        let mut leaves: Vec<&Path> = step.keep.iter().map(|keep| &keep.path).collect();
        if next.is_none() {
            let texts = [Some(&of.arn), Some(&of.name), of.region.as_ref()];
            leaves.extend(texts.into_iter().flatten().flat_map(|text| text.paths()));
            leaves.extend(
                of.reads
                    .iter()
                    .filter_map(|read| read.when.as_ref())
                    .map(|it| &it.path),
            );
            leaves.extend(of.reads.iter().flat_map(Read::paths));
        }
        if let Some(next) = next {
            leaves.extend(next.paths());
        }
        for leaf in leaves.into_iter().filter(|path| path.start.is_none()) {
            let steps = [&step.items.steps[..], &leaf.steps].concat();
            put(answer, &steps, &json!(wanted(of, leaf)));
        }
        put(answer, &step.items.steps, &json!("1"));
        // What later steps ask about what this one has found.
        if let Some(name) = &step.binding {
            let later = of.steps[index + 1..].iter().flat_map(ListStep::paths);
            let texts = [&of.arn, &of.name]
                .into_iter()
                .flat_map(|text| text.paths());
            for path in later
                .chain(texts)
                .filter(|path| path.start.as_ref() == Some(name))
            {
                let steps = [&step.items.steps[..], &path.steps].concat();
                put(answer, &steps, &json!("1"));
            }
        }
    }
    put_reads(of, &mut answers);
    answers
}

/// What the answers of further calls have to hold, so that facts are taken from them.
fn put_reads<'a>(of: &'a ResourceType, answers: &mut BTreeMap<&'a str, Value>) {
    for read in of.reads.iter().filter(|read| read.must_exist) {
        let rows = ["1", "arn:aws:iam::123456789012:root"].map(|arn| json!({ "arn": arn }));
        answers.insert(&read.operation, json!({ "rows": rows }));
    }
    for read in &of.reads {
        if let (Some(name), Some(items)) = (&read.binding, &read.items) {
            let answer = answers.entry(&read.operation).or_default();
            put(answer, &items.steps, &Value::Null);
            let looked = of
                .reads
                .iter()
                .filter_map(|read| read.when.as_ref())
                .map(|when| &when.path);
            for path in looked.filter(|path| path.start.as_ref() == Some(name)) {
                let steps = [&items.steps[..], &path.steps[1..]].concat();
                put(answer, &steps, &json!("1"));
            }
        }
    }
}

fn failure(operation: &str, cause: GapCause, code: &str) -> Failure {
    let permission = Reads::built_in().action(operation);
    Failure {
        code: Some(Untrusted::from(code)),
        missing_permission: (cause == GapCause::Denied).then_some(permission),
        ..Failure::ours(operation, cause, "no")
    }
}

fn configuration(of: &ResourceType, failing: Option<(&str, Failure)>) -> Configuration {
    let main = Region::new("eu-central-1").expect("a region");
    let asker = One {
        answers: answers(of),
        failing,
    };
    let ask = ConfigurationQuestion {
        environment: EnvironmentName::new("prod").expect("a name"),
        regions: vec![main.clone()],
        types: vec![of.id.clone()],
        max_calls: None,
        identity: Identity {
            account: AccountId::new("123456789012").expect("an account"),
            arn: Arn::new("arn:aws:iam::123456789012:role/audit").expect("an ARN"),
        },
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    let reading = read_through(&asker, Reads::built_in(), &main, &ask);
    reading.now_or_never().expect("nothing waits")
}

/// The words of AWS for what went wrong, and whether the permission would help.
const FAILURES: [(GapCause, &str); 6] = [
    (GapCause::Denied, "AccessDenied"),
    (GapCause::Denied, "AccessDeniedException"),
    (GapCause::Throttled, "ThrottlingException"),
    (GapCause::TimedOut, "RequestTimeout"),
    (GapCause::ProviderError, "InternalError"),
    (GapCause::ProviderError, "SomethingNew"),
];

#[test]
fn every_type_is_read_where_everything_answers() {
    for of in Reads::built_in().types() {
        let seen = configuration(of, None);
        assert_eq!(seen.gaps, [], "{}", of.id);
        assert_eq!(seen.resources.len(), 1, "{}", of.id);
        let extents: Vec<Extent> = seen.coverage.iter().map(|it| it.extent).collect();
        assert_eq!(extents, [Extent::Complete], "{}", of.id);
        let schema = of.schema();
        let known: Vec<&str> = seen.resources[0]
            .facts
            .keys()
            .map(|name| name.as_str())
            .collect();
        assert_eq!(
            known,
            schema.keys().map(String::as_str).collect::<Vec<_>>(),
            "{}",
            of.id
        );
    }
}

#[test]
fn a_list_that_failed_is_not_an_empty_one() {
    for of in Reads::built_in().types() {
        for step in &of.steps {
            for (cause, code) in FAILURES {
                let failure = failure(&step.operation, cause, code);
                let seen = configuration(of, Some((&step.operation, failure)));
                let what = format!("{} {} {code}", of.id, step.operation);
                assert_eq!(seen.resources.len(), 0, "{what}");
                let Extent::Unread(gap) = seen.coverage[0].extent else {
                    panic!("{what}: {:?}", seen.coverage);
                };
                let gap = seen.gap(gap).expect("it is listed");
                assert_eq!(gap.operation, step.operation, "{what}");
                assert_eq!(
                    gap.missing_permission.is_some(),
                    cause == GapCause::Denied,
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn a_fact_that_was_not_answered_is_neither_known_nor_absent() {
    for of in Reads::built_in().types() {
        for read in of.reads.iter().filter(|read| !read.facts.is_empty()) {
            for (cause, code) in FAILURES {
                let failure = failure(&read.operation, cause, code);
                let seen = configuration(of, Some((&read.operation, failure)));
                let listed = of.steps.iter().any(|step| step.operation == read.operation);
                for resource in seen.resources.iter().filter(|_| !listed) {
                    for name in read.facts.keys() {
                        let fact = &resource.facts[name];
                        let gap = fact.gap().and_then(|gap| seen.gap(gap));
                        let what = format!("{} {name} {code}: {fact:?}", of.id);
                        let gap = gap.unwrap_or_else(|| panic!("{what}"));
                        assert_eq!(gap.operation, read.operation, "{what}");
                        let permission = Reads::built_in().action(&read.operation);
                        let named = gap.missing_permission.as_deref();
                        assert_eq!(named, (cause == GapCause::Denied).then_some(&*permission));
                    }
                }
            }
        }
    }
}

#[test]
fn an_answer_that_there_is_none_is_no_failure() {
    for of in Reads::built_in().types() {
        for read in &of.reads {
            for code in &read.absent {
                let failure = failure(&read.operation, GapCause::ProviderError, code);
                let seen = configuration(of, Some((&read.operation, failure)));
                assert_eq!(seen.gaps, [], "{} {code}", of.id);
                for name in read.facts.keys() {
                    let fact = &seen.resources[0].facts[name];
                    assert!(
                        !matches!(fact, Fact::Unreadable(_)),
                        "{} {name} {code}",
                        of.id
                    );
                }
            }
        }
    }
}

#[test]
fn no_code_of_a_failure_means_that_there_is_none() {
    let codes = Reads::built_in().types().flat_map(|of| {
        let steps = of.steps.iter().flat_map(|step| &step.absent);
        steps.chain(of.reads.iter().flat_map(|read| &read.absent))
    });
    for code in codes {
        let failures = FAILURES.iter().filter(|(_, failure)| failure == code);
        assert_eq!(failures.count(), 0, "{code}");
        assert!(
            !code.contains("Denied") && !code.contains("Throttl"),
            "{code}"
        );
    }
}

/// Elsewhere AWS shows a shadow, whose status it does not tell everywhere.
#[test]
fn the_status_of_a_trail_is_asked_where_it_is_at_home() {
    let mut types = Reads::built_in().types();
    let trail = types.find(|of| of.id == "aws_cloudtrail").expect("a type");
    let mut input = trail.steps[0].input.iter();
    let shadows = input.find(|(name, _)| name == "includeShadowTrails");
    assert_eq!(
        shadows.map(|(_, given)| given),
        Some(&Given::Plain(json!(false)))
    );
    assert_eq!(trail.scope, Spread::Regional);
}
