//! Requests and answers on the wire, per protocol.

use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use serde_json::{Map, Value};

use super::pages::Members;
use super::xml;
use crate::catalog::reads::service::{Operation, Protocol, Service};

/// One operation, as requests and answers need it.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// Its name, without that of the service.
    pub(crate) name: String,
    /// What the table says of it.
    pub(crate) operation: Operation,
    protocol: Protocol,
    version: String,
    /// The member of the input that is in the host already.
    in_host: Option<String>,
}

/// What the service refused with.
#[derive(Debug)]
pub(crate) struct ServiceError(ErrorMetadata);

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ServiceError {}

impl ProvideErrorMetadata for ServiceError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl Exchange {
    pub(crate) fn new(service: &Service, name: &str, operation: &Operation) -> Self {
        Self {
            name: name.to_owned(),
            operation: operation.clone(),
            protocol: service.protocol,
            version: service.version.clone(),
            in_host: None,
        }
    }

    /// The same, with a member of the input that is in the host and not in the path.
    pub(crate) fn with_label_in_host(self, member: &str) -> Self {
        Self {
            in_host: Some(member.to_owned()),
            ..self
        }
    }

    /// Writes a request.
    pub(crate) fn request(&self, mut input: Members) -> Result<HttpRequest, BoxError> {
        let (method, _) = self.operation.method_and_path();
        let uri = self.uri(&mut input)?;
        let mut headers = Vec::new();
        for (member, name) in &self.operation.headers {
            if let Some(value) = input.shift_remove(member) {
                headers.push((name.clone(), scalar(&value)?));
            }
        }
        let (kind, body) = self.body(method, &input)?;
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method)?;
        request.set_uri(uri)?;
        if !kind.is_empty() {
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        if matches!(self.protocol, Protocol::Json10 | Protocol::Json11) {
            let target = format!("{}.{}", self.version, self.name);
            headers.push(("x-amz-target".to_owned(), target));
        }
        for (name, value) in headers {
            request.headers_mut().try_insert(name, value)?;
        }
        Ok(request)
    }

    /// Content type and body.
    fn body(&self, method: &str, input: &Members) -> Result<(&'static str, String), BoxError> {
        let json = || serde_json::to_string(input);
        Ok(match self.protocol {
            Protocol::Ec2 | Protocol::Query => {
                let mut form = format!("Action={}&Version={}", self.name, self.version);
                let list = if self.protocol == Protocol::Ec2 {
                    ""
                } else {
                    ".member"
                };
                for (name, value) in input {
                    flatten(&mut form, name, value, list)?;
                }
                ("application/x-www-form-urlencoded", form)
            }
            Protocol::Json10 => ("application/x-amz-json-1.0", json()?),
            Protocol::Json11 => ("application/x-amz-json-1.1", json()?),
            Protocol::RestJson if method == "DELETE" && input.is_empty() => ("", String::new()),
            Protocol::RestJson if method != "GET" => ("application/json", json()?),
            Protocol::RestXml if self.operation.payload.is_some() => {
                ("application/xml", self.payload(input)?)
            }
            _ if input.is_empty() => ("", String::new()),
            _ => return Err(format!("{} takes no body", self.name).into()),
        })
    }

    /// The one member that is the body, as XML.
    fn payload(&self, input: &Members) -> Result<String, BoxError> {
        let payload = self.operation.payload.as_ref().ok_or("it has no body")?;
        let others: Vec<&String> = input.keys().filter(|it| **it != payload.member).collect();
        match (input.get(&payload.member), others.is_empty()) {
            (Some(value), true) => Ok(xml::write(&payload.member, &payload.namespace, value)),
            _ => Err(format!("{} takes {} as its body", self.name, payload.member).into()),
        }
    }

    /// Path with labels filled in, and query. What is used goes out of the input.
    fn uri(&self, input: &mut Members) -> Result<String, BoxError> {
        let (_, mut template) = self.operation.method_and_path();
        let stripped;
        if let Some(member) = &self.in_host {
            input.shift_remove(member);
            stripped = template
                .replacen(&format!("/{{{member}}}"), "/", 1)
                .replacen("//", "/", 1);
            template = &stripped;
        }
        let mut uri = String::new();
        while let Some((before, rest)) = template.split_once('{') {
            let (label, after) = rest.split_once('}').ok_or("a label without an end")?;
            let value = scalar(&input.shift_remove(label).unwrap_or_default())?;
            // Such a label would make the path of another operation.
            if ["", ".", ".."].contains(&value.as_str()) {
                return Err(format!("`{label}` cannot be `{value}`").into());
            }
            uri.push_str(before);
            uri.push_str(&encode(&value));
            template = after;
        }
        uri.push_str(template);
        for (member, name) in &self.operation.query {
            let Some(value) = input.shift_remove(member) else {
                continue;
            };
            let values = value
                .as_array()
                .map_or(std::slice::from_ref(&value), Vec::as_slice);
            for value in values {
                uri.push(if uri.contains('?') { '&' } else { '?' });
                uri.push_str(&format!("{}={}", encode(name), encode(&scalar(value)?)));
            }
        }
        Ok(uri)
    }

