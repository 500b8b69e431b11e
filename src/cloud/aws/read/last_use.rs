//! When a user or role last used what it may do: a report that AWS puts together when it is asked.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::log_sources::ask_lean;
use crate::catalog::reads::path::items;
use crate::cloud::aws::client::{Aws, Deadline};
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::lean::Members;
use crate::cloud::question::{Answer, LastUseQuestion};
use crate::model::fact::GapCause;
use crate::model::last_use::{ActionUse, LastUse, ServiceUse};
use crate::text::Untrusted;

const MAKE: &str = "iam:GenerateServiceLastAccessedDetails";
const FETCH: &str = "iam:GetServiceLastAccessedDetails";
/// How often and how long is waited for the report.
const LOOKS: u32 = 15;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Most pages; AWS has a few hundred services.
const MOST_PAGES: usize = 20;

/// Asks for the report and fetches it.
pub(crate) async fn read(aws: &Aws, ask: &LastUseQuestion) -> Answer {
    let deadline = aws.deadline_from_now();
    match report(aws, ask, deadline).await {
        Ok(found) => Answer::LastUse(Box::new(found)),
        Err(failure) => Answer::Gap(failure.into_gap(format!("when {} used what it may", ask.arn))),
    }
}

async fn report(aws: &Aws, ask: &LastUseQuestion, deadline: Deadline) -> Result<LastUse, Failure> {
    let input = members(&json!({ "Arn": ask.arn.as_str(), "Granularity": "ACTION_LEVEL" }));
    let made = ask_lean(aws, MAKE, &aws.region, input, deadline).await?;
    let job = made.get("JobId").and_then(Value::as_str);
    let job = job.ok_or_else(|| garbled(MAKE, "the answer names no job"))?;
    let mut found = LastUse::default();
    let mut page: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let answer = finished(aws, job, page.as_deref(), deadline).await?;
        found.as_of = time(answer.get("JobCompletionDate"));
        for service in list(&answer, "ServicesLastAccessed") {
            found.services.push(of_service(service)?);
        }
        let more = answer.get("IsTruncated").and_then(Value::as_str);
        if more != Some("true") {
            return Ok(found);
        }
        let next = answer.get("Marker").and_then(Value::as_str);
        page = Some(
            next.ok_or_else(|| garbled(FETCH, "there are more pages, but no token"))?
                .to_owned(),
        );
    }
    Err(garbled(FETCH, "the pages do not end"))
}

/// A page of the report, once AWS has made it.
async fn finished(
    aws: &Aws,
    job: &str,
    page: Option<&str>,
    deadline: Deadline,
) -> Result<Value, Failure> {
    let mut input = members(&json!({ "JobId": job, "MaxItems": 1000 }));
    if let Some(page) = page {
        input.insert("Marker".to_owned(), page.into());
    }
    let mut pause = FIRST_PAUSE;
    for look in 0..LOOKS {
        if look > 0 {
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
        let answer = ask_lean(aws, FETCH, &aws.region, input.clone(), deadline).await?;
        match answer.get("JobStatus").and_then(Value::as_str) {
            Some("COMPLETED") => return Ok(answer),
            Some("IN_PROGRESS") => {}
            Some("FAILED") => return Err(failed(&answer)),
            _ => return Err(garbled(FETCH, "the answer does not say how the report is")),
        }
    }
    let message = "AWS has not finished the report yet";
    Err(Failure::ours(FETCH, GapCause::TimedOut, message))
}

/// Why AWS could not make the report, in its own words where it has some.
fn failed(answer: &Value) -> Failure {
    let said = |member: &str| answer.get("Error")?.get(member)?.as_str();
    let words = said("Message").unwrap_or("AWS could not make the report");
    Failure {
        code: said("Code").map(Untrusted::from),
        ..Failure::ours(FETCH, GapCause::ProviderError, words)
    }
}

/// A service; one without a name would be one less that was used.
fn of_service(service: &Value) -> Result<ServiceUse, Failure> {
    let name = service.get("ServiceNamespace").and_then(Value::as_str);
    let name = name.ok_or_else(|| garbled(FETCH, "a service has no name"))?;
    let actions = list(service, "TrackedActionsLastAccessed")
        .iter()
        .map(|one| {
            let action = one.get("ActionName").and_then(Value::as_str);
            let action = action.ok_or_else(|| garbled(FETCH, "an action has no name"))?;
            Ok(ActionUse {
                action: action.to_owned(),
                last: known_time(one, "LastAccessedTime")?,
            })
        });
    Ok(ServiceUse {
        service: name.to_owned(),
        last: known_time(service, "LastAuthenticated")?,
        actions: actions.collect::<Result<_, Failure>>()?,
    })
}

/// A time that may be missing, but not be something else: that would read as "never".
fn known_time(of: &Value, member: &str) -> Result<Option<Timestamp>, Failure> {
    match of.get(member).filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => match time(Some(value)) {
            Some(time) => Ok(Some(time)),
            None => Err(garbled(FETCH, &format!("`{member}` is no time"))),
        },
    }
}

fn time(value: Option<&Value>) -> Option<Timestamp> {
    value?.as_str()?.parse().ok()
}

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of.get(member).map_or(&[], items)
}

fn members(of: &Value) -> Members {
    of.as_object().cloned().unwrap_or_default()
}

fn garbled(operation: &str, message: &str) -> Failure {
    Failure::ours(operation, GapCause::Garbled, message)
}
