//! Facts as they are written to recordings.

use super::*;

#[test]
fn facts_that_were_all_numbers_are_read_as_before() {
    let old = r#"{"running":{"known":3.0},"desired":{"known":4},"max_connections":{"unreadable":7},"allocated_storage_bytes":"absent"}"#;
    let facts: BTreeMap<FactName, Fact> = serde_json::from_str(old).expect("an old recording");
    assert_eq!(facts["running"], 3.0.into());
    assert_eq!(facts["desired"], 4.0.into());
    assert_eq!(facts["max_connections"], unreadable(7));
    assert_eq!(facts["allocated_storage_bytes"], Fact::Absent);
    let plain: BTreeMap<String, Fact<f64>> = serde_json::from_str(old).expect("old facts");
    assert_eq!(
        serde_json::to_string(&facts.get("running")).expect("JSON"),
        serde_json::to_string(&plain.get("running")).expect("JSON"),
        "numbers are written as before, so that older versions can read them"
    );
}

#[test]
fn every_value_survives_writing() {
    let time: jiff::Timestamp = "2026-01-31T08:00:00Z".parse().expect("a moment");
    let rule = record([
        ("protocol", "tcp".into()),
        ("from_port", 22.0.into()),
        ("cidrs", cut(vec!["::/0".into(), unreadable(3)], 4)),
        ("description", Fact::Absent),
        ("since", time.into()),
        ("open", true.into()),
    ]);
    let facts = BTreeMap::from([(FactName::parse("ingress").expect("a name"), rule)]);
    let text = serde_json::to_string(&facts).expect("JSON");
    assert_eq!(
        text,
        concat!(
            r#"{"ingress":{"known":{"map":{"entries":{"#,
            r#""cidrs":{"known":{"list":{"items":[{"known":"::/0"},{"unreadable":3}],"unseen":[4]}}},"#,
            r#""description":"absent","from_port":{"known":22.0},"open":{"known":true},"#,
            r#""protocol":{"known":"tcp"},"since":{"known":{"time":"2026-01-31T08:00:00Z"}}}}}}}"#,
        )
    );
    let back: BTreeMap<FactName, Fact> = serde_json::from_str(&text).expect("facts");
    assert_eq!(back, facts);
    let ingress = &back["ingress"];
    assert_eq!(ingress.gaps(), [GapId(3), GapId(4)].into());
    let again = ingress.renumbered(&|gap| GapId(gap.0 * 10));
    assert_eq!(again.gaps(), [GapId(30), GapId(40)].into());
    assert_eq!(again.renumbered(&|gap| GapId(gap.0 / 10)), *ingress);
}

#[test]
fn what_is_no_value_is_refused_by_name() {
    let error = |text: &str| {
        let read = serde_json::from_str::<Value>(text);
        read.expect_err(text).to_string()
    };
    assert!(error("null").contains("a number, a text, true, false, or one of"));
    assert!(error(r#"{"tiem":"2026-01-31T08:00:00Z"}"#).contains("expected one of `time`"));
    assert!(error(r#"{"list":{"items":[]},"map":{}}"#).contains("expected a number"));
    assert!(error("{}").contains("expected a number"));
}

#[test]
fn names_of_facts_are_names_of_the_language() {
    for good in ["running", "max_connections", "p95_ms"] {
        assert!(FactName::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "", "Running", "9th", "_a", "a-b", "a.b", "in", "true", "not", "ä",
    ] {
        assert!(FactName::parse(bad).is_err(), "{bad}");
    }
    let read = serde_json::from_str::<FactName>("\"a b\"");
    let message = read.expect_err("a blank in a name").to_string();
    assert!(message.starts_with("`a b` is not a name"), "{message}");
}

#[test]
fn looking_up_a_list_does_not_copy_it() {
    let list = Value::list((0..3).map(|n| Fact::from(f64::from(n))));
    let Value::List(one) = &list else {
        panic!("a list")
    };
    let before = Arc::strong_count(one);
    let again = list.clone();
    assert_eq!(Arc::strong_count(one), before + 1);
    drop(again);
}
