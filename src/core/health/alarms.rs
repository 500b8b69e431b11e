//! What alarms say of one resource.

use sha2::{Digest, Sha256};

use crate::catalog::kinds::compile::SliPrograms;
use crate::catalog::kinds::kind::Kind;
use crate::model::report::AlarmLine;
use crate::model::snapshot::{Alarm, AlarmState};
use crate::text::Untrusted;
use crate::text::times;

/// Prefix of the checks that alarms make.
pub(super) const PREFIX: &str = "alarm/";

/// Stands for every alarm of a resource where none could be read.
pub(super) const ALL: &str = "alarm/*";

/// Longest part of an alarm's name in a check, in characters. AWS allows 255.
const LONGEST: usize = 255;

/// The check of an alarm with this name. Anybody can name an alarm, and a check is shown as it is: what is
/// not plain becomes `-`, and a hash keeps two such names apart.
pub fn check(name: &Untrusted) -> String {
    let raw = name.raw();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/');
    let name: String = name
        .redacted()
        .chars()
        .take(LONGEST)
        .map(|c| if plain(c) { c } else { '-' })
        .collect();
    if name == raw {
        return format!("{PREFIX}{name}");
    }
    let digest = Sha256::digest(raw.as_bytes());
    format!("{PREFIX}{name}-{}", hex::encode(&digest[..4]))
}

/// Alarms that are not OK, worst first. Those that only scale are not meant for people.
pub(super) fn lines(alarms: &[Alarm]) -> Vec<AlarmLine> {
    let mut lines: Vec<AlarmLine> = alarms
        .iter()
        .filter(|alarm| alarm.state != AlarmState::Ok && !alarm.only_scales())
        .map(|alarm| AlarmLine {
            name: alarm.name.clone(),
            state: alarm.state,
            since: alarm.since,
            reason: alarm.reason.clone(),
        })
        .collect();
    lines.sort_by(|a, b| b.state.cmp(&a.state).then_with(|| a.name.cmp(&b.name)));
    lines
}

/// A sentence of evidence.
pub(super) fn symptom(alarm: &Alarm) -> Untrusted {
    let mut words = format!("alarm {} is in ALARM", alarm.name.raw());
    if let Some(since) = alarm.since {
        words.push_str(&format!(" since {}", times::time(since)));
    }
    if !alarm.reason.is_empty() {
        words.push_str(": ");
        words.push_str(alarm.reason.raw());
    }
    Untrusted::new(words)
}

/// Index of the indicator that is made from the metric of an alarm, among these.
pub(super) fn same_metric(
    kind: &Kind,
    programs: &[SliPrograms],
    alarm: &Alarm,
    among: &[&str],
) -> Option<usize> {
    if alarm.metric.is_empty() || kind.namespace.as_deref() != Some(alarm.namespace.raw()) {
        return None;
    }
    let watches = |name: &String| {
        let metrics = kind.metrics.iter();
        let mut named = metrics.filter(|metric| metric.count(name).is_some());
        named.any(|metric| metric.metric == alarm.metric.raw())
    };
    let of_alarm = |id: &str| {
        let index = kind.slis.iter().position(|sli| sli.id == id)?;
        programs[index]
            .value
            .names()
            .iter()
            .any(watches)
            .then_some(())
    };
    among.iter().position(|id| of_alarm(id).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_of_alarms_are_plain_and_distinct() {
        let named = |name: &str| check(&name.into());
        assert_eq!(
            named("orders-api/errors_5xx"),
            "alarm/orders-api/errors_5xx"
        );
        let dashed = named("a b");
        assert!(dashed.starts_with("alarm/a-b-"), "{dashed}");
        assert_ne!(named("a b"), named("a?b"));
        assert_ne!(named("a b"), named("a-b"));
        for odd in [
            "<img src=x>",
            "@team",
            "a\n::error::b",
            "`x`",
            "\u{202e}x",
            "",
        ] {
            let check = named(odd);
            let plain = |c: char| c.is_ascii_alphanumeric() || "./_-:".contains(c);
            assert!(check.chars().all(plain), "{check}");
        }
        assert!(named(&"x".repeat(5_000)).len() < 300);
    }
}
