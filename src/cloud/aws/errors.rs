//! From the SDK's errors to gaps: what kind of failure it was, and what would fix it.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::catalog::template::MissingAttribute;
use crate::model::fact::{Gap, GapCause};
use crate::text::Untrusted;

/// A call that gave no answer: a [`Gap`] that does not yet know what was not seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Failure {
    /// The call as IAM names it.
    pub(crate) operation: String,
    /// The kind of failure.
    pub(crate) cause: GapCause,
    /// The provider's error code.
    pub(crate) code: Option<Untrusted>,
    /// The provider's words, or ours where it said nothing.
    pub(crate) message: Untrusted,
    /// The IAM permission that would fix it.
    pub(crate) missing_permission: Option<String>,
    /// What only the code next to the call looks at.
    pub(crate) http: Box<Http>,
}

/// Parts of the HTTP response that some calls carry meaning in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Http {
    /// Status code.
    pub(crate) status: Option<u16>,
    /// Where S3 says that the bucket is.
    pub(crate) bucket_region: Option<String>,
    /// Whether somebody configured the endpoint that it is from.
    pub(crate) is_own_endpoint: bool,
}

impl Failure {
    /// A failure that the provider did not word.
    pub(crate) fn ours(operation: &str, cause: GapCause, message: impl Into<String>) -> Self {
        Self {
            operation: operation.to_owned(),
            cause,
            code: None,
            message: Untrusted::new(message),
            missing_permission: None,
            http: Box::default(),
        }
    }

    /// The gap in a snapshot.
    pub(crate) fn into_gap(self, subject: String) -> Gap {
        Gap {
            operation: self.operation,
            subject,
            cause: self.cause,
            code: self.code,
            message: self.message,
            missing_permission: self.missing_permission,
        }
    }

    /// Whether the provider's error code is one of these.
    pub(crate) fn has_code(&self, codes: &[impl AsRef<str>]) -> bool {
        self.code
            .as_ref()
            .is_some_and(|code| codes.iter().any(|one| one.as_ref() == code.raw()))
    }
}

/// A request that never left the process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{operation}` is not in this command's list of operations, so it was not sent")]
pub(crate) struct Refused {
    /// The operation.
    pub(crate) operation: String,
}

/// Why something about a resource was not even asked.
pub(crate) fn unknown_attribute(operation: &str, missing: &MissingAttribute) -> Failure {
    Failure::ours(operation, GapCause::NotAsked, missing.to_string())
}

/// Error codes by what they mean. Services spell the same thing in several ways.
const CREDENTIAL_CODES: [&str; 14] = [
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];
const CLOCK_CODES: [&str; 3] = [
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
];
const THROTTLE_CODES: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];
const DENIED_CODES: [&str; 7] = [
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "Forbidden",
    "NotAuthorized",
    "UnauthorizedOperation",
];
const TIMEOUT_CODES: [&str; 3] = [
    "RequestTimeout",
    "RequestTimeoutException",
    "TimeoutException",
];

/// Sorts an error of the SDK. `action` is the IAM action that the operation needs.
pub(crate) fn classify<E>(
    operation: &str,
    action: Option<&str>,
    error: &SdkError<E, HttpResponse>,
) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let ours = |cause, message: String| Failure::ours(operation, cause, message);
    match error {
        SdkError::TimeoutError(_) => ours(
            GapCause::TimedOut,
            "no answer within the time limit of the call".to_owned(),
        ),
        SdkError::DispatchFailure(failure) => {
            dispatch(operation, failure.as_connector_error(), error)
        }
        SdkError::ServiceError(service) => {
            from_service(operation, action, service.err(), service.raw())
        }
        SdkError::ResponseError(response) => {
            let mut failure = ours(
                GapCause::Garbled,
                format!(
                    "{} could not be understood: {}",
                    describe(response.raw()),
                    innermost(error)
                ),
            );
            failure.http = http_parts(response.raw());
            failure
        }
        _ => match find::<Refused>(error) {
            Some(refused) => ours(GapCause::NotAsked, refused.to_string()),
            None if is_about_credentials(error) => ours(GapCause::Credentials, chain(error)),
            None => ours(GapCause::NotAsked, chain(error)),
        },
    }
}

fn dispatch(
    operation: &str,
    connector: Option<&ConnectorError>,
    error: &(dyn Error + 'static),
) -> Failure {
    let text = chain(error);
    let cause = if is_about_credentials(error) {
        GapCause::Credentials
    } else if connector.is_some_and(ConnectorError::is_timeout) {
        GapCause::TimedOut
    } else if is_not_http(&text) {
        GapCause::Garbled
    } else {
        GapCause::Unreachable
    };
    Failure::ours(operation, cause, text)
}

fn from_service<E>(
    operation: &str,
    action: Option<&str>,
    error: &E,
    response: &HttpResponse,
) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = response.status().as_u16();
    // Some services put a link or a namespace around the code: `x#Code:http://…`.
    let code = error.code().map(bare_code).filter(|code| !code.is_empty());
    let message = error.message().unwrap_or_default();
    let cause = match is_about_clock(code, message) {
        true => GapCause::Clock,
        false => cause_of(code, status),
    };
    let missing_permission = (cause == GapCause::Denied)
        .then(|| permission_in(message).or_else(|| action.map(str::to_owned)))
        .flatten();
    let text = match (message.is_empty(), code) {
        (false, _) => message.to_owned(),
        (true, Some(_)) => describe(response),
        (true, None) if status < 300 => format!("{} could not be understood", describe(response)),
        (true, None) => format!("{} without an error code", describe(response)),
    };
    Failure {
        operation: operation.to_owned(),
        cause,
        code: code.map(Untrusted::from),
        message: Untrusted::new(text),
        missing_permission,
        http: http_parts(response),
    }
}

