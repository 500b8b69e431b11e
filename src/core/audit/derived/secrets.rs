//! Secrets in plain text: by the value first, by the name second. What is reported never holds
//! any part of the value: its kind, its length and the beginning of its hash.

use std::sync::LazyLock;

use base64::Engine;
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::FactView;
use crate::core::known::Obstacles;
use crate::model::fact::Value;
use crate::model::status::Severity;
use crate::text::{escape, redact};

use super::{DerivedFact, DerivedFacts, Place};

/// Names of what holds a secret.
static SECRET_NAME: LazyLock<Regex> = LazyLock::new(|| {
    let words = "passw(or)?d|passphrase|pwd|secret|token|api_?key|private_?key|access_?key|\
                 auth_?key|encryption_?key|signing_?key|credentials?|client_?secret";
    Regex::new(&format!(
        "(?i)(^|[_.-])({words})s?([_.-]|$)|(?i)(password|secret|apikey|token)$"
    ))
    .expect("a fixed pattern")
});

/// Names of what says where a secret is, or something about it.
static REFERENCE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    let ends = "name|arn|id|path|file|url|uri|endpoint|host|region|bucket|table|prefix|suffix|\
                length|ttl|expiry|expires|timeout|type|version|enabled|required|header|param|\
                parameter|mode|provider|key_id|allowed|policy|rotation|days|hours|minutes|seconds";
    Regex::new(&format!(
        "(?i)[_.-]({ends})s?$|(?i)(^|_)allow_|(?i)^is_|(?i)_empty_"
    ))
    .expect("a fixed pattern")
});

/// Values that name a secret, or no secret at all.
static REFERENCE_VALUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^(
            arn:.* | [a-z][a-z0-9+.-]*://[^@\s]* | \$\{.* | \{\{.* | <.* | /[\w./-]* | ssm:.*
            | true | false | yes | no | on | off | none | null | disabled | enabled | changeme
            | [0-9.,]+ | \*+ | x+ | [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}
        )$",
    )
    .expect("a fixed pattern")
});

/// Ids of access keys: public by themselves, but no one writes them down without the key.
static ACCESS_KEY_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(AKIA|ASIA)[A-Z2-7]{16}\b").expect("a fixed pattern"));

/// The variables of a function.
pub(super) fn variables<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFact {
    let variables = match view.get("environment.variables") {
        Ok(Some(Value::Map(map))) => map,
        Ok(_) => return DerivedFact::Places(Vec::new(), Obstacles::new()),
        Err(obstacles) => return DerivedFact::Unknown(obstacles),
    };
    let is_resource = |value: &str| is_resource(estate, value);
    let mut hidden: Obstacles = variables
        .unseen
        .iter()
        .map(|gap| crate::core::known::Obstacle::Gap(*gap))
        .collect();
    let mut places = Vec::new();
    for (name, fact) in &variables.entries {
        match (fact.known(), fact.gap()) {
            (Some(Value::Text(value)), _) => {
                places.extend(place(name.raw(), value.raw(), &is_resource));
            }
            (_, Some(gap)) => drop(hidden.insert(crate::core::known::Obstacle::Gap(gap))),
            _ => {}
        }
    }
    DerivedFact::Places(places, hidden)
}

/// Whether a text is the name of a resource: those often look random, and are no secrets.
pub(super) fn is_resource(estate: &Estate<'_>, text: &str) -> bool {
    let mut all = estate.configuration.resources.iter();
    all.any(|one| one.name.raw() == text)
}

/// What starts an instance.
pub(super) fn user_data<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let is_resource = |value: &str| is_resource(estate, value);
    let mut places = Vec::new();
    let mut hidden = Obstacles::new();
    // Only Terraform knows the second one, which it decodes by itself.
    let facts = ["user_data", "user_data_base64"];
    for fact in facts
        .into_iter()
        .filter(|fact| *fact == "user_data" || view.was_asked(fact))
    {
        match view.text(fact) {
            Ok(Some(text)) => places.extend(script(&text, &is_resource)),
            Ok(None) => {}
            Err(obstacles) => hidden.extend(obstacles),
        }
    }
    DerivedFacts::from([("secrets", DerivedFact::Places(places, hidden))])
}

