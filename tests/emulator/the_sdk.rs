//! Proves that the SDK that the product uses reads the proxy's faults as it reads AWS's.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;

use crate::support::emulator;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

async fn config(endpoint: &str) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .load()
        .await
}

/// The error code of one call to each service, in the order cloudwatch, logs, sts: one each protocol.
async fn codes(config: &SdkConfig) -> Vec<String> {
    fn code<T, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
        match result {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.code().unwrap_or("no code").to_owned(),
        }
    }
    vec![
        code(
            aws_sdk_cloudwatch::Client::new(config)
                .describe_alarms()
                .send()
                .await,
        ),
        code(
            aws_sdk_cloudwatchlogs::Client::new(config)
                .describe_log_groups()
                .send()
                .await,
        ),
        code(
            aws_sdk_sts::Client::new(config)
                .get_caller_identity()
                .send()
                .await,
        ),
    ]
}

#[test]
fn the_sdk_reads_every_fault() {
    let emulator = emulator::ministack();
    let proxy = Proxy::start(emulator.address());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let config = runtime.block_on(config(&proxy.url()));
    assert_eq!(runtime.block_on(codes(&config)), ["fine"; 3]);
    let mut seen = String::new();
    for fault in [
        Fault::Deny,
        Fault::Throttle,
        Fault::UnknownKey,
        Fault::ExpiredToken,
        Fault::ServerError,
        Fault::Close,
        Fault::Html,
        Fault::Garbage,
        Fault::Truncate,
    ] {
        proxy.set_rules([Rule::on("*", fault.clone())]);
        let codes = runtime.block_on(codes(&config));
        seen.push_str(&format!("{fault:?}: {}\n", codes.join(", ")));
    }
    insta::assert_snapshot!(seen);
}
