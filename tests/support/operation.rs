//! Which AWS operation a request is, told from the request alone.

use super::http::Message;

/// How a service speaks, which decides how its errors look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Smithy RPC v2 with CBOR (CloudWatch).
    Cbor,
    /// JSON with `X-Amz-Target` (ECS, tagging).
    Json,
    /// JSON over REST (Lambda, API Gateway).
    RestJson,
    /// Form in, XML out (RDS, STS).
    Query,
    /// XML over REST (S3).
    S3,
}

/// The protocol of a request.
pub(crate) fn protocol(request: &Message) -> Protocol {
    let form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if request.header("smithy-protocol").is_some() {
        Protocol::Cbor
    } else if request.header("x-amz-target").is_some() {
        Protocol::Json
    } else if form {
        Protocol::Query
    } else if service(request) == "s3" {
        Protocol::S3
    } else {
        Protocol::RestJson
    }
}

/// The operation as `service:Operation`, for instance `cloudwatch:GetMetricData`. A REST
/// request that is not in the tables below gives its method and path.
pub(crate) fn name(request: &Message) -> String {
    let service = service(request);
    let operation = match protocol(request) {
        Protocol::Cbor => request
            .target()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned(),
        Protocol::Json => {
            let target = request.header("x-amz-target").unwrap_or_default();
            target.rsplit('.').next().unwrap_or_default().to_owned()
        }
        Protocol::Query => form_field(&request.body, "Action").unwrap_or_default(),
        Protocol::S3 => s3(request),
        Protocol::RestJson => rest(request),
    };
    format!("{service}:{operation}")
}

/// The service's name in IAM, from the scope of the signature.
fn service(request: &Message) -> String {
    let scope = request
        .header("authorization")
        .and_then(|value| value.split("Credential=").nth(1))
        .and_then(|value| value.split(',').next())
        .unwrap_or_default();
    match scope.split('/').nth(3).unwrap_or("unsigned") {
        "monitoring" => "cloudwatch".to_owned(),
        "tagging" => "tag".to_owned(),
        "apigateway" if request.target().starts_with("/v2/") => "apigatewayv2".to_owned(),
        other => other.to_owned(),
    }
}

/// A field of a form. The names asked for are never percent-encoded.
fn form_field(body: &[u8], name: &str) -> Option<String> {
    let body = String::from_utf8_lossy(body);
    body.split('&')
        .filter_map(|field| field.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

fn segments(request: &Message) -> (Vec<&str>, &str) {
    let (path, query) = request
        .target()
        .split_once('?')
        .unwrap_or((request.target(), ""));
    (
        path.split('/').filter(|part| !part.is_empty()).collect(),
        query,
    )
}

fn s3(request: &Message) -> String {
    let (path, query) = segments(request);
    let about = |name: &str| {
        query
            .split('&')
            .any(|part| part.split('=').next() == Some(name))
    };
    let asked = [
        ("location", "BucketLocation"),
        ("versioning", "BucketVersioning"),
        ("encryption", "BucketEncryption"),
        ("lifecycle", "BucketLifecycleConfiguration"),
        ("publicAccessBlock", "PublicAccessBlock"),
        ("tagging", "BucketTagging"),
        ("policy", "BucketPolicy"),
    ];
    let subject = asked
        .iter()
        .find(|(key, _)| about(key))
        .map(|(_, name)| *name);
    match (request.method(), path.len(), subject) {
        ("GET", 0, _) => "ListBuckets".to_owned(),
        ("HEAD", 1, _) => "HeadBucket".to_owned(),
        ("HEAD", _, _) => "HeadObject".to_owned(),
        ("GET", 1, Some(subject)) => format!("Get{subject}"),
        ("PUT", 1, Some(subject)) => format!("Put{subject}"),
        ("GET", 1, None) if about("list-type") => "ListObjectsV2".to_owned(),
        ("PUT", 1, None) => "CreateBucket".to_owned(),
        ("DELETE", 1, None) => "DeleteBucket".to_owned(),
        ("GET", _, None) => "GetObject".to_owned(),
        ("PUT", _, None) => "PutObject".to_owned(),
        _ => plain(request),
    }
}

fn rest(request: &Message) -> String {
    let (path, _) = segments(request);
    let known = match (request.method(), path.as_slice()) {
        ("GET", [_, "functions"]) => "ListFunctions",
        ("POST", [_, "functions"]) => "CreateFunction",
        ("GET", [_, "functions", _]) => "GetFunction",
        ("DELETE", [_, "functions", _]) => "DeleteFunction",
        ("GET", [_, "functions", _, "configuration"]) => "GetFunctionConfiguration",
        ("PUT", [_, "functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        ("GET", [_, "functions", _, "aliases"]) => "ListAliases",
        ("PUT", [_, "functions", _, "aliases", _]) => "UpdateAlias",
        ("GET", [_, "functions", _, "versions"]) => "ListVersionsByFunction",
        ("POST", [_, "functions", _, "versions"]) => "PublishVersion",
        ("GET", [_, "functions", _, "concurrency"]) => "GetFunctionConcurrency",
        ("PUT", [_, "functions", _, "concurrency"]) => "PutFunctionConcurrency",
        ("DELETE", [_, "functions", _, "concurrency"]) => "DeleteFunctionConcurrency",
        ("GET", [_, "functions", _, "urls"]) => "ListFunctionUrlConfigs",
        ("GET", [_, "account-settings"]) => "GetAccountSettings",
        ("GET", ["restapis"]) => "GetRestApis",
        ("POST", ["restapis"]) => "CreateRestApi",
        ("GET", ["restapis", _]) => "GetRestApi",
        ("GET", ["restapis", _, "stages"] | ["v2", "apis", _, "stages"]) => "GetStages",
        ("GET", ["restapis", _, "stages", _] | ["v2", "apis", _, "stages", _]) => "GetStage",
        ("GET", ["v2", "apis"]) => "GetApis",
        ("GET", ["v2", "apis", _, "routes"]) => "GetRoutes",
        ("GET", ["v2", "domainnames"]) => "GetDomainNames",
        ("POST", ["v2", "apis"]) => "CreateApi",
        ("GET", ["v2", "apis", _]) => "GetApi",
        _ => return plain(request),
    };
    known.to_owned()
}

fn plain(request: &Message) -> String {
    let (path, _) = segments(request);
    format!("{} /{}", request.method(), path.join("/"))
}
