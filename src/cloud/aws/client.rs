//! Connecting: credentials, region, one HTTP client, and clients for every service.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::SdkConfig;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::catalog::Catalog;
use crate::catalog::Kind;
use crate::cloud::actions::Actions;
use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::errors::classify;
use crate::cloud::aws::guard::Guard;
use crate::cloud::aws::guard::Operations;
use crate::cloud::aws::receipt::Prices;
use crate::model::fact::GapCause;
use crate::model::ids::{Arn, Region};
use crate::model::partition::Partition;
use crate::model::resource::Resource;
use crate::text::Untrusted;

/// Longest pause between two attempts.
const MOST_BACKOFF: Duration = Duration::from_secs(5);

/// How to reach AWS.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// Profile of `~/.aws/config`. Keys in the environment win over it, as in CI.
    pub profile: Option<String>,
    /// Whether the profile alone counts, and no keys of the environment: where two identities are
    /// at work in one run.
    pub only_profile: bool,
    /// Role to assume with those credentials.
    pub role_arn: Option<Arn>,
    /// Main region; the usual chain where absent.
    pub region: Option<Region>,
    /// Endpoint of every service. Normally absent: the SDK itself reads `AWS_ENDPOINT_URL` and
    /// `AWS_ENDPOINT_URL_<SERVICE>`.
    pub endpoint: Option<String>,
    /// What the command may send.
    pub operations: Operations,
    /// Limit of one call with its retries.
    pub call_timeout: Duration,
    /// Limit of one attempt.
    pub attempt_timeout: Duration,
    /// Limit of a whole observation: what has not answered by then is a gap.
    pub deadline: Duration,
    /// Requests at once to one service.
    pub concurrency: usize,
    /// Attempts of one call, the first included.
    pub max_attempts: u32,
    /// Pause before the first retry.
    pub initial_backoff: Duration,
    /// Prices for the receipt.
    pub prices: Prices,
}

impl AwsSettings {
    /// The defaults for a command that may send these operations.
    pub fn new(operations: Operations) -> Self {
        Self {
            profile: None,
            only_profile: false,
            role_arn: None,
            region: None,
            endpoint: None,
            operations,
            call_timeout: Duration::from_secs(30),
            attempt_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(60),
            concurrency: 4,
            max_attempts: 4,
            initial_backoff: Duration::from_millis(200),
            prices: Prices::built_in(),
        }
    }
}

/// Why there is no connection to AWS.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing names a region.
    #[error(
        "no AWS region is known: set `region` of the environment in environments.json, or `AWS_REGION`"
    )]
    NoRegion,
    /// The region is not one.
    #[error("the AWS region of the profile or of `AWS_REGION` is not valid")]
    InvalidRegion(#[source] crate::model::ids::InvalidId),
}

/// AWS, asked through the official SDK.
#[derive(Debug)]
pub struct Aws {
    pub(super) sdk: SdkConfig,
    pub(super) catalog: Catalog,
    pub(super) guard: Guard,
    pub(super) prices: Prices,
    pub(super) region: Region,
    actions: Actions,
    concurrency: usize,
    deadline: Duration,
    slots: RefCell<BTreeMap<String, Rc<Semaphore>>>,
}

impl Aws {
    /// Reads the configuration of the machine. Sends nothing to AWS, apart from what finding
    /// a region may need on EC2.
    ///
    /// # Errors
    /// Where no region is known.
    pub async fn connect(settings: AwsSettings, catalog: Catalog) -> Result<Self, ConnectError> {
        Self::connect_through(http_client(), settings, catalog).await
    }

    /// The same through another HTTP client.
    pub(crate) async fn connect_through(
        http: SharedHttpClient,
        settings: AwsSettings,
        catalog: Catalog,
    ) -> Result<Self, ConnectError> {
        let sdk = load(&settings, http).await;
        let region = match (&settings.region, sdk.region()) {
            (Some(region), _) => region.clone(),
            (None, Some(region)) => {
                Region::new(region.as_ref()).map_err(ConnectError::InvalidRegion)?
            }
            (None, None) => return Err(ConnectError::NoRegion),
        };
        let sdk = match &settings.role_arn {
            Some(role) => assume(sdk, role).await,
            None => sdk,
        };
        Ok(Self {
            sdk,
            actions: Actions::new(&catalog),
            catalog,
            guard: Guard::new(settings.operations),
            prices: settings.prices,
            region,
            concurrency: settings.concurrency.max(1),
            deadline: settings.deadline,
            slots: RefCell::default(),
        })
    }

    /// Other credentials than the usual chain gives.
    #[cfg(test)]
    pub(super) fn use_credentials(&mut self, credentials: aws_credential_types::Credentials) {
        self.sdk = self
            .sdk
            .clone()
            .into_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
    }

    /// The kind of a resource, where the catalogue has it.
    pub(super) fn kind(&self, resource: &Resource) -> Option<&Kind> {
        self.catalog.kind(resource.kind.as_ref()?)
    }

    /// A region of a real endpoint. `global` resources are asked for in the main region.
    pub(super) fn endpoint_region<'a>(&'a self, region: &'a Region) -> &'a Region {
        match region.as_str() {
            "global" => &self.region,
            _ => region,
        }
    }

    /// The region that the metrics and alarms of a resource are in. Services without regions
    /// have one for it in each partition.
    pub(super) fn metrics_region(&self, kind: &Kind, resource: &Resource) -> Region {
        let partition = Partition::of_arn(&resource.arn);
        let elsewhere = partition.filter(|one| *one != Partition::COMMERCIAL);
        kind.metrics_region
            .as_deref()
            .map(|region| elsewhere.map_or(region, |one| one.global_region))
            .and_then(|region| Region::new(region).ok())
            .unwrap_or_else(|| self.endpoint_region(&resource.region).clone())
    }

