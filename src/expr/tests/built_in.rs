//! The formulas of the kinds that are built in.

use super::oracle;
use super::*;
use crate::catalog::Catalog;
use crate::catalog::opportunities::OpportunityRule;
use crate::catalog::registry::Registry;

fn formulas() -> Vec<Expression> {
    let catalog = Catalog::built_in().expect("the built-in kinds");
    let mut out = Vec::new();
    for kind in catalog.registry().iter() {
        for sli in &kind.programs.slis {
            out.push(sli.value.clone());
            out.extend(sli.total.iter().chain(&sli.bad).cloned());
        }
    }
    assert!(out.len() > 50, "{} formulas", out.len());
    out
}

#[test]
fn both_parsers_read_them_alike() {
    let sources: Vec<String> = formulas().iter().map(|f| f.source().to_owned()).collect();
    oracle::in_large_stack(move || {
        for source in sources {
            oracle::assert_alike(&source);
        }
    });
}

/// What is read of the names that are not hidden: nothing divides by zero, everything does, and
/// nothing is there.
fn readings() -> [Fact; 3] {
    [3.0.into(), 0.0.into(), Fact::Absent]
}

#[test]
fn none_turns_what_could_not_be_read_into_a_number() {
    for formula in formulas() {
        let names = formula.names();
        assert!(names.len() < 10, "{formula:?}");
        for hidden in 1_u32..1 << names.len() {
            let is_hidden = |place: &usize| hidden >> place & 1 == 1;
            let gaps: BTreeSet<GapId> = (0..names.len())
                .filter(is_hidden)
                .map(|place| GapId(place as u32))
                .collect();
            for read in readings() {
                let found = formula.evaluate(|name| {
                    let place = names.iter().position(|known| known == name)?;
                    Some(match is_hidden(&place) {
                        true => unreadable(place as u32),
                        false => read.clone(),
                    })
                });
                let unknown = found.expect_err(formula.source());
                // Where the rest is known, all that is hidden is needed, and is named.
                if read == 3.0.into() {
                    assert_eq!(unknown.gaps().collect::<BTreeSet<_>>(), gaps, "{formula:?}");
                }
            }
        }
    }
}

/// A change that nobody could look at is not done, not refused and not nothing to do, and what
/// could be saved is no number.
#[test]
fn nothing_is_concluded_from_what_could_not_be_read() {
    let mut expressions = Vec::new();
    for action in crate::catalog::actions::Actions::built_in().iter() {
        let objections = action.refuse.iter().chain(&action.warn);
        let objections = objections.chain(&action.nothing).chain(&action.failed);
        expressions.extend(objections.map(|objection| objection.when.clone()));
        expressions.push(action.done.clone());
        expressions.extend(action.values.values().cloned());
    }
    let rules: Registry<OpportunityRule> = Registry::load(&[]).expect("the built-in rules");
    for rule in rules.iter() {
        expressions.extend(rule.costs.values().map(|part| part.by_price.clone()));
    }
    assert!(expressions.len() > 80, "{}", expressions.len());
    for expression in expressions {
        if expression.names().is_empty() {
            continue;
        }
        let found = expression.evaluate(|_| Some(unreadable(7)));
        assert!(found.is_err(), "{expression:?} gives {found:?}");
    }
}
