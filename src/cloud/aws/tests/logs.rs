//! What CloudWatch Logs is asked, and what becomes of its answers. Replies are written as AWS
//! gives them: emulators never page, read every class and know no limit of rows.

use super::{AMPLE, Canned, answer, aws, catalog, run};
use crate::cloud::Cloud;
use crate::cloud::policy;
use crate::cloud::question::LogsQuestion;
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{EnvironmentName, Region};
use crate::model::log_events::{LogEventPage, LogWay};

const JSON: &str = "application/x-amz-json-1.1";

fn question(way: LogWay, page: Option<&str>) -> LogsQuestion {
    LogsQuestion {
        environment: EnvironmentName::new("test").expect("a name"),
        region: Region::new("eu-central-1").expect("a region"),
        group: "/aws/lambda/orders-api".to_owned(),
        way,
        start: 1_000,
        end: 3_000,
        page: page.map(str::to_owned),
    }
}

fn ask(
    question: LogsQuestion,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> Result<LogEventPage, Box<Gap>> {
    run(async {
        let operations = policy::reading_logs(&catalog());
        let aws = aws("eu-central-1", 1, AMPLE, operations, script).await;
        let cloud: &dyn Cloud = &aws;
        cloud.logs(&question).await.map_err(Box::new)
    })
}

#[test]
fn a_page_without_events_may_have_a_next_one() {
    let page = ask(question(LogWay::Filter, None), |asked| {
        for part in [
            r#""logGroupName":"/aws/lambda/orders-api""#,
            r#""startTime":1000"#,
            // The end that AWS takes belongs to the span.
            r#""endTime":2999"#,
        ] {
            assert!(asked.contains(part), "{part}: {asked}");
        }
        answer(200, JSON, r#"{"events":[],"nextToken":"more"}"#)
    });
    let page = page.expect("a page");
    assert_eq!((page.events.len(), page.next.as_deref()), (0, Some("more")));
}

#[test]
fn a_token_that_comes_again_is_an_incomplete_list_and_no_circle() {
    let gap = ask(question(LogWay::Filter, Some("more")), |_| {
        answer(200, JSON, r#"{"events":[],"nextToken":"more"}"#)
    });
    assert_eq!(gap.expect_err("a circle").cause, GapCause::Partial);
}

#[test]
fn events_outside_of_the_span_are_left_out() {
    let page = ask(question(LogWay::Filter, None), |_| {
        let event = |id: &str, time: i64| {
            format!(
                r#"{{"logStreamName":"a","timestamp":{time},"message":"x","ingestionTime":{time},"eventId":"{id}"}}"#
            )
        };
        let events = [
            event("1", 999),
            event("2", 1_000),
            event("3", 2_999),
            event("4", 3_000),
        ];
        answer(
            200,
            JSON,
            &format!(r#"{{"events":[{}]}}"#, events.join(",")),
        )
    });
    let page = page.expect("a page");
    let ids: Vec<&str> = page.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["2", "3"]);
}

#[test]
fn a_query_is_waited_for_and_says_how_much_it_matched() {
    let page = ask(question(LogWay::Insights, None), |asked| {
        if asked.contains("queryString") {
            assert!(asked.contains(r#""startTime":1,"#), "{asked}");
            return answer(200, JSON, r#"{"queryId":"q-1"}"#);
        }
        assert!(asked.contains(r#""queryId":"q-1""#), "{asked}");
        answer(
            200,
            JSON,
            r#"{"status":"Complete","statistics":{"recordsMatched":25000.0,"recordsScanned":25000.0,"bytesScanned":4096.0},
              "results":[[{"field":"@timestamp","value":"1970-01-01 00:00:01.250"},{"field":"@message","value":"x"},
              {"field":"@logStream","value":"a"},{"field":"@ptr","value":"p-1"}]]}"#,
        )
    });
    let page = page.expect("a page");
    assert_eq!(page.matched, Some(25_000));
    assert_eq!(page.scanned_bytes, Some(4_096));
    assert_eq!(
        (page.events[0].time, page.events[0].id.as_str()),
        (1_250, "p-1")
    );
}

#[test]
fn a_query_that_failed_is_no_small_result() {
    for status in ["Failed", "Cancelled", "Timeout", "Unknown"] {
        let gap = ask(question(LogWay::Insights, None), move |asked| {
            match asked.contains("queryString") {
                true => answer(200, JSON, r#"{"queryId":"q-1"}"#),
                false => answer(
                    200,
                    JSON,
                    &format!(r#"{{"status":"{status}","results":[]}}"#),
                ),
            }
        });
        let gap = gap.expect_err("no result");
        assert!(gap.message.raw().contains(status), "{gap:?}");
    }
}

#[test]
fn a_class_that_refuses_says_so_with_its_code() {
    let gap = ask(question(LogWay::Filter, None), |_| {
        answer(
            400,
            JSON,
            r#"{"__type":"InvalidOperationException","message":"The log group X is of log-group-class INFREQUENT_ACCESS. FilterLogEvents is not supported for this log class."}"#,
        )
    });
    let gap = gap.expect_err("refused");
    let code = gap.code.as_ref().map(crate::text::Untrusted::raw);
    assert_eq!(code, Some("InvalidOperationException"));
}

#[test]
fn a_denial_names_the_permission() {
    let gap = ask(question(LogWay::Filter, None), |_| {
        answer(
            400,
            JSON,
            r#"{"__type":"AccessDeniedException","message":"User: arn:aws:sts::123456789012:assumed-role/x/y is not authorized to perform: logs:FilterLogEvents on resource: arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/orders-api:log-stream: because no identity-based policy allows the logs:FilterLogEvents action"}"#,
        )
    });
    let gap = gap.expect_err("denied");
    assert_eq!(gap.cause, GapCause::Denied);
    assert_eq!(
        gap.missing_permission.as_deref(),
        Some("logs:FilterLogEvents")
    );
}
