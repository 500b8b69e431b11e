//! Filters of templates. Those that give finished Markdown escape their input themselves;
//! nothing else may.

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

use crate::model::partition;
use crate::text::escape;
use crate::text::numbers;
use crate::text::times;

pub(super) fn register(engine: &mut Environment<'static>) {
    engine.add_filter("code", code);
    engine.add_filter("fence", fence);
    engine.add_filter("link", link);
    engine.add_filter("address", address);
    engine.add_filter("bare", bare);
    engine.add_filter("status_icon", status_icon);
    engine.add_filter("number", numbers::number);
    engine.add_filter("usd", numbers::usd);
    engine.add_filter("minutes", times::short_span);
    engine.add_filter("time", time);
    engine.add_filter("date", date);
    engine.add_filter("ago", ago);
    engine.add_filter("words", words);
    engine.add_filter("length", minijinja::filters::length);
    engine.add_filter("default", minijinja::filters::default);
    engine.add_filter("lower", lower);
    engine.add_filter("short", short);
    engine.add_function("style_sheet", style_sheet);
    engine.add_test("defined", minijinja::tests::is_defined);
}

/// The style sheet of the page, which its content security policy knows by its hash.
fn style_sheet() -> Value {
    Value::from_safe_string(crate::render::html::STYLE.to_owned())
}

/// The value as a Markdown code span.
fn code(text: &str) -> Value {
    Value::from_safe_string(escape::markdown_code(text))
}

/// The value as a Markdown block of code.
fn fence(text: &str) -> Value {
    Value::from_safe_string(escape::markdown_fence(text))
}

/// The value as code that links to the provider's console; without a link where the
/// address is none of a console.
fn link(text: &str, address: &Value) -> Value {
    let code = escape::markdown_code(text);
    let target = address.as_str().and_then(console_address);
    Value::from_safe_string(match target {
        Some(target) => format!("[{code}]({target})"),
        None => code,
    })
}

/// A text with an address that people have put there to be followed. Anything but a plain
/// https address is text alone.
fn address(text: &str, address: &str) -> Value {
    let code = escape::markdown_code(text);
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#=&%+,;@".contains(&b);
    let plain = address.strip_prefix("https://").is_some_and(|rest| {
        rest.bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric())
    });
    let safe = plain && address.bytes().all(harmless) && escape::json(address) == address;
    Value::from_safe_string(match safe {
        true => format!("[{code}]({address})"),
        false => code,
    })
}

/// The value as it is, where it is made of letters, digits, blanks and `._:/-` only, as
/// needed inside of diagrams; everything else is left out.
fn bare(text: &str) -> Value {
    // Redacted first: without its signs a secret may not look like one any more.
    let clean = escape::json(text);
    let clean = clean
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || " ._:/-".contains(*c));
    Value::from_safe_string(clean.collect())
}

fn status_icon(status: &str) -> Result<&'static str, Error> {
    match status {
        "HEALTHY" => Ok("✅"),
        "UNKNOWN" => Ok("❔"),
        "DEGRADED" => Ok("⚠️"),
        "UNHEALTHY" => Ok("❌"),
        "CRITICAL" => Ok("🔴"),
        "HIGH" => Ok("🟠"),
        "MEDIUM" => Ok("🟡"),
        "LOW" => Ok("🔵"),
        _ => Err(wrong("is neither a status nor a severity")),
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// The first characters of a commit's id.
fn short(text: &str) -> String {
    escape::cut(text, 10).trim_end_matches('…').to_owned()
}

/// `remediation_failed` → `remediation failed`.
fn words(text: &str) -> String {
    text.replace('_', " ")
}

fn time(at: &Value) -> Result<String, Error> {
    optional_time(at).map(|at| at.map_or("never".to_owned(), times::time))
}

fn date(at: &Value) -> Result<String, Error> {
    optional_time(at).map(|at| at.map_or("unknown".to_owned(), times::date))
}

fn ago(then: &Value, now: &Value) -> Result<String, Error> {
    let now = optional_time(now)?.ok_or_else(|| wrong("needs the time that counts as now"))?;
    Ok(optional_time(then)?.map_or("never".to_owned(), |then| times::ago(then, now)))
}

fn optional_time(value: &Value) -> Result<Option<jiff::Timestamp>, Error> {
    if matches!(value.kind(), ValueKind::None) {
        return Ok(None);
    }
    let text = value.as_str().ok_or_else(|| wrong("is not a time"))?;
    text.parse().map(Some).map_err(|_| wrong("is not a time"))
}

fn wrong(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// The address, safe in a Markdown link, if it is one of the AWS console. A registry may
/// come from anyone, and a link in a report is trusted by those who click on it.
fn console_address(address: &str) -> Option<String> {
    let address = escape::json(address);
    let rest = address.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let mut consoles = partition::ALL.iter().filter_map(|one| one.console);
    let is_console = consoles.any(|console| {
        host.strip_suffix(console)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    let plain_host = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    if !is_console || !plain_host {
        return None;
    }
    let mut out = String::from("https://");
    for byte in rest.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'+,;=%".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_consoles_are_linked() {
        for (address, expected) in [
            (
                "https://eu-central-1.console.aws.amazon.com/lambda/home?region=eu-central-1#/functions/a(b)",
                Some(
                    "https://eu-central-1.console.aws.amazon.com/lambda/home?region=eu-central-1#/functions/a%28b%29",
                ),
            ),
            (
                "https://console.aws.amazon.com/s3",
                Some("https://console.aws.amazon.com/s3"),
            ),
            (
                "https://cn-north-1.console.amazonaws.cn/s3",
                Some("https://cn-north-1.console.amazonaws.cn/s3"),
            ),
            ("https://console.c2s.ic.gov.evil.example/s3", None),
            ("http://console.aws.amazon.com/s3", None),
            ("https://evilconsole.aws.amazon.com.evil.example/", None),
            ("https://evilconsole.aws.amazon.com/", None),
            ("https://me:pw@console.aws.amazon.com/", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(console_address(address).as_deref(), expected, "{address}");
        }
    }
}
