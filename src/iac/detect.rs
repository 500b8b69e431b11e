//! What kind of file it is, detected from its content, so that it need not be given.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::iac::decode;
use crate::iac::documents;
use crate::iac::error::IacError;
use crate::text::escape;

/// A form that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.tfstate`, version 3 (Terraform 0.7 to 0.11).
    StateV3,
    /// `.tfstate`, version 4 (Terraform 0.12 and later, OpenTofu).
    StateV4,
    /// `terraform show -json` of a state.
    ShownState,
    /// `terraform show -json` of a plan.
    ShownPlan,
    /// `pulumi stack export`.
    PulumiStack,
    /// `aws cloudformation describe-stack-resources`, or `list-stack-resources`.
    StackResources,
}

/// The form of a file.
///
/// # Errors
/// It is of no supported form; the error says what it looks like and what to pass instead.
pub fn detect(bytes: &[u8]) -> Result<Format, IacError> {
    let text = decode::text(bytes)?;
    let split = documents::split(&text)?;
    split
        .documents
        .first()
        .map_or(Err(IacError::Empty), |first| of_document(first.text))
}

/// The top-level keys that tell the forms apart.
#[derive(Deserialize)]
struct Head {
    version: Option<Version>,
    format_version: Option<Version>,
    serial: Option<IgnoredAny>,
    lineage: Option<IgnoredAny>,
    terraform_version: Option<IgnoredAny>,
    resources: Option<IgnoredAny>,
    modules: Option<IgnoredAny>,
    backend: Option<IgnoredAny>,
    encrypted_data: Option<IgnoredAny>,
    encryption_version: Option<IgnoredAny>,
    planned_values: Option<IgnoredAny>,
    resource_changes: Option<IgnoredAny>,
    configuration: Option<IgnoredAny>,
    provider_schemas: Option<IgnoredAny>,
    valid: Option<IgnoredAny>,
    deployment: Option<IgnoredAny>,
    #[serde(rename = "AWSTemplateFormatVersion")]
    template_version: Option<IgnoredAny>,
    #[serde(rename = "Resources")]
    template_resources: Option<IgnoredAny>,
    #[serde(rename = "StackResources")]
    stack_resources: Option<IgnoredAny>,
    #[serde(rename = "StackResourceSummaries")]
    stack_summaries: Option<IgnoredAny>,
    resource: Option<IgnoredAny>,
    output: Option<IgnoredAny>,
    #[serde(rename = "@level")]
    log_level: Option<IgnoredAny>,
}

/// A version, written as number or text.
struct Version(String);

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Version;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a version number")
            }

            fn visit_u64<E>(self, value: u64) -> Result<Version, E> {
                Ok(Version(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Version, E> {
                Ok(Version(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Version, E> {
                Ok(Version(value.to_string()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Version, E> {
                Ok(Version(crate::text::escape::cut(value, 20)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// As [`detect`], of one JSON object.
pub(super) fn of_document(text: &str) -> Result<Format, IacError> {
    let head = Head::deserialize(&mut serde_json::Deserializer::from_str(text))
        .map_err(|e| IacError::from_json("the file", &e))?;
    match (&head.format_version, &head.version) {
        _ if head.encrypted_data.is_some() || head.encryption_version.is_some() => {
            Err(IacError::Encrypted)
        }
        _ if head.log_level.is_some() => Err(IacError::Unsupported {
            found: "the event log of `terraform plan -json` or `apply -json`",
        }),
        _ if head.stack_resources.is_some() || head.stack_summaries.is_some() => {
            Ok(Format::StackResources)
        }
        (None, Some(version)) if head.deployment.is_some() => match version.0.as_str() {
            "1" | "2" | "3" => Ok(Format::PulumiStack),
            other => Err(IacError::NewExport(escape::json(other))),
        },
        (Some(version), _) => shown(&head, &version.0),
        (None, Some(version)) if head.looks_like_state() => state(&head, &version.0),
        _ if is_outputs(text) => Err(IacError::Unsupported {
            found: "the output of `terraform output -json`",
        }),
        _ => Err(IacError::Unsupported {
            found: head.other(),
        }),
    }
}

/// Whether it is an object of outputs, each with its type and value.
fn is_outputs(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Output {
        #[serde(rename = "sensitive")]
        _sensitive: bool,
        #[serde(rename = "type")]
        _type: IgnoredAny,
        #[serde(rename = "value")]
        _value: IgnoredAny,
    }
    let outputs = serde_json::from_str::<BTreeMap<String, Output>>(text);
    outputs.is_ok_and(|outputs| !outputs.is_empty())
}

fn shown(head: &Head, version: &str) -> Result<Format, IacError> {
    if head.provider_schemas.is_some() {
        return Err(IacError::Unsupported {
            found: "the output of `terraform providers schema`",
        });
    }
    if head.valid.is_some() {
        return Err(IacError::Unsupported {
            found: "the output of `terraform validate`",
        });
    }
    if !matches!(version.split('.').next(), Some("0" | "1")) {
        return Err(IacError::NewFormat(escape::json(version)));
    }
    let plan = head.planned_values.is_some()
        || head.resource_changes.is_some()
        || head.configuration.is_some();
    Ok(if plan {
        Format::ShownPlan
    } else {
        Format::ShownState
    })
}

fn state(head: &Head, version: &str) -> Result<Format, IacError> {
    match version {
        // Terraform writes this form, and never resources in it, into `.terraform/`.
        "3" if head.backend.is_some() => Err(IacError::BackendOnly),
        "3" => Ok(Format::StateV3),
        "4" => Ok(Format::StateV4),
        "1" | "2" => Err(IacError::OldState(if version == "1" { 1 } else { 2 })),
        other => Err(IacError::NewState(escape::json(other))),
    }
}

impl Head {
    fn looks_like_state(&self) -> bool {
        self.serial.is_some()
            || self.lineage.is_some()
            || self.terraform_version.is_some()
            || self.modules.is_some()
            || self.resources.is_some()
    }

    fn other(&self) -> &'static str {
        if self.template_version.is_some() || self.template_resources.is_some() {
            "a CloudFormation template"
        } else if self.resource.is_some() || self.output.is_some() {
            "a Terraform configuration in JSON, as CDK for Terraform writes it"
        } else {
            "JSON of an unknown form"
        }
    }
}
