//! Stands in front of every request: refuses what the command may not send, counts the rest.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataInput;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use crate::cloud::aws::clock::Clocks;
use crate::cloud::aws::errors::Refused;
use crate::cloud::aws::errors::asks_to_slow_down;
use crate::cloud::aws::receipt::Meter;

/// Operations that a command may send, as IAM names them (`lambda:ListFunctions`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operations(BTreeSet<String>);

impl Operations {
    /// Whether the operation may be sent.
    pub fn allows(&self, operation: &str) -> bool {
        self.0.contains(operation)
    }

    /// The operations, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether nothing may be sent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<String>> FromIterator<T> for Operations {
    fn from_iter<I: IntoIterator<Item = T>>(operations: I) -> Self {
        Self(operations.into_iter().map(Into::into).collect())
    }
}

/// Metrics in a request that is on its way.
#[derive(Debug, Clone, Copy)]
struct Billed(u64);

impl Storable for Billed {
    type Storer = StoreReplace<Self>;
}

/// The name of an operation as IAM has it, from whoever knows it better than the SDK's name of
/// the service tells.
#[derive(Debug, Clone)]
pub(crate) struct NamedOperation(pub(crate) String);

impl Storable for NamedOperation {
    type Storer = StoreReplace<Self>;
}

/// The interceptor that every client carries. Clones share one meter.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    operations: Arc<Operations>,
    meter: Arc<Mutex<Meter>>,
}

impl Guard {
    pub(crate) fn new(operations: Operations) -> Self {
        Self {
            operations: Arc::new(operations),
            meter: Arc::default(),
        }
    }

    /// What was counted so far.
    pub(crate) fn meter(&self) -> MutexGuard<'_, Meter> {
        // Counters stay usable whatever happened to another holder of the lock.
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "fractary guard"
    }

    // The first hook that a client's interceptor sees with the operation's name known, and
    // long before anything is sent.
    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = operation_name(config);
        if !self.operations.allows(&operation) {
            self.meter().refused += 1;
            return Err(Refused { operation }.into());
        }
        if let Some(input) = context.input().downcast_ref::<GetMetricDataInput>() {
            // Nothing is billed yet: finding credentials may fail.
            let billed = Billed(billed_metrics(input));
            config.interceptor_state().store_put(billed);
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = operation_name(config);
        let attempt = config
            .load::<RequestAttempts>()
            .map_or(1, RequestAttempts::attempts);
        tracing::debug!(%operation, attempt, "request");
        let mut meter = self.meter();
        meter.sent(&operation, attempt > 1);
        if attempt == 1 {
            meter.metrics_requested += config.load::<Billed>().map_or(0, |billed| billed.0);
        }
        Ok(())
    }

    // Retries of a throttled call may use up the time limit; what comes out then is a
    // timeout, so it is remembered here what the provider said.
    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(response) = context.response() {
            let signed = context
                .request()
                .and_then(|it| it.headers().get("x-amz-date"));
            if let Some(clocks) = Clocks::parse(signed, response.headers().get("date")) {
                self.meter().clocks.get_or_insert(clocks);
            }
            let body = response.body().bytes().unwrap_or_default();
            let start = &body[..body.len().min(SEARCHED_BYTES)];
            if asks_to_slow_down(response.status().as_u16(), start) {
                self.meter().throttled.insert(operation_name(config));
            }
        }
        Ok(())
    }
}

/// How much of an error reply is searched for its code.
const SEARCHED_BYTES: usize = 2_048;

/// The operation as IAM names it. One without a name is none that a list could hold.
fn operation_name(config: &ConfigBag) -> String {
    if let Some(NamedOperation(name)) = config.load::<NamedOperation>() {
        return name.clone();
    }
    config.load::<Metadata>().map_or_else(
        || "unknown:Unknown".to_owned(),
        |metadata| format!("{}:{}", prefix(metadata.service()), metadata.name()),
    )
}

/// IAM's prefix for a service, from the SDK's name for it. The second API of API Gateway keeps
/// a name of its own, because both have operations of the same name.
fn prefix(service: &str) -> String {
    match service {
        "API Gateway" => "apigateway".to_owned(),
        "CloudWatch Logs" => "logs".to_owned(),
        "Cost Explorer" => "ce".to_owned(),
        "Resource Groups Tagging API" => "tag".to_owned(),
        other => other.to_ascii_lowercase().replace(' ', "-"),
    }
}

/// Metrics in the unit that CloudWatch bills: up to five statistics of one metric are one.
/// Queries of one metric stand next to each other.
fn billed_metrics(input: &GetMetricDataInput) -> u64 {
    input
        .metric_data_queries()
        .chunk_by(|a, b| {
            let metric = |query: &aws_sdk_cloudwatch::types::MetricDataQuery| {
                query.metric_stat().and_then(|stat| stat.metric().cloned())
            };
            metric(a) == metric(b)
        })
        .map(|same| same.len().div_ceil(5) as u64)
        .sum()
}