fn script(text: &str, is_resource: &dyn Fn(&str) -> bool) -> Vec<Place> {
    let decoded = base64::engine::general_purpose::STANDARD.decode(text.trim());
    let decoded = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = decoded.as_deref().unwrap_or(text);
    let mut places = Vec::new();
    for line in text.lines() {
        let line = line.trim().trim_start_matches("export ");
        let pair = line.split_once('=');
        let found = match pair {
            Some((name, value)) if is_name(name) => {
                place(name, value.trim_matches(['"', '\'']), is_resource)
            }
            _ => shape(line).map(|kind| described("user data", line, kind, Severity::Critical)),
        };
        places.extend(found);
    }
    places
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A parameter that is stored in plain text.
pub(super) fn parameter(view: FactView<'_>) -> DerivedFacts {
    let fact = match (view.text("type"), view.text("name")) {
        (Ok(of), Ok(name)) => {
            let name = name.unwrap_or_default();
            let last = name.rsplit('/').next().unwrap_or_default();
            let is_plain = of.as_deref() != Some("SecureString");
            let suspicious =
                is_plain && SECRET_NAME.is_match(last) && !REFERENCE_NAME.is_match(last);
            let text = "its name says that it holds a secret, and it is not a SecureString";
            let places = suspicious.then(|| Place::new("name", text));
            DerivedFact::Places(places.into_iter().collect(), Obstacles::new())
        }
        (Err(obstacles), _) | (_, Err(obstacles)) => DerivedFact::Unknown(obstacles),
    };
    DerivedFacts::from([("secrets", fact)])
}

/// The place of a variable, where its value is a secret and not the name of a resource.
pub(super) fn place(name: &str, value: &str, is_resource: &dyn Fn(&str) -> bool) -> Option<Place> {
    let value = value.trim();
    if value.is_empty() || is_resource(value) {
        return None;
    }
    let label = format!("`{}`", escape::cut(name, 80));
    if let Some(kind) = shape(value) {
        return Some(described_as(name, &label, value, kind, Severity::Critical));
    }
    if REFERENCE_VALUE.is_match(value) {
        return None;
    }
    let is_named = SECRET_NAME.is_match(name) && !REFERENCE_NAME.is_match(name);
    if is_named && value.len() >= 6 && !value.contains(char::is_whitespace) {
        return Some(described_as(
            name,
            &label,
            value,
            "value of a secret",
            Severity::High,
        ));
    }
    (is_random(value) && !REFERENCE_NAME.is_match(name))
        .then(|| described_as(name, &label, value, "random value", Severity::Medium))
}

/// The kind of secret that a text has the shape of.
fn shape(text: &str) -> Option<&'static str> {
    if ACCESS_KEY_ID.is_match(text) {
        return Some("AWS access key id");
    }
    let (clean, count) = redact::redact_counted(text);
    if count == 0 {
        return None;
    }
    let kinds = [
        ("private-key", "private key"),
        ("github", "GitHub token"),
        ("slack", "Slack token"),
        ("jwt", "JSON web token"),
        ("aws", "AWS secret key"),
        ("url", "URL with a password"),
        ("password", "password"),
    ];
    let marker = clean.split("[REDACTED:").nth(1).unwrap_or_default();
    let found = kinds.iter().find(|(part, _)| marker.starts_with(part));
    Some(found.map_or("token", |(_, kind)| kind))
}

fn described(what: &str, value: &str, kind: &str, severity: Severity) -> Place {
    described_as(what, what, value, kind, severity)
}

