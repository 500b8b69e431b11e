//! What is refused, with its place and what to write instead.

use super::cases::schema;
use super::*;

const BAD: [&str; 70] = [
    // Words of other languages.
    "slo_breach and assigned",
    "slo_breach or assigned",
    "not slo_breach",
    "environment not in ['prod']",
    "environment = 'prod'",
    "environment is 'prod'",
    "assigned if slo_breach else true",
    "slo_breach & assigned",
    "slo_breach | assigned",
    "environment == null",
    "environment == “prod”",
    "{'a': 1}",
    // Signs.
    "",
    "slo_breach &&",
    "(slo_breach && assigned",
    "slo_breach)",
    "slo_breach assigned",
    "environment in ['prod'",
    "environment == 'prod",
    "environment == r'prod",
    r"environment == 'p\d'",
    "slo_breach ? assigned",
    "1 < duration_minutes < 3",
    "duration_minutes > 1e999",
    "duration_minutes > 60m",
    "a\u{202e}b",
    "environment == \u{1b}",
    "environment == 'ö' and slo_breach",
    "slo_breach\n&& assigned\n&& = true",
    // Names.
    "severty == 'HIGH'",
    "zebra",
    "__import__('os')",
    "resource.ingres.exists(r, r.from_port == 22)",
    "resource.ingress.exists(r, r.form_port == 22)",
    "resource.ingress.exists(severity, true)",
    "resource.ingress.exists(r)",
    "resource.ingress.exists(r.x, true)",
    "environment.owner == 'a'",
    "resource.name.startWith('go')",
    "size(environment, 1) > 1",
    "has(1)",
    // Types.
    "severity",
    "duration_minutes",
    "resource.ingress",
    "!duration_minutes",
    "duration_minutes > '3'",
    "resource.runtime == 3",
    "severity == HIGH",
    "environment > 'a'",
    "event > 'opened'",
    "resource.tags.owner + 1 > 2",
    "environment in 'prod'",
    "resource.name in [1, 2]",
    "environment in ['a', 1]",
    "resource.ingress == []",
    "slo_breach ? 1 : 'a'",
    "size(3) > 1",
    "resource.ingress['a']",
    "resource.name.matches('(')",
    "resource.name.matches(environment)",
    "timestamp('yesterday') < now",
    // What is always the same.
    "severity == 'HGIH'",
    "event in ['opened', 'openend']",
    "event == 'created'",
    "'a' == 'b'",
    "environment in []",
    "duration_minutes >= duration_minutes",
    "severity > 'CRITICAL'",
    "environment == 'prod' && environment == 'test'",
    "environment != 'prod' || environment != 'test'",
];

#[test]
fn faults_have_a_place_and_a_hint() {
    let mut shown = String::new();
    for source in BAD {
        let compiled = Expression::compile(source, &schema(), &Type::Flag);
        let fault = compiled.expect_err(source);
        shown.push_str(&format!("{source:?}\n    {}\n", fault.show(source)));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_is_not_always_the_same_is_accepted() {
    for source in [
        "true",
        "false || assigned",
        "assigned == false",
        "environment == 'prod' || environment == 'test'",
        "environment == 'prod' && event == 'opened'",
        "severity >= 'HIGH'",
        "size(resource.ingress) == 0",
        "resource.tags['cost-center'] == 'x'",
        "'owner' in resource.tags",
        "resource.ingress.filter(r, r.from_port == 22).exists(r, '::/0' in r.cidrs)",
        "resource.ingress[0].from_port == 22",
        "(severity == 'HIGH' ? 60 : 240) < duration_minutes",
    ] {
        if let Err(fault) = Expression::compile(source, &schema(), &Type::Flag) {
            panic!("{source}: {}", fault.show(source));
        }
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let refused = |source: &str| {
        let compiled = Expression::compile(source, &schema(), &Type::Flag);
        compiled.expect_err("it is too large").message
    };
    let deep = format!("{}slo_breach{}", "(".repeat(200), ")".repeat(200));
    assert_eq!(refused(&deep), "nested more than 24 deep");
    let long = format!("slo_breach{}", " ".repeat(MOST_BYTES));
    assert_eq!(refused(&long), "1010 bytes; the limit is 1000");
    let chain = format!("errors{} > 1", " + 1".repeat(100));
    assert_eq!(refused(&chain), "nested more than 64 deep");
    let pattern = "resource.name.matches(r'(\\w{100}){100}')";
    assert!(
        refused(pattern).contains("size limit"),
        "{}",
        refused(pattern)
    );
}
