use super::*;

fn fact(name: &str) -> Option<Fact> {
    Some(match name {
        "severity" => Fact::Severity(Severity::High),
        "slo_breach" => Fact::Truth(true),
        "escalated" | "assigned" => Fact::Truth(false),
        "occurrences" => Fact::Number(4.0),
        "duration_minutes" => Fact::Number(61.0),
        "alerts" => Fact::Number(0.0),
        "event" => Fact::Text("opened".to_owned()),
        "status" => Fact::Text("active".to_owned()),
        "environment" => Fact::Text("prod".to_owned()),
        "kind" => Fact::Text("lambda".to_owned()),
        _ => Fact::Text("x".to_owned()),
    })
}

#[test]
fn conditions_are_decided() {
    for (source, expected) in [
        (r#"severity == "HIGH" and slo_breach"#, true),
        (r#"severity == "CRITICAL" and slo_breach"#, false),
        (r#"severity >= "HIGH""#, true),
        (r#"severity > "HIGH""#, false),
        (r#"severity in ["CRITICAL", 'HIGH']"#, true),
        (r#"environment not in ["prod"]"#, false),
        ("occurrences > 3", true),
        ("occurrences > 4.0", false),
        ("duration_minutes > 60", true),
        ("duration_minutes > -1", true),
        ("not slo_breach", false),
        ("not not slo_breach", true),
        ("escalated == false", true),
        (r#"event == "opened" or event == "reopened""#, true),
        // `and` binds more tightly than `or`.
        (r#"slo_breach or slo_breach and escalated"#, true),
        (r#"(slo_breach or slo_breach) and escalated"#, false),
        (r#"environment == "prod" and kind != "rds""#, true),
        ("true", true),
        ("false or alerts <= 0", true),
    ] {
        let condition = Condition::new(source).unwrap_or_else(|e| panic!("{source}: {e}"));
        assert_eq!(condition.holds(&fact), expected, "{source}");
    }
}

#[test]
fn names_that_are_asked_about_are_known() {
    let condition = Condition::new(r#"not (slo_breach and event == "resolved")"#).expect("one");
    assert!(condition.mentions("event") && condition.mentions("slo_breach"));
    assert!(!condition.mentions("severity"));
    assert!(NAMES.iter().map(|(name, _)| name).is_sorted());
    assert_eq!(IssueEvent::ALL.map(IssueEvent::word), EVENTS);
}

#[test]
fn what_is_unknown_is_false() {
    let nothing = |_: &str| None;
    for source in ["slo_breach", "occurrences > 0", r#"kind != "rds""#] {
        let condition = Condition::new(source).expect("a condition");
        assert!(!condition.holds(&nothing), "{source}");
    }
}

#[test]
fn faults_have_a_place_and_a_mend() {
    let mut shown = String::new();
    for source in [
        "",
        "severty == \"HIGH\"",
        "severity == \"HGIH\"",
        "severity == HIGH",
        "severity = \"HIGH\"",
        "severity",
        "kind > \"a\"",
        "slo_breach && escalated",
        "!slo_breach",
        "occurrences > \"3\"",
        "3 < occurrences",
        "1 < occurrences < 3",
        "occurrences > 1e999",
        "event == \"created\"",
        "environment in \"prod\"",
        "environment in []",
        "kind not \"x\"",
        "(slo_breach",
        "slo_breach)",
        "slo_breach escalated",
        "kind == \"x",
        "__import__('os')",
        "a\u{202e}b",
        "kind == \u{1b}",
    ] {
        let error = Condition::new(source).expect_err(source);
        let mut line = format!("{:?}: {error}", source);
        if let Some((word, words)) = &error.instead {
            line.push_str(&format!(" ({word}: {} words)", words.len()));
        }
        shown.push_str(&line);
        shown.push('\n');
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = format!("{}slo_breach{}", "(".repeat(200), ")".repeat(200));
    assert!(Condition::new(&deep).is_err());
    let nots = format!("{}slo_breach", "not ".repeat(200));
    assert!(Condition::new(&nots).is_err());
    let long = format!("slo_breach{}", " ".repeat(MOST_LENGTH));
    assert!(Condition::new(&long).is_err());
    let wide = vec!["slo_breach"; 60].join(" and ");
    assert!(Condition::new(&wide).is_ok());
}

proptest::proptest! {
    #[test]
    fn no_text_panics(source in "(slo_breach|severity|and|or|not|in|\\(|\\)|\\[|\\]|,|==|<|\"HIGH\"|3| |\\PC){0,40}") {
        if let Ok(condition) = Condition::new(&source) {
            let _ = condition.holds(&fact);
        }
    }
}
