//! Who the credentials belong to, through STS.

use crate::cloud::actions::IDENTITY;
use crate::cloud::aws::client::Aws;
use crate::cloud::aws::errors::Failure;
use crate::cloud::question::Answer;
use crate::model::fact::GapCause;
use crate::model::ids::{AccountId, Arn};
use crate::model::snapshot::Identity;

/// Asks STS.
pub(crate) async fn read(aws: &Aws) -> Answer {
    match caller(aws).await {
        Ok(identity) => Answer::Identity(identity),
        Err(failure) => Answer::Gap(failure.into_gap("identity of the caller".to_owned())),
    }
}

async fn caller(aws: &Aws) -> Result<Identity, Failure> {
    let region = aws.in_region(&aws.region, aws.deadline_from_now());
    let send = region.sts().get_caller_identity().send();
    let answer = region.call(IDENTITY, send).await?;
    let garbled = |what: String| Failure::ours(IDENTITY, GapCause::Garbled, what);
    Ok(Identity {
        account: AccountId::new(answer.account().unwrap_or_default())
            .map_err(|invalid| garbled(invalid.to_string()))?,
        arn: Arn::new(answer.arn().unwrap_or_default())
            .map_err(|invalid| garbled(invalid.to_string()))?,
    })
}
