//! Newtypes for identifiers: parsed once, at the edge, and safe to print and to use in paths.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an identifier of the asked kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {text:?} is not valid: {expected}")]
pub struct InvalidId {
    /// The kind of identifier, for instance `environment name`.
    pub what: &'static str,
    /// The offending text, cut to 80 characters.
    pub text: String,
    /// What would be accepted.
    pub expected: &'static str,
}

/// What a name that becomes part of a path must look like.
pub const PATH_NAME_PATTERN: &str = "^[a-z0-9][a-z0-9._-]{0,63}$";

fn is_path_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first_ok = bytes
        .next()
        .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    first_ok
        && text.len() <= 64
        && bytes.all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-')
        })
}

fn is_feature(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= 32
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_check(text: &str) -> bool {
    let mut bytes = text.bytes();
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.next().is_some_and(letter)
        && text.len() <= 100
        && bytes.all(|b| letter(b) || b"._/-".contains(&b))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let alphanumeric = |p: &&str| {
        !p.is_empty()
            && p.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    text == "global"
        || (parts.len() >= 3
            && text.len() <= 32
            && parts.iter().all(alphanumeric)
            && parts
                .last()
                .is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit())))
}

fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let safe = |b: u8| b.is_ascii_alphanumeric() || b":/_.+=,@*$#~%!()'-".contains(&b);
    parts.len() == 6
        && parts[0] == "arn"
        && parts[1].starts_with("aws")
        && parts[1]
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'-')
        && !parts[2].is_empty()
        && !parts[5].is_empty()
        && text.len() <= 2048
        && (parts[4].is_empty() || is_account(parts[4]) || parts[4] == "aws")
        && text.bytes().all(safe)
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:ident, $expected:expr, $pattern:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Parses, or says what was expected.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                if $check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId {
                        what: $what,
                        text: crate::text::escape::cut(text, 80),
                        expected: $expected,
                    })
                }
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }

            fn inline_schema() -> bool {
                true
            }
        }
    };
}

const PATH_NAME_EXPECTED: &str =
    "lower-case letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 64";

id_type!(
    /// The name of an environment (`test`, `prod`). Part of paths.
    EnvironmentName, "environment name", is_path_name, PATH_NAME_EXPECTED, PATH_NAME_PATTERN
);
id_type!(
    /// The name of a domain (`infrastructure`). Part of issue ids.
    DomainName, "domain name", is_path_name, PATH_NAME_EXPECTED, PATH_NAME_PATTERN
);
id_type!(
    /// The id of an issue (`infra-7f3a2c`). A file name.
    IssueId, "issue id", is_path_name, PATH_NAME_EXPECTED, PATH_NAME_PATTERN
);
id_type!(
    /// The name of a feature of the infrastructure (`user-uploads`). Part of paths and of names in
    /// Terraform.
    FeatureName, "feature name", is_feature,
    "lower-case letters, digits and `-`, starting with a letter, at most 32",
    "^[a-z][a-z0-9-]{0,31}$"
);
id_type!(
    /// The id of a resource kind (`lambda`): the stem of its file in the catalogue.
    KindId, "resource kind", is_path_name, PATH_NAME_EXPECTED, PATH_NAME_PATTERN
);
id_type!(
    /// The name of a check of a domain monitor (`http_status`). Part of an issue's identity.
    CheckName, "check name", is_check,
    "lower-case letters, digits, `.`, `_`, `/` and `-`, starting with a letter or digit, at most 100",
    "^[a-z0-9][a-z0-9._/-]{0,99}$"
);
id_type!(
    /// The name of who examines (`audit`). Part of an issue's identity.
    SourceName, "source", is_path_name, PATH_NAME_EXPECTED, PATH_NAME_PATTERN
);
id_type!(
    /// The id of one run: `<UTC time>-<8 hex>`, for instance `20261121t101500z-1f0c9a3e`.
    RunId, "run id", is_path_name, PATH_NAME_EXPECTED, PATH_NAME_PATTERN
);
id_type!(
    /// An AWS account id.
    AccountId, "AWS account id", is_account, "12 digits", "^[0-9]{12}$"
);
id_type!(
    /// An AWS region (`eu-central-1`), or `global`.
    Region, "AWS region", is_region, "a region code such as `us-east-1`",
    "^(global|[a-z0-9]+(-[a-z0-9]+)+-[0-9]+)$"
);
id_type!(
    /// An Amazon Resource Name, of characters that are safe to print.
    Arn, "ARN", is_arn, "`arn:partition:service:region:account:resource`",
    "^arn:aws[a-z-]*:[^:\\s]+:[^:\\s]*:([0-9]{12}|aws)?:[A-Za-z0-9:/_.+=,@*$#~%!()'-]+$"
);
id_type!(
    /// The id of a git commit, in full.
    CommitId, "commit id", is_commit, "40 or 64 hexadecimal digits", "^([0-9a-f]{40}|[0-9a-f]{64})$"
);

impl CommitId {
    /// The first characters, as people name a commit.
    pub fn short(&self) -> &str {
        &self.as_str()[..10]
    }
}

impl SourceName {
    /// Returns the source that watches a domain on every run: the health check for the cloud,
    /// the monitor for any other domain. Issues that name no source are its.
    pub fn observer() -> Self {
        Self("observer".to_owned())
    }

    /// Whether it is the one that watches a domain on every run.
    pub fn is_observer(&self) -> bool {
        self.as_str() == "observer"
    }
}

impl Arn {
    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or("")
    }

    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The service prefix, for instance `lambda`.
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The region, empty for global services and S3.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account, empty for S3.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// Everything behind the account, for instance `function:api`.
    pub fn resource(&self) -> &str {
        self.part(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_names_are_safe_in_paths() {
        for good in ["test", "prod-eu", "a", "0.1_x-y"] {
            assert!(EnvironmentName::new(good).is_ok(), "{good}");
        }
        let long = "a".repeat(65);
        for bad in [
            "",
            "..",
            "../x",
            "Prod",
            "a/b",
            "-a",
            ".a",
            "a b",
            "ä",
            long.as_str(),
            "a\0",
        ] {
            assert!(EnvironmentName::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn arns_are_parsed_into_parts() {
        let arn =
            Arn::new("arn:aws:lambda:eu-central-1:123456789012:function:api").expect("an ARN");
        assert_eq!(arn.service(), "lambda");
        assert_eq!(arn.region(), "eu-central-1");
        assert_eq!(arn.account(), "123456789012");
        assert_eq!(arn.resource(), "function:api");
        for bad in [
            "",
            "arn",
            "arn:aws:s3:::",
            "arn:aws:s3:::a b",
            "arn:aws:s3:::a\u{202e}b",
            "arn:aws:x:r:12:y",
            "arn:fractary:web:::login",
            "arn:aws:s3:::a`b<i>",
        ] {
            assert!(Arn::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn regions_and_accounts() {
        for good in ["us-east-1", "us-gov-west-1", "ap-southeast-5", "global"] {
            assert!(Region::new(good).is_ok(), "{good}");
        }
        for bad in ["", "us", "us-east", "US-EAST-1", "us east 1", "us-east-one"] {
            assert!(Region::new(bad).is_err(), "{bad}");
        }
        assert!(AccountId::new("123456789012").is_ok());
        assert!(AccountId::new("12345678901").is_err());
    }
}
