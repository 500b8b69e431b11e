//! What HTTP answers become.

use std::time::Duration;

use super::{AMPLE, Canned, answer, aws, run};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::guard::Operations;
use crate::cloud::aws::kinds::reads;
use crate::cloud::aws::lean::Members;
use crate::model::fact::GapCause;

const LIST: &str = "lambda:ListFunctions";

fn ask(region: &str, attempts: u32, canned: Canned, operations: &[&str]) -> (Failure, u64, u64) {
    run(async {
        let operations: Operations = operations.iter().copied().collect();
        let deadline = match canned {
            Canned::Silence => Duration::from_millis(50),
            _ => AMPLE,
        };
        let aws = aws(region, attempts, deadline, operations, move |_| {
            canned.clone()
        })
        .await;
        let region = aws.in_region(&aws.region, aws.deadline_from_now());
        let answer = reads::send(region, LIST, Members::new(), true).await;
        let failure = answer.expect_err("a failure");
        let receipt = aws.guard.meter().receipt(&aws.prices);
        (failure, receipt.calls, receipt.refused)
    })
}

fn json(status: u16, code: &'static str, message: &str) -> Canned {
    Canned::Answer {
        status,
        headers: vec![
            ("content-type", "application/json"),
            ("x-amzn-errortype", code),
        ],
        body: format!("{{\"message\": {message:?}}}").into_bytes(),
    }
}

#[test]
fn answers_become_causes() {
    let denial = "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: \
                  lambda:ListFunctions on resource: * because no identity-based policy allows it";
    let cases = [
        (
            "denied",
            json(403, "AccessDeniedException", denial),
            GapCause::Denied,
        ),
        (
            "denied without words",
            answer(403, "application/json", "{}"),
            GapCause::Denied,
        ),
        (
            "expired",
            json(403, "ExpiredTokenException", "old"),
            GapCause::Credentials,
        ),
        (
            "unknown key",
            json(403, "UnrecognizedClientException", "who"),
            GapCause::Credentials,
        ),
        (
            "bad signature",
            json(403, "InvalidSignatureException:http://x", "no"),
            GapCause::Credentials,
        ),
        (
            "throttled",
            json(429, "TooManyRequestsException", "slow"),
            GapCause::Throttled,
        ),
        (
            "throttled by status",
            answer(429, "text/plain", "slow"),
            GapCause::Throttled,
        ),
        (
            "service error",
            json(500, "ServiceException", "sorry"),
            GapCause::ProviderError,
        ),
        (
            "page of an emulator",
            answer(500, "text/html", "<h1>no</h1>"),
            GapCause::ProviderError,
        ),
        (
            "page of a proxy",
            answer(404, "text/html; charset=utf-8", "<h1>no</h1>"),
            GapCause::Garbled,
        ),
        (
            "200 and no JSON",
            answer(200, "text/html", "<h1>hello</h1>"),
            GapCause::Garbled,
        ),
        (
            "half of a JSON",
            answer(200, "application/json", "{\"Functions\": ["),
            GapCause::Garbled,
        ),
        ("no connection", Canned::NoConnection, GapCause::Unreachable),
        ("silence", Canned::Silence, GapCause::TimedOut),
    ];
    let mut seen = String::new();
    for (number, (name, canned, cause)) in cases.into_iter().enumerate() {
        let (failure, calls, _) = ask(&format!("eu-errors-{number}"), 1, canned, &[LIST]);
        assert_eq!(failure.cause, cause, "{name}: {failure:?}");
        assert!(calls >= 1, "{name}");
        seen += &format!(
            "{name}: {} | code {} | permission {}\n",
            failure.message.raw(),
            failure.code.as_ref().map_or("-", |code| code.raw()),
            failure.missing_permission.as_deref().unwrap_or("-"),
        );
    }
    insta::assert_snapshot!(seen, @"
    denied: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: lambda:ListFunctions on resource: * because no identity-based policy allows it | code AccessDeniedException | permission lambda:ListFunctions
    denied without words: HTTP 403, application/json without an error code | code - | permission lambda:ListFunctions
    expired: old | code ExpiredTokenException | permission -
    unknown key: who | code UnrecognizedClientException | permission -
    bad signature: no | code InvalidSignatureException | permission -
    throttled: slow | code TooManyRequestsException | permission -
    throttled by status: HTTP 429, text/plain without an error code | code - | permission -
    service error: sorry | code ServiceException | permission -
    page of an emulator: HTTP 500, text/html without an error code | code - | permission -
    page of a proxy: HTTP 404, text/html without an error code | code - | permission -
    200 and no JSON: HTTP 200, text/html could not be understood: expected value at line 1 column 1 | code - | permission -
    half of a JSON: HTTP 200, application/json could not be understood: EOF while parsing a list at line 1 column 15 | code - | permission -
    no connection: io error: connection refused | code - | permission -
    silence: no answer within the 0.05 seconds that a check may take | code - | permission -
    ");
}

#[test]
fn what_is_not_listed_never_leaves_the_process() {
    let (failure, calls, refused) = ask(
        "eu-west-1",
        1,
        answer(200, "application/json", "{}"),
        &["s3:HeadBucket"],
    );
    assert_eq!((calls, refused), (0, 1));
    assert_eq!(failure.cause, GapCause::NotAsked);
    insta::assert_snapshot!(failure.message.raw(), @"`lambda:ListFunctions` is not in this command's list of operations, so it was not sent");
}

#[test]
fn every_attempt_is_counted() {
    let (_, calls, _) = ask(
        "eu-west-1",
        2,
        json(500, "ServiceException", "sorry"),
        &[LIST],
    );
    assert_eq!(calls, 2);
}
