use proptest::prelude::*;

use super::*;
use crate::model::dashboard::Dashboard;

fn busy() -> Dashboard {
    serde_json::from_str(include_str!("../samples/dashboard-busy.json")).expect("a dashboard")
}

#[test]
fn numbers_are_said_in_words() {
    for (text, said) in [
        ("99.9 %", "ninety nine point nine percent"),
        ("200 ms", "two hundred milliseconds"),
        ("1,204 requests", "one thousand two hundred four requests"),
        ("3 of 4 tasks", "three of four tasks"),
        ("-38.2%", "minus thirty eight point two percent"),
        ("0.05", "zero point zero five"),
        ("1000000", "one million"),
        (
            "123456789012",
            "one two three four five six seven eight nine zero one two",
        ),
        ("$0.5", "zero point five dollars"),
        ("61d", "sixty one days"),
        ("orders-api.v2", "orders api v two"),
        (
            "max_connections (target ≤ 80 %)",
            "max connections, target at most eighty percent",
        ),
        ("p95 latency", "ninety fifth percentile latency"),
        ("gone; look!", "gone, look"),
        ("<script>alert(1)</script>", "script alert, one, script"),
        ("", ""),
        ("***", ""),
    ] {
        assert_eq!(say(text), said, "{text}");
    }
    assert_eq!(words(u64::MAX).split(' ').next(), Some("eighteen"));
    for (minutes, said) in [
        (-3, "less than a minute"),
        (1, "one minute"),
        (134, "two hours and fourteen minutes"),
        (1_500, "one day and one hour"),
        (100_000, "sixty nine days"),
    ] {
        assert_eq!(span(minutes), said);
    }
}

/// A schedule that stopped is told with its age, and not as health.
#[test]
fn what_is_too_old_is_said_with_its_age() {
    let mut dashboard = busy();
    let seen = dashboard.generated_at - jiff::SignedDuration::from_hours(26);
    let row = dashboard.domains.first_mut().expect("a row");
    row.status = crate::model::status::Status::Unknown;
    row.observed_at = Some(seen);
    row.note = Some("stale: last observed 26h ago, HEALTHY then".into());
    let said = super::dashboard(&dashboard);
    assert!(
        said.contains("was last observed one day and two hours ago, which is too long ago to say how it is now"),
        "{said}"
    );
}

fn plain(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | ',' | '.' | '\n'))
}

#[test]
fn a_minute_is_enough() {
    let mut dashboard = busy();
    assert!(dashboard_words(&dashboard) <= MOST_WORDS);
    for row in &mut dashboard.top_issues {
        row.title = "word ".repeat(500).into();
        row.resource = "a-very-".repeat(50).into();
    }
    assert!(dashboard_words(&dashboard) <= MOST_WORDS);
    let first = super::dashboard(&dashboard);
    assert!(first.starts_with("Operations are unhealthy, and there are seven open issues"));
}

fn dashboard_words(dashboard: &Dashboard) -> usize {
    super::dashboard(dashboard).split_whitespace().count()
}

proptest! {
    #[test]
    fn whatever_comes_is_letters_commas_and_full_stops(
        title in any::<String>(),
        name in any::<String>(),
        age in any::<i64>(),
        left in any::<f64>(),
        total in any::<u32>(),
    ) {
        let mut dashboard = busy();
        dashboard.issues_total = total;
        dashboard.top_issues[0].title = title.clone().into();
        dashboard.top_issues[0].resource = name.clone().into();
        dashboard.top_issues[0].age_minutes = age;
        dashboard.budgets[0].resource.name = name.into();
        dashboard.budgets[0].remaining_percent = Some(left);
        dashboard.budgets[0].exhausted_in_seconds = Some(7);
        dashboard.recommended_actions[0].text = title.into();
        let said = super::dashboard(&dashboard);
        prop_assert!(plain(&said), "{said}");
        prop_assert!(!said.contains("  ") && !said.contains(" ,") && !said.contains(",,"), "{said}");
        prop_assert!(said.lines().all(|line| line.ends_with('.')), "{said}");
    }
}
