//! What a proxy does wrong, in the words of the service that it stands for.

use super::http::Message;
use super::operation::{self, Protocol};

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The permission is missing.
    Deny,
    /// The same, said of this user or role.
    DenyTo(String),
    /// Too many requests.
    Throttle,
    /// The key is not one of this account's.
    UnknownKey,
    /// The session is over.
    ExpiredToken,
    /// A fault of the service, status 500, in its own protocol.
    ServerError,
    /// The connection is accepted and nothing is ever answered.
    Hang,
    /// The connection is closed instead of an answer.
    Close,
    /// Status 200 and a web page, as captive portals send.
    Html,
    /// Status 200, the right type, and bytes that mean nothing.
    Garbage,
    /// The right answer, of which the second half is missing.
    Truncate,
    /// The right answer, and not before so many requests of the rule are under way at once.
    Gather(u64),
    /// Status 200 and this JSON.
    Answer(serde_json::Value),
}

/// A fault, and the requests that suffer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    operation: String,
    from: u64,
    to: u64,
    /// What happens to them.
    pub(crate) fault: Fault,
}

impl Rule {
    /// Every request for an operation: `cloudwatch:GetMetricData`, `cloudwatch:*`, or `*`.
    pub(crate) fn on(operation: &str, fault: Fault) -> Self {
        Self {
            operation: operation.to_owned(),
            from: 1,
            to: u64::MAX,
            fault,
        }
    }

    /// Only the `nth` of the requests that match, from 1. With `*` this is the position in
    /// the whole run.
    pub(crate) fn nth(self, nth: u64) -> Self {
        Self {
            from: nth,
            to: nth,
            ..self
        }
    }

    /// Only the first `count` of the requests that match.
    pub(crate) fn first(self, count: u64) -> Self {
        Self {
            from: 1,
            to: count,
            ..self
        }
    }

    /// Whether an operation is meant, whichever request for it this is.
    pub(crate) fn names(&self, operation: &str) -> bool {
        match self.operation.strip_suffix('*') {
            Some(start) => operation.starts_with(start),
            None => operation == self.operation,
        }
    }

    /// Whether it strikes the request that is the `nth` of those it names.
    pub(crate) fn strikes(&self, nth: u64) -> bool {
        (self.from..=self.to).contains(&nth)
    }
}

/// The error reply of a service, where the fault is one that services tell about.
pub(crate) fn reply(fault: &Fault, request: &Message) -> Option<Message> {
    let told = told(fault)?;
    let protocol = operation::protocol(request);
    let status = match (protocol, fault) {
        (_, Fault::ServerError) => 500,
        (Protocol::RestJson, Fault::Throttle) => 429,
        (Protocol::S3, Fault::Throttle) => 503,
        (_, Fault::Throttle) | (Protocol::Json, _) | (Protocol::S3, Fault::ExpiredToken) => 400,
        _ => 403,
    };
    let action = iam_action(&operation::name(request));
    let who = match fault {
        Fault::DenyTo(arn) => arn,
        _ => "arn:aws:sts::000000000000:assumed-role/fractary/run",
    };
    let message = told
        .message
        .replace("{action}", &action)
        .replace("{who}", who);
    let mut reply = error(protocol, status, &told, &message);
    if request.method() == "HEAD" {
        reply.body.clear();
    }
    Some(reply)
}

/// A fault's code in each protocol, and its message.
struct Told {
    json: &'static str,
    rest: &'static str,
    query: &'static str,
    s3: &'static str,
    message: &'static str,
}

fn told(fault: &Fault) -> Option<Told> {
    Some(match fault {
        Fault::Deny | Fault::DenyTo(_) => Told {
            json: "AccessDeniedException",
            rest: "AccessDeniedException",
            query: "AccessDenied",
            s3: "AccessDenied",
            message: "User: {who} is not authorized \
                      to perform: {action} because no identity-based policy allows the {action} \
                      action",
        },
        Fault::Throttle => Told {
            json: "ThrottlingException",
            rest: "TooManyRequestsException",
            query: "Throttling",
            s3: "SlowDown",
            message: "Rate exceeded",
        },
        Fault::UnknownKey => Told {
            json: "UnrecognizedClientException",
            rest: "UnrecognizedClientException",
            query: "InvalidClientTokenId",
            s3: "InvalidAccessKeyId",
            message: "The security token included in the request is invalid.",
        },
        Fault::ExpiredToken => Told {
            json: "ExpiredTokenException",
            rest: "ExpiredTokenException",
            query: "ExpiredToken",
            s3: "ExpiredToken",
            message: "The security token included in the request is expired",
        },
        Fault::ServerError => Told {
            json: "InternalServerError",
            rest: "InternalServerError",
            query: "InternalFailure",
            s3: "InternalError",
            message: "We encountered an internal error. Please try again.",
        },
        Fault::Gather(_)
        | Fault::Hang
        | Fault::Close
        | Fault::Html
        | Fault::Garbage
        | Fault::Truncate
        | Fault::Answer(_) => return None,
    })
}

