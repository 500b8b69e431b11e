//! What a finding or an issue is about.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::model::ids::{Arn, DomainName, EnvironmentName, Region};
use crate::model::paths::RepoPath;
use crate::text::{Untrusted, escape, redact};

/// How the names begin of what only the monitor of a domain knows.
const OWN_PARTITION: &str = "arn:fractary:";
/// Longest name that is taken, in bytes.
const MOST_LENGTH: usize = 2_048;

/// What a finding is about: half of the identity of an issue, the check being the other half.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A resource of the provider.
    Resource(Arn),
    /// Something in a domain that is not the provider's: a service, an address, a pipeline.
    Domain(DomainSubject),
    /// An environment as a whole.
    Environment(EnvironmentName),
    /// A planned change: the address of its resource, instance key included
    /// (`aws_sqs_queue.orders["eu"]`).
    Change(SubjectName),
    /// Someone who may do something: the ARN of a user or role, or the name of a service.
    Principal(SubjectName),
    /// A file of the repository.
    Path(RepoPath),
}

/// A name from outside that identifies a subject. Secrets are redacted and control characters
/// visible from the start, so that what a file holds is what the next run finds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectName(String);

impl SubjectName {
    /// Takes a name; `None` for one that is empty or too long.
    pub fn new(text: &Untrusted) -> Option<Self> {
        let text = text.redacted();
        (!text.is_empty() && text.len() <= MOST_LENGTH).then_some(Self(text))
    }
}

/// What only the monitor of a domain knows, by the monitor's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainSubject {
    domain: DomainName,
    /// Characters that an ARN may not hold are `%XX`, so that different ids stay different.
    id: String,
}

/// Why a text names no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a subject: expected an ARN, or `environment:`, `change:`, `principal:` or \
     `path:` and a name"
)]
pub struct InvalidSubject {
    /// The text, cut to 80 characters.
    pub text: String,
}

impl Subject {
    /// Returns what a monitor calls `id`: what it names where it is an ARN, else something of
    /// the domain. `None` for an id that is empty or too long.
    pub fn in_domain(domain: &DomainName, id: &str) -> Option<Self> {
        if id.starts_with("arn:")
            && let Ok(named) = Self::parse(id)
        {
            return Some(named);
        }
        DomainSubject::new(domain.clone(), harmless(id)).map(Self::Domain)
    }

    /// Parses what [`Subject::identity`] gives.
    pub fn parse(text: &str) -> Result<Self, InvalidSubject> {
        let parsed = match text.split_once(':') {
            Some(("arn", _)) => match text.strip_prefix(OWN_PARTITION) {
                Some(rest) => DomainSubject::parse(rest).map(Self::Domain),
                None => Arn::new(text).ok().map(Self::Resource),
            },
            Some(("environment", name)) => EnvironmentName::new(name).ok().map(Self::Environment),
            Some(("change", address)) => named(address).map(Self::Change),
            Some(("principal", name)) => named(name).map(Self::Principal),
            Some(("path", path)) => RepoPath::new(path).ok().map(Self::Path),
            _ => None,
        };
        parsed.ok_or_else(|| InvalidSubject {
            text: escape::cut(text, 80),
        })
    }

    /// Returns the text that identifies it, the same on every run. Part of issue ids, so it
    /// never changes for what there is.
    pub fn identity(&self) -> Untrusted {
        match self {
            Self::Resource(arn) => Untrusted::from(arn.as_str()),
            Self::Domain(thing) => {
                let DomainSubject { domain, id } = thing;
                Untrusted::from(format!("{OWN_PARTITION}{domain}:::{id}"))
            }
            Self::Environment(name) => Untrusted::from(format!("environment:{name}")),
            Self::Change(address) => Untrusted::from(format!("change:{}", address.0)),
            Self::Principal(name) => Untrusted::from(format!("principal:{}", name.0)),
            Self::Path(path) => Untrusted::from(format!("path:{path}")),
        }
    }

    /// Whether its identity is written like an ARN.
    pub fn is_written_as_arn(&self) -> bool {
        matches!(self, Self::Resource(_) | Self::Domain(_))
    }

    /// Returns the ARN of a resource; `None` for anything else.
    pub fn arn(&self) -> Option<&Arn> {
        match self {
            Self::Resource(arn) => Some(arn),
            _ => None,
        }
    }
}

fn named(text: &str) -> Option<SubjectName> {
    SubjectName::new(&Untrusted::from(text))
}

