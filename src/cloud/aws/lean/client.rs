//! Sending: the orchestrator with the parts that a generated client would give it.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4;
use aws_runtime::auth::{HttpSignatureType, SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_runtime::{invocation_id, recursion_detection, request_info};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator::operation::Operation as Orchestrated;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime::client::stalled_stream_protection::StalledStreamProtectionInterceptor;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{AuthSchemeOptionResolverParams, SharedAuthScheme};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::config_bag::{FrozenLayer, Layer};
use aws_types::SigningName;
use aws_types::region::{Region as SdkRegion, SigningRegion};
use serde_json::Value;

use super::endpoint::{Endpoint, endpoint};
use super::pages::Members;
use super::wire::{Exchange, ServiceError};
use crate::catalog::reads::service::{Operation, Service};
use crate::cloud::aws::guard::{Guard, NamedOperation};
use crate::model::ids::Region;

/// The result of a call; the error type is the one that generated clients have.
pub(crate) type Call = Result<Value, SdkError<ServiceError, HttpResponse>>;

/// The client. One for all services and regions.
#[derive(Debug, Clone)]
pub(crate) struct Lean {
    sdk: SdkConfig,
    components: RuntimeComponentsBuilder,
}

impl Lean {
    /// Makes one of the SDK's configuration. `guard` sees every call.
    pub(crate) fn new(sdk: &SdkConfig, guard: Guard) -> Self {
        let mut parts = RuntimeComponentsBuilder::new("lean");
        parts.set_http_client(sdk.http_client());
        parts.set_sleep_impl(sdk.sleep_impl());
        parts.set_time_source(sdk.time_source());
        // Shared with the generated clients, and so are the credentials in it.
        parts.set_identity_cache(sdk.identity_cache());
        if let Some(credentials) = sdk.credentials_provider() {
            let resolver = SharedIdentityResolver::new(credentials);
            parts.set_identity_resolver(sigv4::SCHEME_ID, resolver);
        }
        parts.push_auth_scheme(SharedAuthScheme::new(sigv4::SigV4AuthScheme::new()));
        let only = StaticAuthSchemeOptionResolver::new(vec![sigv4::SCHEME_ID]);
        parts.set_auth_scheme_option_resolver(Some(only));
        push_classifiers(&mut parts);
        push_interceptors(&mut parts, guard);
        Self {
            sdk: sdk.clone(),
            components: parts,
        }
    }

    /// Sends one request. Its errors are those of a generated client.
    pub(crate) async fn send(
        &self,
        service: &Service,
        name: &str,
        operation: &Operation,
        region: &Region,
        input: Members,
    ) -> Call {
        let mut to =
            endpoint(&self.sdk, service, region).map_err(SdkError::construction_failure)?;
        let mut exchange = Exchange::new(service, name, operation);
        if let Some(member) = label_in_host(service, &to, &input) {
            let label = input
                .get(member)
                .and_then(Value::as_str)
                .unwrap_or_default();
            to.url = to.url.replacen("://", &format!("://{label}."), 1);
            exchange = exchange.with_label_in_host(member);
        }
        let (exchange, answering) = (Arc::new(exchange.clone()), exchange);
        let plugin = StaticRuntimePlugin::new()
            .with_config(self.layer(service, name, region, &to))
            .with_runtime_components(self.components.clone());
        let mut builder = Orchestrated::builder()
            .service_name(service.id.clone())
            .operation_name(name.to_owned())
            .endpoint_url(&to.url)
            .serializer(move |input| exchange.request(input))
            .deserializer(move |response| answering.answer(response))
            .runtime_plugin(plugin);
        if let Some(version) = self.sdk.behavior_version() {
            builder = builder.behavior_version(version);
        }
        builder.build().invoke(input).await
    }

    /// What generated clients put into the configuration of a call.
    fn layer(&self, service: &Service, name: &str, region: &Region, to: &Endpoint) -> FrozenLayer {
        let mut layer = Layer::new("lean");
        layer.store_put(NamedOperation(format!("{}:{name}", service.prefix)));
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(signing(service, &to.signing_region));
        layer.store_put(ApiMetadata::new("fractary", env!("CARGO_PKG_VERSION")));
        // One budget of retries per service and region, as generated clients have it.
        let budget = format!("{}-{region}", service.signing_name());
        layer.store_put(RetryPartition::new(budget));
        layer.store_or_unset(self.sdk.retry_config().cloned());
        layer.store_or_unset(self.sdk.timeout_config().cloned());
        layer.store_or_unset(self.sdk.stalled_stream_protection());
        layer.store_or_unset(self.sdk.app_name().cloned());
        layer.freeze()
    }
}

fn signing(service: &Service, region: &str) -> SigV4OperationSigningConfig {
    let mut options = SigningOptions::default();
    options.signature_type = HttpSignatureType::HttpRequestHeaders;
    // S3 wants paths as they are, and the hash of the body in a header.
    if service.signing_name() == "s3" {
        options.double_uri_encode = false;
        options.normalize_uri_path = false;
        options.content_sha256_header = true;
    }
    SigV4OperationSigningConfig {
        name: Some(SigningName::from(service.signing_name().to_owned())),
        region: Some(SigningRegion::from(SdkRegion::new(region.to_owned()))),
        signing_options: options,
        ..SigV4OperationSigningConfig::default()
    }
}

/// The member of an input that begins the host: not below an endpoint of one's own, and not
/// where it is no label of a host name.
fn label_in_host<'a>(service: &'a Service, to: &Endpoint, input: &Members) -> Option<&'a str> {
    let member = service.label_in_host.as_deref().filter(|_| !to.is_own)?;
    let label = input.get(member)?.as_str()?;
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let inner = |b: u8| letter(b) || b == b'-';
    let ends = label.bytes().next().is_some_and(letter) && label.bytes().last().is_some_and(letter);
    (ends && label.len() <= 63 && label.bytes().all(inner)).then_some(member)
}

/// What `ServiceRuntimePlugin` and the operations of a generated client register.
fn push_classifiers(parts: &mut RuntimeComponentsBuilder) {
    parts.push_retry_classifier(HttpStatusCodeClassifier::default());
    parts.push_retry_classifier(TransientErrorClassifier::<ServiceError>::new());
    parts.push_retry_classifier(AwsErrorCodeClassifier::<ServiceError>::new());
    parts.push_retry_classifier(ServiceClockSkewClassifier::<ServiceError>::new());
}

fn push_interceptors(parts: &mut RuntimeComponentsBuilder, guard: Guard) {
    parts.push_interceptor(SharedInterceptor::permanent(
        ConnectionPoisoningInterceptor::new(),
    ));
    parts.push_interceptor(SharedInterceptor::permanent(
        StalledStreamProtectionInterceptor::default(),
    ));
    parts.push_interceptor(SharedInterceptor::permanent(
        recursion_detection::RecursionDetectionInterceptor::new(),
    ));
    parts.push_interceptor(ServiceClockSkewInterceptor::new());
    parts.push_interceptor(request_info::RequestInfoInterceptor::new());
    parts.push_interceptor(UserAgentInterceptor::new());
    parts.push_interceptor(invocation_id::InvocationIdInterceptor::new());
    parts.push_interceptor(SharedInterceptor::permanent(guard));
}