/// Whether a request was refused for its time. A signature that is too old or too new has the
/// code of a wrong one, and says in words which of them it is.
fn is_about_clock(code: Option<&str>, message: &str) -> bool {
    let said = [
        "Signature expired",
        "Signature not yet current",
        "too skewed",
    ];
    code.is_some_and(|code| CLOCK_CODES.contains(&code))
        || said.iter().any(|words| message.contains(words))
}

fn cause_of(code: Option<&str>, status: u16) -> GapCause {
    if let Some(code) = code {
        if CREDENTIAL_CODES.contains(&code) {
            return GapCause::Credentials;
        }
        if THROTTLE_CODES.contains(&code) {
            return GapCause::Throttled;
        }
        if DENIED_CODES.contains(&code) || code.starts_with("AccessDenied") {
            return GapCause::Denied;
        }
        if TIMEOUT_CODES.contains(&code) {
            return GapCause::TimedOut;
        }
    }
    match (status, code) {
        (401, _) => GapCause::Credentials,
        (403, _) => GapCause::Denied,
        (429, _) => GapCause::Throttled,
        (500.., _) | (_, Some(_)) => GapCause::ProviderError,
        (_, None) => GapCause::Garbled,
    }
}

/// Whether an error reply, of which this is the start, says that there were too many requests.
pub(crate) fn asks_to_slow_down(status: u16, body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    status == 429 || (status >= 400 && THROTTLE_CODES.iter().any(|code| text.contains(code)))
}

fn bare_code(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code).trim()
}

/// The permission that a denial names: `… is not authorized to perform: rds:DescribeDBInstances on …`.
fn permission_in(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("is not authorized to perform: ")?;
    let word = rest.split_whitespace().next()?.trim_end_matches(['.', ',']);
    let (service, action) = word.split_once(':')?;
    let plain = |text: &str| {
        !text.is_empty()
            && text.len() <= 80
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (plain(service) && plain(action)).then(|| word.to_owned())
}

/// `HTTP 404, text/html`: what is known of an answer that says nothing else.
fn describe(response: &HttpResponse) -> String {
    let kind = response
        .headers()
        .get("content-type")
        .map_or("no content type", |value| {
            value.split(';').next().unwrap_or(value).trim()
        });
    format!("HTTP {}, {kind}", response.status().as_u16())
}

fn http_parts(response: &HttpResponse) -> Box<Http> {
    Box::new(Http {
        status: Some(response.status().as_u16()),
        bucket_region: response
            .headers()
            .get("x-amz-bucket-region")
            .map(str::to_owned),
        ..Http::default()
    })
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        error.source()
    })
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|error| error.downcast_ref::<T>())
}

fn is_about_credentials(error: &(dyn Error + 'static)) -> bool {
    find::<CredentialsError>(error).is_some()
        || causes(error).any(|error| {
            let text = error.to_string();
            text.contains("identity") && text.contains("resolve") || text.contains("credential")
        })
}

/// The HTTP client has a private type for answers that are not HTTP at all.
fn is_not_http(chain: &str) -> bool {
    chain.contains("invalid HTTP") || chain.contains("InvalidMessage")
}

/// The message and its causes, each once, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    // The outermost message only says in which phase it happened.
    for cause in causes(error).skip(1) {
        let text = cause.to_string();
        let text = first_sentence(&text);
        let text = text.strip_prefix("other: ").unwrap_or(text);
        if !text.is_empty() && !parts.iter().any(|part| part.contains(text)) {
            parts.push(text.to_owned());
        }
    }
    if parts.is_empty() {
        error.to_string()
    } else {
        parts.join(": ")
    }
}

/// The first line. Further ones list every place where credentials might have been, and what
/// announces that list is left out with it.
fn first_sentence(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default().trim_end();
    match first.strip_suffix(':') {
        Some(announced) => announced
            .rsplit_once(". ")
            .map_or(announced, |(said, _)| said),
        None => first,
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod sentences {
    use super::first_sentence;

    #[test]
    fn a_reason_does_not_break_off() {
        for (text, want) in [
            (
                "no credentials found in chain. Attempted:\n Environment: not set\n Profile: none",
                "no credentials found in chain",
            ),
            ("the token is expired", "the token is expired"),
            ("could not sign in:", "could not sign in"),
            ("", ""),
        ] {
            assert_eq!(first_sentence(text), want);
        }
    }
}

#[cfg(test)]
mod clock {
    use super::is_about_clock;

    #[test]
    fn a_request_that_is_refused_for_its_time_is_about_the_clock() {
        let cases = [
            (
                "SignatureDoesNotMatch",
                "Signature expired: 20261130T080000Z is now earlier than 20261130T095500Z",
                true,
            ),
            (
                "SignatureDoesNotMatch",
                "Signature not yet current: 20261130T120000Z is still later than 20261130T100500Z",
                true,
            ),
            ("RequestTimeTooSkewed", "", true),
            (
                "InvalidSignatureException",
                "The difference between the request time and the current time is too skewed",
                true,
            ),
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided",
                false,
            ),
            ("AccessDenied", "User is not authorized", false),
        ];
        for (code, message, wanted) in cases {
            assert_eq!(
                is_about_clock(Some(code), message),
                wanted,
                "{code} {message}"
            );
        }
    }
}