/// An id in characters that are plain, without the secrets that a monitor may have put into it. It
/// is the same after it was written to a file, where secrets are redacted once more: an id that
/// changed there could not be read again.
fn harmless(id: &str) -> String {
    let encoded = |text: &str, keep: fn(u8) -> bool| {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            match keep(byte) {
                true => out.push(char::from(byte)),
                false => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    };
    let lasts = |text: &String| redact::redact(text) == text.as_str();
    let plain = encoded(id, is_plain);
    if lasts(&plain) && redact::redact(id) == id {
        return plain;
    }
    let clean = redact::redact(id);
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let candidates = [encoded(&clean, is_plain), encoded(&clean, word)];
    let letters = clean.bytes().filter(|byte| byte.is_ascii_alphanumeric());
    candidates.into_iter().find(lasts).unwrap_or_else(|| {
        // Nothing but letters and the length: no rule takes that for a secret.
        let sum = letters.fold(0_u64, |sum, byte| sum.wrapping_mul(131) ^ u64::from(byte));
        format!("redacted/{sum:x}")
    })
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b":/_.+=,@*$#~!()-".contains(&byte)
}

impl DomainSubject {
    fn new(domain: DomainName, id: String) -> Option<Self> {
        let length = OWN_PARTITION.len() + domain.as_str().len() + 3 + id.len();
        (!id.is_empty() && length <= MOST_LENGTH).then_some(Self { domain, id })
    }

    /// Parses what stands behind the partition.
    fn parse(rest: &str) -> Option<Self> {
        let (domain, id) = rest.split_once(":::")?;
        // What stands in a file is kept as it is, so that ids of issues stay what they are.
        let safe = id.bytes().all(|b| is_plain(b) || b"%'".contains(&b));
        Self::new(DomainName::new(domain).ok()?, id.to_owned()).filter(|_| safe)
    }
}

/// A subject, and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredSubject", into = "StoredSubject")]
pub struct SubjectRef {
    /// What it is.
    pub subject: Subject,
    /// Its name for people.
    pub name: Untrusted,
    /// Its kind, or the Terraform type where the catalogue has no kind for it.
    pub kind: String,
    /// Its region, `global` where it has none.
    pub region: Region,
}

/// What an issue is about, as its file has it.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "IssueResource")]
struct StoredSubject {
    /// Name for people.
    name: Untrusted,
    /// Kind or type.
    kind: String,
    /// ARN. What only the monitor of a domain knows has one of the partition `fractary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = ARN_PATTERN))]
    arn: Option<String>,
    /// In place of `arn`, what else the issue is about: `environment:`, `change:`, `principal:`
    /// or `path:`, and its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = OTHER_PATTERN))]
    subject: Option<String>,
    /// Region.
    region: Region,
}

/// Pattern of `arn` in an issue's file.
pub(crate) const ARN_PATTERN: &str =
    "^arn:(aws[a-z-]*|fractary):[^:\\s]+:[^:\\s]*:([0-9]{12}|aws)?:[A-Za-z0-9:/_.+=,@*$#~%!()'-]+$";
/// Pattern of `subject` in an issue's file.
pub(crate) const OTHER_PATTERN: &str = "^(environment|change|principal|path):[\\s\\S]";

/// Why the subject in an issue's file is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum StoredSubjectError {
    #[error(transparent)]
    Invalid(#[from] InvalidSubject),
    #[error("expected either `arn` or `subject`, which say what the issue is about")]
    NotOne,
}

impl TryFrom<StoredSubject> for SubjectRef {
    type Error = StoredSubjectError;

    fn try_from(stored: StoredSubject) -> Result<Self, StoredSubjectError> {
        let text = match (&stored.arn, &stored.subject) {
            (Some(text), None) | (None, Some(text)) => text,
            _ => return Err(StoredSubjectError::NotOne),
        };
        let subject = Subject::parse(text)?;
        if subject.is_written_as_arn() != stored.arn.is_some() {
            return Err(StoredSubjectError::NotOne);
        }
        Ok(Self {
            subject,
            name: stored.name,
            kind: stored.kind,
            region: stored.region,
        })
    }
}

impl From<SubjectRef> for StoredSubject {
    fn from(about: SubjectRef) -> Self {
        let text = Some(about.subject.identity().raw().to_owned());
        let (arn, subject) = if about.subject.is_written_as_arn() {
            (text, None)
        } else {
            (None, text)
        };
        Self {
            name: about.name,
            kind: about.kind,
            arn,
            subject,
            region: about.region,
        }
    }
}

impl schemars::JsonSchema for SubjectRef {
    fn schema_name() -> Cow<'static, str> {
        StoredSubject::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        StoredSubject::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<SubjectRef, serde_json::Error> {
        let rest = r#""name": "n", "kind": "k", "region": "global""#;
        serde_json::from_str(&format!("{{{rest}, {json}}}"))
    }

    #[test]
    fn secrets_in_ids_do_not_make_ids_that_no_file_gives_back() {
        let domain = DomainName::new("application").expect("a name");
        let id = "http://127.0.0.1:9/health?token=abcdef1234567890abcd";
        for id in [
            id.to_owned(),
            "https://user:s3cretpw@shop.example/".to_owned(),
            "a password=hunter2hunter2 b".to_owned(),
            format!(
                "https://x.example/?X-Amz-Signature={}",
                "0123456789abcdef".repeat(4)
            ),
            format!("api_key={}", "Zz09".repeat(12)),
        ] {
            let subject = Subject::in_domain(&domain, &id).expect("a subject");
            let identity = subject.identity().raw().to_owned();
            let written = escape::json(&identity);
            assert_eq!(written, identity, "it stays what it is");
            assert_eq!(Subject::parse(&written).ok(), Some(subject), "{id}");
            for secret in [
                "abcdef1234567890abcd",
                "s3cretpw",
                "hunter2",
                "0123456789abcdef0",
                "Zz09Zz09",
            ] {
                assert!(!identity.contains(secret), "{identity}");
            }
        }
    }

    #[test]
    fn anything_in_a_domain_has_a_name_of_its_own() {
        let domain = DomainName::new("application").expect("a domain");
        let identity = |id: &str| {
            let subject = Subject::in_domain(&domain, id)?;
            let text = subject.identity();
            assert_eq!(Subject::parse(text.raw()), Ok(subject), "{id}");
            Some(text.raw().to_owned())
        };
        for (id, want) in [
            ("login", "arn:fractary:application:::login"),
            (
                "https://a.example/b?c=d e%",
                "arn:fractary:application:::https://a.example/b%3Fc=d%20e%25",
            ),
            (
                "ü\n\u{202e}",
                "arn:fractary:application:::%C3%BC%0A%E2%80%AE",
            ),
            ("arn:fractary:web:::login", "arn:fractary:web:::login"),
            ("arn:x y", "arn:fractary:application:::arn:x%20y"),
            (
                "environment:prod",
                "arn:fractary:application:::environment:prod",
            ),
            ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
        ] {
            assert_eq!(identity(id).as_deref(), Some(want));
        }
        assert_eq!(identity(""), None);
        assert_eq!(identity(&"a".repeat(3_000)), None);
    }

    #[test]
    fn every_subject_is_read_as_it_was_written() {
        let path = RepoPath::new("infra/main.tf").expect("a path");
        for (subject, stored) in [
            (
                Subject::Resource(Arn::new("arn:aws:s3:::logs").expect("an ARN")),
                r#""arn": "arn:aws:s3:::logs""#,
            ),
            (
                Subject::parse("arn:fractary:web:::https://a.example/%3Fb").expect("a thing"),
                r#""arn": "arn:fractary:web:::https://a.example/%3Fb""#,
            ),
            (
                Subject::Environment(EnvironmentName::new("prod").expect("an environment")),
                r#""subject": "environment:prod""#,
            ),
            (
                Subject::Change(named("aws_sqs_queue.q[\"a\"]").expect("an address")),
                r#""subject": "change:aws_sqs_queue.q[\"a\"]""#,
            ),
            (
                Subject::Principal(named("lambda.amazonaws.com").expect("a name")),
                r#""subject": "principal:lambda.amazonaws.com""#,
            ),
            (Subject::Path(path), r#""subject": "path:infra/main.tf""#),
        ] {
            let about = read(stored).expect(stored);
            assert_eq!(about.subject, subject);
            let text = serde_json::to_string(&about).expect("JSON");
            let again: SubjectRef = serde_json::from_str(&text).expect("what was written");
            assert_eq!(again, about);
            let spaceless = stored.replacen(": ", ":", 1);
            assert!(text.contains(&spaceless), "{text} lacks {spaceless}");
        }
    }

    #[test]
    fn a_file_that_names_no_subject_says_what_is_missing() {
        for (stored, want) in [
            (r#""x": 1"#, "expected either `arn` or `subject`"),
            (
                r#""arn": "arn:aws:s3:::a", "subject": "environment:prod""#,
                "expected either `arn` or `subject`",
            ),
            (r#""arn": "orders""#, r#""orders" is not a subject"#),
            (r#""subject": "planet:mars""#, "is not a subject"),
            (r#""subject": "path:../x""#, "is not a subject"),
            (r#""subject": "environment:""#, "is not a subject"),
            (r#""arn": "arn:fractary:Web:::x""#, "is not a subject"),
            (r#""arn": "arn:fractary:web:::a b""#, "is not a subject"),
        ] {
            let error = read(stored).expect_err(stored).to_string();
            assert!(error.contains(want), "{stored}: {error}");
        }
    }
}
