//! The checks that are built in, against their own examples.

use std::collections::BTreeSet;

use crate::catalog::checks::{Check, CheckExample};
use crate::catalog::frameworks;
use crate::catalog::reads::Reads;
use crate::catalog::reads::fact_spec::Facts;
use crate::catalog::reads::resource_type::ResourceType;
use crate::catalog::registry::{DataError, Registry, Whose};
use crate::core::known::Obstacle;
use crate::expr::Expression;
use crate::model::audit::CheckVerdict;
use crate::model::fact::{Gap, GapCause};
use crate::text::Untrusted;

use super::*;

pub(super) fn built_in() -> Registry<Check> {
    let shown = |faults: Vec<DataError>| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("\n{}\n", lines.join("\n"))
    };
    Registry::load(&[]).unwrap_or_else(shown)
}

fn refuse(faults: &[DataError]) {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn every_check_shows_a_pass_a_failure_and_the_unknown() {
    refuse(&built_in().missing_examples());
}

#[test]
fn examples_come_out_as_their_files_say() {
    refuse(&examples::run(&built_in(), Whose::Everyones));
}

/// The page of Security Hub about a control, with its place in it.
fn page_of(control: &str) -> String {
    let id = control.to_lowercase();
    let service = id.split('.').next().unwrap_or_default();
    let pages = "https://docs.aws.amazon.com/securityhub/latest/userguide";
    format!("{pages}/{service}-controls.html#{}", id.replace('.', "-"))
}

#[test]
fn every_check_says_how_to_mend_it_and_where_to_read_on() {
    let mut lacking = Vec::new();
    for check in built_in().iter() {
        let form = &check.form;
        if form.fix.cli.is_none() {
            lacking.push(format!("{}: no `cli`", check.id));
        }
        let of_aws = |url: &String| url.starts_with("https://docs.aws.amazon.com/");
        if form.references.is_empty() || !form.references.iter().all(of_aws) {
            lacking.push(format!("{}: no page of AWS", check.id));
        }
        let known: BTreeSet<&String> = form.references.iter().collect();
        if known.len() < form.references.len() {
            lacking.push(format!("{}: a page twice", check.id));
        }
        for control in frameworks::controls_of(&check.id) {
            let page = control.strip_prefix("aws-fsbp/").map(page_of);
            if page.is_some_and(|page| !form.references.contains(&page)) {
                lacking.push(format!("{}: no page about {control}", check.id));
            }
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
}

/// What a verdict rests on: findings with what proves them, or what stands in the way.
fn because(found: &Judgement<'_>, read: &Configuration) -> Vec<String> {
    let failures = found.failures.iter().map(|one| {
        let key = one.key.as_ref().map(|key| format!(" [{key}]"));
        let said: Vec<String> = one.evidence.iter().map(Untrusted::redacted).collect();
        let key = key.unwrap_or_default();
        format!("{}{key} {}", one.severity, said.join("; "))
    });
    let obstacles = found.obstacles.iter().map(|one| match one {
        Obstacle::Gap(gap) => read.gap(*gap).map_or_else(String::new, Gap::sentence),
        Obstacle::NotRead(name) => format!("nobody read {name}"),
        Obstacle::Unclear(why) => why.clone(),
    });
    failures.chain(obstacles).collect()
}

/// Every world of every file, and what its check says of it, word for word.
#[test]
fn the_walk_over_all_worlds() {
    let mut out = String::new();
    for check in built_in().iter() {
        out.push_str(&format!("{}\n", check.id));
        for example in &check.form.example {
            let world = examples::configuration(check, example);
            let world = world.unwrap_or_else(|fault| panic!("{}: {fault:?}", check.id));
            let input = AuditInput {
                environment: "example",
                critical: example.critical,
                configuration: &world,
                rules: &example.compliance,
            };
            let evaluation = evaluate(&input, &[check]);
            let mut own = evaluation.judgements.iter();
            let own = own.find(|one| Some(one.resource) == world.resources.first());
            let own = own.unwrap_or_else(|| panic!("{}: {}", check.id, example.name));
            out.push_str(&format!("  {}: {}\n", example.name, own.verdict));
            for line in because(own, &world) {
                out.push_str(&format!("    {line}\n"));
            }
        }
    }
    insta::assert_snapshot!(out);
}

/// The world of an example in which one thing could not be read.
struct Damaged {
    what: String,
    world: Configuration,
}

/// Every world in which one fact that matters, or one list of resources, could not be read, for
/// every kind of failure.
fn damaged(check: &Check, whole: &Configuration) -> Vec<Damaged> {
    let mut out = Vec::new();
    for (place, resource) in whole.resources.iter().enumerate() {
        for (name, fact) in &resource.facts {
            if place > 0 && *fact == Fact::Absent && resource.resource_type.starts_with("aws_") {
                continue;
            }
            if place > 0
                && !resource.resource_type.starts_with("aws_")
                && !is_asked(check, name.as_str())
            {
                continue;
            }
            if place == 0 && *fact == Fact::Absent && !is_asked(check, name.as_str()) {
                continue;
            }
            for cause in CAUSES {
                let mut world = whole.clone();
                let gap = world.add_gap(gap(name.as_str(), cause));
                world.resources[place]
                    .facts
                    .insert(name.clone(), Fact::Unreadable(gap));
                let what = format!("{}.{name} {cause:?}", resource.resource_type);
                out.push(Damaged { what, world });
            }
            let mut world = whole.clone();
            world.resources[place].facts.remove(name);
            let what = format!("{}.{name} not asked", resource.resource_type);
            out.push(Damaged { what, world });
        }
    }
    let types: std::collections::BTreeSet<&str> = whole.resources[1..]
        .iter()
        .map(|one| one.resource_type.as_str())
        .filter(|name| name.starts_with("aws_") && *name != whole.resources[0].resource_type)
        .collect();
    for name in types {
        let mut world = whole.clone();
        let gap = world.add_gap(gap(name, GapCause::Denied));
        world.resources.retain(|one| one.resource_type != name);
        for entry in world
            .coverage
            .iter_mut()
            .filter(|entry| entry.resource_type == name)
        {
            entry.extent = Extent::Unread(gap);
        }
        out.push(Damaged {
            what: format!("{name} not listed"),
            world,
        });
    }
    out
}

const CAUSES: [GapCause; 6] = [
    GapCause::Denied,
    GapCause::Throttled,
    GapCause::TimedOut,
    GapCause::Garbled,
    GapCause::Partial,
    GapCause::ProviderError,
];

fn gap(name: &str, cause: GapCause) -> Gap {
    Gap {
        operation: name.to_owned(),
        subject: name.to_owned(),
        cause,
        code: None,
        message: Untrusted::from("it could not be read"),
        missing_permission: None,
    }
}

/// Whether an example of a check says that it asks about a fact, or its formula does.
fn is_asked(check: &Check, name: &str) -> bool {
    let is_it = |path: &String| path.split('.').any(|step| step == name);
    check.fails_when.paths().iter().any(is_it)
        || check
            .form
            .example
            .iter()
            .flat_map(|one| &one.unreadable)
            .any(is_it)
}

fn verdict(
    check: &Check,
    example: &CheckExample,
    world: &Configuration,
) -> (CheckVerdict, Obstacles) {
    let input = AuditInput {
        environment: "example",
        critical: example.critical,
        configuration: world,
        rules: &example.compliance,
    };
    let found = evaluate(&input, &[check]).judgements.swap_remove(0);
    (found.verdict, found.obstacles)
}

#[test]
fn nothing_that_failed_turns_into_a_verdict() {
    use CheckVerdict::{Fail, NotApplicable, Pass, Unknown};
    let mut evaluated = 0_usize;
    let mut wrong = Vec::new();
    for check in built_in().iter() {
        for example in &check.form.example {
            let whole = examples::configuration(check, example).expect("a world");
            let (before, _) = verdict(check, example, &whole);
            for Damaged { what, world } in damaged(check, &whole) {
                let (after, obstacles) = verdict(check, example, &world);
                evaluated += 1;
                let is_right = match (before, after) {
                    (Pass, Pass) | (Fail, Fail) | (NotApplicable, NotApplicable) => true,
                    (_, Unknown) => !obstacles.is_empty(),
                    _ => false,
                };
                if !is_right {
                    let at = format!("{} / {}", check.id, example.name);
                    wrong.push(format!("{at}: {what}: {before} → {after}"));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {evaluated}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(evaluated > 5_000, "{evaluated}");
}

/// The operations that a fact of a type comes from; none for one that only a plan has.
fn operations_of<'r>(of: &'r ResourceType, fact: &str) -> Vec<&'r str> {
    let has = |facts: &Facts| facts.contains_key(fact);
    let last = of.steps.last().filter(|_| has(&of.facts));
    let reads = of.reads.iter().filter(|read| has(&read.facts));
    let operations = last.map(|step| &step.operation);
    let all = operations
        .into_iter()
        .chain(reads.map(|read| &read.operation));
    all.map(String::as_str).collect()
}

#[test]
fn checks_need_the_actions_of_what_is_read_for_them() {
    let reads = Reads::built_in();
    let known: BTreeSet<String> = reads
        .services()
        .flat_map(|service| service.operations.keys().map(|name| service.action(name)))
        .collect();
    let mut wrong = Vec::new();
    for check in built_in().iter() {
        let of_types = &check.form.applies_to;
        let needs: BTreeSet<&str> = check.form.needs.iter().map(String::as_str).collect();
        for action in needs.iter().filter(|action| !known.contains(**action)) {
            wrong.push(format!("{}: nothing sends {action}", check.id));
        }
        let asked = check.applies_when.iter().chain([&check.fails_when]);
        for path in asked.flat_map(Expression::paths) {
            let mut steps = path.split('.');
            let (Some(whose), Some(fact)) = (steps.next(), steps.next()) else {
                continue;
            };
            let types: Vec<&str> = match whose {
                "resource" => of_types.iter().map(String::as_str).collect(),
                ACCOUNT | REGION => vec![whose],
                _ => continue,
            };
            for of in types.iter().filter_map(|name| reads.resource_type(name)) {
                let sent = operations_of(of, fact);
                let is_needed = |one: &str| needs.contains(reads.action(one).as_str());
                if !sent.is_empty() && !sent.iter().any(|one| is_needed(one)) {
                    wrong.push(format!(
                        "{}: {}.{fact} comes from {sent:?}",
                        check.id, of.id
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