    /// Reads an answer: JSON of a good one; the error of a bad one; `ResponseError` where it
    /// cannot be understood.
    pub(crate) fn answer(
        &self,
        from: &HttpResponse,
    ) -> Result<Value, OrchestratorError<ServiceError>> {
        let bytes = from.body().bytes().unwrap_or_default();
        let unclear = |message: String| OrchestratorError::other(BoxError::from(message));
        if let Some(member) = self
            .operation
            .body
            .as_ref()
            .filter(|_| from.status().is_success())
        {
            let text = std::str::from_utf8(bytes).map_err(|error| unclear(error.to_string()))?;
            return Ok(Value::Object(Map::from_iter([(
                member.clone(),
                text.into(),
            )])));
        }
        let (method, _) = self.operation.method_and_path();
        if method == "HEAD" && from.status().is_success() {
            // It has no body: that it succeeds is all that it says.
            return Ok(Value::Object(Map::new()));
        }
        let parsed = self.parse(bytes);
        if !from.status().is_success() {
            // An unreadable error is still one: its status says whether to try again.
            let content = parsed.unwrap_or_default().1;
            return Err(OrchestratorError::operation(error(from, &content)));
        }
        let (root, mut content) = parsed.map_err(unclear)?;
        let name = &self.name;
        let (fits, content) = match self.protocol {
            Protocol::Ec2 => (root == format!("{name}Response"), content),
            Protocol::Query => match content.get_mut(format!("{name}Result")).map(Value::take) {
                Some(content) => (root == format!("{name}Response"), content),
                None if self.operation.answers_nothing => {
                    (root == format!("{name}Response"), Value::Null)
                }
                None => (false, Value::Null),
            },
            Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => {
                (content.is_object(), content)
            }
            // Where AWS calls it after the content, some emulators call it after the operation.
            Protocol::RestXml => {
                let is_named = self.operation.root.as_ref() == Some(&root);
                (is_named || root == format!("{name}Response"), content)
            }
        };
        match fits {
            true => Ok(content),
            false => Err(unclear(format!("this does not answer {name}"))),
        }
    }

    fn parse(&self, body: &[u8]) -> Result<(String, Value), String> {
        let list = match self.protocol {
            Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => {
                let content = match body {
                    [] => Ok(Value::Object(Map::new())),
                    body => serde_json::from_slice(body),
                };
                return match content {
                    Ok(content) => Ok((String::new(), content)),
                    Err(error) => Err(error.to_string()),
                };
            }
            Protocol::Ec2 => "item",
            Protocol::Query | Protocol::RestXml => "member",
        };
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
        let mut lists: Vec<&str> = self.operation.lists.iter().map(String::as_str).collect();
        lists.extend([list, "entry"]);
        xml::parse(text, &lists)
    }
}

fn flatten(form: &mut String, name: &str, value: &Value, list: &str) -> Result<(), BoxError> {
    match value {
        // A list whose entries have a name of their own: `Parameters.Parameter.1`.
        Value::Object(members) if members.len() == 1 && members.values().all(Value::is_array) => {
            members.iter().try_for_each(|(member, value)| {
                flatten(form, &format!("{name}.{member}"), value, "")
            })
        }
        Value::Object(members) => members.iter().try_for_each(|(member, value)| {
            flatten(form, &format!("{name}.{member}"), value, list)
        }),
        Value::Array(values) => values
            .iter()
            .zip(1..)
            .try_for_each(|(value, index): (_, u32)| {
                flatten(form, &format!("{name}{list}.{index}"), value, list)
            }),
        other => {
            form.push_str(&format!("&{}={}", encode(name), encode(&scalar(other)?)));
            Ok(())
        }
    }
}

fn scalar(value: &Value) -> Result<String, BoxError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err("a text, a number or a truth value is missing".into()),
    }
}

/// RFC 3986, as signatures need it.
fn encode(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(letter).collect()
}

/// Code, message and request id of `Response/Errors/Error`, `ErrorResponse/Error`, `Error` or
/// JSON.
fn error(response: &HttpResponse, content: &Value) -> ServiceError {
    let inner = content
        .pointer("/Errors/Error")
        .or_else(|| content.get("Error"));
    let inner = inner.unwrap_or(content);
    let first = |names: &[&str]| {
        let mut found = names
            .iter()
            .filter_map(|name| inner.get(*name).or(content.get(*name)));
        found.find_map(Value::as_str)
    };
    let mut meta = ErrorMetadata::builder();
    let code = response.headers().get("x-amzn-errortype");
    if let Some(code) = code.or_else(|| first(&["Code", "code", "__type"])) {
        // `namespace#Code:url`
        let code = code.split(':').next().unwrap_or_default();
        meta = meta.code(code.rsplit('#').next().unwrap_or_default());
    }
    if let Some(message) = first(&["Message", "message", "errorMessage"]) {
        meta = meta.message(message);
    }
    if let Some(id) = response
        .request_id()
        .or_else(|| first(&["RequestID", "RequestId"]))
    {
        meta = meta.custom("aws_request_id", id.to_owned());
    }
    ServiceError(meta.build())
}
