//! One run spread over several machines: who looks at what, and how the parts become the
//! snapshot that one machine would have made.

mod canonical;
mod join;
mod plan;

#[cfg(test)]
mod tests;

pub use canonical::{canonical, unseen};
pub use join::{JoinInput, ShardPart, join};
pub use plan::{RESOURCES_A_SHARD, plan};

use sha2::{Digest, Sha256};

use crate::model::ids::{Arn, EnvironmentName};
use crate::model::shard::Shard;

/// Whether a shard looks at a resource. Depends on the environment, the ARN and the number of
/// shards alone: adding a resource moves no other.
pub fn belongs(shard: Shard, environment: &EnvironmentName, arn: &Arn) -> bool {
    let digest = Sha256::new()
        .chain_update(environment.as_str())
        // A newline is in no name and in no ARN.
        .chain_update(b"\n")
        .chain_update(arn.as_str())
        .finalize();
    let number = digest
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    number % u64::from(shard.count()) == u64::from(shard.index() - 1)
}