fn described_as(key: &str, label: &str, value: &str, kind: &str, severity: Severity) -> Place {
    let hash = hex::encode(Sha256::digest(value.as_bytes()));
    let article = match kind {
        "value of a secret" => "the",
        _ if kind.starts_with("AWS") => "an",
        _ => "a",
    };
    let text = format!(
        "{label} holds {article} {kind} in plain text ({} characters, SHA-256 {}…)",
        value.chars().count(),
        &hash[..2],
    );
    let key = format!("{key}:{}", kind.replace(' ', "-"));
    Place {
        severity: Some(severity),
        ..Place::new(key, text)
    }
}

/// Whether a text looks like one that a generator made: long, of all classes of characters, and
/// with as much in it as random characters have.
fn is_random(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    let has = |class: fn(&u8) -> bool| value.bytes().any(|byte| class(&byte));
    (24..=512).contains(&value.len())
        && value.bytes().all(is_plain)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && bits_per_character(value) > 4.2
        && value.split(['-', '_', '/']).all(|word| word.len() != 36)
        && value.split(['-', '_', '/']).any(|word| word.len() >= 20)
}

/// Shannon's entropy of the characters, in bits.
fn bits_per_character(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let all = text.len() as f64;
    let part = |count: &u32| f64::from(*count) / all;
    let used = counts.iter().filter(|count| **count > 0);
    -used
        .map(|count| part(count) * part(count).log2())
        .sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret_is_left_alone() {
        for (name, value) in [
            ("DB_SECRET_NAME", "prod/db"),
            (
                "DB_SECRET_ARN",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
            ),
            ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
            ("BUCKET", "acme-production-uploads-and-exports-2026"),
            ("TABLE_NAME", "Orders-Prod-2A3B4C5D6E7F8G9H0J1K2L3M"),
            ("PASSWORD", ""),
            ("PASSWORD_MIN_LENGTH", "14"),
            ("TOKEN_URL", "https://auth.example.com/oauth2/token"),
            ("API_KEY", "${api_key}"),
            (
                "SECRET",
                "{{resolve:secretsmanager:db:SecretString:password}}",
            ),
            ("LOG_LEVEL", "debug"),
            ("COMMIT", "9fceb02d0ae598e95dc970b74767f19372d61af8"),
            (
                "QUEUE",
                "https://sqs.eu-west-1.amazonaws.com/123456789012/Orders",
            ),
            ("SESSION_ID", "123e4567-e89b-12d3-a456-426614174000"),
        ] {
            assert_eq!(place(name, value, &|_| false), None, "{name}={value}");
        }
    }

    #[test]
    fn secrets_are_found_by_value_and_by_name() {
        let generated = "kJ8dLq2Zx7Vb4Nm1Ty6Rw9Pc3Hs5Gf0A";
        for (name, value, severity) in [
            ("X", "AKIAIOSFODNN7EXAMPLE", Severity::Critical),
            (
                "GITHUB",
                "ghp_0123456789abcdefghijABCDEFGHIJ012345",
                Severity::Critical,
            ),
            ("DB_PASSWORD", "correct-horse", Severity::High),
            ("ApiKey", "s3cr3t-value", Severity::High),
            ("client_secret", "hunter2hunter2", Severity::High),
            ("SEED", generated, Severity::Medium),
        ] {
            let found = place(name, value, &|_| false).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(found.severity, Some(severity), "{name}");
            assert!(!found.text.contains(value), "{}", found.text);
            assert!(!found.key.contains(value), "{}", found.key);
        }
        assert_eq!(place("SEED", generated, &|text| text == generated), None);
    }

    #[test]
    fn scripts_are_read_line_by_line() {
        let text = "#!/bin/sh\nexport DB_PASSWORD=\"correct-horse\"\nREGION=eu-west-1\n";
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        for script_text in [text, &encoded] {
            let places = script(script_text, &|_| false);
            assert_eq!(places.len(), 1, "{places:?}");
            assert!(places[0].text.contains("DB_PASSWORD"));
        }
        let generated = "kJ8dLq2Zx7Vb4Nm1Ty6Rw9Pc3Hs5Gf0A";
        let text = format!("SEED={generated}\n");
        assert_eq!(script(&text, &|_| false).len(), 1);
        assert_eq!(script(&text, &|value| value == generated), []);
    }
}
