//! The edge against canned HTTP answers, keyed by request.

mod configuration;
mod errors;
mod last_use;
mod lean;
mod logs;
mod observe;
mod spend;
mod states;
mod topics;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::http::http_client_fn;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use crate::catalog::Catalog;
use crate::cloud::aws::Aws;
use crate::cloud::aws::AwsSettings;
use crate::cloud::aws::guard::Operations;
use crate::model::ids::{Arn, Region};
use crate::model::resource::Resource;
use crate::text::Untrusted;

/// What comes back for a request.
#[derive(Debug, Clone)]
enum Canned {
    Answer {
        status: u16,
        headers: Vec<(&'static str, &'static str)>,
        body: Vec<u8>,
    },
    NoConnection,
    Silence,
}

fn answer(status: u16, kind: &'static str, body: &str) -> Canned {
    Canned::Answer {
        status,
        headers: vec![("content-type", kind)],
        body: body.as_bytes().to_vec(),
    }
}

type Script = dyn Fn(&str) -> Canned + Send + Sync;

/// Looks at `METHOD URL BODY`.
#[derive(Clone)]
struct Scripted(Arc<Script>);

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl HttpConnector for Scripted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let line = format!(
            "{} {} {}",
            request.method(),
            request.uri(),
            String::from_utf8_lossy(body)
        );
        match (self.0)(&line) {
            Canned::Answer {
                status,
                headers,
                body,
            } => {
                let status = status.try_into().expect("a status code");
                let mut response = HttpResponse::new(status, SdkBody::from(body));
                for (name, value) in headers {
                    response.headers_mut().insert(name, value);
                }
                HttpConnectorFuture::ready(Ok(response))
            }
            Canned::NoConnection => {
                HttpConnectorFuture::ready(Err(ConnectorError::io("connection refused".into())))
            }
            Canned::Silence => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

fn http(script: impl Fn(&str) -> Canned + Send + Sync + 'static) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Scripted(Arc::new(script)));
    http_client_fn(move |_, _| connector.clone())
}

fn catalog() -> Catalog {
    Catalog::built_in().expect("the catalogue")
}

/// How long a check may take where nothing is slow.
const AMPLE: Duration = Duration::from_secs(60);

/// The SDK remembers for the whole process which service throttled in which region, so that
/// tests that throttle have a region to themselves.
async fn aws(
    region: &str,
    attempts: u32,
    deadline: Duration,
    operations: Operations,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> Aws {
    let settings = AwsSettings {
        region: Some(Region::new(region).expect("a region")),
        deadline,
        max_attempts: attempts,
        initial_backoff: Duration::from_millis(1),
        ..AwsSettings::new(operations)
    };
    let mut aws = Aws::connect_through(http(script), settings, catalog())
        .await
        .expect("a connection");
    aws.use_credentials(Credentials::new("test", "test", None, None, "tests"));
    aws
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// A resource as the registry gives it.
fn resource(resource_type: &str, arn: &str) -> Resource {
    let arn = Arn::new(arn).expect("an ARN");
    let catalog = catalog();
    let found = catalog.recognise(resource_type, &arn);
    let attributes: BTreeMap<String, Untrusted> = found
        .iter()
        .flat_map(|(_, attributes)| attributes)
        .map(|(name, value)| (name.clone(), Untrusted::from(value.as_str())))
        .collect();
    let last = arn.resource().rsplit([':', '/']).next().unwrap_or_default();
    let region = match arn.region() {
        "" => "eu-central-1",
        region => region,
    };
    Resource {
        kind: found.map(|(kind, _)| kind.id.clone()),
        resource_type: resource_type.to_owned(),
        terraform_address: None,
        name: Untrusted::from(last),
        aws_id: Untrusted::from(last),
        region: Region::new(region).expect("a region"),
        arn,
        attributes,
        console_url: None,
        depends_on: Vec::new(),
    }
}

fn function(name: &str) -> Resource {
    resource(
        "aws_lambda_function",
        &format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}"),
    )
}

fn bucket(name: &str) -> Resource {
    resource("aws_s3_bucket", &format!("arn:aws:s3:::{name}"))
}
