//! What Cost Explorer is asked, and what becomes of its answers.

use super::{AMPLE, Canned, answer, aws, run};
use crate::cloud::Cloud;
use crate::cloud::policy;
use crate::cloud::question::SpendQuestion;
use crate::model::cost::{CostDays, SpendGrouping, SpendTable};
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{AccountId, EnvironmentName};
use crate::model::receipt::Receipt;
use crate::text::Untrusted;

const JSON: &str = "application/x-amz-json-1.1";

fn question(by: SpendGrouping) -> SpendQuestion {
    SpendQuestion {
        environment: EnvironmentName::new("test").expect("a name"),
        days: CostDays {
            start: "2026-02-13".parse().expect("a day"),
            end: "2026-02-15".parse().expect("a day"),
        },
        by,
        account: AccountId::new("123456789012").ok(),
        tags: vec![("env".to_owned(), "test".to_owned())],
    }
}

fn ask(
    by: SpendGrouping,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> (Result<SpendTable, Box<Gap>>, Receipt) {
    run(async {
        let aws = aws(
            "eu-central-1",
            1,
            AMPLE,
            policy::costing(&["account".to_owned()]),
            script,
        )
        .await;
        let cloud: &dyn Cloud = &aws;
        let answer = cloud.spend(&question(by)).await.map_err(Box::new);
        (answer, aws.receipt())
    })
}

fn day(start: &str, end: &str, groups: &str) -> String {
    format!(
        r#"{{"TimePeriod":{{"Start":"{start}","End":"{end}"}},"Total":{{}},"Groups":[{groups}],"Estimated":{}}}"#,
        start.ends_with("14")
    )
}

fn group(service: &str, usage_type: &str, amount: &str) -> String {
    format!(
        r#"{{"Keys":["{service}","{usage_type}"],"Metrics":{{"UnblendedCost":{{"Amount":"{amount}","Unit":"USD"}},"NetAmortizedCost":{{"Amount":"0.5","Unit":"USD"}},"UsageQuantity":{{"Amount":"24","Unit":"Hrs"}}}}}}"#
    )
}

fn page(days: &[String], next: Option<&str>) -> Canned {
    let next = next.map_or(String::new(), |next| {
        format!(r#","NextPageToken":"{next}""#)
    });
    answer(
        200,
        JSON,
        &format!(r#"{{"ResultsByTime":[{}]{next}}}"#, days.join(",")),
    )
}

#[test]
fn pages_become_a_table_of_days() {
    let (answer, receipt) = ask(SpendGrouping::UsageType, |asked| {
        // One endpoint, whatever the main region is; the end is excluded.
        assert!(asked.contains("ce.us-east-1.amazonaws.com"), "{asked}");
        for part in [
            r#""Start":"2026-02-13""#,
            r#""End":"2026-02-15""#,
            r#""Granularity":"DAILY""#,
            r#""Key":"USAGE_TYPE""#,
            r#""Key":"LINKED_ACCOUNT","Values":["123456789012"]"#,
            r#""Not":{"Dimensions":{"Key":"RECORD_TYPE""#,
            r#""Tags":{"Key":"env","Values":["test"]"#,
        ] {
            assert!(asked.contains(part), "{part}: {asked}");
        }
        match asked.contains("NextPageToken") {
            false => page(
                &[day(
                    "2026-02-13",
                    "2026-02-14",
                    &group("AWS Lambda", "Request", "1.25"),
                )],
                Some("more"),
            ),
            true => page(
                &[
                    day(
                        "2026-02-13",
                        "2026-02-14",
                        &group("Amazon RDS", "Usage", "2"),
                    ),
                    day(
                        "2026-02-14",
                        "2026-02-15",
                        &group("AWS Lambda", "Request", "1e-3"),
                    ),
                ],
                None,
            ),
        }
    });
    let table = answer.expect("a table");
    assert_eq!(table.estimated, [false, true]);
    assert_eq!(table.currency.raw(), "USD");
    let rows: Vec<_> = table
        .groups
        .iter()
        .map(|row| {
            (
                row.keys[0].raw(),
                row.unblended.clone(),
                row.net_amortized.clone(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("AWS Lambda", vec![1.25, 0.001], vec![0.5, 0.5]),
            ("Amazon RDS", vec![2.0, 0.0], vec![0.5, 0.0]),
        ]
    );
    assert_eq!(table.groups[0].usage, [24.0, 24.0]);
    assert_eq!(table.groups[0].usage_unit.raw(), "Hrs");
    // Two pages at a cent each.
    assert_eq!(receipt.by_operation["ce:GetCostAndUsage"], 2);
    assert_eq!(receipt.estimated_cost_usd, 0.02);
}

#[test]
fn records_are_asked_for_with_all_their_types() {
    let (answer, _) = ask(SpendGrouping::RecordType, |asked| {
        assert!(!asked.contains(r#""Not""#), "{asked}");
        assert!(asked.contains(r#""Key":"RECORD_TYPE""#), "{asked}");
        page(&[], None)
    });
    assert_eq!(answer.expect("a table").groups, []);
    let (answer, _) = ask(SpendGrouping::Tag("team".to_owned()), |asked| {
        assert!(asked.contains(r#""Type":"TAG","Key":"team""#), "{asked}");
        page(&[], None)
    });
    assert_eq!(answer.expect("a table").groups, []);
}

#[test]
fn what_is_refused_or_odd_is_a_gap() {
    for (status, code, cause) in [
        (400, "AccessDeniedException", GapCause::Denied),
        (400, "DataUnavailableException", GapCause::ProviderError),
        (400, "ThrottlingException", GapCause::Throttled),
    ] {
        let (answer, _) = ask(SpendGrouping::UsageType, move |_| {
            answer_error(status, code)
        });
        let gap = answer.expect_err("a gap");
        assert_eq!((gap.cause, gap.code), (cause, Some(Untrusted::from(code))));
    }
    for odd in [
        day(
            "2026-03-01",
            "2026-03-02",
            &group("AWS Lambda", "Request", "1"),
        ),
        day(
            "2026-02-13",
            "2026-02-14",
            &group("AWS Lambda", "Request", "much"),
        ),
        day(
            "2026-02-13",
            "2026-02-14",
            &group("AWS Lambda", "Request", "NaN"),
        ),
        day(
            "2026-02-13",
            "2026-02-14",
            r#"{"Keys":["AWS Lambda","Request"],"Metrics":{}}"#,
        ),
    ] {
        let (answer, _) = ask(SpendGrouping::UsageType, move |_| {
            page(std::slice::from_ref(&odd), None)
        });
        assert_eq!(answer.expect_err("a gap").cause, GapCause::Garbled);
    }
}

fn answer_error(status: u16, code: &str) -> Canned {
    answer(
        status,
        JSON,
        &format!(r#"{{"__type":"{code}","message":"no"}}"#),
    )
}
