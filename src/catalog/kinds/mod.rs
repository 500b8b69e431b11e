//! The list of built-in kinds: one line for each file in `kinds/`.

pub mod compile;
pub mod kind;

use crate::catalog::kinds::kind::{Kind, KindError};

/// Embeds the files. `tests/catalog.rs` holds this list equal to the folder.
macro_rules! kinds {
    ($($id:literal),* $(,)?) => {
        /// Id and text of every built-in kind, sorted by id.
        pub const BUILT_IN: &[(&str, &str)] =
            &[$(($id, include_str!(concat!($id, ".toml")))),*];
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
pub(super) fn load() -> Result<Vec<(Kind, compile::Programs)>, KindError> {
    BUILT_IN
        .iter()
        .map(|(id, text)| compile::parse(&format!("kinds/{id}.toml"), text))
        .collect()
}