    /// The moment after which nothing is waited for.
    pub(super) fn deadline_from_now(&self) -> Deadline {
        Deadline {
            at: Instant::now() + self.deadline,
            limit: self.deadline,
        }
    }

    /// Calls to one region.
    pub(super) fn in_region<'a>(
        &'a self,
        region: &'a Region,
        deadline: Deadline,
    ) -> RegionClient<'a> {
        RegionClient {
            aws: self,
            region: self.endpoint_region(region),
            deadline,
            turn: 0,
        }
    }

    fn slots(&self, operation: &str) -> Rc<Semaphore> {
        let service = operation.split(':').next().unwrap_or(operation);
        self.slots
            .borrow_mut()
            .entry(service.to_owned())
            .or_insert_with(|| Rc::new(Semaphore::new(self.concurrency)))
            .clone()
    }
}

/// When to stop waiting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    limit: Duration,
}

/// The clients of one region, on behalf of one question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RegionClient<'a> {
    pub(super) aws: &'a Aws,
    pub(super) region: &'a Region,
    deadline: Deadline,
    turn: u64,
}

macro_rules! clients {
    ($($name:ident => $sdk:ident),+ $(,)?) => {
        $(pub(super) fn $name(&self) -> $sdk::Client {
            let config = $sdk::config::Builder::from(&self.aws.sdk)
                .region(aws_types::region::Region::new(self.region.as_str().to_owned()))
                .interceptor(self.aws.guard.clone());
            $sdk::Client::from_conf(config.build())
        })+
    };
}

impl RegionClient<'_> {
    /// The same in another turn.
    pub(super) fn in_turn(self, turn: u64) -> Self {
        Self { turn, ..self }
    }

    /// The same question in another region.
    pub(super) fn elsewhere<'b>(&self, region: &'b Region) -> RegionClient<'b>
    where
        Self: 'b,
    {
        RegionClient { region, ..*self }
    }

    /// Which run this is, counted in windows: who asks for a few of many takes others each time.
    pub(super) fn turn(&self) -> u64 {
        self.turn
    }

    clients! {
        cloudwatch => aws_sdk_cloudwatch,
        cloudwatchlogs => aws_sdk_cloudwatchlogs,
        costexplorer => aws_sdk_costexplorer,
        sts => aws_sdk_sts,
    }

    /// Waits for a free slot of the service and for the answer, not longer than the deadline.
    pub(super) async fn call<T, E>(
        &self,
        operation: &str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let action = || self.aws.actions.action_of(operation);
        self.call_for(operation, action, send).await
    }

    /// The same for an operation that needs this IAM action, which is looked up only where the
    /// call fails.
    pub(super) async fn call_for<T, E>(
        &self,
        operation: &str,
        action: impl FnOnce() -> String,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let slots = self.aws.slots(operation);
        // On the heap: the SDK's futures are large, and many wait at once.
        let asked = Box::pin(async {
            // Slots are never closed, so an error cannot come; without a slot it is only less polite.
            let _slot = slots.acquire().await.ok();
            send.await
        });
        match tokio::time::timeout_at(self.deadline.at, asked).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.throttled(classify(operation, Some(&action()), &error))),
            Err(_) => Err(self.throttled(Failure::ours(
                operation,
                GapCause::TimedOut,
                format!(
                    "no answer within the {} seconds that a check may take",
                    self.deadline.limit.as_secs_f64()
                ),
            ))),
        }
    }

    /// A timeout of an operation that was throttled before is the throttling's doing.
    fn throttled(&self, failure: Failure) -> Failure {
        let was = self
            .aws
            .guard
            .meter()
            .throttled
            .contains(&failure.operation);
        if failure.cause != GapCause::TimedOut || !was {
            return failure;
        }
        let message = format!("too many requests; {}", failure.message.raw());
        Failure {
            cause: GapCause::Throttled,
            message: Untrusted::new(message),
            ..failure
        }
    }
}

async fn load(settings: &AwsSettings, http: SharedHttpClient) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(settings.attempt_timeout.min(Duration::from_secs(5)))
        .operation_attempt_timeout(settings.attempt_timeout)
        .operation_timeout(settings.call_timeout)
        .build();
    // Standard, not adaptive: docs/decisions/0005-standard-retry.md.
    let retries = RetryConfig::standard()
        .with_max_attempts(settings.max_attempts.max(1))
        .with_initial_backoff(settings.initial_backoff)
        .with_max_backoff(MOST_BACKOFF);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .retry_config(retries)
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
        if settings.only_profile {
            let region = settings.region.as_ref();
            let region = region.map(|one| aws_types::region::Region::new(one.as_str().to_owned()));
            let around = ProviderConfig::default()
                .with_region(region)
                .with_http_client(http.clone());
            let provider = ProfileFileCredentialsProvider::builder().configure(&around);
            let provider = provider.profile_name(profile).build();
            loader = loader.credentials_provider(provider);
        }
    }
    if let Some(region) = &settings.region {
        loader = loader.region(aws_types::region::Region::new(region.as_str().to_owned()));
    }
    if let Some(endpoint) = &settings.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    loader.load().await
}

async fn assume(sdk: SdkConfig, role: &Arn) -> SdkConfig {
    let provider = AssumeRoleProvider::builder(role.as_str())
        .session_name("fractary")
        .configure(&sdk)
        .build()
        .await;
    sdk.into_builder()
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .build()
}

/// One pool of connections for all services and regions, with the proxy of the environment.
fn http_client() -> SharedHttpClient {
    HttpBuilder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::Ring,
            ))
            .build()
    })
}
