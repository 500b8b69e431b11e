//! The list of built-in kinds: one line for each file in `kinds/`.

use super::check;
use super::kind::{Kind, KindError};

/// Embeds the files. `tests/catalog.rs` holds this list equal to the folder.
macro_rules! kinds {
    ($($id:literal),* $(,)?) => {
        /// Id and text of every built-in kind, sorted by id.
        pub const BUILT_IN: &[(&str, &str)] =
            &[$(($id, include_str!(concat!("kinds/", $id, ".toml")))),*];
    };
}

kinds![
    "alb",
    "apigateway",
    "apigatewayv2",
    "cloudfront",
    "dynamodb",
    "ecs",
    "elasticache",
    "lambda",
    "nlb",
    "rds",
    "s3",
    "sqs",
];

/// Parses and proves every embedded kind.
pub(super) fn load() -> Result<Vec<(Kind, check::Programs)>, KindError> {
    BUILT_IN
        .iter()
        .map(|(id, text)| check::parse(&format!("kinds/{id}.toml"), text))
        .collect()
}
