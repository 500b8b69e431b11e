//! An environment with what aws-credentials.json gives to all of them.

use crate::app::workspace::load::Loaded;
use crate::model::environments::Environment;
use crate::model::ids::{AccountId, Region};

/// An environment with the region and account that aws-credentials.json gives to all.
pub(crate) fn completed(loaded: &Loaded, environment: &Environment) -> Environment {
    Environment {
        account_id: account(loaded, environment),
        region: region(loaded, environment),
        ..environment.clone()
    }
}

/// The account and region of an environment, with the defaults of aws-credentials.json.
pub(crate) fn account(loaded: &Loaded, environment: &Environment) -> Option<AccountId> {
    let shared = loaded
        .state
        .credentials
        .as_ref()
        .and_then(|doc| doc.value.aws.account_id.clone());
    environment.account_id.clone().or(shared)
}

/// The region of an environment, with the default of aws-credentials.json.
pub(crate) fn region(loaded: &Loaded, environment: &Environment) -> Option<Region> {
    let shared = loaded
        .state
        .credentials
        .as_ref()
        .and_then(|doc| doc.value.aws.region.clone());
    environment
        .region
        .clone()
        .or_else(|| environment.regions.first().cloned())
        .or(shared)
}

/// The profile of an environment, by aws-credentials.json.
pub(crate) fn profile(loaded: &Loaded, environment: &Environment) -> Option<String> {
    let names = loaded.state.credentials.as_ref()?;
    let profiles = &names.value.aws.profiles;
    profiles.get(environment.name.as_str()).cloned()
}
