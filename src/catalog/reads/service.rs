//! A service and its reading operations, as a data file has them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::catalog::registry::{DataFile, Example, Fault, Folder, Shows, Step, folders};

/// How requests and answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Form in, XML out; lists are `Name.1`, `<item>`.
    Ec2,
    /// Form in, XML out; lists are `Name.member.1`, `<member>`.
    Query,
    /// JSON both ways, the operation in a header.
    #[serde(rename = "json-1.0")]
    Json10,
    /// The same in another version.
    #[serde(rename = "json-1.1")]
    Json11,
    /// Path, query and JSON.
    RestJson,
    /// Path, query and XML; no bodies are sent.
    RestXml,
}

/// A service, and what is read from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// IAM's prefix for it, which is the name of its file: `elasticloadbalancing`.
    #[serde(skip)]
    pub prefix: String,
    /// The SDK's name of it: `AWS_ENDPOINT_URL_<ID>` is derived from it.
    pub id: String,
    /// First part of the host.
    pub host: String,
    /// Name in the signature; `host` where absent.
    #[serde(default)]
    signing_name: Option<String>,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// API version of forms, prefix of the target of JSON requests.
    #[serde(default)]
    pub version: String,
    /// The member of an input that begins the host (`bucket.s3.…`), where it can.
    #[serde(default)]
    pub label_in_host: Option<String>,
    /// A service without regions: host and signing region by partition.
    #[serde(default)]
    pub homes: BTreeMap<String, Home>,
    /// Its operations by name.
    pub operations: BTreeMap<String, Operation>,
}

/// Where a service without regions is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Home {
    /// Its host.
    pub host: String,
    /// The region that requests are signed for.
    pub region: String,
}

/// A reading operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// REST: method and path; `{Name}` is filled from the input.
    #[serde(default = "post")]
    pub http: String,
    /// REST: members of the input that go to the query, with their names there.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Members of the input that go to headers, with their names there.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Input that is sent each time.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// Members of the answer that hold the results: those that pages are joined by.
    #[serde(default)]
    pub results: Vec<String>,
    /// XML: names of list elements, apart from the protocol's usual one.
    #[serde(default)]
    pub lists: Vec<String>,
    /// XML with paths: the name of the root, without which another operation has answered.
    #[serde(default)]
    pub root: Option<String>,
    /// The whole answer is a text, which becomes this member of it.
    #[serde(default)]
    pub body: Option<String>,
    /// XML with paths: the member of the input that is the body.
    #[serde(default)]
    pub payload: Option<Payload>,
    /// XML: whether the answer holds nothing but that it was done.
    #[serde(default)]
    pub answers_nothing: bool,
    /// How it pages; absent where one answer is all.
    #[serde(default)]
    pub paging: Option<Paging>,
    /// The operation of the same service that makes what this one fetches.
    #[serde(default)]
    pub prepared_by: Option<String>,
    /// The IAM action, where it is not named as the operation is.
    #[serde(default)]
    pub action: Option<String>,
}

fn post() -> String {
    "POST /".to_owned()
}

/// A body in XML.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// The member, which is also the name of the root.
    pub member: String,
    /// The namespace.
    pub namespace: String,
}

/// How an operation pages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Where the token of the next page goes in the input.
    pub input: String,
    /// Where it comes from in the answer.
    pub output: String,
    /// Where the size of a page goes; absent where it cannot be chosen.
    #[serde(default)]
    pub limit: Option<String>,
    /// The largest page.
    #[serde(default)]
    pub size: u32,
}

impl Service {
    /// Returns the name in signatures.
    pub fn signing_name(&self) -> &str {
        self.signing_name.as_deref().unwrap_or(&self.host)
    }

    /// Returns the IAM action that an operation needs.
    pub fn action(&self, name: &str) -> String {
        let own = self.operations.get(name).and_then(|it| it.action.clone());
        own.unwrap_or_else(|| format!("{}:{name}", self.prefix))
    }
}

impl Operation {
    /// Returns its HTTP method and path.
    pub fn method_and_path(&self) -> (&str, &str) {
        self.http.split_once(' ').unwrap_or(("POST", "/"))
    }
}

/// What the names of reading operations begin with.
const READS: [&str; 4] = ["BatchGet", "Describe", "Get", "List"];

/// Operations that read though their names do not say so: the first two make the reports that
/// `GetCredentialReport` and `GetServiceLastAccessedDetails` fetch. AWS's access level of them is
/// Read and List.
const ALSO_READS: [&str; 4] = [
    "iam:GenerateCredentialReport",
    "iam:GenerateServiceLastAccessedDetails",
    "cloudtrail:LookupEvents",
    "s3:HeadBucket",
];

/// Operations that sound harmless and give away secrets or what people have stored.
const NEVER: [&str; 11] = [
    "BatchGetItem",
    "BatchGetSecretValue",
    "GetAuthorizationToken",
    "GetItem",
    "GetLogEvents",
    "GetObject",
    "GetParameter",
    "GetPasswordData",
    "GetRecords",
    "GetSecretValue",
    "GetSessionToken",
];

/// Returns whether an operation may be in the table: it changes nothing, and gives away
/// neither secrets nor content.
pub fn is_harmless_read(prefix: &str, name: &str) -> bool {
    let reads = READS.iter().any(|start| name.starts_with(start));
    let known = ALSO_READS.contains(&format!("{prefix}:{name}").as_str());
    (reads || known) && !NEVER.contains(&name)
}

/// A service has no examples: its operations are held against AWS's own models in a test, and
/// read in those of the types.
#[derive(Debug, Clone, Copy)]
pub enum NoExample {}

impl Example for NoExample {
    fn name(&self) -> &str {
        match *self {}
    }

    fn shows(&self) -> Shows {
        match *self {}
    }
}

impl DataFile for Service {
    const FOLDER: Folder = folders::READS_SERVICES;
    const NOUN: &'static str = "service";
    type Form = Self;
    type Example = NoExample;

    fn prove(id: &str, mut form: Self) -> Result<Self, Fault> {
        form.prefix = id.to_owned();
        for (name, operation) in &form.operations {
            let at = |key: &str| ["operations".into(), Step::from(name.as_str()), key.into()];
            if !is_harmless_read(id, name) {
                return Err(Fault::new(
                    at(""),
                    format!("`{name}` does more than reading"),
                ));
            }
            let (method, path) = operation.method_and_path();
            let rest = matches!(form.protocol, Protocol::RestJson | Protocol::RestXml);
            let fits = match rest {
                true => ["GET", "HEAD", "POST"].contains(&method) && path.starts_with('/'),
                false => operation.http == post(),
            };
            if !fits {
                let message = "expected `GET /path` of a service with paths";
                return Err(Fault::new(at("http"), message));
            }
            let is_named = operation.root.is_some() || operation.body.is_some();
            // What has no body has no root.
            let has_root = form.protocol == Protocol::RestXml && method != "HEAD";
            if is_named != has_root {
                let message =
                    "answers in XML of a service with paths, and no others, name their root";
                return Err(Fault::new(at("root"), message));
            }
            if operation.paging.is_some() && operation.results.is_empty() {
                let message = "pages are joined by their results: name them";
                return Err(Fault::new(at("results"), message));
            }
        }
        Ok(form)
    }

    fn examples(&self) -> &[NoExample] {
        &[]
    }
}