/// A web page instead of an answer.
pub(crate) fn web_page() -> Message {
    with_type(
        200,
        "text/html",
        b"<!doctype html><html><h1>Please log in</h1></html>".to_vec(),
    )
}

/// An answer of a service that speaks JSON.
pub(crate) fn answer(body: &serde_json::Value) -> Message {
    with_type(
        200,
        "application/x-amz-json-1.1",
        body.to_string().into_bytes(),
    )
}

/// Bytes that are no document in any protocol, under the type that was expected.
pub(crate) fn garbage(request: &Message) -> Message {
    let kind = match operation::protocol(request) {
        Protocol::Cbor => "application/cbor",
        Protocol::Json | Protocol::RestJson => "application/json",
        Protocol::Query | Protocol::S3 => "text/xml",
    };
    let mut reply = with_type(
        200,
        kind,
        b"\xff\x00{]<not what you expected\xfe\x1b[31m".to_vec(),
    );
    if operation::protocol(request) == Protocol::Cbor {
        reply
            .headers
            .push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
    }
    reply
}

/// The permission that an operation needs, where it is not named like it.
fn iam_action(operation: &str) -> String {
    match operation.split_once(':') {
        Some(("apigateway" | "apigatewayv2", _)) => "apigateway:GET".to_owned(),
        Some(("s3", "HeadBucket" | "ListObjectsV2")) => "s3:ListBucket".to_owned(),
        Some(("s3", "ListBuckets")) => "s3:ListAllMyBuckets".to_owned(),
        _ => operation.to_owned(),
    }
}

fn error(protocol: Protocol, status: u16, told: &Told, message: &str) -> Message {
    let json = |members: &[(&str, &str)]| {
        let object: serde_json::Map<_, _> = members
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).into()))
            .collect();
        serde_json::Value::Object(object).to_string().into_bytes()
    };
    match protocol {
        Protocol::Cbor => {
            let kind = format!("com.amazon.coral.service#{}", told.json);
            let body = cbor(&[("__type", &kind), ("message", message)]);
            let mut reply = with_type(status, "application/cbor", body);
            reply
                .headers
                .push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
            // CloudWatch was a Query service before; its clients still go by those codes.
            let query = format!("{};Sender", told.query);
            reply.headers.push(("x-amzn-query-error".to_owned(), query));
            reply
        }
        Protocol::Json => {
            let kind = format!("com.amazon.coral.service#{}", told.json);
            let body = json(&[("__type", &kind), ("message", message)]);
            with_type(status, "application/x-amz-json-1.1", body)
        }
        Protocol::RestJson => {
            let body = json(&[("Message", message)]);
            let mut reply = with_type(status, "application/json", body);
            reply
                .headers
                .push(("x-amzn-ErrorType".to_owned(), told.rest.to_owned()));
            reply
        }
        Protocol::Query => {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code>\
                 <Message>{message}</Message></Error><RequestId>planted</RequestId></ErrorResponse>",
                told.query,
            );
            with_type(status, "text/xml", body.into_bytes())
        }
        Protocol::S3 => {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code>\
                 <Message>{message}</Message><RequestId>planted</RequestId></Error>",
                told.s3,
            );
            with_type(status, "application/xml", body.into_bytes())
        }
    }
}

fn with_type(status: u16, kind: &str, body: Vec<u8>) -> Message {
    Message {
        first: format!("HTTP/1.1 {status} Planted"),
        headers: vec![("Content-Type".to_owned(), kind.to_owned())],
        body,
    }
}

/// A CBOR map of short texts (RFC 8949: major type 5, then pairs of major type 3).
fn cbor(members: &[(&str, &str)]) -> Vec<u8> {
    let count = u8::try_from(members.len()).expect("error bodies have two members");
    let mut bytes = vec![0xa0 | count];
    for text in members.iter().flat_map(|(key, value)| [key, value]) {
        let length = u16::try_from(text.len()).expect("error messages are short");
        bytes.push(0x79);
        bytes.extend(length.to_be_bytes());
        bytes.extend(text.bytes());
    }
    bytes
}
