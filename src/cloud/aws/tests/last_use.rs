//! What the access advisor is asked, and what becomes of its report. The emulators know of no
//! service in it: these are the answers of AWS's reference, with its times.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{AMPLE, Canned, answer, aws, run};
use crate::cloud::Cloud;
use crate::cloud::policy;
use crate::cloud::question::LastUseQuestion;
use crate::model::fact::{Gap, GapCause};
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::last_use::LastUse;

const S3: &str = "<member><ServiceName>Amazon S3</ServiceName><LastAuthenticated>2018-10-24T19:11:00Z</LastAuthenticated><ServiceNamespace>s3</ServiceNamespace><TotalAuthenticatedEntities>1</TotalAuthenticatedEntities><TrackedActionsLastAccessed><member><ActionName>CreateBucket</ActionName><LastAccessedTime>2018-10-24T19:11:00Z</LastAccessedTime></member><member><ActionName>DeleteBucket</ActionName></member></TrackedActionsLastAccessed></member>";
const SQS: &str = "<member><ServiceName>Amazon SQS</ServiceName><ServiceNamespace>sqs</ServiceNamespace><TotalAuthenticatedEntities>0</TotalAuthenticatedEntities></member>";

fn result(name: &str, body: &str) -> Canned {
    let body = format!("<{name}Response><{name}Result>{body}</{name}Result></{name}Response>");
    answer(200, "text/xml", &body)
}

fn report(status: &str, services: &str, more: Option<&str>) -> Canned {
    let more = match more {
        Some(marker) => format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>"),
        None => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    let body = format!(
        "<JobStatus>{status}</JobStatus><JobType>ACTION_LEVEL</JobType><JobCreationDate>2018-10-24T19:47:31.466Z</JobCreationDate><JobCompletionDate>2018-10-24T19:47:35.241Z</JobCompletionDate><ServicesLastAccessed>{services}</ServicesLastAccessed>{more}"
    );
    result("GetServiceLastAccessedDetails", &body)
}

/// The answer, where the report is fetched with what `fetch` says for each time it is.
fn ask(fetch: impl Fn(usize, &str) -> Canned + Send + Sync + 'static) -> Result<LastUse, Box<Gap>> {
    let times = AtomicUsize::new(0);
    let script = move |line: &str| match line.contains("Action=GenerateServiceLastAccessedDetails")
    {
        true => {
            let right = line.contains("Granularity=ACTION_LEVEL") && line.contains("deploy");
            assert!(right, "{line}");
            result("GenerateServiceLastAccessedDetails", "<JobId>a-job</JobId>")
        }
        false => {
            assert!(line.contains("JobId=a-job"), "{line}");
            fetch(times.fetch_add(1, Ordering::Relaxed), line)
        }
    };
    run(async {
        let aws = aws("eu-central-1", 1, AMPLE, policy::seeing_use(), script).await;
        let cloud: &dyn Cloud = &aws;
        let question = LastUseQuestion {
            environment: EnvironmentName::new("test").expect("a name"),
            arn: Arn::new("arn:aws:iam::123456789012:role/deploy").expect("an ARN"),
        };
        cloud.last_use(&question).await.map_err(Box::new)
    })
}

#[test]
fn a_report_is_made_waited_for_and_read_to_its_end() {
    let found = ask(|time, line| match (time, line.contains("Marker=next")) {
        (0, _) => report("IN_PROGRESS", "", None),
        (1, _) => report("COMPLETED", S3, Some("next")),
        (_, true) => report("COMPLETED", SQS, None),
        (_, false) => panic!("the next page was not asked for: {line}"),
    })
    .expect("a report");
    let shown = serde_json::to_value(&found).expect("JSON");
    assert_eq!(
        shown,
        serde_json::json!({
            "as_of": "2018-10-24T19:47:35.241Z",
            "services": [
                { "service": "s3", "last": "2018-10-24T19:11:00Z", "actions": [
                    { "action": "CreateBucket", "last": "2018-10-24T19:11:00Z" },
                    { "action": "DeleteBucket" },
                ] },
                { "service": "sqs" },
            ],
        })
    );
}

#[test]
fn a_report_that_aws_could_not_make_is_a_gap_with_its_words() {
    let gap = ask(|_, _| report("FAILED", S3, None)).expect_err("it failed");
    assert_eq!(gap.cause, GapCause::ProviderError);
    assert_eq!(gap.message.raw(), "AWS could not make the report");
    let gap = ask(|_, _| {
        let why = "<Code>ServiceFailure</Code><Message>try again later</Message>";
        let body = format!("<JobStatus>FAILED</JobStatus><Error>{why}</Error>");
        result("GetServiceLastAccessedDetails", &body)
    })
    .expect_err("it failed");
    let said = (gap.code.as_ref().map(|code| code.raw()), gap.message.raw());
    assert_eq!(said, (Some("ServiceFailure"), "try again later"));
}

#[test]
fn half_a_report_is_none() {
    let cases: [(&str, Canned); 4] = [
        ("nobody knows how it is", report("LOST", S3, None)),
        (
            "a time is none",
            report(
                "COMPLETED",
                &S3.replace("2018-10-24T19:11:00Z", "lately"),
                None,
            ),
        ),
        (
            "a service has no name",
            report("COMPLETED", &SQS.replace("ServiceNamespace", "Other"), None),
        ),
        ("more, without a token", {
            let body = "<JobStatus>COMPLETED</JobStatus><ServicesLastAccessed/><IsTruncated>true</IsTruncated>";
            result("GetServiceLastAccessedDetails", body)
        }),
    ];
    for (what, canned) in cases {
        let gap = ask(move |_, _| canned.clone()).expect_err(what);
        assert_eq!(gap.cause, GapCause::Garbled, "{what}");
    }
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/x is not authorized to perform: iam:GetServiceLastAccessedDetails on resource: *</Message></Error></ErrorResponse>";
    let gap = ask(move |_, _| answer(403, "text/xml", denied)).expect_err("it is denied");
    assert_eq!(gap.cause, GapCause::Denied);
}
