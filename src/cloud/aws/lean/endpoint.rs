//! Where a call goes, and which region signs it.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::catalog::reads::service::Service;
use crate::model::ids::Region;
use crate::model::partition::Partition;

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Scheme and host.
    pub(crate) url: String,
    /// The region of the signature.
    pub(crate) signing_region: String,
    /// Whether somebody configured it: such an endpoint has no hosts below it.
    pub(crate) is_own: bool,
}

/// Returns the address of a service in a region.
///
/// # Errors
/// Where the configuration asks for something that this client does not do: better than to go
/// elsewhere.
pub(crate) fn endpoint(
    sdk: &SdkConfig,
    service: &Service,
    region: &Region,
) -> Result<Endpoint, String> {
    if let Some(url) = configured(sdk, service) {
        // As the generated clients do: an endpoint of one's own is signed for one's own region.
        let signing_region = region.as_str().to_owned();
        return Ok(Endpoint {
            url,
            signing_region,
            is_own: true,
        });
    }
    if sdk.use_fips() == Some(true) || sdk.use_dual_stack() == Some(true) {
        return Err("FIPS and dual-stack endpoints are not supported".to_owned());
    }
    let partition = Partition::of_region(region);
    let (host, signing_region) = match service.homes.get(partition.name) {
        Some(home) => (home.host.clone(), home.region.clone()),
        None if !service.homes.is_empty() => {
            return Err(format!(
                "no endpoint of {} is known in {}",
                service.id, partition.name
            ));
        }
        None => (
            format!("{}.{region}.{}", service.host, partition.dns_suffix),
            region.as_str().to_owned(),
        ),
    };
    let url = format!("https://{host}");
    Ok(Endpoint {
        url,
        signing_region,
        is_own: false,
    })
}

/// Returns whether somebody configured where a service is: what answers there need not be AWS.
pub(crate) fn has_own_endpoint(sdk: &SdkConfig, service: &Service) -> bool {
    configured(sdk, service).is_some()
}

/// The order of the generated clients: code, then the service's own setting, then the general
/// one.
fn configured(sdk: &SdkConfig, service: &Service) -> Option<String> {
    let general = sdk.endpoint_url().map(str::to_owned);
    if sdk.get_origin("endpoint_url").is_client_config() {
        return general;
    }
    let key = ServiceConfigKey::builder()
        .service_id(&service.id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok();
    let own = key.and_then(|key| sdk.service_config()?.load_config(key));
    own.or(general)
}
